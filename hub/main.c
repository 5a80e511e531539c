/* lendlock-hub: configuration, the hub, and the loop around it. */
#include "hub/config.h"
#include "hub/hub.h"
#include "lib/base/log.h"

#include <stdlib.h>
#include <string.h>

static int on_message(void *node, const struct mqtt_message *message)
{
	return hub_message(node, message);
}

static int on_connected(void *node)
{
	return hub_connected(node);
}

static void on_disconnected(void *node)
{
	hub_disconnected(node);
}

static const struct mqtt_message *on_will(void *node)
{
	return hub_will(node);
}

static int on_taken_over(void *node)
{
	return hub_taken_over(node);
}

static int on_after(void *node)
{
	return hub_flush(node);
}

static int on_tick(void *node)
{
	return hub_tick(node);
}

static usec on_next_due(void *node)
{
	return hub_next_due(node);
}

static bool on_healthy(void *node)
{
	return hub_healthy(node);
}

static const struct daemon_node calls = {
	.message = on_message,
	.connected = on_connected,
	.disconnected = on_disconnected,
	.will = on_will,
	.taken_over = on_taken_over,
	.after = on_after,
	.tick = on_tick,
	.next_due = on_next_due,
	.healthy = on_healthy,
};

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
		r = daemon_run(daemon, &calls, hub, hub_filters(hub));
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
	struct hub_config config;
	bool rebuild_view = take_option(&argc, argv, "--rebuild-view");
	int r = config_load(&hub_config_table, argc, argv, &config);
	if (r != CONFIG_GO)
		return config_exit_status(r);
	log_set_level(levels[config.log_level]);
	return run(&config, rebuild_view) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
