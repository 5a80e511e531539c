/* Money: late answers of a ledger that knows more than this bank, and a ledger that is away. */
#include "kiosk/internal.h"
#include "tests/kiosk/bank.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static int set_up(void **state)
{
	static struct bank bank;
	bank_set_up(&bank);
	bank_stock(&bank);
	*state = &bank;
	return 0;
}

static int tear_down(void **state)
{
	bank_tear_down(*state);
	return 0;
}

static json_t *rental_args(const char *rental)
{
	return json_pack("{s:s}", "rental", rental);
}

static json_t *pay_args(const char *rental)
{
	return json_pack("{s:s, s:s}", "rental", rental, "method", "tok-ok");
}

static void ledger_is_lost(struct bank *bank)
{
	bank_send(bank, "lendlock/v1/town/payment/till/status",
		json_pack("{s:s, s:s}", "state", "lost", "session",
			"01936a00-0000-7000-8000-0000000000aa"));
}

/* The database is an old copy: the ledger has long taken the money. A void gives it back all the
 * same. */
static void test_void_of_what_was_captured(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "cancel", rental_args(rental));
	assert_string_equal(bank_asked(bank), "void");
	bank_ledger(bank, "captured");
	assert_string_equal(bank_asked(bank), "refund");
	bank_ledger(bank, "refunded");
	bank_state(bank, rental);
	assert_string_equal(bank_text(bank, "payment", "state"), "refunded");
}

static void test_void_answered_with_a_refund(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_ask(bank, "mina", "pay", pay_args(rental));
	bank_ask(bank, "mina", "cancel-payment", rental_args(rental));
	bank_ledger(bank, "refunded");
	assert_string_equal(bank_reply(bank, "mina"), "ok");
	assert_string_equal(bank_state(bank, rental), "held");
	assert_string_equal(bank_ask(bank, "mina", "pay", pay_args(rental)), "");
}

/* As long as nobody can pay, what is held stays held, up to its limit. */
static void test_hold_lasts_while_the_ledger_is_lost(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	ledger_is_lost(bank);
	bank_pass(bank, 90 * MINUTE);
	assert_string_equal(bank_state(bank, rental), "held");
	bank_pass(bank, 31 * MINUTE);
	assert_string_equal(bank_state(bank, rental), "expired");
}

static void test_one_probe_after_the_wait(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], other[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_ask(bank, "joon", "reserve", json_pack("{s:s}", "item", "tent"));
	TEXT_COPY(other, bank_text(bank, "rental", "rental"));
	ledger_is_lost(bank);
	assert_string_equal(bank_ask(bank, "mina", "pay", pay_args(rental)), "payments-closed");
	bank_pass(bank, 80 * SECOND);
	assert_string_equal(bank_ask(bank, "mina", "pay", pay_args(rental)), "");
	assert_string_equal(bank_ask(bank, "joon", "pay", pay_args(other)), "payments-closed");
}

static void test_not_stuck_once_it_is_known(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_ask(bank, "mina", "pay", pay_args(rental));
	bank_pass(bank, 14 * MINUTE);
	for (int i = 0; i < 50; i++)
		bank_ack(bank);
	bank_ledger(bank, "authorized");
	assert_string_equal(bank_state(bank, rental), "paid");
	bool cleared = false;
	for (size_t i = 0; i < 4; i++)
		cleared |= strcmp(bank_event(bank, i), "lendlock.alert.cleared") == 0;
	assert_true(cleared);
}

/* Rows as if so many rentals had been begun and never settled. */
static void fill(struct bank *bank, int rentals, int payments)
{
	struct kiosk *kiosk = bank->kiosk;
	kiosk_begin(kiosk);
	for (int i = 0; i < rentals; i++) {
		struct rental_row row = {
			.fact = {.state = RENTAL_RENTED, .item_state = ITEM_RENTED},
			.deadline = USEC_NEVER};
		snprintf(row.fact.rental, UUID_SIZE, "01936a00-0000-7000-8000-%012d", i);
		snprintf(row.fact.item, NAME_SIZE, "thing-%d", i);
		store_rental_write(kiosk->database, &row);
	}
	for (int i = 0; i < payments; i++) {
		struct payment_row row = {
			.fact = {.state = PAYMENT_AUTHORIZED}, .next_try = USEC_NEVER};
		snprintf(row.fact.payment, UUID_SIZE, "01936a00-0000-7000-8000-%012d", i);
		store_payment_write(kiosk->database, &row);
	}
	assert_int_equal(kiosk_end(kiosk), 0);
}

/* A bank does not grow beyond what a hub can hand over, and a ledger be told of. */
static void test_a_bank_that_is_full(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	fill(bank, BANK_RENTALS_MAX - 1, BANK_PAYMENTS_MAX);
	assert_string_equal(
		bank_ask(bank, "ada", "reserve", json_pack("{s:s}", "item", "tent")), "limit");
	assert_string_equal(bank_ask(bank, "mina", "pay", pay_args(rental)), "busy");
	assert_string_equal(bank_ask(bank, "mina", "cancel", rental_args(rental)), "ok");
	assert_string_equal(
		bank_ask(bank, "ada", "reserve", json_pack("{s:s}", "item", "tent")), "ok");
	bank->kiosk->node.reconcile_at = bank->kiosk->now.elapsed;
	fill(bank, 0, CLAIMS_MAX);
	bank_pass(bank, SECOND);
	const struct fake_publication *asked = fake_mqtt_last(
		&bank->mqtt, "lendlock/v1/town/payment/till/request/library/reconcile");
	assert_non_null(asked);
	assert_true(asked->size <= REQUEST_BYTES);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_void_of_what_was_captured),
		TEST(test_void_answered_with_a_refund),
		TEST(test_hold_lasts_while_the_ledger_is_lost),
		TEST(test_one_probe_after_the_wait),
		TEST(test_not_stuck_once_it_is_known),
		TEST(test_a_bank_that_is_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
