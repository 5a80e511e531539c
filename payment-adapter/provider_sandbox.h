/*
 * A make-believe card acquirer, for demos and tests: a provider whose money is a table in a SQLite
 * file of its own. It stands for a machine somewhere else: what it holds outlives a crash of the
 * adapter, and a test can read there what was really charged, while it runs or afterwards.
 *
 * A call takes delay plus 0..spread, and has its effect at some moment in between, so that a crash
 * of the adapter can leave it done and unheard of. It does each call once per payment id and gives
 * the same answer again. What is impossible under an id (void after capture) is answered with
 * PROVIDER_UNKNOWN and a reason; a query tells how things stand.
 *
 * Faults come with the payment's method, "tok-FAULT", and strike the first authorize under an id,
 * so that asking again heals them. tok-FAULT-CALL strikes the first such call instead, and with
 * -always behind it, each one. Any other "tok-..." is declined, lest a slip in a test goes unseen.
 * FAULT is one of
 *
 * - ok: none, as with any method that does not begin with tok-
 * - declined: of authorize: no, for ever; of other calls: nothing
 * - error: no effect, PROVIDER_UNKNOWN
 * - timeout: no effect, no answer: PROVIDER_UNKNOWN when the time-out has passed
 * - lost: the effect, but its answer is lost: PROVIDER_UNKNOWN
 * - slow: takes a delay of slow
 * - late: as timeout, but the effect comes after all, late after the time-out
 * - notfound: as lost, but the effect comes late after begin, and until then the id is not found;
 *   of a query: PROVIDER_NOT_FOUND whatever there is
 */
#ifndef LENDLOCK_PAYMENT_ADAPTER_PROVIDER_SANDBOX_H
#define LENDLOCK_PAYMENT_ADAPTER_PROVIDER_SANDBOX_H

#include "lib/ports/clock.h"
#include "lib/ports/random.h"
#include "payment-adapter/provider.h"

#define PROVIDER_SANDBOX_CALLS_MAX 64

enum provider_sandbox_fault {
	SANDBOX_OK,
	SANDBOX_DECLINED,
	SANDBOX_ERROR,
	SANDBOX_TIMEOUT,
	SANDBOX_LOST,
	SANDBOX_SLOW,
	SANDBOX_LATE,
	SANDBOX_NOTFOUND,
	SANDBOX_FAULTS
};

enum provider_sandbox_moment {
	SANDBOX_AT_BEGIN,
	SANDBOX_HALF_WAY,
	SANDBOX_AT_END,
};

struct provider_sandbox_settings {
	const char *path; /* of its file, which is made if need be; borrowed for the call */
	const char *vfs;  /* SQLite's, or NULL for the usual one */
	usec delay, spread;
	usec slow;
	usec timeout;
	usec late;
	enum provider_sandbox_moment moment; /* of the effect */
	int calls;                           /* under way at once, 1..PROVIDER_SANDBOX_CALLS_MAX */
	/* How many of a thousand calls are struck by each fault whatever their method is. */
	int per_thousand[SANDBOX_FAULTS];
};

/* 400 ms and 0..220 ms; slow 5 s, time-out 10 s, late 5 s; half way; 16 calls; no random faults. */
struct provider_sandbox_settings provider_sandbox_defaults(const char *path);

/* Borrows clock and random for its life; ended by its port's free(), which drops the calls under
 * way as a crash would. Has no fd: tick() at next_due(). 0; -EINVAL: a wrong number of calls; -EIO.
 * When its file fails later, it aborts: it is no part of what is to be proved. */
int provider_sandbox_new(const struct provider_sandbox_settings *settings, struct clock_port *clock,
	struct random_port *random, struct provider_port **ret_provider);

/* While it is down, each call that begins ends as with a fault "error". */
void provider_sandbox_down(struct provider_port *provider, bool down);

/* What is held under each id, in the order of the ids. moved[call]: how often that call moved money
 * (a query moves none); more than once is one time too many. */
struct provider_sandbox_holding {
	char payment[37];
	enum provider_state state;
	int64_t amount;
	char currency[4];
	int64_t moved[PROVIDER_QUERY];
};
void provider_sandbox_each(struct provider_port *provider,
	void (*told)(void *context, const struct provider_sandbox_holding *holding), void *context);

#endif
