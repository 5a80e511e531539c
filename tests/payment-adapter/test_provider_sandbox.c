#include "lib/base/text.h"
#include "payment-adapter/provider_sandbox.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_random.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct bench {
	char folder[32], path[64];
	struct fake_clock clock;
	struct fake_random random;
	struct provider_sandbox_settings settings;
	struct provider_port *provider;
};

static void start(struct bench *bench)
{
	assert_int_equal(provider_sandbox_new(&bench->settings, &bench->clock.port,
				 &bench->random.port, &bench->provider),
		0);
}

/* A crash of the adapter: what it began is forgotten, what the provider holds is not. */
static void crash(struct bench *bench)
{
	bench->provider = bench->provider->free(bench->provider);
	assert_null(bench->provider);
	start(bench);
}

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	assert_non_null(bench);
	strcpy(bench->folder, "/tmp/lendlock-sandbox-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	snprintf(bench->path, sizeof(bench->path), "%s/provider.db", bench->folder);
	fake_clock_init(&bench->clock);
	fake_random_init(&bench->random, 1);
	bench->settings = provider_sandbox_defaults(bench->path);
	bench->settings.spread = 0;
	start(bench);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;
	bench->provider->free(bench->provider);
	const char *const ends[] = {"", "-wal", "-shm"};
	for (int i = 0; i < 3; i++) {
		char path[80];
		snprintf(path, sizeof(path), "%s%s", bench->path, ends[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(bench->folder), 0);
	free(bench);
	return 0;
}

static struct provider_order order_of(
	enum provider_call call, const char *payment, const char *method)
{
	struct provider_order order = {.call = call, .amount = 1250, .currency = "EUR"};
	TEXT_COPY(order.payment, payment);
	TEXT_COPY(order.method, method);
	return order;
}

static void begin(
	struct bench *bench, enum provider_call call, const char *payment, const char *method)
{
	struct provider_order order = order_of(call, payment, method);
	assert_int_equal(bench->provider->begin(bench->provider, &order), 0);
}

static void pass(struct bench *bench, usec time)
{
	fake_clock_pass(&bench->clock, time);
	bench->provider->tick(bench->provider, bench->clock.boottime);
}

/* Lets time go on until there is a verdict. */
static struct provider_verdict await(struct bench *bench)
{
	struct provider_verdict verdict;
	while (bench->provider->next_verdict(bench->provider, &verdict) == 0) {
		usec due = bench->provider->next_due(bench->provider);
		assert_int_not_equal(due, USEC_NEVER);
		pass(bench, due - bench->clock.boottime);
	}
	return verdict;
}

static struct provider_verdict call(
	struct bench *bench, enum provider_call call, const char *payment, const char *method)
{
	begin(bench, call, payment, method);
	return await(bench);
}

static void expect(struct bench *bench, enum provider_call what, const char *payment,
	const char *method, enum provider_outcome outcome, const char *reason)
{
	struct provider_verdict verdict = call(bench, what, payment, method);
	assert_int_equal(verdict.outcome, outcome);
	assert_string_equal(verdict.reason, reason);
	assert_int_equal(verdict.order.call, what);
	assert_string_equal(verdict.order.payment, payment);
}

static void expect_state(struct bench *bench, const char *payment, enum provider_state state)
{
	struct provider_verdict verdict = call(bench, PROVIDER_QUERY, payment, "");
	if (state == PROVIDER_NOTHING) {
		assert_int_equal(verdict.outcome, PROVIDER_NOT_FOUND);
		return;
	}
	assert_int_equal(verdict.outcome, PROVIDER_OK);
	assert_int_equal(verdict.state, state);
}

/* Counts what a reader from outside sees in the table, while the provider runs. */
static int64_t moved(struct bench *bench, const char *where)
{
	sqlite3 *sqlite;
	sqlite3_stmt *statement;
	char sql[200];
	snprintf(sql, sizeof(sql), "SELECT ifnull(sum(count), 0) FROM money_moved WHERE %s", where);
	assert_int_equal(
		sqlite3_open_v2(bench->path, &sqlite, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	int64_t sum = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(sqlite);
	return sum;
}

static void test_life_of_a_payment(void **state)
{
	struct bench *bench = *state;
	expect_state(bench, "p", PROVIDER_NOTHING);
	expect(bench, PROVIDER_AUTHORIZE, "p", "tok-ok", PROVIDER_OK, "");
	expect_state(bench, "p", PROVIDER_AUTHORIZED);
	expect(bench, PROVIDER_CAPTURE, "p", "", PROVIDER_OK, "");
	expect_state(bench, "p", PROVIDER_CAPTURED);
	expect(bench, PROVIDER_REFUND, "p", "", PROVIDER_OK, "");
	expect_state(bench, "p", PROVIDER_REFUNDED);
	assert_int_equal(moved(bench, "payment = 'p' AND amount = 1250"), 3);
	expect(bench, PROVIDER_AUTHORIZE, "q", "any card", PROVIDER_OK, "");
	expect(bench, PROVIDER_VOID, "q", "", PROVIDER_OK, "");
	expect_state(bench, "q", PROVIDER_VOIDED);
	assert_int_equal(moved(bench, "payment = 'q'"), 2);
}

/* Each call in each state: its answer, and the state after it. Asked twice, the same. */
static void test_every_call_in_every_state(void **state)
{
	struct bench *bench = *state;
	static const struct {
		const char *path; /* calls that lead there; d: a declined authorize */
		const char *after[4];
		enum provider_outcome outcome[4];
	} rows[] = {
#define OK        PROVIDER_OK
#define NO        PROVIDER_DECLINED
#define NOT_FOUND PROVIDER_NOT_FOUND
#define UNKNOWN   PROVIDER_UNKNOWN
		{"", {"a", "", "", ""}, {OK, NOT_FOUND, NOT_FOUND, NOT_FOUND}},
		{"a", {"a", "ac", "av", "a"}, {OK, OK, OK, UNKNOWN}},
		{"d", {"d", "d", "d", "d"}, {NO, NO, NO, NO}},
		{"ac", {"ac", "ac", "ac", "acr"}, {OK, OK, UNKNOWN, OK}},
		{"av", {"av", "av", "av", "av"}, {OK, NO, OK, NO}},
		{"acr", {"acr", "acr", "acr", "acr"}, {OK, OK, UNKNOWN, OK}},
	};
	static const char letters[] = "acvr";
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int c = PROVIDER_AUTHORIZE; c < PROVIDER_QUERY; c++) {
			char payment[37];
			snprintf(payment, sizeof(payment), "p%zu-%d", i, c);
			for (const char *step = rows[i].path; *step; step++) {
				const char *letter = strchr(letters, *step);
				call(bench,
					letter ? (enum provider_call)(letter - letters)
					       : PROVIDER_AUTHORIZE,
					payment, letter ? "tok-ok" : "tok-declined");
			}
			for (int again = 0; again < 2; again++)
				assert_int_equal(
					call(bench, (enum provider_call)c, payment, "tok-ok")
						.outcome,
					rows[i].outcome[c]);
			const char *after = rows[i].after[c];
			static const char *const paths[] = {"", "a", "d", "ac", "av", "acr"};
			enum provider_state held = PROVIDER_NOTHING;
			while (strcmp(paths[held], after) != 0)
				held++;
			expect_state(bench, payment, held);
			char where[64];
			snprintf(where, sizeof(where), "payment = '%s'", payment);
			assert_int_equal(moved(bench, where), after[0] == 'd' ? 0 : strlen(after));
		}
	}
	assert_int_equal(moved(bench, "count > 1"), 0);
}

static void test_another_amount(void **state)
{
	struct bench *bench = *state;
	struct provider_order order = order_of(PROVIDER_CAPTURE, "p", "");
	expect(bench, PROVIDER_AUTHORIZE, "p", "tok-ok", PROVIDER_OK, "");
	order.amount = 1251;
	bench->provider->begin(bench->provider, &order);
	assert_string_equal(await(bench).reason, "another amount");
	order.amount = 1250;
	TEXT_COPY(order.currency, "USD");
	bench->provider->begin(bench->provider, &order);
	assert_int_equal(await(bench).outcome, PROVIDER_UNKNOWN);
	expect_state(bench, "p", PROVIDER_AUTHORIZED);
}

static void test_delay(void **state)
{
	struct bench *bench = *state;
	struct provider_verdict verdict;
	assert_int_equal(bench->provider->next_due(bench->provider), USEC_NEVER);
	assert_int_equal(bench->provider->fd(bench->provider), -1);
	begin(bench, PROVIDER_AUTHORIZE, "p", "tok-ok");
	pass(bench, 399 * MSEC);
	assert_int_equal(bench->provider->next_verdict(bench->provider, &verdict), 0);
	pass(bench, MSEC);
	assert_int_equal(bench->provider->next_verdict(bench->provider, &verdict), 1);
	assert_int_equal(verdict.took, 400 * MSEC);
	assert_int_equal(verdict.order.amount, 1250);
	assert_string_equal(verdict.order.method, "tok-ok");
	assert_int_equal(bench->provider->next_verdict(bench->provider, &verdict), 0);
	assert_int_equal(bench->provider->next_due(bench->provider), USEC_NEVER);

	bench->settings.spread = 220 * MSEC;
	crash(bench);
	usec least = USEC_NEVER, most = 0;
	for (int i = 0; i < 300; i++) {
		usec took = call(bench, PROVIDER_QUERY, "p", "").took;
		least = usec_min(least, took);
		most = took > most ? took : most;
	}
	assert_in_range(least, 400 * MSEC, 405 * MSEC);
	assert_in_range(most, 615 * MSEC, 620 * MSEC);
}

static void test_calls_under_way_are_bounded(void **state)
{
	struct bench *bench = *state;
	struct provider_order order = order_of(PROVIDER_AUTHORIZE, "p", "tok-ok");
	for (int i = 0; i < 16; i++) {
		snprintf(order.payment, sizeof(order.payment), "p%02d", i);
		assert_int_equal(bench->provider->begin(bench->provider, &order), 0);
		fake_clock_pass(&bench->clock, MSEC);
	}
	assert_int_equal(bench->provider->begin(bench->provider, &order), -EAGAIN);
	/* Late as it may be called, they end in their order. */
	pass(bench, HOUR);
	for (int i = 0; i < 16; i++) {
		snprintf(order.payment, sizeof(order.payment), "p%02d", i);
		assert_string_equal(await(bench).order.payment, order.payment);
		if (i == 0) /* a verdict that was picked up makes room */
			begin(bench, PROVIDER_QUERY, "p00", "");
	}
	assert_int_equal(await(bench).state, PROVIDER_AUTHORIZED);

	struct provider_port *provider = NULL;
	bench->settings.calls = PROVIDER_SANDBOX_CALLS_MAX + 1;
	assert_int_equal(provider_sandbox_new(&bench->settings, &bench->clock.port,
				 &bench->random.port, &provider),
		-EINVAL);
	bench->settings.calls = 1;
	bench->settings.path = "/nowhere/at/all";
	assert_int_equal(provider_sandbox_new(&bench->settings, &bench->clock.port,
				 &bench->random.port, &provider),
		-EIO);
}

/* A crash before the effect loses the call, one after it leaves it done and unheard of. */
static void test_crash_around_the_effect(void **state)
{
	struct bench *bench = *state;
	static const struct {
		usec crash_at;
		enum provider_sandbox_moment moment;
		bool done;
	} rows[] = {
		{0, SANDBOX_AT_BEGIN, true},
		{199 * MSEC, SANDBOX_HALF_WAY, false},
		{200 * MSEC, SANDBOX_HALF_WAY, true},
		{399 * MSEC, SANDBOX_AT_END, false},
		{400 * MSEC, SANDBOX_AT_END, true},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char payment[37];
		snprintf(payment, sizeof(payment), "p%zu", i);
		bench->settings.moment = rows[i].moment;
		crash(bench);
		begin(bench, PROVIDER_AUTHORIZE, payment, "tok-ok");
		pass(bench, rows[i].crash_at);
		crash(bench);
		assert_int_equal(bench->provider->next_due(bench->provider), USEC_NEVER);
		expect_state(bench, payment, rows[i].done ? PROVIDER_AUTHORIZED : PROVIDER_NOTHING);
		expect(bench, PROVIDER_AUTHORIZE, payment, "tok-ok", PROVIDER_OK, "");
		assert_int_equal(moved(bench, "1"), i + 1);
	}
}

static void test_faults_strike_once(void **state)
{
	struct bench *bench = *state;
	static const struct {
		const char *method, *reason;
		enum provider_outcome first, again;
		enum provider_state between; /* after the first */
		usec took;
	} rows[] = {
		{"tok-declined", "declined", PROVIDER_DECLINED, PROVIDER_DECLINED, PROVIDER_REFUSED,
			400 * MSEC},
		{"tok-error", "error", PROVIDER_UNKNOWN, PROVIDER_OK, PROVIDER_NOTHING, 400 * MSEC},
		{"tok-timeout", "timeout", PROVIDER_UNKNOWN, PROVIDER_OK, PROVIDER_NOTHING,
			10 * SECOND},
		{"tok-lost", "answer lost", PROVIDER_UNKNOWN, PROVIDER_OK, PROVIDER_AUTHORIZED,
			400 * MSEC},
		{"tok-slow", "", PROVIDER_OK, PROVIDER_OK, PROVIDER_AUTHORIZED, 5 * SECOND},
		{"tok-late", "timeout", PROVIDER_UNKNOWN, PROVIDER_OK, PROVIDER_NOTHING,
			10 * SECOND},
		{"tok-notfound", "answer lost", PROVIDER_UNKNOWN, PROVIDER_OK, PROVIDER_NOTHING,
			400 * MSEC},
		{"tok-what", "declined", PROVIDER_DECLINED, PROVIDER_DECLINED, PROVIDER_REFUSED,
			400 * MSEC},
		{"tok-ok-what", "declined", PROVIDER_DECLINED, PROVIDER_DECLINED, PROVIDER_REFUSED,
			400 * MSEC},
		{"tok-lost-capture", "", PROVIDER_OK, PROVIDER_OK, PROVIDER_AUTHORIZED, 400 * MSEC},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *method = rows[i].method;
		struct provider_verdict verdict = call(bench, PROVIDER_AUTHORIZE, method, method);
		assert_int_equal(verdict.outcome, rows[i].first);
		assert_string_equal(verdict.reason, rows[i].reason);
		assert_int_equal(verdict.took, rows[i].took);
		expect_state(bench, method, rows[i].between);
		/* A crash of the adapter does not make the provider forget whom it has struck. */
		crash(bench);
		verdict = call(bench, PROVIDER_AUTHORIZE, method, method);
		assert_int_equal(verdict.outcome, rows[i].again);
		assert_int_equal(verdict.took, 400 * MSEC);
		pass(bench, DAY);
		expect_state(bench, method,
			rows[i].again == PROVIDER_OK ? PROVIDER_AUTHORIZED : PROVIDER_REFUSED);
	}
	assert_int_equal(moved(bench, "count > 1"), 0);
}

static void test_faults_for_ever_and_of_other_calls(void **state)
{
	struct bench *bench = *state;
	for (int i = 0; i < 3; i++)
		expect(bench, PROVIDER_AUTHORIZE, "a", "tok-error-always", PROVIDER_UNKNOWN,
			"error");
	expect_state(bench, "a", PROVIDER_NOTHING);
	/* The method is only said with authorize; the provider remembers it. */
	expect(bench, PROVIDER_AUTHORIZE, "b", "tok-lost-capture", PROVIDER_OK, "");
	expect(bench, PROVIDER_CAPTURE, "b", "", PROVIDER_UNKNOWN, "answer lost");
	expect_state(bench, "b", PROVIDER_CAPTURED);
	expect(bench, PROVIDER_CAPTURE, "b", "", PROVIDER_OK, "");
	expect(bench, PROVIDER_AUTHORIZE, "c", "tok-timeout-refund-always", PROVIDER_OK, "");
	expect(bench, PROVIDER_CAPTURE, "c", "", PROVIDER_OK, "");
	for (int i = 0; i < 2; i++)
		expect(bench, PROVIDER_REFUND, "c", "", PROVIDER_UNKNOWN, "timeout");
	expect_state(bench, "c", PROVIDER_CAPTURED);
	expect(bench, PROVIDER_AUTHORIZE, "d", "tok-error-void", PROVIDER_OK, "");
	expect(bench, PROVIDER_VOID, "d", "", PROVIDER_UNKNOWN, "error");
	expect(bench, PROVIDER_VOID, "d", "", PROVIDER_OK, "");
	/* A query that does not find what is there. */
	expect(bench, PROVIDER_AUTHORIZE, "e", "tok-notfound-query", PROVIDER_OK, "");
	expect(bench, PROVIDER_QUERY, "e", "", PROVIDER_NOT_FOUND, "not found");
	expect_state(bench, "e", PROVIDER_AUTHORIZED);
	expect(bench, PROVIDER_AUTHORIZE, "f", "tok-declined-capture", PROVIDER_OK, "");
	expect(bench, PROVIDER_CAPTURE, "f", "", PROVIDER_OK, "");
	assert_int_equal(moved(bench, "1"), 2 + 2 + 2 + 1 + 2);
}

/* Effects that come by themselves, after all was given up. */
static void test_late_effects(void **state)
{
	struct bench *bench = *state;
	expect(bench, PROVIDER_AUTHORIZE, "late", "tok-late", PROVIDER_UNKNOWN, "timeout");
	pass(bench, 5 * SECOND - 1);
	assert_int_equal(moved(bench, "1"), 0);
	pass(bench, 1);
	assert_int_equal(moved(bench, "payment = 'late'"), 1);
	expect_state(bench, "late", PROVIDER_AUTHORIZED);

	/* It is not the adapter's to lose: a crash, and a clock that starts again, keep it. */
	begin(bench, PROVIDER_AUTHORIZE, "crash", "tok-late");
	bench->clock.boottime = SECOND;
	crash(bench);
	assert_int_equal(bench->provider->next_due(bench->provider), 16 * SECOND);
	pass(bench, 15 * SECOND);
	assert_int_equal(moved(bench, "payment = 'crash'"), 1);

	expect(bench, PROVIDER_AUTHORIZE, "n", "tok-notfound", PROVIDER_UNKNOWN, "answer lost");
	expect_state(bench, "n", PROVIDER_NOTHING);
	expect(bench, PROVIDER_VOID, "n", "", PROVIDER_NOT_FOUND, "not found");
	pass(bench, 4 * SECOND);
	expect_state(bench, "n", PROVIDER_AUTHORIZED);
	expect(bench, PROVIDER_VOID, "n", "", PROVIDER_OK, "");

	/* Two of them, due in their order; the second was overtaken by its own repetition. */
	begin(bench, PROVIDER_AUTHORIZE, "x", "tok-late");
	fake_clock_pass(&bench->clock, MSEC);
	begin(bench, PROVIDER_AUTHORIZE, "y", "tok-late");
	expect(bench, PROVIDER_AUTHORIZE, "y", "tok-late", PROVIDER_OK, "");
	assert_int_equal(await(bench).outcome, PROVIDER_UNKNOWN);
	pass(bench, HOUR);
	assert_int_equal(moved(bench, "payment IN ('x', 'y')"), 2);
	assert_int_equal(moved(bench, "count > 1"), 0);
	assert_int_equal(await(bench).outcome, PROVIDER_UNKNOWN);
	assert_int_equal(bench->provider->next_due(bench->provider), USEC_NEVER);
}

/* What is authorized cannot be declined any more, whatever chance says. */
static void test_declined_by_chance(void **state)
{
	struct bench *bench = *state;
	expect(bench, PROVIDER_AUTHORIZE, "p", "tok-lost", PROVIDER_UNKNOWN, "answer lost");
	bench->settings.per_thousand[SANDBOX_DECLINED] = 1000;
	crash(bench);
	expect(bench, PROVIDER_AUTHORIZE, "p", "tok-lost", PROVIDER_OK, "");
	expect(bench, PROVIDER_AUTHORIZE, "q", "tok-ok", PROVIDER_DECLINED, "declined");
	expect(bench, PROVIDER_CAPTURE, "p", "", PROVIDER_OK, "");
}

static void test_slower_than_the_time_out(void **state)
{
	struct bench *bench = *state;
	bench->settings.slow = 20 * SECOND;
	crash(bench);
	struct provider_verdict verdict = call(bench, PROVIDER_AUTHORIZE, "p", "tok-slow");
	assert_int_equal(verdict.outcome, PROVIDER_UNKNOWN);
	assert_string_equal(verdict.reason, "timeout");
	assert_int_equal(verdict.took, 10 * SECOND);
	expect_state(bench, "p", PROVIDER_AUTHORIZED);
}

static void test_down(void **state)
{
	struct bench *bench = *state;
	provider_sandbox_down(bench->provider, true);
	expect(bench, PROVIDER_AUTHORIZE, "p", "tok-ok", PROVIDER_UNKNOWN, "error");
	expect(bench, PROVIDER_QUERY, "p", "", PROVIDER_UNKNOWN, "error");
	provider_sandbox_down(bench->provider, false);
	expect_state(bench, "p", PROVIDER_NOTHING);
	expect(bench, PROVIDER_AUTHORIZE, "p", "tok-ok", PROVIDER_OK, "");
}

struct sums {
	int count, declined, captured;
	int64_t most;
};

static void add_up(void *context, const struct provider_sandbox_holding *holding)
{
	struct sums *sums = context;
	sums->count++;
	sums->declined += holding->state == PROVIDER_REFUSED;
	sums->captured += holding->state == PROVIDER_CAPTURED;
	assert_int_equal(holding->amount, 1250);
	assert_string_equal(holding->currency, "EUR");
	assert_int_equal(holding->moved[PROVIDER_AUTHORIZE], holding->state != PROVIDER_REFUSED);
	assert_int_equal(holding->moved[PROVIDER_CAPTURE], holding->state == PROVIDER_CAPTURED);
	for (int i = 0; i < PROVIDER_QUERY; i++)
		sums->most = holding->moved[i] > sums->most ? holding->moved[i] : sums->most;
}

/* Asking until it is definite heals all that chance does, and moves nothing twice. */
static void test_random_campaign(void **state)
{
	struct bench *bench = *state;
	for (int fault = SANDBOX_DECLINED; fault < SANDBOX_FAULTS; fault++)
		bench->settings.per_thousand[fault] = 80;
	bench->settings.spread = 220 * MSEC;
	crash(bench);
	int unknown = 0;
	for (int i = 0; i < 200; i++) {
		char payment[37];
		snprintf(payment, sizeof(payment), "p%03d", i);
		struct provider_verdict verdict = {.outcome = PROVIDER_UNKNOWN};
		while (verdict.outcome == PROVIDER_UNKNOWN) {
			verdict = call(bench, PROVIDER_AUTHORIZE, payment, "tok-ok");
			unknown += verdict.outcome == PROVIDER_UNKNOWN;
			if (unknown % 7 == 0)
				crash(bench);
		}
		if (verdict.outcome == PROVIDER_OK)
			while (call(bench, PROVIDER_CAPTURE, payment, "").outcome != PROVIDER_OK)
				;
	}
	pass(bench, HOUR);
	struct sums sums = {0};
	provider_sandbox_each(bench->provider, add_up, &sums);
	assert_int_equal(sums.count, 200);
	assert_int_equal(sums.most, 1);
	assert_in_range(sums.declined, 5, 50);
	assert_int_equal(sums.captured, 200 - sums.declined);
	assert_in_range(unknown, 50, 200);
}

/* A second adapter that believes it may write has the same provider. */
static void test_two_adapters_one_provider(void **state)
{
	struct bench *bench = *state;
	struct provider_port *first = bench->provider;
	start(bench);
	expect(bench, PROVIDER_AUTHORIZE, "p", "tok-ok", PROVIDER_OK, "");
	struct provider_port *second = bench->provider;
	bench->provider = first;
	expect_state(bench, "p", PROVIDER_AUTHORIZED);
	expect(bench, PROVIDER_AUTHORIZE, "p", "tok-ok", PROVIDER_OK, "");
	assert_int_equal(moved(bench, "1"), 1);
	second->free(second);
}

/* No file may grow beyond what it has, as when the disk is full. */
static struct rlimit no_room(struct bench *bench)
{
	char path[80];
	struct stat info;
	struct rlimit before, limit;
	snprintf(path, sizeof(path), "%s-wal", bench->path);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = (rlim_t)info.st_size;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	return before;
}

static void test_its_disk_is_full(void **state)
{
	struct bench *bench = *state;
	expect(bench, PROVIDER_AUTHORIZE, "p", "tok-ok", PROVIDER_OK, "");
	expect(bench, PROVIDER_AUTHORIZE, "late", "tok-late", PROVIDER_UNKNOWN, "timeout");
	begin(bench, PROVIDER_CAPTURE, "p", "");

	struct rlimit before = no_room(bench);
	assert_int_equal(await(bench).outcome, PROVIDER_UNKNOWN);
	expect(bench, PROVIDER_CAPTURE, "p", "", PROVIDER_UNKNOWN, "error");
	expect(bench, PROVIDER_AUTHORIZE, "q", "tok-ok", PROVIDER_UNKNOWN, "error");
	pass(bench, bench->settings.late + SECOND); /* and nothing comes by itself */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

	assert_int_equal(moved(bench, "1"), 1);
	expect_state(bench, "p", PROVIDER_AUTHORIZED);
	expect_state(bench, "q", PROVIDER_NOTHING);
	pass(bench, 2 * SECOND); /* what was to come by itself comes now */
	expect_state(bench, "late", PROVIDER_AUTHORIZED);
	expect(bench, PROVIDER_CAPTURE, "p", "", PROVIDER_OK, "");
	assert_int_equal(moved(bench, "payment='p' AND call='capture'"), 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_life_of_a_payment),
		TEST(test_every_call_in_every_state),
		TEST(test_another_amount),
		TEST(test_delay),
		TEST(test_calls_under_way_are_bounded),
		TEST(test_crash_around_the_effect),
		TEST(test_faults_strike_once),
		TEST(test_faults_for_ever_and_of_other_calls),
		TEST(test_late_effects),
		TEST(test_declined_by_chance),
		TEST(test_slower_than_the_time_out),
		TEST(test_down),
		TEST(test_random_campaign),
		TEST(test_two_adapters_one_provider),
		TEST(test_its_disk_is_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
