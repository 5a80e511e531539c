#include "lib/domain/handover.h"

/* Ended before anything was taken, by time or by the renter. The hub that knows it to be out saw
 * more than a copy in which it merely ran out. */
static bool ran_out(enum rental_state state)
{
	return state == RENTAL_CANCELLED || state == RENTAL_EXPIRED;
}

/* It is over at the hub. If it had come back, it had been delivered, and paid for once. Otherwise a
 * thing that left the bank after the copy was made, and of which the hub has not heard that it
 * left, keeps it open.
 */
static bool ended_counts(
	enum rental_state hub, bool was_rented, enum rental_state here, bool unheard)
{
	if (hub == RENTAL_RETURNED)
		return here != RENTAL_RETURNED;
	return !rental_is_final(here) && (was_rented || !rental_is_out(here) || !unheard);
}

bool handover_hub_counts(
	enum rental_state hub, bool was_rented, enum rental_state here, bool unheard)
{
	if (rental_is_final(hub))
		return ended_counts(hub, was_rented, here, unheard);
	if (rental_is_final(here))
		return rental_is_out(hub) && ran_out(here);
	if (rental_is_out(hub) != rental_is_out(here))
		return rental_is_out(hub);
	return !unheard;
}

/* How far the money has come; what is owed, the ledger answers by what has become of it. */
static const int distance[] = {
	[PAYMENT_NONE] = 0,
	[PAYMENT_NEW] = 0,
	[PAYMENT_SENT] = 1,
	[PAYMENT_AUTHORIZED] = 2,
	[PAYMENT_CAPTURE_OWED] = 3,
	[PAYMENT_VOID_OWED] = 3,
	[PAYMENT_CAPTURED] = 4,
	[PAYMENT_REFUND_OWED] = 5,
	[PAYMENT_DECLINED] = 6,
	[PAYMENT_VOIDED] = 6,
	[PAYMENT_REFUNDED] = 6,
};

bool handover_hub_payment_counts(enum payment_state hub, enum payment_state here, bool unheard)
{
	bool gone_back = here == PAYMENT_REFUNDED; /* nobody can have taken it since */
	return (!unheard && !gone_back) || distance[hub] > distance[here];
}
