/*
 * What the command line reads: a file of items, its own words (one on each line), and whatever is
 * said on the network, which it shows at a terminal.
 */
#include "cli/arguments.h"
#include "cli/import.h"
#include "cli/show.h"
#include "cli/watch.h"
#include "lib/wire/topic.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/tape.h"

#include <stdlib.h>
#include <string.h>

#define NOON      (1795348800LL * SECOND)
#define WORDS_MAX 32

static void try_items(const uint8_t *bytes, size_t size);
static void try_arguments(const uint8_t *bytes, size_t size);
static void try_shown(const uint8_t *bytes, size_t size);

static const struct {
	const char *target;
	void (*run)(const uint8_t *bytes, size_t size);
} targets[] = {
	{"items", try_items},
	{"arguments", try_arguments},
	{"shown", try_shown},
};

static void (*run)(const uint8_t *bytes, size_t size);

void fuzz_set_up(const char *target)
{
	setenv("TZ", "UTC", 1);
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (strcmp(targets[i].target, target) == 0)
			run = targets[i].run;
	FUZZ_CHECK(run);
}

void fuzz_try(const uint8_t *bytes, size_t size)
{
	run(bytes, size);
}

/* Nobody moves the cursor, colours the screen or forges a line. How many lines. */
static size_t check_lines(const char *text)
{
	size_t lines = 0;
	while (*text) {
		size_t length = strcspn(text, "\n");
		if (!text_is_printable(text, length))
			FUZZ_FAIL("not for a terminal: %s", text);
		FUZZ_CHECK(text[length] == '\n');
		text += length + 1;
		lines++;
	}
	return lines;
}

/* --- a file of items ------------------------------------------------------------------------- */

/* What is sent to the hub for it is what the hub takes. */
static void check_item(const struct import_item *item)
{
	struct catalogue_record again;
	char why[RECORD_WHY_SIZE];
	json_t *json = record_encode(&catalogue_record_type, &item->entry);
	if (record_decode(&catalogue_record_type, json, &again, why) != 0)
		FUZZ_FAIL("line %zu is taken, and wrong: %s", item->line, why);
	record_clear(&catalogue_record_type, &again);
	json_decref(json);
}

static void try_items(const uint8_t *bytes, size_t size)
{
	struct list items;
	char *told = NULL, *text = fuzz_copy(bytes, size);
	size_t told_size;
	FILE *err = open_memstream(&told, &told_size);
	size_t mistakes = import_read(text, size, "items.csv", "lobby", &items, err);
	fclose(err);
	FUZZ_CHECK(strlen(told) == told_size);
	FUZZ_CHECK(check_lines(told) == mistakes);
	const struct import_item *item = items.items;
	for (size_t i = 0; mistakes == 0 && i < items.n; i++)
		check_item(&item[i]);
	free(items.items);
	free(told);
	free(text);
}

/* --- its own words --------------------------------------------------------------------------- */

static void check_words(char **argv)
{
	static struct arguments_line line; /* of kilobytes */
	char why[ARGUMENTS_WHY_SIZE] = "";
	if (arguments_read(argv, &line, why) != 0) {
		FUZZ_CHECK(why[0]);
		return;
	}
	if (line.wish != WISH_COMMAND)
		return;
	FUZZ_CHECK(line.command);
	json_t *json = arguments_json(&line, "library", why);
	FUZZ_CHECK(json || why[0]);
	if (json)
		free(json_write(json, NULL));
	json_decref(json);
}

static void try_arguments(const uint8_t *bytes, size_t size)
{
	char *argv[WORDS_MAX + 2] = {(char[]){"lendlock"}};
	char *text = fuzz_text(bytes, size), *rest = text, *word;
	size_t n = 1;
	while (n <= WORDS_MAX && (word = strsep(&rest, "\n")))
		argv[n++] = fuzz_text(word, strlen(word)); /* each to its own end */
	check_words(argv);
	while (n > 1)
		free(argv[--n]);
	free(text);
}

/* --- what is shown --------------------------------------------------------------------------- */

/* One JSON text on one line, for programs. */
static void check_json(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);
	FUZZ_CHECK(json && strchr(text, '\n') == text + strlen(text) - 1);
	json_decref(json);
}

static void check_watched(const struct mqtt_message *message, bool json)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	watch_print(message, NOON, json, out);
	fclose(out);
	FUZZ_CHECK(strlen(text) == size);
	if (json)
		check_json(text);
	else
		check_lines(text);
	free(text);
}

static void show(const struct show *show, enum topic_kind kind, const void *record)
{
	if (kind == TOPIC_VIEW) {
		struct list views = {.items = (void *)(uintptr_t)record, .n = 1};
		show_site(show, &views, NULL);
	} else if (kind == TOPIC_KIOSK_OFFER) {
		struct offer_of of = {
			.kiosk = "library", .offer = *(const struct offer_record *)record};
		struct list offers = {.items = &of, .n = 1};
		show_offers(show, &offers);
	} else {
		show_reply(show, record);
	}
}

static void check_shown(enum topic_kind kind, const struct record_type *type, const json_t *json)
{
	char why[RECORD_WHY_SIZE], *text = NULL;
	size_t size;
	void *record = malloc(type->size);
	FUZZ_CHECK(record);
	if (record_decode(type, json, record, why) == 0) {
		struct show to = {.out = open_memstream(&text, &size), .width = 80, .now = NOON};
		show(&to, kind, record);
		fclose(to.out);
		check_lines(text);
		record_clear(type, record);
	}
	free(text);
	free(record);
}

static void check_payload(const struct mqtt_message *message)
{
	struct topic topic;
	char why[RECORD_WHY_SIZE];
	json_t *json;
	topic_parse(message->topic, &topic);
	if (json_read(message->payload, message->size, MQTT_PAYLOAD_MAX, &json, why) != 0)
		return;
	if (topic.kind == TOPIC_VIEW)
		check_shown(topic.kind, &view_record_type, json);
	else if (topic.kind == TOPIC_KIOSK_OFFER)
		check_shown(topic.kind, &offer_record_type, json);
	else if (topic.kind == TOPIC_HUB_REPLY || topic.kind == TOPIC_KIOSK_REPLY)
		check_shown(topic.kind, &reply_record_type, json);
	json_decref(json);
}

static void try_shown(const uint8_t *bytes, size_t size)
{
	static const struct tape_names names;
	struct tape tape;
	struct tape_message message;
	tape_begin(&tape, bytes, size, &names, "hub/reply/boss");
	while (tape_next(&tape, &message)) {
		if (message.mqtt.topic) {
			check_watched(&message.mqtt, false);
			check_watched(&message.mqtt, true);
			check_payload(&message.mqtt);
		}
		tape_clear(&message);
	}
}
