/*
 * Rentals: the one place that changes them. rental_apply() asks the machine (lib/domain/rental.c),
 * then does what the move says: timers, item, money, event, waiting replies; all in the caller's
 * transaction.
 */
#include "kiosk/internal.h"

#include "lib/base/log.h"
#include "lib/domain/tariff.h"

#include <string.h>

usec rental_deadline(const struct kiosk *kiosk, const struct rental_row *rental)
{
	switch ((enum rental_state)rental->fact.state) {
	case RENTAL_HELD:
	case RENTAL_PAYING:
		return rental->hold_until;
	case RENTAL_PAID:
		return rental->pickup_until;
	case RENTAL_RENTED:
		return rental->fact.clock_stopped ? USEC_NEVER : rental->due_until;
	case RENTAL_OVERDUE:
		return rental->fact.clock_stopped
			       ? USEC_NEVER
			       : rental->due_until + kiosk->settings.lost * SECOND;
	default: /* a door or a person ends it, or it is final */
		return USEC_NEVER;
	}
}

/* The wall time of an elapsed instant, for people. */
static usec wall_at(const struct kiosk *kiosk, usec elapsed)
{
	return kiosk->now.wall + (elapsed - kiosk->now.elapsed);
}

/* Instants that a state sets when it is entered for the first time. */
static void set_times(struct kiosk *kiosk, struct rental_row *rental)
{
	usec elapsed = kiosk->now.elapsed;
	struct rental_record *fact = &rental->fact;
	if (fact->state == RENTAL_PAID && !rental->pickup_until)
		rental->pickup_until = elapsed + kiosk->settings.pickup * SECOND;
	if (fact->state == RENTAL_TAKING)
		fact->taken_at = kiosk->now.wall;
	if (fact->state == RENTAL_RENTED && !rental->due_until) {
		struct item_row item;
		store_item_read(kiosk->database, fact->item, &item);
		rental->due_until = elapsed + item.entry.period * SECOND;
		rental->closed_at = elapsed;
		fact->due_at = wall_at(kiosk, rental->due_until);
		if (!fact->taken_at)
			fact->taken_at = kiosk->now.wall;
	}
	if (rental_is_final((enum rental_state)fact->state))
		fact->ended_at = kiosk->now.wall;
	rental->deadline = rental_deadline(kiosk, rental);
	fact->expires_at = fact->state == RENTAL_HELD || fact->state == RENTAL_PAYING ||
					   fact->state == RENTAL_PAID
				   ? wall_at(kiosk, rental->deadline)
				   : 0;
}

static enum item_state item_after(const struct item_row *item, const struct rental_move *move,
	const struct rental_row *rental)
{
	switch (move->item) { /* unreachable: one that is none */
	case RENTAL_ITEM_STAYS:
		return (enum item_state)item->state;
	case RENTAL_ITEM_FREE:
		return item_free_state(item, false, rental->doubtful);
	case RENTAL_ITEM_BACK:
		return item_free_state(item, true, item->compartment == 0);
	case RENTAL_ITEM_OUT:
		return ITEM_RENTED;
	case RENTAL_ITEM_INSPECT:
		return ITEM_INSPECTION;
	case RENTAL_ITEM_BLOCK:
		return ITEM_BLOCKED;
	}
	return ITEM_UNKNOWN;
}

/* Whether the thing may lie behind the rental's door although nobody has seen it there: then the
 * door counts as taken, so that nothing is put on top of it before a person has looked. */
static bool may_lie_there(const struct rental_move *move)
{
	if (move->item == RENTAL_ITEM_BLOCK)
		return move->from == RENTAL_TAKING || move->from == RENTAL_RENTED;
	return move->item == RENTAL_ITEM_INSPECT &&
	       (move->from == RENTAL_TAKING || move->from == RENTAL_RETURNING ||
		       move->from == RENTAL_UNCONFIRMED_RETURN);
}

/* Something lies behind the rental's door, or is being put there. */
static bool is_occupied(struct kiosk *kiosk, const struct rental_row *rental)
{
	const struct rental_record *fact = &rental->fact;
	struct item_row other;
	return store_item_in(kiosk->database, fact->compartment, &other) ||
	       store_opening_by_another(kiosk->database, fact->compartment, fact->rental);
}

static void move_to_compartment(struct kiosk *kiosk, const struct rental_row *rental,
	const struct rental_move *move, struct item_row *item)
{
	if (move->item == RENTAL_ITEM_OUT)
		item->compartment = 0;
	else if (move->item == RENTAL_ITEM_BACK ||
		 (may_lie_there(move) && !is_occupied(kiosk, rental)))
		item_put(kiosk, item, rental->fact.compartment);
}

/* The item is told by the rental's own event; it makes none of its own. */
static void move_item(struct kiosk *kiosk, struct rental_row *rental,
	const struct rental_move *move, const struct change *change)
{
	struct item_row item;
	if (!store_item_read(kiosk->database, rental->fact.item, &item))
		return; /* the bank before had it, and the catalogue does not */
	move_to_compartment(kiosk, rental, move, &item);
	item.state = (int)item_after(&item, move, rental);
	item.block_wanted |= move->item == RENTAL_ITEM_BLOCK;
	if (item.state == ITEM_BLOCKED)
		TEXT_COPY(item.reason, change->reason);
	rental->fact.item_state = item.state;
	if (rental_is_final(move->to)) /* nowhere, if it is still out */
		rental->fact.compartment = item.compartment;
	store_item_write(kiosk->database, &item);
	offer_changed(kiosk);
	if (rental_is_final(move->to))
		item_settle(kiosk, &item, change);
}

/* What a person was asked to look at has settled itself. */
static void clear_alerts(struct kiosk *kiosk, const struct rental_row *rental)
{
	alert_clear(kiosk, "unconfirmed", rental->fact.rental);
	alert_clear(kiosk, "return-refused", rental->fact.rental);
}

static void move_money(struct kiosk *kiosk, struct rental_row *rental,
	const struct rental_move *move, const struct change *change)
{
	struct payment_row payment;
	if (move->money == RENTAL_MONEY_STAYS || move->money == RENTAL_MONEY_AUTHORIZE ||
		!store_payment_read(kiosk->database, rental->fact.payment, &payment))
		return;
	/* Only what is delivered is captured: this bank has forgotten that it was. */
	bool untaken = move->to == RENTAL_CANCELLED || move->to == RENTAL_EXPIRED ||
		       move->to == RENTAL_PAYING;
	if (untaken && payment.fact.state == PAYMENT_CAPTURED) {
		payment_kept(kiosk, &payment);
		return;
	}
	payment_apply(kiosk, &payment,
		move->money == RENTAL_MONEY_CAPTURE ? PAYMENT_WANT_CAPTURE : PAYMENT_WANT_BACK,
		change->reason);
}

/* An abandoned opening whose rental went on without it: the door is watched until it closes. */
static void let_go_of_door(struct kiosk *kiosk, const struct rental_row *rental)
{
	struct opening_row opening;
	if (!store_opening_of(kiosk->database, rental->fact.rental, &opening))
		return;
	if (doors_give_up(kiosk->doors, opening.opening)) { /* it was not pulsed yet */
		store_opening_delete(kiosk->database, opening.opening);
		return;
	}
	opening.purpose = OPENING_DONE;
	store_opening_write(kiosk->database, &opening);
}

/* A person looks at it first, or it is blocked: leaving the bank goes before both. */
static void follow_catalogue(
	struct kiosk *kiosk, const struct rental_row *rental, const struct change *change)
{
	struct item_row item;
	if (store_item_read(kiosk->database, rental->fact.item, &item) && item.compartment)
		item_follow(kiosk, &item, change);
}

/* A return came to nothing: nothing was put behind the door that it was for. Of one that was cut
 * off nobody knows that. */
static bool comes_back_out(const struct rental_move *move)
{
	return move->to == RENTAL_RENTED && move->input != RENTAL_INTERRUPTED &&
	       (move->from == RENTAL_RETURNING || move->from == RENTAL_UNCONFIRMED_RETURN);
}

bool rental_apply(struct kiosk *kiosk, struct rental_row *rental, enum rental_input input,
	const struct change *change)
{
	struct rental_record *fact = &rental->fact;
	const struct rental_move *move = rental_step((enum rental_state)fact->state, input);
	if (!move) {
		log_debug("rental %s: %s is not possible when %s", fact->rental,
			rental_input_names[input], rental_state_names[fact->state]);
		return false;
	}
	log_info("rental %s: %s -> %s (%s)", fact->rental, rental_state_names[fact->state],
		rental_state_names[move->to], move->fact);
	bool was_out = rental_is_out((enum rental_state)fact->state);
	if (comes_back_out(move))
		fact->compartment = rental->lent_from;
	fact->state = (int)move->to;
	TEXT_COPY(fact->by, change->by);
	TEXT_COPY(fact->reason, change->reason);
	set_times(kiosk, rental);
	if (rental_is_final(move->to) || (was_out && move->to == RENTAL_RENTED))
		let_go_of_door(kiosk, rental);
	move_item(kiosk, rental, move, change);
	store_rental_write(kiosk->database, rental);
	outbox_add(kiosk, EVENT_RENTAL, move->fact, fact->item, fact);
	move_money(kiosk, rental, move, change);
	if (rental_is_final(move->to)) {
		clear_alerts(kiosk, rental);
		follow_catalogue(kiosk, rental, change);
	}
	desk_settle(&kiosk->desk, fact->rental);
	return true;
}

void rentals_reserve(struct kiosk *kiosk, const struct item_row *item, const char *renter,
	const char *by, struct rental_row *ret_rental)
{
	struct rental_row rental = {0};
	struct rental_record *fact = &rental.fact;
	usec elapsed = kiosk->now.elapsed;

	uuid_make(kiosk->now.wall, kiosk->options.random, fact->rental);
	TEXT_COPY(fact->item, item->entry.item);
	TEXT_COPY(fact->renter, renter);
	TEXT_COPY(fact->by, by);
	TEXT_COPY(fact->currency, item->entry.currency);
	fact->state = RENTAL_HELD;
	fact->item_state = ITEM_RESERVED;
	fact->compartment = item->compartment;
	fact->reserved_at = kiosk->now.wall;
	const struct tariff tariff = {.flat = item->entry.amount};
	fact->amount = tariff_price(
		&tariff, kiosk->now.wall, kiosk->now.wall + item->entry.period * SECOND);
	rental.lent_from = item->compartment;
	rental.hold_limit = elapsed + kiosk->settings.hold_max * SECOND;
	rental.hold_until = usec_min(elapsed + kiosk->settings.hold * SECOND, rental.hold_limit);
	codes_make(kiosk, rental.pickup_code);
	codes_make(kiosk, rental.return_code);
	set_times(kiosk, &rental);

	struct item_row reserved = *item;
	reserved.state = ITEM_RESERVED;
	store_item_write(kiosk->database, &reserved);
	store_rental_write(kiosk->database, &rental);
	outbox_add(kiosk, EVENT_RENTAL, "reserved", fact->item, fact);
	offer_changed(kiosk);
	*ret_rental = rental;
}

/* While nobody can pay, unpaid holds last longer, up to their limit. */
static bool hold_longer(struct kiosk *kiosk, struct rental_row *rental)
{
	bool unpaid = rental->fact.state == RENTAL_HELD || rental->fact.state == RENTAL_PAYING;
	if (!unpaid || !payments_closed(kiosk) || rental->hold_until >= rental->hold_limit)
		return false;
	rental->hold_until =
		usec_min(kiosk->now.elapsed + kiosk->settings.extend * SECOND, rental->hold_limit);
	return rental_apply(kiosk, rental, RENTAL_EXTEND,
		&(struct change){.by = "", .reason = "payments-closed"});
}

static const char *timer_reason(enum rental_state state)
{
	return state == RENTAL_PAID                                ? "not-picked-up"
	       : state == RENTAL_RENTED || state == RENTAL_OVERDUE ? "not-returned"
								   : "not-paid";
}

int rentals_tick(struct kiosk *kiosk)
{
	struct rental_row rental;
	while (store_rental_due(kiosk->database, kiosk->now.elapsed, kiosk->now.sure, &rental)) {
		kiosk_begin(kiosk);
		if (!hold_longer(kiosk, &rental)) {
			const struct change change = {.by = "",
				.reason = timer_reason((enum rental_state)rental.fact.state)};
			if (!rental_apply(kiosk, &rental, RENTAL_TIMER, &change)) {
				/* Its state has no timer: a deadline that nobody set. */
				rental.deadline = USEC_NEVER;
				store_rental_write(kiosk->database, &rental);
			}
		}
		int r = kiosk_end(kiosk);
		if (r < 0)
			return r;
	}
	return 0;
}
