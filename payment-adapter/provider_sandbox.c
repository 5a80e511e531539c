#include "payment-adapter/provider_sandbox.h"

#include "lib/base/text.h"
#include "payment-adapter/sandbox_fault.h"
#include "payment-adapter/store_sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TRY_AGAIN SECOND /* after what comes by itself could not be stored */

/* What the provider says to a call, and whether the caller gets to hear it. */
struct answer {
	enum provider_outcome outcome;
	enum provider_state state;
	const char *reason;
};

struct call {
	struct provider_order order;
	enum provider_sandbox_fault fault;
	usec begun;
	usec effect_at; /* USEC_NEVER: it has none, or has had it */
	usec ends_at;   /* USEC_NEVER: the place is free */
	bool ended;
	usec took;
	struct answer answer;
};

struct provider_sandbox {
	struct provider_port port; /* first: the port is the object */
	struct provider_sandbox_settings settings;
	struct clock_port *clock;
	struct random_port *random;
	struct store_sandbox *store;
	bool down;
	usec deferred_at; /* the next effect that comes by itself, or USEC_NEVER */
	struct call calls[PROVIDER_SANDBOX_CALLS_MAX];
};

struct provider_sandbox_settings provider_sandbox_defaults(const char *path)
{
	return (struct provider_sandbox_settings){
		.path = path,
		.delay = 400 * MSEC,
		.spread = 220 * MSEC,
		.slow = 5 * SECOND,
		.timeout = 10 * SECOND,
		.late = 5 * SECOND,
		.moment = SANDBOX_HALF_WAY,
		.calls = 16,
	};
}

/* --- what a call does ------------------------------------------------------------------------ */

/* What each call (but a query) does to what is held. A next state other than the one it is in means
 * that money moves. */
struct rule {
	enum provider_outcome outcome;
	enum provider_state next;
	const char *reason;
};

static const struct rule rules[PROVIDER_QUERY][PROVIDER_REFUNDED + 1] = {
	[PROVIDER_AUTHORIZE] =
		{
			[PROVIDER_NOTHING] = {PROVIDER_OK, PROVIDER_AUTHORIZED, ""},
			[PROVIDER_AUTHORIZED] = {PROVIDER_OK, PROVIDER_AUTHORIZED, ""},
			[PROVIDER_REFUSED] = {PROVIDER_DECLINED, PROVIDER_REFUSED, "declined"},
			/* The same id gets the same answer, whatever became of it. */
			[PROVIDER_CAPTURED] = {PROVIDER_OK, PROVIDER_CAPTURED, ""},
			[PROVIDER_VOIDED] = {PROVIDER_OK, PROVIDER_VOIDED, ""},
			[PROVIDER_REFUNDED] = {PROVIDER_OK, PROVIDER_REFUNDED, ""},
		},
	[PROVIDER_CAPTURE] =
		{
			[PROVIDER_NOTHING] = {PROVIDER_NOT_FOUND, PROVIDER_NOTHING, "not found"},
			[PROVIDER_AUTHORIZED] = {PROVIDER_OK, PROVIDER_CAPTURED, ""},
			[PROVIDER_REFUSED] = {PROVIDER_DECLINED, PROVIDER_REFUSED, "declined"},
			[PROVIDER_CAPTURED] = {PROVIDER_OK, PROVIDER_CAPTURED, ""},
			[PROVIDER_VOIDED] = {PROVIDER_DECLINED, PROVIDER_VOIDED, "voided"},
			[PROVIDER_REFUNDED] = {PROVIDER_OK, PROVIDER_REFUNDED, ""},
		},
	[PROVIDER_VOID] =
		{
			[PROVIDER_NOTHING] = {PROVIDER_NOT_FOUND, PROVIDER_NOTHING, "not found"},
			[PROVIDER_AUTHORIZED] = {PROVIDER_OK, PROVIDER_VOIDED, ""},
			[PROVIDER_REFUSED] = {PROVIDER_DECLINED, PROVIDER_REFUSED, "declined"},
			[PROVIDER_CAPTURED] = {PROVIDER_UNKNOWN, PROVIDER_CAPTURED,
				"captured already"},
			[PROVIDER_VOIDED] = {PROVIDER_OK, PROVIDER_VOIDED, ""},
			[PROVIDER_REFUNDED] =
				{PROVIDER_UNKNOWN, PROVIDER_REFUNDED, "captured already"},
		},
	[PROVIDER_REFUND] =
		{
			[PROVIDER_NOTHING] = {PROVIDER_NOT_FOUND, PROVIDER_NOTHING, "not found"},
			[PROVIDER_AUTHORIZED] = {PROVIDER_UNKNOWN, PROVIDER_AUTHORIZED,
				"not captured"},
			[PROVIDER_REFUSED] = {PROVIDER_DECLINED, PROVIDER_REFUSED, "declined"},
			[PROVIDER_CAPTURED] = {PROVIDER_OK, PROVIDER_REFUNDED, ""},
			[PROVIDER_VOIDED] = {PROVIDER_DECLINED, PROVIDER_VOIDED, "voided"},
			[PROVIDER_REFUNDED] = {PROVIDER_OK, PROVIDER_REFUNDED, ""},
		},
};

static const struct answer not_found = {.outcome = PROVIDER_NOT_FOUND, .reason = "not found"};
static const struct answer timed_out = {.outcome = PROVIDER_UNKNOWN, .reason = "timeout"};
static const struct answer broken = {.outcome = PROVIDER_UNKNOWN, .reason = "error"};
static const struct answer lost = {.outcome = PROVIDER_UNKNOWN, .reason = "answer lost"};

static struct answer query(const struct sandbox_account *account)
{
	if (account->state == PROVIDER_NOTHING)
		return not_found;
	return (struct answer){.outcome = PROVIDER_OK, .state = account->state, .reason = ""};
}

/* Does what is asked for, once. decline: an authorize that is the first to get here is refused. */
static struct answer carry_out(
	struct store_sandbox *store, const struct provider_order *order, bool decline)
{
	struct sandbox_account account = {.state = PROVIDER_NOTHING};
	bool known = store_sandbox_get(store, order->payment, &account);
	if (order->call == PROVIDER_QUERY)
		return query(&account);
	if (known &&
		(account.amount != order->amount || strcmp(account.currency, order->currency) != 0))
		return (struct answer){.outcome = PROVIDER_UNKNOWN, .reason = "another amount"};

	if (decline && order->call == PROVIDER_AUTHORIZE && account.state == PROVIDER_NOTHING) {
		account.state = PROVIDER_REFUSED;
		store_sandbox_put(store, &account);
	}
	const struct rule *rule = &rules[order->call][account.state];
	if (rule->next != account.state) {
		account.state = rule->next;
		store_sandbox_put(store, &account);
		store_sandbox_move_money(store, order);
	}
	return (struct answer){.outcome = rule->outcome, .reason = rule->reason};
}

/* --- a call under way ------------------------------------------------------------------------ */

/* Ends a step. If it could not be done, what comes by itself is looked at again soon. */
static int commit(struct provider_sandbox *sandbox)
{
	struct provider_order order;
	usec due;
	if (!store_sandbox_next_deferred(sandbox->store, &order, &due))
		due = USEC_NEVER;
	int r = store_sandbox_commit(sandbox->store);
	sandbox->deferred_at = r == 0 ? due : sandbox->clock->boottime(sandbox->clock) + TRY_AGAIN;
	return r;
}

/* Opens an account at the first authorize, and counts the call. Returns the fault
 * that strikes it. */
static enum provider_sandbox_fault enlist(
	struct provider_sandbox *sandbox, const struct provider_order *order)
{
	struct sandbox_account account = {.amount = order->amount};
	bool known = store_sandbox_get(sandbox->store, order->payment, &account);
	if (!known)
		TEXT_COPY(account.method, order->method);
	if (!known && order->call == PROVIDER_AUTHORIZE) {
		TEXT_COPY(account.payment, order->payment);
		TEXT_COPY(account.currency, order->currency);
		store_sandbox_put(sandbox->store, &account);
	}
	int64_t asked = store_sandbox_ask(sandbox->store, order);
	enum provider_sandbox_fault fault =
		sandbox_fault_of_method(account.method, order->call, asked);
	if (fault == SANDBOX_OK)
		fault = sandbox_fault_by_chance(sandbox->settings.per_thousand, sandbox->random);
	return sandbox->down ? SANDBOX_ERROR : fault;
}

static bool comes_later(const struct call *call)
{
	return (call->fault == SANDBOX_LATE || call->fault == SANDBOX_NOTFOUND) &&
	       call->order.call != PROVIDER_QUERY;
}

static usec moment_of_effect(const struct provider_sandbox_settings *settings, usec delay)
{
	switch (settings->moment) {
	case SANDBOX_AT_BEGIN:
		return 0;
	case SANDBOX_HALF_WAY:
		return delay / 2;
	default:
		return delay;
	}
}

/* When the call has its effect and its end, unless something happens in between. */
static void plan_call(struct provider_sandbox *sandbox, struct call *call)
{
	const struct provider_sandbox_settings *settings = &sandbox->settings;
	usec delay = settings->delay;
	delay += (usec)random_below(sandbox->random, (uint64_t)settings->spread + 1);
	if (call->fault == SANDBOX_SLOW)
		delay = settings->slow;
	bool waits = call->fault == SANDBOX_TIMEOUT || call->fault == SANDBOX_LATE;
	if (waits || delay >= settings->timeout)
		delay = settings->timeout;
	call->ends_at = call->begun + delay;
	call->effect_at = call->begun + moment_of_effect(settings, delay);
	if (waits || call->fault == SANDBOX_ERROR || comes_later(call))
		call->effect_at = USEC_NEVER;
	if (comes_later(call)) {
		usec heard = call->fault == SANDBOX_LATE ? settings->timeout : 0;
		store_sandbox_defer(
			sandbox->store, &call->order, call->begun + heard + settings->late);
	}
}

static void take_effect(struct provider_sandbox *sandbox, struct call *call)
{
	store_sandbox_begin(sandbox->store);
	call->answer = carry_out(sandbox->store, &call->order, call->fault == SANDBOX_DECLINED);
	if (commit(sandbox) < 0)
		call->fault = SANDBOX_ERROR;
	call->effect_at = USEC_NEVER;
}

static void take_deferred(struct provider_sandbox *sandbox)
{
	struct provider_order order;
	usec due;
	store_sandbox_begin(sandbox->store);
	if (store_sandbox_next_deferred(sandbox->store, &order, &due)) {
		carry_out(sandbox->store, &order, false);
		store_sandbox_drop_deferred(sandbox->store, &order);
	}
	commit(sandbox);
}

static void end_call(struct provider_sandbox *sandbox, struct call *call, usec now)
{
	call->ended = true;
	call->took = now - call->begun;
	switch (call->fault) {
	case SANDBOX_ERROR:
		call->answer = broken;
		return;
	case SANDBOX_TIMEOUT:
	case SANDBOX_LATE:
		call->answer = timed_out;
		return;
	case SANDBOX_NOTFOUND:
		call->answer = call->order.call == PROVIDER_QUERY ? not_found : lost;
		return;
	case SANDBOX_LOST:
		call->answer = lost;
		return;
	default:
		if (call->ends_at == call->begun + sandbox->settings.timeout)
			call->answer = timed_out;
	}
}

/* --- the port -------------------------------------------------------------------------------- */

static struct provider_sandbox *of_port(struct provider_port *provider)
{
	return (struct provider_sandbox *)provider;
}

static struct call *find_place(struct provider_sandbox *sandbox)
{
	for (int i = 0; i < sandbox->settings.calls; i++)
		if (sandbox->calls[i].ends_at == USEC_NEVER)
			return &sandbox->calls[i];
	return NULL;
}

static int sandbox_begin(struct provider_port *provider, const struct provider_order *order)
{
	struct provider_sandbox *sandbox = of_port(provider);
	struct call *call = find_place(sandbox);
	if (!call)
		return -EAGAIN;
	*call = (struct call){.order = *order, .begun = sandbox->clock->boottime(sandbox->clock)};
	store_sandbox_begin(sandbox->store);
	call->fault = enlist(sandbox, order);
	plan_call(sandbox, call);
	if (commit(sandbox) < 0) {
		call->fault = SANDBOX_ERROR;
		call->effect_at = USEC_NEVER;
	}
	if (call->effect_at <= call->begun)
		take_effect(sandbox, call);
	return 0;
}

static int sandbox_next_verdict(
	struct provider_port *provider, struct provider_verdict *ret_verdict)
{
	struct provider_sandbox *sandbox = of_port(provider);
	struct call *first = NULL;
	for (int i = 0; i < sandbox->settings.calls; i++) {
		struct call *call = &sandbox->calls[i];
		if (call->ended && (!first || call->ends_at < first->ends_at))
			first = call;
	}
	if (!first)
		return 0;
	*ret_verdict = (struct provider_verdict){
		.order = first->order,
		.outcome = first->answer.outcome,
		.state = first->answer.state,
		.took = first->took,
	};
	TEXT_COPY(ret_verdict->reason, first->answer.reason);
	*first = (struct call){.ends_at = USEC_NEVER};
	return 1;
}

static int sandbox_fd(struct provider_port *provider)
{
	(void)provider;
	return -1;
}

/* What is due next: an effect or the end of a call. */
static usec due_of(const struct call *call)
{
	if (call->ended || call->ends_at == USEC_NEVER)
		return USEC_NEVER;
	return usec_min(call->effect_at, call->ends_at);
}

static struct call *next_call(struct provider_sandbox *sandbox)
{
	struct call *next = &sandbox->calls[0];
	for (int i = 1; i < sandbox->settings.calls; i++)
		if (due_of(&sandbox->calls[i]) < due_of(next))
			next = &sandbox->calls[i];
	return next;
}

static usec sandbox_next_due(struct provider_port *provider)
{
	struct provider_sandbox *sandbox = of_port(provider);
	return usec_min(sandbox->deferred_at, due_of(next_call(sandbox)));
}

/* Does what has become due in the order of time, however late it is called. */
static void sandbox_tick(struct provider_port *provider, usec boottime)
{
	struct provider_sandbox *sandbox = of_port(provider);
	while (sandbox_next_due(provider) <= boottime) {
		struct call *call = next_call(sandbox);
		if (sandbox->deferred_at <= due_of(call))
			take_deferred(sandbox);
		else if (call->effect_at <= call->ends_at)
			take_effect(sandbox, call);
		else
			end_call(sandbox, call, boottime);
	}
}

static struct provider_port *sandbox_free(struct provider_port *provider)
{
	struct provider_sandbox *sandbox = of_port(provider);
	if (!sandbox)
		return NULL;
	store_sandbox_close(sandbox->store);
	free(sandbox);
	return NULL;
}

int provider_sandbox_new(const struct provider_sandbox_settings *settings, struct clock_port *clock,
	struct random_port *random, struct provider_port **ret_provider)
{
	if (settings->calls < 1 || settings->calls > PROVIDER_SANDBOX_CALLS_MAX)
		return -EINVAL;
	struct provider_sandbox *sandbox = calloc(1, sizeof(*sandbox));
	if (!sandbox)
		abort();
	*sandbox = (struct provider_sandbox){
		.port = {.begin = sandbox_begin,
			.next_verdict = sandbox_next_verdict,
			.fd = sandbox_fd,
			.next_due = sandbox_next_due,
			.tick = sandbox_tick,
			.free = sandbox_free},
		.settings = *settings,
		.clock = clock,
		.random = random,
	};
	for (int i = 0; i < PROVIDER_SANDBOX_CALLS_MAX; i++)
		sandbox->calls[i].ends_at = USEC_NEVER;
	int r = store_sandbox_open(settings->path, settings->vfs, &sandbox->store);
	if (r < 0) {
		free(sandbox);
		return r;
	}
	/* The clock may count from elsewhere now; nothing is due later than it could ever have
	 * been. */
	store_sandbox_begin(sandbox->store);
	store_sandbox_defer_until(
		sandbox->store, clock->boottime(clock) + settings->timeout + settings->late);
	r = commit(sandbox);
	if (r < 0) {
		sandbox_free(&sandbox->port);
		return r;
	}
	*ret_provider = &sandbox->port;
	return 0;
}

void provider_sandbox_down(struct provider_port *provider, bool down)
{
	of_port(provider)->down = down;
}

void provider_sandbox_each(struct provider_port *provider,
	void (*told)(void *context, const struct provider_sandbox_holding *holding), void *context)
{
	struct store_sandbox *store = of_port(provider)->store;
	struct sandbox_account account = {.payment = ""};
	while (store_sandbox_after(store, account.payment, &account)) {
		struct provider_sandbox_holding holding = {
			.state = account.state, .amount = account.amount};
		TEXT_COPY(holding.payment, account.payment);
		TEXT_COPY(holding.currency, account.currency);
		for (int call = 0; call < PROVIDER_QUERY; call++)
			holding.moved[call] = store_sandbox_moved(
				store, account.payment, (enum provider_call)call);
		told(context, &holding);
	}
}
