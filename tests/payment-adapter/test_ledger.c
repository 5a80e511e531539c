/* ledger.c, the machine alone: every state with every call, verdict and clock, and what must hold
 * of all. */
#include "payment-adapter/ledger.h"

#include "lib/base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOON ((usec)1795348800 * SECOND)
#define HALF (12 * HOUR) /* of the life of a key */
#define WAIT (7 * SECOND)

/* One world for a row to be in; all are tried. */
struct world {
	bool called, searched, sure, restarted, expired, old, off, settled, gave_up;
};
#define WORLDS 512

static struct world world_at(int n)
{
	return (struct world){n & 1, n & 2, n & 4, n & 8, n & 16, n & 32, n & 64, n & 128, n & 256};
}

static const struct now boot = {.elapsed = DAY, .wall = NOON, .sure = true};

static struct now now_in(const struct world *world)
{
	usec passed = world->old ? HALF : MINUTE;
	return (struct now){.elapsed = boot.elapsed + passed,
		.wall = boot.wall + passed + (world->off ? 2 * HALF : 0),
		.sure = world->sure};
}

static struct ledger_rules rules_in(const struct world *world)
{
	usec now = now_in(world).elapsed;
	return (struct ledger_rules){
		.key_half = HALF,
		.started = world->restarted ? now - SECOND : 0,
		.settled = world->settled ? now - SECOND : now + MINUTE,
		.attention = 10 * MINUTE,
	};
}

static struct ledger_row row_in(enum payment_state state, const struct world *world)
{
	struct arguments args = {.amount = 900,
		.payment = "019ab000-0000-7000-8000-000000000001",
		.rental = "019ab000-0000-7000-8000-000000000002",
		.currency = "EUR",
		.method = "tok"};
	struct ledger_row row;
	args.expires_at = world->expired ? now_in(world).wall : now_in(world).wall + MINUTE;
	ledger_start(&row, "desk-1", &args, "till", boot);
	row.fact.state = (int)state;
	row.called = world->called;
	row.searched = world->searched;
	row.key_at = boot.elapsed;
	row.key_wall = boot.wall;
	if (world->gave_up)
		TEXT_COPY(row.fact.reason, LEDGER_EXPIRED);
	return row;
}

static bool is_old(const struct ledger_row *row, const struct world *world)
{
	return world->old || world->off ||
	       uuid_time(row->fact.payment) + HALF <= now_in(world).wall;
}

/* Who owes asks on, whoever does not is done; and nothing is asked for that its state forbids. */
static void check_plan(const struct ledger_row *row)
{
	static const unsigned allowed[] = {
		[PAYMENT_NONE] = 1u << ASK_NOTHING | 1u << ASK_QUERY,
		[PAYMENT_SENT] = 1u << ASK_AUTHORIZE | 1u << ASK_QUERY,
		[PAYMENT_AUTHORIZED] = 1u << ASK_NOTHING,
		[PAYMENT_DECLINED] = 1u << ASK_NOTHING,
		[PAYMENT_CAPTURE_OWED] = 1u << ASK_CAPTURE | 1u << ASK_QUERY,
		[PAYMENT_CAPTURED] = 1u << ASK_NOTHING,
		[PAYMENT_VOID_OWED] = 1u << ASK_VOID | 1u << ASK_QUERY | 1u << ASK_AUTHORIZE,
		[PAYMENT_VOIDED] = 1u << ASK_NOTHING,
		[PAYMENT_REFUND_OWED] = 1u << ASK_VOID | 1u << ASK_REFUND | 1u << ASK_QUERY,
		[PAYMENT_REFUNDED] = 1u << ASK_NOTHING,
	};
	if (!(allowed[row->fact.state] & 1u << row->ask))
		fail_msg("%s asks for %s",
			row->fact.state ? payment_state_names[row->fact.state] : "unknown",
			ledger_ask_names[row->ask]);
	assert_int_equal(row->ask == ASK_NOTHING, row->next_try == USEC_NEVER);
	/* Only what may be there already is asked for again in order to be voided. */
	if (row->fact.state == PAYMENT_VOID_OWED && row->ask == ASK_AUTHORIZE)
		assert_true(row->called);
}

/* --- verdicts -------------------------------------------------------------------------------- */

/* Whoever wanted the money back is not left with it taken. */
static void check_wish(enum payment_state before, enum payment_state after)
{
	bool wanted = before == PAYMENT_VOID_OWED || before == PAYMENT_REFUND_OWED;
	bool had_been_taken = before == PAYMENT_VOID_OWED && after == PAYMENT_CAPTURED;
	if (wanted && !had_been_taken && (after == PAYMENT_AUTHORIZED || after == PAYMENT_CAPTURED))
		fail_msg("%s became %s", payment_state_names[before], payment_state_names[after]);
}

/* What the provider says for sure is believed. */
static void check_belief(const struct ledger_row *row, const struct provider_verdict *verdict)
{
	if (verdict->outcome != PROVIDER_OK || verdict->order.call != PROVIDER_QUERY)
		return;
	if (verdict->state == PROVIDER_CAPTURED)
		assert_true(row->fact.state == PAYMENT_CAPTURED ||
			    row->fact.state == PAYMENT_REFUND_OWED);
	if (verdict->state == PROVIDER_REFUNDED)
		assert_int_equal(row->fact.state, PAYMENT_REFUNDED);
}

/* No end is made up: "not found" ends only what nobody has begun. */
static void check_end(enum payment_state before, const struct ledger_row *row,
	const struct provider_verdict *verdict, const struct world *world)
{
	bool not_found = verdict->outcome == PROVIDER_NOT_FOUND;
	if (not_found && row->fact.state == PAYMENT_VOIDED && before != PAYMENT_VOIDED)
		assert_true(!world->called && world->settled);
	if (verdict->outcome == PROVIDER_UNKNOWN)
		assert_int_equal(row->fact.state, before);
}

static void hear(
	enum payment_state state, const struct world *world, const struct provider_verdict *verdict)
{
	struct ledger_row row = row_in(state, world);
	const struct ledger_rules rules = rules_in(world);
	struct now now = now_in(world);
	row.under_way = true;
	ledger_verdict(&row, verdict, &rules, now.elapsed, WAIT, now);
	assert_false(row.under_way);
	check_plan(&row);
	check_wish(state, (enum payment_state)row.fact.state);
	check_belief(&row, verdict);
	check_end(state, &row, verdict, world);
}

static void hear_all(enum payment_state state, const struct world *world)
{
	for (int call = PROVIDER_AUTHORIZE; call <= PROVIDER_QUERY; call++)
		for (int outcome = PROVIDER_OK; outcome <= PROVIDER_UNKNOWN; outcome++)
			for (int holds = PROVIDER_NOTHING; holds <= PROVIDER_REFUNDED; holds++) {
				const struct provider_verdict verdict = {
					.order.call = (enum provider_call)call,
					.outcome = (enum provider_outcome)outcome,
					.state = (enum provider_state)holds,
					.reason = "said so",
				};
				hear(state, world, &verdict);
			}
}

static void every_verdict(void **unused)
{
	(void)unused;
	/* The states in which a call may be under way. */
	static const enum payment_state states[] = {PAYMENT_NONE, PAYMENT_SENT,
		PAYMENT_CAPTURE_OWED, PAYMENT_VOID_OWED, PAYMENT_REFUND_OWED};
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		for (int n = 0; n < WORLDS; n++) {
			const struct world world = world_at(n);
			hear_all(states[i], &world);
		}
}

static void what_cannot_be_shown_is_not(void **unused)
{
	(void)unused;
	const struct world world = {.sure = true};
	struct ledger_row row = row_in(PAYMENT_SENT, &world);
	const struct ledger_rules rules = rules_in(&world);
	const struct provider_verdict verdict = {
		.order.call = PROVIDER_AUTHORIZE, .outcome = PROVIDER_UNKNOWN, .reason = "\033[2J"};
	ledger_verdict(&row, &verdict, &rules, boot.elapsed, WAIT, now_in(&world));
	assert_string_equal(row.trouble, "");
}

/* --- what is asked --------------------------------------------------------------------------- */

/* An authorize goes out only while its key is good and, unless something has to be voided, its
 * request has not expired. */
static void check_ready(enum payment_state state, const struct world *world)
{
	struct ledger_row row = row_in(state, world);
	const struct ledger_rules rules = rules_in(world);
	struct now now = now_in(world);
	row.ask = ASK_AUTHORIZE;
	row.next_try = now.elapsed;
	bool ready = ledger_ready(&row, &rules, now);
	check_plan(&row);
	if (ready && row.ask == ASK_AUTHORIZE) {
		assert_false(world->old || world->off);
		assert_false(world->searched && is_old(&row, world));
		assert_true(world->sure || !world->restarted);
		assert_false(state == PAYMENT_SENT && world->expired);
	}
	if (!ready && row.fact.state == PAYMENT_VOIDED) /* it never ran */
		assert_true(world->expired && !world->called && !world->searched);
}

static void every_authorize(void **unused)
{
	(void)unused;
	for (int n = 0; n < WORLDS; n++) {
		const struct world world = world_at(n);
		check_ready(PAYMENT_SENT, &world);
		if (world.called)
			check_ready(PAYMENT_VOID_OWED, &world);
	}
}

static void others_are_always_ready(void **unused)
{
	(void)unused;
	for (int n = 0; n < WORLDS; n++) {
		const struct world world = world_at(n);
		const struct ledger_rules rules = rules_in(&world);
		struct ledger_row row = row_in(PAYMENT_CAPTURE_OWED, &world);
		row.ask = ASK_CAPTURE;
		assert_true(ledger_ready(&row, &rules, now_in(&world)));
		row.ask = ASK_NOTHING;
		assert_false(ledger_ready(&row, &rules, now_in(&world)));
		assert_int_equal(row.next_try, USEC_NEVER);
	}
}

/* --- what a kiosk wants ---------------------------------------------------------------------- */

static void want(enum payment_state state, enum payment_input input, bool under_way,
	const struct world *world)
{
	struct ledger_row row = row_in(state, world), before;
	row.under_way = under_way;
	before = row;
	if (!ledger_want(&row, input, "wanted", now_in(world))) {
		assert_memory_equal(&row, &before, sizeof(row));
		return;
	}
	check_wish(input == PAYMENT_WANT_BACK ? PAYMENT_VOID_OWED : PAYMENT_NONE,
		(enum payment_state)row.fact.state);
	if (under_way) { /* its verdict says how it goes on */
		assert_int_equal(row.ask, before.ask);
		assert_int_equal(row.next_try, before.next_try);
	} else if ((int)state != row.fact.state) {
		check_plan(&row);
	}
	/* What nobody can have begun is over at once. */
	if (row.fact.state == PAYMENT_VOID_OWED)
		assert_true(world->called || world->searched || state == PAYMENT_VOID_OWED);
}

static void every_wish(void **unused)
{
	(void)unused;
	for (int state = PAYMENT_SENT; state <= PAYMENT_REFUNDED; state++)
		for (int n = 0; n < WORLDS; n++) {
			const struct world world = world_at(n);
			for (int way = 0; way < 2; way++) {
				want((enum payment_state)state, PAYMENT_WANT_CAPTURE, way, &world);
				want((enum payment_state)state, PAYMENT_WANT_BACK, way, &world);
			}
		}
}

/* --- calls and restarts ---------------------------------------------------------------------- */

static void a_call_and_its_end(void **unused)
{
	(void)unused;
	const struct world world = {.sure = true};
	struct ledger_row row = row_in(PAYMENT_NONE, &world);
	struct now now = now_in(&world);
	ledger_enter(&row, PAYMENT_SENT, false, now);
	assert_int_equal(row.ask, ASK_AUTHORIZE);
	ledger_note(&row, now);
	assert_true(row.under_way && row.called);
	assert_int_equal(row.key_at, now.elapsed);
	ledger_enter(&row, PAYMENT_SENT, true, now); /* asked again meanwhile */
	assert_int_equal(row.ask, ASK_AUTHORIZE);
	ledger_unnote(&row, true, now.elapsed + WAIT);
	assert_false(row.under_way || row.called);
	assert_int_equal(row.next_try, now.elapsed + WAIT);
	ledger_note(&row, now);
	ledger_unnote(&row, false, now.elapsed);
	check_plan(&row);
}

static void recover(enum payment_state state, bool under_way, const struct world *world)
{
	struct ledger_row row = row_in(state, world);
	bool waited = state == PAYMENT_SENT && !row.called;
	row.under_way = under_way;
	ledger_recover(&row, now_in(world));
	assert_false(row.under_way);
	if (under_way || waited)
		check_plan(&row);
	if (waited) /* a copy from before the call does not know of it */
		assert_true(row.searched && row.ask == ASK_QUERY);
}

static void every_restart(void **unused)
{
	(void)unused;
	for (int state = PAYMENT_SENT; state <= PAYMENT_REFUNDED; state++)
		for (int n = 0; n < WORLDS; n++) {
			const struct world world = world_at(n);
			recover((enum payment_state)state, false, &world);
			recover((enum payment_state)state, true, &world);
		}
}

static void what_is_told(void **unused)
{
	(void)unused;
	const struct world world = {.sure = true};
	struct ledger_row row = row_in(PAYMENT_SENT, &world);
	const struct ledger_rules rules = rules_in(&world);
	struct now later = boot;
	later.elapsed += 10 * MINUTE;
	assert_string_equal(ledger_fact(&row, &rules, boot).reason, "");
	assert_string_equal(ledger_fact(&row, &rules, later).reason, "takes long: no answer yet");
	TEXT_COPY(row.trouble, "timeout");
	assert_string_equal(ledger_fact(&row, &rules, later).reason, "takes long: timeout");
	row.needs_person = true;
	assert_string_equal(ledger_fact(&row, &rules, later).reason, LEDGER_PERSON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verdict),
		cmocka_unit_test(what_cannot_be_shown_is_not),
		cmocka_unit_test(every_authorize),
		cmocka_unit_test(others_are_always_ready),
		cmocka_unit_test(every_wish),
		cmocka_unit_test(a_call_and_its_end),
		cmocka_unit_test(every_restart),
		cmocka_unit_test(what_is_told),
	};
	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
