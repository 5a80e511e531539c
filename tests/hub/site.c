#include "tests/hub/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TOPIC(text, ...)                                                                  \
	do {                                                                              \
		size_t head_ = (size_t)snprintf(text, sizeof(text), "lendlock/v1/town/"); \
		snprintf(text + head_, sizeof(text) - head_, __VA_ARGS__);                \
	} while (0)

static void start(struct site *site)
{
	assert_int_equal(hub_open(&site->options, &site->hub), 0);
	assert_non_null(hub_will(site->hub));
	assert_int_equal(hub_connected(site->hub), 0);
}

static char *make_folder(void)
{
	char name[] = "/tmp/lendlock-hub-XXXXXX";
	assert_non_null(mkdtemp(name));
	return strdup(name);
}

struct site *site_new(void)
{
	static const char *const managers[] = {SITE_MANAGER, "deputy", NULL};
	struct site *site = calloc(1, sizeof(*site));
	assert_non_null(site);
	fake_clock_init(&site->clock);
	fake_random_init(&site->random, 1);
	fake_mqtt_init(&site->mqtt);
	char *folder = make_folder();
	snprintf(site->path, sizeof(site->path), "%s/hub.db", folder);
	free(folder);
	site->options = (struct hub_options){
		.site = "town",
		.database = site->path,
		.ledger = "bank",
		.managers = managers,
		.settings = hub_settings_default,
		.clock = &site->clock.port,
		.random = &site->random.port,
		.mqtt = &site->mqtt.port,
	};
	start(site);
	return site;
}

static void delete_files(struct site *site)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	char path[80];
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", site->path, ends[i]);
		unlink(path);
	}
	*strrchr(site->path, '/') = '\0';
	rmdir(site->path);
}

struct site *site_free(struct site *site)
{
	hub_close(site->hub);
	fake_mqtt_clear(&site->mqtt);
	delete_files(site);
	free(site);
	return NULL;
}

void site_restart(struct site *site)
{
	site->hub = hub_close(site->hub);
	start(site);
}

void site_pass(struct site *site, usec passed)
{
	fake_clock_pass(&site->clock, passed);
	assert_int_equal(hub_tick(site->hub), 0);
}

void site_give(struct site *site, const char *topic, const void *payload, size_t size)
{
	char text[MQTT_TOPIC_MAX];
	TOPIC(text, "%s", topic);
	const struct mqtt_message message = {
		.topic = text, .payload = payload, .size = size, .qos = 1};
	assert_int_equal(hub_message(site->hub, &message), 0);
}

void site_say(struct site *site, const char *topic, const char *payload)
{
	site_give(site, topic, payload, strlen(payload));
	assert_int_equal(hub_flush(site->hub), 0);
}

struct teller teller_make(struct site *site, const char *name)
{
	struct teller teller = {0};
	TEXT_COPY(teller.name, name);
	uuid_make(site->clock.wall, &site->random.port, teller.epoch);
	return teller;
}

json_t *teller_event(struct site *site, struct teller *teller, const char *type,
	const char *subject, json_t *data)
{
	char source[SOURCE_SIZE], full[65], time[TIME_SIZE], sequence[SEQUENCE_SIZE];
	snprintf(source, sizeof(source), "/lendlock/town/kiosk/%s", teller->name);
	snprintf(full, sizeof(full), "lendlock.%s", type);
	snprintf(sequence, sizeof(sequence), "%020lld", (long long)++teller->seq);
	time_format(site->clock.wall, time);
	uuid_make(site->clock.wall, &site->random.port, teller->last);
	json_t *event = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "specversion",
		"1.0", "id", teller->last, "source", source, "type", full, "subject", subject,
		"time", time, "epoch", teller->epoch, "sequence", sequence, "data", data);
	assert_non_null(event);
	return event;
}

void teller_send(struct site *site, const struct teller *teller, json_t *first, ...)
{
	char topic[MQTT_TOPIC_MAX];
	snprintf(topic, sizeof(topic), "kiosk/%s/event", teller->name);
	json_t *batch = json_array();
	va_list args;
	va_start(args, first);
	for (json_t *event = first; event; event = va_arg(args, json_t *))
		json_array_append_new(batch, event);
	va_end(args);
	char *text = json_dumps(batch, JSON_COMPACT);
	site_say(site, topic, text);
	free(text);
	json_decref(batch);
}

json_t *teller_rental(struct site *site, const char *rental, const char *item, const char *state,
	const char *item_state)
{
	char time[TIME_SIZE];
	time_format(site->clock.wall, time);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:s}", "rental", rental, "item",
		item, "renter", "0123456789abcdef0123456789abcdef", "state", state, "item_state",
		item_state, "compartment", 3, "amount", 500, "currency", "EUR", "reserved_at",
		time);
}

json_t *teller_payment(struct site *site, struct teller *teller, const char *payment,
	const char *rental, const char *state)
{
	char type[40];
	snprintf(type, sizeof(type), "payment.%s", state);
	return teller_event(site, teller, type, payment,
		json_pack("{s:s, s:s, s:s, s:s, s:i, s:s}", "payment", payment, "rental", rental,
			"ledger", "till", "state", state, "amount", 900, "currency", "EUR"));
}

json_t *teller_item(const char *item, const char *state, int compartment)
{
	json_t *json = json_pack("{s:s, s:s}", "item", item, "state", state);
	if (compartment)
		json_object_set_new(json, "compartment", json_integer(compartment));
	return json;
}

json_t *teller_released(struct site *site, struct teller *teller, const char *item)
{
	char topic[MQTT_TOPIC_MAX];
	snprintf(topic, sizeof(topic), "kiosk/%s/desired", teller->name);
	json_t *data = teller_item(item, "moving", 0), *desired = site_last(site, topic), *entry;
	size_t i;
	json_array_foreach(json_object_get(desired, "items"), i, entry)
		if (strcmp(json_string_value(json_object_get(entry, "item")), item) == 0)
			json_object_set(data, "move", json_object_get(entry, "move"));
	json_decref(desired);
	return teller_event(site, teller, "item.released", item, data);
}

static void say_birth(struct site *site, const struct teller *teller, json_t *status)
{
	char topic[MQTT_TOPIC_MAX], session[UUID_SIZE];
	uuid_make(site->clock.wall, &site->random.port, session);
	snprintf(topic, sizeof(topic), "kiosk/%s/status", teller->name);
	json_object_set_new(status, "state", json_string("online"));
	json_object_set_new(status, "session", json_string(session));
	json_object_set_new(status, "epoch", json_string(teller->epoch));
	char *text = json_dumps(status, JSON_COMPACT);
	site_say(site, topic, text);
	TEXT_COPY(site->session, session);
	free(text);
	json_decref(status);
}

void teller_birth(struct site *site, const struct teller *teller, int64_t generation,
	int64_t revision, int64_t acked)
{
	say_birth(site, teller,
		json_pack("{s:I, s:I, s:I, s:b}", "generation", (json_int_t)generation, "revision",
			(json_int_t)revision, "acked", (json_int_t)acked, "lending", 1));
}

void teller_birth_after(
	struct site *site, const struct teller *teller, const char *past_epoch, int past_acked)
{
	say_birth(site, teller,
		json_pack("{s:s, s:i}", "past_epoch", past_epoch, "past_acked", past_acked));
}

json_t *site_last(struct site *site, const char *topic)
{
	char text[2 * MQTT_TOPIC_MAX];
	TOPIC(text, "%s", topic);
	return fake_mqtt_last_json(&site->mqtt, text);
}

int64_t site_acked(struct site *site, const char *kiosk)
{
	char topic[MQTT_TOPIC_MAX];
	snprintf(topic, sizeof(topic), "kiosk/%s/ack", kiosk);
	json_t *ack = site_last(site, topic);
	int64_t seq = ack ? json_integer_value(json_object_get(ack, "seq")) : -1;
	json_decref(ack);
	return seq;
}

json_t *site_ask(struct site *site, const char *operation, json_t *arguments)
{
	char topic[MQTT_TOPIC_MAX], reply_topic[MQTT_TOPIC_MAX], id[32], time[TIME_SIZE];
	TOPIC(topic, "hub/request/" SITE_MANAGER "/%s", operation);
	TOPIC(reply_topic, "hub/reply/" SITE_MANAGER);
	snprintf(id, sizeof(id), "request-%d", ++site->requests);
	time_format(site->clock.wall + 30 * SECOND, time);
	json_object_set_new(arguments, "expires_at", json_string(time));
	char *text = json_dumps(arguments, JSON_COMPACT);
	const struct mqtt_message message = {.topic = topic,
		.payload = text,
		.size = strlen(text),
		.qos = 1,
		.response_topic = reply_topic,
		.correlation = id,
		.correlation_size = strlen(id)};
	assert_int_equal(hub_message(site->hub, &message), 0);
	assert_int_equal(hub_flush(site->hub), 0);
	free(text);
	json_decref(arguments);
	json_t *reply = site_last(site, "hub/reply/" SITE_MANAGER);
	assert_non_null(reply);
	assert_string_equal(json_string_value(json_object_get(reply, "id")), id);
	return reply;
}

void site_must(struct site *site, const char *operation, const char *code, json_t *arguments)
{
	json_t *reply = site_ask(site, operation, arguments);
	assert_string_equal(json_string_value(json_object_get(reply, "code")), code);
	json_decref(reply);
}

void site_register(struct site *site, const char *item, const char *kiosk)
{
	char title[64];
	snprintf(title, sizeof(title), "The %s", item);
	site_must(site, "item-register", "ok",
		json_pack("{s:s, s:s, s:i, s:s, s:i, s:s}", "item", item, "title", title, "amount",
			500, "currency", "EUR", "period", 86400, "kiosk", kiosk));
}

const char *site_item_state(struct site *site, const char *item)
{
	static char state[NAME_SIZE];
	json_t *reply = site_ask(site, "item", json_pack("{s:s}", "item", item));
	json_t *first = json_array_get(json_object_get(reply, "items"), 0);
	const char *said = json_string_value(json_object_get(first, "state"));
	TEXT_COPY(state, said ? said : "none");
	json_decref(reply);
	return state;
}
