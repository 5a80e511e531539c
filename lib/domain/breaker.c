#include "lib/domain/breaker.h"

#include <string.h>

#define CALL_FAILED 1
#define CALL_SLOW   2

const char *const breaker_state_names[] = {
	[BREAKER_CLOSED] = "closed",
	[BREAKER_OPEN] = "open",
	[BREAKER_HALF_OPEN] = "half-open",
};

static void enter(struct breaker *breaker, enum breaker_state state)
{
	breaker->state = state;
	breaker->era++;
	breaker->count = breaker->next = breaker->failures = breaker->slow = 0;
	breaker->admitted = breaker->passed = 0;
}

static void open_up(struct breaker *breaker, usec now)
{
	const struct breaker_settings *settings = &breaker->settings;
	bool again = breaker->state == BREAKER_HALF_OPEN;
	usec longest = settings->open_for_max > settings->open_for ? settings->open_for_max
								   : settings->open_for;
	breaker->open_for = again ? usec_min(2 * breaker->open_for, longest) : settings->open_for;
	breaker->until = now + breaker->open_for;
	enter(breaker, BREAKER_OPEN);
}

void breaker_start(struct breaker *breaker, const struct breaker_settings *settings)
{
	memset(breaker, 0, sizeof(*breaker));
	breaker->settings = *settings;
}

void breaker_tick(struct breaker *breaker, usec now)
{
	if (breaker->state == BREAKER_OPEN && now >= breaker->until)
		enter(breaker, BREAKER_HALF_OPEN);
}

usec breaker_next_due(const struct breaker *breaker)
{
	return breaker->state == BREAKER_OPEN ? breaker->until : USEC_NEVER;
}

bool breaker_admit(struct breaker *breaker, usec now, struct breaker_ticket *ret_ticket)
{
	breaker_tick(breaker, now);
	if (breaker->state == BREAKER_OPEN)
		return false;
	bool probe = breaker->state == BREAKER_HALF_OPEN;
	if (probe && breaker->admitted == breaker->settings.probes)
		return false;
	breaker->admitted += probe;
	*ret_ticket = (struct breaker_ticket){.era = breaker->era, .probe = probe};
	return true;
}

struct breaker_ticket breaker_watch(const struct breaker *breaker)
{
	return (struct breaker_ticket){.era = breaker->era};
}

/* The new one pushes the oldest out of a full window. */
static void remember(struct breaker *breaker, uint8_t call)
{
	uint8_t oldest = 0;
	if (breaker->count == breaker->settings.window)
		oldest = breaker->calls[breaker->next];
	else
		breaker->count++;
	breaker->calls[breaker->next] = call;
	breaker->next = (breaker->next + 1) % breaker->settings.window;
	breaker->failures += !!(call & CALL_FAILED) - !!(oldest & CALL_FAILED);
	breaker->slow += !!(call & CALL_SLOW) - !!(oldest & CALL_SLOW);
}

static bool is_too_bad(const struct breaker *breaker)
{
	const struct breaker_settings *settings = &breaker->settings;
	if (breaker->count < settings->minimum_calls)
		return false;
	return 100 * breaker->failures >= settings->failure_percent * breaker->count ||
	       (settings->slow_percent > 0 &&
		       100 * breaker->slow >= settings->slow_percent * breaker->count);
}

static void report_probe(struct breaker *breaker, uint8_t call, usec now)
{
	bool bad = (call & CALL_FAILED) || (breaker->settings.slow_percent > 0 && call);
	if (bad)
		open_up(breaker, now);
	else if (++breaker->passed == breaker->settings.probes)
		enter(breaker, BREAKER_CLOSED);
}

void breaker_report(
	struct breaker *breaker, struct breaker_ticket ticket, bool success, usec took, usec now)
{
	if (ticket.era != breaker->era)
		return;
	uint8_t call = (uint8_t)((success ? 0 : CALL_FAILED) |
				 (took >= breaker->settings.slow_call ? CALL_SLOW : 0));
	if (ticket.probe) {
		report_probe(breaker, call, now);
	} else if (breaker->state == BREAKER_CLOSED) {
		remember(breaker, call);
		if (is_too_bad(breaker))
			open_up(breaker, now);
	}
}

void breaker_forget(struct breaker *breaker, struct breaker_ticket ticket)
{
	if (ticket.era == breaker->era && ticket.probe)
		breaker->admitted--;
}

usec breaker_retry_after(const struct breaker *breaker, usec now)
{
	usec wait = BREAKER_RETRY_MIN;
	if (breaker->state == BREAKER_OPEN)
		wait = breaker->until - now;
	else if (breaker->state == BREAKER_HALF_OPEN)
		wait = breaker->settings.slow_call; /* by then the probes are back */
	wait = usec_min(wait, BREAKER_RETRY_MAX);
	return wait > BREAKER_RETRY_MIN ? wait : BREAKER_RETRY_MIN;
}
