/* A door stands open, or is about to, when the bank is adopted and handed what lies behind it. */
#include "tests/kiosk/adopted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A manager takes it out, and the board before had lent it: it is out, whoever has it. */
static void test_collected_and_handed_over(void **state)
{
	struct bank *bank = *state;
	bank_ack_all(bank);
	bank_ask(bank, "boss", "collect", item_args("drill"));
	bank_pass(bank, SECOND);
	fork_off(bank);
	handed_rental = record_of("rented", "rented");
	set_time(handed_rental, "due_at", bank, DAY);
	bank_desire(bank, hand_over);
	fake_mqtt_clear(&bank->mqtt);
	bank_pass(bank, 10 * SECOND);
	bank_ack_all(bank);
	assert_false(bank_published(bank, "lendlock.item."));
	assert_string_equal(bank_state(bank, RENTAL), "rented");
}

static void collect_and_hand_over(struct bank *bank)
{
	bank_ack_all(bank);
	bank_ask(bank, "boss", "collect", item_args("drill"));
	fork_off(bank);
	handed_rental = record_of("paid", "reserved");
	set_time(handed_rental, "expires_at", bank, HOUR);
	bank_desire(bank, hand_over);
	fake_mqtt_clear(&bank->mqtt);
}

static void check_paid_and_nothing_said_of_it(struct bank *bank)
{
	bank_crash(bank);
	bank_pass(bank, 10 * SECOND);
	bank_ack_all(bank);
	assert_false(bank_published(bank, "lendlock.item."));
	assert_string_equal(bank_state(bank, RENTAL), "paid");
}

/* ... or reserved it: whether the manager has taken it out, its renter will see. */
static void test_collected_handed_over_and_shut(void **state)
{
	struct bank *bank = *state;
	collect_and_hand_over(bank);
	check_paid_and_nothing_said_of_it(bank);
}

static void test_collected_handed_over_and_cut_off(void **state)
{
	struct bank *bank = *state;
	simulated_jam(bank->doors, 1, true); /* it is not opened before the power goes */
	collect_and_hand_over(bank);
	check_paid_and_nothing_said_of_it(bank);
}

/* ... and goes on with it, whatever was seen there before. */
static void test_collected_handed_over_and_found(void **state)
{
	struct bank *bank = *state;
	collect_and_hand_over(bank);
	bank_pass(bank, 10 * SECOND);
	fake_mqtt_clear(&bank->mqtt);
	assert_string_equal(confirm_all(bank), "ok");
	bank_pass(bank, MINUTE);
	bank_ack_all(bank);
	assert_false(bank_published(bank, "lendlock.item.inspection"));
	assert_string_equal(bank_state(bank, RENTAL), "paid");
}

static void stock_and_hand_over(struct bank *bank)
{
	bank_ask(bank, "boss", "collect", item_args("tent"));
	bank_pass(bank, 10 * SECOND);
	bank_ack_all(bank);
	bank_ask(bank, "boss", "stock", json_pack("{s:s, s:i}", "item", "tent", "compartment", 4));
	fork_off(bank);
	handed_rental = record_of("paid", "reserved");
	json_object_set_new(handed_rental, "compartment", json_integer(4));
	bank_desire(bank, hand_over);
}

static void check_that_the_tent_lies_nowhere(struct bank *bank)
{
	bank_crash(bank);
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, RENTAL), "paid");
	assert_string_equal(
		bank_ask(bank, "boss", "inspect",
			json_pack("{s:s, s:b, s:i}", "item", "tent", "fit", 1, "compartment", 4)),
		"wrong-state");
}

/* What a manager was putting in lies nowhere that is known, if the hub knows another thing there.
 */
static void test_stocked_handed_over_and_shut(void **state)
{
	struct bank *bank = *state;
	stock_and_hand_over(bank);
	check_that_the_tent_lies_nowhere(bank);
}

static void test_stocked_handed_over_and_cut_off(void **state)
{
	struct bank *bank = *state;
	simulated_jam(bank->doors, 4, true);
	stock_and_hand_over(bank);
	check_that_the_tent_lies_nowhere(bank);
}

/* It was being brought back when the power went; the board before knows that it has come back. */
static void test_returned_handed_over_and_cut_off(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	simulated_jam(bank->doors, 1, true); /* it is not opened before the power goes */
	bank_ack_all(bank);
	bank_ask(bank, "mina", "return", rental_args(rental));
	fork_off(bank);
	hand_over_ended(bank, rental, "returned");
	fake_mqtt_clear(&bank->mqtt);
	bank_crash(bank);
	bank_pass(bank, 10 * SECOND);
	bank_ack_all(bank);
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_false(bank_published(bank, "unconfirmed"));
}

/* ... or its door stood open: it may lie there, and nothing is put on top of it. */
static void test_returned_handed_over_and_shut(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_ack_all(bank);
	bank_ask(bank, "mina", "return", rental_args(rental));
	fork_off(bank);
	hand_over_ended(bank, rental, "returned");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_string_equal(
		bank_ask(bank, "boss", "inspect",
			json_pack("{s:s, s:b, s:i}", "item", "drill", "fit", 1, "compartment", 1)),
		"ok");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BANK_TEST(test_collected_and_handed_over),
		BANK_TEST(test_collected_handed_over_and_shut),
		BANK_TEST(test_collected_handed_over_and_cut_off),
		BANK_TEST(test_collected_handed_over_and_found),
		BANK_TEST(test_stocked_handed_over_and_shut),
		BANK_TEST(test_stocked_handed_over_and_cut_off),
		BANK_TEST(test_returned_handed_over_and_cut_off),
		BANK_TEST(test_returned_handed_over_and_shut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
