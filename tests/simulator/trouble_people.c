/* Trouble with the provider, the doors and the managers. */
#include "tests/simulator/trouble_kinds.h"

/* --- the provider --- */

static void provider_back(struct world *world, struct trouble *trouble)
{
	(void)trouble;
	acquirer_down(world->acquirer, false);
}

void trouble_provider_down(struct world *world, struct trouble *trouble)
{
	world_count(world, COUNT_PROVIDER_DOWN);
	acquirer_down(world->acquirer, true);
	bool long_one = trouble_below(trouble, 8) == 0;
	trouble_until(world, trouble, long_one ? HOUR : trouble_lasts(trouble), provider_back);
}

static void provider_quick(struct world *world, struct trouble *trouble)
{
	(void)trouble;
	acquirer_slow(world->acquirer, false);
}

void trouble_provider_slow(struct world *world, struct trouble *trouble)
{
	world_count(world, COUNT_PROVIDER_SLUGGISH);
	acquirer_slow(world->acquirer, true);
	trouble_until(world, trouble, trouble_lasts(trouble), provider_quick);
}

/* --- doors --- */

static struct board *some_board(struct world *world, struct trouble *trouble)
{
	return world->kiosks[trouble_below(trouble, world->kiosks_n)].board;
}

/* Until the manager hears of it. */
void trouble_jam(struct world *world, struct trouble *trouble)
{
	world_count(world, COUNT_JAMMED);
	struct board *board = some_board(world, trouble);
	board_jam(board, 1 + (int)trouble_below(trouble, WORLD_DOORS), true);
}

void trouble_force(struct world *world, struct trouble *trouble)
{
	world_count(world, COUNT_FORCED);
	struct node *node = &world->kiosks[trouble_below(trouble, world->kiosks_n)];
	int door = 1 + (int)trouble_below(trouble, WORLD_DOORS);
	if (trouble_below(trouble, 3) == 0)
		witness_thief(world, node, door);
	board_force(node->board, door);
}

/* A contact bounces, for as long as nobody has shut the door with force. */
void trouble_noise(struct world *world, struct trouble *trouble)
{
	struct node *node = &world->kiosks[trouble_below(trouble, world->kiosks_n)];
	int door = 1 + (int)trouble_below(trouble, WORLD_DOORS);
	world_count(world, COUNT_NOISE);
	for (int times = 1 + (int)trouble_below(trouble, 30); times > 0; times--)
		board_flicker(node->board, door);
	node->touched = true;
	node->due = node->clock.boottime;
}

/* which: the bank; other: the door. */
static void sees_again(struct world *world, struct trouble *trouble)
{
	struct node *node = &world->kiosks[trouble->which];
	board_blind(node->board, (int)trouble->other, false);
}

void trouble_blind(struct world *world, struct trouble *trouble)
{
	size_t bank = (size_t)trouble_below(trouble, world->kiosks_n);
	int door = 1 + (int)trouble_below(trouble, WORLD_DOORS);
	trouble->which = bank;
	trouble->other = (size_t)door;
	world_count(world, COUNT_BLIND);
	world_say(world, "* the sensor of door %d of %s dies", door, world->kiosks[bank].name);
	board_blind(world->kiosks[bank].board, door, true);
	witness_blind(world, &world->kiosks[bank], door);
	trouble_until(world, trouble, 30 * MINUTE + (usec)trouble_below(trouble, HOUR), sees_again);
}

/* --- managers --- */

/* One that has a rental, if there is any: that is the worst moment. */
static struct known_item *some_item(struct world *world, struct trouble *trouble)
{
	struct witness *witness = &world->witness;
	size_t from = (size_t)trouble_below(trouble, witness->items_n);
	for (size_t i = 0; i < witness->items_n; i++) {
		struct known_item *item = &witness->items[(from + i) % witness->items_n];
		if (item->open && !item->withdrawn)
			return item;
	}
	return witness->items[from].withdrawn ? NULL : &witness->items[from];
}

void trouble_block(struct world *world, struct trouble *trouble)
{
	struct known_item *item = some_item(world, trouble);
	if (!item || !item->open)
		return;
	steward_plan(&world->steward, item->open->bank->name, "block",
		json_pack("{s:s, s:s}", "item", item->name, "reason", "worn"));
}

/* For good; another one takes its place. */
void trouble_withdraw(struct world *world, struct trouble *trouble)
{
	struct known_item *item = some_item(world, trouble);
	if (!item || world->copied_hub)
		return;
	item->withdrawn = true;
	steward_plan(&world->steward, NULL, "item-withdraw",
		json_pack("{s:s, s:s}", "item", item->name, "reason", "old"));
}

/* which: the item; other: where it was. */
static void move_back(struct world *world, struct trouble *trouble)
{
	if (world->copied_hub && !world->healed) {
		trouble_until(world, trouble, 10 * MINUTE, move_back);
		return;
	}
	steward_plan(&world->steward, NULL, "item-move",
		json_pack("{s:s, s:s}", "item", world->witness.items[trouble->which].name, "kiosk",
			world->kiosks[trouble->other].name));
}

void trouble_move(struct world *world, struct trouble *trouble)
{
	struct known_item *item = some_item(world, trouble);
	size_t to = (size_t)trouble_below(trouble, world->kiosks_n);
	if (!item || item->moves || world->copied_hub)
		return;
	item->moves = true;
	steward_plan(&world->steward, NULL, "item-move",
		json_pack("{s:s, s:s}", "item", item->name, "kiosk", world->kiosks[to].name));
	trouble->which = (size_t)(item - world->witness.items);
	trouble->other = trouble->which / WORLD_ITEMS;
	trouble_until(world, trouble, HOUR + (usec)trouble_below(trouble, HOUR), move_back);
}
