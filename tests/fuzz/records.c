/*
 * Any JSON as any message: the first line is the message's name, as those of schemas/examples/; the
 * rest is the payload. What is taken is the same once it is said and taken again; and what the
 * short way takes (text, without a tree) is what the long way takes.
 */
#include "hub/event.h"
#include "schemas/generator/generator.h"
#include "tests/fuzz/fuzz.h"

#include "lib/ports/mqtt.h"

#include <stdlib.h>
#include <string.h>

static struct list messages;

static void tidy(void)
{
	free(messages.items);
}

void fuzz_set_up(const char *target)
{
	(void)target;
	messages = messages_all();
	atexit(tidy);
}

static const struct message *find(const char *name, size_t size)
{
	const struct message *message = messages.items;
	for (size_t i = 0; i < messages.n; i++)
		if (strlen(message[i].name) == size && memcmp(message[i].name, name, size) == 0)
			return &message[i];
	return NULL;
}

static void check_same(const struct message *message, const json_t *once)
{
	char why[RECORD_WHY_SIZE];
	size_t size;
	char *text = json_write(once, &size);
	json_t *read, *twice;
	if (json_read(text, size, MQTT_PAYLOAD_MAX, &read, why) != 0)
		FUZZ_FAIL("%s is said, and is no JSON: %s", message->name, why);
	if (message_check(message, read, &twice, why) != 0)
		FUZZ_FAIL("%s is said, and not taken: %s", message->name, why);
	if (!json_equal(once, twice))
		FUZZ_FAIL("%s is not the same once it was read again", message->name);
	free(text);
	json_decref(read);
	json_decref(twice);
}

/* --- the short way --------------------------------------------------------------------------- */

static void check_equal(const struct record_type *type, const void *fast, const void *slow)
{
	json_t *a = record_encode(type, fast), *b = record_encode(type, slow);
	if (!json_equal(a, b))
		FUZZ_FAIL("%s: the short way reads something else", type->name);
	json_decref(a);
	json_decref(b);
}

/* As text it is what it is as a tree. */
static void check_written(const struct record_type *type, const void *record)
{
	char why[RECORD_WHY_SIZE], *text;
	size_t size;
	json_t *json, *tree = record_encode(type, record);
	text = record_write(type, record, &size);
	if (json_read(text, size, MQTT_PAYLOAD_MAX, &json, why) != 0)
		FUZZ_FAIL("%s: %s in %s", type->name, why, text);
	FUZZ_CHECK(json_equal(json, tree));
	json_decref(json);
	json_decref(tree);
	free(text);
}

static void check_scanned_event(const json_t *json, struct hub_event *fast)
{
	struct hub_event slow;
	char why[RECORD_WHY_SIZE];
	if (!json || hub_event_read_envelope(json, &slow, why) != 0 ||
		hub_event_read_data(&slow, why) != 0)
		FUZZ_FAIL("only the short way takes it: %s", json ? why : "no JSON");
	FUZZ_CHECK(fast->kind == slow.kind && fast->seq == slow.seq);
	FUZZ_CHECK(strcmp(fast->fact, slow.fact) == 0);
	check_equal(event_data_type(slow.kind), &fast->data, &slow.data);
	fast->envelope.data = json_incref(slow.envelope.data); /* it has none of its own */
	check_equal(&event_record_type, &fast->envelope, &slow.envelope);
	json_decref(fast->envelope.data);
	hub_event_clear(&slow);
}

static void scan_event(const json_t *json, const char *bytes, size_t size)
{
	static struct hub_event fast;
	const char *at = bytes;
	if (hub_event_read_text(&at, bytes + size, &fast) && at == bytes + size)
		check_scanned_event(json, &fast);
}

static void check_scanned(const struct record_type *type, const json_t *json, const void *fast)
{
	char why[RECORD_WHY_SIZE];
	void *slow = malloc(type->size);
	FUZZ_CHECK(slow);
	if (!json || record_decode(type, json, slow, why) != 0)
		FUZZ_FAIL(
			"%s: only the short way takes it: %s", type->name, json ? why : "no JSON");
	check_equal(type, fast, slow);
	record_clear(type, slow);
	free(slow);
}

static void scan(const struct record_type *type, const json_t *json, const char *bytes, size_t size)
{
	void *fast = malloc(type->size);
	struct json_text inner;
	const char *at = bytes;
	FUZZ_CHECK(fast);
	if (record_scan(type, &at, bytes + size, fast, &inner) && at == bytes + size)
		check_scanned(type, json, fast);
	free(fast);
}

static void write_it(const struct record_type *type, const json_t *json)
{
	char why[RECORD_WHY_SIZE];
	void *record = malloc(type->size);
	FUZZ_CHECK(record);
	if (record_decode(type, json, record, why) == 0) {
		check_written(type, record);
		record_clear(type, record);
	}
	free(record);
}

static void check_message(const struct message *message, const uint8_t *bytes, size_t size)
{
	char why[RECORD_WHY_SIZE] = "";
	json_t *json = NULL, *again = NULL;
	int r = json_read(bytes, size, MQTT_PAYLOAD_MAX, &json, why);
	if (r == 0)
		r = message_check(message, json, &again, why);
	if (r == 0)
		check_same(message, again);
	else /* it goes into logs and replies */
		FUZZ_CHECK(why[0] && text_is_printable(why, strlen(why)));
	write_it(message->type, json);
	if (message->event != EVENT_OTHER)
		scan_event(json, (const char *)bytes, size);
	else
		scan(message->type, json, (const char *)bytes, size);
	json_decref(json);
	json_decref(again);
}

void fuzz_try(const uint8_t *bytes, size_t size)
{
	const uint8_t *end = memchr(bytes, '\n', size);
	if (!end)
		return;
	size_t name = (size_t)(end - bytes);
	const struct message *message = find((const char *)bytes, name);
	if (!message)
		return;
	uint8_t *payload = fuzz_copy(end + 1, size - name - 1);
	check_message(message, payload, size - name - 1);
	free(payload);
}
