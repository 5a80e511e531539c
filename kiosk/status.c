/* What a bank says to all, retained: that it is there (birth and will), and what it lends. Changes
 * are gathered for a quarter of a second. */
#include "kiosk/internal.h"

#include <stdlib.h>
#include <string.h>

#define COALESCE (250 * MSEC)

void status_changed(struct kiosk *kiosk)
{
	kiosk->status_due = usec_min(kiosk->status_due, kiosk->now.elapsed + COALESCE);
}

void offer_changed(struct kiosk *kiosk)
{
	kiosk->offer_due = usec_min(kiosk->offer_due, kiosk->now.elapsed + COALESCE);
}

/* The broker may have thrown it away, for want of room, before it came to everybody. */
static usec again(const struct kiosk *kiosk)
{
	usec wait = kiosk->options.say_again;
	return wait ? kiosk->now.elapsed + wait : USEC_NEVER;
}

static const struct outgoing_options retained = {.qos = 1, .retain = true};

/* So that the hub can say what has become of each. */
static void add_open_rentals(struct kiosk *kiosk, struct kiosk_status_record *status)
{
	struct query *query = store_rentals_all_open(kiosk->database);
	struct rental_row rental;
	while (store_rental_next(query, &rental))
		TEXT_COPY(((struct open_rental_record *)list_add(
				   &status->open_rentals, sizeof(struct open_rental_record)))
				  ->rental,
			rental.fact.rental);
}

static void say_status(struct kiosk *kiosk)
{
	struct kiosk_status_record status = {
		.state = LINK_ONLINE,
		.generation = kiosk->node.generation,
		.revision = kiosk->node.revision,
		.acked = kiosk->node.acked,
		.lending = kiosk_lends(kiosk),
		.payments = (int)payments_state(kiosk),
		.clock_sure = kiosk->now.sure,
	};
	TEXT_COPY(status.session, kiosk->session);
	TEXT_COPY(status.version, LENDLOCK_VERSION);
	TEXT_COPY(status.epoch, kiosk->node.epoch);
	store_outbox_past(kiosk->database, status.past_epoch, &status.past_acked);
	if (kiosk->node.mode == MODE_WAITING)
		add_open_rentals(kiosk, &status);
	const struct topic topic = kiosk_topic(kiosk, TOPIC_KIOSK_STATUS);
	outgoing_add(kiosk->outgoing, &topic, &kiosk_status_record_type, &status, &retained);
	record_clear(&kiosk_status_record_type, &status);
	kiosk->status_due = again(kiosk);
}

static bool is_offered(const struct item_row *item)
{
	return item->state == ITEM_AVAILABLE || item->state == ITEM_RESERVED ||
	       item->state == ITEM_RENTED;
}

static void say_offer(struct kiosk *kiosk)
{
	struct offer_record offer = {
		.lending = kiosk_lends(kiosk),
		.payments = payments_closed(kiosk) ? PAYMENTS_CLOSED : PAYMENTS_OPEN,
	};
	struct query *query = store_items(kiosk->database);
	struct item_row item;
	while (store_item_next(query, &item)) {
		if (!is_offered(&item) || item_leaves(&item))
			continue;
		struct offer_item_record *on_offer =
			list_add(&offer.items, sizeof(struct offer_item_record));
		TEXT_COPY(on_offer->item, item.entry.item);
		TEXT_COPY(on_offer->title, item.entry.title);
		TEXT_COPY(on_offer->category, item.entry.category);
		TEXT_COPY(on_offer->currency, item.entry.currency);
		on_offer->amount = item.entry.amount;
		on_offer->period = item.entry.period;
		on_offer->free = item.state == ITEM_AVAILABLE;
		struct rental_row rental;
		if (!on_offer->free &&
			store_rental_of_item(kiosk->database, item.entry.item, &rental))
			on_offer->due_at = rental.fact.due_at;
	}
	const struct topic topic = kiosk_topic(kiosk, TOPIC_KIOSK_OFFER);
	outgoing_add(kiosk->outgoing, &topic, &offer_record_type, &offer, &retained);
	record_clear(&offer_record_type, &offer);
	kiosk->offer_due = again(kiosk);
}

void status_birth(struct kiosk *kiosk)
{
	say_status(kiosk);
	say_offer(kiosk);
}

usec status_next_due(const struct kiosk *kiosk)
{
	return kiosk->connected ? usec_min(kiosk->status_due, kiosk->offer_due) : USEC_NEVER;
}

int status_tick(struct kiosk *kiosk)
{
	if (status_next_due(kiosk) > kiosk->now.elapsed)
		return 0;
	if (kiosk->status_due <= kiosk->now.elapsed)
		say_status(kiosk);
	if (kiosk->offer_due <= kiosk->now.elapsed)
		say_offer(kiosk);
	outgoing_send(kiosk->outgoing, kiosk->options.mqtt); /* nothing new is decided here */
	return 0;
}
