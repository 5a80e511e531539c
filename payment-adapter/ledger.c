#include "payment-adapter/ledger.h"

#include "lib/base/log.h"

#include <stdio.h>
#include <string.h>

#define CLOCK_WAIT (10 * SECOND) /* until the clock is looked at again */

const char *const ledger_ask_names[] = {
	"nothing", "authorize", "capture", "void", "refund", "query", NULL};

static enum payment_state state_of(const struct ledger_row *row)
{
	return (enum payment_state)row->fact.state;
}

static void plan(struct ledger_row *row, enum ledger_ask ask, usec at)
{
	row->ask = (int)ask;
	row->next_try = ask == ASK_NOTHING ? USEC_NEVER : at;
}

/* --- changing state -------------------------------------------------------------------------- */

static const char *name_of(enum payment_state state)
{
	return state == PAYMENT_NONE ? "unknown" : payment_state_names[state];
}

static void enter(
	struct ledger_row *row, enum payment_state state, const char *reason, struct now now)
{
	log_info("payment %s: %s -> %s%s%s", row->fact.payment, name_of(state_of(row)),
		name_of(state), reason[0] ? ": " : "", reason);
	row->fact.state = (int)state;
	if (!row->fact.reason[0])
		TEXT_COPY(row->fact.reason, reason);
	row->trouble[0] = '\0';
	row->needs_person = false;
	row->tries = 0;
	row->since = now.elapsed;
}

static bool apply(
	struct ledger_row *row, enum payment_input input, const char *reason, struct now now)
{
	enum payment_state after;
	if (payment_step(state_of(row), input, &after) < 0)
		return false;
	if (after != state_of(row))
		enter(row, after, reason, now);
	return true;
}

/* What to ask in a state when nothing is known of what the provider holds. */
static enum ledger_ask usual_ask(const struct ledger_row *row)
{
	switch (state_of(row)) {
	case PAYMENT_SENT:
		return row->searched && !row->called ? ASK_QUERY : ASK_AUTHORIZE;
	case PAYMENT_CAPTURE_OWED:
		return ASK_CAPTURE;
	case PAYMENT_VOID_OWED:
		return ASK_VOID;
	case PAYMENT_REFUND_OWED: /* void or refund, whichever it takes */
	case PAYMENT_NONE:
		return ASK_QUERY;
	default:
		return ASK_NOTHING;
	}
}

void ledger_fill(struct ledger_row *row, const struct arguments *args, struct now now)
{
	row->fact.amount = args->amount;
	row->asked_at = now.elapsed;
	row->expires_at = args->expires_at;
	TEXT_COPY(row->fact.rental, args->rental);
	TEXT_COPY(row->fact.currency, args->currency);
	TEXT_COPY(row->method, args->method);
}

void ledger_start(struct ledger_row *row, const char *kiosk, const struct arguments *args,
	const char *ledger, struct now now)
{
	*row = (struct ledger_row){
		.next_try = USEC_NEVER,
		.since = now.elapsed,
		.created = now.wall,
	};
	TEXT_COPY(row->fact.payment, args->payment);
	TEXT_COPY(row->fact.ledger, ledger);
	TEXT_COPY(row->kiosk, kiosk);
	ledger_fill(row, args, now);
}

void ledger_mark(struct ledger_row *row, const char *reason, struct now now)
{
	enter(row, PAYMENT_VOIDED, reason, now);
	plan(row, ASK_NOTHING, 0);
}

void ledger_refuse(struct ledger_row *row, const char *reason, struct now now)
{
	enter(row, PAYMENT_DECLINED, reason, now);
	plan(row, ASK_NOTHING, 0);
}

void ledger_enter(struct ledger_row *row, enum payment_state state, bool searched, struct now now)
{
	if (state != state_of(row))
		enter(row, state, "", now);
	row->searched |= searched;
	if (!row->under_way)
		plan(row, searched ? ASK_QUERY : usual_ask(row), now.elapsed);
}

static bool may_be_known(const struct ledger_row *row)
{
	return row->called || row->searched;
}

bool ledger_want(
	struct ledger_row *row, enum payment_input input, const char *reason, struct now now)
{
	enum payment_state before = state_of(row);
	if (!apply(row, input, reason, now))
		return false;
	if (state_of(row) == PAYMENT_VOID_OWED && !may_be_known(row))
		apply(row, PAYMENT_IS_VOIDED, reason, now);
	if (state_of(row) == before || row->under_way)
		return true;
	plan(row, before == PAYMENT_CAPTURED ? ASK_REFUND : usual_ask(row), now.elapsed);
	return true;
}

bool ledger_settle(
	struct ledger_row *row, enum payment_input input, const char *reason, struct now now)
{
	if (!row->needs_person || !apply(row, input, reason, now))
		return false;
	plan(row, usual_ask(row), now.elapsed);
	return true;
}

/* --- whether an authorize may still go out --------------------------------------------------- */

enum key_age {
	KEY_FRESH,
	KEY_DOUBTFUL, /* it was off for an unknown time since */
	KEY_STALE,
};

/* Time switched off counts for the provider and not for elapsed, so it takes both clocks. */
static enum key_age age_of(
	const struct ledger_row *row, const struct ledger_rules *rules, struct now now)
{
	usec elapsed_from = row->called ? row->key_at : row->asked_at;
	usec wall_from = row->called ? row->key_wall : row->created;
	if (row->searched && uuid_time(row->fact.payment) < wall_from)
		wall_from = uuid_time(row->fact.payment);
	if (now.elapsed - elapsed_from >= rules->key_half ||
		now.wall - wall_from >= rules->key_half)
		return KEY_STALE;
	return now.sure || elapsed_from > rules->started ? KEY_FRESH : KEY_DOUBTFUL;
}

static bool is_expired(const struct ledger_row *row, struct now now)
{
	return now.wall >= row->expires_at;
}

/* An authorize that may not be begun any more, or not now. */
static bool divert(struct ledger_row *row, enum key_age age, struct now now)
{
	if (is_expired(row, now) && !may_be_known(row)) {
		ledger_mark(row, LEDGER_EXPIRED, now);
		return false;
	}
	if (age == KEY_DOUBTFUL && !may_be_known(row)) {
		plan(row, ASK_AUTHORIZE, now.elapsed + CLOCK_WAIT);
		return false;
	}
	row->ask = ASK_QUERY;
	return true;
}

bool ledger_ready(struct ledger_row *row, const struct ledger_rules *rules, struct now now)
{
	if (row->ask == ASK_NOTHING) {
		row->next_try = USEC_NEVER;
		return false;
	}
	if (row->ask != ASK_AUTHORIZE)
		return true;
	enum key_age age = age_of(row, rules, now);
	bool late = state_of(row) == PAYMENT_SENT && is_expired(row, now);
	return age == KEY_FRESH && !late ? true : divert(row, age, now);
}

void ledger_note(struct ledger_row *row, struct now now)
{
	row->under_way = true;
	row->next_try = USEC_NEVER;
	row->tries++;
	if (row->ask == ASK_AUTHORIZE && !row->called) {
		row->called = true;
		row->key_at = now.elapsed;
		row->key_wall = now.wall;
	}
}

void ledger_unnote(struct ledger_row *row, bool first, usec next_try)
{
	row->under_way = false;
	if (first)
		row->called = false;
	plan(row, usual_ask(row), next_try);
}

void ledger_recover(struct ledger_row *row, struct now now)
{
	bool waited = state_of(row) == PAYMENT_SENT && !row->called;
	if (!row->under_way && !waited)
		return;
	row->under_way = false;
	row->searched |= waited;
	plan(row, usual_ask(row) == ASK_NOTHING ? ASK_NOTHING : ASK_QUERY, now.elapsed);
}

/* --- verdicts -------------------------------------------------------------------------------- */

/* What the provider holds, as an input. */
static const enum payment_input input_of[] = {
	[PROVIDER_AUTHORIZED] = PAYMENT_IS_AUTHORIZED,
	[PROVIDER_REFUSED] = PAYMENT_IS_DECLINED,
	[PROVIDER_CAPTURED] = PAYMENT_IS_CAPTURED,
	[PROVIDER_VOIDED] = PAYMENT_IS_VOIDED,
	[PROVIDER_REFUNDED] = PAYMENT_IS_REFUNDED,
};

/* What it holds, as the state of a payment that this ledger had lost. */
static const enum payment_state found_as[] = {
	[PROVIDER_AUTHORIZED] = PAYMENT_AUTHORIZED,
	[PROVIDER_REFUSED] = PAYMENT_DECLINED,
	[PROVIDER_CAPTURED] = PAYMENT_CAPTURED,
	[PROVIDER_VOIDED] = PAYMENT_VOIDED,
	[PROVIDER_REFUNDED] = PAYMENT_REFUNDED,
};

static enum provider_state holds_now(const struct provider_verdict *verdict)
{
	static const enum provider_state after[] = {
		[PROVIDER_AUTHORIZE] = PROVIDER_AUTHORIZED,
		[PROVIDER_CAPTURE] = PROVIDER_CAPTURED,
		[PROVIDER_VOID] = PROVIDER_VOIDED,
		[PROVIDER_REFUND] = PROVIDER_REFUNDED,
	};
	return verdict->order.call == PROVIDER_QUERY ? verdict->state : after[verdict->order.call];
}

/* The provider's words go to people and into replies. */
static const char *reason_of(const struct provider_verdict *verdict)
{
	return text_is_printable(verdict->reason, strlen(verdict->reason)) ? verdict->reason : "";
}

/* The next call, once it is known what the provider holds. */
static void go_on(struct ledger_row *row, enum provider_state holds, struct now now)
{
	enum ledger_ask ask = usual_ask(row);
	if (state_of(row) == PAYMENT_REFUND_OWED)
		ask = holds == PROVIDER_CAPTURED ? ASK_REFUND : ASK_VOID;
	plan(row, ask, now.elapsed);
}

/* The provider has gone on under that id, and the machine knows of no way there: this ledger was
 * put back to an old copy, or lost the payment. The provider's word counts. */
static void catch_up(
	struct ledger_row *row, enum provider_state holds, const char *reason, struct now now)
{
	row->fact.reason[0] = '\0';
	enter(row, found_as[holds], reason, now);
}

static void take_holding(
	struct ledger_row *row, enum provider_state holds, const char *reason, struct now now)
{
	if (holds == PROVIDER_CAPTURED && state_of(row) == PAYMENT_VOID_OWED) {
		/* It was delivered, and this ledger, or the kiosk, was put back to before that:
		 * what a void gives back is a reservation. */
		row->epoch[0] = '\0';
		catch_up(row, holds, reason, now);
	} else if (!apply(row, input_of[holds], reason, now)) {
		catch_up(row, holds, reason, now);
	}
	go_on(row, holds, now);
}

/* Not authorized there, and may not be any more: makes sure that it never will. */
static void expire_at_provider(struct ledger_row *row, struct now now)
{
	apply(row, PAYMENT_WANT_BACK, LEDGER_EXPIRED, now);
	plan(row, ASK_VOID, now.elapsed);
}

static void sent_not_found(struct ledger_row *row, const struct ledger_rules *rules, usec begun,
	usec wait, struct now now)
{
	enum key_age age = age_of(row, rules, now);
	plan(row, ASK_QUERY, now.elapsed + wait);
	if (!is_expired(row, now) && age == KEY_FRESH) {
		plan(row, ASK_AUTHORIZE, now.elapsed);
	} else if (!row->called) {
		if (begun >= rules->settled)
			ledger_mark(row, LEDGER_EXPIRED, now);
	} else if (age == KEY_STALE) {
		row->needs_person = true;
	} else if (age == KEY_FRESH) {
		expire_at_provider(row, now);
	}
}

/* The provider has nothing to void. That ends it only if nobody ever asked it to authorize; else
 * the authorize is asked again, until there is something to void, or it is declined. */
static void void_not_found(struct ledger_row *row, const struct ledger_rules *rules, usec begun,
	usec wait, struct now now)
{
	plan(row, ASK_VOID, now.elapsed + wait);
	if (!row->called) {
		if (begun >= rules->settled)
			ledger_mark(row, "", now);
		return;
	}
	enum key_age age = age_of(row, rules, now);
	if (age == KEY_FRESH)
		row->ask = ASK_AUTHORIZE;
	else if (age == KEY_STALE)
		row->needs_person = true;
}

static void take_not_found(struct ledger_row *row, enum provider_call call,
	const struct ledger_rules *rules, usec begun, usec wait, struct now now)
{
	enum payment_state state = state_of(row);
	if (state == PAYMENT_NONE)
		plan(row, ASK_NOTHING, 0);
	else if (state == PAYMENT_SENT)
		sent_not_found(row, rules, begun, wait, now);
	else if (state == PAYMENT_VOID_OWED && call == PROVIDER_VOID)
		void_not_found(row, rules, begun, wait, now);
	else if (call == PROVIDER_QUERY)
		plan(row, state == PAYMENT_REFUND_OWED ? ASK_VOID : usual_ask(row), now.elapsed);
	else
		plan(row, ASK_QUERY, now.elapsed + wait);
}

static void take_trouble(
	struct ledger_row *row, const struct provider_verdict *verdict, usec wait, struct now now)
{
	TEXT_COPY(row->trouble, reason_of(verdict));
	bool asked = verdict->order.call == PROVIDER_QUERY;
	plan(row, asked ? usual_ask(row) : ASK_QUERY, now.elapsed + wait);
}

void ledger_verdict(struct ledger_row *row, const struct provider_verdict *verdict,
	const struct ledger_rules *rules, usec begun, usec wait, struct now now)
{
	enum provider_outcome outcome = verdict->outcome;
	enum provider_call call = verdict->order.call;
	row->under_way = false;
	if (outcome == PROVIDER_OK && holds_now(verdict) == PROVIDER_NOTHING)
		outcome = PROVIDER_NOT_FOUND;

	if (outcome == PROVIDER_OK)
		take_holding(row, holds_now(verdict), "", now);
	else if (outcome == PROVIDER_DECLINED && call == PROVIDER_AUTHORIZE)
		take_holding(row, PROVIDER_REFUSED, reason_of(verdict), now);
	else if (outcome == PROVIDER_NOT_FOUND)
		take_not_found(row, call, rules, begun, wait, now);
	else
		take_trouble(row, verdict, wait, now);
}

/* --- what is told ---------------------------------------------------------------------------- */

struct payment_record ledger_fact(
	const struct ledger_row *row, const struct ledger_rules *rules, struct now now)
{
	struct payment_record fact = row->fact;
	if (row->needs_person)
		TEXT_COPY(fact.reason, LEDGER_PERSON);
	else if (payment_is_open(state_of(row)) && now.elapsed - row->since >= rules->attention)
		snprintf(fact.reason, sizeof(fact.reason), "takes long: %s",
			row->trouble[0] ? row->trouble : "no answer yet");
	return fact;
}
