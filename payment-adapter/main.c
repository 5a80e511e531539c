/* lendlock-payment-adapter: configuration, the provider, the ledger, and the loop around them. */
#include "lib/base/log.h"
#include "payment-adapter/config.h"
#include "payment-adapter/provider_sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static int on_message(void *node, const struct mqtt_message *message)
{
	return adapter_message(node, message);
}

static int on_connected(void *node)
{
	return adapter_connected(node);
}

static void on_disconnected(void *node)
{
	adapter_disconnected(node);
}

static const struct mqtt_message *on_will(void *node)
{
	return adapter_will(node);
}

static int on_taken_over(void *node)
{
	return adapter_taken_over(node);
}

static int on_tick(void *node)
{
	return adapter_tick(node);
}

static usec on_next_due(void *node)
{
	return adapter_next_due(node);
}

static bool on_healthy(void *node)
{
	return adapter_healthy(node);
}

static const struct daemon_node calls = {
	.message = on_message,
	.connected = on_connected,
	.disconnected = on_disconnected,
	.will = on_will,
	.taken_over = on_taken_over,
	.tick = on_tick,
	.next_due = on_next_due,
	.healthy = on_healthy,
};

static int open_provider(const struct adapter_config *config, struct clock_port *clock,
	struct provider_port **ret_provider)
{
	struct provider_sandbox_settings settings =
		provider_sandbox_defaults(config->sandbox_database);
	settings.delay = config->sandbox_delay;
	settings.spread = config->sandbox_spread;
	settings.slow = config->sandbox_slow;
	settings.timeout = config->sandbox_timeout;
	settings.calls = config->settings.calls;
	log_warning("the provider is a sandbox: no money moves");
	return provider_sandbox_new(&settings, clock, random_os(), ret_provider);
}

static int serve(const struct adapter_config *config, struct provider_port *provider,
	struct clock_port *clock, struct daemon *daemon)
{
	const struct adapter_options options = {
		.site = config->site,
		.name = config->name,
		.database = config->database,
		.clock = clock,
		.random = random_os(),
		.mqtt = daemon_mqtt(daemon),
		.provider = provider,
		.settings = config->settings,
	};
	struct adapter *adapter = NULL;
	int r = adapter_open(&options, &adapter);
	if (r == 0 && provider->fd(provider) >= 0)
		r = daemon_watch(daemon, provider->fd(provider), on_tick, adapter);
	if (r == 0)
		r = daemon_run(daemon, &calls, adapter, adapter_filters(adapter));
	adapter_close(adapter);
	return r;
}

static int run(const struct adapter_config *config)
{
	struct clock_port *clock = clock_os_new(config->clock_trusted);
	struct provider_port *provider = NULL;
	struct daemon *daemon = NULL;
	int r = daemon_new(&config->broker, config->name, clock, &daemon);
	if (r == 0)
		r = open_provider(config, clock, &provider);
	if (r == 0)
		r = serve(config, provider, clock, daemon);
	daemon_free(daemon);
	if (provider)
		provider->free(provider);
	clock_os_free(clock);
	return r;
}

/* Takes the one option that is no configuration out of the arguments. */
static bool take_option(int *argc, char **argv, const char *option)
{
	for (int i = 1; i < *argc; i++)
		if (strcmp(argv[i], option) == 0) {
			memmove(&argv[i], &argv[i + 1], (size_t)(*argc - i) * sizeof(*argv));
			*argc -= 1;
			return true;
		}
	return false;
}

int main(int argc, char **argv)
{
	static const enum log_level levels[] = {
		LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG};
	struct adapter_config config;
	bool list = take_option(&argc, argv, "--list-open");
	int r = config_load(&adapter_config_table, argc, argv, &config);
	if (r != CONFIG_GO)
		return config_exit_status(r);
	log_set_level(levels[config.log_level]);
	r = list ? adapter_list_open(config.database, stdout) : run(&config);
	if (r == -ESTALE)
		return EX_UNAVAILABLE; /* systemd does not start it again: the other one has it */
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
