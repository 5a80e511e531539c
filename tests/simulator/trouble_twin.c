/* Two boards with one identity: a card was cloned, or a spare board was set up under a name that is
 * in use. They share the name, the client id and the network; the second one lies in a workshop:
 * whoever asks at it finds that no door opens. */
#include "tests/simulator/trouble_kinds.h"

static void put_away(struct world *world, struct trouble *trouble)
{
	struct node *twin = world->twin;
	(void)trouble;
	node_heal(twin);
	twin->reboots = true;
	if (twin->core)
		node_kill(twin);
	twin->starts_at = USEC_NEVER;
	twin->dead = twin->touched = false;
	witness_twin_ends(world);
	world_say(world, "* the second board of %s is put away", twin->name);
	TEXT_COPY(twin->name, "twin");
	world->twin_of = NULL;
	world->copied = false;
}

static void set_up(struct world *world, const struct node *node, bool cloned)
{
	struct node *twin = world->twin;
	struct crash_copy *copy = cloned ? crash_disk_copy(node->disk) : NULL;
	crash_disk_put_back(twin->disk, copy);
	crash_copy_free(copy);
	TEXT_COPY(twin->name, node->name);
	TEXT_COPY(twin->path, node->path);
	twin->reboots = true;
	twin->starts_at = world->clock.boottime;
	world->twin_of = node;
	world->copied = true;
	world_say(world, "* %s gets a second board%s", node->name,
		cloned ? " with a copy of its file" : "");
	witness_twin_begins(world, cloned);
}

void trouble_twin(struct world *world, struct trouble *trouble)
{
	struct node *node = &world->kiosks[trouble_below(trouble, world->kiosks_n)];
	bool instead = trouble_below(trouble, 3) == 0;
	bool cloned = trouble_below(trouble, 3) > 0;
	usec time = MINUTE + (usec)trouble_below(trouble, 40 * MINUTE);
	if (!node->core || node->dead || world->copied)
		return;
	world_count(world, cloned ? COUNT_TWIN : COUNT_TWIN_BLANK);
	set_up(world, node, cloned);
	trouble_until(world, trouble, time, put_away);
	if (!instead)
		return;
	/* It was taken out of service for the other one, and comes back with what it knew. */
	node->reboots = true;
	node_die(node);
	node->starts_at =
		world->clock.boottime + time - SECOND + (usec)trouble_below(trouble, MINUTE);
}
