/* Each operation, in each order in which messages and verdicts may come. */
#include "tests/payment-adapter/bench.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static void test_authorize(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_expect_silence(bench);
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
	assert_string_equal(bench->reply.payment->payment, bench->payment);
	assert_string_equal(bench->reply.payment->rental, bench->payment);
	assert_int_equal(bench->reply.payment->amount, 900);
	assert_string_equal(bench->reply.operation, "authorize");
	bench_expect_silence(bench);
}

static void test_declined_is_final(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_verdict(bench, PROVIDER_DECLINED);
	bench_expect(bench, "declined", "declined");
	assert_string_equal(bench->reply.payment->reason, "insufficient-funds");
	bench_ask(bench, "authorize");
	bench_expect(bench, "declined", "declined");
	bench_ask(bench, "void");
	bench_expect(bench, "ok", "declined");
	bench_ask(bench, "capture");
	bench_expect(bench, "wrong-state", "declined");
	bench_expect_no_call(bench);
}

static void test_a_repeat_hears_that_it_is_known(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_ask(bench, "authorize");
	bench_expect(bench, "pending", "sent");
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
	bench_expect_silence(bench);
	bench_ask(bench, "authorize");
	bench_expect(bench, "ok", "authorized");
	bench_expect_no_call(bench);
}

static void authorize_other(struct bench *bench, const char *kiosk, int amount,
	const char *currency, const char *method)
{
	char json[512], expires[TIME_SIZE];
	time_format(bench->clock.wall + MINUTE, expires);
	snprintf(json, sizeof(json),
		"{\"payment\":\"%s\",\"rental\":\"%s\","
		"\"amount\":%d,\"currency\":\"%s\",\"method\":\"%s\",\"expires_at\":\"%s\"}",
		bench->payment, bench->payment, amount, currency, method, expires);
	bench_ask_as(bench, kiosk, "authorize", json);
	bench_expect_to(bench, kiosk, "conflict", "");
}

static void test_another_content_is_a_conflict(void **state)
{
	struct bench *bench = *state;
	bench_authorize(bench);
	authorize_other(bench, "desk-1", 901, "EUR", "tok");
	authorize_other(bench, "desk-1", 900, "USD", "tok");
	authorize_other(bench, "desk-1", 900, "EUR", "tok2");
	authorize_other(bench, "desk-2", 900, "EUR", "tok");
	bench_expect_no_call(bench);
	bench_expect_state(bench, "authorized");
}

static void test_capture(void **state)
{
	struct bench *bench = *state;
	bench_authorize(bench);
	bench_ask(bench, "capture");
	bench_expect_silence(bench);
	bench_ask(bench, "capture");
	bench_expect(bench, "pending", "capture-owed");
	bench_done(bench, PROVIDER_CAPTURE);
	bench_expect(bench, "ok", "captured");
	bench_ask(bench, "capture");
	bench_expect(bench, "ok", "captured");
	bench_expect_no_call(bench);
}

static void test_capture_before_the_verdict_is_refused(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_ask(bench, "capture");
	bench_expect(bench, "wrong-state", "sent");
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
}

static void test_void(void **state)
{
	struct bench *bench = *state;
	bench_authorize(bench);
	bench_ask(bench, "void");
	bench_done(bench, PROVIDER_VOID);
	bench_expect(bench, "ok", "voided");
	bench_ask(bench, "capture");
	bench_expect(bench, "wrong-state", "voided");
	bench_ask(bench, "authorize");
	bench_expect(bench, "wrong-state", "voided");
	bench_expect_no_call(bench);
}

static void test_refund(void **state)
{
	struct bench *bench = *state;
	bench_capture(bench);
	bench_ask(bench, "refund");
	bench_done(bench, PROVIDER_REFUND);
	bench_expect(bench, "ok", "refunded");
	bench_ask(bench, "refund");
	bench_expect(bench, "ok", "refunded");
}

/* Whoever wants that was put back to before the delivery: what is given back is a reservation. */
static void test_void_of_what_was_captured(void **state)
{
	struct bench *bench = *state;
	bench_capture(bench);
	bench_ask(bench, "void");
	bench_expect(bench, "ok", "captured");
	bench_expect_no_call(bench);
	bench_ask(bench, "refund");
	bench_done(bench, PROVIDER_REFUND);
	bench_expect(bench, "ok", "refunded");
}

static void test_void_during_capture(void **state)
{
	struct bench *bench = *state;
	bench_authorize(bench);
	bench_ask(bench, "capture");
	bench_ask(bench, "void");
	bench_done(bench, PROVIDER_CAPTURE);
	bench_expect(bench, "ok", "captured");
	bench_expect(bench, "ok", "captured");
	bench_expect_no_call(bench);
}

static void ask_second(struct bench *bench, const char *kiosk, const char *rental)
{
	bench_new_payment(bench);
	bench_ask_authorize(bench, kiosk, rental, bench->clock.wall + MINUTE);
}

/* A rental is paid for once. A kiosk that was put back to before it was asks for a second payment:
 * while the first is under way, reserved, taken. */
static void test_a_second_payment_of_a_rental(void **state)
{
	struct bench *bench = *state;
	char first[UUID_SIZE];
	TEXT_COPY(first, bench->payment);
	bench_ask(bench, "authorize");
	ask_second(bench, "desk-1", first);
	bench_expect(bench, "declined", "declined");
	assert_string_equal(bench->reply.payment->reason, "paid-already");
	TEXT_COPY(bench->payment, first);
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
	ask_second(bench, "desk-1", first);
	bench_expect(bench, "declined", "declined");
	TEXT_COPY(bench->payment, first);
	bench_ask(bench, "capture");
	bench_done(bench, PROVIDER_CAPTURE);
	bench_expect(bench, "ok", "captured");
	ask_second(bench, "desk-1", first);
	bench_expect(bench, "declined", "declined");
	bench_expect_no_call(bench);
}

/* Nor does it matter once the first came to nothing, or to a kiosk whose rental it is not. */
static void test_a_second_payment_after_the_first(void **state)
{
	struct bench *bench = *state;
	char first[UUID_SIZE];
	TEXT_COPY(first, bench->payment);
	bench_authorize(bench);
	ask_second(bench, "desk-2", first);
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect_to(bench, "desk-2", "ok", "authorized");
	TEXT_COPY(bench->payment, first);
	bench_ask(bench, "void");
	bench_done(bench, PROVIDER_VOID);
	bench_expect(bench, "ok", "voided");
	ask_second(bench, "desk-1", first);
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
}

static void test_refund_of_what_was_not_captured_voids(void **state)
{
	struct bench *bench = *state;
	bench_authorize(bench);
	bench_ask(bench, "refund");
	bench_done(bench, PROVIDER_VOID);
	bench_expect(bench, "ok", "voided");
}

static void test_void_before_authorize_leaves_a_mark(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "void");
	bench_expect(bench, "ok", "voided");
	bench_ask(bench, "authorize");
	bench_expect(bench, "wrong-state", "voided");
	assert_int_equal(bench->provider.total, 0);
}

static void test_void_during_authorize(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_ask(bench, "void");
	bench_expect(bench, "wrong-state", "void-owed"); /* the authorize hears of it */
	bench_expect_silence(bench);
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_done(bench, PROVIDER_VOID);
	bench_expect(bench, "ok", "voided");
}

static void test_void_during_authorize_that_is_declined(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_ask(bench, "void");
	bench_expect(bench, "wrong-state", "void-owed");
	bench_verdict(bench, PROVIDER_DECLINED);
	bench_expect(bench, "ok", "voided");
	bench_expect_no_call(bench);
}

static void test_refund_during_capture(void **state)
{
	struct bench *bench = *state;
	bench_authorize(bench);
	bench_ask(bench, "capture");
	bench_ask(bench, "refund");
	bench_expect(bench, "wrong-state", "refund-owed"); /* the capture hears of it */
	bench_done(bench, PROVIDER_CAPTURE);
	bench_done(bench, PROVIDER_REFUND);
	bench_expect(bench, "ok", "refunded");
}

static void test_refund_after_a_lost_capture(void **state)
{
	struct bench *bench = *state;
	for (int captured = 0; captured < 2; captured++) {
		bench_new_payment(bench);
		bench_authorize(bench);
		bench_ask(bench, "capture");
		bench_verdict(bench, PROVIDER_UNKNOWN);
		bench_ask(bench, "refund");
		bench_expect(bench, "wrong-state", "refund-owed");
		bench_expect_call(bench, PROVIDER_QUERY);
		bench_verdict_state(bench, captured ? PROVIDER_CAPTURED : PROVIDER_AUTHORIZED);
		bench_done(bench, captured ? PROVIDER_REFUND : PROVIDER_VOID);
		bench_expect(bench, "ok", captured ? "refunded" : "voided");
	}
}

static void test_query(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "query");
	bench_expect(bench, "not-found", "");
	bench_ask(bench, "authorize");
	bench_expect_state(bench, "sent");
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
	bench_expect_state(bench, "authorized");
}

static void test_another_kiosks_payment_is_not_to_be_found(void **state)
{
	struct bench *bench = *state;
	static const char *const operations[] = {"query", "capture", "void", "refund"};
	char json[256];
	bench_authorize(bench);
	snprintf(json, sizeof(json),
		"{\"payment\":\"%s\",\"rental\":\"%s\","
		"\"amount\":900,\"currency\":\"EUR\"}",
		bench->payment, bench->payment);
	for (int i = 0; i < 4; i++) {
		bench_ask_as(bench, "desk-2", operations[i], json);
		bench_expect_to(bench, "desk-2", "not-found", "");
	}
	bench_expect_no_call(bench);
	bench_expect_state(bench, "authorized");
}

/* --- answers that are lost ------------------------------------------------------------------- */

static void test_a_lost_answer_is_asked_for_until_it_is_known(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_verdict(bench, PROVIDER_UNKNOWN);
	bench_expect_silence(bench);
	for (int i = 0; i < 2; i++) {
		bench_ask(bench, "authorize"); /* the kiosk still wants it */
		bench_expect(bench, "pending", "sent");
		bench_await_call(bench, PROVIDER_QUERY, MINUTE);
		bench_verdict(bench, PROVIDER_UNKNOWN);
		bench_await_call(bench, PROVIDER_AUTHORIZE, MINUTE);
		bench_verdict(bench, PROVIDER_UNKNOWN);
	}
	bench_await_call(bench, PROVIDER_QUERY, 2 * MINUTE);
	bench_verdict_state(bench, PROVIDER_AUTHORIZED);
	bench_expect(bench, "ok", "authorized");
}

static void test_not_found_is_no_answer_to_an_authorize(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_verdict(bench, PROVIDER_UNKNOWN);
	bench_await_call(bench, PROVIDER_QUERY, MINUTE);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect_silence(bench);
	bench_done(bench, PROVIDER_AUTHORIZE); /* the same again */
	bench_expect(bench, "ok", "authorized");
}

/* The renter has gone, nothing was found, and a late authorize may still arrive there. */
static void test_not_found_is_no_answer_to_a_void(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_ask(bench, "void");
	bench_expect(bench, "wrong-state", "void-owed");
	bench_verdict(bench, PROVIDER_UNKNOWN);
	bench_await_call(bench, PROVIDER_QUERY, MINUTE);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect_call(bench, PROVIDER_VOID);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect_silence(bench);
	bench_await_call(bench, PROVIDER_AUTHORIZE, MINUTE);
	bench_verdict(bench, PROVIDER_OK);
	bench_done(bench, PROVIDER_VOID);
	bench_expect(bench, "ok", "voided");
}

static void test_capture_is_repeated(void **state)
{
	struct bench *bench = *state;
	bench_authorize(bench);
	bench_ask(bench, "capture");
	bench_verdict(bench, PROVIDER_UNKNOWN);
	bench_await_call(bench, PROVIDER_QUERY, MINUTE);
	bench_verdict_state(bench, PROVIDER_AUTHORIZED);
	bench_done(bench, PROVIDER_CAPTURE);
	bench_expect(bench, "ok", "captured");
}

static void test_capture_that_happened_unheard(void **state)
{
	struct bench *bench = *state;
	bench_authorize(bench);
	bench_ask(bench, "capture");
	bench_verdict(bench, PROVIDER_UNKNOWN);
	bench_await_call(bench, PROVIDER_QUERY, MINUTE);
	bench_verdict_state(bench, PROVIDER_CAPTURED);
	bench_expect(bench, "ok", "captured");
	bench_run(bench, HOUR);
	bench_expect_no_call(bench);
}

static void test_capture_that_cannot_be(void **state)
{
	struct bench *bench = *state;
	bench_authorize(bench);
	bench_ask(bench, "capture");
	bench_verdict(bench, PROVIDER_DECLINED);
	bench_await_call(bench, PROVIDER_QUERY, MINUTE);
	bench_verdict_state(bench, PROVIDER_VOIDED);
	bench_expect(bench, "wrong-state", "voided");
}

/* --- expiry ---------------------------------------------------------------------------------- */

static void ask_late(struct bench *bench)
{
	bench_ask_authorize(bench, "desk-1", bench->payment, bench->clock.wall - SECOND);
}

static void test_expired_is_a_mark(void **state)
{
	struct bench *bench = *state;
	ask_late(bench);
	bench_expect(bench, "expired", "voided");
	assert_string_equal(bench->reply.payment->reason, "expired");
	bench_ask(
		bench, "authorize"); /* in time, but too late: it was said that it never will run */
	bench_expect(bench, "expired", "voided");
	bench_expect_no_call(bench);
	bench_crash(bench);
	bench_ask(bench, "authorize");
	bench_expect(bench, "expired", "voided");
}

static void test_the_ledger_comes_before_the_expiry(void **state)
{
	struct bench *bench = *state;
	bench_authorize(bench);
	ask_late(bench);
	bench_expect(bench, "ok", "authorized");
	bench_new_payment(bench);
	bench_ask(bench, "authorize");
	ask_late(bench);
	bench_expect(bench, "pending", "sent");
}

static void test_the_ledger_comes_before_the_clock(void **state)
{
	struct bench *bench = *state;
	bench_authorize(bench);
	bench->clock.synchronised = false;
	bench_ask(bench, "authorize");
	bench_expect(bench, "ok", "authorized");
	bench_new_payment(bench);
	bench_ask(bench, "authorize");
	bench_expect(bench, "clock", "");
	bench_ask(bench, "void"); /* needs no clock */
	bench_expect(bench, "ok", "voided");
}

/* The provider was silent until nobody asked any more: it is not authorized after all, and never
 * will be. */
static void test_an_authorize_that_outlived_its_request(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_pass(bench, 2 * MINUTE);
	bench_verdict(bench, PROVIDER_UNKNOWN);
	bench_await_call(bench, PROVIDER_QUERY, MINUTE);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect(bench, "wrong-state", "void-owed");
	bench_done(bench, PROVIDER_VOID);
	bench_ask(bench, "authorize");
	bench_expect(bench, "expired", "voided");
}

static void test_one_that_waits_for_room_expires(void **state)
{
	struct bench *bench = *state;
	char first[UUID_SIZE];
	TEXT_COPY(first, bench->payment);
	for (int i = 0; i < bench->settings.calls; i++) {
		bench_new_payment(bench);
		bench_ask(bench, "authorize");
	}
	assert_int_equal(bench->provider.n, bench->settings.calls);
	TEXT_COPY(bench->payment, first);
	bench_ask(bench, "authorize");
	assert_int_equal(bench->provider.n, bench->settings.calls);
	bench_pass(bench, 61 * SECOND);
	bench_verdict(bench, PROVIDER_OK);
	bench_expect(bench, "ok", "authorized");
	bench_expect(bench, "expired", "voided");
	assert_string_equal(bench->reply.payment->payment, first);
	assert_int_equal(bench->provider.n, bench->settings.calls - 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_authorize),
		TEST(test_declined_is_final),
		TEST(test_a_repeat_hears_that_it_is_known),
		TEST(test_another_content_is_a_conflict),
		TEST(test_capture),
		TEST(test_capture_before_the_verdict_is_refused),
		TEST(test_void),
		TEST(test_refund),
		TEST(test_void_of_what_was_captured),
		TEST(test_void_during_capture),
		TEST(test_a_second_payment_of_a_rental),
		TEST(test_a_second_payment_after_the_first),
		TEST(test_refund_of_what_was_not_captured_voids),
		TEST(test_void_before_authorize_leaves_a_mark),
		TEST(test_void_during_authorize),
		TEST(test_void_during_authorize_that_is_declined),
		TEST(test_refund_during_capture),
		TEST(test_refund_after_a_lost_capture),
		TEST(test_query),
		TEST(test_another_kiosks_payment_is_not_to_be_found),
		TEST(test_a_lost_answer_is_asked_for_until_it_is_known),
		TEST(test_not_found_is_no_answer_to_an_authorize),
		TEST(test_not_found_is_no_answer_to_a_void),
		TEST(test_capture_is_repeated),
		TEST(test_capture_that_happened_unheard),
		TEST(test_capture_that_cannot_be),
		TEST(test_expired_is_a_mark),
		TEST(test_the_ledger_comes_before_the_expiry),
		TEST(test_the_ledger_comes_before_the_clock),
		TEST(test_an_authorize_that_outlived_its_request),
		TEST(test_one_that_waits_for_room_expires),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
