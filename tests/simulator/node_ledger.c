#include "payment-adapter/adapter.h"
#include "tests/simulator/node.h"
#include "tests/simulator/world.h"

static int open_core(struct node *node)
{
	node->provider = acquirer_port(node->world->acquirer, node);
	const struct adapter_options options = {
		.site = WORLD_SITE,
		.name = node->name,
		.database = node->path,
		.vfs = crash_disk_vfs(node->disk),
		.clock = &node->clock.port,
		.random = &node->random.port,
		.mqtt = &node->port,
		.provider = node->provider,
		.settings = adapter_defaults(),
	};
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

static const char *const *filters(void *core)
{
	return adapter_filters(core);
}

static int message(void *core, const struct mqtt_message *got)
{
	return adapter_message(core, got);
}

static int connected(void *core)
{
	return adapter_connected(core);
}

static void disconnected(void *core)
{
	adapter_disconnected(core);
}

static const struct mqtt_message *will(void *core)
{
	return adapter_will(core);
}

static int taken_over(void *core)
{
	return adapter_taken_over(core);
}

static int tick(void *core)
{
	return adapter_tick(core);
}

static usec next_due(void *core)
{
	return adapter_next_due(core);
}

const struct node_kind node_ledger = {.name = "ledger",
	.open = open_core,
	.close = close_core,
	.filters = filters,
	.message = message,
	.connected = connected,
	.disconnected = disconnected,
	.will = will,
	.taken_over = taken_over,
	.tick = tick,
	.next_due = next_due};
