/* record_write.c and record_scan.c, the short ways, held to Jansson and record.c, the long ones. */
#include "lib/wire/records.h"
#include "tests/lib/generated.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RECORD_MAX 4096

static const char rental_text[] =
	"{\"rental\":\"01a2044e-8ef8-76fa-9352-9483eaffdb90\",\"item\":\"drill\","
	"\"renter\":\"c2a0ee5b954ebd41cd23aaadd465ea3c\",\"state\":\"held\",\"item_state\":"
	"\"reserved\",\"compartment\":1,\"amount\":3000,\"currency\":\"KRW\","
	"\"reserved_at\":\"2026-11-22T17:29:47.000000Z\","
	"\"expires_at\":\"2026-11-22T17:44:47.000000Z\",\"clock_stopped\":true,\"by\":\"mina\"}";

static const char event_text[] =
	"{\"specversion\":\"1.0\",\"id\":\"01a2044e-8ef8-746f-9fa9-6fb3c4bf7d87\","
	"\"source\":\"/lendlock/town/kiosk/library\",\"type\":\"lendlock.rental.reserved\","
	"\"subject\":\"drill\",\"time\":\"2026-11-22T17:29:47.000000Z\","
	"\"epoch\":\"01a2044e-19c8-76fe-a169-eb2c4e30e6f8\","
	"\"sequence\":\"00000000000000000004\",\"datacontenttype\":\"application/json\","
	"\"data\":{\"a\":{\"b\":\"}\"},\"c\":[1]}}";

/* What Jansson makes of it, written by Jansson, is the same bytes. */
static void assert_canonical(const char *text, size_t size)
{
	size_t again_size;
	char why[RECORD_WHY_SIZE];
	json_t *json;
	if (json_read(text, size, size, &json, why) != 0)
		fail_msg("%s: %s", why, text);
	char *again = json_write(json, &again_size);
	assert_int_equal(size, again_size);
	assert_string_equal(text, again);
	json_decref(json);
	free(again);
}

static void written_as_jansson_does(void **state)
{
	(void)state;
	struct dice dice = {.state = 20261122};
	union {
		char bytes[RECORD_MAX];
		max_align_t align;
	} record;
	for (int round = 0; round < 200; round++)
		for (const struct record_type *const *type = generated_types; *type; type++) {
			size_t size;
			assert_true((*type)->size <= sizeof(record));
			generated_record(&dice, *type, &record);
			char *text = record_write(*type, &record, &size);
			assert_canonical(text, size);
			free(text);
			record_clear(*type, &record);
		}
}

static void mends_text(void **state)
{
	(void)state;
	size_t size;
	struct reply_record reply = {.code = REPLY_OK};
	memcpy(reply.message, "a\xea\xb0z\n\xff\xed\xa0\x80\"\\", 11);
	char *text = record_write(&reply_record_type, &reply, &size);
	assert_canonical(text, size);
	struct reply_record back;
	char why[RECORD_WHY_SIZE];
	json_t *json = json_loadb(text, size, 0, NULL);
	assert_int_equal(record_decode(&reply_record_type, json, &back, why), 0);
	json_decref(json);
	free(text);
}

/* Scans all of text; ret and its FIELD_JSON's text. */
static bool scan(const struct record_type *type, const char *text, size_t size, void *ret,
	struct json_text *ret_json)
{
	/* A copy of exactly that size, so that a sanitizer sees who reads behind it. */
	char *copy = malloc(size + 1);
	assert_non_null(copy);
	memcpy(copy, text, size);
	copy = realloc(copy, size ? size : 1);
	const char *at = copy;
	bool taken = record_scan(type, &at, copy + size, ret, ret_json) && at == copy + size;
	if (ret_json->bytes)
		ret_json->bytes = text + (ret_json->bytes - copy);
	free(copy);
	return taken;
}

/* Whether the short way takes it; then the long way must take it for the same. */
static bool agrees(const struct record_type *type, const char *text, size_t size)
{
	union {
		char bytes[RECORD_MAX];
		max_align_t align;
	} quick, slow;
	struct json_text inner;
	char why[RECORD_WHY_SIZE];
	json_t *json, *inner_json = NULL;
	if (!scan(type, text, size, &quick, &inner))
		return false;
	if (inner.bytes && json_read(inner.bytes, inner.size, inner.size, &inner_json, why) != 0)
		return false; /* only its braces were looked at */
	if (json_read(text, size, size, &json, why) != 0 ||
		record_decode(type, json, &slow, why) != 0)
		fail_msg("%s: %s: %.*s", type->name, why, (int)size, text);
	for (const struct field *field = type->fields; field->name; field++)
		if (field->type == FIELD_JSON)
			*(json_t **)(quick.bytes + field->offset) = json_incref(inner_json);
	char *want = record_write(type, &slow, NULL), *got = record_write(type, &quick, NULL);
	assert_string_equal(got, want);
	free(want);
	free(got);
	json_decref(json);
	json_decref(inner_json);
	record_clear(type, &quick);
	record_clear(type, &slow);
	return true;
}

static bool takes(const struct record_type *type, const char *text)
{
	return agrees(type, text, strlen(text));
}

static void scans_what_kiosks_send(void **state)
{
	(void)state;
	assert_true(takes(&rental_record_type, rental_text));
	assert_true(takes(&event_record_type, event_text));
}

static void scanned_as_decoded(void **state)
{
	(void)state;
	struct dice dice = {.state = 3};
	union {
		char bytes[RECORD_MAX];
		max_align_t align;
	} record;
	int taken = 0;
	for (int round = 0; round < 200; round++)
		for (const struct record_type *const *type = generated_types; *type; type++) {
			size_t size;
			generated_record(&dice, *type, &record);
			char *text = record_write(*type, &record, &size);
			taken += agrees(*type, text, size);
			free(text);
			record_clear(*type, &record);
		}
	assert_true(taken > 500);
}

static void damage(const struct record_type *type, const char *text, struct dice *dice)
{
	static const char bytes[] = "\"\\{}[],:0123456789-+.eE tfnu\x1f\x7f\x80\xc3z";
	size_t size = strlen(text);
	char *copy = malloc(2 * size + 1);
	assert_non_null(copy);
	for (size_t i = 0; i <= size; i++)
		agrees(type, text, i);
	for (int round = 0; round < 20000; round++) {
		strcpy(copy, text);
		size_t at = dice_roll(dice, size), n = dice_roll(dice, size - at) + 1;
		switch (dice_roll(dice, 3)) {
		case 0: /* another byte */
			copy[at] = bytes[dice_roll(dice, sizeof(bytes) - 1)];
			break;
		case 1: /* a piece is missing */
			memmove(copy + at, text + at + n, size - at - n + 1);
			break;
		default: /* a piece comes twice */
			memcpy(copy + at + n, text + at, size - at + 1);
		}
		agrees(type, copy, strlen(copy));
	}
	free(copy);
}

static void damaged_text(void **state)
{
	(void)state;
	struct dice dice = {.state = 11};
	damage(&rental_record_type, rental_text, &dice);
	damage(&event_record_type, event_text, &dice);
}

struct small {
	int64_t number;
	char name[NAME_SIZE];
};
static const struct field small_fields[] = {
	{.name = "number",
		.type = FIELD_INTEGER,
		.flags = FIELD_REQUIRED,
		.offset = offsetof(struct small, number),
		.max = 10},
	{.name = "name",
		.type = FIELD_NAME,
		.offset = offsetof(struct small, name),
		.size = NAME_SIZE},
	{0},
};
static const struct record_type small_type = {
	.name = "small", .about = "Small.", .fields = small_fields, .size = sizeof(struct small)};
static const struct record_type closed_type = {.name = "closed",
	.about = "Takes no more.",
	.fields = small_fields,
	.size = sizeof(struct small),
	.closed = true};

static void leaves_to_the_long_way(void **state)
{
	(void)state;
	assert_true(takes(&small_type, "{\"number\":10,\"name\":\"a\"}"));
	assert_true(takes(&small_type, "{\"number\":0}"));
	assert_true(takes(&small_type, "{\"other\":\"x\",\"number\":0}"));
	static const char *const others[] = {"", "{", "{}", "[]", "{\"number\":11}",
		"{\"number\":00}", "{\"number\":01}", "{\"number\":-0}", "{\"number\":1.0}",
		"{\"number\":1e0}", "{\"number\":true}", "{\"number\":}", "{\"number\":1,}",
		"{,\"number\":1}", "{\"number\":1 }", "{ \"number\":1}", "{\"number\":1}}",
		"{\"number\":1,\"number\":1}", "{\"number\":1,\"name\":\"\"}",
		"{\"number\":1,\"name\":\"\\u0061\"}", "{\"number\":1,\"name\":\"A\"}",
		"{\"name\":\"a\",\"number\":1}", "{\"name\":\"a\"}",
		"{\"number\":1,\"x\":\"\",\"x\":\"\"}", "{\"number\":1,\"x\":\"\",\"y\":\"\"}",
		"{\"number\":1,\"x\":1}", "{\"number\":100000000000000000000}"};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (takes(&small_type, others[i]))
			fail_msg("%s was taken", others[i]);
	assert_false(takes(&closed_type, "{\"number\":0,\"other\":\"x\"}"));
	assert_true(takes(&closed_type, "{\"number\":0}"));
}

/* One after the other, as in a batch. */
static void stops_behind_the_record(void **state)
{
	(void)state;
	static const char text[] = "{\"number\":1},{\"number\":2}]";
	const char *at = text, *end = text + sizeof(text) - 1;
	struct small small;
	struct json_text none;
	assert_true(record_scan(&small_type, &at, end, &small, &none));
	assert_int_equal(small.number, 1);
	assert_string_equal(at, ",{\"number\":2}]");
	at++;
	assert_true(record_scan(&small_type, &at, end, &small, &none));
	assert_int_equal(small.number, 2);
	assert_string_equal(at, "]");
	assert_false(record_scan(&small_type, &at, end, &small, &none));
	assert_string_equal(at, "]"); /* not moved */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_as_jansson_does),
		cmocka_unit_test(mends_text),
		cmocka_unit_test(scans_what_kiosks_send),
		cmocka_unit_test(scanned_as_decoded),
		cmocka_unit_test(damaged_text),
		cmocka_unit_test(leaves_to_the_long_way),
		cmocka_unit_test(stops_behind_the_record),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
