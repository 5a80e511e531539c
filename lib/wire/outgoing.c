#include "lib/wire/outgoing.h"

#include <stdlib.h>
#include <string.h>

struct waiting {
	char topic[MQTT_TOPIC_MAX];
	char response_topic[MQTT_TOPIC_MAX];
	char correlation[MQTT_CORRELATION_MAX + 1];
	const char *content_type; /* a constant */
	char *payload;
	size_t size;
	struct outgoing_options options;
};

struct outgoing {
	struct waiting *messages;
	size_t n, room;
};

struct outgoing *outgoing_new(void)
{
	struct outgoing *outgoing = calloc(1, sizeof(*outgoing));
	if (!outgoing)
		abort();
	return outgoing;
}

struct outgoing *outgoing_free(struct outgoing *outgoing)
{
	if (outgoing) {
		outgoing_drop(outgoing);
		free(outgoing->messages);
		free(outgoing);
	}
	return NULL;
}

static struct waiting *grow(struct outgoing *outgoing)
{
	if (outgoing->n == outgoing->room) {
		outgoing->room = outgoing->room ? 2 * outgoing->room : 16;
		outgoing->messages =
			realloc(outgoing->messages, outgoing->room * sizeof(*outgoing->messages));
		if (!outgoing->messages)
			abort();
	}
	struct waiting *message = &outgoing->messages[outgoing->n++];
	memset(message, 0, sizeof(*message));
	return message;
}

/* Takes payload over. */
static void add(struct outgoing *outgoing, const struct topic *topic, char *payload, size_t size,
	const char *content_type, const struct outgoing_options *options)
{
	struct waiting *message = grow(outgoing);
	topic_format(topic, message->topic);
	message->payload = payload;
	message->size = size;
	message->content_type = content_type;
	message->options = *options;
	if (options->correlation)
		TEXT_COPY(message->correlation, options->correlation);
	if (options->response_topic)
		TEXT_COPY(message->response_topic, options->response_topic);
}

void outgoing_add(struct outgoing *outgoing, const struct topic *topic,
	const struct record_type *type, const void *record, const struct outgoing_options *options)
{
	size_t size;
	char *payload = record_write(type, record, &size);
	add(outgoing, topic, payload, size, "application/json", options);
}

void outgoing_add_text(struct outgoing *outgoing, const struct topic *topic, const char *json,
	size_t size, const char *content_type, const struct outgoing_options *options)
{
	char *payload = malloc(size + 1);
	if (!payload)
		abort();
	memcpy(payload, json, size);
	payload[size] = '\0';
	add(outgoing, topic, payload, size, content_type, options);
}

void outgoing_send(struct outgoing *outgoing, struct mqtt_port *mqtt)
{
	for (size_t i = 0; i < outgoing->n; i++) {
		const struct waiting *waiting = &outgoing->messages[i];
		const struct mqtt_message message = {
			.topic = waiting->topic,
			.payload = waiting->payload,
			.size = waiting->size,
			.qos = waiting->options.qos,
			.retain = waiting->options.retain,
			.expiry = waiting->options.expiry,
			.content_type = waiting->content_type,
			.response_topic =
				waiting->response_topic[0] ? waiting->response_topic : NULL,
			.correlation = waiting->correlation[0] ? waiting->correlation : NULL,
			.correlation_size = strlen(waiting->correlation),
		};
		mqtt->publish(mqtt, &message);
	}
	outgoing_drop(outgoing);
}

void outgoing_drop(struct outgoing *outgoing)
{
	for (size_t i = 0; i < outgoing->n; i++)
		free(outgoing->messages[i].payload);
	outgoing->n = 0;
}
