#include "payment-adapter/adapter.h"
#include "tests/simulator/node_core.h"
#include "tests/simulator/world.h"

static int open_core(struct node *node)
{
	node->provider = acquirer_port(node->world->acquirer, node);
	struct adapter_options options = {
		.site = WORLD_SITE,
		.name = node->name,
		.database = node->path,
		.vfs = crash_disk_vfs(node->disk),
		.clock = &node->clock.port,
		.random = &node->random.port,
		.mqtt = &node->port,
		.say_again = 5 * MINUTE,
		.provider = node->provider,
		.settings = adapter_defaults(),
	};
	options.settings.key_lifetime = acquirer_key_lifetime(node->world);
	struct adapter *adapter;
	int r = adapter_open(&options, &adapter);
	if (r == 0)
		node->core = adapter;
	else
		node->provider = node->provider->free(node->provider);
	return r;
}

static void close_core(struct node *node)
{
	adapter_close(node->core);
	node->provider = node->provider->free(node->provider);
}

NODE_CORE(adapter)

const struct node_kind node_ledger = {
	.name = "ledger", .open = open_core, .close = close_core, NODE_CORE_CALLS};
