/* The power goes between a pulse and what the sensor says: nobody knows what hands have done. */
#include "kiosk/internal.h"
#include "tests/kiosk/bank.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

/* The power goes when the first door was pulsed, and is back when hands have been there. */
static void cut_off(struct bank *bank)
{
	bank_pass(bank, 300 * MSEC);
	bank->kiosk = kiosk_close(bank->kiosk);
	simulated_move(bank->doors, 1, BANK_OPEN);
	simulated_move(bank->doors, 1, BANK_CLOSED);
	bank_crash(bank);
	bank_pass(bank, 10 * SECOND);
}

static json_t *stock_args(const char *item, int compartment)
{
	return json_pack("{s:s, s:i}", "item", item, "compartment", compartment);
}

static const char *inspect_drill(struct bank *bank, bool taken)
{
	return bank_ask(bank, "boss", "inspect",
		json_pack("{s:s, s:b, s:b, s:i}", "item", "drill", "fit", 1, "taken", taken,
			"compartment", 1));
}

static void test_collected_and_cut_off(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "collect", item_args("drill"));
	cut_off(bank);
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
	assert_string_equal(inspect_drill(bank, true), "ok");
	assert_string_equal(bank_text(bank, "item", "state"), "registered");
}

static void test_stocked_and_cut_off(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "collect", item_args("drill"));
	bank_pass(bank, 10 * SECOND);
	bank_ask(bank, "boss", "collect", item_args("tent"));
	bank_pass(bank, 10 * SECOND);
	bank_ask(bank, "boss", "stock", stock_args("drill", 1));
	cut_off(bank);
	assert_string_equal(bank_ask(bank, "boss", "stock", stock_args("tent", 1)), "no-door");
	assert_string_equal(inspect_drill(bank, false), "ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "ok");
}

/* ... and withdrawn meanwhile: a person takes out what may lie there. */
static void test_withdrawn_while_stocked_and_cut_off(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "collect", item_args("drill"));
	bank_pass(bank, 10 * SECOND);
	bank_ask(bank, "boss", "stock", stock_args("drill", 1));
	bank_desire(bank, bank_withdraw_drill);
	cut_off(bank);
	assert_true(bank_is_raised(bank, "collect", "drill"));
}

static void test_stocked_without_a_sensor_and_cut_off(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "collect", item_args("drill"));
	bank_pass(bank, 10 * SECOND);
	bank_ask(bank, "boss", "stock", stock_args("drill", 1));
	bank_pass(bank, 300 * MSEC);
	simulated_sensor(bank->doors, 1, false);
	bank_crash(bank);
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
}

/* Nobody is asked to stay until a person has looked: the same door opens again, for them alone. */
static void test_returned_and_cut_off(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_ask(bank, "boss", "collect", item_args("tent"));
	bank_pass(bank, 10 * SECOND);
	bank_ask(bank, "mina", "return", rental_args(rental));
	cut_off(bank);
	assert_string_equal(bank_state(bank, rental), "rented");
	assert_true(bank_is_raised(bank, "unconfirmed", rental));
	bank_crash(bank);
	assert_string_equal(bank_ask(bank, "boss", "stock", stock_args("tent", 1)), "no-door");
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_int_equal(json_integer_value(json_object_get(
				 json_object_get(bank->reply, "rental"), "compartment")),
		1);
	assert_false(bank_is_raised(bank, "unconfirmed", rental));
}

/* The tent lies behind the door that the drill came out of: the way back is the tent's. */
static void take_and_fill_its_door(struct bank *bank, char *ret_rental)
{
	bank_take(bank, ret_rental);
	bank_ask(bank, "boss", "collect", item_args("tent"));
	bank_pass(bank, 10 * SECOND);
	bank_ask(bank, "boss", "stock", stock_args("tent", 1));
	bank_pass(bank, 10 * SECOND);
	bank_ask(bank, "mina", "return", rental_args(ret_rental));
}

static json_int_t door_of(struct bank *bank, const char *rental)
{
	assert_string_equal(bank_state(bank, rental), "rented");
	json_t *record = json_object_get(bank->reply, "rental");
	return json_integer_value(json_object_get(record, "compartment"));
}

/* It may lie behind the door that the return was for, and not behind the one it came out of. */
static void test_a_return_that_was_cut_off_names_its_door(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	take_and_fill_its_door(bank, rental);
	bank_pass(bank, 300 * MSEC);
	bank_crash(bank);
	bank_pass(bank, 10 * SECOND);
	assert_int_equal(door_of(bank, rental), 3);
}

/* A person says that it was not brought back: nothing was put behind that door. */
static void test_a_return_that_was_none_names_no_new_door(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	simulated_sensor(bank->doors, 3, false);
	take_and_fill_its_door(bank, rental);
	bank_pass(bank, 20 * SECOND);
	assert_string_equal(bank_state(bank, rental), "unconfirmed-return");
	assert_string_equal(bank_ask(bank, "boss", "resolve",
				    json_pack("{s:s, s:s, s:s}", "rental", rental, "outcome",
					    "not-returned", "reason", "it is empty")),
		"ok");
	assert_int_equal(door_of(bank, rental), 1);
}

/* ... and that door does not open any more. */
static void test_returned_at_another_door_after_that(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_ask(bank, "mina", "return", rental_args(rental));
	cut_off(bank);
	simulated_jam(bank->doors, 1, true);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 20 * SECOND);
	assert_string_equal(bank_state(bank, rental), "rented");
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 20 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
}

/* ... nor does the second: whoever looks is sent to the last one. */
static void test_cut_off_at_one_door_after_another(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], key[ALERT_KEY_SIZE];
	struct alert_record alert;
	bank_take(bank, rental);
	bank_ask(bank, "mina", "return", rental_args(rental));
	cut_off(bank);
	simulated_jam(bank->doors, 1, true);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 20 * SECOND);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 300 * MSEC);
	bank_crash(bank);
	snprintf(key, sizeof(key), "unconfirmed:%s", rental);
	assert_true(store_alert_read(bank->kiosk->database, key, &alert));
	assert_int_equal(alert.compartment, door_of(bank, rental));
	assert_int_not_equal(alert.compartment, 1);
}

/* A presence sensor knows what hands have done, and what they have not if nothing was pulsed. */
static void test_taken_while_the_power_was_off(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	simulated_presence(bank->doors, 1, BANK_OPEN);
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_pass(bank, 300 * MSEC);
	simulated_presence(bank->doors, 1, BANK_CLOSED);
	bank_crash(bank);
	assert_string_equal(bank_state(bank, rental), "rented");
}

static void test_given_while_the_power_was_off(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	simulated_presence(bank->doors, 1, BANK_CLOSED);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 300 * MSEC);
	simulated_presence(bank->doors, 1, BANK_OPEN);
	bank_crash(bank);
	assert_string_equal(bank_state(bank, rental), "returned");
}

static void test_cut_off_before_the_pulse(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	simulated_presence(bank->doors, 1, BANK_CLOSED); /* it sees nothing of what lies there */
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_crash(bank);
	assert_string_equal(bank_state(bank, rental), "paid");
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	simulated_presence(bank->doors, 1, BANK_CLOSED);
	bank_ask(bank, "mina", "return", rental_args(rental));
	simulated_presence(bank->doors, 1, BANK_OPEN); /* ... and something that does not */
	bank_crash(bank);
	assert_string_equal(bank_state(bank, rental), "rented");
}

/* The sensor has died with the power. Of a door that was seen open, what was to be taken was taken;
 * whether what was to be brought back was, a person says. */
static void test_blind_when_the_power_is_back(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_pass(bank, SECOND);
	simulated_sensor(bank->doors, 1, false);
	bank_crash(bank);
	assert_string_equal(bank_state(bank, rental), "rented");
	simulated_sensor(bank->doors, 1, true);
	bank_pass(bank, 2 * MINUTE);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, SECOND);
	simulated_sensor(bank->doors, 1, false);
	bank_crash(bank);
	assert_string_equal(bank_state(bank, rental), "unconfirmed-return");
}

/* Somebody had asked for that door: it was not forced. */
static void test_open_when_the_power_is_back(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_pass(bank, SECOND);
	assert_int_equal(simulated_door(bank->doors, 1), BANK_OPEN);
	bank_crash(bank);
	assert_false(bank_is_raised(bank, "door-forced", "1"));
}

/* Closed by a person: the thing is looked for behind that door. */
static void test_returned_and_cut_off_and_resolved(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_ask(bank, "mina", "return", rental_args(rental));
	cut_off(bank);
	assert_string_equal(bank_ask(bank, "boss", "resolve",
				    json_pack("{s:s, s:s, s:s}", "rental", rental, "outcome",
					    "close", "reason", "it lies there")),
		"ok");
	assert_string_equal(inspect_drill(bank, false), "ok");
	assert_string_equal(bank_text(bank, "item", "state"), "available");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BANK_TEST(test_collected_and_cut_off),
		BANK_TEST(test_stocked_and_cut_off),
		BANK_TEST(test_withdrawn_while_stocked_and_cut_off),
		BANK_TEST(test_stocked_without_a_sensor_and_cut_off),
		BANK_TEST(test_returned_and_cut_off),
		BANK_TEST(test_a_return_that_was_cut_off_names_its_door),
		BANK_TEST(test_a_return_that_was_none_names_no_new_door),
		BANK_TEST(test_returned_at_another_door_after_that),
		BANK_TEST(test_cut_off_at_one_door_after_another),
		BANK_TEST(test_taken_while_the_power_was_off),
		BANK_TEST(test_given_while_the_power_was_off),
		BANK_TEST(test_cut_off_before_the_pulse),
		BANK_TEST(test_blind_when_the_power_is_back),
		BANK_TEST(test_open_when_the_power_is_back),
		BANK_TEST(test_returned_and_cut_off_and_resolved),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
