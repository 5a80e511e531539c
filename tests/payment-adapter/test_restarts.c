/* Crashes at each moment, long times off, and databases put back to an old copy. */
#include "tests/payment-adapter/bench.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void authorize(struct bench *bench)
{
	bench_ask(bench, "authorize");
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
}

static void capture(struct bench *bench)
{
	authorize(bench);
	bench_ask(bench, "capture");
	bench_done(bench, PROVIDER_CAPTURE);
	bench_expect(bench, "ok", "captured");
}

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
	authorize(bench);
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

/* --- an old copy ---------------------------------------------------------------------------- */

/* A copy is made, and later there is a payment that it does not have. */
static void back_up(struct bench *bench)
{
	bench_back_up(bench);
	bench_run(bench, 10 * MINUTE);
	bench_new_payment(bench);
}

static void test_what_the_ledger_lost_the_provider_has(void **state)
{
	struct bench *bench = *state;
	back_up(bench);
	capture(bench);
	bench_restore(bench);
	bench_ask(bench, "query");
	bench_expect_silence(bench);
	bench_expect_call(bench, PROVIDER_QUERY);
	bench_verdict_state(bench, PROVIDER_CAPTURED);
	bench_expect(bench, "ok", "captured");
	bench_ask(bench, "refund");
	bench_done(bench, PROVIDER_REFUND);
	bench_expect(bench, "ok", "refunded");
}

static void test_refund_of_what_the_ledger_lost(void **state)
{
	struct bench *bench = *state;
	back_up(bench);
	capture(bench);
	bench_restore(bench);
	bench_ask(bench, "refund");
	bench_expect_silence(bench);
	bench_expect_call(bench, PROVIDER_QUERY);
	bench_verdict_state(bench, PROVIDER_CAPTURED);
	bench_ask(bench, "refund"); /* as a kiosk does, again and again */
	bench_done(bench, PROVIDER_REFUND);
	bench_expect_replies(bench);
	bench_expect_state(bench, "refunded");
}

static void test_capture_of_what_the_ledger_lost(void **state)
{
	struct bench *bench = *state;
	back_up(bench);
	authorize(bench);
	bench_restore(bench);
	bench_ask(bench, "capture");
	bench_expect_call(bench, PROVIDER_QUERY);
	bench_verdict_state(bench, PROVIDER_AUTHORIZED);
	bench_done(bench, PROVIDER_CAPTURE);
	bench_expect(bench, "ok", "captured");
}

/* It was voided, and the ledger lost that: a late authorize is not run all the same. */
static void test_authorize_of_what_was_voided_and_lost(void **state)
{
	struct bench *bench = *state;
	back_up(bench);
	authorize(bench);
	bench_ask(bench, "void");
	bench_done(bench, PROVIDER_VOID);
	bench_expect(bench, "ok", "voided");
	bench_restore(bench);
	bench_ask(bench, "authorize");
	bench_expect_call(bench, PROVIDER_QUERY);
	bench_verdict_state(bench, PROVIDER_VOIDED);
	bench_expect(bench, "wrong-state", "voided");
	bench_expect_no_call(bench);
}

static void test_authorize_that_nobody_knows(void **state)
{
	struct bench *bench = *state;
	bench_crash(bench);
	bench_ask(bench, "authorize");
	bench_expect_call(bench, PROVIDER_QUERY);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
}

/* A call that an earlier run began may still arrive there, for a while. What was asked within it is
 * no proof even if the answer comes later: something may have arrived in between. */
static void test_void_that_nobody_knows(void **state)
{
	struct bench *bench = *state;
	bench_crash(bench);
	bench_ask(bench, "void");
	bench_expect_call(bench, PROVIDER_QUERY);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect_call(bench, PROVIDER_VOID);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect_silence(bench);
	bench_run(bench, bench->settings.settle);
	bench_await_call(bench, PROVIDER_VOID, 0);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect_silence(bench);
	bench_await_call(bench, PROVIDER_VOID, MINUTE);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect(bench, "ok", "voided");
}

/* A rental is paid for once, also if the second payment seems to be older than this start: by a
 * kiosk's clock that is behind, say. What the provider has of it goes back. */
static void test_a_second_payment_that_seems_old(void **state)
{
	struct bench *bench = *state;
	char first[UUID_SIZE], json[512], expires[TIME_SIZE];
	TEXT_COPY(first, bench->payment);
	authorize(bench);
	bench_new_payment(bench);
	bench_crash(bench);
	time_format(bench->clock.wall + MINUTE, expires);
	snprintf(json, sizeof(json),
		"{\"payment\":\"%s\",\"rental\":\"%s\",\"amount\":900,\"currency\":\"EUR\","
		"\"method\":\"tok\",\"expires_at\":\"%s\"}",
		bench->payment, first, expires);
	bench_ask_as(bench, "desk-1", "authorize", json);
	bench_expect_call(bench, PROVIDER_QUERY);
	bench_verdict_state(bench, PROVIDER_AUTHORIZED);
	bench_done(bench, PROVIDER_VOID);
	bench_expect_replies(bench);
	bench_expect_state(bench, "voided");
	bench_expect_no_call(bench);
}

static void test_query_that_nobody_knows(void **state)
{
	struct bench *bench = *state;
	bench_crash(bench);
	bench_ask(bench, "query");
	bench_ask(bench, "query");
	bench_expect(bench, "pending", "");
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect(bench, "not-found", "");
	bench_ask(bench, "authorize"); /* a query leaves nothing behind */
	bench_expect_call(bench, PROVIDER_QUERY);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
}

static void test_a_search_is_overtaken(void **state)
{
	struct bench *bench = *state;
	static const char *const operations[] = {"authorize", "void", "capture"};
	bench_crash(bench);
	for (int i = 0; i < 3; i++) {
		bench_new_payment(bench);
		bench_ask(bench, "query");
		bench_ask(bench, operations[i]);
		bench_expect(bench, "ok", NULL); /* the query: it has begun */
		bench_expect_call(bench, PROVIDER_QUERY);
		bench_verdict_state(bench, PROVIDER_AUTHORIZED);
		if (i == 1)
			bench_done(bench, PROVIDER_VOID);
		if (i == 2)
			bench_done(bench, PROVIDER_CAPTURE);
		bench_expect(bench, "ok", i == 0 ? "authorized" : i == 1 ? "voided" : "captured");
	}
}

static void test_an_expired_one_that_nobody_knows(void **state)
{
	struct bench *bench = *state;
	char json[512], expires[TIME_SIZE];
	bench_crash(bench);
	time_format(bench->clock.wall - SECOND, expires);
	snprintf(json, sizeof(json),
		"{\"payment\":\"%s\",\"rental\":\"%s\","
		"\"amount\":900,\"currency\":\"EUR\",\"method\":\"tok\",\"expires_at\":\"%s\"}",
		bench->payment, bench->payment, expires);
	bench_ask_as(bench, "desk-1", "authorize", json);
	bench_expect_call(bench, PROVIDER_QUERY);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect_silence(bench);
	bench_run(bench, bench->settings.settle);
	bench_await_call(bench, PROVIDER_QUERY, 0);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect_silence(bench);
	bench_await_call(bench, PROVIDER_QUERY, MINUTE);
	bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_expect(bench, "expired", "voided");
}

/* The ledger says authorized, and the provider has gone on since. */
static void test_an_old_copy_of_a_payment(void **state)
{
	struct bench *bench = *state;
	authorize(bench);
	bench_back_up(bench);
	bench_ask(bench, "capture");
	bench_done(bench, PROVIDER_CAPTURE);
	bench_expect(bench, "ok", "captured");
	bench_restore(bench);
	bench_ask(bench, "refund");
	bench_expect_call(bench, PROVIDER_VOID);
	bench_verdict(bench, PROVIDER_DECLINED);
	bench_await_call(bench, PROVIDER_QUERY, MINUTE);
	bench_verdict_state(bench, PROVIDER_CAPTURED);
	bench_ask(bench, "refund");
	bench_done(bench, PROVIDER_REFUND);
	bench_expect_replies(bench);
	bench_expect_state(bench, "refunded");
}

/* When the copy was made the authorize had not been begun yet; it was, since. */
static void test_an_old_copy_of_a_payment_that_waited(void **state)
{
	struct bench *bench = *state;
	bench->provider.refuse = true;
	bench_ask(bench, "authorize");
	assert_int_equal(adapter_tick(bench->adapter), 0);
	bench_back_up(bench);
	bench->provider.refuse = false;
	bench_run(bench, 2 * SECOND);
	if (bench->provider.begun[0].call == PROVIDER_QUERY)
		bench_verdict(bench, PROVIDER_NOT_FOUND);
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
	bench_run(bench, 2 * MINUTE);
	bench_restore(bench);
	bench_expect_silence(bench);
	bench_expect_call(bench, PROVIDER_QUERY);
	bench_verdict_state(bench, PROVIDER_AUTHORIZED);
	bench_expect(bench, "ok", "authorized");
	bench_ask(bench, "void");
	bench_done(bench, PROVIDER_VOID);
	bench_expect(bench, "ok", "voided");
}

static void test_a_second_process_is_refused(void **state)
{
	struct bench *bench = *state;
	struct adapter *second = NULL;
	const struct adapter_options options = {
		.site = "town",
		.name = "till",
		.database = bench->path,
		.clock = &bench->clock.port,
		.random = &bench->random.port,
		.mqtt = &bench->mqtt.port,
		.provider = &bench->provider.port,
		.settings = bench->settings,
	};
	assert_int_equal(adapter_open(&options, &second), -EBUSY);
	assert_null(second);
}

static void test_list_open(void **state)
{
	struct bench *bench = *state;
	char *text = NULL;
	size_t size = 0;
	capture(bench);
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
	capture(bench);
	TEXT_COPY(final, bench->payment);
	bench_new_payment(bench);
	authorize(bench);
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
		TEST(test_what_the_ledger_lost_the_provider_has),
		TEST(test_refund_of_what_the_ledger_lost),
		TEST(test_capture_of_what_the_ledger_lost),
		TEST(test_authorize_of_what_was_voided_and_lost),
		TEST(test_authorize_that_nobody_knows),
		TEST(test_void_that_nobody_knows),
		TEST(test_a_second_payment_that_seems_old),
		TEST(test_query_that_nobody_knows),
		TEST(test_a_search_is_overtaken),
		TEST(test_an_expired_one_that_nobody_knows),
		TEST(test_an_old_copy_of_a_payment),
		TEST(test_an_old_copy_of_a_payment_that_waited),
		TEST(test_a_second_process_is_refused),
		TEST(test_list_open),
		TEST(test_old_ones_are_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
