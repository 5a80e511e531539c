/*
 * The provider port: whoever moves the money (a card acquirer, a wallet). Calls begin here and end
 * later, with a verdict that the adapter picks up; nothing blocks.
 *
 * The payment id is the idempotency key: a provider asked twice with one id does it once and gives
 * the same verdict twice. A void of an id that it does not know is PROVIDER_NOT_FOUND, or
 * PROVIDER_OK if from then on it refuses to authorize that id; both are lived with (ledger.h).
 */
#ifndef LENDLOCK_PAYMENT_ADAPTER_PROVIDER_H
#define LENDLOCK_PAYMENT_ADAPTER_PROVIDER_H

#include "lib/base/time.h"

#include <stdbool.h>

#define PROVIDER_REASON_MAX 64

enum provider_call {
	PROVIDER_AUTHORIZE,
	PROVIDER_CAPTURE,
	PROVIDER_VOID,
	PROVIDER_REFUND,
	PROVIDER_QUERY,
};

enum provider_outcome {
	PROVIDER_OK,	    /* done; for a query: see state */
	PROVIDER_DECLINED,  /* definite: no money, now or later, under this id */
	PROVIDER_NOT_FOUND, /* it knows no such id (yet: a call under way may still arrive) */
	PROVIDER_UNKNOWN,   /* no answer, a time-out, an error: it may have happened or not */
};

/* What the provider holds under an id, as a query tells. */
enum provider_state {
	PROVIDER_NOTHING,
	PROVIDER_AUTHORIZED,
	PROVIDER_REFUSED,
	PROVIDER_CAPTURED,
	PROVIDER_VOIDED,
	PROVIDER_REFUNDED,
};

struct provider_order {
	enum provider_call call;
	char payment[37];  /* UUID; the idempotency key */
	int64_t amount;	   /* minor unit, > 0 */
	char currency[4];  /* ISO 4217 */
	char method[65];   /* a token; never card data. Only for authorize. */
};

struct provider_verdict {
	struct provider_order order;
	enum provider_outcome outcome;
	enum provider_state state;	  /* of a query that is PROVIDER_OK */
	char reason[PROVIDER_REASON_MAX]; /* for people: "declined", "timeout"; or empty */
	usec took;			  /* from begin to verdict */
};

struct provider_port {
	/* Begins a call; copies the order. 0, or -EAGAIN: too many under way. */
	int (*begin)(struct provider_port *provider, const struct provider_order *order);
	/* The next verdict that is in: 1 and *ret_verdict, or 0. Each begun call gives exactly one,
	 * PROVIDER_UNKNOWN at the latest when its own time-out has passed. */
	int (*next_verdict)(struct provider_port *provider, struct provider_verdict *ret_verdict);
	/* Readable when next_verdict() has one, or -1. */
	int (*fd)(struct provider_port *provider);
	usec (*next_due)(struct provider_port *provider); /* boottime, or USEC_NEVER */
	void (*tick)(struct provider_port *provider, usec boottime);
	struct provider_port *(*free)(struct provider_port *provider); /* returns NULL */
};

#endif
