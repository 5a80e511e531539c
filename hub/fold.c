#include "hub/fold.h"

#include "hub/store_catalogue.h"
#include "hub/store_view.h"

#include <string.h>

/* The columns that say where a row of the view comes from. */
#define SET_ORIGIN(row, event)                                    \
	do {                                                      \
		TEXT_COPY((row)->kiosk, (event)->kiosk);          \
		TEXT_COPY((row)->epoch, (event)->envelope.epoch); \
		(row)->changed = (event)->envelope.time;          \
		(row)->seq = (event)->seq;                        \
	} while (0)

/* --- items --------------------------------------------------------------------------- */

/* Nothing changed by what a kiosk says of an item: why? */
static unsigned not_said(struct database *database, struct item_row *row, const char *rental)
{
	struct item_row there;
	if (hub_view_item(database, row->item.item, &there))
		return strcmp(there.kiosk, row->kiosk) != 0 ? HUB_FOLD_ITEM_ELSEWHERE : 0;
	row->said = row->item.state;
	TEXT_COPY(row->rental, rental ? rental : "");
	hub_view_put_item(database, row);
	return HUB_FOLD_ITEM_STRANGE;
}

/* A kiosk says where an item of its own stands. */
static unsigned says(struct database *database, const struct hub_event *event,
	const struct item_record *item, const char *rental)
{
	struct item_row row = {.item = *item};
	SET_ORIGIN(&row, event);
	unsigned notes = 0;
	if (!hub_view_item_says(database, &row, rental))
		notes = not_said(database, &row, rental);
	else if (item->state == ITEM_WITHDRAWN)
		notes = HUB_FOLD_ITEM_WITHDRAWN;
	return notes;
}

/* The bank where an item stood let it go: from now on it belongs to the next one. */
static unsigned release(
	struct database *database, const struct hub_event *event, struct catalogue_record *entry)
{
	TEXT_COPY(entry->kiosk, entry->moving);
	entry->moving[0] = entry->move[0] = '\0';
	hub_catalogue_put(database, entry);

	struct item_row row = {.item.state = ITEM_REGISTERED,
		.said = ITEM_REGISTERED,
		.changed = event->envelope.time};
	TEXT_COPY(row.item.item, entry->item);
	TEXT_COPY(row.kiosk, entry->kiosk);
	hub_view_put_item(database, &row);
	return HUB_FOLD_ITEM_RELEASED;
}

/* ... or that order has been taken back: it stays, and lies behind no door. */
static unsigned kept(struct database *database, const struct hub_event *event,
	const struct item_record *released)
{
	struct item_record item = *released;
	item.state = ITEM_REGISTERED;
	return says(database, event, &item, NULL);
}

static unsigned fold_item(struct database *database, const struct hub_event *event)
{
	const struct item_record *item = &event->data.item;
	struct catalogue_record entry;
	if (event->own) {
		hub_view_item_unknown(database, item, event->envelope.time);
		return 0;
	}
	if (strcmp(event->fact, "released") != 0)
		return says(database, event, item, NULL);
	if (hub_catalogue_get(database, item->item, &entry) && entry.moving[0] &&
		strcmp(entry.move, item->move) == 0 && strcmp(entry.kiosk, event->kiosk) == 0)
		return release(database, event, &entry);
	return kept(database, event, item);
}

/* --- rentals, payments, alerts ------------------------------------------------------- */

/* A rental that another kiosk began. */
static bool is_foreign(struct database *database, const struct rental_row *row)
{
	struct rental_row there;
	/* unreachable: one stood in the way, so it is there unless the database has failed since */
	return hub_view_rental(database, row->rental.rental, &there) &&
	       strcmp(there.kiosk, row->kiosk) != 0;
}

static unsigned fold_rental(struct database *database, const struct hub_event *event)
{
	struct rental_row row = {.rental = event->data.rental};
	SET_ORIGIN(&row, event);
	if (!hub_view_put_rental(database, &row))
		return is_foreign(database, &row) ? HUB_FOLD_ITEM_ELSEWHERE : 0;
	struct item_record item = {.state = row.rental.item_state};
	TEXT_COPY(item.item, row.rental.item);
	TEXT_COPY(item.by, row.rental.by);
	if (item.state != ITEM_RENTED)
		item.compartment = row.rental.compartment;
	if (item.state == ITEM_BLOCKED || item.state == ITEM_INSPECTION)
		TEXT_COPY(item.reason, row.rental.reason);
	return says(database, event, &item, row.rental.rental);
}

static unsigned fold_payment(struct database *database, const struct hub_event *event)
{
	struct payment_row row = {.payment = event->data.payment};
	SET_ORIGIN(&row, event);
	hub_view_put_payment(database, &row);
	return 0;
}

static unsigned fold_alert(struct database *database, const struct hub_event *event)
{
	if (event->data.alert.cleared) {
		hub_view_clear_alert(database, event->kiosk, event->data.alert.alert, event->own);
		return 0;
	}
	struct alert_row row = {.alert = event->data.alert, .own = event->own};
	SET_ORIGIN(&row, event);
	hub_view_put_alert(database, &row);
	return 0;
}

/* --- a whole bank -------------------------------------------------------------------- */

/* One of the snapshot's records, folded as if an event had told of it. */
static unsigned fold_part(struct database *database, const struct hub_event *snapshot,
	enum event_kind kind, const void *record, size_t size)
{
	struct hub_event part = *snapshot;
	part.kind = kind;
	part.fact = "";
	memcpy(&part.data, record, size);
	return hub_fold(database, &part);
}

static unsigned fold_parts(struct database *database, const struct hub_event *snapshot,
	enum event_kind kind, const struct list *list)
{
	size_t size = event_data_type(kind)->size;
	unsigned notes = 0;
	for (size_t i = 0; i < list->n; i++)
		notes |= fold_part(
			database, snapshot, kind, (const char *)list->items + i * size, size);
	return notes;
}

static unsigned fold_snapshot(struct database *database, const struct hub_event *event)
{
	const struct snapshot_record *snapshot = &event->data.snapshot;
	hub_view_forget_bank(database, event->kiosk, "the events that tell of it are lost",
		event->envelope.time);
	unsigned notes = fold_parts(database, event, EVENT_RENTAL, &snapshot->rentals);
	notes |= fold_parts(database, event, EVENT_PAYMENT, &snapshot->payments);
	notes |= fold_parts(database, event, EVENT_ALERT, &snapshot->alerts);
	notes |= fold_parts(database, event, EVENT_ITEM, &snapshot->items);
	return notes;
}

/* --- the hub's own ------------------------------------------------------------------- */

/* What the catalogue makes of an item that its kiosk has in a given state. What is out stays so
 * until it is back. */
static int catalogue_state(const struct catalogue_record *entry, const struct item_row *row)
{
	if (row->item.state == ITEM_RENTED)
		return ITEM_RENTED;
	if (entry->withdrawn)
		return ITEM_WITHDRAWN;
	if (entry->moving[0])
		return ITEM_MOVING;
	if (row->item.state == ITEM_MOVING) /* thought better of */
		return row->said;
	return row->item.state;
}

static unsigned fold_catalogue(struct database *database, const struct hub_event *event)
{
	const struct catalogue_record *entry = &event->data.catalogue.entry;
	struct item_row row;
	hub_catalogue_put(database, entry);
	if (!hub_view_item(database, entry->item, &row) || strcmp(row.kiosk, entry->kiosk) != 0) {
		row = (struct item_row){.item.state = ITEM_REGISTERED, .said = ITEM_REGISTERED};
		TEXT_COPY(row.item.item, entry->item);
		TEXT_COPY(row.kiosk, entry->kiosk);
	}
	row.item.state = catalogue_state(entry, &row);
	row.changed = event->envelope.time;
	hub_view_put_item(database, &row);
	return 0;
}

unsigned hub_fold(struct database *database, const struct hub_event *event)
{
	switch (event->kind) { /* unreachable: a kind that is none */
	case EVENT_RENTAL:
		return fold_rental(database, event);
	case EVENT_PAYMENT:
		return fold_payment(database, event);
	case EVENT_ITEM:
		return fold_item(database, event);
	case EVENT_ALERT:
		return fold_alert(database, event);
	case EVENT_SNAPSHOT:
		return fold_snapshot(database, event);
	case EVENT_CATALOGUE:
		return fold_catalogue(database, event);
	case EVENT_PRUNED:
		hub_view_prune(database, &event->data.pruned);
		return 0;
	case EVENT_BANK:
		hub_view_forget_alerts(database, event->kiosk);
		return 0;
	case EVENT_ADOPTED: /* of the banks, not of the view */
	case EVENT_OTHER:
	case EVENT_KINDS:
		break;
	}
	return 0;
}
