/*
 * Records straight out of JSON text, without a tree in between. It takes only what our own encoders
 * write of a flat record: no white space, no escapes, nothing beyond ASCII, the fields in the
 * table's order. All else goes the long way, which decides whether it is good.
 */
#include "lib/wire/record.h"

#include <string.h>

#define WORD_MAX   40 /* choices and times, with the final NUL */
#define DIGITS_MAX 16 /* of an integer: INTEGER_MAX has so many */
#define DEPTH_MAX  4  /* of a FIELD_JSON */

struct scan {
	const char *at, *end;
};

static bool take(struct scan *scan, const char *token, size_t size)
{
	if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, token, size) != 0)
		return false;
	scan->at += size;
	return true;
}

static bool take_char(struct scan *scan, char c)
{
	return take(scan, &c, 1);
}

/* What stands between two quotes. */
static bool take_string(struct scan *scan, struct json_text *ret)
{
	if (!take_char(scan, '"'))
		return false;
	const char *first = scan->at;
	for (; scan->at < scan->end && *scan->at != '"'; scan->at++)
		if (*scan->at < 0x20 || *scan->at > 0x7e || *scan->at == '\\')
			return false;
	*ret = (struct json_text){first, (size_t)(scan->at - first)};
	return take_char(scan, '"');
}

static bool scan_text(struct scan *scan, const struct field *field, char *ret)
{
	struct json_text text;
	if (!take_string(scan, &text) || text.size >= field->size ||
		(int64_t)text.size < field->min)
		return false;
	memcpy(ret, text.bytes, text.size);
	ret[text.size] = '\0';
	switch (field->type) {
	case FIELD_NAME:
		return name_is_valid(ret);
	case FIELD_UUID:
		return uuid_is_valid(ret);
	case FIELD_DIGITS:
		return strspn(ret, "0123456789") == text.size;
	default:
		return true;
	}
}

/* A short text, ended with NUL. */
static bool scan_word(struct scan *scan, char ret[static WORD_MAX])
{
	struct json_text text;
	if (!take_string(scan, &text) || text.size >= WORD_MAX)
		return false;
	memcpy(ret, text.bytes, text.size);
	ret[text.size] = '\0';
	return true;
}

static bool scan_integer(struct scan *scan, const struct field *field, int64_t *ret)
{
	const char *first = scan->at;
	int64_t number = 0;
	for (; scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9'; scan->at++) {
		if (scan->at - first == DIGITS_MAX)
			return false;
		number = number * 10 + (*scan->at - '0');
	}
	if (scan->at == first || (*first == '0' && scan->at - first > 1))
		return false;
	*ret = number;
	return number >= field->min && number <= field->max;
}

static bool scan_boolean(struct scan *scan, bool *ret)
{
	*ret = take(scan, "true", 4);
	return *ret || take(scan, "false", 5);
}

static bool scan_choice(struct scan *scan, const struct field *field, int *ret)
{
	char word[WORD_MAX];
	if (!scan_word(scan, word))
		return false;
	*ret = choice_find(field->names, word);
	return *ret >= 0;
}

static bool scan_time(struct scan *scan, usec *ret)
{
	char word[WORD_MAX];
	return scan_word(scan, word) && time_parse(word, ret) == 0;
}

/* Finds the end of an object, by its braces. */
static bool scan_json(struct scan *scan, struct json_text *ret)
{
	const char *first = scan->at;
	int depth = 0;
	if (first == scan->end || *first != '{')
		return false;
	do {
		struct json_text text;
		if (scan->at == scan->end)
			return false;
		if (*scan->at == '"') {
			if (!take_string(scan, &text))
				return false;
			continue;
		}
		if (*scan->at == '{' && ++depth > DEPTH_MAX)
			return false;
		depth -= *scan->at++ == '}';
	} while (depth > 0);
	*ret = (struct json_text){first, (size_t)(scan->at - first)};
	return true;
}

static bool scan_value(
	struct scan *scan, const struct field *field, void *ret, struct json_text *ret_json)
{
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_UUID:
	case FIELD_DIGITS:
		return scan_text(scan, field, ret);
	case FIELD_INTEGER:
		return scan_integer(scan, field, ret);
	case FIELD_BOOLEAN:
		return scan_boolean(scan, ret);
	case FIELD_CHOICE:
		return scan_choice(scan, field, ret);
	case FIELD_TIME:
		return scan_time(scan, ret);
	case FIELD_JSON:
		return scan_json(scan, ret_json);
	default:
		return false; /* not flat */
	}
}

static bool is_named(const struct field *field, const struct json_text *name)
{
	return strncmp(field->name, name->bytes, name->size) == 0 && !field->name[name->size];
}

static const struct field *find(const struct field *fields, const struct json_text *name)
{
	while (fields->name && !is_named(fields, name))
		fields++;
	return fields;
}

/* The rest of a field whose name is in no table; a record that may have such. */
static bool skip_unknown(const struct record_type *type, struct scan *scan,
	const struct json_text *name, int *unknown)
{
	struct json_text text;
	/* Of two, one would have to be compared with the other. */
	return !type->closed && ++*unknown == 1 && !find(type->fields, name)->name &&
	       take_string(scan, &text);
}

/* Those up to there are absent. */
static bool may_leave_out(const struct field *field, const struct field *up_to)
{
	for (; field < up_to; field++)
		if ((field->flags & FIELD_REQUIRED) || field->type == FIELD_EMBED)
			return false;
	return true;
}

static bool scan_fields(
	const struct record_type *type, struct scan *scan, char *ret, struct json_text *ret_json)
{
	const struct field *next = type->fields;
	int unknown = 0;
	for (bool first = true; !take_char(scan, '}'); first = false) {
		struct json_text name;
		if ((!first && !take_char(scan, ',')) || !take_string(scan, &name) ||
			!take_char(scan, ':'))
			return false;
		const struct field *field = find(next, &name);
		if (!field->name) {
			if (!skip_unknown(type, scan, &name, &unknown))
				return false;
			continue;
		}
		if (!may_leave_out(next, field) ||
			!scan_value(scan, field, ret + field->offset, ret_json))
			return false;
		next = field + 1;
	}
	return may_leave_out(next, find(next, &(struct json_text){"", 0}));
}

bool record_scan(const struct record_type *type, const char **at, const char *end, void *ret,
	struct json_text *ret_json)
{
	struct scan scan = {*at, end};
	*ret_json = (struct json_text){0};
	memset(ret, 0, type->size);
	if (!take_char(&scan, '{') || !scan_fields(type, &scan, ret, ret_json)) {
		memset(ret, 0, type->size);
		return false;
	}
	*at = scan.at;
	return true;
}
