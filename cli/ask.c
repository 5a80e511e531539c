#include "cli/ask.h"

#include "lib/base/uuid.h"
#include "lib/wire/record.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN (2 * SECOND) /* between two sendings of a request */
#define GRACE \
	(1500 * MSEC) /* the reply "pending" is made when the time is over, and has to travel */

struct asker {
	struct session *session;
	const struct cli_config *config;
	char filter_texts[2][MQTT_TOPIC_MAX];
	const char *filters[3];
	/* What is waited for. */
	char id[UUID_SIZE];
	char reply_topic[MQTT_TOPIC_MAX];
	json_t *reply;
};

static bool bears_id(const struct asker *asker, const struct mqtt_message *message)
{
	return message->correlation_size == strlen(asker->id) &&
	       memcmp(message->correlation, asker->id, message->correlation_size) == 0;
}

/* A reply counts on its responder's own topic, and with the request's id. */
static bool on_message(void *context, const struct mqtt_message *message)
{
	struct asker *asker = context;
	char why[RECORD_WHY_SIZE];
	json_t *json;
	if (message->retain || asker->reply || strcmp(message->topic, asker->reply_topic) != 0 ||
		!bears_id(asker, message) ||
		json_read(message->payload, message->size, MQTT_PAYLOAD_MAX, &json, why) != 0)
		return false;
	asker->reply = json;
	return true;
}

static struct topic topic_of(const struct asker *asker, enum topic_kind kind, const char *kiosk)
{
	struct topic topic = {.kind = kind};
	TEXT_COPY(topic.site, asker->config->site);
	TEXT_COPY(topic.node, kiosk);
	TEXT_COPY(topic.user, asker->config->user);
	return topic;
}

int asker_open(const struct cli_config *config, struct asker **ret_asker)
{
	struct asker *asker = calloc(1, sizeof(*asker));
	if (!asker)
		abort();
	asker->config = config;
	const struct topic kiosks = topic_of(asker, TOPIC_KIOSK_REPLY, "+");
	const struct topic hub = topic_of(asker, TOPIC_HUB_REPLY, "");
	topic_format(&kiosks, asker->filter_texts[0]);
	topic_format(&hub, asker->filter_texts[1]);
	asker->filters[0] = asker->filter_texts[0];
	asker->filters[1] = asker->filter_texts[1];
	int r = session_open(config, asker->filters, on_message, asker, &asker->session);
	if (r == 0)
		*ret_asker = asker;
	return r;
}

/* The payload with expires_at, to be freed. */
static char *payload_of(struct asker *asker, usec ttl, const json_t *args, size_t *ret_size)
{
	char expires[TIME_SIZE];
	time_format(session_wall(asker->session) + ttl, expires);
	json_t *payload = json_pack("{s:s}", "expires_at", expires);
	if (!payload || json_object_update(payload, (json_t *)(uintptr_t)args) < 0)
		abort();
	char *text = json_write(payload, ret_size);
	json_decref(payload);
	return text;
}

static bool wait_for_reply(
	struct asker *asker, const struct mqtt_message *message, usec until, usec last)
{
	bool replied = false;
	while (!replied && session_now(asker->session) < last) {
		usec now = session_now(asker->session);
		if (now < until)
			session_publish(asker->session, message);
		replied = session_wait(asker->session, usec_min(now + AGAIN, last));
	}
	return replied;
}

json_t *asker_ask(struct asker *asker, const struct question *question, const json_t *args)
{
	bool hub = question->kind == TOPIC_HUB_REQUEST;
	usec ttl = usec_min(question->ttl, asker->config->patience);
	struct topic topic = topic_of(asker, question->kind, hub ? "" : question->kiosk);
	struct topic reply = topic;
	char text[MQTT_TOPIC_MAX];
	TEXT_COPY(topic.operation, question->operation);
	reply.kind = hub ? TOPIC_HUB_REPLY : TOPIC_KIOSK_REPLY;
	topic_format(&topic, text);
	topic_format(&reply, asker->reply_topic);
	uuid_make(session_wall(asker->session), random_os(), asker->id);

	struct mqtt_message message = {
		.topic = text,
		.qos = 1,
		.expiry = (uint32_t)(ttl / SECOND),
		.content_type = "application/json",
		.response_topic = asker->reply_topic,
		.correlation = asker->id,
		.correlation_size = strlen(asker->id),
	};
	char *payload = payload_of(asker, ttl, args, &message.size);
	message.payload = payload;
	usec until = session_now(asker->session) + ttl;
	wait_for_reply(asker, &message, until, until + GRACE);
	free(payload);
	json_t *answer = asker->reply;
	asker->reply = NULL;
	return answer;
}
