/*
 * Handover: an adopted board takes over what the hub knows of this bank's rentals and payments. If
 * it is an old copy, it has its own account of them; whose counts says lib/domain/handover.c. What
 * the hub has never heard of stays as it is here.
 */
#include "lib/domain/handover.h"

#include "kiosk/internal.h"
#include "lib/base/log.h"

#include <stdlib.h>
#include <string.h>

static bool accounts_for(const struct desired_record *desired, const char *rental)
{
	const struct open_rental_record *open = desired->open_rentals.items;
	for (size_t i = 0; i < desired->open_rentals.n; i++)
		if (strcmp(open[i].rental, rental) == 0)
			return true;
	return false;
}

/* A rental that is open here and of which the hub says nothing is either unknown there, or it has
 * ended since: only the answer to a status that named it tells. */
bool handover_is_complete(struct kiosk *kiosk, const struct desired_record *desired)
{
	struct query *query = store_rentals_all_open(kiosk->database);
	struct rental_row rental;
	bool complete = true;
	while (store_rental_next(query, &rental))
		complete &= accounts_for(desired, rental.fact.rental);
	return complete;
}

/* --- rentals --- */

/* The bank's timers go on from what the record says in wall time, as far as that is known. */
static usec elapsed_at(const struct kiosk *kiosk, usec wall, usec otherwise)
{
	return wall && kiosk->now.sure ? kiosk->now.elapsed + (wall - kiosk->now.wall)
				       : kiosk->now.elapsed + otherwise;
}

static void hand_over_times(struct kiosk *kiosk, struct rental_row *rental, usec period)
{
	const struct rental_record *fact = &rental->fact;
	bool paid = fact->state == RENTAL_PAID || fact->state == RENTAL_OPENING;
	usec until = elapsed_at(kiosk, fact->expires_at, kiosk->settings.pickup * SECOND);
	rental->hold_until = rental->hold_limit = until;
	rental->pickup_until = paid ? until : 0;
	rental->due_until = fact->due_at ? elapsed_at(kiosk, fact->due_at, period) : 0;
	rental->deadline = rental_deadline(kiosk, rental);
}

/* Where the thing is, as far as the hub knows; no two things lie behind one door. */
static void hand_over_item(
	struct kiosk *kiosk, const struct rental_record *handed, struct item_row *item)
{
	struct item_row other;
	item->state = handed->item_state;
	item->compartment = item->state == ITEM_RENTED ? 0 : handed->compartment;
	if (item->compartment && store_item_in(kiosk->database, item->compartment, &other) &&
		strcmp(other.entry.item, item->entry.item) != 0) {
		other.compartment = 0;
		store_item_write(kiosk->database, &other);
	}
	store_item_write(kiosk->database, item);
	alert_clear(kiosk, "collect", item->entry.item); /* when the rental is over */
}

/* A person still has to say what became of it. */
static void ask_again(struct kiosk *kiosk, const struct rental_record *fact)
{
	alert_raise(kiosk, "unconfirmed", fact->rental,
		&(struct alert_about){.compartment = fact->compartment,
			.item = fact->item,
			.rental = fact->rental,
			.message = "nobody has said what became of it before the adoption"});
}

/* A door that was on its way is not any more, and a payment whose method is not known here cannot
 * be asked for again. */
static void hand_over_halfway(struct kiosk *kiosk, struct rental_row *rental)
{
	const struct change change = {.by = "", .reason = "adoption"};
	struct payment_row payment;
	switch ((enum rental_state)rental->fact.state) {
	case RENTAL_OPENING:
		rental->doubtful = true;
		rental_apply(kiosk, rental, RENTAL_INTERRUPTED, &change);
		break;
	case RENTAL_RETURNING:
		rental_apply(kiosk, rental, RENTAL_INTERRUPTED, &change);
		break;
	case RENTAL_TAKING:
		rental_apply(kiosk, rental, RENTAL_DOOR_LEFT_OPEN, &change);
		break;
	case RENTAL_PAYING:
		if (store_payment_read(kiosk->database, rental->fact.payment, &payment) &&
			payment.fact.state == PAYMENT_SENT && !payment.method[0])
			rental_apply(kiosk, rental, RENTAL_CANCEL_PAYMENT, &change);
		break;
	case RENTAL_UNCONFIRMED:
	case RENTAL_UNCONFIRMED_RETURN:
		ask_again(kiosk, &rental->fact);
		break;
	default:
		break;
	}
}

/* The thing was delivered, and the board before had not yet asked for the money, or had not said
 * so; or this copy wanted it back, before it knew. If that has happened, a person hears of it. */
static void capture_delivered(struct kiosk *kiosk, const struct rental_record *fact)
{
	enum rental_state state = (enum rental_state)fact->state;
	struct payment_row payment;
	bool delivered =
		state == RENTAL_RETURNED || (rental_is_out(state) && state != RENTAL_UNCONFIRMED);
	if (!delivered || !store_payment_read(kiosk->database, fact->payment, &payment))
		return;
	enum payment_state money = (enum payment_state)payment.fact.state;
	if (money == PAYMENT_AUTHORIZED || money == PAYMENT_VOID_OWED || money == PAYMENT_VOIDED)
		payment_apply(kiosk, &payment, PAYMENT_WANT_CAPTURE, "adoption");
}

/* The board before died between the batch that told of that and the one that told of the money. */
static void give_back_failed(struct kiosk *kiosk, const struct rental_record *fact)
{
	struct payment_row payment;
	if (fact->state != RENTAL_FAILED ||
		!store_payment_read(kiosk->database, fact->payment, &payment))
		return;
	enum payment_state money = (enum payment_state)payment.fact.state;
	if (money == PAYMENT_AUTHORIZED || money == PAYMENT_CAPTURE_OWED ||
		money == PAYMENT_CAPTURED)
		payment_apply(kiosk, &payment, PAYMENT_WANT_BACK, "adoption");
}

static void raise_conflict(struct kiosk *kiosk, const struct rental_record *loser)
{
	alert_raise(kiosk, "adoption-conflict", loser->rental,
		&(struct alert_about){.item = loser->item,
			.rental = loser->rental,
			.message = "the item was in another rental"});
}

/* The thing is in another one's hands: only the rental ends, and the money goes back. */
static void end_handed(struct kiosk *kiosk, struct rental_row *rental)
{
	struct rental_record *fact = &rental->fact;
	struct payment_row payment;
	fact->state = RENTAL_RESOLVED;
	fact->item_state = ITEM_RENTED;
	fact->compartment = 0;
	fact->ended_at = kiosk->now.wall;
	TEXT_COPY(fact->reason, "adoption");
	rental->deadline = USEC_NEVER;
	store_rental_write(kiosk->database, rental);
	outbox_add(kiosk, EVENT_RENTAL, "resolved", fact->item, fact);
	if (store_payment_read(kiosk->database, fact->payment, &payment))
		payment_apply(kiosk, &payment, PAYMENT_WANT_BACK, fact->reason);
}

/* Two rentals of one item: the one that nobody has taken out gives way. If both were, the hub's
 * came first. Either way a person hears of it. True: the one handed over has given way. */
static bool gives_way(struct kiosk *kiosk, struct rental_row *rental)
{
	struct rental_row rival;
	if (!store_rental_of_item(kiosk->database, rental->fact.item, &rival) ||
		strcmp(rival.fact.rental, rental->fact.rental) == 0)
		return false;
	bool given = rental_is_out((enum rental_state)rival.fact.state) &&
		     !rental_is_out((enum rental_state)rental->fact.state);
	raise_conflict(kiosk, given ? &rental->fact : &rival.fact);
	if (given)
		end_handed(kiosk, rental);
	else
		rental_apply(kiosk, &rival, RENTAL_RESOLVE_REFUND,
			&(struct change){.by = "", .reason = "adoption"});
	return given;
}

static void take_open(
	struct kiosk *kiosk, const struct rental_record *handed, struct rental_row *rental)
{
	struct item_row item = {0};
	rental->fact = *handed;
	if (gives_way(kiosk, rental))
		return;
	if (store_item_read(kiosk->database, handed->item, &item))
		hand_over_item(kiosk, handed, &item);
	hand_over_times(kiosk, rental, item.entry.period * SECOND);
	store_rental_write(kiosk->database, rental);
	hand_over_halfway(kiosk, rental);
	capture_delivered(kiosk, &rental->fact);
	payments_tell_rental(kiosk, rental->fact.payment); /* nor need it have heard of that */
}

/* It was taken, and its rental is not one that was delivered, or had been paid for already. */
static void check_kept(struct kiosk *kiosk, const char *name)
{
	struct payment_row payment;
	if (store_payment_read(kiosk->database, name, &payment) &&
		payment.fact.state == PAYMENT_CAPTURED)
		payment_kept(kiosk, &payment);
}

/* Where the thing is now, a person will say; and whether the money of who paid once more at this
 * copy goes back. */
static void take_ended(
	struct kiosk *kiosk, const struct rental_record *handed, struct rental_row *rental)
{
	log_warning("rental %s: it is %s, and was %s here", handed->rental,
		rental_state_names[handed->state], rental_state_names[rental->fact.state]);
	if (strcmp(rental->fact.payment, handed->payment) != 0)
		check_kept(kiosk, rental->fact.payment);
	rental->fact = *handed;
	rental->deadline = rental_deadline(kiosk, rental);
	store_rental_write(kiosk->database, rental);
	alert_clear(kiosk, "unconfirmed", handed->rental);
	desk_settle(&kiosk->desk, handed->rental);
}

/* It tells of all there was: what it does not list counts as over. */
static bool snapshot_waits(struct kiosk *kiosk)
{
	return store_outbox_snapshot(kiosk->database, kiosk->node.acked) > 0;
}

static bool is_unheard(struct kiosk *kiosk, const struct rental_record *rental)
{
	return store_outbox_waits(
		kiosk->database, "lendlock.rental.%", rental->item, rental->rental);
}

static bool is_undelivered(enum rental_state state)
{
	return state == RENTAL_CANCELLED || state == RENTAL_EXPIRED || state == RENTAL_FAILED;
}

/* The hub has heard another account of it, though this one was told before. */
static void keep_ours(struct kiosk *kiosk, const struct rental_record *handed,
	const struct rental_row *rental, bool unheard)
{
	if (!unheard)
		outbox_add(kiosk, EVENT_RENTAL, RESTATED, handed->item, &rental->fact);
	if (!is_undelivered((enum rental_state)rental->fact.state))
		return;
	give_back_failed(kiosk, handed);
	/* The renter of what is out had its door opened once more here, and found nothing in it. */
	check_kept(kiosk, handed->payment);
}

static void take_rental(struct kiosk *kiosk, const struct rental_record *handed)
{
	struct rental_row rental;
	bool final = rental_is_final((enum rental_state)handed->state);
	bool known = store_rental_read(kiosk->database, handed->rental, &rental);
	bool unheard = known && is_unheard(kiosk, handed);
	if (known && !handover_hub_counts((enum rental_state)handed->state, handed->due_at != 0,
			     (enum rental_state)rental.fact.state, unheard)) {
		keep_ours(kiosk, handed, &rental, unheard);
		return;
	}
	/* The hub is about to hear the account that does not count, and then this. */
	if (unheard || snapshot_waits(kiosk))
		outbox_add(kiosk, EVENT_RENTAL, RESTATED, handed->item, handed);
	if (!known) {
		rental = (struct rental_row){.lent_from = handed->compartment};
		codes_make(kiosk, rental.pickup_code);
		codes_make(kiosk, rental.return_code);
	}
	if (!final)
		take_open(kiosk, handed, &rental);
	else if (known)
		take_ended(kiosk, handed, &rental);
	if (final)
		capture_delivered(kiosk, handed);
	give_back_failed(kiosk, handed);
}

/* --- payments --- */

/* Payments that the board before had begun: this one sees them through. */
static void take_payment(struct kiosk *kiosk, const struct payment_record *handed)
{
	struct payment_row payment;
	bool known = store_payment_read(kiosk->database, handed->payment, &payment);
	bool unheard = known && store_outbox_waits(kiosk->database, "lendlock.payment.%",
					handed->payment, handed->rental);
	if (handed->amount == 0) /* no ledger takes such a one */
		return;
	if (known && !handover_hub_payment_counts((enum payment_state)handed->state,
			     (enum payment_state)payment.fact.state, unheard)) {
		if (!unheard && payment.fact.state != handed->state)
			outbox_add(kiosk, EVENT_PAYMENT, RESTATED, handed->payment, &payment.fact);
		return;
	}
	if (unheard || snapshot_waits(kiosk))
		outbox_add(kiosk, EVENT_PAYMENT, RESTATED, handed->payment, handed);
	payment.fact = *handed; /* its method stays, if it is known */
	payment.since = kiosk->now.elapsed;
	payment.tries = 0;
	payment.next_try = payment_is_open((enum payment_state)handed->state) ? kiosk->now.elapsed
									      : USEC_NEVER;
	store_payment_write(kiosk->database, &payment);
}

static bool is_claimed(struct kiosk *kiosk, const struct payment_row *payment)
{
	struct rental_row rental;
	return store_rental_read(kiosk->database, payment->fact.rental, &rental) &&
	       !rental_is_final((enum rental_state)rental.fact.state) &&
	       strcmp(rental.fact.payment, payment->fact.payment) == 0;
}

/* Its rental has been paid for once more at this copy, while the ledger was giving
 * this one back. */
static bool is_replaced(struct kiosk *kiosk, const struct payment_row *payment)
{
	struct rental_row rental;
	return store_rental_read(kiosk->database, payment->fact.rental, &rental) &&
	       strcmp(rental.fact.payment, payment->fact.payment) != 0;
}

/* A payment that no open rental has any more: nobody else would end it. Nor one that cannot be
 * asked for, because its method is not known here. */
void handover_end_unclaimed(struct kiosk *kiosk)
{
	struct list names = {0};
	struct query *query = store_payments_unfinished(kiosk->database);
	struct payment_row payment;
	while (store_payment_next(query, &payment))
		text_copy(list_add(&names, UUID_SIZE), UUID_SIZE, payment.fact.payment);
	for (size_t i = 0; i < names.n; i++) {
		store_payment_read(
			kiosk->database, (const char *)names.items + i * UUID_SIZE, &payment);
		int state = payment.fact.state;
		bool blind = state == PAYMENT_SENT && !payment.method[0];
		bool unclaimed = (state == PAYMENT_SENT || state == PAYMENT_AUTHORIZED) &&
				 !is_claimed(kiosk, &payment);
		bool replaced = state == PAYMENT_CAPTURE_OWED && is_replaced(kiosk, &payment);
		if (blind || unclaimed || replaced)
			payment_apply(kiosk, &payment, PAYMENT_WANT_BACK, "adoption");
	}
	free(names.items);
}

/* --- items --- */

static bool is_named(const struct desired_record *desired, const char *item)
{
	const struct catalogue_record *items = desired->items.items;
	for (size_t i = 0; i < desired->items.n; i++)
		if (strcmp(items[i].item, item) == 0)
			return true;
	return false;
}

/* What was withdrawn or moved away after the copy was made, and is done with: the hub has no reason
 * to name it any more, and here it must not be lent. */
static void withdraw_unnamed(struct kiosk *kiosk, const struct desired_record *desired)
{
	struct list entries = {0};
	struct query *query = store_items(kiosk->database);
	struct item_row item;
	while (store_item_next(query, &item))
		if (!item.entry.withdrawn && !is_named(desired, item.entry.item))
			*(struct catalogue_record *)list_add(&entries, sizeof(item.entry)) =
				item.entry;
	struct catalogue_record *entry = entries.items;
	for (size_t i = 0; i < entries.n; i++) {
		log_warning("%s: the hub does not name it; it is not lent here any more",
			entry[i].item);
		entry[i].withdrawn = true;
		entry[i].moving[0] = '\0';
		desired_apply_item(kiosk, &entry[i]);
	}
	free(entries.items);
}

/* What has ended first: then its item is free for another. */
void handover_take(struct kiosk *kiosk, const struct desired_record *desired)
{
	const struct rental_record *rentals = desired->rentals.items;
	const struct payment_record *payments = desired->payments.items;
	for (size_t i = 0; i < desired->payments.n; i++)
		take_payment(kiosk, &payments[i]);
	for (size_t i = 0; i < desired->rentals.n; i++)
		if (rental_is_final((enum rental_state)rentals[i].state))
			take_rental(kiosk, &rentals[i]);
	for (size_t i = 0; i < desired->rentals.n; i++)
		if (!rental_is_final((enum rental_state)rentals[i].state))
			take_rental(kiosk, &rentals[i]);
	withdraw_unnamed(kiosk, desired);
}
