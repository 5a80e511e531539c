/* A hub that folds what it takes, acks it or not, and is put back to a backup. */
#include "lib/domain/renter.h"
#include "tests/kiosk/walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* --- a fold ----------------------------------------------------------------------------------- */

struct rental_record *walk_view_rental(struct walk_view *view, const char *rental)
{
	for (size_t i = 0; i < view->rentals_n; i++)
		if (strcmp(view->rentals[i].rental, rental) == 0)
			return &view->rentals[i];
	return NULL;
}

static struct payment_record *find_payment(struct walk_view *view, const char *payment)
{
	for (size_t i = 0; i < view->payments_n; i++)
		if (strcmp(view->payments[i].payment, payment) == 0)
			return &view->payments[i];
	return NULL;
}

static void put_item(struct walk_view *view, const struct item_record *item)
{
	for (size_t i = 0; i < view->items_n; i++)
		if (strcmp(view->items[i].item, item->item) == 0) {
			view->items[i] = *item;
			return;
		}
	assert_true(view->items_n < sizeof(view->items) / sizeof(view->items[0]));
	view->items[view->items_n++] = *item;
}

static void put_rental(struct walk_view *view, const struct rental_record *rental)
{
	struct rental_record *old = walk_view_rental(view, rental->rental);
	assert_true(old || view->rentals_n < WALK_MANY);
	*(old ? old : &view->rentals[view->rentals_n++]) = *rental;
	struct item_record item = {.state = rental->item_state,
		.compartment = rental->item_state == ITEM_RENTED ? 0 : rental->compartment};
	TEXT_COPY(item.item, rental->item);
	put_item(view, &item);
}

static void put_payment(struct walk_view *view, const struct payment_record *payment)
{
	struct payment_record *old = find_payment(view, payment->payment);
	assert_true(old || view->payments_n < WALK_MANY);
	*(old ? old : &view->payments[view->payments_n++]) = *payment;
}

static void put_alert(struct walk_view *view, const struct alert_record *alert)
{
	size_t i = 0;
	while (i < view->alerts_n && strcmp(view->alerts[i].alert, alert->alert) != 0)
		i++;
	if (i == view->alerts_n)
		view->alerts_n++;
	assert_true(view->alerts_n <= WALK_MANY);
	view->alerts[i] = *alert;
	if (alert->cleared)
		view->alerts[i] = view->alerts[--view->alerts_n];
}

/* What is not in a snapshot is over, or unknown. */
static void forget(struct walk_view *view)
{
	for (size_t i = 0; i < view->rentals_n; i++)
		if (!rental_is_final((enum rental_state)view->rentals[i].state))
			view->rentals[i].state = RENTAL_RESOLVED;
	for (size_t i = view->payments_n; i > 0; i--)
		if (!payment_is_final((enum payment_state)view->payments[i - 1].state))
			view->payments[i - 1] = view->payments[--view->payments_n];
	for (size_t i = 0; i < view->items_n; i++) {
		int *state = &view->items[i].state;
		if (*state != ITEM_REGISTERED && *state != ITEM_MOVING && *state != ITEM_WITHDRAWN)
			*state = ITEM_UNKNOWN;
	}
	view->alerts_n = 0;
}

static void take_snapshot(struct walk_view *view, const struct snapshot_record *snapshot)
{
	const struct rental_record *rentals = snapshot->rentals.items;
	const struct payment_record *payments = snapshot->payments.items;
	const struct alert_record *alerts = snapshot->alerts.items;
	const struct item_record *items = snapshot->items.items;
	forget(view);
	for (size_t i = 0; i < snapshot->rentals.n; i++)
		put_rental(view, &rentals[i]);
	for (size_t i = 0; i < snapshot->payments.n; i++)
		put_payment(view, &payments[i]);
	for (size_t i = 0; i < snapshot->alerts.n; i++)
		put_alert(view, &alerts[i]);
	for (size_t i = 0; i < snapshot->items.n; i++)
		put_item(view, &items[i]);
}

union data {
	struct rental_record rental;
	struct payment_record payment;
	struct item_record item;
	struct alert_record alert;
	struct snapshot_record snapshot;
};

void walk_view_fold(struct walk_view *view, const json_t *event)
{
	union data data;
	char why[RECORD_WHY_SIZE];
	const char *type = json_string_value(json_object_get(event, "type"));
	enum event_kind kind = event_kind_of(type);
	assert_true(kind >= EVENT_RENTAL && kind <= EVENT_SNAPSHOT);
	if (record_decode(event_data_type(kind), json_object_get(event, "data"), &data, why) != 0)
		fail_msg("an event that nobody can read: %s", why);
	if (strcmp(type, "lendlock.item.released") == 0)
		data.item.state = ITEM_REGISTERED; /* at another bank */
	if (kind == EVENT_RENTAL)
		put_rental(view, &data.rental);
	else if (kind == EVENT_PAYMENT)
		put_payment(view, &data.payment);
	else if (kind == EVENT_ITEM)
		put_item(view, &data.item);
	else if (kind == EVENT_ALERT)
		put_alert(view, &data.alert);
	else
		take_snapshot(view, &data.snapshot);
	record_clear(event_data_type(kind), &data);
}

/* --- the hub --------------------------------------------------------------------------------- */

static bool has_seen(const struct walk_hub *hub, const char *id)
{
	for (size_t i = hub->seen; i > 0; i--)
		if (strcmp(hub->ids[i - 1], id) == 0)
			return true;
	return false;
}

static void note_item(struct walk *walk, const json_t *event)
{
	const char *type = json_string_value(json_object_get(event, "type"));
	const char *item = json_string_value(json_object_get(event, "subject"));
	bool released = strcmp(type, "lendlock.item.released") == 0;
	const char *move =
		json_string_value(json_object_get(json_object_get(event, "data"), "move"));
	walk->releases += released;
	for (size_t i = 0; released && i < 8; i++)
		if (strcmp(walk->entries[i].item, item) == 0) {
			if (walk->entries[i].moving && move &&
				strcmp(walk->entries[i].move, move) == 0)
				walk->entries[i].moving = walk->entries[i].here = false;
		}
}

void walk_hub_take(struct walk *walk, const json_t *event)
{
	struct walk_hub *hub = &walk->hub;
	const char *epoch = json_string_value(json_object_get(event, "epoch"));
	const char *id = json_string_value(json_object_get(event, "id"));
	int64_t seq = atoll(json_string_value(json_object_get(event, "sequence")));
	if (!hub->epoch[0])
		TEXT_COPY(hub->epoch, epoch);
	if (strcmp(epoch, hub->epoch) != 0) {
		TEXT_COPY(hub->claimed, epoch);
		return;
	}
	if (seq != hub->seq + 1)
		return;
	hub->seq = seq;
	TEXT_COPY(hub->event, id);
	if (has_seen(hub, id))
		return;
	assert_true(hub->seen < 4 * WALK_MANY);
	TEXT_COPY(hub->ids[hub->seen++], id);
	walk_view_fold(&hub->view, event);
	note_item(walk, event);
}

void walk_hub_ack(struct walk *walk)
{
	const struct walk_hub *hub = &walk->hub;
	if (!hub->epoch[0] || !walk->online)
		return;
	json_t *ack = json_pack("{s:s, s:I, s:s, s:I}", "hub", BANK_HUB, "generation",
		(json_int_t)hub->generation, "epoch", hub->epoch, "seq", (json_int_t)hub->seq);
	if (hub->seq > 0)
		json_object_set_new(ack, "event", json_string(hub->event));
	bank_send(&walk->bank, WALK_PREFIX "kiosk/library/ack", ack);
}

static struct walk *desiring; /* bank_desire()'s callback has no context */

static json_t *catalogue(const struct walk *walk)
{
	json_t *items = json_array();
	for (size_t i = 0; i < 8; i++) {
		const struct walk_entry *entry = &walk->entries[i];
		if (!entry->here)
			continue;
		json_t *json = json_pack("{s:s, s:s, s:i, s:s, s:i, s:s, s:b, s:b}", "item",
			entry->item, "title", entry->item, "amount", i == 0 ? 0 : 3000, "currency",
			"KRW", "period", 3 * 86400, "kiosk", "library", "inspect", i == 1,
			"withdrawn", entry->withdrawn);
		if (entry->moving) {
			json_object_set_new(json, "moving", json_string("station"));
			json_object_set_new(json, "move", json_string(entry->move));
		}
		json_array_append_new(items, json);
	}
	return items;
}

static bool has_open(const json_t *desired, const char *rental)
{
	size_t i;
	json_t *open;
	json_array_foreach(json_object_get(desired, "open_rentals"), i, open)
		if (strcmp(json_string_value(json_object_get(open, "rental")), rental) == 0)
			return true;
	return false;
}

static void add_handed(struct walk *walk, json_t *desired)
{
	struct walk_view *view = &walk->hub.view;
	json_t *rentals = json_object_get(desired, "rentals");
	json_t *payments = json_object_get(desired, "payments");
	for (size_t i = 0; i < view->rentals_n; i++) {
		const struct rental_record *rental = &view->rentals[i];
		if (rental_is_final((enum rental_state)rental->state) &&
			!has_open(desired, rental->rental))
			continue;
		json_array_append_new(rentals, record_encode(&rental_record_type, rental));
		const struct payment_record *payment = find_payment(view, rental->payment);
		if (payment && payment_is_final((enum payment_state)payment->state))
			json_array_append_new(
				payments, record_encode(&payment_record_type, payment));
	}
	for (size_t i = 0; i < view->payments_n; i++)
		if (!payment_is_final((enum payment_state)view->payments[i].state))
			json_array_append_new(
				payments, record_encode(&payment_record_type, &view->payments[i]));
}

static void change(json_t *desired)
{
	struct walk *walk = desiring;
	char renter[NAME_SIZE];
	json_object_set_new(desired, "generation", json_integer(walk->hub.generation));
	json_object_set_new(desired, "items", catalogue(walk));
	if (walk->hub.epoch[0])
		json_object_set_new(desired, "epoch", json_string(walk->hub.epoch));
	else
		json_object_del(desired, "epoch");
	if (walk->blocked) {
		renter_opaque(
			json_string_value(json_object_get(desired, "renter_key")), "joon", renter);
		json_array_append_new(json_object_get(desired, "blocked"), json_string(renter));
	}
	if (walk->hand_over)
		add_handed(walk, desired);
}

void walk_hub_desire(struct walk *walk)
{
	desiring = walk;
	if (walk->online)
		bank_desire(&walk->bank, change);
}

void walk_hub_adopt(struct walk *walk)
{
	struct walk_hub *hub = &walk->hub;
	if (!hub->claimed[0] || strcmp(hub->claimed, hub->epoch) == 0)
		return;
	TEXT_COPY(hub->epoch, hub->claimed);
	hub->claimed[0] = hub->event[0] = '\0';
	hub->seq = 0;
	walk->hand_over = true;
	walk->handed_at = walk->bank.revision + 1;
	walk_hub_desire(walk);
}

void walk_hub_restore(struct walk *walk)
{
	int64_t generation = walk->hub.generation;
	/* A new epoch bears what was not acked: a hub that loses acked ones then has lost them. */
	walk->old_copy |= strcmp(walk->backup.epoch, walk->epoch) != 0 || walk->hub.claimed[0];
	walk->hub = walk->backup;
	walk->hub.generation = generation + 1;
	walk->restores++;
	walk_hub_desire(walk);
	walk_hub_ack(walk);
}
