/* record.c: what the decoder takes and refuses, and that nothing is lost between the two ends. */
#include "lib/wire/records.h"
#include "tests/lib/generated.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const colour_names[] = {NULL, "red", "green", NULL};
static const char *const mood_names[] = {"unknown", "good", NULL};

struct inner {
	int64_t number;
	char name[NAME_SIZE];
};
static const struct field inner_fields[] = {
	{.name = "number",
		.type = FIELD_INTEGER,
		.flags = FIELD_REQUIRED,
		.offset = offsetof(struct inner, number),
		.min = -5,
		.max = 5},
	{.name = "name",
		.type = FIELD_NAME,
		.offset = offsetof(struct inner, name),
		.size = NAME_SIZE},
	{0},
};
static const struct record_type inner_type = {
	.name = "inner", .about = "Inside.", .fields = inner_fields, .size = sizeof(struct inner)};

struct outer {
	char text[9];
	char uuid[UUID_SIZE];
	char digits[5];
	bool flag;
	int colour, mood;
	usec at;
	struct inner *record;
	struct inner embedded;
	struct list list, names;
	json_t *json;
};
#define MEMBER(member, kind, ...)                                                        \
	{                                                                                \
		.name = #member, .type = kind, .offset = offsetof(struct outer, member), \
		.size = sizeof(((struct outer *)0)->member), __VA_ARGS__                 \
	}
static const struct field outer_fields[] = {
	MEMBER(text, FIELD_TEXT, .min = 2),
	MEMBER(uuid, FIELD_UUID),
	MEMBER(digits, FIELD_DIGITS, .min = 2),
	MEMBER(flag, FIELD_BOOLEAN),
	MEMBER(colour, FIELD_CHOICE, .names = colour_names),
	MEMBER(mood, FIELD_CHOICE, .names = mood_names),
	MEMBER(at, FIELD_TIME),
	MEMBER(record, FIELD_RECORD, .record = &inner_type),
	MEMBER(embedded, FIELD_EMBED, .record = &inner_type),
	MEMBER(list, FIELD_LIST, .record = &inner_type, .max = 2),
	MEMBER(names, FIELD_NAMES, .max = 2),
	MEMBER(json, FIELD_JSON),
	{0},
};
static const struct record_type open_type = {.name = "open",
	.about = "Takes more.",
	.fields = outer_fields,
	.size = sizeof(struct outer)};
static const struct record_type closed_type = {.name = "closed",
	.about = "Takes no more.",
	.fields = outer_fields,
	.size = sizeof(struct outer),
	.closed = true};

static int decode(const struct record_type *type, const char *text, struct outer *ret, char *why)
{
	json_t *json;
	int r = json_read(text, strlen(text), 65536, &json, why);
	if (r != 0) {
		memset(ret, 0, sizeof(*ret));
		return r;
	}
	r = record_decode(type, json, ret, why);
	json_decref(json);
	return r;
}

static void takes(const char *text)
{
	struct outer outer;
	char why[RECORD_WHY_SIZE] = "";
	if (decode(&closed_type, text, &outer, why) != 0)
		fail_msg("%s was refused: %s", text, why);
	record_clear(&closed_type, &outer);
}

static void refuses(const char *text, const char *want)
{
	static const struct outer zero;
	struct outer outer;
	memset(&outer, 0xff, sizeof(outer));
	char why[RECORD_WHY_SIZE] = "";
	if (decode(&closed_type, text, &outer, why) != RECORD_BAD)
		fail_msg("%s was taken", text);
	if (!strstr(why, want))
		fail_msg("%s was refused with \"%s\", not \"%s\"", text, why, want);
	assert_memory_equal(&outer, &zero, sizeof(outer)); /* left cleared */
}

static void every_type_survives_the_wire(void **state)
{
	(void)state;
	struct dice dice = {.state = 20261122};
	for (int round = 0; round < 200; round++)
		for (const struct record_type *const *type = generated_types; *type; type++) {
			void *first = malloc((*type)->size), *second = malloc((*type)->size);
			generated_record(&dice, *type, first);
			json_t *out = record_encode(*type, first), *in;
			size_t size;
			char *text = json_write(out, &size), why[RECORD_WHY_SIZE];
			if (json_read(text, size, size, &in, why) != 0 ||
				record_decode(*type, in, second, why) != 0)
				fail_msg("%s: %s: %s", (*type)->name, why, text);
			json_t *again = record_encode(*type, second);
			if (!json_equal(out, again))
				fail_msg("%s changed: %s", (*type)->name, text);
			json_decref(out);
			json_decref(in);
			json_decref(again);
			free(text);
			record_clear(*type, first);
			record_clear(*type, second);
			free(first);
			free(second);
		}
}

/* Re-encoding alone would not notice a field that both ends forget. */
static void values_arrive_where_they_belong(void **state)
{
	(void)state;
	struct outer outer;
	char why[RECORD_WHY_SIZE];
	int r = decode(&closed_type,
		"{\"text\":\"\xea\xb0\x80 12\",\"uuid\":\"00000000-0000-7000-8000-00000000000f\","
		"\"digits\":\"0042\",\"flag\":true,\"colour\":\"green\",\"mood\":\"good\","
		"\"at\":\"2026-11-22T17:29:17.5Z\",\"record\":{\"number\":-5,\"name\":\"drill-1\"},"
		"\"number\":5,\"name\":\"out\",\"list\":[{\"number\":1},{\"number\":2}],"
		"\"names\":[\"a\",\"b-2\"],\"json\":{\"x\":[1]}}",
		&outer, why);
	assert_int_equal(r, 0);
	assert_string_equal(outer.text, "\xea\xb0\x80 12");
	assert_string_equal(outer.uuid, "00000000-0000-7000-8000-00000000000f");
	assert_string_equal(outer.digits, "0042");
	assert_true(outer.flag);
	assert_int_equal(outer.colour, 2);
	assert_int_equal(outer.mood, 1);
	assert_int_equal(outer.at, 1795368557LL * SECOND + SECOND / 2);
	assert_int_equal(outer.record->number, -5);
	assert_string_equal(outer.record->name, "drill-1");
	assert_int_equal(outer.embedded.number, 5);
	assert_string_equal(outer.embedded.name, "out");
	assert_int_equal(outer.list.n, 2);
	assert_int_equal(((struct inner *)outer.list.items)[1].number, 2);
	assert_int_equal(outer.names.n, 2);
	assert_string_equal((char *)outer.names.items + NAME_SIZE, "b-2");
	assert_int_equal(json_object_size(outer.json), 1);
	record_clear(&closed_type, &outer);
}

static void absent_is_zero_and_zero_is_absent(void **state)
{
	(void)state;
	struct outer outer;
	char why[RECORD_WHY_SIZE];
	assert_int_equal(decode(&closed_type, "{\"number\":0}", &outer, why), 0);
	assert_string_equal(outer.text, "");
	assert_false(outer.flag);
	assert_null(outer.record);
	assert_int_equal(outer.list.n, 0);
	json_t *json = record_encode(&closed_type, &outer);
	char *text = json_write(json, NULL);
	assert_string_equal(text, "{\"number\":0}"); /* required, so zero is said */
	free(text);
	json_decref(json);
	record_clear(&closed_type, &outer);
}

static void bounds(void **state)
{
	(void)state;
	takes("{\"number\":-5}");
	takes("{\"number\":5}");
	refuses("{\"number\":-6}", "number: want -5 to 5");
	refuses("{\"number\":6}", "number: want -5 to 5");
	refuses("{\"number\":9223372036854775807}", "number");
	takes("{\"number\":0,\"text\":\"ab\"}");
	takes("{\"number\":0,\"text\":\"abcdefgh\"}");
	refuses("{\"number\":0,\"text\":\"a\"}", "text: want 2 to 8 bytes");
	refuses("{\"number\":0,\"text\":\"abcdefghi\"}", "text: want 2 to 8 bytes");
	/* Bytes count, not characters: three Korean syllables are nine. */
	refuses("{\"number\":0,\"text\":\"\xea\xb0\x80\xea\xb0\x80\xea\xb0\x80\"}", "text");
	takes("{\"number\":0,\"digits\":\"12\"}");
	refuses("{\"number\":0,\"digits\":\"1\"}", "digits");
	refuses("{\"number\":0,\"digits\":\"12345\"}", "digits");
	takes("{\"number\":0,\"name\":\"abcdefghijklmnopqrstuvwxyz-01234\"}");
	refuses("{\"number\":0,\"name\":\"abcdefghijklmnopqrstuvwxyz-012345\"}", "name");
	refuses("{\"number\":0,\"name\":\"\"}", "name");
	takes("{\"number\":0,\"list\":[],\"names\":[]}");
	takes("{\"number\":0,\"list\":[{\"number\":1},{\"number\":2}],\"names\":[\"a\",\"b\"]}");
	refuses("{\"number\":0,\"list\":[{\"number\":1},{\"number\":2},{\"number\":3}]}",
		"list: more than 2");
	refuses("{\"number\":0,\"names\":[\"a\",\"b\",\"c\"]}", "names: more than 2");
}

static void wrong_types(void **state)
{
	(void)state;
	static const char *const fields[] = {"text", "uuid", "digits", "flag", "colour", "mood",
		"at", "record", "number", "name", "list", "names", "json"};
	static const char *const values[] = {
		"null", "1.5", "\"\\u00fc?\"", "[[]]", "[7]", "1e3", "[null]", "[{}]"};
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		for (size_t j = 0; j < sizeof(values) / sizeof(*values); j++) {
			char text[80];
			if (strcmp(fields[i], "text") == 0 && values[j][0] == '"')
				continue;
			snprintf(text, sizeof(text), "{%s\"%s\":%s}",
				strcmp(fields[i], "number") == 0 ? "" : "\"number\":0,", fields[i],
				values[j]);
			refuses(text, fields[i]);
		}
	refuses("{\"number\":true}", "number: want a whole number");
	refuses("{\"number\":1.0}", "number: want a whole number");
	refuses("{\"number\":0,\"flag\":1}", "flag: want true or false");
	refuses("{\"number\":0,\"uuid\":\"00000000-0000-7000-8000-00000000000F\"}", "want a UUID");
	refuses("{\"number\":0,\"uuid\":\"00000000-0000-7000-8000-00000000000\"}", "uuid: want a UUID");
	refuses("{\"number\":0,\"colour\":\"blue\"}", "colour: not one of those possible");
	refuses("{\"number\":0,\"digits\":\"1x\"}", "digits: want digits");
	refuses("{\"number\":0,\"name\":\"Drill\"}", "name: want a name");
	refuses("{\"number\":0,\"name\":\"a/b\"}", "name: want a name");
	refuses("{\"number\":0,\"name\":\"+\"}", "name: want a name");
	refuses("[]", "closed: want an object");
	refuses("{}", "number: is missing");
}

static void says_where_it_is_wrong(void **state)
{
	(void)state;
	refuses("{\"number\":0,\"record\":{\"number\":9}}", "record.number: want -5 to 5");
	refuses("{\"number\":0,\"list\":[{\"number\":1},{\"number\":9}]}", "list[1].number: want");
	refuses("{\"number\":0,\"names\":[\"a\",\"B\"]}", "names[1].name: want a name");
	refuses("{\"number\":0,\"record\":[]}", "record.inner: want an object");
}

static void unknown_fields(void **state)
{
	(void)state;
	struct outer outer;
	char why[RECORD_WHY_SIZE];
	static const char text[] = "{\"number\":0,\"more\":{\"a\":1}}";
	assert_int_equal(decode(&open_type, text, &outer, why), 0);
	record_clear(&open_type, &outer);
	refuses(text, "more: is no field of this");
	refuses("{\"number\":0,\"embedded\":{\"number\":1}}", "embedded: is no field of this");
	refuses("{\"number\":0,\"a\\u0007b\":1}", "a?b: is no field of this");
	/* A field that is known does not hide one that is not. */
	refuses("{\"number\":0,\"flag\":true,\"Flag\":true}", "Flag: is no field");
}

static void control_characters(void **state)
{
	(void)state;
	refuses("{\"number\":0,\"text\":\"a\\nb\"}", "text: control characters");
	refuses("{\"number\":0,\"text\":\"a\\u0000b\"}", "not JSON");
	refuses("{\"number\":0,\"text\":\"a\\u001b[\"}", "text: control characters");
	refuses("{\"number\":0,\"text\":\"a\\u007f\"}", "text: control characters");
	refuses("{\"number\":0,\"text\":\"a\\u0085\"}", "text: control characters");
	refuses("{\"number\":0,\"name\":\"a\\u0000\"}", "not JSON");
	refuses("{\"number\":0,\"name\":\"a\\u0001\"}", "name: control characters");
}

static int read_text(const char *bytes, size_t size, size_t max, char *why)
{
	json_t *json = NULL;
	int r = json_read(bytes, size, max, &json, why);
	if (r == 0)
		json_decref(json);
	else
		assert_null(json);
	return r;
}

static void bytes_that_are_no_json(void **state)
{
	(void)state;
	char why[RECORD_WHY_SIZE];
#define READ(text) read_text(text, sizeof(text) - 1, 1000, why)
	assert_int_equal(READ("{\"a\":1}"), 0);
	assert_int_equal(READ(""), RECORD_BAD);
	assert_int_equal(read_text(NULL, 0, 1000, why), RECORD_BAD);
	assert_int_equal(READ("{\"a\":1,\"a\":2}"), RECORD_BAD);
	assert_non_null(strstr(why, "duplicate"));
	assert_int_equal(READ("{\"a\":1}x"), RECORD_BAD);
	assert_int_equal(READ("{\"a\":1}\0"), RECORD_BAD);
	assert_int_equal(READ("{\"a\":\"\xff\"}"), RECORD_BAD);
	assert_int_equal(READ("{\"a\":\"\xc0\x80\"}"), RECORD_BAD);
	assert_int_equal(READ("{\"a\":\"\xed\xa0\x80\"}"), RECORD_BAD);
	assert_int_equal(READ("{\"a\":\"\xea\xb0\"}"), RECORD_BAD);
	assert_int_equal(READ("{\"a\":\"\\ud800\"}"), RECORD_BAD);
	assert_int_equal(READ("{\"\xea\xb0\":1}"), RECORD_BAD);
	assert_true(text_is_printable(why, strlen(why)));
	assert_int_equal(READ("{\"a\":NaN}"), RECORD_BAD);
	assert_int_equal(READ("{\"a\":99999999999999999999}"), RECORD_BAD);
	assert_int_equal(READ("1"), RECORD_BAD);
	assert_int_equal(READ("[1]"), 0);
#undef READ
}

static void size_and_depth(void **state)
{
	(void)state;
	char why[RECORD_WHY_SIZE], text[200];
	assert_int_equal(read_text("[1,2]", 5, 5, why), 0);
	assert_int_equal(read_text("[1,2]", 5, 4, why), RECORD_BAD);
	assert_non_null(strstr(why, "5 bytes; at most 4"));
	for (int depth = 15; depth <= 18; depth++) {
		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		assert_int_equal(read_text(text, (size_t)depth * 2, sizeof(text), why),
			depth <= 16 ? 0 : RECORD_BAD);
	}
	/* Brackets within text are no levels, escaped quotes do not end it. */
	static const char quoted[] = "[\"[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[\"]";
	assert_int_equal(read_text(quoted, sizeof(quoted) - 1, 99, why), 0);
	/* A million opening brackets: no recursion, no time. */
	size_t many = 1000000;
	char *deep = malloc(many);
	memset(deep, '[', many);
	assert_int_equal(read_text(deep, many, many, why), RECORD_BAD);
	free(deep);
}

/* What is wrong is told to whoever sent it: also that message must be JSON, whatever he sent. */
static void refusals_can_be_sent(void **state)
{
	(void)state;
	for (size_t pad = 0; pad < 70; pad++) {
		char text[600] = "{\"number\":0,\"";
		size_t n = strlen(text);
		memset(text + n, 'k', pad);
		n += pad;
		for (int i = 0; i < 60; i++, n += 3)
			memcpy(text + n, "\xea\xb0\x80", 3);
		strcpy(text + n, "\":1}");

		struct outer outer;
		struct reply_record reply = {.code = REPLY_MALFORMED};
		assert_int_equal(decode(&closed_type, text, &outer, reply.message), RECORD_BAD);
		json_t *json = record_encode(&reply_record_type, &reply);
		size_t size;
		char *written = json_write(json, &size), why[RECORD_WHY_SIZE];
		json_t *in;
		assert_int_equal(json_read(written, size, size, &in, why), 0);
		struct reply_record back;
		assert_int_equal(record_decode(&reply_record_type, in, &back, why), 0);
		assert_non_null(strstr(back.message, "no field of this"));
		record_clear(&reply_record_type, &back);
		json_decref(in);
		json_decref(json);
		free(written);
	}
}

/* Text that reached a struct by another way than the decoder (a cut, a printf, an old table). */
static void the_encoder_mends_text(void **state)
{
	(void)state;
	struct reply_record reply = {.code = REPLY_OK};
	memcpy(reply.message, "a\xea\xb0z\n\xff\xed\xa0\x80", 9);
	json_t *json = record_encode(&reply_record_type, &reply);
	const char *text = json_string_value(json_object_get(json, "message"));
	assert_non_null(text);
	assert_true(text_is_printable(text, strlen(text)));
	assert_int_equal(text[0], 'a');
	assert_non_null(strchr(text, 'z'));
	free(json_write(json, NULL));
	json_decref(json);
}

static void clearing_twice_is_harmless(void **state)
{
	(void)state;
	struct dice dice = {.state = 7};
	struct desired_record desired;
	generated_record(&dice, &desired_record_type, &desired);
	record_clear(&desired_record_type, &desired);
	record_clear(&desired_record_type, &desired);
	assert_null(desired.settings);
	assert_int_equal(desired.items.n, 0);
}

/* Any prefix and any changed byte: refused or taken, never a crash or a leak (asan watches). */
static void damaged_bytes(void **state)
{
	(void)state;
	struct dice dice = {.state = 99};
	char why[RECORD_WHY_SIZE];
	struct view_record view;
	generated_record(&dice, &view_record_type, &view);
	json_t *json = record_encode(&view_record_type, &view);
	size_t size;
	char *text = json_write(json, &size);
	json_decref(json);
	record_clear(&view_record_type, &view);
	for (int i = 0; i < 20000; i++) {
		char *copy = malloc(size);
		memcpy(copy, text, size);
		size_t length = i % 2 ? size : dice_roll(&dice, size);
		copy[dice_roll(&dice, size)] = (char)dice_roll(&dice, 256);
		if (json_read(copy, length, size, &json, why) == 0) {
			if (record_decode(&view_record_type, json, &view, why) == 0)
				record_clear(&view_record_type, &view);
			json_decref(json);
		}
		free(copy);
	}
	free(text);
}

static void event_types(void **state)
{
	(void)state;
	assert_int_equal(event_kind_of("lendlock.rental.paid"), EVENT_RENTAL);
	assert_int_equal(event_kind_of("lendlock.adopted.approved"), EVENT_ADOPTED);
	assert_int_equal(event_kind_of("lendlock.rentals.paid"), EVENT_OTHER);
	assert_int_equal(event_kind_of("lendlock.rent.paid"), EVENT_OTHER);
	assert_int_equal(event_kind_of("lendlock..paid"), EVENT_OTHER);
	assert_int_equal(event_kind_of("lendlock."), EVENT_OTHER);
	assert_int_equal(event_kind_of("com.example.rental.paid"), EVENT_OTHER);
	assert_int_equal(event_kind_of(""), EVENT_OTHER);
	assert_null(event_data_type(EVENT_OTHER));
	for (int kind = EVENT_OTHER + 1; kind < EVENT_KINDS; kind++)
		assert_non_null(event_data_type((enum event_kind)kind));
}

/* The words of each enum are there, all of them, and none twice. */
static void names_are_complete(void **state)
{
	(void)state;
	for (const struct record_type *const *type = generated_types; *type; type++)
		for (const struct field *field = (*type)->fields; field->name; field++)
			for (int i = 1; field->type == FIELD_CHOICE && field->names[i]; i++)
				assert_int_equal(choice_find(field->names, field->names[i]), i);
	for (int code = REPLY_OK; code < REPLY_CODES; code++)
		assert_non_null(reply_code_names[code]);
	assert_null(reply_code_names[REPLY_CODES]);
	for (int kind = EVENT_RENTAL; kind < EVENT_KINDS; kind++)
		assert_non_null(event_kind_names[kind]);
	assert_null(event_kind_names[EVENT_KINDS]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_survives_the_wire),
		cmocka_unit_test(values_arrive_where_they_belong),
		cmocka_unit_test(absent_is_zero_and_zero_is_absent),
		cmocka_unit_test(bounds),
		cmocka_unit_test(wrong_types),
		cmocka_unit_test(says_where_it_is_wrong),
		cmocka_unit_test(unknown_fields),
		cmocka_unit_test(control_characters),
		cmocka_unit_test(bytes_that_are_no_json),
		cmocka_unit_test(size_and_depth),
		cmocka_unit_test(refusals_can_be_sent),
		cmocka_unit_test(the_encoder_mends_text),
		cmocka_unit_test(clearing_twice_is_harmless),
		cmocka_unit_test(damaged_bytes),
		cmocka_unit_test(event_types),
		cmocka_unit_test(names_are_complete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
