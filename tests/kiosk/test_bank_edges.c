/* What seldom happens at a bank: doors that fail, things that come back late or not at all, and the
 * catalogue changing under a rental. */
#include "lib/domain/renter.h"
#include "tests/kiosk/bank.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *resolve_args(const char *rental, const char *outcome)
{
	return json_pack(
		"{s:s, s:s, s:s}", "rental", rental, "outcome", outcome, "reason", "looked");
}

static void test_no_sensor_asks_a_person(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	simulated_sensor(bank->doors, 1, false);
	bank_pass(bank, 2 * MINUTE);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_pass(bank, 20 * SECOND);
	assert_string_equal(bank_state(bank, rental), "unconfirmed");
	assert_string_equal(bank_ask(bank, "joon", "reserve", json_pack("{s:s}", "item", "drill")),
		"not-available");
	assert_string_equal(bank_ask(bank, "mina", "confirm",
				    json_pack("{s:s, s:b}", "rental", rental, "taken", 0)),
		"forbidden");
	assert_string_equal(bank_ask(bank, "mina", "confirm",
				    json_pack("{s:s, s:b}", "rental", rental, "taken", 1)),
		"ok");
	assert_string_equal(bank_asked(bank), "capture");
	assert_string_equal(bank_ask(bank, "mina", "return", rental_args(rental)), "");
	bank_pass(bank, 20 * SECOND);
	assert_string_equal(bank_state(bank, rental), "unconfirmed-return");
	assert_string_equal(
		bank_ask(bank, "boss", "resolve", resolve_args(rental, "returned")), "ok");
	assert_string_equal(bank_text(bank, "rental", "state"), "returned");
	assert_string_equal(bank_text(bank, "rental", "item_state"), "available");
}

static void test_manager_says_not_taken(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	simulated_sensor(bank->doors, 1, false);
	bank_pass(bank, 2 * MINUTE);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_pass(bank, 20 * SECOND);
	assert_string_equal(
		bank_ask(bank, "boss", "resolve", resolve_args(rental, "not-taken")), "ok");
	assert_string_equal(bank_asked(bank), "void");
	assert_string_equal(bank_text(bank, "rental", "item_state"), "inspection");
	assert_string_equal(bank_ask(bank, "boss", "inspect",
				    json_pack("{s:s, s:b}", "item", "drill", "fit", 1)),
		"ok");
	assert_string_equal(bank_text(bank, "item", "state"), "available");
}

static json_int_t place_of(struct bank *bank)
{
	json_t *rental = json_object_get(bank->reply, "rental");
	return json_integer_value(json_object_get(rental, "compartment"));
}

/* It may lie behind its door or not: until somebody has looked, nothing else is put there. */
static void test_closed_while_a_return_is_unconfirmed(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	simulated_sensor(bank->doors, 1, false);
	bank_pass(bank, 2 * MINUTE);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 20 * SECOND);
	assert_string_equal(bank_state(bank, rental), "unconfirmed-return");
	assert_string_equal(bank_ask(bank, "boss", "resolve", resolve_args(rental, "close")), "ok");
	assert_string_equal(bank_text(bank, "rental", "item_state"), "inspection");
	assert_int_equal(place_of(bank), 1);
}

static void test_closed_while_the_door_stands_open(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_pass(bank, 2 * SECOND);
	assert_string_equal(bank_state(bank, rental), "taking");
	assert_string_equal(bank_ask(bank, "boss", "resolve", resolve_args(rental, "close")), "ok");
	assert_string_equal(bank_text(bank, "rental", "item_state"), "inspection");
	assert_int_equal(place_of(bank), 1);
	assert_string_equal(bank_asked(bank), "capture");
}

static void test_left_open_counts_as_taken(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_ask(bank, "boss", "stock", json_pack("{s:s}", "item", "drill"));
	bank_pass(bank, 5 * SECOND);
	simulated_move(bank->doors, 1, BANK_CLOSED);
	bank_pass(bank, 5 * SECOND);
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_pass(bank, 20 * SECOND);
	assert_string_equal(bank_state(bank, rental), "taking");
	bank_pass(bank, 20 * SECOND);
	assert_string_equal(bank_state(bank, rental), "rented");
	assert_string_equal(bank_asked(bank), "capture");
	bank_ack_all(bank);
	assert_true(bank_published(bank, "door-left-open"));
	simulated_move(bank->doors, 1, BANK_CLOSED);
	bank_pass(bank, 5 * SECOND);

	/* On the way back an open door is no return yet; closing it is. */
	assert_string_equal(bank_ask(bank, "mina", "return", rental_args(rental)), "");
	bank_pass(bank, HOUR);
	assert_string_equal(bank_state(bank, rental), "returning");
	simulated_move(bank->doors, 1, BANK_CLOSED);
	bank_pass(bank, 5 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
}

static void test_return_without_a_free_door(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_ask(bank, "boss", "repair", json_pack("{s:i, s:b}", "compartment", 1, "works", 0));
	bank_ask(bank, "boss", "repair", json_pack("{s:i, s:b}", "compartment", 4, "works", 0));
	assert_string_equal(bank_ask(bank, "mina", "return", rental_args(rental)), "no-door");
	fake_clock_pass(&bank->clock, 30 * DAY); /* the rental's clock stands still */
	bank_pass(bank, HOUR);
	assert_string_equal(bank_state(bank, rental), "rented");
	bank_ask(bank, "boss", "repair", json_pack("{s:i, s:b}", "compartment", 4, "works", 1));
	assert_string_equal(bank_ask(bank, "mina", "return", rental_args(rental)), "");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_int_equal(json_integer_value(json_object_get(
				 json_object_get(bank->reply, "rental"), "compartment")),
		4);
}

static void test_jammed_return_finds_another_door(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	simulated_jam(bank->doors, 1, true);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 8 * SECOND);
	assert_string_equal(bank_reply(bank, "mina"), "failed");
	assert_string_equal(bank_state(bank, rental), "rented");
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_int_equal(simulated_pulses(bank->doors, 4), 1);
}

/* The door that a broken thing came out of is being used for another one. */
static void test_reported_while_another_comes_back(void **state)
{
	struct bank *bank = *state;
	char drill[UUID_SIZE], other[UUID_SIZE];
	bank_take(bank, drill);
	bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "free"));
	text_copy(other, UUID_SIZE, bank_text(bank, "rental", "rental"));
	bank_ask(bank, "mina", "pay", json_pack("{s:s, s:s}", "rental", other, "method", "none"));
	bank_ask(bank, "mina", "open", rental_args(other));
	bank_pass(bank, 10 * SECOND);
	bank_ask(bank, "boss", "repair", json_pack("{s:i, s:b}", "compartment", 2, "works", 0));
	bank_ask(bank, "mina", "return", rental_args(other));
	bank_pass(bank, SECOND);
	assert_string_equal(bank_ask(bank, "mina", "report",
				    json_pack("{s:s, s:s}", "rental", drill, "problem", "broken")),
		"ok");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, other), "returned");
	assert_int_equal(json_integer_value(json_object_get(
				 json_object_get(bank->reply, "rental"), "compartment")),
		1);
	assert_string_equal(bank_state(bank, drill), "failed");
}

static void test_inspected_after_return(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "tent"));
	text_copy(rental, UUID_SIZE, bank_text(bank, "rental", "rental"));
	bank_ask(
		bank, "mina", "pay", json_pack("{s:s, s:s}", "rental", rental, "method", "tok-ok"));
	bank_ledger(bank, "authorized");
	bank_ask(bank, "boss", "hand-over", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_reply(bank, "boss"), "ok");
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	bank_state(bank, rental);
	assert_string_equal(bank_text(bank, "rental", "item_state"), "inspection");
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "tent")),
		"not-available");
	bank_ask(bank, "boss", "inspect",
		json_pack("{s:s, s:b, s:s}", "item", "tent", "fit", 0, "reason", "torn"));
	assert_string_equal(bank_text(bank, "item", "state"), "blocked");
	bank_ask(bank, "boss", "inspect", json_pack("{s:s, s:b}", "item", "tent", "fit", 1));
	assert_string_equal(bank_text(bank, "item", "state"), "available");
}

/* The view was late: whoever looked behind door 1 says nothing of what has come back to door 2. */
static void test_looked_for_behind_another_door(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "block", json_pack("{s:s, s:s}", "item", "drill", "reason", "worn"));
	json_int_t door = json_integer_value(
		json_object_get(json_object_get(bank->reply, "item"), "compartment"));
	assert_int_not_equal(door, 0);
	for (int taken = 0; taken < 2; taken++)
		assert_string_equal(
			bank_ask(bank, "boss", "inspect",
				json_pack("{s:s, s:b, s:b, s:I}", "item", "drill", "fit", 1,
					"taken", taken, "compartment", door + 1)),
			"wrong-state");
	assert_string_equal(
		bank_ask(bank, "boss", "inspect",
			json_pack("{s:s, s:b, s:b}", "item", "drill", "fit", 1, "taken", 1)),
		"malformed");
	assert_string_equal(bank_ask(bank, "boss", "inspect",
				    json_pack("{s:s, s:b, s:b, s:I}", "item", "drill", "fit", 1,
					    "taken", 1, "compartment", door)),
		"ok");
	assert_string_equal(bank_text(bank, "item", "state"), "registered");
}

static void test_withdrawn_while_out(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_desire(bank, bank_withdraw_drill);
	assert_string_equal(bank_state(bank, rental), "rented");
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	bank_state(bank, rental);
	assert_string_equal(bank_text(bank, "rental", "item_state"), "withdrawn");
	bank_ack_all(bank);
	assert_true(bank_published(bank, "collect:drill")); /* the manager is told so */
}

static void test_moved_while_out(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_desire(bank, bank_move_drill);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	bank_state(bank, rental);
	assert_string_equal(bank_text(bank, "rental", "item_state"), "moving");
	assert_false(bank_published(bank, "lendlock.item.released"));
	assert_string_equal(
		bank_ask(bank, "boss", "collect", json_pack("{s:s}", "item", "drill")), "ok");
	bank_pass(bank, 10 * SECOND);
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lendlock.item.released"));
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")),
		"not-found");
}

static void drop_drill(json_t *desired)
{
	json_array_remove(json_object_get(desired, "items"), 0);
}

static void test_absence_changes_nothing(void **state)
{
	struct bank *bank = *state;
	bank_desire(bank, drop_drill);
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
}

static void test_older_desired_is_ignored(void **state)
{
	struct bank *bank = *state;
	bank->revision = 0;
	bank_desire(bank, bank_withdraw_drill);
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
}

/* The hub may have missed that it was taken. */
static void test_desired_said_again_is_answered(void **state)
{
	struct bank *bank = *state;
	bank_pass(bank, SECOND);
	fake_mqtt_clear(&bank->mqtt);
	bank->revision--;
	bank_desire(bank, NULL);
	bank_pass(bank, SECOND);
	json_t *status = fake_mqtt_last_json(&bank->mqtt, "lendlock/v1/town/kiosk/library/status");
	assert_int_equal(json_integer_value(json_object_get(status, "revision")), bank->revision);
	json_decref(status);
}

static void limit_to_one(json_t *desired)
{
	json_object_set_new(json_object_get(desired, "settings"), "rentals_max", json_integer(1));
}

static void block_mina(json_t *desired)
{
	char renter[NAME_SIZE];
	renter_opaque(json_string_value(json_object_get(desired, "renter_key")), "mina", renter);
	json_array_append_new(json_object_get(desired, "blocked"), json_string(renter));
}

static void test_blocked_and_limited(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_desire(bank, limit_to_one);
	assert_string_equal(
		bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "free")), "limit");
	bank_desire(bank, block_mina);
	assert_string_equal(
		bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "free")), "blocked");
	bank_crash(bank); /* the last known list decides */
	assert_string_equal(
		bank_touch(bank, "mina", "reserve", json_pack("{s:s}", "item", "free")), "blocked");
}

static void test_forced_door(void **state)
{
	struct bank *bank = *state;
	simulated_move(bank->doors, 1, BANK_OPEN);
	bank_pass(bank, SECOND);
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")),
		"not-available");
	bank_ack_all(bank);
	assert_true(bank_published(bank, "door-forced:1"));
}

static void force_door(struct bank *bank, enum bank_level level)
{
	simulated_move(bank->doors, 1, level);
	bank_pass(bank, SECOND);
}

/* A manager may have cleared the first alert at the hub, of which this bank does not hear. */
static void test_forced_once_more(void **state)
{
	struct bank *bank = *state;
	bank_pass(bank, HOUR);
	force_door(bank, BANK_OPEN);
	force_door(bank, BANK_CLOSED);
	bank_ack_all(bank);
	fake_mqtt_clear(&bank->mqtt);
	force_door(bank, BANK_OPEN); /* it flaps */
	force_door(bank, BANK_CLOSED);
	assert_false(bank_published(bank, "lendlock.alert"));
	bank_pass(bank, HOUR);
	fake_mqtt_clear(&bank->mqtt);
	force_door(bank, BANK_OPEN);
	assert_true(bank_published(bank, "lendlock.alert.raised"));
	assert_true(bank_is_raised(bank, "door-forced", "1"));
}

/* One lock is dead when the bank starts: one door out of order, and a person hears of it. */
static void test_start_with_a_dead_lock(void **state)
{
	struct bank *bank = *state;
	simulated_lock(bank->doors, 1, false);
	bank_crash(bank);
	bank_pass(bank, 3 * SECOND);
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lock-stuck:1"));
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")),
		"not-available");
	assert_string_equal(
		bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "free")), "ok");
	simulated_lock(bank->doors, 1, true);
	bank_pass(bank, 3 * SECOND);
	bank_ack_all(bank);
	fake_mqtt_clear(&bank->mqtt);
	assert_string_equal(bank_ask(bank, "boss", "repair",
				    json_pack("{s:i, s:b}", "compartment", 1, "works", 1)),
		"ok");
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lock-stuck:1"));
	assert_string_equal(
		bank_ask(bank, "ada", "reserve", json_pack("{s:s}", "item", "drill")), "ok");
}

static const char *open_by(struct bank *bank, const char *user, const char *code)
{
	return bank_ask(bank, user, "open", json_pack("{s:s}", "code", code));
}

/* Many sources have no more guesses than the bank has, whenever it was started. */
static void test_many_sources_guess_together(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], code[CODE_SIZE], user[NAME_SIZE];
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "rental", rental_args(rental));
	text_copy(
		code, sizeof(code), json_string_value(json_object_get(bank->reply, "pickup_code")));
	for (int i = 0; i < 25; i++) {
		snprintf(user, sizeof(user), "guest-%d", i);
		assert_string_equal(open_by(bank, user, "00000000"), "wrong-code");
	}
	assert_string_equal(open_by(bank, "ada", code), "wait");
	assert_int_equal(json_integer_value(json_object_get(bank->reply, "retry_after")), 30000);
	bank_crash(bank);
	assert_string_equal(open_by(bank, "ada", code), "wait");
	bank_pass(bank, 31 * SECOND);
	assert_string_equal(open_by(bank, "bert", "00000000"), "wrong-code");
	assert_string_equal(open_by(bank, "ada", code), "wait");
	bank_pass(bank, 2 * HOUR);
	assert_string_equal(open_by(bank, "cleo", "00000000"), "wrong-code");
	assert_string_not_equal(open_by(bank, "ada", "00000000"), "wait");
}

static void test_blocked_when_its_rental_ends(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	assert_string_equal(bank_ask(bank, "boss", "block",
				    json_pack("{s:s, s:s}", "item", "drill", "reason", "worn")),
		"ok");
	bank_ask(bank, "mina", "cancel", rental_args(rental));
	assert_string_equal(bank_text(bank, "rental", "item_state"), "blocked");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BANK_TEST(test_no_sensor_asks_a_person),
		BANK_TEST(test_closed_while_a_return_is_unconfirmed),
		BANK_TEST(test_closed_while_the_door_stands_open),
		BANK_TEST(test_manager_says_not_taken),
		BANK_TEST_CARELESS(test_left_open_counts_as_taken),
		BANK_TEST(test_return_without_a_free_door),
		BANK_TEST(test_jammed_return_finds_another_door),
		BANK_TEST(test_reported_while_another_comes_back),
		BANK_TEST(test_inspected_after_return),
		BANK_TEST(test_looked_for_behind_another_door),
		BANK_TEST(test_withdrawn_while_out),
		BANK_TEST(test_moved_while_out),
		BANK_TEST(test_absence_changes_nothing),
		BANK_TEST(test_older_desired_is_ignored),
		BANK_TEST(test_desired_said_again_is_answered),
		BANK_TEST(test_blocked_and_limited),
		BANK_TEST(test_forced_door),
		BANK_TEST(test_forced_once_more),
		BANK_TEST(test_start_with_a_dead_lock),
		BANK_TEST(test_many_sources_guess_together),
		BANK_TEST(test_blocked_when_its_rental_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
