#include "lib/wire/record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16

static void *at(const void *record, const struct field *field)
{
	return (char *)(uintptr_t)record + field->offset;
}

void *list_add(struct list *list, size_t item_size)
{
	list->items = realloc(list->items, (list->n + 1) * item_size);
	if (!list->items)
		abort();
	void *item = (char *)list->items + list->n++ * item_size;
	memset(item, 0, item_size);
	return item;
}

int choice_find(const char *const *names, const char *text)
{
	for (int i = 0; i == 0 || names[i]; i++)
		if (names[i] && strcmp(names[i], text) == 0)
			return i;
	return -1;
}

/* Why a value is refused. The path grows from the inside out: "items[3].title: ...". It is said to
 * whoever sent the value, so it must be text whatever names he uses and wherever they are cut. */
__attribute__((format(printf, 2, 3))) static int bad(char *why, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(why, RECORD_WHY_SIZE, format, args);
	va_end(args);
	text_trim(why);
	text_mend(why);
	return RECORD_BAD;
}

static int bad_inside(char *why, const char *name, const char *rest)
{
	char inner[RECORD_WHY_SIZE];
	text_copy(inner, sizeof(inner), rest);
	return bad(why, "%.60s%s%.90s", name, inner[0] == '[' ? "" : ".", inner);
}

static int decode_text(const struct field *field, const json_t *value, char *ret, char *why)
{
	const char *text = json_string_value(value);
	if (!text)
		return bad(why, "%s: want text", field->name);
	size_t length = json_string_length(value);
	if (length != strlen(text) || !text_is_printable(text, length))
		return bad(why, "%s: control characters", field->name);
	if (field->type == FIELD_UUID && !uuid_is_valid(text))
		return bad(why, "%s: want a UUID in lower case", field->name);
	if (length >= field->size || (int64_t)length < field->min)
		return bad(why, "%s: want %lld to %zu bytes", field->name, (long long)field->min,
			field->size - 1);
	if (field->type == FIELD_NAME && !name_is_valid(text))
		return bad(why, "%s: want a name, [a-z0-9-]{1,32}", field->name);
	if (field->type == FIELD_DIGITS && strspn(text, "0123456789") != length)
		return bad(why, "%s: want digits", field->name);
	memcpy(ret, text, length + 1);
	return 0;
}

static int decode_integer(const struct field *field, const json_t *value, int64_t *ret, char *why)
{
	if (!json_is_integer(value))
		return bad(why, "%s: want a whole number", field->name);
	json_int_t number = json_integer_value(value);
	if (number < field->min || number > field->max)
		return bad(why, "%s: want %lld to %lld", field->name, (long long)field->min,
			(long long)field->max);
	*ret = number;
	return 0;
}

static int decode_choice(const struct field *field, const json_t *value, int *ret, char *why)
{
	const char *text = json_string_value(value);
	int found = text ? choice_find(field->names, text) : -1;
	if (found < 0)
		return bad(why, "%s: not one of those possible", field->name);
	*ret = found;
	return 0;
}

static int decode_time(const struct field *field, const json_t *value, usec *ret, char *why)
{
	const char *text = json_string_value(value);
	if (!text || time_parse(text, ret) < 0)
		return bad(why, "%s: want a time like 2026-11-22T17:29:17Z", field->name);
	return 0;
}

static int decode_list(const struct field *field, const json_t *value, struct list *ret, char *why)
{
	if (!json_is_array(value))
		return bad(why, "%s: want an array", field->name);
	size_t n = json_array_size(value);
	if ((int64_t)n > field->max)
		return bad(why, "%s: more than %lld", field->name, (long long)field->max);
	size_t size = field->type == FIELD_NAMES ? NAME_SIZE : field->record->size;
	ret->items = n ? calloc(n, size) : NULL;
	if (n && !ret->items)
		abort();
	for (size_t i = 0; i < n; i++) {
		const json_t *element = json_array_get(value, i);
		void *item = (char *)ret->items + i * size;
		char inner[RECORD_WHY_SIZE];
		int r;
		if (field->type == FIELD_NAMES) {
			const struct field name = {
				.name = "name", .type = FIELD_NAME, .size = NAME_SIZE, .min = 1};
			r = decode_text(&name, element, item, inner);
		} else {
			r = record_decode(field->record, element, item, inner);
		}
		ret->n = i + 1;
		if (r != 0)
			return bad(why, "%s[%zu].%.100s", field->name, i, inner);
	}
	return 0;
}

static int decode_nested(const struct field *field, const json_t *value, void **ret, char *why)
{
	char inner[RECORD_WHY_SIZE];
	*ret = calloc(1, field->record->size);
	if (!*ret)
		abort();
	int r = record_decode(field->record, value, *ret, inner);
	return r != 0 ? bad_inside(why, field->name, inner) : 0;
}

static int decode_value(const struct field *field, const json_t *value, void *ret, char *why)
{
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_UUID:
	case FIELD_DIGITS:
		return decode_text(field, value, ret, why);
	case FIELD_INTEGER:
		return decode_integer(field, value, ret, why);
	case FIELD_BOOLEAN:
		if (!json_is_boolean(value))
			return bad(why, "%s: want true or false", field->name);
		*(bool *)ret = json_is_true(value);
		return 0;
	case FIELD_CHOICE:
		return decode_choice(field, value, ret, why);
	case FIELD_TIME:
		return decode_time(field, value, ret, why);
	case FIELD_RECORD:
		return decode_nested(field, value, ret, why);
	case FIELD_LIST:
	case FIELD_NAMES:
		return decode_list(field, value, ret, why);
	case FIELD_JSON:
		if (!json_is_object(value))
			return bad(why, "%s: want an object", field->name);
		*(json_t **)ret = json_incref((json_t *)(uintptr_t)value);
		return 0;
	case FIELD_EMBED:
		break; /* has no value of its own */
	}
	abort();
}

static int decode_fields(
	const struct record_type *type, const json_t *json, void *ret, size_t *known, char *why)
{
	for (const struct field *field = type->fields; field->name; field++) {
		int r = 0;
		if (field->type == FIELD_EMBED) {
			r = decode_fields(field->record, json, at(ret, field), known, why);
		} else {
			const json_t *value = json_object_get(json, field->name);
			if (value) {
				*known += 1;
				r = decode_value(field, value, at(ret, field), why);
			} else if (field->flags & FIELD_REQUIRED) {
				r = bad(why, "%s: is missing", field->name);
			}
		}
		if (r != 0)
			return r;
	}
	return 0;
}

static bool has_field(const struct record_type *type, const char *name)
{
	for (const struct field *field = type->fields; field->name; field++)
		if (field->type == FIELD_EMBED ? has_field(field->record, name)
					       : strcmp(field->name, name) == 0)
			return true;
	return false;
}

static int refuse_unknown(const struct record_type *type, const json_t *json, char *why)
{
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)json, key, value)
		if (!has_field(type, key))
			return bad(why, "%.60s: is no field of this", key);
	return 0;
}

int record_decode(const struct record_type *type, const json_t *json, void *ret,
	char why[static RECORD_WHY_SIZE])
{
	memset(ret, 0, type->size);
	if (!json_is_object(json))
		return bad(why, "%s: want an object", type->name);
	size_t known = 0;
	int r = decode_fields(type, json, ret, &known, why);
	if (r == 0 && type->closed && known != json_object_size(json))
		r = refuse_unknown(type, json, why);
	if (r != 0)
		record_clear(type, ret);
	return r;
}

static void clear_field(const struct field *field, void *value)
{
	if (field->type == FIELD_RECORD && *(void **)value) {
		record_clear(field->record, *(void **)value);
		free(*(void **)value);
	} else if (field->type == FIELD_LIST || field->type == FIELD_NAMES) {
		struct list *list = value;
		for (size_t i = 0; field->type == FIELD_LIST && i < list->n; i++)
			record_clear(field->record, (char *)list->items + i * field->record->size);
		free(list->items);
	} else if (field->type == FIELD_JSON) {
		json_decref(*(json_t **)value);
	} else if (field->type == FIELD_EMBED) {
		record_clear(field->record, value);
	}
}

void record_clear(const struct record_type *type, void *record)
{
	for (const struct field *field = type->fields; field->name; field++)
		clear_field(field, at(record, field));
	memset(record, 0, type->size);
}

/* Levels are counted before parsing: jansson's own limit is 2048 and compiled in. */
static bool too_deep(const char *text, size_t size)
{
	int depth = 0;
	bool quoted = false;
	for (size_t i = 0; i < size; i++) {
		char c = text[i];
		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '[' || c == '{') {
			if (++depth > DEPTH_MAX)
				return true;
		} else if (c == ']' || c == '}') {
			depth--;
		}
	}
	return false;
}

int json_read(const void *bytes, size_t size, size_t max, json_t **ret_json,
	char why[static RECORD_WHY_SIZE])
{
	if (size > max)
		return bad(why, "%zu bytes; at most %zu are taken", size, max);
	if (too_deep(bytes, size))
		return bad(why, "nested deeper than %d levels", DEPTH_MAX);
	json_error_t error;
	json_t *json = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		return bad(why, "not JSON at byte %d: %.80s", error.position, error.text);
	*ret_json = json;
	return 0;
}

char *json_write(const json_t *json, size_t *ret_size)
{
	char *text = json_dumps(json, JSON_COMPACT);
	if (!text)
		abort();
	if (ret_size)
		*ret_size = strlen(text);
	return text;
}
