/* Trouble with the machines: their power, their clocks. */
#include "tests/simulator/trouble_kinds.h"

/* --- power --- */

struct node *trouble_some_node(struct world *world, struct trouble *trouble)
{
	size_t from = (size_t)trouble_below(trouble, world->nodes_n);
	for (size_t i = 0; i < world->nodes_n; i++) {
		struct node *node = world->nodes[(from + i) % world->nodes_n];
		if (node->core && !node->doom && !node->dead)
			return node;
	}
	return NULL;
}

/* Some at once, most of them soon, before something that they are about to do or to write. */
void trouble_crash(struct world *world, struct trouble *trouble)
{
	struct node *node = trouble_some_node(world, trouble);
	if (!node)
		return;
	bool reboots = trouble_below(trouble, 4) == 0, now = trouble_below(trouble, 3) == 0;
	bool writing = trouble_below(trouble, 2) == 0;
	int acts = 1 + (int)trouble_below(trouble, 12),
	    writes = 1 + (int)trouble_below(trouble, 60);
	node->reboots = reboots;
	if (now)
		node_die(node);
	else if (writing)
		node_doom_disk(node, writes);
	else
		node->doom = acts;
}

/* --- clocks --- */

static void clock_right(struct world *world, struct trouble *trouble)
{
	struct node *node = world->nodes[trouble->which];
	node->clock.wall = world->clock.wall;
	node->clock.synchronised = true;
	node->touched = true;
}

static void clock_wrong(
	struct world *world, struct trouble *trouble, struct node *node, bool synchronised)
{
	for (size_t i = 0; i < world->nodes_n; i++)
		if (world->nodes[i] == node)
			trouble->which = i;
	node->clock.synchronised = synchronised;
	node->touched = true;
	trouble_until(world, trouble, trouble_lasts(trouble), clock_right);
}

/* Forwards or back; now and then the machine is sure of it. */
void trouble_clock_jump(struct world *world, struct trouble *trouble)
{
	static const usec upto[] = {10 * SECOND, 10 * MINUTE, 3 * HOUR, 40 * DAY};
	struct node *node = trouble_some_node(world, trouble);
	bool sure = trouble_below(trouble, 3) == 0;
	size_t which = (size_t)trouble_below(trouble, sizeof(upto) / sizeof(*upto));
	if (!node)
		return;
	/* What is believed of it must be over before the day is. */
	usec most = sure ? usec_min(HOUR, upto[which]) : upto[which];
	usec leap = (usec)trouble_below(trouble, (uint64_t)most);
	bool back = trouble_below(trouble, 2);
	world_count(world, back ? COUNT_CLOCK_BACK : COUNT_CLOCK_AHEAD);
	world_say(world, "* the clock of %s jumps by %lld s", node->name,
		(long long)((back ? -leap : leap) / SECOND));
	node->clock.wall += back ? -leap : leap;
	clock_wrong(world, trouble, node, sure);
}

static void drift_over(struct world *world, struct trouble *trouble)
{
	world->nodes[trouble->which]->drift = 0;
}

/* Up to a thousandth, for hours. */
void trouble_clock_drift(struct world *world, struct trouble *trouble)
{
	trouble->which = (size_t)trouble_below(trouble, world->nodes_n);
	world->nodes[trouble->which]->drift = (int)trouble_below(trouble, 2000) - 1000;
	world_count(world, COUNT_CLOCK_DRIFT);
	trouble_until(world, trouble, HOUR + (usec)trouble_below(trouble, 6 * HOUR), drift_over);
}

/* A machine without a clock of its own starts, and asks for the time only later. */
void trouble_clock_1970(struct world *world, struct trouble *trouble)
{
	struct node *node = trouble_some_node(world, trouble);
	if (!node)
		return;
	world_count(world, COUNT_CLOCK_1970);
	node->reboots = true;
	node_die(node);
	node->clock.wall = 20 * SECOND;
	clock_wrong(world, trouble, node, false);
}
