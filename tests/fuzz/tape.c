#include "tests/fuzz/tape.h"

#include "lib/base/text.h"
#include "tests/fuzz/fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SITE            "lendlock/v1/town/"
#define CORRELATION_MAX 80 /* more than may come; see struct mqtt_message */

void tape_name(struct tape_names *names, char letter, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(names->name[letter - 'a'], MQTT_TOPIC_MAX, format, args);
	va_end(args);
}

/* Some bytes that grow. */
struct text {
	char *bytes;
	size_t size, room;
};

static void add(struct text *text, const void *bytes, size_t size)
{
	if (text->size + size + 1 > text->room) {
		text->room = 2 * (text->size + size) + 64;
		text->bytes = realloc(text->bytes, text->room);
		if (!text->bytes)
			abort();
	}
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
	text->bytes[text->size] = '\0';
}

static const char *name_at(const struct tape *tape, const uint8_t *at, const uint8_t *end)
{
	if (*at != '~' || end - at < 2 || at[1] < 'a' || at[1] > 'z')
		return "";
	return tape->names->name[at[1] - 'a'];
}

/* The bytes with all names filled in. */
static struct text expand(const struct tape *tape, const uint8_t *at, const uint8_t *end)
{
	struct text text = {0};
	add(&text, "", 0);
	while (at < end) {
		const char *name = name_at(tape, at, end);
		if (name[0])
			add(&text, name, strlen(name));
		else
			add(&text, at, 1);
		at += name[0] ? 2 : 1;
	}
	return text;
}

static char *full_topic(const char *word)
{
	char topic[MQTT_TOPIC_MAX];
	if (word[0] == '\0')
		return NULL;
	snprintf(topic, sizeof(topic), "%s%s", word[0] == '/' ? "" : SITE,
		word[0] == '/' ? word + 1 : word);
	return fuzz_text(topic, strlen(topic));
}

static void set_correlation(struct tape_message *message, const char *text)
{
	size_t size = strlen(text);
	size = size > CORRELATION_MAX ? CORRELATION_MAX : size;
	free((void *)(uintptr_t)message->mqtt.correlation);
	message->mqtt.correlation = fuzz_copy(text, size);
	message->mqtt.correlation_size = size;
}

static void take_word(struct tape_message *message, const char *word)
{
	struct mqtt_message *mqtt = &message->mqtt;
	if (strcmp(word, "r") == 0) {
		mqtt->retain = true;
	} else if (strncmp(word, "c=", 2) == 0) {
		set_correlation(message, word + 2);
	} else if (strncmp(word, "t=", 2) == 0) {
		free((void *)(uintptr_t)mqtt->response_topic);
		mqtt->response_topic = full_topic(word + 2);
	} else if (word[0] == '+') {
		message->wait = strtoll(word + 1, NULL, 10);
		message->wait =
			message->wait < 0 ? 0 : usec_min(message->wait, TAPE_WAIT_MAX / MSEC);
		message->wait *= MSEC;
	}
}

static void take_header(struct tape_message *message, char *header)
{
	char *rest = header, *word = strsep(&rest, " ");
	message->mqtt.topic = full_topic(word);
	while ((word = strsep(&rest, " ")))
		take_word(message, word);
}

static void set_payload(const struct tape *tape, struct tape_message *message, const uint8_t *at,
	const uint8_t *end)
{
	struct text text = expand(tape, at, end);
	message->mqtt.payload = fuzz_copy(text.bytes, text.size);
	message->mqtt.size = text.size;
	free(text.bytes);
}

static const uint8_t *find(const uint8_t *at, const uint8_t *end, const char *text)
{
	const uint8_t *found = at < end ? memmem(at, (size_t)(end - at), text, strlen(text)) : NULL;
	return found ? found : end;
}

void tape_begin(struct tape *tape, const uint8_t *bytes, size_t size,
	const struct tape_names *names, const char *topic)
{
	*tape = (struct tape){.at = bytes, .end = bytes + size, .names = names, .topic = topic};
}

bool tape_next(struct tape *tape, struct tape_message *ret_message)
{
	*ret_message = (struct tape_message){.mqtt = {.qos = 1}};
	if (tape->n++ == TAPE_MESSAGES_MAX || (tape->n > 1 && tape->at >= tape->end))
		return false;
	if (tape->at == tape->end || *tape->at != '>') {
		ret_message->mqtt.topic = full_topic(tape->topic);
		set_correlation(ret_message, "plain");
		set_payload(tape, ret_message, tape->at, tape->end);
		tape->at = tape->end;
		return true;
	}
	const uint8_t *line = find(tape->at, tape->end, "\n");
	struct text header = expand(tape, tape->at + 1, line);
	take_header(ret_message, header.bytes);
	free(header.bytes);
	const uint8_t *body = line < tape->end ? line + 1 : line;
	const uint8_t *next =
		body < tape->end && *body == '>' ? body : find(body, tape->end, "\n>");
	set_payload(tape, ret_message, body, next);
	tape->at = next < tape->end && *next == '\n' ? next + 1 : next;
	return true;
}

void tape_clear(struct tape_message *message)
{
	free((void *)(uintptr_t)message->mqtt.topic);
	free((void *)(uintptr_t)message->mqtt.payload);
	free((void *)(uintptr_t)message->mqtt.correlation);
	free((void *)(uintptr_t)message->mqtt.response_topic);
	*message = (struct tape_message){0};
}
