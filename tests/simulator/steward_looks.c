/* What a manager sees behind the doors, and has in their hands, when they get there. */
#include "tests/simulator/steward.h"
#include "tests/simulator/world.h"

#include <string.h>

#define HASTY 16            /* one of so many opens a door for what they do not have */
#define LATER 2             /* one of so many looks is spoken of later ... */
#define LATE  (10 * MINUTE) /* ... by up to so much */

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

static bool lies_at(struct steward *steward, const char *whom, const char *name, json_int_t door)
{
	struct world *world = steward->person.world;
	const struct known_item *item = witness_item(world, name);
	return item && item->place == BEHIND_DOOR && item->door == (int)door &&
	       item->bank == world_kiosk(world, whom + strlen("kiosk/"));
}

/* What they were about to put in they have in their hands, while its bank takes it to be behind a
 * door: it lay behind another one. */
bool steward_knows_better(const struct steward *steward, const json_t *entry)
{
	const struct known_item *item = witness_item(steward->person.world, text_of(entry, "item"));
	return item && item->place == WITH_MANAGER && item->manager == &steward->person &&
	       strcmp(text_of(entry, "state"), "available") == 0;
}

/* Of another item that its bank has behind that door; NULL: of none. */
static const json_t *booked_at(
	struct steward *steward, const struct node *bank, int door, const char *item)
{
	const json_t *view = steward_view(steward, (size_t)(bank - steward->person.world->kiosks));
	const json_t *entry;
	size_t i;
	json_array_foreach(json_object_get(view, "contents"), i, entry)
		if (json_integer_value(json_object_get(entry, "compartment")) == door &&
			strcmp(text_of(entry, "item"), item) != 0)
			return entry;
	return NULL;
}

/* It lies there already: the bank hears behind which door; or first, that what it has there is not.
 */
static bool find(struct steward *steward, const struct known_item *item, json_t *args)
{
	const json_t *booked = booked_at(steward, item->bank, item->door, item->name);
	if (booked)
		steward_plan_inspection(steward, item->bank->name, booked);
	json_object_set_new(args, "compartment", json_integer(item->door));
	return !booked;
}

/* It is gone for good. */
static void give_up(struct steward *steward, struct known_item *item)
{
	struct world *world = steward->person.world;
	if (item->withdrawn || world->copied_hub)
		return;
	item->withdrawn = true;
	world_count(world, COUNT_MISSED);
	steward_plan(steward, NULL, "item-withdraw",
		json_pack("{s:s, s:s}", "item", item->name, "reason", "stolen"));
}

/* What lies at another bank, is rented, or is in other hands, they leave alone; but now and then
 * they are at the door before they see that they do not have it. */
static bool fetch(struct steward *steward, const char *whom, json_t *args)
{
	struct world *world = steward->person.world;
	struct known_item *item = witness_item(world, text_of(args, "item"));
	if (!item)
		return true;
	if (item->place == BEHIND_DOOR && item->bank == world_kiosk(world, whom + strlen("kiosk/")))
		return find(steward, item, args);
	if (item->place == WITH_THIEF) {
		give_up(steward, item);
		return false;
	}
	bool hasty = !world_spared(world, TROUBLE_IMPATIENCE) && !world->healed &&
		     person_below(&steward->person, HASTY) == 0;
	return hasty || witness_hands_in(world, item, &steward->person);
}

bool steward_prepare(struct steward *steward, const char *whom, const char *operation, json_t *args)
{
	json_int_t door = json_integer_value(json_object_get(args, "compartment"));
	if (strcmp(operation, "confirm-bank") == 0)
		json_object_set_new(
			args, "compartments", look_behind_doors(steward, whom + strlen("kiosk/")));
	if (strcmp(operation, "inspect") == 0 && door)
		json_object_set_new(args, "taken",
			json_boolean(!lies_at(steward, whom, text_of(args, "item"), door)));
	return strcmp(operation, "stock") != 0 || fetch(steward, whom, args);
}

/* --- what is said later --- */

static bool is_a_look(const char *operation, const json_t *args)
{
	return strcmp(operation, "confirm-bank") == 0 ||
	       (strcmp(operation, "inspect") == 0 && json_object_get(args, "compartment"));
}

static bool is_same(const json_t *one, const json_t *other)
{
	return json_equal(json_object_get(one, "whom"), json_object_get(other, "whom")) &&
	       json_equal(json_object_get(one, "operation"), json_object_get(other, "operation")) &&
	       strcmp(text_of(json_object_get(one, "args"), "item"),
		       text_of(json_object_get(other, "args"), "item")) == 0;
}

static bool has_report(const struct steward *steward, const json_t *errand)
{
	size_t i;
	const json_t *report;
	json_array_foreach(steward->reports, i, report)
		if (is_same(report, errand))
			return true;
	return false;
}

bool steward_puts_off(struct steward *steward, json_t *errand)
{
	struct world *world = steward->person.world;
	usec now = world->clock.boottime;
	if (!is_a_look(text_of(errand, "operation"), json_object_get(errand, "args")))
		return false;
	if (has_report(steward, errand)) {
		json_decref(errand); /* they know it already, and will say so */
		return true;
	}
	if (world->healed || world_spared(world, TROUBLE_IMPATIENCE) ||
		person_below(&steward->person, LATER) > 0)
		return false;
	world_count(world, COUNT_SAID_LATER);
	json_object_set_new(errand, "looked_at", json_integer(now));
	json_object_set_new(
		errand, "at", json_integer(now + (usec)person_below(&steward->person, LATE)));
	json_array_append_new(steward->reports, errand);
	return true;
}

json_t *steward_due_report(struct steward *steward)
{
	size_t i;
	json_t *report;
	json_array_foreach(steward->reports, i, report) {
		if (json_integer_value(json_object_get(report, "at")) >
			steward->person.world->clock.boottime)
			continue;
		json_incref(report);
		json_array_remove(steward->reports, i);
		return report;
	}
	return NULL;
}
