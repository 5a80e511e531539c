/*
 * Openings: what a door is opened for. A row is committed before the pulse and followed through
 * intended -> pulsed -> opened; after a crash it says what may have happened, and nobody pulses
 * again without a person asking.
 */
#include "kiosk/internal.h"

#include "lib/base/log.h"

#include <stdio.h>
#include <string.h>

#define FORCED_AGAIN (10 * MINUTE) /* a door that was quiet for so long */

void opening_begin(struct kiosk *kiosk, enum opening_purpose purpose, int64_t compartment,
	const char *rental, const char *item, const char *by)
{
	struct opening_row row = {
		.opening = store_opening_next_id(kiosk->database),
		.compartment = compartment,
		.purpose = (int)purpose,
		.stage = STAGE_INTENDED,
	};
	TEXT_COPY(row.rental, rental);
	TEXT_COPY(row.item, item);
	TEXT_COPY(row.by, by);
	store_opening_write(kiosk->database, &row);
	struct door_effect *effect = list_add(&kiosk->effects, sizeof(*effect));
	*effect = (struct door_effect){.compartment = (int)compartment, .opening = row.opening};
}

static void alert_opening(struct kiosk *kiosk, const char *kind, const struct opening_row *opening,
	const char *message)
{
	door_alert_raise(kiosk, kind,
		&(struct alert_about){.compartment = opening->compartment,
			.item = opening->item,
			.rental = opening->rental,
			.message = message});
}

/* It came to nothing: what the catalogue asked for meanwhile has waited for it. */
static void follow_desired(struct kiosk *kiosk, const struct opening_row *opening)
{
	struct item_row item;
	if (store_item_read(kiosk->database, opening->item, &item))
		desired_follow(kiosk, &item);
}

/* False: that is not possible in its state. */
static bool apply_to_rental(
	struct kiosk *kiosk, const struct opening_row *opening, enum rental_input input)
{
	static const char *const reasons[RENTAL_INPUTS] = {
		[RENTAL_DOOR_JAMMED] = "door-jammed",
		[RENTAL_DOOR_LEFT_OPEN] = "door-left-open",
		[RENTAL_DOOR_UNSENSED] = "no-sensor",
		[RENTAL_INTERRUPTED] = "restart",
	};
	struct rental_row rental;
	if (!store_rental_read(kiosk->database, opening->rental, &rental))
		return false;
	/* Also when it was only intended: that a pulse was sent is written when it is over. */
	if (input == RENTAL_INTERRUPTED && opening->purpose == OPENING_TAKE)
		rental.doubtful = true;
	const struct change change = {
		.by = opening->by, .reason = reasons[input] ? reasons[input] : ""};
	bool applied = rental_apply(kiosk, &rental, input, &change);
	/* Its payment may have ended while the door was asked for. */
	if (input == RENTAL_INTERRUPTED) {
		payments_tell_rental(kiosk, rental.fact.payment);
		follow_desired(kiosk, opening);
	}
	return applied;
}

/* A manager's door: put in or taken out once it was opened and closed. If a rental has it that was
 * handed over meanwhile, that goes on, until somebody has said what lies behind the doors. */
static void manager_done(struct kiosk *kiosk, const struct opening_row *opening)
{
	const struct change change = {.by = opening->by, .reason = ""};
	bool put_in = opening->purpose == OPENING_STOCK;
	struct item_row item;
	struct rental_row rental;
	if (!store_item_read(kiosk->database, opening->item, &item))
		return;
	item_put(kiosk, &item, put_in ? opening->compartment : 0);
	if (store_rental_of_item(kiosk->database, opening->item, &rental)) {
		store_item_write(kiosk->database, &item);
	} else if (put_in) {
		item_enter(kiosk, &item, item_free_state(&item, false, false), &change);
		item_settle(kiosk, &item, &change);
	} else {
		item_collected(kiosk, &item, &change);
	}
}

static bool is_rentals(const struct opening_row *opening)
{
	return opening->purpose == OPENING_TAKE || opening->purpose == OPENING_RETURN;
}

static bool is_managers(const struct opening_row *opening)
{
	return opening->purpose == OPENING_STOCK || opening->purpose == OPENING_COLLECT;
}

static void over(struct kiosk *kiosk, const struct opening_row *opening)
{
	store_opening_delete(kiosk->database, opening->opening);
}

static void opened(struct kiosk *kiosk, struct opening_row *opening)
{
	opening->stage = STAGE_OPENED;
	store_opening_write(kiosk->database, opening);
	door_alert_clear(kiosk, "door-jammed", opening->compartment);
	if (is_rentals(opening))
		apply_to_rental(kiosk, opening, RENTAL_DOOR_OPENED);
}

/* A list of what lies behind the doors may have been made before that (confirmation.c). */
static void passed(struct kiosk *kiosk, const struct opening_row *opening)
{
	struct item_row item;
	if (kiosk_lends(kiosk) || !store_item_read(kiosk->database, opening->item, &item))
		return;
	item.passed = true;
	store_item_write(kiosk->database, &item);
}

/* Whether it was put in, or taken out, nobody can say: its place is kept, and a person looks. */
static void leave_to_inspection(
	struct kiosk *kiosk, const struct opening_row *opening, const char *reason)
{
	const struct change change = {.by = opening->by, .reason = reason};
	struct item_row item;
	struct rental_row rental;
	if (!store_item_read(kiosk->database, opening->item, &item))
		return;
	if (opening->purpose != OPENING_COLLECT && !item.compartment)
		item_put(kiosk, &item, opening->compartment);
	if (item.compartment != opening->compartment ||
		store_rental_of_item(kiosk->database, opening->item, &rental))
		return; /* handed over meanwhile */
	item_enter(kiosk, &item, item_free_state(&item, false, true), &change);
	item_settle(kiosk, &item, &change);
}

static void closed(struct kiosk *kiosk, const struct opening_row *opening)
{
	over(kiosk, opening);
	door_alert_clear(kiosk, "door-left-open", opening->compartment);
	if (is_rentals(opening)) {
		bool counts = apply_to_rental(kiosk, opening, RENTAL_DOOR_CLOSED);
		if (!counts && opening->purpose == OPENING_RETURN) /* it was over at the hub */
			leave_to_inspection(kiosk, opening, "adoption");
	} else if (is_managers(opening)) {
		manager_done(kiosk, opening);
	} else {
		return;
	}
	passed(kiosk, opening);
}

static void jammed(struct kiosk *kiosk, const struct opening_row *opening)
{
	over(kiosk, opening);
	store_compartment_write(kiosk->database, opening->compartment, false);
	alert_opening(kiosk, "door-jammed", opening, "pulsed, and did not open");
	if (is_rentals(opening))
		apply_to_rental(kiosk, opening, RENTAL_DOOR_JAMMED);
	else if (is_managers(opening))
		follow_desired(kiosk, opening);
}

static void unsensed(struct kiosk *kiosk, const struct opening_row *opening)
{
	over(kiosk, opening);
	if (is_rentals(opening)) {
		apply_to_rental(kiosk, opening, RENTAL_DOOR_UNSENSED);
		alert_raise(kiosk, "unconfirmed", opening->rental,
			&(struct alert_about){.compartment = opening->compartment,
				.item = opening->item,
				.rental = opening->rental,
				.message = "no sensor says whether the door was opened"});
	} else if (is_managers(opening)) {
		manager_done(kiosk, opening); /* the manager stands there and sees it */
	}
}

static void left_open(struct kiosk *kiosk, const struct opening_row *opening)
{
	alert_opening(kiosk, "door-left-open", opening, "stands open");
	if (is_rentals(opening))
		apply_to_rental(kiosk, opening, RENTAL_DOOR_LEFT_OPEN);
}

/* Whoever was told of the last time may have cleared that at the hub, where nobody would hear of
 * this one. A sensor that flaps is told once. */
static void forced_again(struct kiosk *kiosk, int compartment)
{
	usec *last = &kiosk->forced[compartment - 1];
	if (kiosk->now.elapsed - *last >= FORCED_AGAIN)
		door_alert_clear(kiosk, "door-forced", compartment);
	*last = kiosk->now.elapsed;
}

/* What is in there may be gone: a person looks before it is lent; if it is reserved, when its
 * rental is over. */
static void forced(struct kiosk *kiosk, int compartment)
{
	struct item_row item;
	struct rental_row rental;
	forced_again(kiosk, compartment);
	door_alert_raise(kiosk, "door-forced",
		&(struct alert_about){
			.compartment = compartment, .message = "opened without a pulse"});
	if (!store_item_in(kiosk->database, compartment, &item))
		return;
	if (item.state == ITEM_AVAILABLE) {
		item_enter(kiosk, &item, ITEM_INSPECTION,
			&(struct change){.by = "", .reason = "door-forced"});
	} else if (store_rental_of_item(kiosk->database, item.entry.item, &rental)) {
		rental.doubtful = true;
		store_rental_write(kiosk->database, &rental);
	}
}

/* It may be driven, or be dead: nothing is put in or lent there until a person has repaired it. */
static void stuck(struct kiosk *kiosk, int compartment)
{
	store_compartment_write(kiosk->database, compartment, false);
	door_alert_raise(kiosk, "lock-stuck",
		&(struct alert_about){
			.compartment = compartment, .message = "its lock cannot be driven idle"});
	offer_changed(kiosk);
}

static void shut(struct kiosk *kiosk, int compartment)
{
	door_alert_clear(kiosk, "door-left-open", compartment);
}

void openings_give_up(struct kiosk *kiosk, int64_t compartment)
{
	struct opening_row opening;
	if (!door_alert_is_raised(kiosk, "door-left-open", compartment) ||
		!store_opening_standing_at(kiosk->database, compartment, &opening))
		return;
	if (opening.purpose == OPENING_RETURN || is_managers(&opening)) {
		unsensed(kiosk, &opening);
		passed(kiosk, &opening);
	} else { /* it counts as taken already, or is nobody's any more */
		over(kiosk, &opening);
	}
}

static void apply(struct kiosk *kiosk, struct opening_row *opening, enum door_fact fact)
{
	switch (fact) {
	case DOOR_PULSED:
		opening->stage = STAGE_PULSED;
		store_opening_write(kiosk->database, opening);
		break;
	case DOOR_OPENED:
		opened(kiosk, opening);
		break;
	case DOOR_CLOSED:
		closed(kiosk, opening);
		break;
	case DOOR_LEFT_OPEN:
		left_open(kiosk, opening);
		break;
	case DOOR_JAMMED:
		jammed(kiosk, opening);
		break;
	case DOOR_UNCONFIRMED:
		unsensed(kiosk, opening);
		break;
	case DOOR_FORCED:
	case DOOR_STUCK:
	case DOOR_SHUT:
		break; /* no opening's */
	}
}

int openings_told(struct kiosk *kiosk, const struct door_told *told)
{
	struct opening_row opening;
	kiosk_begin(kiosk);
	if (told->fact == DOOR_FORCED)
		forced(kiosk, told->compartment);
	else if (told->fact == DOOR_STUCK)
		stuck(kiosk, told->compartment);
	else if (told->fact == DOOR_SHUT)
		shut(kiosk, told->compartment);
	else if (store_opening_read(kiosk->database, told->opening, &opening))
		apply(kiosk, &opening, told->fact);
	return kiosk_end(kiosk);
}

/* --- after a start --------------------------------------------------------------------------- */

/* It may lie there: nothing is put on top of it, and its renter may try that door again. */
static void keep_for_return(struct kiosk *kiosk, const struct opening_row *opening)
{
	struct item_row item;
	struct rental_row rental;
	if (!store_rental_read(kiosk->database, opening->rental, &rental) ||
		rental.fact.state != RENTAL_RENTED)
		return; /* that has ended otherwise */
	if (store_item_read(kiosk->database, opening->item, &item)) {
		item_put(kiosk, &item, opening->compartment);
		store_item_write(kiosk->database, &item);
	}
	alert_clear(kiosk, "unconfirmed", opening->rental); /* it named another door */
	alert_raise(kiosk, "unconfirmed", opening->rental,
		&(struct alert_about){.compartment = opening->compartment,
			.item = opening->item,
			.rental = opening->rental,
			.message = "the power went while it was returned: it may lie there"});
}

/* Pulsed or not, the door is closed now. A presence sensor that sees nothing says that the renter
 * took it while the power was off. */
static void interrupted(struct kiosk *kiosk, struct opening_row *opening)
{
	enum bank_level inside = doors_presence(kiosk->doors, (int)opening->compartment);
	bool taken = opening->purpose == OPENING_TAKE && opening->stage == STAGE_PULSED &&
		     inside == BANK_CLOSED;
	bool given = opening->purpose == OPENING_RETURN && opening->stage == STAGE_PULSED &&
		     inside == BANK_OPEN;
	if (taken || given) {
		opened(kiosk, opening);
		closed(kiosk, opening);
		return;
	}
	over(kiosk, opening);
	if (is_rentals(opening))
		apply_to_rental(kiosk, opening, RENTAL_INTERRUPTED);
	else if (is_managers(opening))
		leave_to_inspection(kiosk, opening, "restart");
	if (opening->purpose == OPENING_RETURN)
		keep_for_return(kiosk, opening);
}

static void recover(struct kiosk *kiosk, struct opening_row *opening)
{
	enum bank_level level = doors_level(kiosk->doors, (int)opening->compartment);
	if (level == BANK_OPEN) {
		doors_resume(kiosk->doors, (int)opening->compartment, opening->opening,
			kiosk->keeper.boottime);
		if (opening->stage != STAGE_OPENED)
			opened(kiosk, opening);
	} else if (level == BANK_UNKNOWN && !is_managers(opening) &&
		   (opening->stage == STAGE_PULSED ||
			   (opening->stage == STAGE_OPENED &&
				   opening->purpose == OPENING_RETURN))) {
		unsensed(kiosk, opening);
	} else if (opening->stage == STAGE_OPENED) {
		closed(kiosk, opening);
	} else {
		interrupted(kiosk, opening);
	}
}

/* What is open, and nobody asked for: it was forced while the power was off. */
static int find_forced(struct kiosk *kiosk)
{
	int r = 0;
	for (int i = 1; i <= doors_count(kiosk->doors) && r == 0; i++) {
		if (doors_level(kiosk->doors, i) != BANK_OPEN ||
			store_opening_at(kiosk->database, i))
			continue;
		kiosk_begin(kiosk);
		forced(kiosk, i);
		r = kiosk_end(kiosk);
	}
	return r;
}

int openings_recover(struct kiosk *kiosk)
{
	struct opening_row opening;
	int64_t after = 0;
	while (store_opening_first(kiosk->database, after, &opening)) {
		after = opening.opening;
		log_info("door %lld: it was %s when the kiosk stopped",
			(long long)opening.compartment, opening_stage_names[opening.stage]);
		kiosk_begin(kiosk);
		recover(kiosk, &opening);
		int r = kiosk_end(kiosk);
		if (r < 0)
			return r;
	}
	return find_forced(kiosk);
}
