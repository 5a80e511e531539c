#include "tests/bench/hub_in_process.h"

#include "tests/bench/recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int count(struct mqtt_port *port, const struct mqtt_message *message)
{
	struct hub_in_process *in =
		(struct hub_in_process *)((char *)port - offsetof(struct hub_in_process, mqtt));
	in->messages++;
	in->bytes += message->size;
	return 0;
}

static void check(int r)
{
	if (r < 0)
		fail("the hub failed: %s", strerror(-r));
}

void hub_in_process_open(struct hub_in_process *in, const char *database, usec wall)
{
	static const char *const managers[] = {"manager", NULL};
	*in = (struct hub_in_process){.mqtt = {.publish = count}};
	fake_clock_init(&in->clock);
	in->clock.wall = wall;
	fake_random_init(&in->random, 1);
	const struct hub_options options = {.site = "town",
		.database = database,
		.ledger = "ledger",
		.managers = managers,
		.settings = hub_settings_default,
		.clock = &in->clock.port,
		.random = &in->random.port,
		.mqtt = &in->mqtt};
	check(hub_open(&options, &in->hub));
}

void hub_in_process_close(struct hub_in_process *in)
{
	check(hub_flush(in->hub));
	hub_close(in->hub);
}

void hub_in_process_connect(struct hub_in_process *in)
{
	hub_will(in->hub);
	check(hub_connected(in->hub));
	/* What is said to all banks at first is not what is measured. */
	for (int i = 0; i < 1000; i++) {
		fake_clock_pass(&in->clock, SECOND);
		check(hub_tick(in->hub));
	}
}

void hub_in_process_give(struct hub_in_process *in, const char *topic, const char *payload,
	size_t size, const char *correlation)
{
	char text[MQTT_TOPIC_MAX];
	snprintf(text, sizeof(text), "lendlock/v1/town/%s", topic);
	const struct mqtt_message message = {.topic = text,
		.payload = payload,
		.size = size,
		.qos = 1,
		.correlation = correlation,
		.correlation_size = strlen(correlation)};
	check(hub_message(in->hub, &message));
}

void hub_in_process_flush(struct hub_in_process *in)
{
	check(hub_flush(in->hub));
	if (hub_next_due(in->hub) <= in->clock.boottime)
		check(hub_tick(in->hub));
}
