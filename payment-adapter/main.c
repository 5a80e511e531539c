/* lendlock-payment-adapter: configuration, the provider, the ledger, and the loop around them. */
#include "lib/base/log.h"
#include "payment-adapter/config.h"
#include "payment-adapter/provider_sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <sysexits.h>

DAEMON_NODE(adapter);

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
		.say_again = config->broker.say_again,
	};
	struct adapter *adapter = NULL;
	int r = adapter_open(&options, &adapter);
	if (r == 0 && provider->fd(provider) >= 0)
		r = daemon_watch(daemon, provider->fd(provider), adapter_on_tick, adapter);
	if (r == 0)
		r = daemon_run(daemon, &adapter_calls, adapter, adapter_filters(adapter));
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

int main(int argc, char **argv)
{
	struct adapter_config config;
	bool list = config_take_option(&argc, argv, adapter_config_table.option);
	int r = config_load(&adapter_config_table, argc, argv, &config);
	if (r != CONFIG_GO)
		return config_exit_status(r);
	log_set_plain_on_terminal(adapter_config_table.program);
	log_set_level_index(config.log_level);
	r = list ? adapter_list_open(config.database, stdout) : run(&config);
	if (r == -ESTALE)
		return EX_UNAVAILABLE; /* systemd does not start it again: the other one has it */
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
