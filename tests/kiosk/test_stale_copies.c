/* Handover to an old copy that has gone on without knowing what had become of its rentals. */
#include "lib/domain/renter.h"
#include "tests/kiosk/adopted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static json_t *rented, *its_payment; /* what the hub hands over */

static void hand_over_pair(json_t *desired)
{
	json_array_append_new(json_object_get(desired, "rentals"), rented);
	json_array_append_new(json_object_get(desired, "payments"), its_payment);
}

/* In truth the thing went out, and the hub heard so much of the money. */
static void make_pair(struct bank *bank, const char *rental, const char *fact, const char *payment,
	const char *state)
{
	char renter[NAME_SIZE], due[TIME_SIZE];
	renter_opaque(KEY, "mina", renter);
	time_format(bank->clock.wall + HOUR, due);
	rented = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:s}", "rental",
		rental, "item", "drill", "renter", renter, "state", fact, "item_state", "rented",
		"compartment", 1, "amount", 3000, "currency", "KRW", "payment", payment,
		"reserved_at", due, "due_at", due);
	its_payment = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s}", "payment", payment, "rental",
		rental, "ledger", "till", "state", state, "amount", 3000, "currency", "KRW");
}

static void hand_over_one(struct bank *bank, const char *rental, const char *fact,
	const char *payment, const char *state)
{
	make_pair(bank, rental, fact, payment, state);
	bank_desire(bank, hand_over_pair);
}

/* The copy is of the time when it was paid for; then its renter thinks better of it, or so the copy
 * is told. */
static void cancel_in_the_copy(
	struct bank *bank, char ret_rental[static UUID_SIZE], char ret_payment[static UUID_SIZE])
{
	bank_pay(bank, ret_rental);
	bank_ack_all(bank);
	assert_string_equal(
		bank_ask(bank, "mina", "cancel", json_pack("{s:s}", "rental", ret_rental)), "ok");
	bank_state(bank, ret_rental);
	text_copy(ret_payment, UUID_SIZE, bank_text(bank, "payment", "payment"));
	assert_string_equal(bank_text(bank, "payment", "state"), "void-owed");
}

/* The copy is of the time when it was asked to be paid for, and nobody has heard so. */
static void ask_to_pay_in_the_copy(
	struct bank *bank, char ret_rental[static UUID_SIZE], char ret_payment[static UUID_SIZE])
{
	bank_reserve(bank, ret_rental);
	assert_string_equal(
		bank_ask(bank, "mina", "pay",
			json_pack("{s:s, s:s}", "rental", ret_rental, "method", "tok-ok")),
		"");
	assert_string_equal(bank_asked(bank), "authorize");
	bank_state(bank, ret_rental);
	text_copy(ret_payment, UUID_SIZE, bank_text(bank, "payment", "payment"));
	assert_string_equal(bank_text(bank, "payment", "state"), "sent");
}

/* What was delivered is paid for, whatever the copy wanted before it knew. */
static void test_delivered_and_void_owed_here(void **state)
{
	static const char *const heard[] = {"authorized", "capture-owed"};
	struct bank *bank = *state;
	for (size_t i = 0; i < sizeof(heard) / sizeof(*heard); i++) {
		char rental[UUID_SIZE], payment[UUID_SIZE];
		cancel_in_the_copy(bank, rental, payment);
		wait_for_adoption(bank);
		hand_over_one(bank, rental, "rented", payment, heard[i]);
		assert_string_equal(bank_state(bank, rental), "rented");
		assert_string_equal(bank_text(bank, "payment", "state"), "capture-owed");
		bank_fixture_end(state);
		bank_fixture(state);
	}
}

/* ... and if the reservation is gone already, a person hears of it. */
static void test_delivered_and_voided_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], payment[UUID_SIZE];
	cancel_in_the_copy(bank, rental, payment);
	bank_ledger(bank, "voided");
	wait_for_adoption(bank);
	hand_over_one(bank, rental, "rented", payment, "authorized");
	assert_string_equal(bank_state(bank, rental), "rented");
	assert_string_equal(bank_text(bank, "payment", "state"), "voided");
	bank_pass(bank, 10 * SECOND);
	assert_true(bank_published(bank, "payment-uncollected"));
}

static void withdraw_and_hand_over(json_t *desired)
{
	bank_withdraw_drill(desired);
	hand_over_pair(desired);
}

/* The copy wanted it taken out; nobody is sent to do that before it is back. */
static void test_delivered_and_to_be_collected_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], payment[UUID_SIZE];
	cancel_in_the_copy(bank, rental, payment);
	bank_desire(bank, bank_withdraw_drill);
	assert_true(bank_is_raised(bank, "collect", "drill"));
	wait_for_adoption(bank);
	make_pair(bank, rental, "rented", payment, "authorized");
	bank_desire(bank, withdraw_and_hand_over);
	assert_string_equal(bank_state(bank, rental), "rented");
	assert_false(bank_is_raised(bank, "collect", "drill"));
}

/* It failed, and the board before had not yet asked for the money back, or had not said so. */
static void test_failed_and_not_yet_given_back(void **state)
{
	static const struct {
		const char *heard, *asked;
	} of[] = {{"authorized", "void"}, {"capture-owed", "refund"}, {"captured", "refund"}};
	static const char unknown[] = "01936a00-0000-7000-8000-0000000000f1";
	struct bank *bank = *state;
	for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++) {
		char payment[UUID_SIZE] = "01936a00-0000-7000-8000-0000000000f2";
		wait_for_adoption(bank);
		bank_asked(bank);
		hand_over_one(bank, unknown, "failed", payment, of[i].heard);
		assert_string_equal(bank_asked(bank), of[i].asked);
		bank_fixture_end(state);
		bank_fixture(state);
	}
}

/* ... and what this copy knows of it is that nobody came for it. */
static void test_failed_and_cancelled_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], payment[UUID_SIZE] = "01936a00-0000-7000-8000-0000000000f2";
	bank_reserve(bank, rental);
	assert_string_equal(
		bank_ask(bank, "mina", "cancel", json_pack("{s:s}", "rental", rental)), "ok");
	wait_for_adoption(bank);
	bank_asked(bank);
	hand_over_one(bank, rental, "failed", payment, "captured");
	assert_string_equal(bank_asked(bank), "refund");
	assert_string_equal(bank_state(bank, rental), "cancelled");
}

/* The hub will hear from this copy that it was asked for; then it must hear how that ended. */
static void test_captured_and_only_asked_for_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], payment[UUID_SIZE];
	ask_to_pay_in_the_copy(bank, rental, payment);
	wait_for_adoption(bank);
	hand_over_one(bank, rental, "rented", payment, "captured");
	assert_string_equal(bank_state(bank, rental), "rented");
	assert_string_equal(bank_text(bank, "payment", "state"), "captured");
	for (int i = 0; i < 50 && !bank_published(bank, "lendlock.payment.restated"); i++)
		bank_ack(bank);
	assert_true(bank_published(bank, "lendlock.payment.restated"));
}

/* It was rented at the hub, too, and then reported, and paid back: there it is not out any more,
 * whatever this copy has to say of its going out. */
static void test_failed_after_it_was_out_here_and_there(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], payment[UUID_SIZE];
	bank_take(bank, rental);
	bank_state(bank, rental);
	TEXT_COPY(payment, bank_text(bank, "payment", "payment"));
	wait_for_adoption(bank);
	hand_over_one(bank, rental, "failed", payment, "refunded");
	assert_string_equal(bank_state(bank, rental), "failed");
	assert_string_equal(bank_text(bank, "payment", "state"), "refunded");
}

/* ... and at the copy they paid once more, and took it: the rental is over, and the second payment
 * stays. A person says whether it goes back. */
static void test_failed_and_paid_once_more_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	wait_for_adoption(bank);
	hand_over_one(bank, rental, "failed", "01a20000-0000-7000-8000-0000000000f1", "refunded");
	assert_string_equal(bank_state(bank, rental), "failed");
	bank_pass(bank, 10 * SECOND);
	assert_true(bank_published(bank, "payment-kept"));
}

/* It was reported and paid back at a board that was not the valid one: the hub has heard all of it,
 * and took nothing. */
static void test_paid_back_and_not_believed(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], payment[UUID_SIZE];
	bank_take(bank, rental);
	bank_state(bank, rental);
	TEXT_COPY(payment, bank_text(bank, "payment", "payment"));
	assert_string_equal(bank_ask(bank, "mina", "report",
				    json_pack("{s:s, s:s}", "rental", rental, "problem", "broken")),
		"ok");
	bank_ledger(bank, "refunded");
	bank_ack_all(bank);
	bank_state(bank, rental);
	assert_string_equal(bank_text(bank, "payment", "state"), "refunded");
	wait_for_adoption(bank);
	hand_over_one(bank, rental, "rented", payment, "captured");
	assert_string_equal(bank_state(bank, rental), "failed");
	assert_string_equal(bank_text(bank, "payment", "state"), "refunded");
	bank_pass(bank, 10 * SECOND);
	assert_true(bank_published(bank, "lendlock.payment.restated"));
	assert_false(bank_published(bank, "payment-kept"));
}

/* It is out. At the copy, which does not know, its renter has the door opened once more, and says
 * that nothing is in it. The money stays, and a person hears of it. */
static void test_out_and_found_empty_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], payment[UUID_SIZE];
	bank_pay(bank, rental);
	assert_string_equal(
		bank_ask(bank, "mina", "open", json_pack("{s:s}", "rental", rental)), "");
	bank_pass(bank, SECOND);
	assert_string_equal(bank_ask(bank, "mina", "report",
				    json_pack("{s:s, s:s}", "rental", rental, "problem", "empty")),
		"ok");
	assert_string_equal(bank_text(bank, "rental", "state"), "failed");
	TEXT_COPY(payment, bank_text(bank, "payment", "payment"));
	assert_string_equal(bank_text(bank, "payment", "state"), "void-owed");
	bank_pass(bank, MINUTE);
	wait_for_adoption(bank);
	hand_over_one(bank, rental, "rented", payment, "captured");
	assert_string_equal(bank_state(bank, rental), "failed");
	assert_string_equal(bank_text(bank, "payment", "state"), "captured");
	bank_pass(bank, 10 * SECOND);
	assert_true(bank_published(bank, "payment-kept"));
}

/* Its renter was to have the money back, of which the hub had not heard. At the copy they paid once
 * more, and took it: the first payment is not taken again. */
static void test_paid_once_more_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	wait_for_adoption(bank);
	hand_over_one(
		bank, rental, "rented", "01a20000-0000-7000-8000-0000000000f1", "capture-owed");
	assert_string_equal(bank_asked(bank), "refund");
	assert_string_equal(bank_state(bank, rental), "rented");
	assert_string_equal(bank_text(bank, "payment", "state"), "captured");
}

/* Both boards have lent it: the one that the hub knows of counts, the other gets the money back. */
static void test_handed_over_and_lent_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_ack_all(bank);
	bank_pay(bank, rental); /* which the hub has not heard of */
	wait_for_adoption(bank);
	handed_rental = record_of("rented", "rented");
	set_time(handed_rental, "due_at", bank, DAY);
	bank_desire(bank, hand_over);
	assert_string_equal(bank_state(bank, RENTAL), "rented");
	assert_string_equal(bank_state(bank, rental), "resolved");
	assert_string_equal(bank_text(bank, "payment", "state"), "void-owed");
	bank_pass(bank, 10 * SECOND);
	assert_true(bank_published(bank, "adoption-conflict"));
}

/* It came back, and was told; then the hub heard the account of another board. */
static void test_told_and_overtaken(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	assert_string_equal(bank_ask(bank, "mina", "return", rental_args(rental)), "");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	fork_off(bank);
	handed_rental = record_of("overdue", "rented");
	json_object_set_new(handed_rental, "rental", json_string(rental));
	bank_desire(bank, hand_over);
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_true(bank_published(bank, "lendlock.rental.restated"));
}

/* ... or what a snapshot had told, that nobody has heard yet. */
static void test_told_by_a_snapshot_and_overtaken(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_ack_all(bank);
	wait_for_adoption(bank);
	hand_over_rented(bank, rental);
	assert_string_equal(confirm_without_drill(bank), "ok");
	wait_for_adoption(bank);
	hand_over_ended(bank, rental, "returned");
	fake_mqtt_clear(&bank->mqtt);
	bank_pass(bank, MINUTE);
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lendlock.snapshot.taken"));
	assert_true(bank_published(bank, "lendlock.rental.restated"));
}

/* Seed 301: it is over, and the copy has gone on with it: it is not paid for and lent again. */
static void test_ended_and_extended_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_ack_all(bank);
	assert_string_equal(bank_ask(bank, "mina", "extend", rental_args(rental)), "ok");
	wait_for_adoption(bank);
	hand_over_ended(bank, rental, "returned");
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_string_equal(confirm_all(bank), "ok");
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lendlock.rental.restated"));
	assert_string_equal(bank_ask(bank, "mina", "open", rental_args(rental)), "wrong-state");
}

/* The hub knows that nobody came for it; the copy gave it out since. */
static void test_ended_and_taken_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_ack_all(bank);
	bank_take(bank, rental);
	wait_for_adoption(bank);
	hand_over_ended(bank, rental, "expired");
	assert_string_equal(bank_state(bank, rental), "rented");
}

/* Seed 504: what the copy lent is out of the door, what the hub had lent is not: the latter's
 * renter gets the money back. */
static void test_handed_over_and_taken_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_ack_all(bank);
	bank_take(bank, rental);
	wait_for_adoption(bank);
	handed_rental = record_of("paid", "reserved");
	bank_desire(bank, hand_over);
	assert_string_equal(bank_state(bank, rental), "rented");
	assert_string_equal(bank_state(bank, RENTAL), "resolved");
	assert_string_equal(bank_text(bank, "payment", "state"), "void-owed");
	bank_pass(bank, 10 * SECOND);
	assert_true(bank_published(bank, "adoption-conflict"));
}

/* In the copy it is rented; in truth it came back long ago, and was taken away since. */
static void test_ended_since_the_copy(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	fork_off(bank);
	hand_over_ended(bank, rental, "returned");
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 2, "item",
					    "free", "compartment", 3, "item", "tent")),
		"ok");
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_string_equal(bank_ask(bank, "boss", "stock", item_args("drill")), "ok");
	bank_pass(bank, 10 * SECOND);
	bank_reserve(bank, rental);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BANK_TEST(test_delivered_and_void_owed_here),
		BANK_TEST(test_delivered_and_to_be_collected_here),
		BANK_TEST(test_delivered_and_voided_here),
		BANK_TEST(test_failed_and_not_yet_given_back),
		BANK_TEST(test_failed_and_cancelled_here),
		BANK_TEST(test_captured_and_only_asked_for_here),
		BANK_TEST(test_failed_after_it_was_out_here_and_there),
		BANK_TEST(test_failed_and_paid_once_more_here),
		BANK_TEST(test_paid_back_and_not_believed),
		BANK_TEST(test_out_and_found_empty_here),
		BANK_TEST(test_paid_once_more_here),
		BANK_TEST(test_handed_over_and_lent_here),
		BANK_TEST(test_told_and_overtaken),
		BANK_TEST(test_told_by_a_snapshot_and_overtaken),
		BANK_TEST(test_ended_and_extended_here),
		BANK_TEST(test_ended_and_taken_here),
		BANK_TEST(test_handed_over_and_taken_here),
		BANK_TEST(test_ended_since_the_copy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
