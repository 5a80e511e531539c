#include "tests/simulator/trouble.h"

#include "tests/simulator/world.h"

#define EVERY (80 * SECOND) /* on average */

static usec drawn(struct world *world, usec least, usec most)
{
	return least + (usec)world_below(world, (uint64_t)(most - least));
}

/* Many short ones, some long ones. */
static usec duration(struct world *world)
{
	static const usec upto[] = {
		SECOND, 5 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, 20 * MINUTE};
	return drawn(world, 10 * MSEC, upto[world_below(world, sizeof(upto) / sizeof(*upto))]);
}

/* Nothing more happens if too much is out of order already. */
static void until(
	struct world *world, usec time, void (*over)(struct world *, size_t), size_t which)
{
	for (size_t i = 0; i < TROUBLES_MAX; i++) {
		struct trouble_over *place = &world->trouble.overs[i];
		if (place->at != USEC_NEVER)
			continue;
		*place = (struct trouble_over){
			.at = world->clock.boottime + time, .over = over, .which = which};
		return;
	}
	over(world, which);
}

/* --- each kind --- */

static void kill_node(struct world *world)
{
	struct node *node = world->nodes[world_below(world, world->nodes_n)];
	if (!node->core)
		return;
	world->counts.died[node->kind == &node_kiosk ? 0 : node->kind == &node_hub ? 1 : 2]++;
	node->reboots = world_below(world, 4) == 0;
	world->counts.rebooted += node->reboots;
	if (world_below(world, 3) == 0) {
		node_kill(node);
		node->starts_at = world_downtime(world);
	} else {
		if (world_below(world, 2) == 0)
			node_doom_disk(node, 1 + (int)world_below(world, 60));
		else
			node->doom = 1 + (int)world_below(world, 12);
		world->counts.died_midway++;
	}
}

static void broker_back(struct world *world, size_t which)
{
	(void)which;
	broker_start(world->broker);
}

static void kill_broker(struct world *world)
{
	if (!broker_is_up(world->broker))
		return;
	world_trace(world, "broker dies");
	world->counts.broker_died++;
	broker_kill(world->broker);
	until(world, duration(world), broker_back, 0);
}

/* Links: those of the nodes, then those of the renters. */
static struct broker_link *link_at(struct world *world, size_t which)
{
	return which < world->nodes_n ? world->nodes[which]->link
				      : world->renters[which - world->nodes_n].person.link;
}

static void join(struct world *world, size_t which)
{
	if (link_at(world, which))
		broker_link_cut(link_at(world, which), false);
}

static void cut(struct world *world)
{
	size_t which = (size_t)world_below(world, world->nodes_n + world->renters_n);
	if (!link_at(world, which))
		return;
	world->counts.cuts++;
	broker_link_cut(link_at(world, which), true);
	until(world, duration(world), join, which);
}

static void reset(struct world *world)
{
	size_t which = (size_t)world_below(world, world->nodes_n + world->renters_n);
	if (!link_at(world, which))
		return;
	world->counts.resets++;
	broker_link_reset(link_at(world, which));
}

static void provider_back(struct world *world, size_t which)
{
	(void)which;
	node_provider_down(&world->ledger, false);
}

static void stop_provider(struct world *world)
{
	world->counts.provider_down++;
	node_provider_down(&world->ledger, true);
	until(world, duration(world), provider_back, 0);
}

static struct board *some_board(struct world *world)
{
	return world->kiosks[world_below(world, world->kiosks_n)].board;
}

/* Until the manager hears of it. */
static void jam(struct world *world)
{
	world->counts.jams++;
	board_jam(some_board(world), 1 + (int)world_below(world, WORLD_DOORS), true);
}

static void force(struct world *world)
{
	world->counts.forced++;
	board_force(some_board(world), 1 + (int)world_below(world, WORLD_DOORS));
}

static void disturb(struct world *world)
{
	static void (*const kinds[])(struct world *) = {kill_node, kill_node, kill_node, kill_node,
		kill_node, kill_node, kill_broker, cut, cut, cut, reset, reset, stop_provider, jam,
		force};
	kinds[world_below(world, sizeof(kinds) / sizeof(*kinds))](world);
}

/* --- time --- */

static void plan_next(struct world *world)
{
	world->trouble.next = world->clock.boottime + drawn(world, 0, 2 * EVERY);
}

void trouble_begin(struct world *world)
{
	for (size_t i = 0; i < TROUBLES_MAX; i++)
		world->trouble.overs[i].at = USEC_NEVER;
	/* The bank is stocked first. */
	world->trouble.next = world->clock.boottime + 10 * MINUTE;
}

usec trouble_next_due(const struct world *world)
{
	usec due = world->trouble.next;
	for (size_t i = 0; i < TROUBLES_MAX; i++)
		due = usec_min(due, world->trouble.overs[i].at);
	return due;
}

static void end_those_due(struct world *world, usec now)
{
	for (size_t i = 0; i < TROUBLES_MAX; i++) {
		struct trouble_over *over = &world->trouble.overs[i];
		if (over->at > now || over->at == USEC_NEVER)
			continue;
		over->at = USEC_NEVER;
		over->over(world, over->which);
	}
}

void trouble_run(struct world *world)
{
	end_those_due(world, world->clock.boottime);
	if (world->trouble.next > world->clock.boottime)
		return;
	disturb(world);
	plan_next(world);
}

void trouble_end(struct world *world)
{
	world->trouble.next = USEC_NEVER;
	end_those_due(world, USEC_NEVER - 1);
}
