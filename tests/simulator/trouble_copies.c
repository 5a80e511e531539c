/* Databases put back to an old copy, and boards with none at all. */
#include "tests/simulator/trouble_kinds.h"

/* A copy is made now, and some time later it is all that is left. */
static void put_back(struct world *world, struct trouble *trouble)
{
	struct node *node = world->nodes[trouble->which];
	struct crash_copy *copy = trouble->copy;
	trouble->copy = NULL;
	node->reboots = true;
	node_heal(node);
	node_die(node);
	world_say(world, "* %s is put back to an old copy", node->name);
	crash_disk_put_back(node->disk, copy);
	crash_copy_free(copy);
	if (node->board)
		witness_put_back(world, node, false, trouble->noticed);
	else if (node == &world->hub)
		witness_hub_put_back(world);
	world->put_back_ledger |= node == &world->ledger;
	world->copied_hub = world->copied = false;
}

static void copy(struct world *world, struct trouble *trouble, struct node *node, usec later)
{
	for (size_t i = 0; i < world->nodes_n; i++)
		if (world->nodes[i] == node)
			trouble->which = i;
	world->copied = true;
	trouble->copy = crash_disk_copy(node->disk);
	if (node->board)
		witness_copied(world, node);
	/* What it has not said yet, nobody can miss. */
	trouble->noticed =
		node->board && witness_is_acked(world, node) && broker_link_is_up(node->link);
	world_say(world, "* the file of %s is copied", node->name);
	trouble_until(world, trouble, later, put_back);
}

static usec some_time(struct trouble *trouble)
{
	return MINUTE + (usec)trouble_below(trouble, trouble_below(trouble, 2) ? HOUR : 5 * MINUTE);
}

static bool may_copy(const struct world *world, const struct node *node)
{
	return node->core && !node->dead && !world->copied;
}

/* In the midst of something: what the copy then makes of it, and what had become of it, have the
 * same numbers. */
static void copy_at_door(struct world *world, struct trouble *trouble)
{
	for (size_t k = 0; k < world->kiosks_n && !world->healed; k++) {
		struct node *node = &world->kiosks[k];
		if (!may_copy(world, node) || !witness_is_busy(world, node))
			continue;
		usec later = 200 * MSEC + (usec)trouble_below(trouble, 4 * SECOND);
		world_count(world, COUNT_COPY_BUSY);
		copy(world, trouble, node, later);
		return;
	}
	if (!world->healed)
		trouble_until(world, trouble, SECOND, copy_at_door);
}

void trouble_copy_kiosk(struct world *world, struct trouble *trouble)
{
	struct node *node = &world->kiosks[trouble_below(trouble, world->kiosks_n)];
	usec later = some_time(trouble);
	if (!may_copy(world, node))
		return;
	world_count(world, COUNT_COPY_KIOSK);
	copy(world, trouble, node, later);
}

void trouble_copy_busy(struct world *world, struct trouble *trouble)
{
	copy_at_door(world, trouble);
}

void trouble_copy_hub(struct world *world, struct trouble *trouble)
{
	if (!may_copy(world, &world->hub))
		return;
	world_count(world, COUNT_COPY_HUB);
	world->copied_hub = true;
	/* Said meanwhile to the banks, and forgotten with the hub's file. */
	const char *item =
		world->witness.items[trouble_below(trouble, world->witness.items_n)].name;
	steward_plan(&world->steward, NULL, "item-change",
		json_pack("{s:s, s:s}", "item", item, "title", "another name"));
	copy(world, trouble, &world->hub, some_time(trouble));
}

void trouble_copy_ledger(struct world *world, struct trouble *trouble)
{
	if (!may_copy(world, &world->ledger))
		return;
	world_count(world, COUNT_COPY_LEDGER);
	copy(world, trouble, &world->ledger, some_time(trouble));
}

/* Its disk is dead. */
static void replace_board(struct world *world, struct trouble *trouble)
{
	struct node *node = world->nodes[trouble->which];
	broker_split(world->broker, node->name, world->hub.name, false);
	world->copied = false;
	world_say(world, "* %s gets a new board", node->name);
	node->reboots = true;
	node_heal(node);
	node_die(node);
	crash_disk_put_back(node->disk, NULL);
	witness_put_back(world, node, true, true);
}

/* At once; or the hub does not hear of the last things that it does. */
void trouble_new_board(struct world *world, struct trouble *trouble)
{
	trouble->which = (size_t)trouble_below(trouble, world->kiosks_n);
	const struct node *node = world->nodes[trouble->which];
	bool unheard = trouble_below(trouble, 2) == 0;
	usec later = MINUTE + (usec)trouble_below(trouble, 10 * MINUTE);
	if (!may_copy(world, node))
		return;
	world_count(world, COUNT_NEW_BOARD);
	if (!unheard) {
		replace_board(world, trouble);
		return;
	}
	world->copied = true;
	broker_split(world->broker, node->name, world->hub.name, true);
	world_say(world, "* %s and the hub do not hear each other any more", node->name);
	trouble_until(world, trouble, later, replace_board);
}
