#include "tests/fuzz/contract.h"

#include "lib/requests/request.h"
#include "schemas/generator/generator.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const struct record_type *type; /* NULL: see check_payload() */
	int qos;
	bool retain;
	size_t size; /* at most */
} contract[TOPIC_KINDS] = {
	[TOPIC_KIOSK_EVENT] = {NULL, 1, false, SNAPSHOT_BYTES + EVENT_BATCH_BYTES},
	[TOPIC_KIOSK_ACK] = {&ack_record_type, 0, false, REQUEST_BYTES},
	[TOPIC_KIOSK_DESIRED] = {&desired_record_type, 1, true, DESIRED_BYTES},
	[TOPIC_KIOSK_STATUS] = {&kiosk_status_record_type, 1, true, 48 * 1024},
	[TOPIC_KIOSK_OFFER] = {&offer_record_type, 1, true, MQTT_PAYLOAD_MAX},
	[TOPIC_KIOSK_REPLY] = {&reply_record_type, 1, false, MQTT_PAYLOAD_MAX},
	[TOPIC_HUB_REPLY] = {&reply_record_type, 1, false, MQTT_PAYLOAD_MAX},
	[TOPIC_HUB_STATUS] = {&hub_status_record_type, 1, true, 4096},
	[TOPIC_PAYMENT_REQUEST] = {NULL, 1, false, REQUEST_BYTES},
	[TOPIC_PAYMENT_REPLY] = {&reply_record_type, 1, false, SNAPSHOT_BYTES},
	[TOPIC_PAYMENT_STATUS] = {&payment_status_record_type, 1, true, 1024},
	[TOPIC_VIEW] = {&view_record_type, 1, true, MQTT_PAYLOAD_MAX},
};

/* Events bear more than we read: a content type, for readers of CloudEvents. */
static bool is_same(const struct record_type *type, json_t *json, json_t *again)
{
	if (type != &event_record_type)
		return json_equal(json, again);
	const char *key;
	json_t *value;
	json_object_foreach(again, key, value)
		if (!json_equal(value, json_object_get(json, key)))
			return false;
	return true;
}

static void check_record(const struct record_type *type, const json_t *json, const char *where)
{
	char why[RECORD_WHY_SIZE];
	void *record = malloc(type->size);
	if (!record)
		abort();
	if (record_decode(type, json, record, why) != 0)
		FUZZ_FAIL("%s: says what nobody takes: %s", where, why);
	json_t *again = record_encode(type, record);
	record_clear(type, record);
	free(record);
	if (!is_same(type, (json_t *)(uintptr_t)json, again))
		FUZZ_FAIL("%s: is not the same once it was read", where);
	json_decref(again);
}

/* The data is JSON of its own within the envelope. */
static void check_events(const json_t *batch, size_t size, const char *where)
{
	size_t i, n = json_array_size(batch);
	const json_t *event;
	FUZZ_CHECK(json_is_array(batch) && n >= 1 && n <= EVENT_BATCH_EVENTS);
	FUZZ_CHECK(n == 1 || size <= EVENT_BATCH_BYTES);
	json_array_foreach(batch, i, event) {
		check_record(&event_record_type, event, where);
		const char *type = json_string_value(json_object_get(event, "type"));
		const struct record_type *data = event_data_type(event_kind_of(type));
		if (!data)
			FUZZ_FAIL("%s: nobody knows %s", where, type);
		check_record(data, json_object_get(event, "data"), where);
	}
}

static void check_payment_request(const char *operation, const json_t *json, const char *where)
{
	for (const struct operation_source *source = operation_sources; source->part; source++)
		for (size_t i = 0;
			source->request == TOPIC_PAYMENT_REQUEST && operation_at(source, i); i++)
			if (strcmp(operation_at(source, i)->name, operation) == 0) {
				check_record(&operation_at(source, i)->arguments, json, where);
				return;
			}
	FUZZ_FAIL("%s: no such operation", where);
}

static void check_payload(
	const struct topic *topic, const struct fake_publication *publication, const json_t *json)
{
	if (topic->kind == TOPIC_KIOSK_EVENT)
		check_events(json, publication->size, publication->topic);
	else if (topic->kind == TOPIC_PAYMENT_REQUEST)
		check_payment_request(topic->operation, json, publication->topic);
	else
		check_record(contract[topic->kind].type, json, publication->topic);
}

static uint64_t hash(uint64_t from, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) /* FNV-1a */
		from = (from ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
	return from;
}

/* Daemons say the same again and again, for each input, and to look at it takes long. */
static bool was_checked(const struct fake_publication *publication)
{
	static uint64_t checked[1 << 16];
	uint64_t key =
		hash(UINT64_C(0xcbf29ce484222325), publication->topic, strlen(publication->topic));
	key = hash(key, publication->payload, publication->size);
	uint64_t *place = &checked[key % (sizeof(checked) / sizeof(*checked))];
	if (*place == key)
		return true;
	*place = key;
	return false;
}

void contract_check(const struct fake_publication *publication)
{
	struct topic topic;
	char text[MQTT_TOPIC_MAX], why[RECORD_WHY_SIZE];
	json_t *json;
	topic_parse(publication->topic, &topic);
	if (topic.kind == TOPIC_OTHER || contract[topic.kind].size == 0)
		FUZZ_FAIL("%s is none of the topics that daemons speak on", publication->topic);
	topic_format(&topic, text);
	FUZZ_CHECK(strcmp(text, publication->topic) == 0);
	FUZZ_CHECK(publication->qos == contract[topic.kind].qos);
	FUZZ_CHECK(publication->retain == contract[topic.kind].retain);
	if (was_checked(publication))
		return;
	if (publication->size > contract[topic.kind].size)
		FUZZ_FAIL("%s: %zu bytes are too many", publication->topic, publication->size);
	if (json_read(publication->payload, publication->size, MQTT_PAYLOAD_MAX, &json, why) != 0)
		FUZZ_FAIL("%s: %s", publication->topic, why);
	check_payload(&topic, publication, json);
	json_decref(json);
}

void contract_check_all(const struct fake_mqtt *mqtt, size_t from)
{
	for (size_t i = from; i < mqtt->n; i++)
		contract_check(&mqtt->publications[i]);
}

/* --- requests and replies -------------------------------------------------------------------- */

/* As lendlock reads Correlation Data: "" if it is none. */
static void read_id(const struct mqtt_message *message, char ret[static MQTT_CORRELATION_MAX + 1])
{
	const char *at = message->correlation;
	size_t size = message->correlation_size;
	ret[0] = '\0';
	if (size == 0 || size > MQTT_CORRELATION_MAX)
		return;
	for (size_t i = 0; i < size; i++)
		if (at[i] <= ' ' || at[i] > '~')
			return;
	memcpy(ret, at, size);
	ret[size] = '\0';
}

static struct asked_request *find_asked(struct asked *asked, const char *user, const char *id)
{
	for (size_t i = 0; i < asked->n; i++)
		if (strcmp(asked->requests[i].user, user) == 0 &&
			strcmp(asked->requests[i].id, id) == 0)
			return &asked->requests[i];
	struct asked_request *request = &asked->requests[asked->n++];
	*request = (struct asked_request){0};
	TEXT_COPY(request->user, user);
	memcpy(request->id, id, strlen(id) + 1);
	return request;
}

void asked_note(
	struct asked *asked, const struct topic *requests, const struct mqtt_message *message)
{
	struct topic topic;
	char id[MQTT_CORRELATION_MAX + 1];
	topic_parse(message->topic, &topic);
	if (topic.kind != requests->kind || strcmp(topic.site, requests->site) != 0 ||
		strcmp(topic.node, requests->node) != 0)
		return;
	read_id(message, id);
	struct asked_request *request = find_asked(asked, topic.user, id);
	request->times += !message->retain;
	request->retained += message->retain;
}

void asked_check(const struct asked *asked, const struct topic *replies,
	const struct fake_mqtt *mqtt, int least, int most)
{
	for (size_t i = 0; i < asked->n; i++) {
		const struct asked_request *request = &asked->requests[i];
		struct topic topic = *replies;
		char text[MQTT_TOPIC_MAX];
		int n = 0;
		TEXT_COPY(topic.user, request->user);
		topic_format(&topic, text);
		for (size_t j = 0; j < mqtt->n; j++)
			n += strcmp(mqtt->publications[j].topic, text) == 0 &&
			     strcmp(mqtt->publications[j].correlation, request->id) == 0;
		bool enough = n >= least || request->times == 0;
		if (n > most * request->times || !enough)
			FUZZ_FAIL("%s: %d replies to %d requests with the id '%s'", text, n,
				request->times, request->id);
	}
}
