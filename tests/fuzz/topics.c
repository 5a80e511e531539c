/* Any text as a topic: what is read as one of ours is that one, and says so when it is written
 * again. */
#include "lib/wire/topic.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

void fuzz_set_up(const char *target)
{
	(void)target;
}

static void check_level(const char *level)
{
	FUZZ_CHECK(level[0] == '\0' || name_is_valid(level));
}

void fuzz_try(const uint8_t *bytes, size_t size)
{
	char *text = fuzz_text(bytes, size), again[MQTT_TOPIC_MAX];
	struct topic topic;
	topic_parse(text, &topic);
	check_level(topic.site);
	check_level(topic.node);
	check_level(topic.user);
	check_level(topic.operation);
	FUZZ_CHECK(topic.kind < TOPIC_KINDS);
	if (topic.kind != TOPIC_OTHER) {
		topic_format(&topic, again);
		FUZZ_CHECK(strcmp(again, text) == 0);
	}
	free(text);
}
