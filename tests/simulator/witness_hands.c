/* Whose hands move which item where. They move what is in them, or what they find. */
#include "lib/domain/rental.h"
#include "tests/simulator/witness.h"
#include "tests/simulator/world.h"

#include <string.h>

bool witness_is_manager(const struct person *who)
{
	return strcmp(who->name, WORLD_MANAGER) == 0 || strcmp(who->name, WORLD_DEPUTY) == 0;
}

static bool is(const struct known_ask *ask, const char *operation)
{
	return strcmp(ask->operation, operation) == 0;
}

static void put(struct world *world, struct known_item *item, const struct node *bank, int door,
	bool watched)
{
	item->place = BEHIND_DOOR;
	item->bank = bank;
	item->door = door;
	item->renter = NULL;
	item->astray = !watched;
	item->moved_at = world->clock.boottime;
}

static void take(struct world *world, const struct known_ask *ask, struct known_item *inside)
{
	struct known_rental *rental = ask->rental;
	if (inside && inside == rental->item) {
		rental->door = inside->door;
		inside->place = WITH_RENTER;
		inside->moved_at = world->clock.boottime;
		inside->renter = rental->renter;
		inside->taken_for = rental;
		inside->astray = false;
		rental->taken = true;
		witness_looks_handled(inside);
		world_say(world, "%s is taken out by the renter of %s", inside->name, rental->id);
	} else if (!rental->taken) {
		rental->empty = true;
		world_say(world, "the renter of %s finds nothing of theirs", rental->id);
	}
}

/* Now, or they had before: then they see that it lies there; or that it does not, and its bank
 * thinks that it does. */
static void bring_back(struct world *world, const struct known_ask *ask,
	const struct known_item *inside, const struct node *bank, int door, bool watched)
{
	struct known_item *item = ask->item;
	bool has_it = item->place == WITH_RENTER && item->renter == ask->who;
	if (inside == item || (!inside && has_it))
		put(world, item, bank, door, watched);
	else
		item->astray = true;
	witness_looks_handled(item);
}

static void take_in(struct world *world, struct known_item *item, const struct person *manager)
{
	item->place = WITH_MANAGER;
	item->manager = manager;
	item->renter = NULL;
	item->moved_at = world->clock.boottime;
}

/* A manager takes out what does not belong there, and puts in what should be there, if they have it
 * in their hands: nothing, if not, and the bank is told that it is there. */
static void stock(struct world *world, const struct known_ask *ask, struct known_item *inside,
	const struct node *bank, int door)
{
	struct known_item *item = ask->item;
	if (inside && inside != item) {
		take_in(world, inside, ask->who);
		inside->astray = true;
	}
	if (inside == item || (item->place == WITH_MANAGER && item->manager == ask->who)) {
		put(world, item, bank, door, true);
		return;
	}
	world_count(world, COUNT_EMPTY_HANDS);
	world_say(world, "%s has no %s to put in", ask->who->name, item->name);
	item->astray = true;
}

/* Whoever asked does it. */
void witness_reach_in(struct world *world, const struct node *bank, int door)
{
	struct known_door *known = &witness_bank(world, bank)->doors[door];
	struct known_item *inside = witness_behind(world, bank, door);
	const struct known_ask *ask = &known->ask;
	if (is(ask, "stock"))
		stock(world, ask, inside, bank, door);
	else if (is(ask, "collect") && inside == ask->item)
		take_in(world, inside, ask->who);
	else if (is(ask, "return"))
		bring_back(world, ask, inside, bank, door, known->watched);
	else if (is(ask, "open") || is(ask, "hand-over"))
		take(world, ask, inside);
}

/* Its rental is over, and no door is opened for it any more. */
static bool is_over(const struct known_rental *rental)
{
	return rental && (rental->lost || rental_is_final((enum rental_state)rental->state));
}

bool witness_hands_in(struct world *world, struct known_item *item, const struct person *manager)
{
	if (item->place == WITH_MANAGER && !item->manager)
		item->manager = manager;
	if (item->place == WITH_MANAGER)
		return item->manager == manager;
	if (item->place != WITH_RENTER || !is_over(item->taken_for))
		return false;
	world_count(world, COUNT_HANDED_IN);
	world_say(world, "%s is handed in to %s", item->name, manager->name);
	take_in(world, item, manager);
	return true;
}

/* Half of them do. Its bank cannot know, and counts the door as taken until somebody has looked. */
void witness_puts_back(struct world *world, const struct known_rental *rental, const json_t *told)
{
	struct known_item *item = rental->item;
	struct known_door *known =
		rental->bank ? &witness_bank(world, rental->bank)->doors[rental->door] : NULL;
	bool stays = world_hash(WORLD_HASH_START, rental->id, strlen(rental->id)) % 2;
	if (!known || !known->open || known->ask.rental != rental || item->place != WITH_RENTER ||
		item->taken_for != rental || stays)
		return;
	json_int_t door = json_integer_value(json_object_get(told, "compartment"));
	world_count(world, COUNT_LEFT_THERE);
	world_say(world, "%s is put back, and reported", item->name);
	put(world, item, rental->bank, rental->door, known->watched);
	if (door != rental->door && !item->astray)
		world_wrong(world, "door-kept", rental->id,
			"%s was reported and may lie behind door %d, and its bank has it at %lld",
			item->name, rental->door, (long long)door);
}

void witness_thief(struct world *world, const struct node *bank, int door)
{
	witness_bank(world, bank)->doors[door].thief_at = world->clock.boottime;
}

void witness_steals(struct world *world, const struct node *bank, int door)
{
	struct known_door *known = &witness_bank(world, bank)->doors[door];
	struct known_item *inside = witness_behind(world, bank, door);
	if (!inside || known->thief_at != world->clock.boottime)
		return;
	world_count(world, COUNT_STOLEN);
	world_say(world, "%s is stolen from behind door %d of %s", inside->name, door, bank->name);
	inside->place = WITH_THIEF;
	inside->moved_at = world->clock.boottime;
	inside->astray |= !known->forced; /* its bank did not see that */
	known->stolen = inside;
}
