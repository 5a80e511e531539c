/* What the provider holds and the ledger does not: the database was put back to an old copy, or may
 * have been. */
#include "tests/payment-adapter/bench.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

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
	bench_capture(bench);
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
	bench_capture(bench);
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
	bench_authorize(bench);
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
	bench_authorize(bench);
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
	char first[UUID_SIZE];
	TEXT_COPY(first, bench->payment);
	bench_authorize(bench);
	bench_new_payment(bench);
	bench_crash(bench);
	bench_ask_authorize(bench, "desk-1", first, bench->clock.wall + MINUTE);
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
	bench_crash(bench);
	bench_ask_authorize(bench, "desk-1", bench->payment, bench->clock.wall - SECOND);
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
	bench_authorize(bench);
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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
