/*
 * The payment machine: one payment of one rental, as a pure function (state, input) -> state.
 *
 * The same machine runs at both hops. At the kiosk "downstream" is the payment adapter; at the
 * adapter it is the provider. A state that ends in "owed", and sent, means: ask downstream, again
 * and again with the same payment id, until the answer is definite. No answer is never a failure.
 */
#ifndef LENDLOCK_DOMAIN_PAYMENT_H
#define LENDLOCK_DOMAIN_PAYMENT_H

#include <stdbool.h>

enum payment_state {
	PAYMENT_NONE,	      /* absent */
	PAYMENT_NEW,	      /* stored, never asked for downstream. Ends: by the next tick */
	PAYMENT_SENT,	      /* authorize may have been asked downstream. Ends: by an answer */
	PAYMENT_AUTHORIZED,   /* money is reserved. Ends: with the rental */
	PAYMENT_DECLINED,     /* final: no money moved, none will */
	PAYMENT_CAPTURE_OWED, /* delivered: the money is to be taken. Ends: by an answer */
	PAYMENT_CAPTURED,     /* final, unless it is given back */
	PAYMENT_VOID_OWED,    /* not delivered: the reservation is to be let go. Ends: by an answer */
	PAYMENT_VOIDED,	      /* final: no money moved, none will */
	PAYMENT_REFUND_OWED,  /* delivered, but to be given back. Ends: by an answer */
	PAYMENT_REFUNDED,     /* final: it moved, and moved back */
};

enum payment_input {
	PAYMENT_SEND,	       /* downstream is about to be asked; stored before it is */
	PAYMENT_WANT_CAPTURE,  /* the thing was delivered */
	PAYMENT_WANT_BACK,     /* nobody shall stay charged: a void, or a refund if captured */
	PAYMENT_IS_AUTHORIZED, /* downstream says ... */
	PAYMENT_IS_DECLINED,
	PAYMENT_IS_CAPTURED,
	PAYMENT_IS_VOIDED, /* ... never charged and never will be under this id */
	PAYMENT_IS_REFUNDED,
	PAYMENT_INPUTS
};

extern const char *const payment_state_names[];
extern const char *const payment_input_names[];

/* 0 and the next state (it may be the same one: nothing changes); -EPERM for an illegal move. */
int payment_step(enum payment_state state, enum payment_input input, enum payment_state *ret_state);
/* No money is held or owed and nothing is under way. */
bool payment_is_final(enum payment_state state);
/* Downstream is to be asked: sent or one of the owed states. */
bool payment_is_open(enum payment_state state);
/* It is not yet known whether money is reserved: no second payment of that rental may begin. */
bool payment_is_unresolved(enum payment_state state);

#endif
