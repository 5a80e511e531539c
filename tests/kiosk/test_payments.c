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

/* This bank was put back to before it delivered: a person looks, and the money stays until then. */
static void test_void_of_what_was_captured(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], payment[UUID_SIZE];
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "cancel", rental_args(rental));
	assert_string_equal(bank_asked(bank), "void");
	bank_ledger(bank, "captured");
	bank_state(bank, rental);
	assert_string_equal(bank_text(bank, "payment", "state"), "captured");
	bank_pass(bank, HOUR);
	assert_string_equal(bank_asked(bank), "void"); /* nobody asks for a refund */
	TEXT_COPY(payment, bank_text(bank, "payment", "payment"));
	assert_true(bank_is_raised(bank, "payment-kept", payment));
}

static void reserve_and_have_it_captured(struct bank *bank, char *ret_rental)
{
	bank_reserve(bank, ret_rental);
	bank_ask(bank, "mina", "pay", pay_args(ret_rental));
	bank_ask(bank, "mina", "cancel-payment", rental_args(ret_rental));
	bank_ledger(bank, "captured");
}

static void check_kept(struct bank *bank)
{
	char payment[UUID_SIZE];
	assert_string_equal(bank_text(bank, "payment", "state"), "captured");
	TEXT_COPY(payment, bank_text(bank, "payment", "payment"));
	assert_true(bank_is_raised(bank, "payment-kept", payment));
}

/* ... also if its renter takes back the payment first, and the reservation then. */
static void test_cancelled_when_captured(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	reserve_and_have_it_captured(bank, rental);
	assert_string_equal(bank_ask(bank, "mina", "cancel", rental_args(rental)), "ok");
	assert_string_equal(bank_state(bank, rental), "cancelled");
	check_kept(bank);
}

/* ... or asks for the payment a second time. */
static void test_taken_back_twice_when_captured(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	reserve_and_have_it_captured(bank, rental);
	bank_ask(bank, "mina", "cancel-payment", rental_args(rental));
	bank_pass(bank, HOUR);
	assert_string_equal(bank_asked(bank), "void"); /* nobody asks for a refund */
	bank_state(bank, rental);
	check_kept(bank);
}

static void test_expired_when_captured(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	reserve_and_have_it_captured(bank, rental);
	bank_pass(bank, 16 * MINUTE);
	assert_string_equal(bank_state(bank, rental), "expired");
	check_kept(bank);
}

static json_t *refund_args(const char *payment)
{
	return json_pack("{s:s, s:s}", "payment", payment, "reason", "nothing was delivered");
}

/* A person has found out that there was no delivery. */
static void test_given_back_by_a_manager(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], payment[UUID_SIZE];
	reserve_and_have_it_captured(bank, rental);
	bank_state(bank, rental);
	TEXT_COPY(payment, bank_text(bank, "payment", "payment"));
	assert_string_equal(
		bank_ask(bank, "boss", "refund-payment", refund_args(payment)), "wrong-state");
	bank_ask(bank, "mina", "cancel", rental_args(rental));
	assert_string_equal(
		bank_ask(bank, "mina", "refund-payment", refund_args(payment)), "forbidden");
	assert_string_equal(
		bank_ask(bank, "boss", "refund-payment", refund_args(rental)), "not-found");
	assert_string_equal(bank_ask(bank, "boss", "refund-payment", refund_args(payment)), "ok");
	assert_string_equal(bank_text(bank, "payment", "state"), "refund-owed");
	assert_false(bank_is_raised(bank, "payment-kept", payment));
	assert_string_equal(bank_asked(bank), "refund");
	bank_ledger(bank, "refunded");
	assert_string_equal(
		bank_ask(bank, "boss", "refund-payment", refund_args(payment)), "wrong-state");
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
	bank_ack_all(bank);
	bank_ledger(bank, "authorized");
	assert_string_equal(bank_state(bank, rental), "paid");
	bool cleared = false;
	for (size_t i = 0; i < 4; i++)
		cleared |= strcmp(bank_event(bank, i), "lendlock.alert.cleared") == 0;
	assert_true(cleared);
}

#define REPLIES "lendlock/v1/town/payment/till/reply/library"

/* It is delivered, and the reservation of the money is gone: a person hears of it. */
static void test_delivered_and_no_money(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_asked(bank), "capture");
	assert_string_equal(bank_state(bank, rental), "rented");
	char payment[UUID_SIZE];
	TEXT_COPY(payment, bank_text(bank, "payment", "payment"));
	bank_ledger(bank, "voided");
	assert_true(bank_is_raised(bank, "payment-uncollected", payment));
}

/* The row of the last payment that was asked for. */
static struct payment_row asked_payment(struct bank *bank)
{
	struct payment_row row;
	json_t *asked = fake_mqtt_last_json(
		&bank->mqtt, "lendlock/v1/town/payment/till/request/library/authorize");
	const char *payment = json_string_value(json_object_get(asked, "payment"));
	assert_true(store_payment_read(bank->kiosk->database, payment, &row));
	json_decref(asked);
	return row;
}

static void reply_of(struct bank *bank, const char *topic, const char *id, const char *payment,
	const char *payment_state, int retry_after)
{
	json_t *reply = json_pack("{s:s, s:s, s:s, s:i}", "id", id, "operation", "authorize",
		"code", "busy", "retry_after", retry_after);
	if (payment)
		json_object_set_new(reply, "payment",
			json_pack("{s:s, s:s, s:s, s:s, s:i, s:s}", "payment", payment, "rental",
				BANK_HUB, "ledger", "till", "state", payment_state, "amount", 1,
				"currency", "KRW"));
	bank_send(bank, topic, reply);
}

/* What is not about a payment of ours that waits for just that ledger. */
static void test_replies_that_change_nothing(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], paid[UUID_SIZE], refused[UUID_SIZE + 16];
	bank_pay(bank, paid);
	struct payment_row done = asked_payment(bank);
	bank_ask(bank, "joon", "reserve", json_pack("{s:s}", "item", "tent"));
	TEXT_COPY(rental, bank_text(bank, "rental", "rental"));
	bank_ask(bank, "joon", "pay", pay_args(rental));
	struct payment_row before = asked_payment(bank), after;
	const char *id = before.fact.payment;
	snprintf(refused, sizeof(refused), "%s:authorize", id);
	static const char other[] = "lendlock/v1/town/payment/other/reply/library";
	reply_of(bank, other, "x", id, "authorized", 0);
	reply_of(bank, other, refused, NULL, NULL, 60000);
	reply_of(bank, REPLIES, "x", BANK_HUB, "authorized", 0);       /* none of ours */
	reply_of(bank, REPLIES, "x", id, "sent", 0);                   /* nothing definite */
	reply_of(bank, REPLIES, "what", NULL, NULL, 60000);            /* names no payment */
	reply_of(bank, REPLIES, BANK_HUB, NULL, NULL, 60000);          /* none of ours */
	reply_of(bank, REPLIES, refused, NULL, NULL, 0);               /* no word on when */
	reply_of(bank, REPLIES, done.fact.payment, NULL, NULL, 60000); /* does not wait */
	reply_of(bank, REPLIES, "x", done.fact.payment, "sent", 60000);
	after = asked_payment(bank);
	assert_memory_equal(&before, &after, sizeof(after));
	assert_true(store_payment_read(bank->kiosk->database, done.fact.payment, &after));
	assert_int_equal(after.fact.state, PAYMENT_AUTHORIZED);
	assert_int_equal(after.next_try, USEC_NEVER);
	bank_send(bank, REPLIES, json_pack("{s:i}", "id", 1)); /* no reply at all */
}

/* A ledger that wants to be left alone for a while is. */
static void test_the_ledger_says_when(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_ask(bank, "mina", "pay", pay_args(rental));
	struct payment_row row = asked_payment(bank);
	reply_of(bank, REPLIES, "x", row.fact.payment, "sent", 40000);
	row = asked_payment(bank);
	assert_true(row.next_try >= bank->kiosk->now.elapsed + 40 * SECOND);
	assert_true(row.next_try <= bank->kiosk->now.elapsed + 50 * SECOND);
}

/* The answer to a reconcile of an epoch that is over says nothing of this one's. */
static void test_reconcile_of_another_epoch(void **state)
{
	struct bank *bank = *state;
	kiosk_begin(bank->kiosk);
	bank->kiosk->node.reconcile_at = bank->kiosk->now.elapsed + HOUR;
	assert_int_equal(kiosk_end(bank->kiosk), 0);
	bank_send(bank, REPLIES,
		json_pack("{s:s, s:s, s:s}", "id", BANK_HUB ":reconcile", "operation", "reconcile",
			"code", "ok"));
	assert_true(bank->kiosk->node.reconcile_at > 0);
}

static void answer_reconcile(struct bank *bank, const char *code)
{
	char id[96];
	snprintf(id, sizeof(id), "%s:reconcile", bank->kiosk->node.epoch);
	bank_send(bank, REPLIES,
		json_pack("{s:s, s:s, s:s}", "id", id, "operation", "reconcile", "code", code));
}

static void adopt(struct bank *bank)
{
	kiosk_begin(bank->kiosk);
	bank->kiosk->node.reconcile_at = bank->kiosk->now.elapsed;
	assert_int_equal(kiosk_end(bank->kiosk), 0);
	bank_pass(bank, SECOND);
	assert_string_equal(bank_asked(bank), "reconcile");
}

/* The list of claims may be late; a payment that began after it was made is not in it. */
static void test_no_payment_before_the_ledger_knows_the_claims(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	adopt(bank);
	assert_string_equal(bank_ask(bank, "mina", "pay", pay_args(rental)), "payments-closed");
	answer_reconcile(bank, "ok");
	assert_string_equal(bank_ask(bank, "mina", "pay", pay_args(rental)), "");
	assert_string_equal(bank_asked(bank), "authorize");
}

static void test_a_ledger_that_will_not_hear_the_claims(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	adopt(bank);
	answer_reconcile(bank, "busy");
	assert_string_equal(bank_ask(bank, "mina", "pay", pay_args(rental)), "");
	assert_string_equal(bank_asked(bank), "authorize");
}

static void ledger_says(struct bank *bank, int ledger, const char *state, char session)
{
	char topic[MQTT_TOPIC_MAX], id[UUID_SIZE];
	snprintf(topic, sizeof(topic), "lendlock/v1/town/payment/other-%d/status", ledger);
	snprintf(id, sizeof(id), "01936a00-0000-7000-8000-00000000000%c", session);
	bank_send(bank, topic,
		json_pack("{s:s, s:s, s:s}", "state", state, "session", id, "payments", "open"));
}

/* Others' ledgers are of no concern, and there may be more of them than anybody remembers. */
static void test_many_ledgers(void **state)
{
	struct bank *bank = *state;
	ledger_says(bank, 0, "lost", 'a');
	ledger_says(bank, 0, "online", 'b');
	ledger_says(bank, 0, "lost", 'a'); /* an old will */
	for (int i = 0; i < 2 * LEDGERS_MAX; i++)
		ledger_says(bank, i, "online", 'c');
	bank_send(bank, "lendlock/v1/town/payment/till/status", json_pack("{s:i}", "state", 1));
	assert_int_equal(payments_state(bank->kiosk), PAYMENTS_OPEN);
	ledger_is_lost(bank);
	assert_int_equal(payments_state(bank->kiosk), PAYMENTS_CLOSED);
}

/* A manager says what the ledger cannot find out; the ledger decides. */
static void test_a_manager_settles_a_payment(void **state)
{
	static const char topic[] = "lendlock/v1/town/payment/till/request/library/settle";
	struct bank *bank = *state;
	char rental[UUID_SIZE], payment[UUID_SIZE], id[MQTT_CORRELATION_TEXT];
	bank_reserve(bank, rental);
	bank_ask(bank, "mina", "pay", pay_args(rental));
	json_t *asked = fake_mqtt_last_json(
		&bank->mqtt, "lendlock/v1/town/payment/till/request/library/authorize");
	TEXT_COPY(payment, json_string_value(json_object_get(asked, "payment")));
	json_decref(asked);
	json_t *args = json_pack(
		"{s:s, s:s, s:s}", "payment", payment, "outcome", "voided", "reason", "looked");
	assert_string_equal(
		bank_ask(bank, "mina", "settle-payment", json_deep_copy(args)), "forbidden");
	assert_string_equal(bank_ask(bank, "boss", "settle-payment", args), "");
	asked = fake_mqtt_last_json(&bank->mqtt, topic);
	assert_string_equal(json_string_value(json_object_get(asked, "user")), "boss");
	json_decref(asked);
	snprintf(id, sizeof(id), "%s:settle", payment);
	bank_send(bank, "lendlock/v1/town/payment/till/reply/library",
		json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s, s:i, s:s}}", "id", id,
			"operation", "settle", "code", "ok", "payment", "payment", payment,
			"rental", rental, "ledger", "till", "state", "voided", "amount", 3000,
			"currency", "KRW"));
	assert_string_equal(bank_reply(bank, "boss"), "ok");
	assert_string_equal(bank_state(bank, rental), "held");
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

static void test_no_answer_is_asked_for_again(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_ask(
		bank, "mina", "pay", json_pack("{s:s, s:s}", "rental", rental, "method", "tok-ok"));
	size_t asked = fake_mqtt_count(
		&bank->mqtt, "lendlock/v1/town/payment/till/request/library/authorize");
	bank_pass(bank, 11 * SECOND);
	assert_string_equal(bank_reply(bank, "mina"), "pending");
	assert_true(fake_mqtt_count(&bank->mqtt,
			    "lendlock/v1/town/payment/till/request/library/authorize") > asked);
	bank_pass(bank, 16 * MINUTE); /* the hold ends while it is not known */
	assert_string_equal(bank_state(bank, rental), "expired");
	assert_string_equal(bank_asked(bank), "void");
	bank_pass(bank, DAY);
	bank_ack_all(bank);
	assert_true(bank_published(bank, "payment-stuck"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BANK_TEST(test_void_of_what_was_captured),
		BANK_TEST(test_cancelled_when_captured),
		BANK_TEST(test_taken_back_twice_when_captured),
		BANK_TEST(test_expired_when_captured),
		BANK_TEST(test_given_back_by_a_manager),
		BANK_TEST(test_void_answered_with_a_refund),
		BANK_TEST(test_hold_lasts_while_the_ledger_is_lost),
		BANK_TEST(test_one_probe_after_the_wait),
		BANK_TEST(test_not_stuck_once_it_is_known),
		BANK_TEST(test_delivered_and_no_money),
		BANK_TEST(test_replies_that_change_nothing),
		BANK_TEST(test_the_ledger_says_when),
		BANK_TEST(test_reconcile_of_another_epoch),
		BANK_TEST(test_no_payment_before_the_ledger_knows_the_claims),
		BANK_TEST(test_a_ledger_that_will_not_hear_the_claims),
		BANK_TEST(test_many_ledgers),
		BANK_TEST(test_a_manager_settles_a_payment),
		BANK_TEST(test_a_bank_that_is_full),
		BANK_TEST(test_no_answer_is_asked_for_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
