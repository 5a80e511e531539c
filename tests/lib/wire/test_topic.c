/* topic.c: every kind there and back, and what is none of ours. */
#include "lib/wire/topic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *text;
	struct topic topic;
} known[] = {
	{"lendlock/v1/seoul/kiosk/library/event",
		{.kind = TOPIC_KIOSK_EVENT, .site = "seoul", .node = "library"}},
	{"lendlock/v1/seoul/kiosk/library/ack",
		{.kind = TOPIC_KIOSK_ACK, .site = "seoul", .node = "library"}},
	{"lendlock/v1/seoul/kiosk/library/desired",
		{.kind = TOPIC_KIOSK_DESIRED, .site = "seoul", .node = "library"}},
	{"lendlock/v1/seoul/kiosk/library/status",
		{.kind = TOPIC_KIOSK_STATUS, .site = "seoul", .node = "library"}},
	{"lendlock/v1/seoul/kiosk/library/offer",
		{.kind = TOPIC_KIOSK_OFFER, .site = "seoul", .node = "library"}},
	{"lendlock/v1/seoul/kiosk/library/request/mina/open", {.kind = TOPIC_KIOSK_REQUEST,
								      .site = "seoul",
								      .node = "library",
								      .user = "mina",
								      .operation = "open"}},
	{"lendlock/v1/seoul/kiosk/library/reply/mina",
		{.kind = TOPIC_KIOSK_REPLY, .site = "seoul", .node = "library", .user = "mina"}},
	{"lendlock/v1/seoul/hub/request/boss/item-move", {.kind = TOPIC_HUB_REQUEST,
								 .site = "seoul",
								 .user = "boss",
								 .operation = "item-move"}},
	{"lendlock/v1/seoul/hub/reply/boss",
		{.kind = TOPIC_HUB_REPLY, .site = "seoul", .user = "boss"}},
	{"lendlock/v1/seoul/hub/status", {.kind = TOPIC_HUB_STATUS, .site = "seoul"}},
	{"lendlock/v1/seoul/payment/till/request/library/authorize",
		{.kind = TOPIC_PAYMENT_REQUEST,
			.site = "seoul",
			.node = "till",
			.user = "library",
			.operation = "authorize"}},
	{"lendlock/v1/seoul/payment/till/reply/library",
		{.kind = TOPIC_PAYMENT_REPLY, .site = "seoul", .node = "till", .user = "library"}},
	{"lendlock/v1/seoul/payment/till/status",
		{.kind = TOPIC_PAYMENT_STATUS, .site = "seoul", .node = "till"}},
	{"lendlock/v1/seoul/view/library",
		{.kind = TOPIC_VIEW, .site = "seoul", .node = "library"}},
};
#define KNOWN (sizeof(known) / sizeof(*known))

static void there_and_back(void **state)
{
	(void)state;
	assert_int_equal(KNOWN, TOPIC_KINDS - 1);
	for (size_t i = 0; i < KNOWN; i++) {
		struct topic topic;
		memset(&topic, 0xff, sizeof(topic));
		topic_parse(known[i].text, &topic);
		assert_int_equal(topic.kind, known[i].topic.kind);
		assert_string_equal(topic.site, known[i].topic.site);
		assert_string_equal(topic.node, known[i].topic.node);
		assert_string_equal(topic.user, known[i].topic.user);
		assert_string_equal(topic.operation, known[i].topic.operation);
		char text[MQTT_TOPIC_MAX];
		topic_format(&topic, text);
		assert_string_equal(text, known[i].text);
	}
}

static void none_of_ours(const char *text)
{
	static const struct topic other = {.kind = TOPIC_OTHER};
	struct topic topic;
	memset(&topic, 0xff, sizeof(topic));
	topic_parse(text, &topic);
	if (topic.kind != TOPIC_OTHER)
		fail_msg("%s is taken for kind %d", text, topic.kind);
	assert_string_equal(topic.site, other.site);
	assert_string_equal(topic.node, other.node);
	assert_string_equal(topic.user, other.user);
}

static void others(void **state)
{
	(void)state;
	none_of_ours("");
	none_of_ours("lendlock");
	none_of_ours("lendlock/v1/");
	none_of_ours("lendlock/v1/seoul");
	none_of_ours("lendlock/v1/seoul/");
	none_of_ours("lendlock/v2/seoul/hub/status");
	none_of_ours("/lendlock/v1/seoul/hub/status");
	none_of_ours("lendlock/v1//hub/status");
	none_of_ours("lendlock/v1/Seoul/hub/status");
	none_of_ours("lendlock/v1/seoul/hub/status/");
	none_of_ours("lendlock/v1/seoul/hub/statuses");
	none_of_ours("lendlock/v1/seoul/hub");
	none_of_ours("lendlock/v1/seoul/kiosk/library");
	none_of_ours("lendlock/v1/seoul/kiosk//event");
	none_of_ours("lendlock/v1/seoul/kiosk/+/event");
	none_of_ours("lendlock/v1/seoul/kiosk/library/#");
	none_of_ours("lendlock/v1/seoul/kiosk/library/request/mina");
	none_of_ours("lendlock/v1/seoul/kiosk/library/request/mina/open/now");
	none_of_ours("lendlock/v1/seoul/kiosk/library/request//open");
	none_of_ours("lendlock/v1/seoul/kiosk/library/reply/");
	none_of_ours("lendlock/v1/seoul/view/");
	none_of_ours("lendlock/v1/seoul/view/abcdefghijklmnopqrstuvwxyz-0123456789");
	none_of_ours("lendlock/v1/abcdefghijklmnopqrstuvwxyz-0123456789/hub/status");
	none_of_ours("$SYS/broker/uptime");
}

/* Any prefix of a topic is another kind or none, and reading stops at its end. */
static void prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++)
		for (size_t n = 0; n < strlen(known[i].text); n++) {
			char *prefix = strndup(known[i].text, n);
			struct topic topic;
			topic_parse(prefix, &topic);
			if (topic.kind != TOPIC_OTHER) {
				char text[MQTT_TOPIC_MAX];
				topic_format(&topic, text);
				assert_string_equal(text, prefix);
			}
			free(prefix);
		}
}

static void longest(void **state)
{
	(void)state;
	struct topic topic = {.kind = TOPIC_PAYMENT_REQUEST}, back;
	memset(topic.site, 'a', NAME_SIZE - 1);
	memset(topic.node, 'b', NAME_SIZE - 1);
	memset(topic.user, 'c', NAME_SIZE - 1);
	memset(topic.operation, 'd', NAME_SIZE - 1);
	char text[MQTT_TOPIC_MAX];
	topic_format(&topic, text);
	topic_parse(text, &back);
	assert_int_equal(back.kind, TOPIC_PAYMENT_REQUEST);
	assert_string_equal(back.operation, topic.operation);
}

static void filters(void **state)
{
	(void)state;
	char text[MQTT_TOPIC_MAX];
	topic_format(&(struct topic){.kind = TOPIC_KIOSK_REQUEST,
			     .site = "seoul",
			     .node = "library",
			     .user = "+",
			     .operation = "+"},
		text);
	assert_string_equal(text, "lendlock/v1/seoul/kiosk/library/request/+/+");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(others),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(longest),
		cmocka_unit_test(filters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
