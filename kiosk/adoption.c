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
	log_error("bank: this database is an old copy: %s", why);
	/* The copy is kept as it was when this was found; it is made outside this transaction. */
	kiosk->keep_copy = true;
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

/* The bank's timers go on from what the record says in wall time. */
static usec elapsed_at(const struct kiosk *kiosk, usec wall, usec otherwise)
{
	return wall ? kiosk->now.elapsed + (wall - kiosk->now.wall)
		    : kiosk->now.elapsed + otherwise;
}

static void hand_over(struct kiosk *kiosk, const struct rental_record *handed)
{
	struct rental_row rental;
	bool known = store_rental_read(kiosk->database, handed->rental, &rental);
	if (known && !hub_knows_better(kiosk, handed))
		return;
	give_way(kiosk, handed);
	if (!known) {
		rental = (struct rental_row){.lent_from = handed->compartment};
		codes_make(kiosk, rental.pickup_code);
		codes_make(kiosk, rental.return_code);
	}
	rental.fact = *handed;
	/* A door that was on its way is not any more. */
	if (handed->state == RENTAL_OPENING)
		rental.fact.state = RENTAL_PAID, rental.doubtful = true;
	if (handed->state == RENTAL_TAKING || handed->state == RENTAL_RETURNING)
		rental.fact.state = RENTAL_RENTED;
	usec soon = kiosk->settings.pickup * SECOND;
	rental.hold_until = rental.hold_limit = elapsed_at(kiosk, handed->expires_at, soon);
	rental.pickup_until = elapsed_at(kiosk, handed->expires_at, soon);
	rental.due_until = elapsed_at(kiosk, handed->due_at, soon);
	rental.deadline = rental.fact.clock_stopped                             ? USEC_NEVER
			  : rental_is_out((enum rental_state)rental.fact.state) ? rental.due_until
										: rental.hold_until;
	store_rental_write(kiosk->database, &rental);

	struct item_row item;
	if (store_item_read(kiosk->database, handed->item, &item)) {
		bool out = rental_is_out((enum rental_state)rental.fact.state);
		item.state = out ? ITEM_RENTED : ITEM_RESERVED;
		item.compartment = out ? 0 : handed->compartment;
		store_item_write(kiosk->database, &item);
	}
}

/* Payments that the board before had begun: this one sees them through. */
static void hand_over_payment(struct kiosk *kiosk, const struct payment_record *handed)
{
	struct payment_row payment;
	if (store_payment_read(kiosk->database, handed->payment, &payment))
		return;
	payment = (struct payment_row){.fact = *handed, .since = kiosk->now.elapsed};
	payment.next_try = payment_is_open((enum payment_state)handed->state) ? kiosk->now.elapsed
									      : USEC_NEVER;
	store_payment_write(kiosk->database, &payment);
}

static void adopted(struct kiosk *kiosk, const struct desired_record *desired)
{
	const struct rental_record *rentals = desired->rentals.items;
	const struct payment_record *payments = desired->payments.items;
	store_compartments_clear(kiosk->database);
	for (size_t i = 0; i < desired->payments.n; i++)
		hand_over_payment(kiosk, &payments[i]);
	for (size_t i = 0; i < desired->rentals.n; i++)
		hand_over(kiosk, &rentals[i]);
	kiosk->node.reconcile_at = kiosk->now.elapsed;
	enter_mode(kiosk, MODE_CONFIRMING);
	alert_raise(kiosk, "confirm-bank", kiosk->options.name,
		&(struct alert_about){.message = "adopted: say what lies behind the doors"});
}

void adoption_epoch(struct kiosk *kiosk, const struct desired_record *desired)
{
	if (desired->epoch[0] == '\0')
		return;
	bool valid = strcmp(desired->epoch, kiosk->node.epoch) == 0;
	if (!valid)
		enter_mode(kiosk, MODE_WAITING);
	else if (kiosk->node.mode == MODE_WAITING)
		adopted(kiosk, desired);
}

/* One item was not found behind any door. One that is out is not expected there. */
static void not_found(struct kiosk *kiosk, struct item_row *item, const struct change *change)
{
	if (item->compartment || item->state == ITEM_RENTED || item->state == ITEM_WITHDRAWN)
		return;
	struct rental_row rental;
	if (store_rental_of_item(kiosk->database, item->entry.item, &rental)) {
		rental_apply(kiosk, &rental, RENTAL_RESOLVE_REFUND, change);
		store_item_read(kiosk->database, item->entry.item, item);
	}
	item_enter(kiosk, item, item->entry.moving[0] ? ITEM_MOVING : ITEM_REGISTERED, change);
	item_settle(kiosk, item, change);
}

static void found(
	struct kiosk *kiosk, const struct content_record *content, const struct change *change)
{
	struct item_row item;
	if (!content->item[0] || !store_item_read(kiosk->database, content->item, &item))
		return;
	item.compartment = content->compartment;
	if (item.state == ITEM_RESERVED) {
		struct rental_row rental;
		if (store_rental_of_item(kiosk->database, content->item, &rental)) {
			rental.fact.compartment = rental.lent_from = content->compartment;
			store_rental_write(kiosk->database, &rental);
		}
		item_enter(kiosk, &item, ITEM_RESERVED, change);
	} else if (item.state == ITEM_RENTED) {
		item_enter(kiosk, &item, ITEM_INSPECTION, change); /* it is back, said a person */
	} else {
		item_enter(kiosk, &item, item_free_state(&item, false, false), change);
	}
}

/* A rental whose thing lies behind a door is over. */
static void end_found_rentals(
	struct kiosk *kiosk, const struct content_record *content, const struct change *change)
{
	struct rental_row rental;
	if (content->item[0] && store_rental_of_item(kiosk->database, content->item, &rental) &&
		rental_is_out((enum rental_state)rental.fact.state))
		rental_apply(kiosk, &rental, RENTAL_RESOLVE, change);
}

void adoption_confirm(struct kiosk *kiosk, const struct list *contents, const char *by)
{
	const struct change change = {.by = by, .reason = "bank-confirmed"};
	const struct content_record *content = contents->items;
	store_compartments_clear(kiosk->database);
	for (size_t i = 0; i < contents->n; i++) {
		end_found_rentals(kiosk, &content[i], &change);
		found(kiosk, &content[i], &change);
	}
	struct list names = {0};
	struct query *query = store_items(kiosk->database);
	struct item_row item;
	while (store_item_next(query, &item))
		text_copy(list_add(&names, NAME_SIZE), NAME_SIZE, item.entry.item);
	for (size_t i = 0; i < names.n; i++)
		if (store_item_read(
			    kiosk->database, (const char *)names.items + i * NAME_SIZE, &item))
			not_found(kiosk, &item, &change);
	free(names.items);
	alert_clear(kiosk, "confirm-bank", kiosk->options.name);
	alert_clear(kiosk, "forked", kiosk->node.epoch);
	enter_mode(kiosk, MODE_LENDING);
}
