#include "tests/simulator/person.h"

#include "tests/simulator/packet.h"
#include "tests/simulator/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TTL      (10 * SECOND)
#define REPEATED 10 /* % of all requests */
#define LATE     1

/* --- answers --- */

bool person_is_refusal(const char *code)
{
	static const char *const refusals[] = {"busy", "clock", "expired", "too-far", "conflict"};
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (strcmp(code, refusals[i]) == 0)
			return true;
	return false;
}

/* Refusals may change, and so may what was only asked. */
static bool was_done(const char *operation, const char *code)
{
	return strncmp(operation, "rental", 6) != 0 && !person_is_refusal(code);
}

/* Two answers to one request must be the same. */
static void compare(struct person *person, const char *id, const json_t *reply)
{
	char *text = json_dumps(reply, JSON_COMPACT);
	uint64_t hash = world_hash(WORLD_HASH_START, text, strlen(text));
	for (size_t i = 0; i < PERSON_ANSWERS; i++)
		if (strcmp(person->answers[i].id, id) == 0) {
			if (person->answers[i].hash == hash)
				world_count(person->world, COUNT_ANSWERED_AGAIN);
			else if (!witness_was_put_back(person->world, reply))
				world_wrong(person->world, "two-answers", person->name,
					"%s got two answers to %s: %.150s", person->name, id, text);
			free(text);
			return;
		}
	free(text);
	struct person_answer *answer = &person->answers[person->answers_n++ % PERSON_ANSWERS];
	TEXT_COPY(answer->id, id);
	answer->hash = hash;
}

static void remember_entry(struct person *person, const json_t *told)
{
	struct person_entry *entry = list_add(&person->entries, sizeof(*entry));
	TEXT_COPY(entry->item, text_of(told, "item"));
	TEXT_COPY(entry->kiosk, text_of(told, "kiosk"));
	TEXT_COPY(entry->moving, text_of(told, "moving"));
	entry->withdrawn = json_is_true(json_object_get(told, "withdrawn"));
	entry->told_at = person->world->clock.boottime;
}

static void remember(struct person *person, const json_t *reply)
{
	const json_t *rental = json_object_get(reply, "rental");
	const json_t *entry = json_object_get(reply, "entry");
	if (entry)
		remember_entry(person, entry);
	const char *pickup = text_of(reply, "pickup_code"), *back = text_of(reply, "return_code");
	if (!rental)
		return;
	if (pickup[0] || back[0]) {
		TEXT_COPY(person->code, pickup[0] ? pickup : back);
		TEXT_COPY(person->code_of, text_of(rental, "rental"));
	}
	struct person_promise *promise = list_add(&person->promises, sizeof(*promise));
	TEXT_COPY(promise->rental, text_of(rental, "rental"));
	TEXT_COPY(promise->state, text_of(rental, "state"));
}

static void take_answer(struct person *person, const char *id, const json_t *reply)
{
	const char *code = text_of(reply, "code");
	witness_answered(person->world, person, reply);
	if (was_done(text_of(reply, "operation"), code))
		compare(person, id, reply);
	remember(person, reply);
	if (strcmp(id, person->asked) != 0)
		return;
	person->asked[0] = '\0';
	person->answered(person, code, reply);
}

static void on_message(void *context, const struct mqtt_message *message)
{
	struct person *person = context;
	char id[UUID_SIZE] = "";
	if (message->correlation_size == UUID_SIZE - 1)
		memcpy(id, message->correlation, UUID_SIZE - 1);
	if (!id[0]) {
		if (person->heard)
			person->heard(person, message);
		return;
	}
	json_t *reply = json_loadb(message->payload, message->size, 0, NULL);
	take_answer(person, id, reply);
	json_decref(reply);
}

void person_touched(struct person *person, const char *id, const json_t *reply)
{
	take_answer(person, id, reply);
}

/* --- requests --- */

static void new_request(struct person *person)
{
	uuid_make(person->world->clock.wall, &person->random.port, person->asked);
}

static void send(struct person *person, const struct mqtt_message *message)
{
	struct mqtt_port *port = broker_link_port(person->link);
	port->publish(port, message);
}

/* Now and then a phone sends it a second time; or only when nobody wants it any more, because it
 * was offline. */
static bool send_later(struct person *person, const struct mqtt_message *message)
{
	struct world *world = person->world;
	if (world_spared(world, TROUBLE_IMPATIENCE))
		return false;
	uint64_t drawn = person_below(person, 100);
	if (drawn >= REPEATED + LATE || person->repeat)
		return false;
	bool late = drawn >= REPEATED;
	person->repeat = packet_new(message, world->clock.boottime);
	person->again = world->clock.boottime + (late ? TTL : 0) +
			(usec)person_below(person, (late ? 20 : 3) * SECOND);
	return late;
}

void person_ask(struct person *person, const char *whom, const char *operation, json_t *args)
{
	struct world *world = person->world;
	char topic[MQTT_TOPIC_MAX], reply[MQTT_TOPIC_MAX], expires[TIME_SIZE];
	new_request(person);
	person->asked_at = strncmp(whom, "kiosk/", 6) == 0 ? world_kiosk(world, whom + 6) : NULL;
	witness_asked(world, person, whom, operation, person->asked, world->clock.wall + TTL, args);
	snprintf(topic, sizeof(topic), WORLD_PREFIX "%s/request/%s/%s", whom, person->name,
		operation);
	snprintf(reply, sizeof(reply), WORLD_PREFIX "%s/reply/%s", whom, person->name);
	time_format(world->clock.wall + TTL, expires);
	json_object_set_new(args, "expires_at", json_string(expires));
	char *text = json_dumps(args, JSON_COMPACT);
	json_decref(args);
	const struct mqtt_message message = {.topic = topic,
		.payload = text,
		.size = strlen(text),
		.qos = 1,
		.expiry = TTL / SECOND,
		.content_type = "application/json",
		.response_topic = reply,
		.correlation = person->asked,
		.correlation_size = UUID_SIZE - 1};
	if (!send_later(person, &message))
		send(person, &message);
	free(text);
}

void person_touch(struct person *person, struct node *kiosk, const char *operation, json_t *args)
{
	char whom[NAME_SIZE + 8];
	new_request(person);
	snprintf(whom, sizeof(whom), "kiosk/%s", kiosk->name);
	person->asked_at = kiosk;
	witness_asked(person->world, person, whom, operation, person->asked, USEC_NEVER, args);
	node_touch(kiosk, person->name, operation, person->asked, args);
	json_decref(args);
}

/* --- time, life --- */

usec person_next_due(const struct person *person)
{
	return person->again;
}

void person_tick(struct person *person)
{
	if (person->again > person->world->clock.boottime)
		return;
	send(person, &person->repeat->message);
	person->repeat = packet_release(person->repeat);
	person->again = USEC_NEVER;
}

void person_init(struct person *person, struct world *world, const char *name, const char *more)
{
	person->world = world;
	person->again = USEC_NEVER;
	TEXT_COPY(person->name, name);
	fake_random_init(&person->random, world_seed(world, name, 0));
	snprintf(person->filter_texts[0], MQTT_TOPIC_MAX, WORLD_PREFIX "kiosk/+/reply/%s", name);
	snprintf(person->filter_texts[1], MQTT_TOPIC_MAX, WORLD_PREFIX "hub/reply/%s", name);
	snprintf(person->filter_texts[2], MQTT_TOPIC_MAX, WORLD_PREFIX "%s", more ? more : "");
	for (int i = 0; i < (more ? 3 : 2); i++)
		person->filters[i] = person->filter_texts[i];
	const struct mqtt_handler handler = {.context = person, .message = on_message};
	person->link = broker_link_new(world->broker, name, &handler, person->filters);
}

uint64_t person_below(struct person *person, uint64_t bound)
{
	return random_below(&person->random.port, bound);
}

void person_free(struct person *person)
{
	person->repeat = packet_release(person->repeat);
	person->link = broker_link_free(person->link, false);
}

void person_forget(struct person *person)
{
	free(person->promises.items);
	free(person->entries.items);
}
