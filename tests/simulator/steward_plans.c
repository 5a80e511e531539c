/* What a manager sets out to do, by what the views say. */
#include "tests/simulator/steward.h"
#include "tests/simulator/world.h"

#include <stdio.h>
#include <string.h>

void steward_plan_inspection(struct steward *steward, const char *kiosk, const json_t *entry)
{
	json_t *args = json_pack("{s:s, s:b}", "item", text_of(entry, "item"), "fit", 1);
	json_object_set(args, "compartment", json_object_get(entry, "compartment"));
	steward_plan(steward, kiosk, "inspect", args);
}

static void plan_end(
	struct steward *steward, const char *kiosk, const char *rental, const char *outcome)
{
	steward_plan(steward, kiosk, "resolve",
		json_pack(
			"{s:s, s:s, s:s}", "rental", rental, "outcome", outcome, "reason", "seen"));
}

static void plan_rental(struct steward *steward, const char *kiosk, const json_t *entry)
{
	const json_t *rental = json_object_get(entry, "rental");
	const char *state = text_of(rental, "state"), *id = text_of(rental, "rental");
	const struct known_rental *known = witness_rental(steward->person.world, id);
	const struct known_item *item = known ? known->item : NULL;
	if (strcmp(state, "unconfirmed") == 0 && known && !known->taken)
		plan_end(steward, kiosk, id, "not-taken");
	/* An old copy of the bank misses what came back long ago; and who was told that there is no
	 * such rental, while the copy waited, does not come again. */
	if (strcmp(state, "lost") == 0 && known &&
		(!item || item->place != WITH_RENTER || known->murky))
		plan_end(steward, kiosk, id, "close");
	if (strcmp(state, "unconfirmed-return") == 0)
		plan_end(steward, kiosk, id,
			item && item->place == WITH_RENTER ? "not-returned" : "returned");
}

static bool has_alert(const json_t *view, const char *kind)
{
	size_t i;
	const json_t *alert;
	json_array_foreach(json_object_get(view, "alerts"), i, alert)
		if (strcmp(text_of(alert, "kind"), kind) == 0)
			return true;
	return false;
}

/* Somebody has no door to bring a thing back to: another one is taken home. */
static void make_room(struct steward *steward, const char *kiosk, const json_t *view)
{
	size_t i;
	const json_t *entry;
	json_array_foreach(json_object_get(view, "contents"), i, entry)
		if (strcmp(text_of(entry, "state"), "available") == 0) {
			steward_plan(steward, kiosk, "collect",
				json_pack("{s:s}", "item", text_of(entry, "item")));
			return;
		}
}

static void plan_item(
	struct steward *steward, const char *kiosk, const json_t *entry, bool has_room)
{
	const char *state = text_of(entry, "state"), *name = text_of(entry, "item");
	if (strcmp(state, "registered") == 0 && has_room)
		steward_plan(steward, kiosk, "stock", json_pack("{s:s}", "item", name));
	else if (strcmp(state, "inspection") == 0 || strcmp(state, "blocked") == 0 ||
		 steward_knows_better(steward, entry))
		steward_plan_inspection(steward, kiosk, entry);
	plan_rental(steward, kiosk, entry);
}

/* Where the ledger can ask by itself, it says so. */
static void plan_settlement(struct steward *steward, const char *kiosk, const char *payment)
{
	struct world *world = steward->person.world;
	enum provider_state shown = acquirer_shows(world->acquirer, payment);
	if (shown == PROVIDER_AUTHORIZED || shown == PROVIDER_CAPTURED)
		return;
	steward_plan(steward, kiosk, "settle-payment",
		json_pack("{s:s, s:s, s:s}", "payment", payment, "outcome",
			shown == PROVIDER_REFUNDED ? "refunded" : "voided", "reason", "seen"));
}

static void plan_alert(struct steward *steward, const char *kiosk, const json_t *alert)
{
	const char *kind = text_of(alert, "kind"), *item = text_of(alert, "item");
	json_int_t compartment = json_integer_value(json_object_get(alert, "compartment"));
	if (strcmp(kind, "collect") == 0)
		steward_plan(steward, kiosk, "collect", json_pack("{s:s}", "item", item));
	if (strcmp(kind, "payment-stuck") == 0)
		plan_settlement(steward, kiosk, text_of(alert, "payment"));
	if (strcmp(kind, "door-jammed") != 0 && strcmp(kind, "door-forced") != 0)
		return;
	board_jam(world_kiosk(steward->person.world, kiosk)->board, (int)compartment, false);
	steward_plan(steward, kiosk, "repair",
		json_pack("{s:I, s:b}", "compartment", compartment, "works", 1));
}

static void plan_adoption(struct steward *steward, const char *kiosk, const json_t *view)
{
	const char *claimed = text_of(view, "claimed_epoch");
	const json_t *alerts = json_object_get(view, "alerts");
	struct world *world = steward->person.world;
	if (claimed[0]) {
		world_count(world, COUNT_ADOPTED);
		steward_plan(steward, NULL, "kiosk-adopt",
			json_pack("{s:s, s:s}", "kiosk", kiosk, "epoch", claimed));
	}
	for (size_t i = 0; i < json_array_size(alerts); i++) {
		if (strcmp(text_of(json_array_get(alerts, i), "kind"), "confirm-bank") != 0)
			continue;
		world_count(world, COUNT_CONFIRMED);
		steward_plan(steward, kiosk, "confirm-bank", json_object());
	}
}

void steward_plan_bank(struct steward *steward, const char *kiosk, const json_t *view)
{
	const json_t *alerts = json_object_get(view, "alerts");
	const json_t *contents = json_object_get(view, "contents");
	bool has_room = !has_alert(view, "return-refused");
	plan_adoption(steward, kiosk, view);
	if (!has_room)
		make_room(steward, kiosk, view);
	for (size_t i = 0; i < json_array_size(alerts); i++)
		plan_alert(steward, kiosk, json_array_get(alerts, i));
	for (size_t i = 0; i < json_array_size(contents); i++)
		plan_item(steward, kiosk, json_array_get(contents, i), has_room);
}
