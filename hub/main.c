/* lendlock-hub: configuration, the hub, and the loop around it. */
#include "hub/config.h"
#include "hub/hub.h"
#include "lib/base/log.h"

#include <stdlib.h>

static int on_after(void *node)
{
	return hub_flush(node);
}

DAEMON_NODE(hub, .after = on_after);

static int open_hub(const struct hub_config *config, struct clock_port *clock,
	struct mqtt_port *mqtt, struct hub **ret_hub)
{
	const char *managers[CONFIG_NAMES_MAX + 1] = {NULL};
	for (size_t i = 0; i < config->managers.count; i++)
		managers[i] = config->managers.name[i];
	const struct hub_options options = {
		.site = config->site,
		.database = config->database,
		.ledger = config->ledger,
		.managers = managers,
		.settings =
			{
				.hold = config->hold / SECOND,
				.extend = config->extend / SECOND,
				.hold_max = config->hold_max / SECOND,
				.pickup = config->pickup / SECOND,
				.lost = config->lost / SECOND,
				.report_within = config->report_within / SECOND,
				.rentals_max = config->rentals_max,
			},
		.log_keep = config->log_keep,
		.view_keep = config->view_keep,
		.say_again = config->broker.say_again,
		.clock = clock,
		.random = random_os(),
		.mqtt = mqtt,
	};
	return hub_open(&options, ret_hub);
}

static int serve(const struct hub_config *config, struct clock_port *clock)
{
	struct daemon *daemon = NULL;
	struct hub *hub = NULL;
	int r = daemon_new(&config->broker, config->name, clock, &daemon);
	if (r == 0)
		r = open_hub(config, clock, daemon_mqtt(daemon), &hub);
	if (r == 0)
		r = daemon_run(daemon, &hub_calls, hub, hub_filters(hub));
	daemon_free(daemon);
	hub_close(hub);
	return r;
}

static int rebuild(const struct hub_config *config, struct clock_port *clock)
{
	struct hub *hub = NULL;
	bool same = false;
	int r = open_hub(config, clock, NULL, &hub);
	if (r == 0)
		r = hub_rebuild_view(hub, true, &same);
	hub_close(hub);
	if (r == 0 && !same)
		log_warning("hub: the view was not what the log says; now it is");
	return r;
}

static int run(const struct hub_config *config, bool rebuild_view)
{
	struct clock_port *clock = clock_os_new(config->clock_trusted);
	int r = rebuild_view ? rebuild(config, clock) : serve(config, clock);
	clock_os_free(clock);
	return r;
}

int main(int argc, char **argv)
{
	struct hub_config config;
	bool rebuild_view = config_take_option(&argc, argv, hub_config_table.option);
	int r = config_load(&hub_config_table, argc, argv, &config);
	if (r != CONFIG_GO)
		return config_exit_status(r);
	log_set_plain_on_terminal(hub_config_table.program);
	log_set_level_index(config.log_level);
	return run(&config, rebuild_view) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
