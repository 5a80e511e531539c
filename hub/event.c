#include "hub/event.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static int bad(char *why, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(why, RECORD_WHY_SIZE, format, args);
	va_end(args);
	return RECORD_BAD;
}

/* 20 digits as a number from 1 on; 0 if they are none. */
static int64_t read_sequence(const char *text, size_t length)
{
	if (length != SEQUENCE_SIZE - 1 || strspn(text, "0123456789") < length)
		return 0;
	char digits[SEQUENCE_SIZE];
	memcpy(digits, text, length);
	digits[length] = '\0';
	unsigned long long number = strtoull(digits, NULL, 10); /* at most 2^64-1 when too large */
	return number <= HUB_SEQ_MAX ? (int64_t)number : 0;
}

static void read_uuid(const json_t *json, const char *key, char ret[static UUID_SIZE])
{
	const char *text = json_string_value(json_object_get(json, key));
	if (text && strlen(text) == UUID_SIZE - 1 && uuid_is_valid(text))
		memcpy(ret, text, UUID_SIZE);
}

/* What names the event, out of an envelope that is bad otherwise. */
static void read_name(const json_t *json, struct hub_event *event)
{
	const char *sequence = json_string_value(json_object_get(json, "sequence"));
	read_uuid(json, "id", event->envelope.id);
	read_uuid(json, "epoch", event->envelope.epoch);
	if (sequence)
		event->seq = read_sequence(sequence, strlen(sequence));
	if (event->envelope.id[0] && event->envelope.epoch[0] && event->seq > 0)
		return;
	event->envelope.id[0] = event->envelope.epoch[0] = '\0';
	event->seq = 0;
}

/* What an envelope says that is a record all right. */
static int judge_envelope(struct hub_event *event, char why[static RECORD_WHY_SIZE])
{
	struct event_record *envelope = &event->envelope;
	event->seq = read_sequence(envelope->sequence, strlen(envelope->sequence));
	if (event->seq == 0) {
		envelope->id[0] = envelope->epoch[0] = '\0';
		return bad(why, "sequence: want 1 to %lld", (long long)HUB_SEQ_MAX);
	}
	if (strcmp(envelope->specversion, "1.0") != 0)
		return bad(why, "specversion: %s is not known here", envelope->specversion);
	event->kind = event_kind_of(envelope->type);
	const char *dot = strrchr(envelope->type, '.');
	event->fact = dot ? dot + 1 : "";
	return 0;
}

int hub_event_read_envelope(
	const json_t *json, struct hub_event *ret_event, char why[static RECORD_WHY_SIZE])
{
	memset(ret_event, 0, sizeof(*ret_event));
	if (record_decode(&event_record_type, json, &ret_event->envelope, why) == 0)
		return judge_envelope(ret_event, why);
	read_name(json, ret_event);
	return RECORD_BAD;
}

bool hub_event_read_text(const char **at, const char *end, struct hub_event *ret_event)
{
	char why[RECORD_WHY_SIZE];
	struct json_text data, none;
	ret_event->kiosk[0] = '\0';
	ret_event->own = false;
	if (!record_scan(&event_record_type, at, end, &ret_event->envelope, &data) ||
		judge_envelope(ret_event, why) != 0)
		return false;
	const struct record_type *type = event_data_type(ret_event->kind);
	const char *inner = data.bytes, *inner_end = inner + data.size;
	return type && record_scan(type, &inner, inner_end, &ret_event->data, &none) &&
	       inner == inner_end;
}

int hub_event_read_data(struct hub_event *event, char why[static RECORD_WHY_SIZE])
{
	const struct record_type *type = event_data_type(event->kind);
	if (!type)
		return bad(why, "type: %.64s is not known here", event->envelope.type);
	char inner[RECORD_WHY_SIZE];
	if (record_decode(type, event->envelope.data, &event->data, inner) == 0)
		return 0;
	event->kind = EVENT_OTHER; /* there is nothing to clear */
	return bad(why, "data.%.150s", inner);
}

void hub_event_clear(struct hub_event *event)
{
	const struct record_type *type = event_data_type(event->kind);
	if (type)
		record_clear(type, &event->data);
	record_clear(&event_record_type, &event->envelope);
}

const char *hub_event_item(const struct hub_event *event)
{
	switch (event->kind) {
	case EVENT_RENTAL:
		return event->data.rental.item;
	case EVENT_ITEM:
		return event->data.item.item;
	case EVENT_ALERT:
		return event->data.alert.item;
	case EVENT_CATALOGUE:
		return event->data.catalogue.entry.item;
	default:
		return "";
	}
}

/* The text behind the only "key":" in bytes; NULL if there is not exactly one. */
static const char *only(const char *bytes, size_t size, const char *key, size_t length)
{
	const char *end = bytes + size, *found = memmem(bytes, size, key, strlen(key));
	if (!found)
		return NULL;
	found += strlen(key);
	if ((size_t)(end - found) < length + 1 || found[length] != '"' ||
		memmem(found, (size_t)(end - found), key, strlen(key)))
		return NULL;
	return found;
}

static bool scan_uuid(const char *bytes, size_t size, const char *key, char ret[static UUID_SIZE])
{
	const char *text = only(bytes, size, key, UUID_SIZE - 1);
	if (!text)
		return false;
	memcpy(ret, text, UUID_SIZE - 1);
	ret[UUID_SIZE - 1] = '\0';
	return uuid_is_valid(ret);
}

bool hub_event_scan(const void *bytes, size_t size, char ret_id[static UUID_SIZE],
	char ret_epoch[static UUID_SIZE], int64_t *ret_seq)
{
	if (size == 0)
		return false; /* and bytes may be NULL */
	const char *sequence = only(bytes, size, "\"sequence\":\"", SEQUENCE_SIZE - 1);
	*ret_seq = sequence ? read_sequence(sequence, SEQUENCE_SIZE - 1) : 0;
	return *ret_seq > 0 && scan_uuid(bytes, size, "\"id\":\"", ret_id) &&
	       scan_uuid(bytes, size, "\"epoch\":\"", ret_epoch);
}
