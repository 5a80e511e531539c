#include "hub/room.h"

#include "hub/own.h"
#include "hub/store_view.h"

#include <stdio.h>
#include <string.h>

static bool is_full(struct hub *hub, const struct hub_event *event, enum hub_view_kind kind)
{
	return hub_view_count_open(hub->database, event->kiosk, kind) >= HUB_ROOM_MAX;
}

static bool lacks_rental(struct hub *hub, const struct hub_event *event)
{
	const struct rental_record *rental = &event->data.rental;
	struct rental_row there;
	return !rental_is_final((enum rental_state)rental->state) &&
	       !hub_view_rental(hub->database, rental->rental, &there) &&
	       is_full(hub, event, HUB_VIEW_RENTALS);
}

static bool lacks_payment(struct hub *hub, const struct hub_event *event)
{
	const struct payment_record *payment = &event->data.payment;
	struct payment_row there;
	return !payment_is_final((enum payment_state)payment->state) &&
	       !hub_view_payment(hub->database, payment->payment, &there) &&
	       is_full(hub, event, HUB_VIEW_PAYMENTS);
}

static bool lacks_alert(struct hub *hub, const struct hub_event *event)
{
	const struct alert_record *alert = &event->data.alert;
	struct alert_row there;
	return !alert->cleared &&
	       !hub_view_alert(hub->database, event->kiosk, alert->alert, false, &there) &&
	       is_full(hub, event, HUB_VIEW_ALERTS);
}

/* One that nobody registered. */
static bool lacks_item(struct hub *hub, const struct hub_event *event, const char *item)
{
	struct item_row there;
	return !hub_view_item(hub->database, item, &there) &&
	       is_full(hub, event, HUB_VIEW_STRANGE_ITEMS);
}

static bool lacks_items(struct hub *hub, const struct hub_event *snapshot)
{
	const struct list *items = &snapshot->data.snapshot.items;
	const struct list *rentals = &snapshot->data.snapshot.rentals;
	for (size_t i = 0; i < items->n; i++)
		if (lacks_item(hub, snapshot, ((struct item_record *)items->items)[i].item))
			return true;
	for (size_t i = 0; i < rentals->n; i++)
		if (lacks_item(hub, snapshot, ((struct rental_record *)rentals->items)[i].item))
			return true;
	return false;
}

static const char *lack(struct hub *hub, const struct hub_event *event)
{
	switch (event->kind) {
	case EVENT_RENTAL:
		if (lacks_rental(hub, event))
			return "open rentals";
		return lacks_item(hub, event, event->data.rental.item) ? "strange items" : NULL;
	case EVENT_PAYMENT:
		return lacks_payment(hub, event) ? "open payments" : NULL;
	case EVENT_ALERT:
		return lacks_alert(hub, event) ? "alerts" : NULL;
	case EVENT_ITEM:
		return lacks_item(hub, event, event->data.item.item) ? "strange items" : NULL;
	case EVENT_SNAPSHOT: /* the rest of what it says comes in place of what there is */
		return lacks_items(hub, event) ? "strange items" : NULL;
	default:
		return NULL;
	}
}

bool hub_room_lacks(
	struct hub *hub, const struct hub_event *event, char why[static RECORD_WHY_SIZE])
{
	const char *what = lack(hub, event);
	if (!what)
		return false;
	snprintf(why, RECORD_WHY_SIZE, "view-full: %d %s of one bank", HUB_ROOM_MAX, what);
	hub_own_alert(hub, event->kiosk, HUB_ROOM_ALERT, event->kiosk, "",
		"more %s than a bank can have; what is more waits as dead letters", what);
	return true;
}

bool hub_room_lacks_alert(struct hub *hub, const char *kiosk)
{
	if (hub_view_count_open(hub->database, kiosk, HUB_VIEW_OWN_ALERTS) < HUB_ROOM_MAX)
		return false;
	hub_own_alert(
		hub, kiosk, HUB_ROOM_ALERT, kiosk, "", "more is wrong with it than is listed here");
	return true;
}
