#include "kiosk/doors/simulated.h"

#include <errno.h>
#include <stdlib.h>

#define EDGES_MAX 64 /* more are lost, as a kernel's are */

struct compartment {
	enum bank_level door; /* where it truly is */
	enum bank_level presence;
	bool jammed;
	bool sensor_dead;
	bool lock_dead;
	bool active;
	usec active_since;
	int pulses;
	usec opens;  /* when the simulated person will open it, or USEC_NEVER */
	usec closes; /* the same for closing it */
};

struct simulated {
	struct bank_port port; /* first: the port is the object */
	struct simulated_habits habits;
	bool sensors;
	usec now;
	struct bank_edge edges[EDGES_MAX];
	size_t first, waiting;
	int count;
	struct compartment compartments[];
};

static struct compartment *simulated_at(struct bank_port *bank, int compartment)
{
	struct simulated *simulated = (struct simulated *)bank;
	if (compartment < 1 || compartment > simulated->count)
		return NULL;
	return &simulated->compartments[compartment - 1];
}

static void push_edge(struct simulated *simulated, const struct bank_edge *edge)
{
	if (simulated->waiting == EDGES_MAX)
		return;
	simulated->edges[(simulated->first + simulated->waiting++) % EDGES_MAX] = *edge;
}

static void move_door(struct simulated *simulated, int number, enum bank_level level, usec at)
{
	struct compartment *compartment = &simulated->compartments[number - 1];
	if (compartment->door == level)
		return;
	compartment->door = level;
	if (simulated->sensors && !compartment->sensor_dead)
		push_edge(simulated, &(struct bank_edge){number, BANK_DOOR, level, at});
}

static int simulated_count(struct bank_port *bank)
{
	return ((struct simulated *)bank)->count;
}

static int simulated_drive(struct bank_port *bank, int number, bool active)
{
	struct simulated *simulated = (struct simulated *)bank;
	struct compartment *compartment = simulated_at(bank, number);
	if (!compartment || compartment->lock_dead)
		return -EIO;
	if (compartment->active == active)
		return 0;
	compartment->active = active;
	if (!active)
		return 0;
	compartment->active_since = simulated->now;
	compartment->pulses++;
	if (simulated->habits.open_after > 0 && !compartment->jammed)
		compartment->opens = simulated->now + simulated->habits.open_after;
	return 0;
}

static enum bank_level simulated_read(struct bank_port *bank, int number, enum bank_sensor sensor)
{
	struct compartment *compartment = simulated_at(bank, number);
	if (!compartment)
		return BANK_UNKNOWN;
	if (sensor == BANK_PRESENCE)
		return compartment->presence;
	bool works = ((struct simulated *)bank)->sensors && !compartment->sensor_dead;
	return works ? compartment->door : BANK_UNKNOWN;
}

static bool simulated_has(struct bank_port *bank, int number, enum bank_sensor sensor)
{
	struct compartment *compartment = simulated_at(bank, number);
	if (!compartment)
		return false;
	return sensor == BANK_PRESENCE ? compartment->presence != BANK_UNKNOWN
				       : ((struct simulated *)bank)->sensors;
}

static int simulated_next_edge(struct bank_port *bank, struct bank_edge *ret_edge)
{
	struct simulated *simulated = (struct simulated *)bank;
	if (simulated->waiting == 0)
		return 0;
	*ret_edge = simulated->edges[simulated->first];
	simulated->first = (simulated->first + 1) % EDGES_MAX;
	simulated->waiting--;
	return 1;
}

static int simulated_fd(struct bank_port *bank)
{
	(void)bank;
	return -1;
}

/* When something happens next in this compartment by itself. */
static usec compartment_due(const struct compartment *compartment)
{
	usec due = usec_min(compartment->opens, compartment->closes);
	return compartment->active ? usec_min(due, compartment->active_since + BANK_PULSE_MAX)
				   : due;
}

static usec simulated_next_due(struct bank_port *bank)
{
	struct simulated *simulated = (struct simulated *)bank;
	usec due = simulated->waiting > 0 ? simulated->now : USEC_NEVER;
	for (int i = 0; i < simulated->count; i++)
		due = usec_min(due, compartment_due(&simulated->compartments[i]));
	return due;
}

static void compartment_happens(struct simulated *simulated, int number, usec at)
{
	struct compartment *compartment = &simulated->compartments[number - 1];
	if (compartment->active && at >= compartment->active_since + BANK_PULSE_MAX)
		compartment->active = false;
	if (at >= compartment->opens) {
		compartment->opens = USEC_NEVER;
		move_door(simulated, number, BANK_OPEN, at);
		if (simulated->habits.close_after > 0)
			compartment->closes = at + simulated->habits.close_after;
	} else if (at >= compartment->closes) {
		compartment->closes = USEC_NEVER;
		move_door(simulated, number, BANK_CLOSED, at);
	}
}

/* What was due until now happens one by one in the order of its time, however late the tick. */
static void simulated_tick(struct bank_port *bank, usec boottime)
{
	struct simulated *simulated = (struct simulated *)bank;
	for (;;) {
		int first = 0;
		usec at = USEC_NEVER;
		for (int i = 1; i <= simulated->count; i++) {
			usec due = compartment_due(&simulated->compartments[i - 1]);
			if (due < at) {
				at = due;
				first = i;
			}
		}
		if (!first || at > boottime)
			break;
		compartment_happens(simulated, first, at);
	}
	simulated->now = boottime;
}

static struct bank_port *simulated_free(struct bank_port *bank)
{
	free(bank);
	return NULL;
}

struct bank_port *simulated_new(int compartments, bool sensors, struct simulated_habits habits)
{
	if (compartments < 1 || compartments > BANK_COMPARTMENTS_MAX)
		abort();
	size_t size = (size_t)compartments * sizeof(struct compartment);
	struct simulated *simulated = calloc(1, sizeof(*simulated) + size);
	if (!simulated)
		abort();
	simulated->port = (struct bank_port){
		.count = simulated_count,
		.drive = simulated_drive,
		.read = simulated_read,
		.has = simulated_has,
		.next_edge = simulated_next_edge,
		.fd = simulated_fd,
		.next_due = simulated_next_due,
		.tick = simulated_tick,
		.free = simulated_free,
	};
	simulated->habits = habits;
	simulated->sensors = sensors;
	simulated->count = compartments;
	for (int i = 0; i < compartments; i++)
		simulated->compartments[i] = (struct compartment){
			.door = BANK_CLOSED,
			.opens = USEC_NEVER,
			.closes = USEC_NEVER,
		};
	return &simulated->port;
}

int simulated_move(struct bank_port *bank, int number, enum bank_level level)
{
	struct simulated *simulated = (struct simulated *)bank;
	struct compartment *compartment = simulated_at(bank, number);
	if (!compartment || level == BANK_UNKNOWN)
		return -EINVAL;
	/* A hand was quicker than the simulated person, who then leaves it. */
	if (level == BANK_OPEN)
		compartment->opens = USEC_NEVER;
	else
		compartment->closes = USEC_NEVER;
	move_door(simulated, number, level, simulated->now);
	return 0;
}

int simulated_jam(struct bank_port *bank, int number, bool jammed)
{
	struct compartment *compartment = simulated_at(bank, number);
	if (!compartment)
		return -EINVAL;
	compartment->jammed = jammed;
	if (jammed)
		compartment->opens = USEC_NEVER;
	return 0;
}

int simulated_sensor(struct bank_port *bank, int number, bool works)
{
	struct compartment *compartment = simulated_at(bank, number);
	if (!compartment)
		return -EINVAL;
	compartment->sensor_dead = !works;
	return 0;
}

int simulated_lock(struct bank_port *bank, int number, bool works)
{
	struct compartment *compartment = simulated_at(bank, number);
	if (!compartment)
		return -EINVAL;
	compartment->lock_dead = !works;
	return 0;
}

int simulated_presence(struct bank_port *bank, int number, enum bank_level level)
{
	struct simulated *simulated = (struct simulated *)bank;
	struct compartment *compartment = simulated_at(bank, number);
	if (!compartment)
		return -EINVAL;
	if (compartment->presence == level)
		return 0;
	compartment->presence = level;
	push_edge(simulated, &(struct bank_edge){number, BANK_PRESENCE, level, simulated->now});
	return 0;
}

int simulated_pulses(struct bank_port *bank, int number)
{
	struct compartment *compartment = simulated_at(bank, number);
	return compartment ? compartment->pulses : 0;
}

bool simulated_active(struct bank_port *bank, int number)
{
	struct compartment *compartment = simulated_at(bank, number);
	return compartment && compartment->active;
}

enum bank_level simulated_door(struct bank_port *bank, int number)
{
	struct compartment *compartment = simulated_at(bank, number);
	return compartment ? compartment->door : BANK_UNKNOWN;
}
