#include "lib/wire/topic.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The levels after lendlock/v1/{site}/; n, u and o stand for node, user and operation. */
static const char *const shapes[TOPIC_KINDS] = {
	[TOPIC_OTHER] = "",
	[TOPIC_KIOSK_EVENT] = "kiosk/{n}/event",
	[TOPIC_KIOSK_ACK] = "kiosk/{n}/ack",
	[TOPIC_KIOSK_DESIRED] = "kiosk/{n}/desired",
	[TOPIC_KIOSK_STATUS] = "kiosk/{n}/status",
	[TOPIC_KIOSK_OFFER] = "kiosk/{n}/offer",
	[TOPIC_KIOSK_REQUEST] = "kiosk/{n}/request/{u}/{o}",
	[TOPIC_KIOSK_REPLY] = "kiosk/{n}/reply/{u}",
	[TOPIC_HUB_REQUEST] = "hub/request/{u}/{o}",
	[TOPIC_HUB_REPLY] = "hub/reply/{u}",
	[TOPIC_HUB_STATUS] = "hub/status",
	[TOPIC_PAYMENT_REQUEST] = "payment/{n}/request/{u}/{o}",
	[TOPIC_PAYMENT_REPLY] = "payment/{n}/reply/{u}",
	[TOPIC_PAYMENT_STATUS] = "payment/{n}/status",
	[TOPIC_VIEW] = "view/{n}",
};

static char *variable(struct topic *topic, char letter)
{
	return letter == 'n' ? topic->node : letter == 'u' ? topic->user : topic->operation;
}

/* Takes one level off *text into ret; false if it is no name. */
static bool take_name(const char **text, char ret[static NAME_SIZE])
{
	size_t length = strcspn(*text, "/");
	if (length == 0 || length >= NAME_SIZE)
		return false;
	memcpy(ret, *text, length);
	ret[length] = '\0';
	*text += length;
	return name_is_valid(ret);
}

static bool matches(const char *shape, const char *text, struct topic *ret)
{
	for (; *shape; shape++) {
		if (*shape == '{') {
			if (!take_name(&text, variable(ret, shape[1])))
				return false;
			shape += 2; /* to the closing brace */
		} else if (*shape != *text++) {
			return false;
		}
	}
	return *text == '\0';
}

void topic_parse(const char *text, struct topic *ret_topic)
{
	static const char prefix[] = "lendlock/v1/";
	struct topic head = {.kind = TOPIC_OTHER};
	*ret_topic = head;
	if (strncmp(text, prefix, sizeof(prefix) - 1) != 0)
		return;
	text += sizeof(prefix) - 1;
	if (!take_name(&text, head.site) || *text++ != '/')
		return;
	for (int kind = TOPIC_OTHER + 1; kind < TOPIC_KINDS; kind++) {
		struct topic topic = head;
		topic.kind = (enum topic_kind)kind;
		if (matches(shapes[kind], text, &topic)) {
			*ret_topic = topic;
			return;
		}
	}
}

void topic_format(const struct topic *topic, char ret_text[static MQTT_TOPIC_MAX])
{
	struct topic copy = *topic;
	int n = snprintf(ret_text, MQTT_TOPIC_MAX, "lendlock/v1/%s/", topic->site);
	size_t length = (size_t)n;
	for (const char *shape = shapes[topic->kind]; *shape; shape++) {
		if (*shape == '{') {
			const char *level = variable(&copy, shape[1]);
			length += (size_t)snprintf(
				ret_text + length, MQTT_TOPIC_MAX - length, "%s", level);
			shape += 2;
		} else {
			ret_text[length++] = *shape;
		}
	}
	ret_text[length] = '\0';
}
