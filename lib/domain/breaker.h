/*
 * A circuit breaker before something that may be down (M. Nygard, Release It!, 2nd ed., 5.2): pure,
 * time comes in.
 *
 * Calls that were let through are remembered in a window of the last so many. When enough of them
 * failed, or took too long, the breaker opens and calls are shed at once, instead of each waiting
 * for its time-out. After a while it lets a few through to see.
 *
 * The caller says what a failure is. That the other side answered "no" (a declined card) is none:
 * it is there, and works.
 */
#ifndef LENDLOCK_DOMAIN_BREAKER_H
#define LENDLOCK_DOMAIN_BREAKER_H

#include "lib/base/time.h"

#include <stdbool.h>
#include <stdint.h>

#define BREAKER_WINDOW_MAX 128
#define BREAKER_RETRY_MIN  SECOND
#define BREAKER_RETRY_MAX  (60 * SECOND)

enum breaker_state {
	BREAKER_CLOSED,    /* all calls pass. Then: open, by their results */
	BREAKER_OPEN,      /* no call passes. Then: half-open, by time */
	BREAKER_HALF_OPEN, /* some pass as probes. Then: closed or open, by their results */
};

extern const char *const breaker_state_names[]; /* "closed", "open", "half-open" */

struct breaker_settings {
	int window;          /* calls remembered while closed, 1..BREAKER_WINDOW_MAX */
	int minimum_calls;   /* with fewer in the window it does not open, 1..window */
	int failure_percent; /* of the calls in the window, 1..100: opens at that many */
	int slow_percent;    /* the same for slow ones; 0: being slow is no reason */
	usec slow_call;      /* that long is slow */
	usec open_for;       /* how long it stays open the first time; */
	usec open_for_max;   /* it doubles each time that probing fails, up to this */
	int probes;          /* that many pass while half-open, and all must be good, >= 1 */
};

struct breaker {
	struct breaker_settings settings;
	enum breaker_state state;
	uint64_t era; /* rises with each change of state */

	/* Closed: a ring of what the last calls did. */
	uint8_t calls[BREAKER_WINDOW_MAX];
	int count, next, failures, slow;

	/* Open, and what it was when it was that. */
	usec open_for;
	usec until;

	/* Half-open. */
	int admitted, passed;
};

/* Given out with a call and handed back with its result. A result that comes after the breaker has
 * changed its state counts for nothing. */
struct breaker_ticket {
	uint64_t era;
	bool probe;
};

/* Starts closed. now: of any clock that never goes back, the same in all calls. */
void breaker_start(struct breaker *breaker, const struct breaker_settings *settings);

/* Whether a call may pass; if so it must be reported or forgotten. */
bool breaker_admit(struct breaker *breaker, usec now, struct breaker_ticket *ret_ticket);
/* The ticket of a call that is made whatever the breaker says. Its result counts while closed. */
struct breaker_ticket breaker_watch(const struct breaker *breaker);
/* The call has ended. */
void breaker_report(
	struct breaker *breaker, struct breaker_ticket ticket, bool success, usec took, usec now);
/* The call was not made after all. */
void breaker_forget(struct breaker *breaker, struct breaker_ticket ticket);

/* Goes from open to half-open when that is due (breaker_admit() does so too). */
void breaker_tick(struct breaker *breaker, usec now);
usec breaker_next_due(const struct breaker *breaker); /* or USEC_NEVER */

/* What a caller who was shed should be told to wait: BREAKER_RETRY_MIN..BREAKER_RETRY_MAX. */
usec breaker_retry_after(const struct breaker *breaker, usec now);

#endif
