#include "lib/ports/mqtt_queue.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BURST 20000

static struct mqtt_message message_of(const char *topic, const char *payload)
{
	return (struct mqtt_message){.topic = topic, .payload = payload, .size = strlen(payload)};
}

static void put(struct mqtt_queue *queue, const char *topic, const char *payload)
{
	struct mqtt_message message = message_of(topic, payload);
	mqtt_queue_put(queue, mqtt_item_new_message(1, &message));
}

static bool readable(struct mqtt_queue *queue)
{
	struct pollfd fd = {.fd = mqtt_queue_fd(queue), .events = POLLIN};
	return poll(&fd, 1, 0) == 1;
}

static void assert_next(struct mqtt_queue *queue, const char *topic)
{
	struct mqtt_item *item = mqtt_queue_take(queue);
	assert_non_null(item);
	assert_string_equal(item->message.topic, topic);
	mqtt_item_free(item);
}

static void item_holds_a_copy_of_all(void **state)
{
	(void)state;
	char topic[] = "a/b", payload[] = {'x', 0, 'y'}, type[] = "t", response[] = "r",
	     correlation[] = {0, 1};
	struct mqtt_item *item = mqtt_item_new_message(7, &(struct mqtt_message){
								  .topic = topic,
								  .payload = payload,
								  .size = 3,
								  .qos = 1,
								  .retain = true,
								  .expiry = 4000000000u,
								  .content_type = type,
								  .response_topic = response,
								  .correlation = correlation,
								  .correlation_size = 2,
							  });
	memset(topic, '!', sizeof(topic) - 1);
	memset(payload, '!', sizeof(payload));
	type[0] = response[0] = correlation[0] = '!';

	assert_int_equal(item->session, 7);
	assert_string_equal(item->message.topic, "a/b");
	assert_memory_equal(item->message.payload, "x\0y", 3);
	assert_int_equal(item->message.size, 3);
	assert_int_equal(item->message.qos, 1);
	assert_true(item->message.retain);
	assert_int_equal(item->message.expiry, 4000000000u);
	assert_string_equal(item->message.content_type, "t");
	assert_string_equal(item->message.response_topic, "r");
	assert_memory_equal(item->message.correlation, "\0\1", 2);
	mqtt_item_free(item);
}

static void absent_stays_absent(void **state)
{
	(void)state;
	struct mqtt_item *item =
		mqtt_item_new_message(1, &(struct mqtt_message){.topic = "t", .payload = NULL});
	assert_null(item->message.content_type);
	assert_null(item->message.response_topic);
	assert_null(item->message.correlation);
	assert_int_equal(item->message.size, 0);
	mqtt_item_free(item);
}

static void what_is_too_large_is_cut(void **state)
{
	(void)state;
	char *large = calloc(1, 2 * MQTT_PAYLOAD_MAX);
	struct mqtt_message message = {.topic = "t", .payload = large, .size = MQTT_PAYLOAD_MAX};
	struct mqtt_item *item = mqtt_item_new_message(1, &message);
	assert_non_null(item);
	mqtt_item_free(item);
	/* One byte too many, so that its reader sees that it is too long, and can say so. */
	message.size = 2 * MQTT_PAYLOAD_MAX;
	item = mqtt_item_new_message(1, &message);
	assert_non_null(item);
	assert_int_equal(item->message.size, MQTT_PAYLOAD_MAX + 1);
	mqtt_item_free(item);

	char name[MQTT_TOPIC_MAX + 1];
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_null(mqtt_item_new_message(1, &(struct mqtt_message){.topic = name}));
	free(large);
}

static void too_long_properties_are_cut(void **state)
{
	(void)state;
	char topic[MQTT_TOPIC_MAX + 100], correlation[MQTT_CORRELATION_MAX + 100] = {0};
	memset(topic, 'n', sizeof(topic) - 1);
	topic[sizeof(topic) - 1] = '\0';
	struct mqtt_item *item =
		mqtt_item_new_message(1, &(struct mqtt_message){.topic = "t",
						 .response_topic = topic,
						 .correlation = correlation,
						 .correlation_size = sizeof(correlation),
						 .payload = "p",
						 .size = 1});
	assert_int_equal(strlen(item->message.response_topic), MQTT_TOPIC_MAX - 1);
	assert_int_equal(item->message.correlation_size, MQTT_CORRELATION_MAX + 1);
	assert_memory_equal(item->message.payload, "p", 1);
	mqtt_item_free(item);
}

static void order_is_kept_and_fd_follows(void **state)
{
	(void)state;
	struct mqtt_queue *queue = mqtt_queue_new(10, 1000);
	assert_false(readable(queue));
	put(queue, "1", "");
	put(queue, "2", "");
	assert_true(readable(queue));
	assert_next(queue, "1");
	put(queue, "3", "");
	assert_next(queue, "2");
	assert_true(readable(queue)); /* the third waits */
	assert_next(queue, "3");
	assert_null(mqtt_queue_take(queue));
	assert_false(readable(queue));
	put(queue, "4", "");
	assert_true(readable(queue));
	mqtt_queue_free(queue);
}

static void returned_items_come_first(void **state)
{
	(void)state;
	struct mqtt_queue *queue = mqtt_queue_new(10, 1000);
	put(queue, "1", "");
	put(queue, "2", "");
	struct mqtt_item *first = mqtt_queue_take(queue);
	first->next = mqtt_queue_take(queue);
	assert_null(mqtt_queue_take(queue));
	put(queue, "3", "");
	mqtt_queue_return(queue, first);
	assert_true(readable(queue));
	assert_next(queue, "1");
	assert_next(queue, "2");
	assert_next(queue, "3");
	mqtt_queue_free(queue);
}

static void messages_beyond_the_bounds_are_dropped(void **state)
{
	(void)state;
	struct mqtt_queue *queue = mqtt_queue_new(2, 10);
	put(queue, "1", "");
	put(queue, "2", "");
	put(queue, "3", ""); /* the third of two */
	assert_int_equal(mqtt_queue_dropped(queue), 1);
	mqtt_queue_put(queue, mqtt_item_new(1, MQTT_ITEM_LOST, "news find room"));
	assert_int_equal(mqtt_queue_dropped(queue), 1);

	assert_next(queue, "1");
	put(queue, "4", "12345678"); /* 2 + 10 bytes of 10 */
	assert_int_equal(mqtt_queue_dropped(queue), 2);
	put(queue, "5", "123456"); /* 2 + 8 */
	assert_int_equal(mqtt_queue_dropped(queue), 2);
	mqtt_queue_put(queue, NULL);
	assert_int_equal(mqtt_queue_dropped(queue), 3);

	assert_next(queue, "2");
	struct mqtt_item *news = mqtt_queue_take(queue);
	assert_int_equal(news->kind, MQTT_ITEM_LOST);
	assert_string_equal(news->data, "news find room");
	mqtt_item_free(news);
	assert_next(queue, "5");
	mqtt_queue_free(queue);
}

static void one_asker_does_not_push_out_the_others(void **state)
{
	(void)state;
	struct mqtt_queue *queue = mqtt_queue_new(16, 800);
	put(queue, "t/request/mina/pay", "");
	put(queue, "t/request/mina/open", "");
	put(queue, "t/request/mina/open", ""); /* the third of 16 / 8 */
	assert_int_equal(mqtt_queue_dropped(queue), 1);
	put(queue, "t/request/joon/open", "");
	put(queue, "t/reply/mina", "");
	put(queue, "t/reply/mina", "");
	put(queue, "t/reply/mina", "");
	assert_int_equal(mqtt_queue_dropped(queue), 1);
	assert_next(queue, "t/request/mina/pay");
	put(queue, "t/request/mina/return", "");
	assert_int_equal(mqtt_queue_dropped(queue), 1);
	put(queue, "t/request/sora/open",
		"more than there is room for in an eighth of 800 bytes: that are a hundred, and "
		"not one more");
	assert_int_equal(mqtt_queue_dropped(queue), 2);
	mqtt_queue_free(queue);
}

static void *put_burst(void *queue)
{
	for (int i = 0; i < BURST; i++) {
		char topic[16];
		(void)snprintf(topic, sizeof(topic), "%d", i);
		put(queue, topic, "payload");
	}
	return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
	(void)state;
	struct mqtt_queue *queue = mqtt_queue_new(BURST, (size_t)BURST * 64);
	pthread_t putter;
	assert_int_equal(pthread_create(&putter, NULL, put_burst, queue), 0);
	int next = 0;
	while (next < BURST) {
		struct pollfd fd = {.fd = mqtt_queue_fd(queue), .events = POLLIN};
		assert_int_equal(poll(&fd, 1, 30000), 1);
		struct mqtt_item *item;
		while ((item = mqtt_queue_take(queue))) {
			assert_int_equal(strtol(item->message.topic, NULL, 10), next);
			next++;
			mqtt_item_free(item);
		}
	}
	assert_int_equal(pthread_join(putter, NULL), 0);
	assert_int_equal(mqtt_queue_dropped(queue), 0);
	mqtt_queue_free(queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(item_holds_a_copy_of_all),
		cmocka_unit_test(absent_stays_absent),
		cmocka_unit_test(what_is_too_large_is_cut),
		cmocka_unit_test(too_long_properties_are_cut),
		cmocka_unit_test(order_is_kept_and_fd_follows),
		cmocka_unit_test(returned_items_come_first),
		cmocka_unit_test(one_asker_does_not_push_out_the_others),
		cmocka_unit_test(messages_beyond_the_bounds_are_dropped),
		cmocka_unit_test(nothing_is_lost_between_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
