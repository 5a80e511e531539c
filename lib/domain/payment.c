#include "lib/domain/payment.h"

#include <errno.h>
#include <stddef.h>

const char *const payment_state_names[] = {
	[PAYMENT_NONE] = NULL,
	[PAYMENT_NEW] = "new",
	[PAYMENT_SENT] = "sent",
	[PAYMENT_AUTHORIZED] = "authorized",
	[PAYMENT_DECLINED] = "declined",
	[PAYMENT_CAPTURE_OWED] = "capture-owed",
	[PAYMENT_CAPTURED] = "captured",
	[PAYMENT_VOID_OWED] = "void-owed",
	[PAYMENT_VOIDED] = "voided",
	[PAYMENT_REFUND_OWED] = "refund-owed",
	[PAYMENT_REFUNDED] = "refunded",
	NULL,
};

const char *const payment_input_names[] = {
	[PAYMENT_SEND] = "send",
	[PAYMENT_WANT_CAPTURE] = "want-capture",
	[PAYMENT_WANT_BACK] = "want-back",
	[PAYMENT_IS_AUTHORIZED] = "is-authorized",
	[PAYMENT_IS_DECLINED] = "is-declined",
	[PAYMENT_IS_CAPTURED] = "is-captured",
	[PAYMENT_IS_VOIDED] = "is-voided",
	[PAYMENT_IS_REFUNDED] = "is-refunded",
	NULL,
};

/* Answers may come late, twice and out of order, so an answer that an owed state has overtaken
 * changes nothing: the debt stays until its own answer is in. A reservation may be lost downstream
 * while the door is opened for it: then the thing is delivered and there is nothing to capture,
 * which must not end the daemon. Downstream may be further on than a node that was put back to an
 * old copy: a void may find that the money is back already, or was taken: then the thing was
 * delivered, and only who knows that may want a refund. A delivery that an old copy comes to know of
 * undoes its void, if that is not too late. Empty cells are illegal moves. */
/* clang-format off */
static const enum payment_state next[][PAYMENT_INPUTS] = {
	[PAYMENT_NEW] = {
		[PAYMENT_SEND]          = PAYMENT_SENT,
		[PAYMENT_WANT_BACK]     = PAYMENT_VOIDED,
	},
	[PAYMENT_SENT] = {
		[PAYMENT_SEND]          = PAYMENT_SENT,
		[PAYMENT_WANT_BACK]     = PAYMENT_VOID_OWED,
		[PAYMENT_IS_AUTHORIZED] = PAYMENT_AUTHORIZED,
		[PAYMENT_IS_DECLINED]   = PAYMENT_DECLINED,
		[PAYMENT_IS_VOIDED]     = PAYMENT_VOIDED,
		[PAYMENT_IS_REFUNDED]   = PAYMENT_REFUNDED,
	},
	[PAYMENT_AUTHORIZED] = {
		[PAYMENT_WANT_CAPTURE]  = PAYMENT_CAPTURE_OWED,
		[PAYMENT_WANT_BACK]     = PAYMENT_VOID_OWED,
		[PAYMENT_IS_AUTHORIZED] = PAYMENT_AUTHORIZED,
		[PAYMENT_IS_VOIDED]     = PAYMENT_VOIDED,
		[PAYMENT_IS_REFUNDED]   = PAYMENT_REFUNDED,
	},
	[PAYMENT_DECLINED] = {
		[PAYMENT_WANT_BACK]     = PAYMENT_DECLINED,
		[PAYMENT_IS_DECLINED]   = PAYMENT_DECLINED,
		[PAYMENT_IS_VOIDED]     = PAYMENT_DECLINED,
	},
	[PAYMENT_CAPTURE_OWED] = {
		[PAYMENT_WANT_CAPTURE]  = PAYMENT_CAPTURE_OWED,
		[PAYMENT_WANT_BACK]     = PAYMENT_REFUND_OWED,
		[PAYMENT_IS_AUTHORIZED] = PAYMENT_CAPTURE_OWED,
		[PAYMENT_IS_DECLINED]   = PAYMENT_DECLINED,
		[PAYMENT_IS_CAPTURED]   = PAYMENT_CAPTURED,
		[PAYMENT_IS_VOIDED]     = PAYMENT_VOIDED,
		[PAYMENT_IS_REFUNDED]   = PAYMENT_REFUNDED,
	},
	[PAYMENT_CAPTURED] = {
		[PAYMENT_WANT_CAPTURE]  = PAYMENT_CAPTURED,
		[PAYMENT_WANT_BACK]     = PAYMENT_REFUND_OWED,
		[PAYMENT_IS_AUTHORIZED] = PAYMENT_CAPTURED,
		[PAYMENT_IS_CAPTURED]   = PAYMENT_CAPTURED,
		[PAYMENT_IS_REFUNDED]   = PAYMENT_REFUNDED,
	},
	[PAYMENT_VOID_OWED] = {
		[PAYMENT_WANT_CAPTURE]  = PAYMENT_CAPTURE_OWED,
		[PAYMENT_WANT_BACK]     = PAYMENT_VOID_OWED,
		[PAYMENT_IS_AUTHORIZED] = PAYMENT_VOID_OWED,
		[PAYMENT_IS_DECLINED]   = PAYMENT_VOIDED,
		[PAYMENT_IS_CAPTURED]   = PAYMENT_CAPTURED,
		[PAYMENT_IS_VOIDED]     = PAYMENT_VOIDED,
		[PAYMENT_IS_REFUNDED]   = PAYMENT_REFUNDED,
	},
	[PAYMENT_VOIDED] = {
		[PAYMENT_WANT_CAPTURE]  = PAYMENT_VOIDED,
		[PAYMENT_WANT_BACK]     = PAYMENT_VOIDED,
		[PAYMENT_IS_AUTHORIZED] = PAYMENT_VOIDED,
		[PAYMENT_IS_DECLINED]   = PAYMENT_VOIDED,
		[PAYMENT_IS_VOIDED]     = PAYMENT_VOIDED,
	},
	[PAYMENT_REFUND_OWED] = {
		[PAYMENT_WANT_BACK]     = PAYMENT_REFUND_OWED,
		[PAYMENT_IS_AUTHORIZED] = PAYMENT_REFUND_OWED,
		[PAYMENT_IS_DECLINED]   = PAYMENT_VOIDED,
		[PAYMENT_IS_CAPTURED]   = PAYMENT_REFUND_OWED,
		[PAYMENT_IS_VOIDED]     = PAYMENT_VOIDED,
		[PAYMENT_IS_REFUNDED]   = PAYMENT_REFUNDED,
	},
	[PAYMENT_REFUNDED] = {
		[PAYMENT_WANT_CAPTURE]  = PAYMENT_REFUNDED,
		[PAYMENT_WANT_BACK]     = PAYMENT_REFUNDED,
		[PAYMENT_IS_AUTHORIZED] = PAYMENT_REFUNDED,
		[PAYMENT_IS_CAPTURED]   = PAYMENT_REFUNDED,
		[PAYMENT_IS_REFUNDED]   = PAYMENT_REFUNDED,
	},
};
/* clang-format on */

int payment_step(enum payment_state state, enum payment_input input, enum payment_state *ret_state)
{
	if (next[state][input] == PAYMENT_NONE)
		return -EPERM;
	*ret_state = next[state][input];
	return 0;
}

bool payment_is_final(enum payment_state state)
{
	return state == PAYMENT_DECLINED || state == PAYMENT_CAPTURED || state == PAYMENT_VOIDED ||
	       state == PAYMENT_REFUNDED;
}

bool payment_is_open(enum payment_state state)
{
	return state == PAYMENT_SENT || state == PAYMENT_CAPTURE_OWED ||
	       state == PAYMENT_VOID_OWED || state == PAYMENT_REFUND_OWED;
}

bool payment_is_unresolved(enum payment_state state)
{
	return state == PAYMENT_NEW || state == PAYMENT_SENT || state == PAYMENT_VOID_OWED;
}
