/* Crashes at each moment, long times off, and what the file is to hold. */
#include "tests/payment-adapter/bench.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- crashes --------------------------------------------------------------------------------- */

static void test_a_call_under_way_is_taken_up_again(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_expect_call(bench, PROVIDER_AUTHORIZE);
	bench_crash(bench);
	bench_await_call(bench, PROVIDER_QUERY, SECOND);
	bench_verdict_state(bench, PROVIDER_AUTHORIZED);
	bench_expect(bench, "ok", "authorized"); /* the one who waited hears of it */
	bench_crash(bench);
	bench_run(bench, HOUR);
	bench_expect_no_call(bench);
	bench_expect_state(bench, "authorized");
}

/* It was noted, but the power went before the provider heard of it. */
static void test_a_call_that_never_began(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_crash(bench);
	bench_await_call(bench, PROVIDER_QUERY, SECOND);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
}

static void test_what_is_owed_stays_owed(void **state)
{
	struct bench *bench = *state;
	bench_authorize(bench);
	bench_ask(bench, "capture");
	bench_crash(bench);
	bench_await_call(bench, PROVIDER_QUERY, SECOND);
	bench_crash(bench);
	bench_await_call(bench, PROVIDER_QUERY, SECOND);
	bench_verdict_state(bench, PROVIDER_AUTHORIZED);
	bench_expect_call(bench, PROVIDER_CAPTURE);
	bench_crash(bench);
	bench_await_call(bench, PROVIDER_QUERY, SECOND);
	bench_verdict_state(bench, PROVIDER_CAPTURED);
	bench_expect(bench, "ok", "captured");
	bench_ask(bench, "refund");
	bench_expect_call(bench, PROVIDER_REFUND);
	bench_crash(bench);
	bench_await_call(bench, PROVIDER_QUERY, SECOND);
	bench_verdict_state(bench, PROVIDER_CAPTURED);
	bench_done(bench, PROVIDER_REFUND);
	bench_expect(bench, "ok", "refunded");
}

static void test_a_void_during_a_call_outlives_a_crash(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_ask(bench, "void");
	bench_expect(bench, "wrong-state", "void-owed");
	bench_crash(bench);
	bench_await_call(bench, PROVIDER_QUERY, SECOND);
	bench_verdict_state(bench, PROVIDER_AUTHORIZED);
	bench_done(bench, PROVIDER_VOID);
	bench_expect(bench, "ok", "voided");
}

static void test_marks_outlive_a_crash(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "void");
	bench_expect(bench, "ok", "voided");
	bench_crash(bench);
	bench_ask(bench, "authorize");
	bench_expect(bench, "wrong-state", "voided");
	bench_expect_no_call(bench);
}

/* Many waited when the power went; all of them come to an end. */
static void test_many_at_once(void **state)
{
	struct bench *bench = *state;
	const int n = 40;
	for (int i = 0; i < n; i++) {
		bench_new_payment(bench);
		bench_ask(bench, "authorize");
	}
	assert_int_equal(bench->provider.n, bench->settings.calls);
	bench_crash(bench);
	int authorized = 0;
	for (int i = 0; i < 4 * n && authorized < n; i++) {
		bench_run(bench, 10 * MSEC);
		while (bench->provider.n > 0) {
			bool query = bench->provider.begun[0].call == PROVIDER_QUERY;
			authorized += !query;
			bench_verdict(bench, query ? PROVIDER_NOT_FOUND : PROVIDER_OK);
		}
	}
	for (int i = 0; i < n; i++)
		bench_expect(bench, "ok", "authorized");
	bench_expect_silence(bench);
}

/* --- off for a long time --------------------------------------------------------------------- */

static void test_off_past_the_expiry(void **state)
{
	struct bench *bench = *state;
	for (int i = 0; i < bench->settings.calls; i++) {
		bench_ask(bench, "authorize");
		bench_new_payment(bench);
	}
	bench_ask(bench, "authorize"); /* waits for room */
	char waiting[UUID_SIZE];
	TEXT_COPY(waiting, bench->payment);
	bench_off(bench, HOUR);
	bench->clock.synchronised = true;
	bench_run(bench, 11 * SECOND);
	bench_expect_silence(bench); /* this may be a copy from before it was begun */
	bench_run(bench, bench->settings.settle);
	for (int i = 0; i < bench->settings.calls + 2; i++) {
		if (bench->provider.n == 0)
			bench_run(bench, MINUTE);
		bool is_waiting = strcmp(bench->provider.begun[0].payment, waiting) == 0;
		bench_verdict_state(bench, is_waiting ? PROVIDER_NOTHING : PROVIDER_AUTHORIZED);
	}
	bench_expect_replies(bench);
	bench_expect_no_call(bench);
	bench_ask(bench, "authorize");
	bench_expect(bench, "expired", "voided");
	assert_string_equal(bench->reply.payment->payment, waiting);
}

/* How long it was off is not known: nothing that has a time limit is begun until it is. */
static void test_off_and_the_clock_is_not_known(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_off(bench, 10 * SECOND);
	bench->clock.wall -= 20 * DAY;
	for (int i = 0; i < 3; i++) {
		bench_await_call(bench, PROVIDER_QUERY, 20 * SECOND);
		bench_verdict(bench, PROVIDER_NOT_FOUND);
	}
	bench->clock.wall += 20 * DAY;
	bench->clock.synchronised = true;
	bench_await_call(bench, PROVIDER_QUERY, 40 * SECOND);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
}

/* Half of the key's life has passed: from then on nothing but reading, and a person. */
static void test_a_stale_key_is_only_read(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_off(bench, 13 * HOUR);
	bench->clock.synchronised = true;
	bench_await_call(bench, PROVIDER_QUERY, SECOND);
	bench_ask(bench, "authorize");
	bench_expect(bench, "pending", "sent");
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect(bench, "failed", "sent");
	assert_string_equal(bench->reply.payment->reason, "needs-person");
	for (int i = 0; i < 10; i++) {
		bench_await_call(bench, PROVIDER_QUERY, 10 * MINUTE);
		bench_verdict(bench, PROVIDER_NOT_FOUND);
	}
	bench_ask(bench, "authorize");
	bench_expect(bench, "failed", "sent");
	/* Giving up is always possible. */
	bench_ask(bench, "void");
	bench_done(bench, PROVIDER_VOID);
	bench_expect(bench, "ok", "voided");
}

static void settle(struct bench *bench, const char *kiosk, const char *outcome)
{
	char json[256];
	snprintf(json, sizeof(json),
		"{\"payment\":\"%s\",\"outcome\":\"%s\",\"reason\":\"seen "
		"there\",\"user\":\"boss\"}",
		bench->payment, outcome);
	bench_ask_as(bench, kiosk, "settle", json);
}

/* What only a person can know, a person says. */
static void test_a_person_settles_what_cannot_be_asked(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	settle(bench, "desk-1", "voided");
	bench_expect(bench, "wrong-state", "sent");
	bench_off(bench, 13 * HOUR);
	bench->clock.synchronised = true;
	bench_await_call(bench, PROVIDER_QUERY, SECOND);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect(bench, "failed", "sent");
	settle(bench, "desk-2", "voided");
	bench_expect_to(bench, "desk-2", "not-found", "");
	settle(bench, "desk-1", "refunded");
	bench_expect(bench, "ok", "refunded");
	assert_string_equal(bench->reply.payment->reason, "seen there");
	bench_run(bench, HOUR);
	bench_expect_no_call(bench);
	settle(bench, "desk-1", "voided");
	bench_expect(bench, "wrong-state", "refunded");
}

static void test_a_stale_key_that_was_authorized_after_all(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_off(bench, 30 * HOUR);
	bench->clock.synchronised = true;
	bench_await_call(bench, PROVIDER_QUERY, SECOND);
	bench_verdict_state(bench, PROVIDER_AUTHORIZED);
	bench_expect(bench, "ok", "authorized");
}

static void test_a_stale_void_that_is_not_found_needs_a_person(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_ask(bench, "void");
	bench_expect(bench, "wrong-state", "void-owed");
	bench_off(bench, 13 * HOUR);
	bench->clock.synchronised = true;
	bench_await_call(bench, PROVIDER_QUERY, SECOND);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect_call(bench, PROVIDER_VOID);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect(bench, "failed", "void-owed");
	bench_await_call(bench, PROVIDER_VOID, 10 * MINUTE);
	bench_verdict(bench, PROVIDER_OK);
	bench_expect_state(bench, "voided");
}

/* --- its file --------------------------------------------------------------------------------- */

static void test_a_second_process_is_refused(void **state)
{
	struct bench *bench = *state;
	struct adapter *second = NULL;
	const struct adapter_options options = bench_options(bench);
	assert_int_equal(adapter_open(&options, &second), -EBUSY);
	assert_null(second);
}

static void test_list_open(void **state)
{
	struct bench *bench = *state;
	char *text = NULL;
	size_t size = 0;
	bench_capture(bench);
	bench_new_payment(bench);
	bench_ask(bench, "authorize");
	bench->adapter = adapter_close(bench->adapter);
	FILE *out = open_memstream(&text, &size);
	assert_int_equal(adapter_list_open(bench->path, out), 0);
	fclose(out);
	assert_non_null(strstr(text, bench->payment));
	assert_non_null(strstr(text, "sent"));
	assert_ptr_equal(
		strchr(text, '\n'), text + size - 1); /* one line: the final one is not open */
	free(text);
	bench_open(bench);
}

static void test_old_ones_are_forgotten(void **state)
{
	struct bench *bench = *state;
	char final[UUID_SIZE];
	bench_capture(bench);
	TEXT_COPY(final, bench->payment);
	bench_new_payment(bench);
	bench_authorize(bench);
	for (int i = 0; i < 402; i++) { /* a day at a time, lest it is taken for a leap */
		bench_pass(bench, DAY - MINUTE);
		assert_int_equal(adapter_tick(bench->adapter), 0);
		bench_run(bench, MINUTE);
	}
	bench_expect_state(bench, "authorized"); /* not final: never */
	TEXT_COPY(bench->payment, final);
	bench_ask(bench, "query");
	bench_expect_call(bench, PROVIDER_QUERY);
	bench_verdict_state(bench, PROVIDER_CAPTURED);
	bench_expect(bench, "ok", "captured");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_call_under_way_is_taken_up_again),
		TEST(test_a_call_that_never_began),
		TEST(test_what_is_owed_stays_owed),
		TEST(test_a_void_during_a_call_outlives_a_crash),
		TEST(test_marks_outlive_a_crash),
		TEST(test_many_at_once),
		TEST(test_off_past_the_expiry),
		TEST(test_off_and_the_clock_is_not_known),
		TEST(test_a_stale_key_is_only_read),
		TEST(test_a_person_settles_what_cannot_be_asked),
		TEST(test_a_stale_key_that_was_authorized_after_all),
		TEST(test_a_stale_void_that_is_not_found_needs_a_person),
		TEST(test_a_second_process_is_refused),
		TEST(test_list_open),
		TEST(test_old_ones_are_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
