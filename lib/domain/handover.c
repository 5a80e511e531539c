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
static int distance(enum payment_state state)
{
	switch (state) {
	case PAYMENT_NONE:
	case PAYMENT_NEW:
		return 0;
	case PAYMENT_SENT:
		return 1;
	case PAYMENT_AUTHORIZED:
		return 2;
	case PAYMENT_CAPTURE_OWED:
	case PAYMENT_VOID_OWED:
		return 3;
	case PAYMENT_CAPTURED:
		return 4;
	case PAYMENT_REFUND_OWED:
		return 5;
	case PAYMENT_DECLINED:
	case PAYMENT_VOIDED:
	case PAYMENT_REFUNDED:
		break;
	}
	return 6;
}

bool handover_hub_payment_counts(enum payment_state hub, enum payment_state here, bool unheard)
{
	return !unheard || distance(hub) > distance(here);
}
