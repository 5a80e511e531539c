#include "tests/simulator/steward.h"

#include "tests/simulator/packet.h"
#include "tests/simulator/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUND    (2 * MINUTE) /* between two looks at the views */
#define PATIENCE (12 * SECOND)
#define WORK     (3 * SECOND) /* between two errands */

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text ? text : "";
}

/* --- errands --- */

void steward_plan(struct steward *steward, const char *kiosk, const char *operation, json_t *args)
{
	char whom[NAME_SIZE + 8];
	snprintf(whom, sizeof(whom), "%s%s", kiosk ? "kiosk/" : "hub", kiosk ? kiosk : "");
	json_array_append_new(steward->errands,
		json_pack("{s:s, s:s, s:o}", "whom", whom, "operation", operation, "args", args));
}

/* They open the door and look, when they get there. */
static void plan_inspection(struct steward *steward, const char *kiosk, const json_t *entry)
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
	json_array_foreach(json_object_get(view, "alerts"), i,
		alert) if (strcmp(text_of(alert, "kind"), kind) == 0) return true;
	return false;
}

/* Somebody has no door to bring a thing back to: another one is taken home. */
static void make_room(struct steward *steward, const char *kiosk, const json_t *view)
{
	size_t i;
	const json_t *entry;
	json_array_foreach(json_object_get(view, "contents"), i,
		entry) if (strcmp(text_of(entry, "state"), "available") == 0)
	{
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
	else if (strcmp(state, "inspection") == 0 || strcmp(state, "blocked") == 0)
		plan_inspection(steward, kiosk, entry);
	plan_rental(steward, kiosk, entry);
}

static void plan_alert(struct steward *steward, const char *kiosk, const json_t *alert)
{
	const char *kind = text_of(alert, "kind"), *item = text_of(alert, "item");
	json_int_t compartment = json_integer_value(json_object_get(alert, "compartment"));
	if (strcmp(kind, "collect") == 0)
		steward_plan(steward, kiosk, "collect", json_pack("{s:s}", "item", item));
	if (strcmp(kind, "door-jammed") != 0 && strcmp(kind, "door-forced") != 0)
		return;
	board_jam(world_kiosk(steward->person.world, kiosk)->board, (int)compartment, false);
	steward_plan(steward, kiosk, "repair",
		json_pack("{s:I, s:b}", "compartment", compartment, "works", 1));
}

/* What lies behind the doors, of what that bank knows. */
static json_t *look_behind_doors(struct steward *steward, const char *kiosk)
{
	const struct node *node = world_kiosk(steward->person.world, kiosk);
	const json_t *view = steward_view(steward, (size_t)(node - steward->person.world->kiosks));
	const json_t *contents = json_object_get(view, "contents");
	json_t *compartments = json_array();
	for (size_t i = 0; i < json_array_size(contents); i++) {
		const char *name = text_of(json_array_get(contents, i), "item");
		struct known_item *item = witness_item(steward->person.world, name);
		if (!item || item->place != BEHIND_DOOR || item->bank != node)
			continue;
		json_array_append_new(compartments,
			json_pack("{s:i, s:s}", "compartment", item->door, "item", name));
	}
	return compartments;
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

static void plan_bank(struct steward *steward, const char *kiosk, const json_t *view)
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

static bool lies_at(struct steward *steward, const char *whom, const char *name, json_int_t door)
{
	struct world *world = steward->person.world;
	const struct known_item *item = witness_item(world, name);
	return item && item->place == BEHIND_DOOR && item->door == (int)door &&
	       item->bank == world_kiosk(world, whom + strlen("kiosk/"));
}

static void run_errand(struct steward *steward)
{
	json_t *errand = json_array_get(steward->errands, 0);
	json_incref(errand);
	json_array_remove(steward->errands, 0);
	const char *operation = text_of(errand, "operation");
	json_t *args = json_object_get(errand, "args");
	if (strcmp(operation, "confirm-bank") == 0)
		json_object_set_new(args, "compartments",
			look_behind_doors(steward, text_of(errand, "whom") + strlen("kiosk/")));
	json_int_t door = json_integer_value(json_object_get(args, "compartment"));
	if (strcmp(operation, "inspect") == 0 && door)
		json_object_set_new(args, "taken",
			json_boolean(!lies_at(
				steward, text_of(errand, "whom"), text_of(args, "item"), door)));
	if (strcmp(operation, "stock") == 0 || strcmp(operation, "collect") == 0)
		steward->openings++;
	person_ask(&steward->person, text_of(errand, "whom"), operation, json_incref(args));
	json_decref(errand);
}

/* --- the catalogue --- */

static void register_next(struct steward *steward)
{
	struct world *world = steward->person.world;
	size_t bank = steward->registered / WORLD_ITEMS, place = steward->registered % WORLD_ITEMS;
	char item[NAME_SIZE];
	world_item_name(item, bank, place);
	/* The last one of each bank costs nothing, and the first one is looked at after each
	 * return. */
	person_ask(&steward->person, "hub", "item-register",
		json_pack("{s:s, s:s, s:i, s:s, s:i, s:s, s:b}", "item", item, "title", item,
			"amount", place == WORLD_ITEMS - 1 ? 0 : 500 + 100 * (int)place, "currency",
			"EUR", "period", 1800, "kiosk", world->kiosks[bank].name, "inspect",
			place == 0));
}

static void answered(struct person *person, const char *code, const json_t *reply)
{
	struct steward *steward = (struct steward *)person;
	(void)reply;
	bool registering = steward->registered < person->world->kiosks_n * WORLD_ITEMS;
	if (registering && (strcmp(code, "ok") == 0 || strcmp(code, "exists") == 0))
		steward->registered++;
	steward->next = person->world->clock.boottime + WORK;
}

static void heard(struct person *person, const struct mqtt_message *message)
{
	struct steward *steward = (struct steward *)person;
	const char *bank = strstr(message->topic, "/view/");
	for (size_t i = 0; bank && i < person->world->kiosks_n; i++)
		if (strcmp(bank + strlen("/view/"), person->world->kiosks[i].name) == 0) {
			packet_release(steward->heard[i]);
			steward->heard[i] = packet_new(message, 0);
		}
}

const json_t *steward_view(struct steward *steward, size_t bank)
{
	struct packet *heard = steward->heard[bank];
	if (!heard)
		return steward->views[bank];
	json_decref(steward->views[bank]);
	steward->views[bank] = json_loadb(heard->message.payload, heard->message.size, 0, NULL);
	steward->heard[bank] = packet_release(heard);
	return steward->views[bank];
}

bool steward_sees_rentals(struct steward *steward)
{
	for (size_t i = 0; i < steward->person.world->kiosks_n; i++) {
		const json_t *view = steward_view(steward, i);
		const json_t *contents = json_object_get(view, "contents");
		for (size_t k = 0; k < json_array_size(contents); k++)
			if (json_object_get(json_array_get(contents, k), "rental"))
				return true;
	}
	return false;
}

/* --- time, life --- */

usec steward_next_due(const struct steward *steward)
{
	return usec_min(steward->next, person_next_due(&steward->person));
}

void steward_tick(struct steward *steward)
{
	struct world *world = steward->person.world;
	person_tick(&steward->person);
	if (steward->next > world->clock.boottime)
		return;
	steward->next = world->clock.boottime + PATIENCE;
	if (steward->registered < world->kiosks_n * WORLD_ITEMS) {
		register_next(steward);
	} else if (json_array_size(steward->errands) > 0) {
		run_errand(steward);
	} else {
		for (size_t i = 0; i < world->kiosks_n; i++)
			plan_bank(steward, world->kiosks[i].name, steward_view(steward, i));
		steward->next = world->clock.boottime + ROUND;
	}
}

void steward_init(struct steward *steward, struct world *world)
{
	person_init(&steward->person, world, WORLD_MANAGER, "view/+");
	steward->person.answered = answered;
	steward->person.heard = heard;
	steward->errands = json_array();
	steward->next = world->clock.boottime + 5 * SECOND;
}

void steward_free(struct steward *steward)
{
	person_free(&steward->person);
	for (size_t i = 0; i < STEWARD_BANKS; i++) {
		packet_release(steward->heard[i]);
		json_decref(steward->views[i]);
	}
	json_decref(steward->errands);
}
