/* Events on their way into the log: order, gaps, duplicates, forks, bad ones. */
#include "tests/hub/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RENTAL "019ab000-0000-7000-8000-000000000001"

static int set_up(void **state)
{
	*state = site_new();
	return 0;
}

static int tear_down(void **state)
{
	*state = site_free(*state);
	return 0;
}

static json_t *item_event(struct site *site, struct teller *kiosk, const char *state)
{
	char type[64];
	snprintf(type, sizeof(type), "item.%s", state);
	return teller_event(site, kiosk, type, "drill", teller_item("drill", state, 3));
}

static void test_events_are_taken_in_order_and_acked(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	json_t *first = item_event(site, &lobby, "available");
	json_t *second = teller_event(site, &lobby, "rental.reserved", "drill",
		teller_rental(site, RENTAL, "drill", "held", "reserved"));
	teller_send(site, &lobby, first, second, NULL);
	assert_int_equal(site_acked(site, "lobby"), 2);
	assert_string_equal(site_item_state(site, "drill"), "reserved");

	json_t *ack = site_last(site, "kiosk/lobby/ack");
	assert_string_equal(json_string_value(json_object_get(ack, "event")), lobby.last);
	assert_string_equal(json_string_value(json_object_get(ack, "epoch")), lobby.epoch);
	json_decref(ack);
}

static void test_nothing_is_said_before_the_commit(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	fake_mqtt_clear(&site->mqtt);
	json_t *batch = json_pack("[o]", item_event(site, &lobby, "available"));
	char *text = json_dumps(batch, 0);
	site_give(site, "kiosk/lobby/event", text, strlen(text));
	assert_int_equal(site->mqtt.n, 0);
	assert_int_equal(hub_flush(site->hub), 0);
	assert_int_equal(site_acked(site, "lobby"), 1);
	free(text);
	json_decref(batch);
}

static void test_what_was_not_flushed_is_not_there_after_a_crash(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "available"), NULL);
	json_t *batch = json_pack("[o]", item_event(site, &lobby, "blocked"));
	char *text = json_dumps(batch, 0);
	site_give(site, "kiosk/lobby/event", text, strlen(text));
	site_restart(site);
	assert_int_equal(site_acked(site, "lobby"), 1);
	site_say(site, "kiosk/lobby/event", text);
	assert_int_equal(site_acked(site, "lobby"), 2);
	assert_string_equal(site_item_state(site, "drill"), "blocked");
	free(text);
	json_decref(batch);
}

static void test_a_gap_is_not_taken(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	json_t *first = item_event(site, &lobby, "available");
	json_t *second = item_event(site, &lobby, "blocked");
	json_t *third = item_event(site, &lobby, "available");
	teller_send(site, &lobby, first, json_incref(third), NULL);
	assert_int_equal(site_acked(site, "lobby"), 1);
	teller_send(site, &lobby, second, third, NULL);
	assert_int_equal(site_acked(site, "lobby"), 3);
}

static void test_duplicates_are_acked_and_not_taken_twice(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	json_t *first = item_event(site, &lobby, "blocked");
	json_t *second = item_event(site, &lobby, "available");
	teller_send(site, &lobby, json_incref(first), json_incref(second), NULL);
	fake_mqtt_clear(&site->mqtt);
	teller_send(site, &lobby, first, NULL);
	assert_int_equal(site_acked(site, "lobby"), 2);
	assert_string_equal(site_item_state(site, "drill"), "available");
	json_t *reply = site_ask(site, "item", json_pack("{s:s}", "item", "drill"));
	/* Registered, blocked, available. */
	assert_int_equal(json_array_size(json_object_get(reply, "history")), 3);
	json_decref(reply);
	json_decref(second);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_events_are_taken_in_order_and_acked),
		TEST(test_nothing_is_said_before_the_commit),
		TEST(test_what_was_not_flushed_is_not_there_after_a_crash),
		TEST(test_a_gap_is_not_taken),
		TEST(test_duplicates_are_acked_and_not_taken_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
