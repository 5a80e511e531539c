/*
 * Any JSON as any message: the first line is the message's name, as those of schemas/examples/; the
 * rest is the payload. What is taken is the same once it is said and taken again.
 */
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
