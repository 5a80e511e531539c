/* An MQTT port that remembers what was published. */
#ifndef LENDLOCK_TESTS_SUPPORT_FAKE_MQTT_H
#define LENDLOCK_TESTS_SUPPORT_FAKE_MQTT_H

#include "lib/ports/mqtt.h"

#include <jansson.h>

/* Own copies; all texts end with NUL, "" for what was not there. */
struct fake_publication {
	char topic[MQTT_TOPIC_MAX];
	char *payload; /* ended with a NUL that size does not count */
	size_t size;
	int qos;
	bool retain;
	uint32_t expiry;
	char content_type[64];
	char response_topic[MQTT_TOPIC_MAX];
	char correlation[MQTT_CORRELATION_MAX + 1];
};

struct fake_mqtt {
	struct mqtt_port port;
	struct fake_publication *publications; /* in order */
	size_t n, room;
	int refuse; /* what publish() returns instead of taking the message; 0: it takes it */
};

void fake_mqtt_init(struct fake_mqtt *mqtt);
/* Forgets all that was published. Call it at the end, too. */
void fake_mqtt_clear(struct fake_mqtt *mqtt);

/* How many were published to that topic. */
size_t fake_mqtt_count(const struct fake_mqtt *mqtt, const char *topic);
/* The last one to that topic, or NULL; valid until the next publication. */
const struct fake_publication *fake_mqtt_last(const struct fake_mqtt *mqtt, const char *topic);
/* Its payload as JSON, a new reference; NULL if there is none or it is not JSON. */
json_t *fake_mqtt_last_json(const struct fake_mqtt *mqtt, const char *topic);

#endif
