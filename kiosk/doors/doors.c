#include "kiosk/doors/doors.h"

#include "kiosk/doors/debounce.h"
#include "lib/base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#define EDGES_AT_ONCE 4096 /* a line that flaps must not hold the caller for ever */

/* One compartment. Which states follow, and upon what, stands in the table below. */
enum door_state {
	STATE_REST = 1,     /* no opening, closed as far as anybody can say */
	STATE_AJAR,         /* no opening, but it stands open: forced, or found so at start */
	STATE_WAITING,      /* an opening waits for its turn */
	STATE_WAITING_AJAR, /* the same, and the door stands open already */
	STATE_PULSING,      /* its lock is driven */
	STATE_EXPECTED,     /* pulsed; the door is expected to open */
	STATE_OPEN,         /* opened by its opening; expected to close */
	STATE_LEFT_OPEN,    /* the same, for too long */
	STATES,
};

enum door_input {
	INPUT_OPENED,  /* the sensor: open */
	INPUT_CLOSED,  /* the sensor: closed */
	INPUT_LOST,    /* the sensor cannot be read any more */
	INPUT_ASKED,   /* doors_open() */
	INPUT_GIVE_UP, /* doors_give_up() */
	INPUT_RESUMED, /* doors_resume() */
	INPUT_PULSE,   /* its turn: the lock is driven */
	INPUT_NO_LOCK, /* its turn, but the lock cannot be driven */
	INPUT_PULSED,  /* the lock is idle again */
	INPUT_LATE,    /* did not open, or close, in time */
	INPUT_BLIND,   /* out of time, and no sensor can say what became of it */
	INPUTS,
};

struct door_rule {
	enum door_state next; /* 0: this cannot happen, or means nothing, in this state */
	enum door_fact fact;  /* 0: nobody is told */
};

/* clang-format off */
static const struct door_rule door_rules[STATES][INPUTS] = {
	[STATE_REST] = {
		[INPUT_OPENED]	= {STATE_AJAR, DOOR_FORCED},
		[INPUT_ASKED]	= {STATE_WAITING},
		[INPUT_RESUMED] = {STATE_OPEN},
	},
	[STATE_AJAR] = {
		[INPUT_CLOSED]	= {STATE_REST, DOOR_SHUT},
		[INPUT_ASKED]	= {STATE_WAITING_AJAR}, /* its sensor died; see doors_open() */
		[INPUT_RESUMED] = {STATE_OPEN},
	},
	[STATE_WAITING] = {
		[INPUT_OPENED]	= {STATE_WAITING_AJAR, DOOR_FORCED},
		[INPUT_GIVE_UP] = {STATE_REST},
		[INPUT_PULSE]	= {STATE_PULSING},
		[INPUT_NO_LOCK] = {STATE_REST, DOOR_JAMMED},
	},
	[STATE_WAITING_AJAR] = {
		[INPUT_CLOSED]	= {STATE_WAITING, DOOR_SHUT},
		[INPUT_GIVE_UP] = {STATE_AJAR},
		[INPUT_PULSE]	= {STATE_PULSING},
		[INPUT_NO_LOCK] = {STATE_AJAR, DOOR_JAMMED},
	},
	[STATE_PULSING] = { /* what the sensor says now is the lock's noise, and is not asked */
		[INPUT_PULSED]	= {STATE_EXPECTED, DOOR_PULSED},
	},
	[STATE_EXPECTED] = {
		[INPUT_OPENED]	= {STATE_OPEN, DOOR_OPENED},
		[INPUT_LATE]	= {STATE_REST, DOOR_JAMMED},
		[INPUT_BLIND]	= {STATE_REST, DOOR_UNCONFIRMED},
	},
	[STATE_OPEN] = {
		[INPUT_CLOSED]	= {STATE_REST, DOOR_CLOSED},
		[INPUT_LATE]	= {STATE_LEFT_OPEN, DOOR_LEFT_OPEN},
		[INPUT_BLIND]	= {STATE_REST, DOOR_UNCONFIRMED}, /* resumed, no sensor fitted */
	},
	[STATE_LEFT_OPEN] = {
		[INPUT_CLOSED]	= {STATE_REST, DOOR_CLOSED},
		[INPUT_BLIND]	= {STATE_REST, DOOR_UNCONFIRMED},
	},
};
/* clang-format on */

static const char *const door_state_names[STATES] = {
	[STATE_REST] = "rest",
	[STATE_AJAR] = "ajar",
	[STATE_WAITING] = "waiting",
	[STATE_WAITING_AJAR] = "waiting, ajar",
	[STATE_PULSING] = "pulsing",
	[STATE_EXPECTED] = "expected",
	[STATE_OPEN] = "open",
	[STATE_LEFT_OPEN] = "left open",
};

enum lock_state {
	LOCK_OBEYS,
	LOCK_RESTLESS, /* could not be driven idle; it is tried again */
	LOCK_STUCK,    /* ... and again could not: told, and tried for as long as it takes */
};

struct door {
	enum door_state state;
	enum lock_state lock;
	usec since;      /* when it came into this state */
	int64_t opening; /* 0 at rest and ajar */
	uint64_t ticket; /* its place in the queue; the smallest is first */
	bool sensed;     /* a door sensor is fitted */
	struct debounce level;
	struct debounce presence;
};

struct doors {
	struct bank_port *bank; /* borrowed */
	struct doors_settings settings;
	doors_told *told;
	void *context;
	int pulsing; /* compartment whose lock is driven, or 0 */
	usec pulse_ends;
	usec cool_until;
	usec idle_due; /* when locks that are not idle are tried again */
	usec resync_due;
	uint64_t tickets;
	int count;
	struct door doors[];
};

static usec later(usec at, usec duration)
{
	return duration > USEC_NEVER - at ? USEC_NEVER : at + duration;
}

static struct door *doors_at(struct doors *doors, int compartment)
{
	return compartment >= 1 && compartment <= doors->count ? &doors->doors[compartment - 1]
							       : NULL;
}

static int door_number(const struct doors *doors, const struct door *door)
{
	return (int)(door - doors->doors) + 1;
}

static enum bank_level door_read(struct doors *doors, struct door *door, enum bank_sensor sensor)
{
	return doors->bank->read(doors->bank, door_number(doors, door), sensor);
}

/* The one place where a state changes. False: the input means nothing in this state. */
static bool door_enter(struct doors *doors, struct door *door, enum door_input input, usec at)
{
	const struct door_rule *rule = &door_rules[door->state][input];
	if (!rule->next)
		return false;

	int compartment = door_number(doors, door);
	log_debug("compartment %d: %s -> %s", compartment, door_state_names[door->state],
		door_state_names[rule->next]);
	door->state = rule->next;
	door->since = at;

	bool no_opening = rule->fact == DOOR_FORCED || rule->fact == DOOR_SHUT;
	int64_t opening = no_opening ? 0 : door->opening;
	if (door->state == STATE_REST || door->state == STATE_AJAR)
		door->opening = 0;
	/* Last, because what is told may ask for this door again. */
	if (rule->fact)
		doors->told(doors->context, compartment, opening, rule->fact);
	return true;
}

static void door_level_changed(struct doors *doors, struct door *door)
{
	static const enum door_input inputs[] = {
		[BANK_UNKNOWN] = INPUT_LOST,
		[BANK_CLOSED] = INPUT_CLOSED,
		[BANK_OPEN] = INPUT_OPENED,
	};
	door_enter(doors, door, inputs[door->level.level], door->level.moved);
}

static void door_edge(struct doors *doors, const struct bank_edge *edge, usec now)
{
	struct door *door = doors_at(doors, edge->compartment);
	if (!door)
		return;
	usec hold = doors->settings.debounce;
	/* It may be a little younger than now, which was taken before; more is a broken clock. */
	usec at = edge->at > now + SECOND ? now : edge->at;

	if (edge->sensor == BANK_PRESENCE) {
		debounce_settle(&door->presence, hold, at);
		debounce_edge(&door->presence, edge->level, at);
		return;
	}
	if (door->state == STATE_PULSING)
		return;
	/* What held until this edge counts, even if nobody came by in time to see it. */
	if (debounce_settle(&door->level, hold, at))
		door_level_changed(doors, door);
	debounce_edge(&door->level, edge->level, at);
}

static void doors_take_edges(struct doors *doors, usec now)
{
	for (int i = 0; i < EDGES_AT_ONCE; i++) {
		struct bank_edge edge;
		int r = doors->bank->next_edge(doors->bank, &edge);
		if (r == 0)
			return;
		if (r > 0) {
			door_edge(doors, &edge, now);
			continue;
		}
		doors->resync_due = now;
		if (r != -ENOBUFS)
			log_warning("doors: a sensor fails");
	}
}

static void doors_resync(struct doors *doors, usec now)
{
	doors->resync_due = later(now, doors->settings.resync);
	for (int i = 0; i < doors->count; i++) {
		struct door *door = &doors->doors[i];
		debounce_look(&door->presence, door_read(doors, door, BANK_PRESENCE), now);
		if (door->state != STATE_PULSING)
			debounce_look(&door->level, door_read(doors, door, BANK_DOOR), now);
	}
}

/* A level held long enough: it counts, if the line still says so (edges may be lost). */
static bool door_settle(struct doors *doors, struct door *door, enum bank_sensor sensor, usec now)
{
	struct debounce *debounce = sensor == BANK_DOOR ? &door->level : &door->presence;
	usec hold = doors->settings.debounce;
	if (now < debounce_due(debounce, hold))
		return false;
	debounce_look(debounce, door_read(doors, door, sensor), now);
	return debounce_settle(debounce, hold, now);
}

static usec door_deadline(const struct doors *doors, const struct door *door)
{
	switch (door->state) {
	case STATE_EXPECTED:
		return door->sensed ? later(door->since, doors->settings.open_within) : door->since;
	case STATE_OPEN:
		return door->sensed ? later(door->since, doors->settings.close_within)
				    : door->since;
	case STATE_LEFT_OPEN: /* waits for a person, but not for a sensor that is dead */
		return door->level.level != BANK_UNKNOWN
			       ? USEC_NEVER
			       : later(door->level.moved, doors->settings.close_within);
	default:
		return USEC_NEVER;
	}
}

/* Out of time. One look more, because edges may be lost; a line that was quiet before needs no
 * debouncing now. A sensor that was dead or flapping until now can tell nothing. */
static enum door_input door_verdict(const struct door *door, enum bank_level look, bool quiet)
{
	if (!door->sensed)
		return INPUT_BLIND;
	/* It has been open too long as far as anybody can say; that the sensor died comes next. */
	if (look == BANK_UNKNOWN)
		return door->state == STATE_OPEN ? INPUT_LATE : INPUT_BLIND;
	if (door->state == STATE_EXPECTED) {
		if (look == BANK_OPEN)
			return INPUT_OPENED;
		return quiet && door->level.level == BANK_CLOSED ? INPUT_LATE : INPUT_BLIND;
	}
	return look == BANK_CLOSED && quiet ? INPUT_CLOSED : INPUT_LATE;
}

static void door_out_of_time(struct doors *doors, struct door *door, usec now)
{
	bool quiet = debounce_quiet(&door->level, doors->settings.debounce, now);
	enum bank_level look = door_read(doors, door, BANK_DOOR);
	enum door_input input = door_verdict(door, look, quiet);

	if (input == INPUT_OPENED || input == INPUT_CLOSED)
		debounce_set(&door->level, look, now);
	else
		debounce_look(&door->level, look, now);
	door_enter(doors, door, input, now);
}

/* A lock that may be driven still: two must not be at once, so the others wait for as long as its
 * coil may last. Then it is one door out of order, and no reason to stop the bank. */
static void door_let_go(struct doors *doors, struct door *door, usec now)
{
	if (doors->bank->drive(doors->bank, door_number(doors, door), false) == 0) {
		door->lock = LOCK_OBEYS;
		return;
	}
	if (door->lock == LOCK_STUCK)
		return;
	log_error("compartment %d: the lock cannot be driven idle", door_number(doors, door));
	door->lock = LOCK_RESTLESS;
	doors->cool_until = doors->idle_due = later(now, BANK_PULSE_MAX);
}

static void doors_try_idle(struct doors *doors, usec now)
{
	doors->idle_due = USEC_NEVER;
	for (int i = 0; i < doors->count; i++) {
		struct door *door = &doors->doors[i];
		if (door->lock == LOCK_OBEYS || doors->pulsing == i + 1)
			continue;
		bool told = door->lock == LOCK_STUCK;
		door->lock =
			doors->bank->drive(doors->bank, i + 1, false) < 0 ? LOCK_STUCK : LOCK_OBEYS;
		if (door->lock == LOCK_OBEYS)
			continue;
		doors->idle_due = later(now, BANK_PULSE_MAX);
		if (!told)
			doors->told(doors->context, i + 1, 0, DOOR_STUCK);
	}
}

static void doors_end_pulse(struct doors *doors, usec now)
{
	struct door *door = doors_at(doors, doors->pulsing);

	doors->pulsing = 0;
	doors->cool_until = later(now, doors->settings.cool_down);
	door_let_go(doors, door, now);
	debounce_restart(&door->level, door_read(doors, door, BANK_DOOR), now);
	door_enter(doors, door, INPUT_PULSED, now);
	/* It stood open before and still does: the sensor has nothing new to say. */
	if (door->level.level == BANK_OPEN && door->level.seen == BANK_OPEN)
		door_enter(doors, door, INPUT_OPENED, now);
}

static struct door *doors_first(struct doors *doors)
{
	struct door *first = NULL;
	for (int i = 0; i < doors->count; i++) {
		struct door *door = &doors->doors[i];
		bool waits = door->state == STATE_WAITING || door->state == STATE_WAITING_AJAR;
		if (waits && (!first || door->ticket < first->ticket))
			first = door;
	}
	return first;
}

static void doors_next_turn(struct doors *doors, usec now)
{
	struct door *door = doors_first(doors);
	if (doors->pulsing || now < doors->cool_until || !door)
		return;

	int compartment = door_number(doors, door);
	if (doors->bank->drive(doors->bank, compartment, true) < 0) {
		log_error("compartment %d: the lock cannot be driven", compartment);
		doors->cool_until = later(now, doors->settings.cool_down);
		door_let_go(doors, door, now);
		door_enter(doors, door, INPUT_NO_LOCK, now);
		return;
	}
	doors->pulsing = compartment;
	doors->pulse_ends = later(now, doors->settings.pulse_length);
	door_enter(doors, door, INPUT_PULSE, now);
}

static void doors_settle(struct doors *doors, usec now)
{
	for (int i = 0; i < doors->count; i++) {
		struct door *door = &doors->doors[i];
		door_settle(doors, door, BANK_PRESENCE, now);
		if (door->state == STATE_PULSING)
			continue;
		if (door_settle(doors, door, BANK_DOOR, now))
			door_level_changed(doors, door);
		if (now >= door_deadline(doors, door))
			door_out_of_time(doors, door, now);
	}
}

void doors_edges(struct doors *doors, usec boottime)
{
	doors_take_edges(doors, boottime);
}

void doors_tick(struct doors *doors, usec boottime)
{
	doors->bank->tick(doors->bank, boottime);
	if (doors->pulsing && boottime >= doors->pulse_ends)
		doors_end_pulse(doors, boottime);
	doors_take_edges(doors, boottime);
	if (boottime >= doors->resync_due)
		doors_resync(doors, boottime);
	doors_settle(doors, boottime);
	if (boottime >= doors->idle_due)
		doors_try_idle(doors, boottime);
	doors_next_turn(doors, boottime);
}

usec doors_next_due(const struct doors *doors)
{
	usec due = usec_min(doors->resync_due, doors->bank->next_due(doors->bank));
	due = usec_min(due, doors->idle_due);
	usec hold = doors->settings.debounce;
	bool waits = false;

	for (int i = 0; i < doors->count; i++) {
		const struct door *door = &doors->doors[i];
		due = usec_min(due, debounce_due(&door->presence, hold));
		if (door->state != STATE_PULSING)
			due = usec_min(due, debounce_due(&door->level, hold));
		due = usec_min(due, door_deadline(doors, door));
		waits |= door->state == STATE_WAITING || door->state == STATE_WAITING_AJAR;
	}
	if (doors->pulsing)
		return usec_min(due, doors->pulse_ends);
	return waits ? usec_min(due, doors->cool_until) : due;
}

int doors_open(struct doors *doors, int compartment, int64_t opening, usec boottime)
{
	struct door *door = doors_at(doors, compartment);
	if (!door || opening <= 0)
		return -EINVAL;
	if (door->level.level == BANK_OPEN)
		return -EBUSY;
	if (!door_enter(doors, door, INPUT_ASKED, boottime))
		return -EBUSY;
	door->opening = opening;
	door->ticket = doors->tickets++;
	return 0;
}

bool doors_give_up(struct doors *doors, int64_t opening)
{
	for (int i = 0; i < doors->count; i++) {
		struct door *door = &doors->doors[i];
		if (opening > 0 && door->opening == opening)
			return door_enter(doors, door, INPUT_GIVE_UP, door->since);
	}
	return false;
}

int doors_resume(struct doors *doors, int compartment, int64_t opening, usec boottime)
{
	struct door *door = doors_at(doors, compartment);
	if (!door || opening <= 0)
		return -EINVAL;
	if (!door_enter(doors, door, INPUT_RESUMED, boottime))
		return -EBUSY;
	door->opening = opening;
	/* What the sensor says is news to this opening. */
	door->level.level = BANK_UNKNOWN;
	debounce_restart(&door->level, door_read(doors, door, BANK_DOOR), boottime);
	return 0;
}

enum bank_level doors_level(const struct doors *doors, int compartment)
{
	const struct door *door = doors_at((struct doors *)doors, compartment);
	return door ? door->level.level : BANK_UNKNOWN;
}

enum bank_level doors_presence(const struct doors *doors, int compartment)
{
	const struct door *door = doors_at((struct doors *)doors, compartment);
	return door ? door->presence.level : BANK_UNKNOWN;
}

int doors_count(const struct doors *doors)
{
	return doors->count;
}

static bool settings_valid(const struct doors_settings *settings)
{
	return settings->pulse_length >= 50 * MSEC && settings->pulse_length <= BANK_PULSE_MAX &&
	       settings->cool_down >= 0 && settings->cool_down <= 10 * SECOND &&
	       settings->debounce >= 0 && settings->debounce <= SECOND &&
	       settings->open_within >= settings->debounce &&
	       settings->close_within >= settings->debounce && settings->resync >= 100 * MSEC;
}

static void door_init(struct doors *doors, struct door *door, usec boottime)
{
	door_let_go(doors, door, boottime);
	door->sensed = doors->bank->has(doors->bank, door_number(doors, door), BANK_DOOR);
	debounce_set(&door->level, door_read(doors, door, BANK_DOOR), boottime);
	debounce_set(&door->presence, door_read(doors, door, BANK_PRESENCE), boottime);
	door->state = door->level.level == BANK_OPEN ? STATE_AJAR : STATE_REST;
	door->since = boottime;
}

int doors_new(struct bank_port *bank, const struct doors_settings *settings, usec boottime,
	doors_told *told, void *context, struct doors **ret_doors)
{
	int count = bank->count(bank);
	if (!settings_valid(settings) || count < 0 || count > BANK_COMPARTMENTS_MAX)
		return -EINVAL;
	bank->tick(bank, boottime);
	struct doors *doors = calloc(1, sizeof(*doors) + (size_t)count * sizeof(doors->doors[0]));
	if (!doors)
		abort();
	doors->bank = bank;
	doors->settings = *settings;
	doors->told = told;
	doors->context = context;
	doors->count = count;
	doors->cool_until = boottime;
	doors->idle_due = USEC_NEVER;
	doors->resync_due = later(boottime, settings->resync);
	for (int i = 0; i < count; i++)
		door_init(doors, &doors->doors[i], boottime);
	*ret_doors = doors;
	return 0;
}

struct doors *doors_free(struct doors *doors)
{
	if (!doors)
		return NULL;
	if (doors->pulsing && doors->bank->drive(doors->bank, doors->pulsing, false) < 0)
		log_error("compartment %d: the lock cannot be driven idle", doors->pulsing);
	free(doors);
	return NULL;
}
