#include "hub/room.h"

#include "hub/own.h"
#include "hub/store_view.h"

#include <stdio.h>
#include <string.h>

/* Each event may make one row more. They are counted only when the events since the last count may
 * have filled what was left then. */
static bool is_full(struct hub *hub, const struct hub_event *event, enum hub_view_kind kind)
{
	struct hub_bank *bank = hub_bank_find(hub, event->kiosk);
	if (!bank)
		return true;
	int64_t *left = &bank->room[kind];
	if (*left <= 0)
		*left = HUB_ROOM_MAX - hub_view_count_open(hub->database, event->kiosk, kind);
	return (*left)-- <= 0;
}

static bool lacks_rental(struct hub *hub, const struct hub_event *event)
{
	const struct rental_record *rental = &event->data.rental;
	struct rental_row there;
	return !rental_is_final((enum rental_state)rental->state) &&
	       is_full(hub, event, HUB_VIEW_RENTALS) &&
	       !hub_view_rental(hub->database, rental->rental, &there);
}

static bool lacks_payment(struct hub *hub, const struct hub_event *event)
{
	const struct payment_record *payment = &event->data.payment;
	struct payment_row there;
	return !payment_is_final((enum payment_state)payment->state) &&
	       is_full(hub, event, HUB_VIEW_PAYMENTS) &&
	       !hub_view_payment(hub->database, payment->payment, &there);
}

static bool lacks_alert(struct hub *hub, const struct hub_event *event)
{
	const struct alert_record *alert = &event->data.alert;
	struct alert_row there;
	return !alert->cleared && is_full(hub, event, HUB_VIEW_ALERTS) &&
	       !hub_view_alert(hub->database, event->kiosk, alert->alert, false, &there);
}

/* One that nobody registered. */
static bool lacks_item(struct hub *hub, const struct hub_event *event, const char *item)
{
	struct item_row there;
	return is_full(hub, event, HUB_VIEW_STRANGE_ITEMS) &&
	       !hub_view_item(hub->database, item, &there);
}

/* A snapshot makes many rows, after which they are counted anew. */
static void count_anew(struct hub *hub, const char *kiosk)
{
	struct hub_bank *bank = hub_bank_find(hub, kiosk);
	if (bank)
		memset(bank->room, 0, sizeof(bank->room));
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
	if (event->kind == EVENT_SNAPSHOT)
		count_anew(hub, event->kiosk);
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
