/* Whose account of a rental counts, for all pairs of states: here once more, as promises. */
#include "lib/domain/handover.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool rented; /* in the account of the hub, at some time */

static bool hub_counts(enum rental_state hub, enum rental_state here, bool unheard)
{
	return handover_hub_counts(hub, rented, here, unheard);
}

static void for_all(void (*check)(enum rental_state, enum rental_state, bool))
{
	for (int bits = 0; bits < 4; bits++)
		for (int hub = RENTAL_HELD; hub < RENTAL_STATES; hub++)
			for (int here = RENTAL_HELD; here < RENTAL_STATES; here++) {
				rented = bits & 1;
				check((enum rental_state)hub, (enum rental_state)here, bits & 2);
			}
}

static bool is_open(enum rental_state state)
{
	return !rental_is_final(state);
}

/* What is over and was delivered is not delivered, nor paid for, again. */
static void check_returned(enum rental_state hub, enum rental_state here, bool unheard)
{
	if (hub == RENTAL_RETURNED && here != RENTAL_RETURNED)
		assert_true(hub_counts(hub, here, unheard));
}

/* A thing that is out stays somebody's: neither account of it gives way to one in which it never
 * left the bank. */
static void check_out(enum rental_state hub, enum rental_state here, bool unheard)
{
	if (rental_is_out(hub) && is_open(here) && !rental_is_out(here))
		assert_true(hub_counts(hub, here, unheard));
	if (rental_is_out(here) && is_open(hub) && !rental_is_out(hub))
		assert_false(hub_counts(hub, here, unheard));
	if (rental_is_out(hub) && (here == RENTAL_EXPIRED || here == RENTAL_CANCELLED))
		assert_true(hub_counts(hub, here, unheard));
	if (rental_is_out(here) && (hub == RENTAL_EXPIRED || hub == RENTAL_CANCELLED) && !rented &&
		unheard)
		assert_false(hub_counts(hub, here, unheard));
}

/* What went out and is over, because the renter has reported it, is not paid for once more. */
static void check_reported(enum rental_state hub, enum rental_state here, bool unheard)
{
	if (hub == RENTAL_FAILED && rented && is_open(here))
		assert_true(hub_counts(hub, here, unheard));
	if (hub == RENTAL_FAILED && !rented && rental_is_out(here) && unheard)
		assert_false(hub_counts(hub, here, unheard));
}

/* Where nothing has happened here that the hub does not know, the hub knows more. */
static void check_heard(enum rental_state hub, enum rental_state here, bool unheard)
{
	if (!unheard && is_open(here) && rental_is_out(hub) == rental_is_out(here))
		assert_true(hub_counts(hub, here, unheard));
	if (!unheard && !is_open(hub) && is_open(here))
		assert_true(hub_counts(hub, here, unheard));
}

/* ... and what has happened since counts, where both are as far. */
static void check_unheard(enum rental_state hub, enum rental_state here, bool unheard)
{
	if (unheard && is_open(hub) && is_open(here) && rental_is_out(hub) == rental_is_out(here))
		assert_false(hub_counts(hub, here, unheard));
}

/* What came back here, or failed, or was ended by a person, is over. */
static void check_over(enum rental_state hub, enum rental_state here, bool unheard)
{
	bool is_over = here == RENTAL_RETURNED || here == RENTAL_FAILED || here == RENTAL_RESOLVED;
	if (is_over && is_open(hub))
		assert_false(hub_counts(hub, here, unheard));
}

static void test_all_pairs(void **state)
{
	(void)state;
	for_all(check_returned);
	for_all(check_out);
	for_all(check_reported);
	for_all(check_heard);
	for_all(check_unheard);
	for_all(check_over);
}

/* What was captured is not asked for again, and what went back has not been captured. */
static void test_payments(void **state)
{
	(void)state;
	for (int hub = PAYMENT_NEW; hub <= PAYMENT_REFUNDED; hub++)
		for (int here = PAYMENT_NEW; here <= PAYMENT_REFUNDED; here++) {
			enum payment_state there = (enum payment_state)hub;
			bool over = payment_is_final(there);
			bool open = payment_is_open((enum payment_state)here) ||
				    here == PAYMENT_AUTHORIZED;
			assert_int_equal(
				handover_hub_payment_counts(there, (enum payment_state)here, false),
				here != PAYMENT_REFUNDED);
			if (over && open && here != PAYMENT_REFUND_OWED)
				assert_true(handover_hub_payment_counts(
					there, (enum payment_state)here, true));
			if (!over && payment_is_final((enum payment_state)here) &&
				hub != PAYMENT_REFUND_OWED)
				assert_false(handover_hub_payment_counts(
					there, (enum payment_state)here, true));
		}
	assert_false(handover_hub_payment_counts(PAYMENT_CAPTURED, PAYMENT_REFUND_OWED, true));
	assert_true(handover_hub_payment_counts(PAYMENT_REFUND_OWED, PAYMENT_CAPTURED, true));
	assert_true(handover_hub_payment_counts(PAYMENT_CAPTURE_OWED, PAYMENT_SENT, true));
	assert_true(handover_hub_payment_counts(PAYMENT_SENT, PAYMENT_NONE, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_pairs), cmocka_unit_test(test_payments)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
