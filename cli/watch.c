#include "cli/watch.h"

#include "cli/words.h"
#include "lib/wire/records.h"
#include "lib/wire/topic.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- as JSON ---------------------------------------------------------------------- */

static json_t *payload_json(const struct mqtt_message *message)
{
	char why[RECORD_WHY_SIZE];
	json_t *json;
	return json_read(message->payload, message->size, MQTT_PAYLOAD_MAX, &json, why) == 0 ? json
											     : NULL;
}

static void print_json(const struct mqtt_message *message, usec now, FILE *out)
{
	char received[TIME_SIZE], topic[MQTT_TOPIC_MAX];
	time_format(now, received);
	TEXT_COPY(topic, message->topic);
	text_mend(topic); /* it need not be UTF-8, and JSON must be */
	json_t *line = json_pack(
		"{s:s, s:s, s:b}", "received", received, "topic", topic, "retain", message->retain);
	json_t *payload = payload_json(message);
	if (message->correlation_size > 0)
		json_object_set_new(line, "correlation",
			json_stringn(message->correlation, message->correlation_size));
	json_object_set_new(line, "payload", payload ? payload : json_null());
	char *text = json_write(line, NULL);
	fprintf(out, "%s\n", text);
	free(text);
	json_decref(line);
}

/* --- in words --------------------------------------------------------------------- */

static const char *text_of(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));
	return text ? text : "";
}

static long long number_of(const json_t *json, const char *name)
{
	return (long long)json_integer_value(json_object_get(json, name));
}

/* Prints " name text" if there is such a text. */
static void say(const json_t *json, const char *name, const char *before, FILE *out)
{
	char text[128];
	TEXT_COPY(text, text_of(json, name));
	text_mend(text);
	if (text[0])
		fprintf(out, "%s%s", before, text);
}

static void say_event(const json_t *event, FILE *out)
{
	static const char prefix[] = "lendlock.";
	const json_t *data = json_object_get(event, "data");
	const char *type = text_of(event, "type"), *sequence = text_of(event, "sequence");
	sequence += strspn(sequence, "0");
	fprintf(out, "#%.20s ", sequence);
	fprintf(out, "%.64s",
		strncmp(type, prefix, sizeof(prefix) - 1) == 0 ? type + sizeof(prefix) - 1 : type);
	say(event, "subject", " ", out);
	say(data, "state", " is ", out);
	say(data, "rental", " rental ", out);
	if (number_of(data, "compartment"))
		fprintf(out, " door %lld", number_of(data, "compartment"));
	say(data, "by", " by ", out);
	say(data, "reason", ": ", out);
	say(data, "message", ": ", out);
}

static void say_ack(const json_t *json, FILE *out)
{
	fprintf(out, "all up to #%lld is committed", number_of(json, "seq"));
}

static void say_desired(const json_t *json, FILE *out)
{
	fprintf(out, "revision %lld.%lld: %zu items", number_of(json, "generation"),
		number_of(json, "revision"), json_array_size(json_object_get(json, "items")));
}

static void say_status(const json_t *json, FILE *out)
{
	say(json, "state", "", out);
	if (json_is_true(json_object_get(json, "lending")))
		fputs(", lending", out);
	say(json, "payments", ", payments ", out);
	say(json, "breaker", ", breaker ", out);
	if (json_object_get(json, "banks"))
		fprintf(out, ", %lld banks", number_of(json, "banks"));
	if (json_object_get(json, "acked"))
		fprintf(out, ", acked #%lld", number_of(json, "acked"));
}

static void say_offer(const json_t *json, FILE *out)
{
	const json_t *items = json_object_get(json, "items");
	size_t i, free = 0;
	json_t *item;
	json_array_foreach(items, i, item)
		free += json_is_true(json_object_get(item, "free"));
	fprintf(out, "%zu of %zu free", free, json_array_size(items));
	say(json, "payments", ", payments ", out);
}

static void say_view(const json_t *json, FILE *out)
{
	say(json, "link", "", out);
	fprintf(out, ", %lld items, %lld free, %lld out", number_of(json, "items"),
		number_of(json, "available"), number_of(json, "rented"));
	if (number_of(json, "attention"))
		fprintf(out, ", %lld for a person", number_of(json, "attention"));
	fprintf(out, ", as of #%lld", number_of(json, "seq"));
}

/* The arguments of a request; codes are nobody's business. */
static void say_request(const json_t *json, FILE *out)
{
	const char *name, *blank = "";
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)json, name, value) {
		if (strcmp(name, "expires_at") == 0 || strcmp(name, "method") == 0)
			continue;
		char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY), copy[128];
		snprintf(copy, sizeof(copy), "%.30s=%.90s", name,
			strcmp(name, "code") == 0 || !text ? "..." : text);
		text_mend(copy);
		fprintf(out, "%s%s", blank, copy);
		blank = " ";
		free(text);
	}
}

static void say_reply(const json_t *json, FILE *out)
{
	const json_t *rental = json_object_get(json, "rental");
	const json_t *payment = json_object_get(json, "payment");
	say(json, "operation", "", out);
	say(json, "code", ": ", out);
	say(json, "message", ": ", out);
	say(rental, "item", ", ", out);
	say(rental, "state", " is ", out);
	say(payment, "state", ", payment ", out);
}

static void say_payload(const struct topic *topic, const json_t *json, FILE *out)
{
	switch (topic->kind) {
	case TOPIC_KIOSK_ACK:
		say_ack(json, out);
		break;
	case TOPIC_KIOSK_DESIRED:
		say_desired(json, out);
		break;
	case TOPIC_KIOSK_STATUS:
	case TOPIC_HUB_STATUS:
	case TOPIC_PAYMENT_STATUS:
		say_status(json, out);
		break;
	case TOPIC_KIOSK_OFFER:
		say_offer(json, out);
		break;
	case TOPIC_VIEW:
		say_view(json, out);
		break;
	case TOPIC_KIOSK_REQUEST:
	case TOPIC_HUB_REQUEST:
	case TOPIC_PAYMENT_REQUEST:
		say_request(json, out);
		break;
	case TOPIC_KIOSK_REPLY:
	case TOPIC_HUB_REPLY:
	case TOPIC_PAYMENT_REPLY:
		say_reply(json, out);
		break;
	default:
		fputs("?", out);
	}
}

/* The time and the topic without what all have. */
static void say_head(
	const struct mqtt_message *message, const struct topic *topic, usec now, FILE *out)
{
	time_t seconds = (time_t)(now / SECOND);
	struct tm tm;
	char clock[16];
	localtime_r(&seconds, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	const char *rest = message->topic;
	if (topic->kind != TOPIC_OTHER)
		rest += strlen("lendlock/v1/") + strlen(topic->site) + 1;
	char copy[MQTT_TOPIC_MAX];
	TEXT_COPY(copy, rest);
	text_mend(copy);
	fprintf(out, "%s %s%s  ", clock, copy, message->retain ? " (retained)" : "");
}

static void print_batch(const struct mqtt_message *message, const struct topic *topic,
	const json_t *batch, usec now, FILE *out)
{
	size_t i;
	json_t *event;
	json_array_foreach(batch, i, event) {
		say_head(message, topic, now, out);
		say_event(event, out);
		fputc('\n', out);
	}
}

void watch_print(const struct mqtt_message *message, usec now, bool json, FILE *out)
{
	struct topic topic;
	topic_parse(message->topic, &topic);
	if (json) {
		print_json(message, now, out);
		return;
	}
	json_t *payload = payload_json(message);
	if (topic.kind == TOPIC_KIOSK_EVENT && json_is_array(payload)) {
		print_batch(message, &topic, payload, now, out);
	} else {
		say_head(message, &topic, now, out);
		if (payload)
			say_payload(&topic, payload, out);
		else
			fprintf(out, message->size ? "%zu bytes that are no JSON" : "emptied",
				message->size);
		fputc('\n', out);
	}
	json_decref(payload);
}
