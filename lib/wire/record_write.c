/*
 * Records as JSON text, without a tree in between, which would take many times as long. Views and
 * acks are most of what a hub says.
 */
#include "lib/wire/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buffer {
	char *bytes;
	size_t size, room;
};

/* Room for more bytes and a NUL; the caller counts them. */
static char *room_for(struct buffer *buffer, size_t more)
{
	if (buffer->size + more + 1 > buffer->room) {
		buffer->room = 2 * buffer->room + more + 256;
		buffer->bytes = realloc(buffer->bytes, buffer->room);
		if (!buffer->bytes)
			abort();
	}
	return buffer->bytes + buffer->size;
}

static void put(struct buffer *buffer, const char *bytes, size_t size)
{
	memcpy(room_for(buffer, size), bytes, size);
	buffer->size += size;
}

static void put_char(struct buffer *buffer, char c)
{
	*room_for(buffer, 1) = c;
	buffer->size++;
}

/* Of printable text, JSON escapes only these two. */
static void put_escaped(struct buffer *buffer, const char *text)
{
	for (;;) {
		size_t plain = strcspn(text, "\"\\");
		put(buffer, text, plain);
		text += plain;
		if (!*text)
			return;
		put_char(buffer, '\\');
		put_char(buffer, *text++);
	}
}

static void put_text(struct buffer *buffer, const char *text)
{
	put_char(buffer, '"');
	if (text_is_printable(text, strlen(text))) {
		put_escaped(buffer, text);
	} else { /* what the decoder would refuse must not leave: text out of an old table */
		char *copy = strdup(text);
		if (!copy)
			abort();
		text_mend(copy);
		put_escaped(buffer, copy);
		free(copy);
	}
	put_char(buffer, '"');
}

static void put_integer(struct buffer *buffer, int64_t number)
{
	buffer->size += (size_t)snprintf(room_for(buffer, 24), 24, "%lld", (long long)number);
}

static void put_time(struct buffer *buffer, usec wall)
{
	char text[TIME_SIZE];
	time_format(wall, text);
	put_char(buffer, '"');
	put(buffer, text, strlen(text));
	put_char(buffer, '"');
}

static void put_json(struct buffer *buffer, const json_t *json)
{
	size_t size;
	char *text = json_write(json, &size);
	put(buffer, text, size);
	free(text);
}

static void put_record(struct buffer *buffer, const struct record_type *type, const void *record);

static void put_list(struct buffer *buffer, const struct field *field, const struct list *list)
{
	const char *items = list->items;
	put_char(buffer, '[');
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			put_char(buffer, ',');
		if (field->type == FIELD_NAMES)
			put_text(buffer, items + i * NAME_SIZE);
		else
			put_record(buffer, field->record, items + i * field->record->size);
	}
	put_char(buffer, ']');
}

/* Whether a field is absent: zero, and not required. A record or a name that is not there is absent
 * whatever the flags say. */
static bool is_absent(const struct field *field, const void *value)
{
	bool always = field->flags & FIELD_REQUIRED;
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_UUID:
	case FIELD_DIGITS:
		return !always && !*(const char *)value;
	case FIELD_INTEGER:
	case FIELD_TIME:
		return !always && !*(const int64_t *)value;
	case FIELD_BOOLEAN:
		return !always && !*(const bool *)value;
	case FIELD_CHOICE:
		return !field->names[*(const int *)value] || (!always && !*(const int *)value);
	case FIELD_LIST:
	case FIELD_NAMES:
		return !always && !((const struct list *)value)->n;
	case FIELD_RECORD:
	case FIELD_JSON:
		return !*(const void *const *)value;
	case FIELD_EMBED:
		break;
	}
	abort();
}

static void put_value(struct buffer *buffer, const struct field *field, const void *value)
{
	switch (field->type) {
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_UUID:
	case FIELD_DIGITS:
		put_text(buffer, value);
		return;
	case FIELD_INTEGER:
		put_integer(buffer, *(const int64_t *)value);
		return;
	case FIELD_BOOLEAN:
		if (*(const bool *)value)
			put(buffer, "true", 4);
		else
			put(buffer, "false", 5);
		return;
	case FIELD_CHOICE:
		put_text(buffer, field->names[*(const int *)value]);
		return;
	case FIELD_TIME:
		put_time(buffer, *(const usec *)value);
		return;
	case FIELD_RECORD:
		put_record(buffer, field->record, *(const void *const *)value);
		return;
	case FIELD_LIST:
	case FIELD_NAMES:
		put_list(buffer, field, value);
		return;
	case FIELD_JSON:
		put_json(buffer, *(json_t *const *)value);
		return;
	case FIELD_EMBED:
		break;
	}
	abort();
}

static void put_fields(
	struct buffer *buffer, const struct record_type *type, const void *record, bool *first)
{
	for (const struct field *field = type->fields; field->name; field++) {
		const void *value = (const char *)record + field->offset;
		if (field->type == FIELD_EMBED) {
			put_fields(buffer, field->record, value, first);
			continue;
		}
		if (is_absent(field, value))
			continue;
		put(buffer, *first ? "\"" : ",\"", *first ? 1 : 2);
		put(buffer, field->name, strlen(field->name));
		put(buffer, "\":", 2);
		put_value(buffer, field, value);
		*first = false;
	}
}

static void put_record(struct buffer *buffer, const struct record_type *type, const void *record)
{
	bool first = true;
	put_char(buffer, '{');
	put_fields(buffer, type, record, &first);
	put_char(buffer, '}');
}

char *record_write(const struct record_type *type, const void *record, size_t *ret_size)
{
	struct buffer buffer = {0};
	put_record(&buffer, type, record);
	buffer.bytes[buffer.size] = '\0';
	if (ret_size)
		*ret_size = buffer.size;
	return buffer.bytes;
}

json_t *record_encode(const struct record_type *type, const void *record)
{
	size_t size;
	char *text = record_write(type, record, &size);
	json_t *json = json_loadb(text, size, 0, NULL);
	free(text);
	if (!json)
		abort();
	return json;
}
