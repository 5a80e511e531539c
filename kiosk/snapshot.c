/*
 * A snapshot: all that the bank knows, in place of events that are gone, or after a person has
 * confirmed it. It is one event and as large as one event may be. What has no room in it follows as
 * ordinary events in the same transaction: each bears its whole record, so they say the same.
 */
#include "kiosk/internal.h"

#include <stdlib.h>
#include <string.h>

static size_t size_of(const struct record_type *type, const void *record)
{
	size_t size;
	json_t *json = record_encode(type, record);
	free(json_write(json, &size));
	json_decref(json);
	return size + 1; /* and a comma */
}

/* How many of the records fit into the room that is left. */
static size_t fit(const struct list *list, enum event_kind kind, size_t *room)
{
	const struct record_type *type = event_data_type(kind);
	size_t n = 0;
	for (; n < list->n; n++) {
		size_t size = size_of(type, (const char *)list->items + n * type->size);
		if (size > *room)
			break;
		*room -= size;
	}
	return n;
}

static const char *subject_of(enum event_kind kind, const void *record)
{
	switch (kind) {
	case EVENT_RENTAL:
		return ((const struct rental_record *)record)->item;
	case EVENT_PAYMENT:
		return ((const struct payment_record *)record)->payment;
	case EVENT_ITEM:
		return ((const struct item_record *)record)->item;
	default:
		return ((const struct alert_record *)record)->alert;
	}
}

static void restate(struct kiosk *kiosk, enum event_kind kind, const struct list *list, size_t from)
{
	size_t size = event_data_type(kind)->size;
	for (size_t i = from; i < list->n; i++) {
		const void *record = (const char *)list->items + i * size;
		outbox_add(kiosk, kind, RESTATED, subject_of(kind, record), record);
	}
}

static void collect(struct kiosk *kiosk, struct snapshot_record *ret)
{
	struct item_row item;
	struct rental_row rental;
	struct payment_row payment;
	struct alert_record alert;
	struct query *query = store_items(kiosk->database);
	while (store_item_next(query, &item)) {
		struct item_record *record = list_add(&ret->items, sizeof(*record));
		*record =
			(struct item_record){.state = item.state, .compartment = item.compartment};
		TEXT_COPY(record->item, item.entry.item);
		TEXT_COPY(record->reason, item.reason);
	}
	query = store_rentals_all_open(kiosk->database);
	while (store_rental_next(query, &rental))
		*(struct rental_record *)list_add(&ret->rentals, sizeof(rental.fact)) = rental.fact;
	query = store_payments_unfinished(kiosk->database);
	while (store_payment_next(query, &payment))
		*(struct payment_record *)list_add(&ret->payments, sizeof(payment.fact)) =
			payment.fact;
	query = store_alerts(kiosk->database);
	while (store_alert_next(query, &alert))
		*(struct alert_record *)list_add(&ret->alerts, sizeof(alert)) = alert;
}

void snapshot_add(struct kiosk *kiosk)
{
	struct snapshot_record all = {0};
	size_t room = SNAPSHOT_BYTES - 64; /* the names of the lists */
	collect(kiosk, &all);
	struct snapshot_record part = all;
	part.rentals.n = fit(&all.rentals, EVENT_RENTAL, &room);
	part.payments.n = fit(&all.payments, EVENT_PAYMENT, &room);
	part.items.n = fit(&all.items, EVENT_ITEM, &room);
	part.alerts.n = fit(&all.alerts, EVENT_ALERT, &room);
	outbox_add(kiosk, EVENT_SNAPSHOT, "taken", kiosk->options.name, &part);
	restate(kiosk, EVENT_RENTAL, &all.rentals, part.rentals.n);
	restate(kiosk, EVENT_PAYMENT, &all.payments, part.payments.n);
	restate(kiosk, EVENT_ITEM, &all.items, part.items.n);
	restate(kiosk, EVENT_ALERT, &all.alerts, part.alerts.n);
	record_clear(&snapshot_record_type, &all);
}
