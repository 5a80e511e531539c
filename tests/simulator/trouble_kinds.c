/* Each kind of trouble: what it does, and what puts it right again. */
#include "tests/simulator/trouble_disk.h"
#include "tests/simulator/world.h"

/* --- power --- */

struct node *trouble_node(struct world *world, struct trouble *trouble)
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
static void crash(struct world *world, struct trouble *trouble)
{
	struct node *node = trouble_node(world, trouble);
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

/* --- the network --- */

static void broker_back(struct world *world, struct trouble *trouble)
{
	(void)trouble;
	broker_start(world->broker);
}

static void broker_dies(struct world *world, struct trouble *trouble)
{
	if (!broker_is_up(world->broker))
		return;
	world_count(world, COUNT_CRASHES);
	world_count(world, COUNT_BROKER_DIED);
	broker_kill(world->broker);
	trouble_until(world, trouble, trouble_lasts(trouble), broker_back);
}

/* Links: those of the nodes, then those of the renters. */
static struct broker_link *link_at(struct world *world, size_t which)
{
	return which < world->nodes_n ? world->nodes[which]->link
				      : world->renters[which - world->nodes_n].person.link;
}

/* Of the nodes more often than of a person. */
static size_t some_link(struct world *world, struct trouble *trouble)
{
	size_t bound =
		trouble_below(trouble, 4) ? world->nodes_n : world->nodes_n + world->renters_n;
	size_t from = (size_t)trouble_below(trouble, bound);
	for (size_t i = 0; i < bound; i++)
		if (link_at(world, (from + i) % bound))
			return (from + i) % bound;
	return from;
}

static void join(struct world *world, struct trouble *trouble)
{
	if (link_at(world, trouble->which))
		broker_link_cut(link_at(world, trouble->which), false);
}

static void cut(struct world *world, struct trouble *trouble)
{
	trouble->which = some_link(world, trouble);
	if (!link_at(world, trouble->which))
		return;
	world_count(world, COUNT_PARTITIONS);
	world_count(world, COUNT_CUT);
	broker_link_cut(link_at(world, trouble->which), true);
	trouble_until(world, trouble, trouble_lasts(trouble), join);
}

static void reset(struct world *world, struct trouble *trouble)
{
	struct broker_link *link = link_at(world, some_link(world, trouble));
	if (!link)
		return;
	world_count(world, COUNT_RESET);
	broker_link_reset(link);
}

/* --- the provider --- */

static void provider_back(struct world *world, struct trouble *trouble)
{
	(void)trouble;
	acquirer_down(world->acquirer, false);
}

static void provider_down(struct world *world, struct trouble *trouble)
{
	world_count(world, COUNT_PROVIDER_DOWN);
	acquirer_down(world->acquirer, true);
	bool long_one = trouble_below(trouble, 8) == 0;
	trouble_until(world, trouble, long_one ? HOUR : trouble_lasts(trouble), provider_back);
}

/* --- doors --- */

static struct board *some_board(struct world *world, struct trouble *trouble)
{
	return world->kiosks[trouble_below(trouble, world->kiosks_n)].board;
}

/* Until the manager hears of it. */
static void jam(struct world *world, struct trouble *trouble)
{
	world_count(world, COUNT_JAMMED);
	struct board *board = some_board(world, trouble);
	board_jam(board, 1 + (int)trouble_below(trouble, WORLD_DOORS), true);
}

static void force(struct world *world, struct trouble *trouble)
{
	world_count(world, COUNT_FORCED);
	struct board *board = some_board(world, trouble);
	board_force(board, 1 + (int)trouble_below(trouble, WORLD_DOORS));
}

/* --- all --- */

const struct trouble_habit trouble_habits[TROUBLE_KINDS] = {
	[TROUBLE_CRASH] = {"a crash", 90, crash},
	[TROUBLE_DISK] = {"a disk fails", 12, trouble_disk_fails},
	[TROUBLE_SYNC] = {"a sync fails", 6, trouble_disk_sync_fails},
	[TROUBLE_FULL] = {"a disk is full", 3, trouble_disk_full},
	[TROUBLE_MEMORY] = {"memory runs short", 6, trouble_memory_short},
	[TROUBLE_BROKER] = {"the broker dies", 12, broker_dies},
	[TROUBLE_CUT] = {"a link is cut", 30, cut},
	[TROUBLE_RESET] = {"a link is reset", 20, reset},
	[TROUBLE_PROVIDER_DOWN] = {"the provider is down", 8, provider_down},
	[TROUBLE_JAM] = {"a door jams", 12, jam},
	[TROUBLE_FORCE] = {"a door is forced", 12, force},
	[TROUBLE_LOSS] = {"messages are lost", 0, NULL},
	[TROUBLE_DOUBLES] = {"messages come twice", 0, NULL},
	[TROUBLE_DELAYS] = {"messages are late", 0, NULL},
	[TROUBLE_PROVIDER_FAULTS] = {"the provider errs", 0, NULL},
	[TROUBLE_CARELESS_HANDS] = {"careless hands", 0, NULL},
	[TROUBLE_IMPATIENCE] = {"impatient people", 0, NULL},
};
