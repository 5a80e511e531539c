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
		witness_put_back(world, node, trouble->seq, trouble->noticed);
	else if (node == &world->hub)
		witness_hub_put_back(world);
	world->put_back_ledger |= node == &world->ledger;
	world->copied_hub = world->copied = false;
}

static void copy(struct world *world, struct trouble *trouble, struct node *node)
{
	for (size_t i = 0; i < world->nodes_n; i++)
		if (world->nodes[i] == node)
			trouble->which = i;
	world->copied = true;
	trouble->copy = crash_disk_copy(node->disk);
	trouble->seq = node->board ? witness_seq(world, node) : 0;
	/* What it has not said yet, nobody can miss. */
	trouble->noticed =
		node->board && witness_is_acked(world, node) && broker_link_is_up(node->link);
	world_say(world, "* the file of %s is copied", node->name);
	usec later = MINUTE +
		     (usec)trouble_below(trouble, trouble_below(trouble, 2) ? HOUR : 5 * MINUTE);
	trouble_until(world, trouble, later, put_back);
}

void trouble_copy_kiosk(struct world *world, struct trouble *trouble)
{
	struct node *node = &world->kiosks[trouble_below(trouble, world->kiosks_n)];
	if (!node->core || node->dead || world->copied)
		return;
	world_count(world, COUNT_COPY_KIOSK);
	copy(world, trouble, node);
}

void trouble_copy_hub(struct world *world, struct trouble *trouble)
{
	if (!world->hub.core || world->hub.dead || world->copied)
		return;
	world_count(world, COUNT_COPY_HUB);
	world->copied_hub = true;
	copy(world, trouble, &world->hub);
}

void trouble_copy_ledger(struct world *world, struct trouble *trouble)
{
	if (!world->ledger.core || world->ledger.dead || world->copied)
		return;
	world_count(world, COUNT_COPY_LEDGER);
	copy(world, trouble, &world->ledger);
}

/* Its disk is dead. */
void trouble_new_board(struct world *world, struct trouble *trouble)
{
	struct node *node = &world->kiosks[trouble_below(trouble, world->kiosks_n)];
	if (!node->core || node->dead || world->copied)
		return;
	world_count(world, COUNT_NEW_BOARD);
	world_say(world, "* %s gets a new board", node->name);
	node->reboots = true;
	node_heal(node);
	node_die(node);
	crash_disk_put_back(node->disk, NULL);
	witness_put_back(world, node, 0, true);
}
