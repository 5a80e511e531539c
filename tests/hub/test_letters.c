/* Dead letters: what becomes readable is taken as if it had come in time. */
#include "hub/migrations.h"
#include "lib/store/database.h"
#include "tests/hub/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

/* What a later version would do that knows the word: the letters say one that this
 * version knows. */
static void upgrade(struct site *site, const char *from, const char *to)
{
	struct database *database;
	site->hub = hub_close(site->hub);
	assert_int_equal(database_open(site->path, NULL, hub_migrations, &database), 0);
	database_begin(database);
	database_run(database,
		"UPDATE dead_letter SET body=CAST(replace(CAST(body AS TEXT), ?, ?) AS BLOB)", "tt",
		from, to);
	assert_int_equal(database_commit(database), 0);
	database_close(database);
	site_restart(site);
}

static int64_t replay(struct site *site)
{
	json_t *reply = site_ask(site, "dead-letters-replay", json_object());
	assert_string_equal(json_string_value(json_object_get(reply, "code")), "ok");
	int64_t count = json_integer_value(json_object_get(reply, "count"));
	json_decref(reply);
	return count;
}

/* Of those that nobody has dealt with yet. */
static int64_t waiting(struct site *site, int64_t *ret_first)
{
	json_t *reply = site_ask(site, "dead-letters", json_object()), *one;
	size_t i;
	int64_t n = 0;
	json_array_foreach(json_object_get(reply, "dead_letters"), i, one) {
		if (json_is_true(json_object_get(one, "replayed")))
			continue;
		n++;
		if (ret_first)
			*ret_first = json_integer_value(json_object_get(one, "position"));
	}
	json_decref(reply);
	return n;
}

static void test_nothing_is_replayed_that_is_still_unreadable(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "floating"), NULL);
	assert_int_equal(replay(site), 0);
	assert_int_equal(waiting(site, NULL), 1);
	assert_string_equal(site_item_state(site, "drill"), "unknown");
}

static void test_an_upgrade_takes_what_was_dead(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "floating"), NULL);
	upgrade(site, "floating", "inspection");
	assert_int_equal(replay(site), 1);
	assert_int_equal(waiting(site, NULL), 0);
	assert_string_equal(site_item_state(site, "drill"), "inspection");
	assert_int_equal(replay(site), 0);
}

static void test_a_replay_does_not_undo_what_came_later(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	bool same;
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "floating"), NULL);
	teller_send(site, &lobby, item_event(site, &lobby, "available"), NULL);
	upgrade(site, "floating", "blocked");
	assert_int_equal(replay(site), 1);
	assert_string_equal(site_item_state(site, "drill"), "available");
	assert_int_equal(hub_rebuild_view(site->hub, false, &same), 0);
	assert_true(same);
}

static void test_a_replay_does_not_undo_a_rental_either(void **state)
{
	static const char id[] = "019ab000-0000-7000-8000-000000000001";
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	json_t *dead = teller_event(site, &lobby, "rental.some", "drill",
		teller_rental(site, id, "drill", "flying", "rented"));
	json_t *later = teller_event(site, &lobby, "rental.overdue", "drill",
		teller_rental(site, id, "drill", "overdue", "rented"));
	teller_send(site, &lobby, dead, later, NULL);
	upgrade(site, "flying", "rented");
	assert_int_equal(replay(site), 1);
	json_t *reply = site_ask(site, "rentals", json_object());
	json_t *rental = json_array_get(json_object_get(reply, "rentals"), 0);
	assert_string_equal(json_string_value(json_object_get(rental, "state")), "overdue");
	json_decref(reply);
}

static void test_letters_are_replayed_in_their_order(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	json_t *first = item_event(site, &lobby, "floating");
	json_t *second = teller_event(
		site, &lobby, "item.sinking", "drill", teller_item("drill", "sinking", 3));
	teller_send(site, &lobby, first, second, NULL);
	upgrade(site, "floating", "blocked");
	upgrade(site, "sinking", "available");
	assert_int_equal(replay(site), 2);
	assert_string_equal(site_item_state(site, "drill"), "available");
}

static void test_bytes_that_were_passed_are_replayed(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	teller_birth(site, &lobby, 0, 0, 0);
	json_t *batch = json_pack("[o]", item_event(site, &lobby, "available"));
	char *text = json_dumps(batch, JSON_COMPACT);
	text[strlen(text) - 1] = '?'; /* for its bracket */
	site_say(site, "kiosk/lobby/event", text);
	assert_int_equal(site_acked(site, "lobby"), 1);
	upgrade(site, "?", "]");
	assert_int_equal(replay(site), 1);
	assert_string_equal(site_item_state(site, "drill"), "available");
	free(text);
	json_decref(batch);
}

/* A batch that was not acked comes again, event by event: nothing of it is to be replayed. */
static void test_bytes_that_were_not_passed_are_only_closed(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	json_t *first = item_event(site, &lobby, "available");
	json_t *batch = json_pack("[o,o]", first, item_event(site, &lobby, "blocked"));
	char *text = json_dumps(batch, JSON_COMPACT);
	text[strlen(text) - 1] = '?';
	site_say(site, "kiosk/lobby/event", text);
	assert_int_equal(site_acked(site, "lobby"), -1);
	teller_send(site, &lobby, json_incref(first), NULL);
	upgrade(site, "?", "]");
	assert_int_equal(replay(site), 0);
	assert_int_equal(waiting(site, NULL), 0);
	assert_string_equal(site_item_state(site, "drill"), "available");
	assert_int_equal(site_acked(site, "lobby"), 1);
	free(text);
	json_decref(batch);
}

static void test_a_person_dismisses_a_letter(void **state)
{
	struct site *site = *state;
	int64_t position = 0;
	site_say(site, "kiosk/lobby/status", "what?");
	assert_int_equal(waiting(site, &position), 1);
	site_must(site, "dead-letter-dismiss", "ok",
		json_pack("{s:I}", "position", (json_int_t)position));
	assert_int_equal(waiting(site, NULL), 0);
	site_must(site, "dead-letter-dismiss", "not-found", json_pack("{s:i}", "position", 99));
}

static void flood(struct site *site, const char *kiosk, int letters)
{
	char topic[64], text[32];
	snprintf(topic, sizeof(topic), "kiosk/%s/event", kiosk);
	for (int i = 0; i < letters; i++) {
		snprintf(text, sizeof(text), "spam %d", i);
		site_give(site, topic, text, strlen(text));
	}
	site_say(site, topic, "spam");
}

static void test_one_bank_does_not_push_out_the_letters_of_another(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "floating"), NULL);
	flood(site, "attic", 11000);
	upgrade(site, "floating", "inspection");
	assert_int_equal(replay(site), 1);
	assert_string_equal(site_item_state(site, "drill"), "inspection");
}

static void test_letters_that_stay_dead_do_not_stand_before_the_others(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	flood(site, "attic", 600);
	flood(site, "porch", 600);
	teller_send(site, &lobby, item_event(site, &lobby, "floating"), NULL);
	upgrade(site, "floating", "inspection");
	assert_int_equal(replay(site), 0);
	assert_int_equal(replay(site), 1);
	assert_int_equal(replay(site), 0);
	assert_int_equal(replay(site), 0);
}

#define ROOM 2048 /* HUB_ROOM_MAX */

static json_t *strange_event(
	struct site *site, struct teller *kiosk, const char *type, const char *name)
{
	json_t *data = strncmp(type, "alert", 5) == 0
			       ? json_pack("{s:s, s:s, s:b}", "alert", name, "kind", "mine",
					 "cleared", strcmp(type, "alert.cleared") == 0)
			       : teller_item(name, "available", 0);
	return teller_event(site, kiosk, type, name, data);
}

/* Without a commit for each. */
static void give(struct site *site, const struct teller *kiosk, json_t *event)
{
	char topic[MQTT_TOPIC_MAX];
	snprintf(topic, sizeof(topic), "kiosk/%s/event", kiosk->name);
	json_t *batch = json_pack("[o]", event);
	char *text = json_dumps(batch, JSON_COMPACT);
	site_give(site, topic, text, strlen(text));
	free(text);
	json_decref(batch);
}

static void fill(struct site *site, struct teller *kiosk, const char *type, int count)
{
	char name[NAME_SIZE];
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "thing-%d", i);
		give(site, kiosk, strange_event(site, kiosk, type, name));
	}
	assert_int_equal(hub_flush(site->hub), 0);
	assert_int_equal(site_acked(site, kiosk->name), kiosk->seq);
}

static bool is_full(struct site *site)
{
	json_t *reply = site_ask(site, "alert-clear",
		json_pack("{s:s, s:s}", "kiosk", "lobby", "alert", "view-full:lobby"));
	bool was = strcmp(json_string_value(json_object_get(reply, "code")), "ok") == 0;
	json_decref(reply);
	return was;
}

/* A bank fills its part of the view and no more; what is too much waits, and nothing is lost. */
static void test_a_bank_does_not_fill_the_view(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	fill(site, &lobby, "alert.raised", ROOM);
	assert_false(is_full(site));
	teller_send(site, &lobby, strange_event(site, &lobby, "alert.raised", "thing-0"), NULL);
	assert_int_equal(replay(site), 0);
	assert_false(is_full(site));
	teller_send(site, &lobby, strange_event(site, &lobby, "alert.raised", "one-more"), NULL);
	assert_int_equal(site_acked(site, "lobby"), lobby.seq);
	assert_true(is_full(site));
	assert_int_equal(replay(site), 0);
	teller_send(site, &lobby, strange_event(site, &lobby, "alert.cleared", "thing-0"), NULL);
	assert_int_equal(replay(site), 1);
}

static void test_strange_items_are_bounded(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	bool same = false;
	fill(site, &lobby, "item.available", ROOM);
	teller_send(site, &lobby, strange_event(site, &lobby, "item.available", "odd"), NULL);
	assert_true(is_full(site));
	teller_send(site, &lobby,
		teller_event(site, &lobby, "snapshot.taken", "",
			json_pack("{s:[o], s:[], s:[], s:[]}", "items",
				teller_item("odder", "available", 0), "rentals", "payments",
				"alerts")),
		NULL);
	assert_true(is_full(site));
	site_register(site, "thing-0", "lobby");
	teller_send(site, &lobby, strange_event(site, &lobby, "item.blocked", "odd"), NULL);
	assert_false(is_full(site));
	assert_int_equal(hub_rebuild_view(site->hub, false, &same), 0);
	assert_true(same);
}

static void test_open_rentals_are_bounded(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	char rental[UUID_SIZE];
	site_register(site, "drill", "lobby");
	for (int i = 0; i <= ROOM; i++) {
		if (i == ROOM)
			assert_false(is_full(site));
		snprintf(rental, sizeof(rental), "019ab000-0000-7000-8000-%012d", i);
		give(site, &lobby,
			teller_event(site, &lobby, "rental.reserved", "drill",
				teller_rental(site, rental, "drill", "held", "reserved")));
	}
	assert_true(is_full(site));
	assert_int_equal(site_acked(site, "lobby"), lobby.seq);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_is_replayed_that_is_still_unreadable),
		TEST(test_an_upgrade_takes_what_was_dead),
		TEST(test_a_replay_does_not_undo_what_came_later),
		TEST(test_a_replay_does_not_undo_a_rental_either),
		TEST(test_letters_are_replayed_in_their_order),
		TEST(test_bytes_that_were_passed_are_replayed),
		TEST(test_bytes_that_were_not_passed_are_only_closed),
		TEST(test_a_person_dismisses_a_letter),
		TEST(test_one_bank_does_not_push_out_the_letters_of_another),
		TEST(test_letters_that_stay_dead_do_not_stand_before_the_others),
		TEST(test_a_bank_does_not_fill_the_view),
		TEST(test_strange_items_are_bounded),
		TEST(test_open_rentals_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
