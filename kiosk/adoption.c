/*
 * Adoption: which database speaks for a bank. The hub names one valid epoch. A kiosk with another
 * one (a new board, an old copy, a second board with the same name) takes returns only, until a
 * manager has adopted it, the hub has handed over the bank's open rentals, and a person has said
 * what lies behind the doors.
 */
#include "kiosk/internal.h"

#include "lib/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool kiosk_lends(const struct kiosk *kiosk)
{
	return kiosk->node.mode == MODE_LENDING;
}

static void enter_mode(struct kiosk *kiosk, enum kiosk_mode mode)
{
	if (kiosk->node.mode == (int)mode)
		return;
	log_warning("bank: %s -> %s", kiosk_mode_names[kiosk->node.mode], kiosk_mode_names[mode]);
	kiosk->node.mode = (int)mode;
	offer_changed(kiosk);
	status_changed(kiosk);
}

void adoption_fork(struct kiosk *kiosk, const char *why)
{
	kiosk->fork_why = why;
}

void adoption_forked(struct kiosk *kiosk)
{
	const char *why = kiosk->fork_why;
	log_error("bank: a new epoch begins: %s", why);
	kiosk->fork_why = NULL;
	alert_clear(kiosk, "outvoted", kiosk->node.epoch);
	alert_clear(kiosk, "forked", kiosk->node.epoch);
	TEXT_COPY(kiosk->copy_epoch, kiosk->node.epoch);
	outbox_new_epoch(kiosk);
	enter_mode(kiosk, MODE_WAITING);
	alert_raise(kiosk, "forked", kiosk->node.epoch, &(struct alert_about){.message = why});
}

/* One that waits already is not to be told again at each turn that the two take. */
void adoption_second_board(struct kiosk *kiosk, const char *why)
{
	if (kiosk->node.mode != MODE_WAITING)
		adoption_fork(kiosk, why);
}

/* A broker need not say that a session was taken over (mosquitto before 2.0.15 does not), but the
 * two boards then read each other's births. Before this process has said its own, a foreign one is
 * merely that of the board before. */
void adoption_status(struct kiosk *kiosk, const json_t *json)
{
	struct kiosk_status_record status;
	char why[RECORD_WHY_SIZE];
	if (record_decode(&kiosk_status_record_type, json, &status, why) != 0) {
		log_warning("status under this bank's name: %s", why);
		return;
	}
	bool foreign = status.epoch[0] && strcmp(status.epoch, kiosk->node.epoch) != 0 &&
		       strcmp(status.epoch, kiosk->copy_epoch) != 0;
	if (kiosk->born && status.state == LINK_ONLINE && foreign)
		adoption_second_board(kiosk, "another board speaks under this bank's name");
	record_clear(&kiosk_status_record_type, &status);
}

/* What the hub knows of a rental counts, unless something happened to it here that the hub has not
 * heard of. */
static bool hub_knows_better(struct kiosk *kiosk, const struct rental_record *rental)
{
	return !store_outbox_waits(
		kiosk->database, "lendlock.rental.%", rental->item, rental->rental);
}

/* A rental here that cannot be, because the item is in another one's hands. */
static void give_way(struct kiosk *kiosk, const struct rental_record *handed)
{
	struct rental_row rival;
	if (store_rental_of_item(kiosk->database, handed->item, &rival) &&
		strcmp(rival.fact.rental, handed->rental) != 0) {
		alert_raise(kiosk, "adoption-conflict", rival.fact.rental,
			&(struct alert_about){.item = handed->item,
				.rental = rival.fact.rental,
				.message = "the item was in another rental"});
		rental_apply(kiosk, &rival, RENTAL_RESOLVE_REFUND,
			&(struct change){.by = "", .reason = "adoption"});
	}
}

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

/* The hub had heard that the thing was delivered, and not yet that the money is to be taken: the
 * board died between two batches. */
static void capture_delivered(struct kiosk *kiosk, const struct rental_row *rental)
{
	enum rental_state state = (enum rental_state)rental->fact.state;
	struct payment_row payment;
	if (rental_is_out(state) && state != RENTAL_UNCONFIRMED &&
		store_payment_read(kiosk->database, rental->fact.payment, &payment) &&
		payment.fact.state == PAYMENT_AUTHORIZED)
		payment_apply(kiosk, &payment, PAYMENT_WANT_CAPTURE, "adoption");
}

static void hand_over(struct kiosk *kiosk, const struct rental_record *handed)
{
	struct rental_row rental;
	struct item_row item;
	bool known = store_rental_read(kiosk->database, handed->rental, &rental);
	if (rental_is_final((enum rental_state)handed->state) ||
		(known && !hub_knows_better(kiosk, handed)))
		return;
	give_way(kiosk, handed);
	if (!known) {
		rental = (struct rental_row){.lent_from = handed->compartment};
		codes_make(kiosk, rental.pickup_code);
		codes_make(kiosk, rental.return_code);
	}
	rental.fact = *handed;
	if (store_item_read(kiosk->database, handed->item, &item))
		hand_over_item(kiosk, handed, &item);
	hand_over_times(kiosk, &rental, item.entry.period * SECOND);
	store_rental_write(kiosk->database, &rental);
	hand_over_halfway(kiosk, &rental);
	capture_delivered(kiosk, &rental);
	payments_tell_rental(kiosk, rental.fact.payment); /* nor need it have heard of that */
}

/* Payments that the board before had begun: this one sees them through. */
static void hand_over_payment(struct kiosk *kiosk, const struct payment_record *handed)
{
	struct payment_row payment;
	if (handed->amount == 0 || /* no ledger takes such a one */
		store_outbox_waits(
			kiosk->database, "lendlock.payment.%", handed->payment, handed->rental))
		return;
	store_payment_read(kiosk->database, handed->payment, &payment); /* its method, if known */
	payment.fact = *handed;
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

/* A payment that no open rental has any more: nobody else would end it. Nor one that cannot be
 * asked for, because its method is not known here. */
static void end_unclaimed(struct kiosk *kiosk)
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
		if (blind || ((state == PAYMENT_SENT || state == PAYMENT_AUTHORIZED) &&
				     !is_claimed(kiosk, &payment)))
			payment_apply(kiosk, &payment, PAYMENT_WANT_BACK, "adoption");
	}
	free(names.items);
}

static bool is_handed(const struct desired_record *desired, const char *rental)
{
	const struct rental_record *rentals = desired->rentals.items;
	for (size_t i = 0; i < desired->rentals.n; i++)
		if (strcmp(rentals[i].rental, rental) == 0)
			return true;
	return false;
}

/* A rental that is open in an old copy, of which the hub has heard all that this copy has to say,
 * and which it does not hand over, has ended since. Its payment is the ledger's business: what
 * nobody claims there is given back. */
static void forget_ended(struct kiosk *kiosk, const struct desired_record *desired)
{
	struct list names = {0};
	struct query *query = store_rentals_all_open(kiosk->database);
	struct rental_row rental;
	while (store_rental_next(query, &rental))
		if (!is_handed(desired, rental.fact.rental))
			text_copy(list_add(&names, UUID_SIZE), UUID_SIZE, rental.fact.rental);
	for (size_t i = 0; i < names.n; i++) {
		store_rental_read(
			kiosk->database, (const char *)names.items + i * UUID_SIZE, &rental);
		if (!hub_knows_better(kiosk, &rental.fact))
			continue;
		log_warning("rental %s: it ended elsewhere", rental.fact.rental);
		store_rental_delete(kiosk->database, rental.fact.rental);
		desk_settle(&kiosk->desk, rental.fact.rental);
	}
	free(names.items);
}

static void adopted(struct kiosk *kiosk, const struct desired_record *desired)
{
	const struct rental_record *rentals = desired->rentals.items;
	const struct payment_record *payments = desired->payments.items;
	bool theirs = kiosk->node.mode == MODE_WAITING;
	if (theirs)
		forget_ended(kiosk, desired);
	for (size_t i = 0; theirs && i < desired->payments.n; i++)
		hand_over_payment(kiosk, &payments[i]);
	for (size_t i = 0; theirs && i < desired->rentals.n; i++)
		hand_over(kiosk, &rentals[i]);
	end_unclaimed(kiosk);
	kiosk->node.reconcile_at = kiosk->now.elapsed;
	enter_mode(kiosk, MODE_CONFIRMING);
	alert_clear(kiosk, "outvoted", kiosk->node.epoch);
	alert_raise(kiosk, "confirm-bank", kiosk->options.name,
		&(struct alert_about){.message = "adopted: say what lies behind the doors"});
}

/* A hub that has taken events of this epoch knew it as the valid one. */
static void outvoted(struct kiosk *kiosk)
{
	bool was_valid = kiosk->node.acked > 0 && kiosk->node.mode != MODE_WAITING;
	if (kiosk->node.mode == MODE_OUTVOTED)
		return;
	enter_mode(kiosk, was_valid ? MODE_OUTVOTED : MODE_WAITING);
	if (was_valid)
		alert_raise(kiosk, "outvoted", kiosk->node.epoch,
			&(struct alert_about){.message = "the hub has adopted another database"});
}

/* A new board that was adopted before it heard that it had to wait for that. */
static bool is_adopted_unawares(
	const struct kiosk *kiosk, const struct desired_record *desired, bool named)
{
	return kiosk->node.mode == MODE_LENDING && !named &&
	       (desired->rentals.n > 0 || desired->payments.n > 0);
}

void adoption_epoch(struct kiosk *kiosk, const struct desired_record *desired, bool named)
{
	if (desired->epoch[0] == '\0')
		return;
	if (strcmp(desired->epoch, kiosk->node.epoch) != 0) {
		outvoted(kiosk);
		return;
	}
	if (is_adopted_unawares(kiosk, desired, named))
		enter_mode(kiosk, MODE_WAITING);
	if (kiosk->node.mode == MODE_WAITING || kiosk->node.mode == MODE_OUTVOTED)
		adopted(kiosk, desired);
}

/* A hub takes nothing of an epoch that waits to be adopted, but it takes the last words of one that
 * it has retired. Nobody can adopt that one again: a new one begins. */
void adoption_tick(struct kiosk *kiosk)
{
	bool heard = kiosk->node.mode == MODE_OUTVOTED && kiosk->node.acked == kiosk->node.seq;
	if (heard && kiosk->heard)
		adoption_fork(kiosk, "another board was adopted in its place");
	kiosk->heard = heard;
}

/* What not being found behind any door says of the item's rental; nothing if it is out. */
static enum rental_input missing_input(enum rental_state state)
{
	switch (state) {
	case RENTAL_UNCONFIRMED:
		return RENTAL_CONFIRM_TAKEN;
	case RENTAL_UNCONFIRMED_RETURN:
		return RENTAL_CONFIRM_NOT_RETURNED;
	default:
		return rental_is_out(state) ? RENTAL_INPUTS : RENTAL_RESOLVE_REFUND;
	}
}

/* One item was not found behind any door. */
static void not_found(struct kiosk *kiosk, struct item_row *item, const struct change *change)
{
	char name[NAME_SIZE];
	TEXT_COPY(name, item->entry.item);
	struct rental_row rental;
	if (store_rental_of_item(kiosk->database, name, &rental)) {
		enum rental_input input = missing_input((enum rental_state)rental.fact.state);
		if (input != RENTAL_INPUTS) {
			rental_apply(kiosk, &rental, input, change);
			alert_clear(kiosk, "unconfirmed", rental.fact.rental);
		}
		if (!rental_is_final((enum rental_state)rental.fact.state) ||
			!store_item_read(kiosk->database, name, item))
			return;
	}
	item_collected(kiosk, item, change);
}

static void found(
	struct kiosk *kiosk, const struct content_record *content, const struct change *change)
{
	struct item_row item;
	struct rental_row rental;
	if (!content->item[0] || !store_item_read(kiosk->database, content->item, &item))
		return;
	item.compartment = content->compartment;
	if (store_rental_of_item(kiosk->database, content->item, &rental)) {
		rental.fact.compartment = rental.lent_from = content->compartment;
		store_rental_write(kiosk->database, &rental);
		item_enter(kiosk, &item, ITEM_RESERVED, change);
	} else {
		item_enter(kiosk, &item, item_free_state(&item, false, false), change);
		item_settle(kiosk, &item, change);
	}
}

/* What being found behind a door says of the item's rental. */
static enum rental_input found_input(enum rental_state state)
{
	switch (state) {
	case RENTAL_UNCONFIRMED:
		return RENTAL_CONFIRM_NOT_TAKEN;
	case RENTAL_UNCONFIRMED_RETURN:
		return RENTAL_CONFIRM_RETURNED;
	default:
		return rental_is_out(state) ? RENTAL_RESOLVE : RENTAL_INPUTS;
	}
}

static void end_found_rentals(
	struct kiosk *kiosk, const struct content_record *content, const struct change *change)
{
	struct rental_row rental;
	if (!content->item[0] || !store_rental_of_item(kiosk->database, content->item, &rental))
		return;
	enum rental_input input = found_input((enum rental_state)rental.fact.state);
	if (input != RENTAL_INPUTS)
		rental_apply(kiosk, &rental, input, change);
}

static bool is_found(const struct list *contents, const char *item)
{
	const struct content_record *content = contents->items;
	for (size_t i = 0; i < contents->n; i++)
		if (strcmp(content[i].item, item) == 0)
			return true;
	return false;
}

void adoption_confirm(struct kiosk *kiosk, const struct list *contents, const char *by)
{
	const struct change change = {.by = by, .reason = "bank-confirmed"};
	const struct content_record *content = contents->items;
	for (size_t i = 0; i < contents->n; i++)
		end_found_rentals(kiosk, &content[i], &change);
	store_compartments_clear(kiosk->database);
	for (size_t i = 0; i < contents->n; i++)
		found(kiosk, &content[i], &change);
	struct list names = {0};
	struct query *query = store_items(kiosk->database);
	struct item_row item;
	while (store_item_next(query, &item))
		if (!is_found(contents, item.entry.item))
			text_copy(list_add(&names, NAME_SIZE), NAME_SIZE, item.entry.item);
	for (size_t i = 0; i < names.n; i++)
		if (store_item_read(
			    kiosk->database, (const char *)names.items + i * NAME_SIZE, &item))
			not_found(kiosk, &item, &change);
	free(names.items);
	alert_clear(kiosk, "confirm-bank", kiosk->options.name);
	alert_clear(kiosk, "forked", kiosk->node.epoch);
	snapshot_add(
		kiosk); /* whatever the hub lost or never heard, it is of one mind with us now */
	enter_mode(kiosk, MODE_LENDING);
}
