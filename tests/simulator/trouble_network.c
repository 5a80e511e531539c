/* Trouble with the broker and the links to it. */
#include "tests/simulator/trouble_kinds.h"

#include <string.h>

static void broker_back(struct world *world, struct trouble *trouble)
{
	(void)trouble;
	broker_start(world->broker);
}

static void broker_dies(struct world *world, struct trouble *trouble, enum broker_store store)
{
	static const enum world_count counted[] = {
		[STORE_LOST] = COUNT_BROKER_DIED,
		[STORE_KEPT] = COUNT_BROKER_KEPT,
		[STORE_OLD] = COUNT_BROKER_OLD,
	};
	if (!broker_is_up(world->broker))
		return;
	world_count(world, COUNT_CRASHES);
	world_count(world, counted[store]);
	world_say(world, "* the broker dies");
	broker_kill(world->broker, store);
	trouble_until(world, trouble, trouble_lasts(trouble), broker_back);
}

void trouble_broker(struct world *world, struct trouble *trouble)
{
	broker_dies(world, trouble, trouble_below(trouble, 2) ? STORE_LOST : STORE_KEPT);
}

static void store_put_back(struct world *world, struct trouble *trouble)
{
	broker_dies(world, trouble, STORE_OLD);
}

/* What it retains is kept, and put back some time later. */
void trouble_old_store(struct world *world, struct trouble *trouble)
{
	broker_save(world->broker);
	usec later = MINUTE + (usec)trouble_below(trouble, HOUR);
	trouble_until(world, trouble, later, store_put_back);
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

void trouble_cut(struct world *world, struct trouble *trouble)
{
	trouble->which = some_link(world, trouble);
	if (!link_at(world, trouble->which))
		return;
	world_count(world, COUNT_PARTITIONS);
	world_count(world, COUNT_CUT);
	broker_link_cut(link_at(world, trouble->which), true);
	trouble_until(world, trouble, trouble_lasts(trouble), join);
}

void trouble_reset(struct world *world, struct trouble *trouble)
{
	struct broker_link *link = link_at(world, some_link(world, trouble));
	if (!link)
		return;
	world_count(world, COUNT_RESET);
	broker_link_reset(link);
}

/* --- between two of them --- */

/* The second board of a bank has the name of the first one, for a while: it is not asked for its
 * own. */
static const char *client_at(struct world *world, size_t which)
{
	if (which >= world->nodes_n)
		return world->renters[which - world->nodes_n].person.name;
	return world->nodes[which] == world->twin ? world->kiosks[0].name
						  : world->nodes[which]->name;
}

static void heal_split(struct world *world, struct trouble *trouble)
{
	broker_split(world->broker, client_at(world, trouble->which),
		client_at(world, trouble->other), false);
}

void trouble_split(struct world *world, struct trouble *trouble)
{
	size_t one = (size_t)trouble_below(trouble, world->nodes_n);
	/* Half of them with a ledger that does not hear of what it shall do. */
	if (trouble_below(trouble, 2) == 0)
		one = world->nodes_n - 1;
	size_t other = (size_t)trouble_below(trouble, world->nodes_n + world->renters_n);
	if (strcmp(client_at(world, one), client_at(world, other)) == 0)
		return;
	trouble->which = one;
	trouble->other = other;
	world_count(world, COUNT_PARTITIONS);
	world_count(world, COUNT_SPLIT);
	world_say(world, "* nothing passes between %s and %s", client_at(world, one),
		client_at(world, other));
	broker_split(world->broker, client_at(world, one), client_at(world, other), true);
	trouble_until(world, trouble, trouble_lasts(trouble), heal_split);
}

void trouble_half_open(struct world *world, struct trouble *trouble)
{
	struct broker_link *link = link_at(world, some_link(world, trouble));
	if (!link)
		return;
	world_count(world, COUNT_HALF_OPEN);
	broker_link_half_open(link, trouble_below(trouble, 2));
}

/* --- weather --- */

struct broker_faults trouble_weather(struct world *world)
{
	return (struct broker_faults){
		.tally = &world->calm,
		.delay = 2 * MSEC,
		.lost = world_spared(world, TROUBLE_LOSS) ? 0 : 5,
		.doubled = world_spared(world, TROUBLE_DOUBLES) ? 0 : 10,
		.overtaking = world_spared(world, TROUBLE_OVERTAKING) ? 0 : 5,
		.late_wills = world_spared(world, TROUBLE_LATE_WILLS) ? 0 : 300,
		.spread = world_spared(world, TROUBLE_DELAYS) ? 0 : 200 * MSEC,
	};
}

static void storm_over(struct world *world, struct trouble *trouble)
{
	(void)trouble;
	broker_set_faults(world->broker, trouble_weather(world));
}

void trouble_storm(struct world *world, struct trouble *trouble)
{
	struct broker_faults faults = trouble_weather(world);
	faults.tally = &world->stormy;
	faults.lost += (int)trouble_below(trouble, 300);
	faults.doubled += (int)trouble_below(trouble, 300);
	faults.overtaking += (int)trouble_below(trouble, 300);
	faults.spread += (usec)trouble_below(trouble, 20 * SECOND);
	world_count(world, COUNT_STORM);
	broker_set_faults(world->broker, faults);
	trouble_until(world, trouble, trouble_lasts(trouble), storm_over);
}
