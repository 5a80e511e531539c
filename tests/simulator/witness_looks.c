/*
 * A person looks before an item is lent to anybody else: what was reported, blocked, behind a door
 * that was forced, or at one that a crash cut short, is not reserved until a manager has asked for
 * something that they look at it for. Who had it by then may go on with it.
 */
#include "lib/domain/rental.h"
#include "tests/simulator/witness.h"
#include "tests/simulator/world.h"

#include <string.h>

#define SEEN_WITHIN (5 * SECOND) /* a door's contact, through its filter, to the disk */

/* Why it may not be there. */
static const char cut_short[] = "its door was cut short", forced[] = "its door was forced";

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text ? text : "";
}

static void doubt(struct world *world, struct known_item *item, const char *why, usec from)
{
	world_say(world, "%s is in doubt: %s", item->name, why);
	item->doubt = why;
	item->doubt_at = from;
}

/* Whoever asked in doubt until now may be answered after it. */
static void look_at(struct known_item *item)
{
	item->doubt = NULL;
	item->asked_in_doubt[0] = '\0';
}

static bool is_a_look(const char *operation)
{
	static const char *const those[] = {"inspect", "stock", "collect"};
	for (size_t i = 0; i < sizeof(those) / sizeof(*those); i++)
		if (strcmp(those[i], operation) == 0)
			return true;
	return false;
}

void witness_looks_asked(struct world *world, struct known_item *item, const struct node *bank,
	const char *operation, const char *id)
{
	bool all = strcmp(operation, "confirm-bank") == 0;
	for (size_t i = 0; all && i < world->witness.items_n; i++)
		look_at(&world->witness.items[i]);
	if (item && is_a_look(operation))
		look_at(item);
	if (item && strcmp(operation, "reserve") == 0 && item->doubt &&
		item->doubt_at < world->clock.boottime &&
		!world->witness.banks[bank - world->kiosks].put_back)
		TEXT_COPY(item->asked_in_doubt, id);
}

static void judge(struct world *world, const json_t *reply)
{
	for (size_t i = 0; i < world->witness.items_n; i++) {
		struct known_item *item = &world->witness.items[i];
		if (!item->doubt || !item->asked_in_doubt[0] ||
			strcmp(item->asked_in_doubt, text_of(reply, "id")) != 0)
			continue;
		world_wrong(world, "lent-unlooked", item->name,
			"%s is reserved, and nobody has looked at it: %s", item->name, item->doubt);
		look_at(item);
	}
}

/* The bank has stored that. */
void witness_looks_replied(struct world *world, const json_t *reply)
{
	const char *operation = text_of(reply, "operation");
	struct known_item *item =
		witness_item(world, text_of(json_object_get(reply, "item"), "item"));
	const struct known_rental *rental =
		witness_rental(world, text_of(json_object_get(reply, "rental"), "rental"));
	usec now = world->clock.boottime;
	if (strcmp(text_of(reply, "code"), "ok") != 0)
		return;
	if (strcmp(operation, "reserve") == 0)
		judge(world, reply);
	else if (item && is_a_look(operation))
		look_at(item);
	else if (item && strcmp(operation, "block") == 0)
		doubt(world, item, "it is blocked", now);
	else if (rental && rental->item && strcmp(operation, "report") == 0)
		doubt(world, rental->item, "it was reported", now);
}

void witness_looks_noted(struct world *world, const char *type, const json_t *data)
{
	const struct known_rental *rental = witness_rental(world, text_of(data, "rental"));
	if (rental && rental->item && strcmp(type, "rental.interrupted") == 0 &&
		rental->state == RENTAL_PAID)
		doubt(world, rental->item, cut_short, world->clock.boottime);
}

/* A renter who had it by then, and takes it out or brings it back, knows where it was. */
void witness_looks_handled(struct known_item *item)
{
	if (item->doubt == cut_short || item->doubt == forced)
		look_at(item);
}

/* Nobody asked for it, and the bank saw all of it. */
void witness_looks_forced(struct world *world, struct known_item *inside)
{
	if (inside && !inside->open)
		doubt(world, inside, forced, world->clock.boottime + SEEN_WITHIN);
}

/* What it had not stored yet it does not know. */
void witness_looks_died(struct world *world, const struct node *bank)
{
	for (size_t i = 0; i < world->witness.items_n; i++) {
		struct known_item *item = &world->witness.items[i];
		if (item->bank == bank && item->doubt && item->doubt_at > world->clock.boottime)
			look_at(item);
	}
}
