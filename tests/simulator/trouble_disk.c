/* Trouble with the disk and the memory of a node, which makes it stop and start again. */
#include "tests/simulator/trouble_kinds.h"

#include <limits.h>

void trouble_disk_fails(struct world *world, struct trouble *trouble)
{
	static const enum crash_fault faults[] = {
		CRASH_READ, CRASH_WRITE, CRASH_WRITE, CRASH_TRUNCATE, CRASH_OPEN};
	struct node *node = trouble_some_node(world, trouble);
	if (!node)
		return;
	enum crash_fault fault = faults[trouble_below(trouble, sizeof(faults) / sizeof(*faults))];
	int n = 1 + (int)trouble_below(trouble, 20), times = 1 + (int)trouble_below(trouble, 3);
	crash_disk_break(node->disk, fault, n, times);
	/* These are seldom done while it runs. */
	if (fault == CRASH_TRUNCATE || fault == CRASH_OPEN || fault == CRASH_READ) {
		crash_disk_break(node->disk, fault, 1, times);
		node_die(node);
	}
}

void trouble_disk_sync_fails(struct world *world, struct trouble *trouble)
{
	struct node *node = trouble_some_node(world, trouble);
	int n = 1 + (int)trouble_below(trouble, 10);
	if (node)
		crash_disk_break(node->disk, CRASH_SYNC, n, 1);
}

static void has_room(struct world *world, struct trouble *trouble)
{
	crash_disk_break(world->nodes[trouble->which]->disk, CRASH_FULL, 1, 0);
}

void trouble_disk_full(struct world *world, struct trouble *trouble)
{
	trouble->which = (size_t)trouble_below(trouble, world->nodes_n);
	crash_disk_break(world->nodes[trouble->which]->disk, CRASH_FULL, 1, INT_MAX);
	trouble_until(world, trouble, trouble_lasts(trouble), has_room);
}

void trouble_memory_short(struct world *world, struct trouble *trouble)
{
	struct node *node = trouble_some_node(world, trouble);
	int n = 1 + (int)trouble_below(trouble, 3000);
	if (node)
		node->memory = n;
}
