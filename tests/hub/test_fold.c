/* What events do to the view: the life of items, the catalogue, moves and withdrawals. */
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

#define RENTAL  "019ab000-0000-7000-8000-000000000001"
#define PAYMENT "019ab000-0000-7000-8000-0000000000f1"

static json_t *item_event(struct site *site, struct teller *kiosk, const char *fact,
	const char *state, int compartment)
{
	char type[64];
	snprintf(type, sizeof(type), "item.%s", fact);
	return teller_event(site, kiosk, type, "drill", teller_item("drill", state, compartment));
}

static json_t *rental_event(struct site *site, struct teller *kiosk, const char *fact,
	const char *state, const char *item_state)
{
	char type[64];
	snprintf(type, sizeof(type), "rental.%s", fact);
	return teller_event(site, kiosk, type, "drill",
		teller_rental(site, RENTAL, "drill", state, item_state));
}

/* A field of the first item that the query for it shows. */
static json_t *item_field(struct site *site, const char *field)
{
	json_t *reply = site_ask(site, "item", json_pack("{s:s}", "item", "drill"));
	json_t *first = json_array_get(json_object_get(reply, "items"), 0);
	json_t *value = json_incref(json_object_get(first, field));
	json_decref(reply);
	return value;
}

static void check_text(struct site *site, const char *field, const char *wanted)
{
	json_t *value = item_field(site, field);
	if (wanted)
		assert_string_equal(json_string_value(value), wanted);
	else
		assert_null(value);
	json_decref(value);
}

static size_t count_desired(struct site *site, const char *kiosk, const char *list)
{
	char topic[MQTT_TOPIC_MAX];
	snprintf(topic, sizeof(topic), "kiosk/%s/desired", kiosk);
	json_t *desired = site_last(site, topic);
	size_t n = json_array_size(json_object_get(desired, list));
	json_decref(desired);
	return n;
}

static bool has_alert(struct site *site, const char *key)
{
	json_t *reply = site_ask(site, "attention", json_object());
	json_t *list = json_object_get(reply, "attention"), *one;
	size_t i;
	bool found = false;
	json_array_foreach(list, i, one)
		found = found ||
			strcmp(json_string_value(json_object_get(one, "subject")), key) == 0;
	json_decref(reply);
	return found;
}

static void test_a_rental_from_hold_to_return(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	site_must(site, "renter-set", "ok", json_pack("{s:s, s:s}", "user", "eve", "name", "Eve"));
	json_t *stocked = item_event(site, &lobby, "available", "available", 3);
	json_t *reserved = rental_event(site, &lobby, "reserved", "held", "reserved");
	json_t *sent = teller_payment(site, &lobby, PAYMENT, RENTAL, "sent");
	teller_send(site, &lobby, stocked, reserved, sent, NULL);
	check_text(site, "state", "reserved");
	json_t *rental = item_field(site, "rental");
	assert_string_equal(json_string_value(json_object_get(rental, "state")), "held");
	json_decref(rental);

	teller_send(site, &lobby, rental_event(site, &lobby, "taking", "taking", "rented"), NULL);
	check_text(site, "state", "rented");
	json_t *compartment = item_field(site, "compartment");
	assert_null(compartment); /* it is out */

	teller_send(site, &lobby, rental_event(site, &lobby, "returned", "returned", "available"),
		NULL);
	check_text(site, "state", "available");
	check_text(site, "rental", NULL);
	check_text(site, "name", NULL);
}

static void test_a_kiosk_has_no_say_in_another_one_s_rental(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby"), attic = teller_make(site, "attic");
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, rental_event(site, &lobby, "rented", "rented", "rented"), NULL);
	teller_send(site, &attic, rental_event(site, &attic, "returned", "returned", "available"),
		NULL);
	check_text(site, "state", "rented");
	json_t *rental = item_field(site, "rental");
	assert_string_equal(json_string_value(json_object_get(rental, "state")), "rented");
	json_decref(rental);
	assert_true(has_alert(site, "item-elsewhere:drill"));
}

static void test_withdrawn_at_home(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "available", "available", 3), NULL);
	site_must(site, "item-withdraw", "ok", json_pack("{s:s}", "item", "drill"));
	check_text(site, "state", "withdrawn");
	assert_int_equal(count_desired(site, "lobby", "items"), 1); /* withdrawal is said ... */
	teller_send(site, &lobby, item_event(site, &lobby, "withdrawn", "withdrawn", 3), NULL);
	/* ... also to a new board, behind whose door it lies ... */
	assert_int_equal(count_desired(site, "lobby", "items"), 1);
	teller_send(site, &lobby, item_event(site, &lobby, "withdrawn", "withdrawn", 0), NULL);
	assert_int_equal(count_desired(site, "lobby", "items"), 0); /* ... until it is taken out */
	site_must(site, "item-withdraw", "wrong-state", json_pack("{s:s}", "item", "drill"));
	site_must(site, "item-change", "wrong-state",
		json_pack("{s:s, s:i}", "item", "drill", "amount", 1));
}

static void test_withdrawn_while_it_is_out(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, rental_event(site, &lobby, "rented", "rented", "rented"), NULL);
	json_t *reply = site_ask(site, "item-withdraw", json_pack("{s:s}", "item", "drill"));
	assert_string_equal(json_string_value(json_object_get(reply, "message")),
		"it is rented: withdrawn when it is back");
	json_decref(reply);
	check_text(site, "state", "rented");
	teller_send(site, &lobby, rental_event(site, &lobby, "returned", "returned", "withdrawn"),
		NULL);
	check_text(site, "state", "withdrawn");
	assert_int_equal(count_desired(site, "lobby", "items"), 1);
	teller_send(site, &lobby, item_event(site, &lobby, "withdrawn", "withdrawn", 0), NULL);
	assert_int_equal(count_desired(site, "lobby", "items"), 0);
}

static void move(struct site *site, const char *kiosk)
{
	site_must(
		site, "item-move", "ok", json_pack("{s:s, s:s}", "item", "drill", "kiosk", kiosk));
}

static void test_a_move_waits_for_the_release(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby"), attic = teller_make(site, "attic");
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "available", "available", 3), NULL);
	move(site, "attic");
	check_text(site, "state", "moving");
	check_text(site, "kiosk", "lobby");
	assert_int_equal(count_desired(site, "lobby", "items"), 1);
	assert_int_equal(count_desired(site, "attic", "items"), 0);

	/* The next bank knows nothing of it yet: what it says is on record, and changes nothing. */
	teller_send(site, &attic, item_event(site, &attic, "available", "available", 1), NULL);
	check_text(site, "state", "moving");
	assert_true(has_alert(site, "item-elsewhere:drill"));
	json_t *foreign = teller_released(site, &attic, "drill");
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	json_t *entry = json_array_get(json_object_get(desired, "items"), 0);
	json_object_set(json_object_get(foreign, "data"), "move", json_object_get(entry, "move"));
	json_decref(desired);
	teller_send(site, &attic, foreign, NULL);
	check_text(site, "kiosk", "lobby");

	teller_send(site, &lobby, teller_released(site, &lobby, "drill"), NULL);
	check_text(site, "state", "registered");
	check_text(site, "kiosk", "attic");
	check_text(site, "moving", NULL);
	assert_int_equal(count_desired(site, "lobby", "items"), 0);
	assert_int_equal(count_desired(site, "attic", "items"), 1);

	teller_send(site, &attic, item_event(site, &attic, "available", "available", 7), NULL);
	check_text(site, "state", "available");
}

static void test_a_move_is_taken_back(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "available", "available", 3), NULL);
	move(site, "attic");
	move(site, "lobby");
	check_text(site, "state", "available");
	check_text(site, "moving", NULL);
}

/* Its bank had released it before it heard that it stays: it lies behind no door. */
static void test_released_and_taken_back(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "available", "available", 3), NULL);
	move(site, "attic");
	json_t *released = teller_released(site, &lobby, "drill");
	move(site, "lobby");
	teller_send(site, &lobby, released, NULL);
	check_text(site, "state", "registered");
	check_text(site, "kiosk", "lobby");
}

/* ... and is ordered to let it go once more, with something lying there again: what it released
 * before does not count for that. */
static void test_released_by_an_order_of_before(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "available", "available", 3), NULL);
	move(site, "attic");
	json_t *released = teller_released(site, &lobby, "drill");
	move(site, "lobby");
	json_t *again = item_event(site, &lobby, "available", "available", 3);
	move(site, "attic");
	teller_send(site, &lobby, released, again, NULL);
	check_text(site, "kiosk", "lobby");
	check_text(site, "moving", "attic");
	assert_int_equal(count_desired(site, "lobby", "items"), 1);
	teller_send(site, &lobby, teller_released(site, &lobby, "drill"), NULL);
	check_text(site, "kiosk", "attic");
}

static void test_an_item_that_nobody_registered(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	teller_send(site, &lobby, item_event(site, &lobby, "available", "available", 3), NULL);
	check_text(site, "state", "available");
	assert_true(has_alert(site, "item-unknown:drill"));
	site_register(site, "drill", "lobby");
	assert_false(has_alert(site, "item-unknown:drill"));
	check_text(site, "state", "available"); /* the kiosk's word stays */
}

static void test_a_snapshot_stands_for_what_is_lost(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	site_register(site, "saw", "lobby");
	json_t *rented = rental_event(site, &lobby, "rented", "rented", "rented");
	json_t *alert = teller_event(site, &lobby, "alert.raised", "door-jammed:1",
		json_pack("{s:s, s:s}", "alert", "door-jammed:1", "kind", "door-jammed"));
	json_t *saw = teller_event(
		site, &lobby, "item.available", "saw", teller_item("saw", "available", 4));
	teller_send(site, &lobby, rented, alert, saw, NULL);
	lobby.seq = 40;
	teller_send(site, &lobby,
		teller_event(site, &lobby, "snapshot.taken", "",
			json_pack("{s:[o], s:[], s:[], s:[]}", "items",
				teller_item("drill", "available", 3), "rentals", "payments",
				"alerts")),
		NULL);
	assert_int_equal(site_acked(site, "lobby"), 41);
	check_text(site, "state", "available");
	check_text(site, "rental", NULL);
	assert_string_equal(site_item_state(site, "saw"), "unknown");
	assert_false(has_alert(site, "door-jammed:1"));
	assert_true(has_alert(site, "events-lost:4-40"));
	teller_send(site, &lobby, item_event(site, &lobby, "blocked", "blocked", 3), NULL);
	assert_int_equal(site_acked(site, "lobby"), 42);
}

static void test_alerts_come_and_go(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	json_t *raised = json_pack("{s:s, s:s}", "alert", "door-jammed:1", "kind", "door-jammed");
	teller_send(site, &lobby,
		teller_event(site, &lobby, "alert.raised", "door-jammed:1", json_deep_copy(raised)),
		NULL);
	assert_true(has_alert(site, "door-jammed:1"));
	site_must(site, "alert-clear", "ok",
		json_pack("{s:s, s:s}", "kiosk", "lobby", "alert", "door-jammed:1"));
	assert_false(has_alert(site, "door-jammed:1"));
	site_must(site, "alert-clear", "not-found",
		json_pack("{s:s, s:s}", "kiosk", "lobby", "alert", "door-jammed:1"));
	teller_send(site, &lobby,
		teller_event(site, &lobby, "alert.raised", "door-jammed:1", json_deep_copy(raised)),
		NULL);
	assert_true(has_alert(site, "door-jammed:1"));
	json_object_set_new(raised, "cleared", json_true());
	teller_send(site, &lobby,
		teller_event(site, &lobby, "alert.cleared", "door-jammed:1", raised), NULL);
	assert_false(has_alert(site, "door-jammed:1"));
}

static size_t count_alerts(struct site *site, const char *key)
{
	json_t *reply = site_ask(site, "attention", json_object()), *one;
	size_t i, n = 0;
	json_array_foreach(json_object_get(reply, "attention"), i, one) {
		n += strcmp(json_string_value(json_object_get(one, "subject")), key) == 0;
	}
	json_decref(reply);
	return n;
}

static void say_alert(struct site *site, struct teller *kiosk, const char *fact, const char *key)
{
	char type[32];
	snprintf(type, sizeof(type), "alert.%s", fact);
	teller_send(site, kiosk,
		teller_event(site, kiosk, type, key,
			json_pack("{s:s, s:s, s:b}", "alert", key, "kind", "mine", "cleared",
				strcmp(fact, "cleared") == 0)),
		NULL);
}

/* What the hub holds against a bank, the bank can neither take back nor say first. */
static void test_a_bank_does_not_touch_the_alerts_of_the_hub(void **state)
{
	static const char key[] = "item-unknown:spoon";
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	bool same = false;
	say_alert(site, &lobby, "raised", key);
	assert_int_equal(count_alerts(site, key), 1);
	teller_send(site, &lobby,
		teller_event(site, &lobby, "item.available", "spoon",
			teller_item("spoon", "available", 1)),
		NULL);
	assert_int_equal(count_alerts(site, key), 2);
	say_alert(site, &lobby, "cleared", key);
	assert_int_equal(site_acked(site, "lobby"), 3);
	assert_int_equal(count_alerts(site, key), 1);
	assert_int_equal(hub_rebuild_view(site->hub, false, &same), 0);
	assert_true(same);
	say_alert(site, &lobby, "raised", key);
	site_must(
		site, "alert-clear", "ok", json_pack("{s:s, s:s}", "kiosk", "lobby", "alert", key));
	assert_int_equal(count_alerts(site, key), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_rental_from_hold_to_return),
		TEST(test_a_kiosk_has_no_say_in_another_one_s_rental),
		TEST(test_withdrawn_at_home),
		TEST(test_withdrawn_while_it_is_out),
		TEST(test_a_move_waits_for_the_release),
		TEST(test_a_move_is_taken_back),
		TEST(test_released_and_taken_back),
		TEST(test_released_by_an_order_of_before),
		TEST(test_an_item_that_nobody_registered),
		TEST(test_a_snapshot_stands_for_what_is_lost),
		TEST(test_alerts_come_and_go),
		TEST(test_a_bank_does_not_touch_the_alerts_of_the_hub),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
