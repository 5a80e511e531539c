#include "payment-adapter/adapter.h"
#include "payment-adapter/provider_sandbox.h"
#include "tests/simulator/node.h"
#include "tests/simulator/world.h"

#include <stdlib.h>

/* What the adapter sees of the provider: nothing reaches it from one that has died. */
struct guarded {
	struct provider_port port; /* first: the port is the object */
	struct provider_port *provider;
	struct node *node;
};

static struct provider_port *provider_of(struct provider_port *port)
{
	return ((struct guarded *)port)->provider;
}

static int begin(struct provider_port *port, const struct provider_order *order)
{
	if (!node_acts(((struct guarded *)port)->node))
		return 0;
	return provider_of(port)->begin(provider_of(port), order);
}

static int next_verdict(struct provider_port *port, struct provider_verdict *ret_verdict)
{
	return provider_of(port)->next_verdict(provider_of(port), ret_verdict);
}

static int fd(struct provider_port *port)
{
	return provider_of(port)->fd(provider_of(port));
}

static usec due_of(struct provider_port *port)
{
	return provider_of(port)->next_due(provider_of(port));
}

static void tick_of(struct provider_port *port, usec boottime)
{
	provider_of(port)->tick(provider_of(port), boottime);
}

static struct provider_port *free_of(struct provider_port *port)
{
	provider_of(port)->free(provider_of(port));
	free(port);
	return NULL;
}

static struct provider_port *guard(struct provider_port *provider, struct node *node)
{
	struct guarded *guarded = calloc(1, sizeof(*guarded));
	if (!guarded)
		abort();
	*guarded = (struct guarded){
		.port = {.begin = begin,
			.next_verdict = next_verdict,
			.fd = fd,
			.next_due = due_of,
			.tick = tick_of,
			.free = free_of},
		.provider = provider,
		.node = node,
	};
	return &guarded->port;
}

/* Now and then a call has no answer, or a late one. Declined cards come with the method. */
static int open_provider(struct node *node)
{
	struct provider_sandbox_settings settings = provider_sandbox_defaults(node->provider_path);
	if (!node->world->healed) {
		settings.per_thousand[SANDBOX_ERROR] = 30;
		settings.per_thousand[SANDBOX_TIMEOUT] = 20;
		settings.per_thousand[SANDBOX_LOST] = 30;
		settings.per_thousand[SANDBOX_LATE] = 10;
		settings.per_thousand[SANDBOX_NOTFOUND] = 10;
	}
	struct provider_port *provider;
	int r = provider_sandbox_new(&settings, &node->clock.port, &node->random.port, &provider);
	if (r < 0)
		return r;
	provider_sandbox_down(provider, node->provider_down);
	node->provider = guard(provider, node);
	return 0;
}

static int open_core(struct node *node)
{
	int r = open_provider(node);
	if (r < 0)
		return r;
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
	r = adapter_open(&options, &adapter);
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

void node_provider_down(struct node *node, bool down)
{
	node->provider_down = down;
	if (node->provider)
		provider_sandbox_down(provider_of(node->provider), down);
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
