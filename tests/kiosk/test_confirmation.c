/* Confirmation: what a person says lies behind the doors, and what went through them meanwhile. */
#include "tests/kiosk/adopted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_moving_reserved_and_gone(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_desire(bank, bank_move_drill);
	bank_ack_all(bank);
	wait_for_adoption(bank);
	bank_ask(bank, "mina", "extend", rental_args(rental)); /* the hub has not heard this */
	bank_desire(bank, bank_move_drill);
	fake_mqtt_clear(&bank->mqtt);
	assert_string_equal(confirm_without_drill(bank), "ok");
	bank_pass(bank, 10 * SECOND);
	assert_true(bank_published(bank, "lendlock.item.released"));
	assert_false(bank_published(bank, "\"item\":\"\""));
	assert_false(bank_published(bank, "\"subject\":\"\""));
}

/* Nobody can collect what is not there: the wish to have it collected ends, too. */
static void name_no_drill(json_t *desired)
{
	hand_over(desired);
	json_array_remove(json_object_get(desired, "items"), 0);
}

/* Withdrawn, or moved to another bank, after the copy was made; and back later. */
static void test_gone_since_the_copy(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	bank_desire(bank, name_no_drill);
	bank_pass(bank, 10 * SECOND);
	assert_false(bank_published(bank, "collect:drill"));
	assert_string_equal(confirm_all(bank), "ok");
	bank_ack_all(bank);
	assert_true(bank_published(bank, "collect:drill"));
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
	bank_desire(bank, NULL);
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
}

/* A board that does not know where it lies does not say that it is gone: nobody would look for it
 * then, and it lies behind a door. */
static void test_withdrawn_and_where_nobody_knows(void **state)
{
	struct bank *bank = *state;
	char epoch[UUID_SIZE];
	bank_ask(bank, "boss", "collect", item_args("drill"));
	bank_pass(bank, 10 * SECOND);
	bank_ack(bank);
	TEXT_COPY(epoch, bank->epoch);
	TEXT_COPY(bank->epoch, OTHER); /* the hub has never heard of this board */
	bank_desire(bank, bank_withdraw_drill);
	TEXT_COPY(bank->epoch, epoch);
	read_epoch(bank);
	bank_desire(bank, bank_withdraw_drill);
	bank_ack_all(bank);
	bank_pass(bank, 10 * SECOND);
	assert_false(bank_published(bank, "lendlock.item.withdrawn"));
	assert_string_equal(confirm_all(bank), "ok");
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lendlock.item.withdrawn"));
	assert_true(bank_published(bank, "collect:drill"));
}

/* ... nor does it when a person says that it is fit, who sees it behind a door. */
static void test_moving_and_fit_where_nobody_knows(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "inspect",
		json_pack("{s:s, s:b, s:b, s:i}", "item", "drill", "fit", 0, "taken", 1,
			"compartment", 1));
	fork_off(bank);
	bank_desire(bank, bank_move_drill);
	assert_string_equal(bank_ask(bank, "boss", "inspect",
				    json_pack("{s:s, s:b}", "item", "drill", "fit", 1)),
		"ok");
	bank_ack_all(bank);
	assert_false(bank_published(bank, "lendlock.item.released"));
	assert_string_equal(confirm_all(bank), "ok");
	bank_ack_all(bank);
	assert_true(bank_published(bank, "collect:drill"));
	assert_false(bank_published(bank, "lendlock.item.released"));
	assert_string_equal(bank_ask(bank, "boss", "collect", item_args("drill")), "ok");
	bank_pass(bank, 10 * SECOND);
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lendlock.item.released"));
}

/* An old copy may have it behind another door: what is not in there is not gone. */
static void test_nothing_is_collected_before_that(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	assert_string_equal(bank_ask(bank, "boss", "collect", item_args("drill")), "returns-only");
	assert_string_equal(bank_ask(bank, "boss", "stock", item_args("drill")), "returns-only");
	bank_desire(bank, NULL);
	assert_string_equal(bank_ask(bank, "boss", "collect", item_args("drill")), "returns-only");
	assert_string_equal(confirm_all(bank), "ok");
	assert_string_equal(bank_ask(bank, "boss", "collect", item_args("drill")), "ok");
}

static void test_withdrawn_and_gone(void **state)
{
	struct bank *bank = *state;
	bank_desire(bank, bank_withdraw_drill);
	fork_off(bank);
	bank_desire(bank, bank_withdraw_drill);
	assert_string_equal(confirm_without_drill(bank), "ok");
	bank_ack_all(bank);
	bank_pass(bank, 10 * SECOND);
	assert_false(bank_is_raised(bank, "collect", "drill"));
}

/* What a manager had looked at before the drill went through door 1. */
static void test_returned_since_somebody_looked(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	adopt_with_the_drill_out(bank, rental);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_string_equal(confirm_without_drill(bank), "ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
	/* It lies there, and nothing is put on top of it. */
	assert_string_equal(
		bank_ask(bank, "boss", "inspect",
			json_pack("{s:s, s:b, s:i}", "item", "drill", "fit", 1, "compartment", 1)),
		"ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "ok");
}

/* ... while nobody had adopted the bank yet. */
static void test_returned_before_the_adoption(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_ack_all(bank);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	read_epoch(bank);
	bank_desire(bank, NULL);
	assert_string_equal(confirm_without_drill(bank), "ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
	assert_string_equal(
		bank_ask(bank, "boss", "inspect",
			json_pack("{s:s, s:b, s:i}", "item", "drill", "fit", 1, "compartment", 1)),
		"ok");
}

/* ... or it was found where it had lain all the while, and nothing was brought back. */
static void test_found_where_it_was_not_returned(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	adopt_with_the_drill_out(bank, rental);
	bank_ask(bank, "mina", "return", rental_args(rental)); /* door 1 */
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 4, "item",
					    "drill", "compartment", 2, "item", "tent")),
		"ok");
	assert_string_equal(
		bank_ask(bank, "boss", "inspect",
			json_pack("{s:s, s:b, s:i}", "item", "drill", "fit", 1, "compartment", 4)),
		"ok");
}

/* Whoever had looked says that another thing lies there, too. */
static void test_returned_on_top_of_another(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	adopt_with_the_drill_out(bank, rental);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 2, "item",
					    "free", "compartment", 1, "item", "tent")),
		"ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
	assert_string_equal(bank_ask(bank, "boss", "stock", item_args("drill")), "ok");
}

/* ... and it has been withdrawn: nobody is sent to a door for it. */
static void test_withdrawn_and_returned_on_top_of_another(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_ack_all(bank);
	wait_for_adoption(bank);
	bank_desire(bank, bank_withdraw_drill);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 2, "item",
					    "free", "compartment", 1, "item", "tent")),
		"ok");
	assert_false(bank_is_raised(bank, "collect", "drill"));
}

/* A manager was collecting it when the bank was adopted. */
static void test_collected_since_somebody_looked(void **state)
{
	struct bank *bank = *state;
	bank_ack_all(bank);
	assert_string_equal(bank_ask(bank, "boss", "collect", item_args("drill")), "ok");
	bank_pass(bank, SECOND);
	fork_off(bank);
	bank_desire(bank, NULL);
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(confirm_all(bank), "ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
}

/* What went through the door that it lies behind is no reason to look once more. */
static void test_returned_and_found(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	adopt_with_the_drill_out(bank, rental);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(confirm_all(bank), "ok");
	fork_off(bank); /* what was confirmed is no reason to look the next time either */
	bank_desire(bank, NULL);
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}]", "compartment", 4, "item", "drill")),
		"ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "ok");
}

/* It has left only when somebody has taken it out: not when they looked before it came back. */
static void test_returned_since_somebody_looked_and_moves(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_ack_all(bank);
	wait_for_adoption(bank);
	bank_desire(bank, bank_move_drill);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	fake_mqtt_clear(&bank->mqtt);
	assert_string_equal(confirm_without_drill(bank), "ok");
	bank_pass(bank, MINUTE);
	bank_ack_all(bank);
	assert_true(bank_is_raised(bank, "collect", "drill"));
	assert_false(bank_published(bank, "lendlock.item.released"));
}

/* It was to be taken out, and stays by now. */
static void test_found_and_to_stay(void **state)
{
	struct bank *bank = *state;
	bank_desire(bank, bank_move_drill);
	fork_off(bank);
	bank_desire(bank, NULL);
	assert_true(bank_is_raised(bank, "collect", "drill"));
	assert_string_equal(confirm_all(bank), "ok");
	assert_false(bank_is_raised(bank, "collect", "drill"));
}

/* What went in and out while the bank lent is no reason to look once more. */
static void test_found_elsewhere(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	bank_desire(bank, NULL);
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 4, "item",
					    "drill", "compartment", 2, "item", "tent")),
		"ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "ok");
}

/* What is being brought back while the bank is looked through must not meet what a person says. */
static void test_no_confirming_while_a_door_is_open(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_ack_all(bank);
	wait_for_adoption(bank);
	hand_over_rented(bank, rental);
	assert_string_equal(bank_ask(bank, "mina", "return", rental_args(rental)), "");
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}]", "compartment", 1, "item", "free")),
		"busy");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_string_equal(confirm_all(bank), "ok");
}

static void force(struct bank *bank, int door)
{
	simulated_move(bank->doors, door, BANK_OPEN);
	bank_pass(bank, SECOND);
	simulated_move(bank->doors, door, BANK_CLOSED);
	bank_pass(bank, SECOND);
}

static const char *repair(struct bank *bank, bool works)
{
	return bank_ask(
		bank, "boss", "repair", json_pack("{s:i, s:b}", "compartment", 1, "works", works));
}

/* Whoever says what lies behind the doors may have looked before one of them was forced. */
static void test_forced_since_somebody_looked(void **state)
{
	struct bank *bank = *state;
	wait_for_adoption(bank);
	bank_desire(bank, NULL);
	force(bank, 1);
	assert_string_equal(repair(bank, false), "ok");
	assert_string_equal(repair(bank, true), "ok"); /* which says nothing of what lies there */
	assert_string_equal(confirm_all(bank), "ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
	assert_string_equal(
		bank_ask(bank, "boss", "inspect",
			json_pack("{s:s, s:b, s:i}", "item", "drill", "fit", 1, "compartment", 1)),
		"ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "ok");
	assert_string_equal(repair(bank, true), "ok");
	assert_false(bank_is_raised(bank, "door-forced", "1"));
}

/* ... and what lies behind it is reserved: when the reservation ends, somebody looks. */
static void test_forced_where_what_is_reserved_is_found(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	wait_for_adoption(bank);
	bank_desire(bank, NULL);
	force(bank, 4);
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 4, "item",
					    "drill", "compartment", 3, "item", "tent")),
		"ok");
	assert_string_equal(bank_ask(bank, "mina", "cancel", rental_args(rental)), "ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
	assert_string_equal(
		bank_ask(bank, "boss", "inspect",
			json_pack("{s:s, s:b, s:i}", "item", "drill", "fit", 1, "compartment", 4)),
		"ok");
	bank_reserve(bank, rental);
}

/* --- a contact that hangs -------------------------------------------------------------------- */

static void take_drill(struct bank *bank, char ret_rental[static UUID_SIZE])
{
	bank_ask(bank, "boss", "stock", item_args("drill"));
	bank_pass(bank, 5 * SECOND);
	simulated_move(bank->doors, 1, BANK_CLOSED);
	bank_pass(bank, 5 * SECOND);
	bank_pay(bank, ret_rental);
	bank_ask(bank, "mina", "open", rental_args(ret_rental));
	bank_pass(bank, 5 * SECOND);
}

/* A door that seems to stand open for ever, out of which a thing was taken, does not keep its bank
 * from being confirmed once a manager has said that it does not work. */
static void test_taken_and_stands_open_for_ever(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	take_drill(bank, rental);
	bank_pass(bank, HOUR);
	assert_string_equal(bank_state(bank, rental), "rented");
	bank_ack_all(bank);
	wait_for_adoption(bank);
	hand_over_rented(bank, rental);
	assert_string_equal(confirm_without_drill(bank), "busy");
	assert_string_equal(repair(bank, false), "ok");
	assert_string_equal(confirm_without_drill(bank), "ok");
	assert_string_equal(bank_state(bank, rental), "rented");
}

/* What was brought back there meanwhile counts against a list that was made before. */
static void test_returned_and_stands_open_for_ever(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	take_drill(bank, rental);
	simulated_move(bank->doors, 1, BANK_CLOSED);
	bank_pass(bank, 5 * SECOND);
	bank_ack_all(bank);
	wait_for_adoption(bank);
	hand_over_rented(bank, rental);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, HOUR);
	assert_string_equal(confirm_without_drill(bank), "busy");
	assert_string_equal(repair(bank, false), "ok");
	assert_string_equal(bank_state(bank, rental), "unconfirmed-return");
	assert_string_equal(confirm_without_drill(bank), "ok");
	assert_string_equal(bank_state(bank, rental), "unconfirmed-return");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BANK_TEST(test_moving_reserved_and_gone),
		BANK_TEST(test_gone_since_the_copy),
		BANK_TEST(test_withdrawn_and_where_nobody_knows),
		BANK_TEST(test_moving_and_fit_where_nobody_knows),
		BANK_TEST(test_nothing_is_collected_before_that),
		BANK_TEST(test_withdrawn_and_gone),
		BANK_TEST(test_no_confirming_while_a_door_is_open),
		BANK_TEST(test_returned_since_somebody_looked),
		BANK_TEST(test_forced_since_somebody_looked),
		BANK_TEST(test_forced_where_what_is_reserved_is_found),
		BANK_TEST_CARELESS(test_taken_and_stands_open_for_ever),
		BANK_TEST_CARELESS(test_returned_and_stands_open_for_ever),
		BANK_TEST(test_returned_before_the_adoption),
		BANK_TEST(test_found_where_it_was_not_returned),
		BANK_TEST(test_returned_on_top_of_another),
		BANK_TEST(test_withdrawn_and_returned_on_top_of_another),
		BANK_TEST(test_collected_since_somebody_looked),
		BANK_TEST(test_found_elsewhere),
		BANK_TEST(test_returned_and_found),
		BANK_TEST(test_returned_since_somebody_looked_and_moves),
		BANK_TEST(test_found_and_to_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
