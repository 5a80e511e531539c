/* Events on their way into the log: order, gaps, duplicates, forks, bad ones. */
#include "tests/hub/site.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

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

/* The disk is full: the commit fails, and not a word of what it held goes out. */
static void test_nothing_is_said_after_a_failed_commit(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	struct rlimit before, none;
	site_register(site, "drill", "lobby");
	json_t *batch = json_pack("[o]", item_event(site, &lobby, "available"));
	char *text = json_dumps(batch, 0);
	fake_mqtt_clear(&site->mqtt);

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = before;
	none.rlim_cur = 1;
	void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	site_give(site, "kiosk/lobby/event", text, strlen(text));
	int r = hub_flush(site->hub);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, handler);

	assert_true(r < 0);
	assert_int_equal(site->mqtt.n, 0);
	assert_false(hub_healthy(site->hub));
	site_restart(site);
	assert_int_equal(site_acked(site, "lobby"), -1);
	site_say(site, "kiosk/lobby/event", text);
	assert_int_equal(site_acked(site, "lobby"), 1);
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

static json_t *dead_letters(struct site *site)
{
	json_t *reply = site_ask(site, "dead-letters", json_object());
	json_t *letters = json_incref(json_object_get(reply, "dead_letters"));
	json_decref(reply);
	return letters;
}

static size_t count_letters(struct site *site)
{
	json_t *letters = dead_letters(site);
	size_t n = json_array_size(letters);
	json_decref(letters);
	return n;
}

static void test_one_bad_event_does_not_hold_up_a_bank(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	json_t *first = item_event(site, &lobby, "available");
	json_t *bad = teller_event(site, &lobby, "item.floating", "drill",
		json_pack("{s:s, s:s}", "item", "drill", "state", "floating"));
	teller_send(site, &lobby, first, bad, NULL);
	assert_int_equal(site_acked(site, "lobby"), 2);
	assert_string_equal(site_item_state(site, "drill"), "unknown");
	assert_int_equal(count_letters(site), 1);

	teller_send(site, &lobby, item_event(site, &lobby, "available"), NULL);
	assert_int_equal(site_acked(site, "lobby"), 3);
	assert_string_equal(site_item_state(site, "drill"), "available");
}

static void test_an_unknown_kind_is_a_dead_letter(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	json_t *event = teller_event(site, &lobby, "weather.rain", "drill", json_object());
	teller_send(site, &lobby, json_incref(event), NULL);
	teller_send(site, &lobby, event, NULL); /* again: its ack was lost */
	assert_int_equal(site_acked(site, "lobby"), 1);
	assert_int_equal(count_letters(site), 1);
}

static void test_a_kiosk_has_no_say_in_the_catalogue(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	teller_send(site, &lobby,
		teller_event(site, &lobby, "catalogue.registered", "saw",
			json_pack("{s:s, s:s, s:i, s:s, s:i, s:s}", "item", "saw", "title", "Saw",
				"amount", 1, "currency", "EUR", "period", 3600, "kiosk", "lobby")),
		NULL);
	assert_int_equal(site_acked(site, "lobby"), 1);
	assert_int_equal(count_letters(site), 1);
	site_must(site, "catalogue", "not-found", json_pack("{s:s}", "item", "saw"));
}

static void test_a_kiosk_adopts_nobody(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	teller_send(site, &lobby,
		teller_event(site, &lobby, "adopted.approved", "lobby",
			json_pack("{s:s, s:s}", "kiosk", "lobby", "epoch", lobby.epoch)),
		NULL);
	assert_int_equal(count_letters(site), 1);
	assert_int_equal(site_acked(site, "lobby"), 1);
}

/* A gap is a gap, whatever comes after it: all of it comes again. */
static void test_a_bad_event_after_a_gap_is_not_taken(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	json_t *first = item_event(site, &lobby, "available");
	json_t *second = item_event(site, &lobby, "blocked");
	json_t *third = item_event(site, &lobby, "available");
	json_object_set_new(third, "specversion", json_string("2.0"));
	teller_send(site, &lobby, first, json_incref(third), NULL);
	assert_int_equal(site_acked(site, "lobby"), 1);
	assert_int_equal(count_letters(site), 0);
	teller_send(site, &lobby, second, third, NULL);
	assert_int_equal(site_acked(site, "lobby"), 3);
	assert_int_equal(count_letters(site), 1);
}

static void test_the_source_must_be_the_topic(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby"), other = lobby;
	TEXT_COPY(other.name, "library");
	site_register(site, "drill", "library");
	/* Says that it is of the library, and comes by way of the lobby. */
	teller_send(site, &lobby, item_event(site, &other, "available"), NULL);
	assert_int_equal(count_letters(site), 1);
	assert_string_equal(site_item_state(site, "drill"), "registered");
}

static void test_bytes_that_are_no_batch_are_kept_once_and_not_acked(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "available"), NULL);
	site_say(site, "kiosk/lobby/event", "[{\"no");
	site_say(site, "kiosk/lobby/event", "[{\"no");
	site_say(site, "kiosk/lobby/event", "{}");
	assert_int_equal(site_acked(site, "lobby"), 1);
	assert_int_equal(count_letters(site), 2);
}

static void test_unreadable_bytes_that_name_the_next_event_are_passed(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "available"), NULL);
	json_t *batch = json_pack("[o]", item_event(site, &lobby, "blocked"));
	char *text = json_dumps(batch, JSON_COMPACT);
	char *drill = strstr(text, "drill");
	assert_non_null(drill);
	*drill = (char)0xff; /* no UTF-8, so no JSON */
	site_say(site, "kiosk/lobby/event", text);
	assert_int_equal(site_acked(site, "lobby"), 2);
	assert_int_equal(count_letters(site), 1);
	site_say(site, "kiosk/lobby/event", text);
	assert_int_equal(site_acked(site, "lobby"), 2);
	assert_int_equal(count_letters(site), 1);
	free(text);
	json_decref(batch);
}

static void test_an_event_without_a_name_waits_to_come_singly(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	json_t *first = item_event(site, &lobby, "available");
	json_t *second = item_event(site, &lobby, "blocked");
	json_object_set_new(second, "epoch", json_string("?"));
	teller_send(site, &lobby, first, second, NULL);
	assert_int_equal(site_acked(site, "lobby"), 1);
	assert_int_equal(count_letters(site), 1);
}

static void test_a_batch_that_is_too_long_is_not_taken(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	json_t *batch = json_array();
	for (int i = 0; i < EVENT_BATCH_EVENTS + 1; i++)
		json_array_append_new(batch, item_event(site, &lobby, "available"));
	char *text = json_dumps(batch, JSON_COMPACT);
	site_say(site, "kiosk/lobby/event", text);
	assert_int_equal(count_letters(site), 1);
	free(text);
	json_array_remove(batch, EVENT_BATCH_EVENTS);
	text = json_dumps(batch, JSON_COMPACT);
	site_say(site, "kiosk/lobby/event", text);
	assert_int_equal(site_acked(site, "lobby"), EVENT_BATCH_EVENTS);
	free(text);
	json_decref(batch);
}

/* Two boards with one database: the hub has heard another event under that number. */
static void test_a_fork_is_kept_and_alerted(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby"), copy;
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "available"), NULL);
	copy = lobby;
	teller_send(site, &lobby, item_event(site, &lobby, "blocked"), NULL);
	teller_send(site, &copy, item_event(site, &copy, "inspection"), NULL);
	assert_string_equal(site_item_state(site, "drill"), "blocked");
	json_t *ack = site_last(site, "kiosk/lobby/ack");
	assert_string_equal(json_string_value(json_object_get(ack, "event")), lobby.last);
	json_decref(ack);
	json_t *letters = dead_letters(site);
	assert_int_equal(json_array_size(letters), 1);
	assert_memory_equal(
		json_string_value(json_object_get(json_array_get(letters, 0), "reason")), "fork",
		4);
	json_decref(letters);
	/* No replay ever applies it. */
	json_t *reply = site_ask(site, "dead-letters-replay", json_object());
	assert_int_equal(json_integer_value(json_object_get(reply, "count")), 0);
	json_decref(reply);
	assert_string_equal(site_item_state(site, "drill"), "blocked");
}

/* An old copy that was offline for longer than the copy is old: behind the fork comes an event that
 * would fit. It is not taken, or the copy would never hear from an ack what it is. */
static void test_nothing_behind_a_fork_is_taken(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby"), copy;
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "available"), NULL);
	copy = lobby;
	teller_send(site, &lobby, item_event(site, &lobby, "blocked"), NULL);
	json_t *second = item_event(site, &copy, "inspection");
	json_t *third = item_event(site, &copy, "available");
	for (int i = 0; i < 2; i++) { /* a repeat is no better */
		teller_send(site, &copy, json_incref(second), json_incref(third), NULL);
		assert_int_equal(site_acked(site, "lobby"), 2);
		json_t *ack = site_last(site, "kiosk/lobby/ack");
		assert_string_equal(json_string_value(json_object_get(ack, "event")), lobby.last);
		json_decref(ack);
	}
	json_decref(second);
	json_decref(third);
	assert_string_equal(site_item_state(site, "drill"), "blocked");
}

static void test_a_known_event_under_a_new_number_counts_once(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	json_t *first = item_event(site, &lobby, "blocked");
	json_t *again = json_deep_copy(first);
	json_t *second = item_event(site, &lobby, "available");
	teller_send(site, &lobby, first, second, NULL);
	json_object_set_new(again, "sequence", json_string("00000000000000000003"));
	teller_send(site, &lobby, again, NULL);
	assert_int_equal(site_acked(site, "lobby"), 3);
	assert_string_equal(site_item_state(site, "drill"), "available");
}

static void test_a_message_of_another_site_is_not_heard(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	json_t *batch = json_pack("[o]", item_event(site, &lobby, "available"));
	char *text = json_dumps(batch, 0);
	const struct mqtt_message message = {.topic = "lendlock/v1/village/kiosk/lobby/event",
		.payload = text,
		.size = strlen(text)};
	assert_int_equal(hub_message(site->hub, &message), 0);
	assert_int_equal(hub_flush(site->hub), 0);
	assert_int_equal(site_acked(site, "lobby"), -1);
	free(text);
	json_decref(batch);
}

static void give_snapshot(struct site *site, struct teller *lobby, int size)
{
	json_t *items = json_array();
	for (int i = 0; i < size; i++) {
		char item[NAME_SIZE];
		snprintf(item, sizeof(item), "item-%d", i);
		json_array_append_new(items, teller_item(item, "available", 0));
	}
	json_t *batch = json_pack("[o]", teller_event(site, lobby, "snapshot.taken", "",
						 json_pack("{s:o, s:[], s:[], s:[]}", "items",
							 items, "rentals", "payments", "alerts")));
	char *text = json_dumps(batch, JSON_COMPACT);
	site_give(site, "kiosk/lobby/event", text, strlen(text));
	free(text);
	json_decref(batch);
}

/* A bank that sends nothing but snapshots must not keep the others waiting for their acks. */
static void test_a_whole_bank_is_many_events_to_a_transaction(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	for (int i = 0; i < 8; i++)
		give_snapshot(site, &lobby, 500);
	assert_int_equal(site_acked(site, "lobby"), -1);
	give_snapshot(site, &lobby, 500);
	assert_int_equal(site_acked(site, "lobby"), 9);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_events_are_taken_in_order_and_acked),
		TEST(test_nothing_is_said_before_the_commit),
		TEST(test_what_was_not_flushed_is_not_there_after_a_crash),
		TEST(test_nothing_is_said_after_a_failed_commit),
		TEST(test_a_gap_is_not_taken),
		TEST(test_duplicates_are_acked_and_not_taken_twice),
		TEST(test_one_bad_event_does_not_hold_up_a_bank),
		TEST(test_an_unknown_kind_is_a_dead_letter),
		TEST(test_a_kiosk_has_no_say_in_the_catalogue),
		TEST(test_a_kiosk_adopts_nobody),
		TEST(test_a_bad_event_after_a_gap_is_not_taken),
		TEST(test_the_source_must_be_the_topic),
		TEST(test_bytes_that_are_no_batch_are_kept_once_and_not_acked),
		TEST(test_unreadable_bytes_that_name_the_next_event_are_passed),
		TEST(test_an_event_without_a_name_waits_to_come_singly),
		TEST(test_a_batch_that_is_too_long_is_not_taken),
		TEST(test_a_fork_is_kept_and_alerted),
		TEST(test_nothing_behind_a_fork_is_taken),
		TEST(test_a_known_event_under_a_new_number_counts_once),
		TEST(test_a_message_of_another_site_is_not_heard),
		TEST(test_a_whole_bank_is_many_events_to_a_transaction),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
