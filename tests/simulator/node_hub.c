#include "hub/hub.h"
#include "tests/simulator/node_core.h"
#include "tests/simulator/world.h"

static int open_core(struct node *node)
{
	static const char *const managers[] = {WORLD_MANAGER, WORLD_DEPUTY, NULL};
	const struct hub_options options = {
		.site = WORLD_SITE,
		.database = node->path,
		.vfs = crash_disk_vfs(node->disk),
		.ledger = WORLD_LEDGER,
		.managers = managers,
		/* A day has many rentals, and holds that run out. */
		.settings = {.hold = 5 * 60,
			.extend = 5 * 60,
			.hold_max = 30 * 60,
			.pickup = 20 * 60,
			.lost = 3 * 3600,
			.report_within = 5 * 60,
			.rentals_max = 3},
		.clock = &node->clock.port,
		.random = &node->random.port,
		.mqtt = &node->port,
		.say_again = 5 * MINUTE,
	};
	struct hub *hub;
	int r = hub_open(&options, &hub);
	if (r == 0)
		node->core = hub;
	return r;
}

static void close_core(struct node *node)
{
	hub_close(node->core);
}

static int after(void *core)
{
	return hub_flush(core);
}

NODE_CORE(hub)

const struct node_kind node_hub = {
	.name = "hub", .open = open_core, .close = close_core, .after = after, NODE_CORE_CALLS};
