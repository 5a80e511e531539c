/* Handover: what the hub knows of the rentals of the board before. */
#include "tests/kiosk/adopted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void test_handed_over_paid(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("paid", "reserved");
	set_time(handed_rental, "expires_at", bank, HOUR);
	bank_desire(bank, hand_over);
	assert_string_equal(confirm_all(bank), "ok");
	assert_string_equal(bank_ask(bank, "mina", "open", rental_args(RENTAL)), "");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, RENTAL), "rented");
	assert_string_not_equal(bank_text(bank, "rental", "due_at"), "");
	bank_pass(bank, 2 * DAY);
	assert_string_equal(bank_state(bank, RENTAL), "rented");
	bank_pass(bank, 2 * DAY);
	assert_string_equal(bank_state(bank, RENTAL), "overdue");
}

static void test_handed_over_overdue(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("overdue", "rented");
	set_time(handed_rental, "due_at", bank, -DAY);
	bank_desire(bank, hand_over);
	bank_pass(bank, HOUR);
	assert_string_equal(bank_state(bank, RENTAL), "overdue");
	bank_pass(bank, 14 * DAY);
	assert_string_equal(bank_state(bank, RENTAL), "lost");
}

/* The new board runs for less than the time in which what was taken may be reported. */
static void test_handed_over_and_reported(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("rented", "rented");
	set_time(handed_rental, "taken_at", bank, -2 * DAY);
	set_time(handed_rental, "due_at", bank, DAY);
	bank_desire(bank, hand_over);
	assert_string_equal(bank_ask(bank, "mina", "report",
				    json_pack("{s:s, s:s}", "rental", RENTAL, "problem", "broken")),
		"wrong-state");
	assert_string_equal(bank_state(bank, RENTAL), "rented");
}

/* The board before died while the thing was taken: it was delivered, so it is paid, and the hub
 * hears of it. */
static void test_handed_over_taking(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("taking", "rented");
	bank_desire(bank, hand_over);
	assert_string_equal(bank_state(bank, RENTAL), "rented");
	assert_string_equal(bank_text(bank, "payment", "state"), "capture-owed");
	bank_pass(bank, 10 * SECOND);
	assert_true(bank_published(bank, "lendlock.rental.rented"));
}

static void test_handed_over_paying(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("paying", "reserved");
	set_time(handed_rental, "expires_at", bank, HOUR);
	json_object_set_new(handed_payment, "state", json_string("sent"));
	bank_desire(bank, hand_over);
	bank_pass(bank, SECOND);
	bank_send(bank, "lendlock/v1/town/payment/till/reply/library",
		json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s, s:i, s:s}}", "id", "x",
			"operation", "void", "code", "ok", "payment", "payment", MONEY, "rental",
			RENTAL, "ledger", "till", "state", "voided", "amount", 3000, "currency",
			"KRW"));
	assert_string_equal(bank_state(bank, RENTAL), "held");
}

/* The board before died between the batch that told of the delivery and the one that told of the
 * money. */
static void test_handed_over_and_not_yet_paid_for(void **state)
{
	static const struct {
		const char *state, *item_state, *payment;
	} delivered[] = {
		{"rented", "rented", "capture-owed"},
		{"overdue", "rented", "capture-owed"},
		{"lost", "rented", "capture-owed"},
		{"returning", "rented", "capture-owed"},
		{"unconfirmed-return", "inspection", "capture-owed"},
		{"unconfirmed", "inspection", "authorized"}, /* nobody knows yet */
		{"paid", "reserved", "authorized"},
	};
	struct bank *bank = *state;
	for (size_t i = 0; i < sizeof(delivered) / sizeof(*delivered); i++) {
		fork_off(bank);
		handed_rental = record_of(delivered[i].state, delivered[i].item_state);
		bank_desire(bank, hand_over);
		bank_state(bank, RENTAL);
		assert_string_equal(bank_text(bank, "payment", "state"), delivered[i].payment);
		assert_string_equal(confirm_all(bank), "ok");
	}
}

/* ... or between those that told how the payment went, and what came of it. */
static void test_handed_over_and_not_yet_told(void **state)
{
	static const struct {
		const char *state, *payment, *after;
	} untold[] = {
		{"paying", "authorized", "paid"},
		{"paying", "declined", "held"},
		{"paid", "voided", "held"},
	};
	struct bank *bank = *state;
	for (size_t i = 0; i < sizeof(untold) / sizeof(*untold); i++) {
		fork_off(bank);
		handed_rental = record_of(untold[i].state, "reserved");
		set_time(handed_rental, "expires_at", bank, HOUR);
		json_object_set_new(handed_payment, "state", json_string(untold[i].payment));
		bank_desire(bank, hand_over);
		assert_string_equal(bank_state(bank, RENTAL), untold[i].after);
		assert_string_equal(confirm_all(bank), "ok");
		assert_string_equal(bank_state(bank, RENTAL), untold[i].after);
	}
}

/* However that came about: what cannot be asked for is given back. */
static void test_handed_over_paid_and_only_sent(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("paid", "reserved");
	set_time(handed_rental, "expires_at", bank, HOUR);
	json_object_set_new(handed_payment, "state", json_string("sent"));
	bank_desire(bank, hand_over);
	assert_string_equal(bank_state(bank, RENTAL), "paid");
	assert_string_equal(bank_text(bank, "payment", "state"), "void-owed");
}

/* Nobody knew then, and somebody is asked still, until he has said. */
static void test_handed_over_unconfirmed(void **state)
{
	char alert[128];
	char cleared[160];
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("unconfirmed-return", "inspection");
	snprintf(alert, sizeof(alert), "\"unconfirmed:%s\",\"kind\":\"unconfirmed\"", RENTAL);
	snprintf(cleared, sizeof(cleared), "%s,\"cleared\":true", alert);
	bank_desire(bank, hand_over);
	bank_pass(bank, MINUTE);
	assert_true(bank_published(bank, alert));
	assert_false(bank_published(bank, cleared));
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 2, "item",
					    "free", "compartment", 3, "item", "tent")),
		"ok");
	bank_ack_all(bank);
	assert_true(bank_published(bank, cleared));
}

/* A payment of nothing is none: a ledger would refuse each request about it, for ever. */
static void test_handed_over_with_a_payment_of_nothing(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("rented", "rented");
	json_object_set_new(handed_payment, "amount", json_integer(0));
	bank_desire(bank, hand_over);
	bank_pass(bank, MINUTE);
	assert_string_equal(bank_asked(bank), "reconcile");
}

/* A door that was on its way when the board died is not any more. */
static void test_handed_over_halfway(void **state)
{
	static const struct {
		const char *state, *item_state, *after;
	} halfway[] = {
		{"opening", "reserved", "paid"},
		{"returning", "rented", "rented"},
	};
	struct bank *bank = *state;
	for (size_t i = 0; i < 2; i++) {
		fork_off(bank);
		handed_rental = record_of(halfway[i].state, halfway[i].item_state);
		set_time(handed_rental, "expires_at", bank, HOUR);
		bank_desire(bank, hand_over);
		assert_string_equal(bank_state(bank, RENTAL), halfway[i].after);
		assert_string_equal(confirm_all(bank), "ok");
	}
}

/* The hub thinks it behind another one's door; a person says where things are. */
static void test_handed_over_into_a_full_door(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("paid", "reserved");
	json_object_set_new(handed_rental, "compartment", json_integer(2));
	bank_desire(bank, hand_over);
	assert_string_equal(confirm_all(bank), "ok");
	assert_string_equal(bank_state(bank, RENTAL), "paid");
	assert_string_equal(bank_ask(bank, "joon", "reserve", item_args("free")), "ok");
}

static void test_handed_over_and_nothing_to_do(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("returned", "available"); /* it has ended meanwhile */
	json_object_set_new(handed_payment, "state", json_string("captured"));
	bank_desire(bank, hand_over);
	assert_string_equal(bank_ask(bank, "mina", "rental", rental_args(RENTAL)), "not-found");
	assert_string_equal(
		bank_ask(bank, "boss", "confirm-bank",
			contents("[{s:i, s:s}, {s:i}, {s:i, s:s}]", "compartment", 1, "item",
				"drill", "compartment", 2, "compartment", 3, "item", "tent")),
		"ok");
	assert_string_equal(bank_ask(bank, "joon", "reserve", item_args("free")), "not-available");
}

/* Of an item that this bank's catalogue does not have. */
static void hand_over_ghost(struct bank *bank)
{
	fork_off(bank);
	handed_rental = record_of("rented", "rented");
	json_object_set_new(handed_rental, "item", json_string("ghost"));
	set_time(handed_rental, "due_at", bank, DAY);
	bank_desire(bank, hand_over);
	assert_string_equal(bank_state(bank, RENTAL), "rented");
}

/* It can still come back, now ... */
static void test_handed_over_unknown(void **state)
{
	struct bank *bank = *state;
	hand_over_ghost(bank);
	assert_string_equal(bank_ask(bank, "mina", "return", rental_args(RENTAL)), "");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, RENTAL), "returned");
	assert_string_equal(confirm_all(bank), "ok");
}

/* ... or later, if the power goes meanwhile. */
static void test_handed_over_unknown_and_cut_off(void **state)
{
	struct bank *bank = *state;
	hand_over_ghost(bank);
	assert_string_equal(confirm_all(bank), "ok");
	assert_string_equal(bank_ask(bank, "mina", "return", rental_args(RENTAL)), "");
	bank_pass(bank, 300 * MSEC);
	bank_crash(bank);
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, RENTAL), "rented");
	assert_true(bank_is_raised(bank, "unconfirmed", RENTAL));
	assert_string_equal(bank_ask(bank, "mina", "return", rental_args(RENTAL)), "");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, RENTAL), "returned");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BANK_TEST(test_handed_over_paid),
		BANK_TEST(test_handed_over_overdue),
		BANK_TEST(test_handed_over_and_reported),
		BANK_TEST(test_handed_over_taking),
		BANK_TEST(test_handed_over_paying),
		BANK_TEST(test_handed_over_and_not_yet_paid_for),
		BANK_TEST(test_handed_over_and_not_yet_told),
		BANK_TEST(test_handed_over_with_a_payment_of_nothing),
		BANK_TEST(test_handed_over_paid_and_only_sent),
		BANK_TEST(test_handed_over_unconfirmed),
		BANK_TEST(test_handed_over_halfway),
		BANK_TEST(test_handed_over_into_a_full_door),
		BANK_TEST(test_handed_over_and_nothing_to_do),
		BANK_TEST(test_handed_over_unknown),
		BANK_TEST(test_handed_over_unknown_and_cut_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
