#include "schemas/generator/generator.h"

#include "hub/request.h"
#include "kiosk/request.h"
#include "payment-adapter/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct operation *const payment_operations[] = {&authorize_operation,
	&capture_operation, &void_operation, &refund_operation, &query_operation,
	&reconcile_operation, &settle_operation, NULL};

const struct operation_source operation_sources[] = {
	{"kiosk", TOPIC_KIOSK_REQUEST, TOPIC_KIOSK_REPLY, kiosk_operations, NULL},
	{"hub", TOPIC_HUB_REQUEST, TOPIC_HUB_REPLY, hub_operations, NULL},
	{"payment", TOPIC_PAYMENT_REQUEST, TOPIC_PAYMENT_REPLY, NULL, payment_operations},
	{0},
};

const struct operation *operation_at(const struct operation_source *source, size_t i)
{
	if (source->each)
		return source->each[i];
	return source->table[i].name ? &source->table[i] : NULL;
}

static const struct {
	const char *name;
	const struct record_type *type;
} plain[] = {
	{"ack", &ack_record_type},
	{"desired", &desired_record_type},
	{"kiosk-status", &kiosk_status_record_type},
	{"offer", &offer_record_type},
	{"hub-status", &hub_status_record_type},
	{"payment-status", &payment_status_record_type},
	{"view", &view_record_type},
	{"reply", &reply_record_type},
};

__attribute__((format(printf, 2, 3))) static struct message *add(
	struct list *list, const char *format, ...)
{
	struct message *message = list_add(list, sizeof(*message));
	va_list args;
	va_start(args, format);
	int n = vsnprintf(message->name, sizeof(message->name), format, args);
	va_end(args);
	if (n < 0 || n >= MESSAGE_NAME_SIZE)
		abort();
	return message;
}

struct list messages_all(void)
{
	struct list list = {0};
	for (int kind = EVENT_RENTAL; kind <= EVENT_SNAPSHOT; kind++) {
		struct message *message = add(&list, "event-%s", event_kind_names[kind]);
		message->type = &event_record_type;
		message->event = (enum event_kind)kind;
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		add(&list, "%s", plain[i].name)->type = plain[i].type;
	for (const struct operation_source *source = operation_sources; source->part; source++)
		for (size_t i = 0; operation_at(source, i); i++) {
			const struct operation *operation = operation_at(source, i);
			struct message *message =
				add(&list, "request-%s-%s", source->part, operation->name);
			message->type = &operation->arguments;
			message->operation = operation;
			message->source = source;
		}
	return list;
}

static void set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		abort();
}

/* An event is a CloudEvent whose type says what its data is. */
static void narrow_event(json_t *schema, enum event_kind kind)
{
	char pattern[64];
	snprintf(pattern, sizeof(pattern), "^lendlock\\.%s\\.[a-z0-9-]+$", event_kind_names[kind]);
	json_t *properties = json_object_get(schema, "properties");
	set(json_object_get(properties, "specversion"), "const", json_string("1.0"));
	set(json_object_get(properties, "type"), "pattern", json_string(pattern));
	set(properties, "datacontenttype", json_pack("{s:s}", "const", "application/json"));
	set(properties, "data", record_schema(event_data_type(kind)));
}

static json_t *event_or_record_schema(const struct message *message)
{
	json_t *schema = record_schema(message->type);
	if (message->event != EVENT_OTHER)
		narrow_event(schema, message->event);
	return schema;
}

/* $schema and $id first, where a reader looks for them. */
static json_t *with_head(const char *name, json_t *body)
{
	char id[MESSAGE_NAME_SIZE + 32];
	snprintf(id, sizeof(id), "urn:lendlock:v1:%s", name);
	json_t *schema = json_pack(
		"{s:s, s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema", "$id", id);
	if (!schema || json_object_update(schema, body) < 0)
		abort();
	json_decref(body);
	return schema;
}

json_t *message_schema(const struct message *message)
{
	return with_head(message->name, event_or_record_schema(message));
}

json_t *batch_schema(const struct list *messages)
{
	const struct message *message = messages->items;
	json_t *kinds = json_array();
	for (size_t i = 0; i < messages->n; i++)
		if (message[i].event != EVENT_OTHER &&
			json_array_append_new(kinds, event_or_record_schema(&message[i])) < 0)
			abort();
	json_t *body = json_pack("{s:s, s:s, s:s, s:i, s:i, s:{s:o}}", "title", "event_batch",
		"description", "Events in order, with consecutive sequence, of one epoch.", "type",
		"array", "minItems", 1, "maxItems", EVENT_BATCH_EVENTS, "items", "anyOf", kinds);
	return with_head("event-batch", body);
}

json_t *batch_example(const struct list *messages)
{
	const struct message *message = messages->items;
	json_t *batch = json_array();
	for (size_t i = 0; i < messages->n; i++)
		if (message[i].event == EVENT_PAYMENT || message[i].event == EVENT_RENTAL) {
			json_t *event = message_example(&message[i]);
			char sequence[SEQUENCE_SIZE], id[UUID_SIZE];
			snprintf(sequence, sizeof(sequence), "%020zu",
				4711 + json_array_size(batch));
			snprintf(id, sizeof(id), "01a20441-2c50-7a90-8d61-3b7a92c4e%03zu",
				15 + json_array_size(batch));
			set(event, "id", json_string(id));
			set(event, "sequence", json_string(sequence));
			json_object_del(event, "clock");
			json_array_append_new(batch, event);
		}
	return batch;
}

static int check_data(enum event_kind kind, const json_t *event, json_t *again, char *why)
{
	const char *type = json_string_value(json_object_get(event, "type"));
	if (event_kind_of(type) != kind) {
		snprintf(why, RECORD_WHY_SIZE, "type: another kind of event");
		return RECORD_BAD;
	}
	const struct record_type *data_type = event_data_type(kind);
	void *data = malloc(data_type->size);
	if (!data)
		abort();
	int r = record_decode(data_type, json_object_get(event, "data"), data, why);
	if (r == 0) {
		set(again, "data", record_encode(data_type, data));
		record_clear(data_type, data);
	}
	free(data);
	return r;
}

int message_check(const struct message *message, const json_t *json, json_t **ret_again,
	char why[static RECORD_WHY_SIZE])
{
	void *record = malloc(message->type->size);
	if (!record)
		abort();
	int r = record_decode(message->type, json, record, why);
	if (r == 0) {
		json_t *again = record_encode(message->type, record);
		record_clear(message->type, record);
		if (message->event != EVENT_OTHER)
			r = check_data(message->event, json, again, why);
		if (r == 0)
			*ret_again = again;
		else
			json_decref(again);
	}
	free(record);
	return r;
}
