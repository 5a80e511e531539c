#include "tests/simulator/check_places.h"

#include <string.h>

/* What lies behind its doors, its bank knows at that very door. Of what is astray nobody can have
 * known. */
static void check_known(struct world *world, const struct node *node, struct database *kiosk)
{
	for (size_t i = 0; i < world->witness.items_n; i++) {
		const struct known_item *item = &world->witness.items[i];
		if (item->place != BEHIND_DOOR || item->bank != node || item->astray)
			continue;
		int64_t door = database_number(
			kiosk, -1, "SELECT compartment FROM item WHERE item=?", "t", item->name);
		if (door != item->door)
			world_wrong(world, "place-known", item->name,
				"%s lies behind door %d of %s, which has it behind %lld",
				item->name, item->door, node->name, (long long)door);
	}
}

/* What its bank has behind a door lies there. */
static void check_there(
	struct world *world, const struct node *node, const char *name, int64_t door)
{
	const struct known_item *item = witness_item(world, name);
	if (!item || door == 0 || item->astray)
		return;
	if (item->place != BEHIND_DOOR || item->bank != node || item->door != door)
		world_wrong(world, "place-known", name,
			"%s has %s behind door %lld, and it does not lie there", node->name, name,
			(long long)door);
}

/* Where an item belongs, the hub's view has it as its bank does. */
static void check_view(
	struct world *world, const struct node *node, struct query *row, struct database *hub)
{
	const char *name = query_text(row, 0), *state = query_text(row, 1);
	int64_t door = query_int(row, 2);
	bool its_own = database_number(hub, 0,
		"SELECT count(*) FROM catalogue WHERE item=? AND kiosk=?", "tt", name, node->name);
	if (its_own &&
		database_number(hub, 0,
			"SELECT count(*) FROM item WHERE item=? AND state=? AND compartment=?",
			"tti", name, state, door) != 1)
		world_wrong(world, "view-item", name,
			"%s: %s is %s behind door %lld, and not so in the view", node->name, name,
			state, (long long)door);
}

void check_places(
	struct world *world, const struct node *node, struct database *kiosk, struct database *hub)
{
	check_known(world, node, kiosk);
	struct query *row = database_query(kiosk, "SELECT item, state, compartment FROM item", "");
	while (query_next(row)) {
		check_there(world, node, query_text(row, 0), query_int(row, 2));
		check_view(world, node, row, hub);
	}
}
