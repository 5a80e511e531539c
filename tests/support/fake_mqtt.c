#include "tests/support/fake_mqtt.h"

#include "lib/base/text.h"

#include <stdlib.h>
#include <string.h>

static void copy(struct fake_publication *ret, const struct mqtt_message *message)
{
	*ret = (struct fake_publication){
		.size = message->size,
		.qos = message->qos,
		.retain = message->retain,
		.expiry = message->expiry,
	};
	TEXT_COPY(ret->topic, message->topic);
	TEXT_COPY(ret->content_type, message->content_type ? message->content_type : "");
	TEXT_COPY(ret->response_topic, message->response_topic ? message->response_topic : "");
	if (message->correlation && message->correlation_size <= MQTT_CORRELATION_MAX)
		memcpy(ret->correlation, message->correlation, message->correlation_size);
	ret->payload = malloc(message->size + 1);
	if (!ret->payload)
		abort();
	if (message->size)
		memcpy(ret->payload, message->payload, message->size);
	ret->payload[message->size] = '\0';
}

static int publish(struct mqtt_port *port, const struct mqtt_message *message)
{
	struct fake_mqtt *mqtt = (struct fake_mqtt *)port;
	if (mqtt->refuse)
		return mqtt->refuse;
	if (mqtt->n == mqtt->room) {
		mqtt->room = mqtt->room ? 2 * mqtt->room : 64;
		mqtt->publications =
			realloc(mqtt->publications, mqtt->room * sizeof(*mqtt->publications));
		if (!mqtt->publications)
			abort();
	}
	copy(&mqtt->publications[mqtt->n++], message);
	return 0;
}

void fake_mqtt_init(struct fake_mqtt *mqtt)
{
	*mqtt = (struct fake_mqtt){.port = {.publish = publish}};
}

void fake_mqtt_clear(struct fake_mqtt *mqtt)
{
	for (size_t i = 0; i < mqtt->n; i++)
		free(mqtt->publications[i].payload);
	free(mqtt->publications);
	mqtt->publications = NULL;
	mqtt->n = mqtt->room = 0;
}

size_t fake_mqtt_count(const struct fake_mqtt *mqtt, const char *topic)
{
	size_t count = 0;
	for (size_t i = 0; i < mqtt->n; i++)
		count += strcmp(mqtt->publications[i].topic, topic) == 0;
	return count;
}

const struct fake_publication *fake_mqtt_last(const struct fake_mqtt *mqtt, const char *topic)
{
	for (size_t i = mqtt->n; i > 0; i--)
		if (strcmp(mqtt->publications[i - 1].topic, topic) == 0)
			return &mqtt->publications[i - 1];
	return NULL;
}

json_t *fake_mqtt_last_json(const struct fake_mqtt *mqtt, const char *topic)
{
	const struct fake_publication *last = fake_mqtt_last(mqtt, topic);
	return last ? json_loadb(last->payload, last->size, 0, NULL) : NULL;
}
