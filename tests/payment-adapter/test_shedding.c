/* The breaker, the bounded queue, and what is told of them. */
#include "tests/payment-adapter/bench.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static void expect_status(struct bench *bench, const char *breaker, enum payments_state payments)
{
	struct payment_status_record status;
	bench_status(bench, &status);
	assert_int_equal(status.state, LINK_ONLINE);
	assert_string_equal(status.breaker, breaker);
	assert_int_equal(status.payments, payments);
	if (payments == PAYMENTS_CLOSED)
		assert_in_range(status.retry_after, 1, 60000);
	else
		assert_int_equal(status.retry_after, 0);
	record_clear(&payment_status_record_type, &status);
}

static void ask_new(struct bench *bench)
{
	bench_new_payment(bench);
	bench_ask(bench, "authorize");
}

/* So many payments fail that the breaker opens. Their next attempts are put off. */
static void open_breaker(struct bench *bench)
{
	struct payment_status_record status = {.payments = PAYMENTS_OPEN};
	for (int i = 0; i < 10 && status.payments == PAYMENTS_OPEN; i++) {
		ask_new(bench);
		bench_verdict(bench, PROVIDER_UNKNOWN);
		bench_status(bench, &status);
	}
	expect_status(bench, "open", PAYMENTS_CLOSED);
}

static void test_failures_close_payments(void **state)
{
	struct bench *bench = *state;
	expect_status(bench, "closed", PAYMENTS_OPEN);
	open_breaker(bench);
	ask_new(bench);
	bench_expect(bench, "payments-closed", "");
	assert_in_range(bench->reply.retry_after, 1, 60000);
	bench_expect_no_call(bench);
	bench_ask(bench, "query"); /* it was not taken: no trace of it */
	bench_expect(bench, "not-found", "");
}

/* A bank that did not hear of its birth takes no payments, and nobody connects anew. */
static void test_its_status_is_said_again(void **state)
{
	struct bench *bench = *state;
	bench->say_again = 5 * MINUTE;
	bench_crash(bench);
	fake_mqtt_clear(&bench->mqtt);
	bench_run(bench, 4 * MINUTE);
	assert_int_equal(fake_mqtt_count(&bench->mqtt, BENCH_STATUS), 0);
	bench_run(bench, 12 * MINUTE);
	assert_int_equal(fake_mqtt_count(&bench->mqtt, BENCH_STATUS), 3);
	expect_status(bench, "closed", PAYMENTS_OPEN);
	adapter_disconnected(bench->adapter);
	fake_mqtt_clear(&bench->mqtt);
	bench_run(bench, 12 * MINUTE);
	assert_int_equal(fake_mqtt_count(&bench->mqtt, BENCH_STATUS), 0);
}

static void test_declines_are_no_failures(void **state)
{
	struct bench *bench = *state;
	for (int i = 0; i < 50; i++) {
		ask_new(bench);
		bench_verdict(bench, PROVIDER_DECLINED);
		bench_expect(bench, "declined", "declined");
	}
	expect_status(bench, "closed", PAYMENTS_OPEN);
}

static void test_slow_calls_close_payments(void **state)
{
	struct bench *bench = *state;
	for (int i = 0; i < bench->settings.breaker.minimum_calls; i++) {
		ask_new(bench);
		fake_provider_answer(&bench->provider, PROVIDER_OK, PROVIDER_NOTHING, "",
			bench->settings.breaker.slow_call);
		assert_int_equal(adapter_tick(bench->adapter), 0);
		bench_expect(bench, "ok", "authorized");
	}
	expect_status(bench, "open", PAYMENTS_CLOSED);
}

/* What is owed goes on, and so does asking how it stands. */
static void test_only_authorize_is_stopped(void **state)
{
	struct bench *bench = *state;
	char authorized[UUID_SIZE];
	bench_ask(bench, "authorize");
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
	TEXT_COPY(authorized, bench->payment);
	open_breaker(bench);
	TEXT_COPY(bench->payment, authorized);
	bench_ask(bench, "capture");
	bench_done(bench, PROVIDER_CAPTURE);
	bench_expect(bench, "ok", "captured");
	bench_ask(bench, "refund");
	bench_done(bench, PROVIDER_REFUND);
	bench_expect(bench, "ok", "refunded");
	expect_status(bench, "open", PAYMENTS_CLOSED);
}

static void test_what_is_known_is_answered_while_closed(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
	char authorized[UUID_SIZE];
	TEXT_COPY(authorized, bench->payment);
	open_breaker(bench);
	TEXT_COPY(bench->payment, authorized);
	bench_ask(bench, "authorize");
	bench_expect(bench, "ok", "authorized");
}

/* Answers the calls of the payments that opened the breaker: queries all, for a start. */
static void wait_until_half_open(struct bench *bench)
{
	usec end = bench->clock.boottime + bench->settings.breaker.open_for;
	while (bench->clock.boottime <= end) {
		bench_run(bench, 100 * MSEC);
		while (bench->provider.n > 0)
			bench_verdict_state(bench, PROVIDER_REFUSED);
	}
	while (bench->heard < bench->mqtt.n)
		bench->heard++;
}

static void test_probes_open_payments_again(void **state)
{
	struct bench *bench = *state;
	open_breaker(bench);
	wait_until_half_open(bench);
	expect_status(
		bench, "half-open", PAYMENTS_OPEN); /* nobody asked, and it says so all the same */
	for (int i = 0; i < bench->settings.breaker.probes; i++)
		ask_new(bench);
	assert_int_equal(bench->provider.n, bench->settings.breaker.probes);
	ask_new(bench);
	bench_expect(bench, "payments-closed", "");
	for (int i = 0; i < bench->settings.breaker.probes; i++) {
		bench_verdict(bench, PROVIDER_OK);
		bench_expect(bench, "ok", "authorized");
	}
	expect_status(bench, "closed", PAYMENTS_OPEN);
	ask_new(bench);
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
}

static void test_a_probe_that_fails_closes_them(void **state)
{
	struct bench *bench = *state;
	open_breaker(bench);
	wait_until_half_open(bench);
	ask_new(bench);
	bench_verdict(bench, PROVIDER_UNKNOWN);
	expect_status(bench, "open", PAYMENTS_CLOSED);
}

/* Taken, and then the breaker opened before there was room: it is told when its time is over. */
static void test_taken_and_then_closed(void **state)
{
	struct bench *bench = *state;
	bench->settings.breaker.open_for = 5 * MINUTE;
	bench_crash(bench);
	bench_run(bench, 10 * MINUTE);
	for (int i = 0; i < 2 * bench->settings.calls; i++)
		ask_new(bench);
	char last[UUID_SIZE];
	TEXT_COPY(last, bench->payment);
	usec end = bench->clock.boottime + 65 * SECOND;
	while (bench->clock.boottime <= end) {
		while (bench->provider.n > 0) {
			assert_string_not_equal(bench->provider.begun[0].payment, last);
			bench_verdict(bench, PROVIDER_UNKNOWN);
		}
		bench_run(bench, 100 * MSEC);
	}
	expect_status(bench, "open", PAYMENTS_CLOSED);
	bench_expect(bench, "expired", "voided");
	while (strcmp(bench->reply.payment->payment, last) != 0)
		bench_expect(bench, "expired", "voided");
	bench_expect_silence(bench);
}

static void test_a_full_queue_sheds(void **state)
{
	struct bench *bench = *state;
	for (int i = 0; i < bench->settings.calls + bench->settings.queue; i++)
		ask_new(bench);
	bench_expect_silence(bench);
	ask_new(bench);
	bench_expect(bench, "busy", "");
	assert_in_range(bench->reply.retry_after, 1, 60000);
	bench_verdict(bench, PROVIDER_OK);
	bench_expect(bench, "ok", "authorized");
	bench_ask(bench, "authorize"); /* the kiosk comes again: there is room for one */
	bench_expect_silence(bench);
}

/* A kiosk that asks without end does not shut the others out. */
static void test_a_full_queue_has_room_for_one_of_another_kiosk(void **state)
{
	struct bench *bench = *state;
	for (int i = 0; i < bench->settings.calls + bench->settings.queue; i++)
		ask_new(bench);
	bench_expect_silence(bench);
	for (int i = 0; i < 2; i++) {
		bench_new_payment(bench);
		bench_ask_authorize(bench, "desk-2", bench->payment, bench->clock.wall + MINUTE);
		if (i == 0)
			bench_expect_silence(bench);
		else
			bench_expect_to(bench, "desk-2", "busy", "");
	}
}

/* Owed ones cannot take all the room from those that somebody waits for. */
static void test_room_is_kept_for_new_ones(void **state)
{
	struct bench *bench = *state;
	char payments[10][UUID_SIZE];
	for (int i = 0; i < 10; i++) {
		ask_new(bench);
		bench_done(bench, PROVIDER_AUTHORIZE);
		bench_expect(bench, "ok", "authorized");
		TEXT_COPY(payments[i], bench->payment);
	}
	for (int i = 0; i < 10; i++) {
		TEXT_COPY(bench->payment, payments[i]);
		bench_ask(bench, "capture");
	}
	assert_int_equal(bench->provider.n, 6);
	ask_new(bench);
	assert_int_equal(bench->provider.n, 7);
	assert_int_equal(bench->provider.begun[6].call, PROVIDER_AUTHORIZE);
}

static void test_a_provider_that_is_full(void **state)
{
	struct bench *bench = *state;
	bench->provider.refuse = true;
	bench_ask(bench, "authorize");
	bench_run(bench, 10 * SECOND);
	bench_expect_silence(bench);
	bench_expect_state(bench, "sent");
	expect_status(bench, "closed", PAYMENTS_OPEN);
	bench->provider.refuse = false;
	bench_await_call(bench, PROVIDER_AUTHORIZE, 2 * SECOND);
	bench_verdict(bench, PROVIDER_OK);
	bench_expect(bench, "ok", "authorized");
}

static void test_a_provider_that_is_full_for_too_long(void **state)
{
	struct bench *bench = *state;
	bench->provider.refuse = true;
	bench_ask(bench, "authorize");
	bench_run(bench, 62 * SECOND);
	bench_expect(bench, "expired", "voided"); /* it never began, so this is certain */
	assert_int_equal(bench->provider.total, 0);
}

static void test_what_takes_long_says_so(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
	bench_ask(bench, "capture");
	usec end = bench->clock.boottime + bench->settings.attention;
	while (bench->clock.boottime < end) {
		if (bench->provider.n > 0)
			bench_verdict(bench, PROVIDER_UNKNOWN);
		bench_run(bench, SECOND);
	}
	bench_expect_state(bench, "capture-owed");
	assert_string_equal(bench->reply.payment->reason, "takes long: timeout");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_its_status_is_said_again),
		TEST(test_failures_close_payments),
		TEST(test_declines_are_no_failures),
		TEST(test_slow_calls_close_payments),
		TEST(test_only_authorize_is_stopped),
		TEST(test_what_is_known_is_answered_while_closed),
		TEST(test_probes_open_payments_again),
		TEST(test_a_probe_that_fails_closes_them),
		TEST(test_taken_and_then_closed),
		TEST(test_a_full_queue_sheds),
		TEST(test_a_full_queue_has_room_for_one_of_another_kiosk),
		TEST(test_room_is_kept_for_new_ones),
		TEST(test_a_provider_that_is_full),
		TEST(test_a_provider_that_is_full_for_too_long),
		TEST(test_what_takes_long_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
