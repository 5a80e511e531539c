/*
 * The parts of topics.md that the tables know: examples, operations with their arguments, reply
 * codes. They stand between "<!-- generated: NAME -->" and "<!-- end -->"; the rest is written by
 * hand.
 */
#include "schemas/generator/generator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what the tables do not know -------------------------------------------------- */

/* The codes with which an operation answers besides those that any request may get. */
static const struct {
	const char *part, *operation, *codes;
} answers[] = {
	{"kiosk", "reserve", "ok returns-only not-found not-available blocked limit"},
	{"kiosk", "extend", "ok not-found wrong-state limit"},
	{"kiosk", "cancel", "ok not-found wrong-state"},
	{"kiosk", "pay",
		"ok not-found returns-only wrong-state payments-closed busy declined failed "
		"pending"},
	{"kiosk", "cancel-payment", "ok not-found wrong-state pending"},
	{"kiosk", "open",
		"ok not-found wrong-code wait returns-only wrong-state busy failed pending"},
	{"kiosk", "give-up", "ok not-found wrong-state"},
	{"kiosk", "report", "ok not-found wrong-state"},
	{"kiosk", "return", "ok not-found wrong-code wait wrong-state no-door failed pending"},
	{"kiosk", "confirm", "ok not-found forbidden wrong-state"},
	{"kiosk", "rental", "ok not-found"},
	{"kiosk", "rentals", "ok"},
	{"kiosk", "hand-over", "ok not-found returns-only wrong-state busy failed pending"},
	{"kiosk", "stock", "ok returns-only not-found wrong-state no-door busy"},
	{"kiosk", "collect", "ok returns-only not-found wrong-state busy"},
	{"kiosk", "inspect", "ok not-found wrong-state busy"},
	{"kiosk", "block", "ok not-found wrong-state"},
	{"kiosk", "resolve", "ok not-found wrong-state"},
	{"kiosk", "settle-payment", "ok not-found wrong-state pending"},
	{"kiosk", "refund-payment", "ok not-found wrong-state"},
	{"kiosk", "repair", "ok not-found"},
	{"kiosk", "confirm-bank", "ok wrong-state not-found busy"},
	{"kiosk", "simulate", "ok not-found"},
	{"hub", "item-register", "ok exists limit"},
	{"hub", "item-change", "ok not-found wrong-state limit"},
	{"hub", "item-withdraw", "ok not-found wrong-state limit"},
	{"hub", "item-move", "ok not-found wrong-state limit"},
	{"hub", "renter-set", "ok"},
	{"hub", "renter-block", "ok limit"},
	{"hub", "renter-erase", "ok not-found"},
	{"hub", "kiosk-adopt", "ok not-found wrong-state"},
	{"hub", "bank-remove", "ok not-found wrong-state"},
	{"hub", "alert-clear", "ok not-found"},
	{"hub", "dead-letters-replay", "ok"},
	{"hub", "dead-letter-dismiss", "ok not-found"},
	{"hub", "items", "ok"},
	{"hub", "item", "ok not-found"},
	{"hub", "catalogue", "ok not-found"},
	{"hub", "banks", "ok"},
	{"hub", "rentals", "ok"},
	{"hub", "attention", "ok"},
	{"hub", "dead-letters", "ok"},
	{"payment", "authorize", "ok declined wrong-state payments-closed busy failed pending"},
	{"payment", "capture", "ok not-found wrong-state busy failed pending"},
	{"payment", "void", "ok not-found busy failed pending"},
	{"payment", "refund", "ok not-found busy failed pending"},
	{"payment", "query", "ok not-found busy pending"},
	{"payment", "reconcile", "ok busy"},
	{"payment", "settle", "ok not-found wrong-state"},
};

static const char *const code_meanings[REPLY_CODES] = {
	[REPLY_OK] = "Done, or here is what was asked for.",
	[REPLY_PENDING] = "Taken on, and not decided by `expires_at`. Ask with `rental`.",
	[REPLY_MALFORMED] = "No JSON, or not the operation's schema; `message` says where.",
	[REPLY_UNKNOWN_OPERATION] = "Nothing by that name is offered here.",
	[REPLY_RESPONSE_TOPIC] = "Response Topic is not the asker's own reply topic.",
	[REPLY_CORRELATION] =
		"Correlation Data is missing, or not 1 to 64 visible ASCII characters.",
	[REPLY_CONFLICT] = "This id, or this payment, came before for something else.",
	[REPLY_EXPIRED] = "`expires_at` had passed: it was not done, and never will be.",
	[REPLY_TOO_FAR] = "`expires_at` lies further ahead than the operation allows.",
	[REPLY_CLOCK] = "The receiver does not know the time well enough. Nothing was done.",
	[REPLY_FORBIDDEN] = "For managers only, or not the asker's to say.",
	[REPLY_NOT_FOUND] = "There is no such thing here, or it is not the asker's.",
	[REPLY_NOT_AVAILABLE] = "The item cannot be reserved now.",
	[REPLY_WRONG_STATE] = "Not possible in the state it is in; see `rental.state`.",
	[REPLY_LIMIT] = "As many as are allowed.",
	[REPLY_BLOCKED] = "This renter may not reserve.",
	[REPLY_RETURNS_ONLY] = "The bank waits to be adopted or confirmed, and takes returns only.",
	[REPLY_NO_DOOR] = "No free working door. Of a return: it is on record, and the time stops.",
	[REPLY_BUSY] = "Not now; `retry_after` says when, if it is there.",
	[REPLY_WRONG_CODE] = "No open rental at this bank has that code.",
	[REPLY_WAIT] = "Too many wrong codes; `retry_after` says how long to wait.",
	[REPLY_DECLINED] = "The payment was declined: no money moved, none will.",
	[REPLY_FAILED] = "It was tried and did not work; `message` says what.",
	[REPLY_PAYMENTS_CLOSED] = "Payments do not work for the moment. What is held stays held.",
	[REPLY_EXISTS] = "That name is taken.",
};

/* --- operations ------------------------------------------------------------------- */

struct text {
	FILE *stream;
};

__attribute__((format(printf, 2, 3))) static void say(struct text *text, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vfprintf(text->stream, format, args);
	va_end(args);
}

static const char *answers_of(const char *part, const char *operation)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		if (strcmp(answers[i].part, part) == 0 &&
			strcmp(answers[i].operation, operation) == 0)
			return answers[i].codes;
	fprintf(stderr, "lendlock-schemas: no answers of %s %s in topics.c\n", part, operation);
	exit(1);
}

/* "ok limit" as "`ok`, `limit`"; each must be a code. */
static void say_codes(struct text *text, const char *codes)
{
	char copy[160], *at = copy;
	const char *separator = "";
	TEXT_COPY(copy, codes);
	for (char *code; (code = strsep(&at, " "));) {
		if (choice_find(reply_code_names, code) < 0)
			abort();
		say(text, "%s`%s`", separator, code);
		separator = ", ";
	}
}

static void say_names(struct text *text, const char *const *names)
{
	const char *separator = "";
	for (int i = 0; i == 0 || names[i]; i++)
		if (names[i]) {
			say(text, "%s`%s`", separator, names[i]);
			separator = ", ";
		}
}

static void say_type(struct text *text, const struct field *field)
{
	switch (field->type) {
	case FIELD_TEXT:
		say(text, "text, %lld to %zu bytes", (long long)field->min, field->size - 1);
		break;
	case FIELD_NAME:
		say(text, "name");
		break;
	case FIELD_UUID:
		say(text, "UUID");
		break;
	case FIELD_DIGITS:
		say(text, "%zu digits, as text", field->size - 1);
		break;
	case FIELD_INTEGER:
		say(text, "%lld to %lld", (long long)field->min, (long long)field->max);
		break;
	case FIELD_BOOLEAN:
		say(text, "`true`, `false`");
		break;
	case FIELD_CHOICE:
		say_names(text, field->names);
		break;
	case FIELD_TIME:
		say(text, "time");
		break;
	case FIELD_LIST:
		say(text, "up to %lld of", (long long)field->max);
		for (const struct field *inner = field->record->fields; inner->name; inner++)
			say(text, " `%s`%s", inner->name,
				inner->flags & FIELD_REQUIRED ? "" : " (optional)");
		break;
	default:
		say(text, "object");
	}
}

static void say_arguments(struct text *text, const struct record_type *type)
{
	say(text, "| argument | | what | |\n|---|---|---|---|\n");
	for (const struct field *field = type->fields; field->name; field++) {
		say(text, "| `%s` | %s | ", field->name,
			field->flags & FIELD_REQUIRED ? "required" : "");
		say_type(text, field);
		say(text, " | %s |\n", field->about ? field->about : "");
	}
}

static void say_manner(struct text *text, const struct operation *operation)
{
	if (operation->manager)
		say(text, " Managers only.");
	if (operation->query)
		say(text, " Changes nothing; a repeat is answered anew.");
	if (operation->ttl_max == 0)
		say(text, " Never expires.");
	else
		say(text, " `expires_at`: at most %lld s ahead.",
			(long long)(operation->ttl_max / SECOND));
}

static void say_operations(struct text *text, const char *part, const struct list *messages)
{
	const struct message *message = messages->items;
	for (size_t i = 0; i < messages->n; i++) {
		const struct operation *operation = message[i].operation;
		if (!operation || strcmp(message[i].source->part, part) != 0)
			continue;
		json_t *example = message_example(&message[i]);
		char *json = json_dumps(example, 0);
		say(text, "\n#### %s\n\n%s", operation->name, operation->arguments.about);
		say_manner(text, operation);
		say(text, "\n\n");
		say_arguments(text, &operation->arguments);
		say(text, "\nAnswers: ");
		say_codes(text, answers_of(part, operation->name));
		say(text, ".\n\n```json\n%s\n```\n", json);
		free(json);
		json_decref(example);
	}
	say(text, "\n");
}

static void say_code_table(struct text *text)
{
	say(text, "| code | meaning |\n|---|---|\n");
	for (int code = REPLY_OK; code < REPLY_CODES; code++) {
		if (!code_meanings[code])
			abort();
		say(text, "| `%s` | %s |\n", reply_code_names[code], code_meanings[code]);
	}
}

static bool say_example(struct text *text, const char *name, const struct list *messages)
{
	json_t *example = NULL;
	const struct message *message = messages->items;
	if (strcmp(name, "event-batch") == 0)
		example = batch_example(messages);
	for (size_t i = 0; i < messages->n && !example; i++)
		if (strcmp(message[i].name, name) == 0)
			example = message_example(&message[i]);
	if (!example)
		return false;
	char *json = json_dumps(example, JSON_INDENT(2));
	say(text, "```json\n%s\n```\n", json);
	free(json);
	json_decref(example);
	return true;
}

static bool say_part(struct text *text, const char *name, const struct list *messages)
{
	static const char operations[] = "operations ", example[] = "example ";
	if (strncmp(name, operations, sizeof(operations) - 1) == 0)
		say_operations(text, name + sizeof(operations) - 1, messages);
	else if (strncmp(name, example, sizeof(example) - 1) == 0)
		return say_example(text, name + sizeof(example) - 1, messages);
	else if (strcmp(name, "codes") == 0)
		say_code_table(text);
	else
		return false;
	return true;
}

/* --- the page --------------------------------------------------------------------- */

static const char begins[] = "<!-- generated: ", ends[] = "<!-- end -->\n";

/* Fills one part: from its first line at `at` on. Returns where the page goes on; NULL: it has no
 * end, or there is no such part. */
static const char *fill_part(struct text *text, const char *at, const struct list *messages)
{
	const char *name = at + sizeof(begins) - 1, *stop = strstr(name, " -->\n");
	const char *end = strstr(at, ends);
	char copy[64];
	if (!stop || !end || (size_t)(stop - name) >= sizeof(copy))
		return NULL;
	memcpy(copy, name, (size_t)(stop - name));
	copy[stop - name] = '\0';
	say(text, "%s%s -->\n", begins, copy);
	return say_part(text, copy, messages) ? end : NULL;
}

char *topics_fill(const char *page, const struct list *messages)
{
	char *filled = NULL;
	size_t size;
	struct text text = {.stream = open_memstream(&filled, &size)};
	if (!text.stream)
		abort();
	for (const char *at; page && (at = strstr(page, begins));) {
		say(&text, "%.*s", (int)(at - page), page);
		page = fill_part(&text, at, messages);
	}
	if (page)
		say(&text, "%s", page);
	if (fclose(text.stream) != 0)
		abort();
	if (!page) {
		free(filled);
		return NULL;
	}
	return filled;
}
