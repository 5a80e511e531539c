/*
 * What is under way at the provider: a bounded number of calls, those that are due in order, those
 * for new payments first; the breaker; and the verdicts that come in.
 */
#include "payment-adapter/internal.h"

#include "lib/base/log.h"
#include "lib/domain/backoff.h"

#include <string.h>

#define PLAN_MAX     64 /* rows looked at in one transaction */
#define REFUSED_WAIT SECOND

static bool is_new(const struct ledger_row *row)
{
	return row->fact.state == PAYMENT_SENT && row->ask == ASK_AUTHORIZE;
}

/* --- room ------------------------------------------------------------------------------------ */

enum room {
	ROOM_NONE,
	ROOM_FOR_NEW, /* a quarter is kept for payments that somebody waits for at a touchscreen */
	ROOM_FOR_ALL,
};

static enum room room(const struct adapter *adapter)
{
	int used = 0, calls = adapter->options.settings.calls;
	for (int i = 0; i < calls; i++)
		used += adapter->calls[i].stage != CALL_FREE;
	if (used == calls)
		return ROOM_NONE;
	return used < calls - calls / 4 ? ROOM_FOR_ALL : ROOM_FOR_NEW;
}

static struct call *free_call(struct adapter *adapter)
{
	struct call *call = adapter->calls;
	while (call->stage != CALL_FREE)
		call++;
	return call;
}

/* --- beginning ------------------------------------------------------------------------------- */

static struct provider_order order_of(const struct ledger_row *row)
{
	static const enum provider_call call_of[] = {
		[ASK_AUTHORIZE] = PROVIDER_AUTHORIZE,
		[ASK_CAPTURE] = PROVIDER_CAPTURE,
		[ASK_VOID] = PROVIDER_VOID,
		[ASK_REFUND] = PROVIDER_REFUND,
		[ASK_QUERY] = PROVIDER_QUERY,
	};
	struct provider_order order = {.call = call_of[row->ask], .amount = row->fact.amount};
	TEXT_COPY(order.payment, row->fact.payment);
	TEXT_COPY(order.currency, row->fact.currency);
	if (row->ask == ASK_AUTHORIZE)
		TEXT_COPY(order.method, row->method);
	return order;
}

/* The breaker lets no authorize pass now. One that was never begun wakes up to expire. */
static void put_off(struct adapter *adapter, struct ledger_row *row)
{
	struct now now = adapter->now;
	usec wait = backoff_spread(
		breaker_retry_after(&adapter->breaker, now.elapsed), adapter->options.random);
	if (!row->called && row->expires_at - now.wall < wait)
		wait = row->expires_at - now.wall;
	row->next_try = now.elapsed + wait;
	adapter_put(adapter, row);
}

static void note(struct adapter *adapter, struct ledger_row *row)
{
	struct breaker_ticket ticket = breaker_watch(&adapter->breaker);
	if (is_new(row) && !breaker_admit(&adapter->breaker, adapter->now.elapsed, &ticket)) {
		put_off(adapter, row);
		return;
	}
	struct call *call = free_call(adapter);
	*call = (struct call){
		.stage = CALL_NOTED,
		.order = order_of(row),
		.ticket = ticket,
		.first = row->ask == ASK_AUTHORIZE && !row->called,
		.begun = adapter->now.elapsed,
	};
	ledger_note(row, adapter->now);
	adapter_put(adapter, row);
}

void calls_plan(struct adapter *adapter)
{
	struct ledger_row row;
	for (int i = 0; i < PLAN_MAX && room(adapter) != ROOM_NONE; i++) {
		if (!store_ledger_due(adapter->database, room(adapter) == ROOM_FOR_NEW,
			    adapter->now.elapsed, &row))
			return;
		if (ledger_ready(&row, &adapter->rules, adapter->now))
			note(adapter, &row);
		else
			adapter_put(adapter, &row);
	}
}

void calls_begin(struct adapter *adapter)
{
	struct provider_port *provider = adapter->options.provider;
	for (int i = 0; i < adapter->options.settings.calls; i++) {
		struct call *call = &adapter->calls[i];
		if (call->stage == CALL_NOTED)
			call->stage = provider->begin(provider, &call->order) < 0 ? CALL_REFUSED
										  : CALL_BEGUN;
	}
}

/* --- ending ---------------------------------------------------------------------------------- */

static usec next_wait(struct adapter *adapter, const struct ledger_row *row)
{
	const struct adapter_settings *settings = &adapter->options.settings;
	int attempts = row->tries > 64 ? 64 : (int)row->tries;
	struct backoff backoff = {
		.base = settings->try_first, .cap = settings->try_max, .attempts = attempts};
	return settings->try_first / 2 + backoff_next(&backoff, adapter->options.random);
}

static struct call *call_of(struct adapter *adapter, const struct provider_order *order)
{
	for (int i = 0; i < adapter->options.settings.calls; i++) {
		struct call *call = &adapter->calls[i];
		if (call->stage == CALL_BEGUN && call->order.call == order->call &&
			strcmp(call->order.payment, order->payment) == 0)
			return call;
	}
	return NULL;
}

static void take_verdict(struct adapter *adapter, const struct provider_verdict *verdict)
{
	struct call *call = call_of(adapter, &verdict->order);
	struct ledger_row row;
	if (!call) {
		log_warning(
			"provider: a verdict on %s that nobody waits for", verdict->order.payment);
		return;
	}
	call->stage = CALL_FREE;
	breaker_report(&adapter->breaker, call->ticket, verdict->outcome != PROVIDER_UNKNOWN,
		verdict->took, adapter->now.elapsed);
	if (!store_ledger_read(adapter->database, verdict->order.payment, &row))
		return; /* the database has failed; the commit says so */
	ledger_verdict(&row, verdict, &adapter->rules, call->begun, next_wait(adapter, &row),
		adapter->now);
	adapter_put(adapter, &row);
}

static void take_refusal(struct adapter *adapter, struct call *call)
{
	struct ledger_row row;
	call->stage = CALL_FREE;
	breaker_forget(&adapter->breaker, call->ticket);
	if (!store_ledger_read(adapter->database, call->order.payment, &row))
		return;
	ledger_unnote(&row, call->first, adapter->now.elapsed + REFUSED_WAIT);
	adapter_put(adapter, &row);
}

static bool has_refusals(const struct adapter *adapter)
{
	for (int i = 0; i < adapter->options.settings.calls; i++)
		if (adapter->calls[i].stage == CALL_REFUSED)
			return true;
	return false;
}

static usec rows_due(struct adapter *adapter) /* elapsed */
{
	enum room left = room(adapter);
	return left == ROOM_NONE ? USEC_NEVER
				 : store_ledger_next_due(adapter->database, left == ROOM_FOR_NEW);
}

int calls_tick(struct adapter *adapter)
{
	struct provider_port *provider = adapter->options.provider;
	struct provider_verdict verdict;
	breaker_tick(&adapter->breaker, adapter->now.elapsed);
	provider->tick(provider, adapter->keeper.boottime);
	bool verdicts = provider->next_verdict(provider, &verdict) == 1;
	if (!verdicts && !has_refusals(adapter) && rows_due(adapter) > adapter->now.elapsed)
		return 0;

	adapter_begin(adapter);
	for (int i = 0; i < adapter->options.settings.calls; i++)
		if (adapter->calls[i].stage == CALL_REFUSED)
			take_refusal(adapter, &adapter->calls[i]);
	for (; verdicts; verdicts = provider->next_verdict(provider, &verdict) == 1)
		take_verdict(adapter, &verdict);
	return adapter_end(adapter);
}

usec calls_next_due(struct adapter *adapter)
{
	struct provider_port *provider = adapter->options.provider;
	if (has_refusals(adapter))
		return adapter->keeper.boottime;
	usec due = usec_min(rows_due(adapter), breaker_next_due(&adapter->breaker));
	return usec_min(provider->next_due(provider), timekeeper_boottime(&adapter->keeper, due));
}

/* --- shedding -------------------------------------------------------------------------------- */

int64_t calls_retry_after(struct adapter *adapter)
{
	usec wait = breaker_retry_after(&adapter->breaker, adapter->now.elapsed);
	return (wait + MSEC - 1) / MSEC;
}

bool calls_full(struct adapter *adapter, const char *kiosk)
{
	return store_ledger_waiting(adapter->database) >= adapter->options.settings.queue &&
	       store_ledger_has_waiting(adapter->database, kiosk);
}

bool calls_shed(struct adapter *adapter, const char *kiosk, struct reply_record *reply)
{
	const struct breaker *breaker = &adapter->breaker;
	breaker_tick(&adapter->breaker, adapter->now.elapsed);
	bool probing = breaker->state == BREAKER_HALF_OPEN;
	if (breaker->state == BREAKER_OPEN ||
		(probing && breaker->admitted >= breaker->settings.probes))
		reply_set(reply, REPLY_PAYMENTS_CLOSED, "the payment provider does not answer");
	else if (calls_full(adapter, kiosk))
		reply_set(reply, REPLY_BUSY, "too many payments wait");
	else
		return false;
	reply->retry_after = calls_retry_after(adapter);
	return true;
}
