/*
 * Both machines together, as the kiosk runs them: all pairs (rental, payment) that any order of
 * requests, doors, timers and answers can lead to, and what must hold in each. This is where
 * "nobody stays charged for what they did not get" is checked for the tables as a whole.
 */
#include "lib/domain/payment.h"
#include "lib/domain/rental.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PAYMENTS (PAYMENT_REFUNDED + 1)

struct walk {
	bool seen[RENTAL_STATES][PAYMENTS];
	int pairs;
};

static void visit(struct walk *walk, enum rental_state rental, enum payment_state payment);

static void check_money(enum rental_state rental, enum payment_state payment)
{
	bool holds =
		payment == PAYMENT_AUTHORIZED || payment == PAYMENT_NEW || payment == PAYMENT_SENT;
	bool takes = payment == PAYMENT_CAPTURE_OWED || payment == PAYMENT_CAPTURED;
	const char *r = rental_state_names[rental];
	const char *p = payment == PAYMENT_NONE ? "none" : payment_state_names[payment];

	if (rental_is_final(rental) && holds)
		fail_msg("%s ended with the payment %s", r, p);
	bool undelivered = rental == RENTAL_CANCELLED || rental == RENTAL_EXPIRED ||
			   rental == RENTAL_FAILED || !rental_is_out(rental);
	if (!rental_is_final(rental) && undelivered && takes)
		fail_msg("%s, not delivered, and the payment is %s", r, p);
	if ((rental == RENTAL_CANCELLED || rental == RENTAL_EXPIRED || rental == RENTAL_FAILED) &&
		takes)
		fail_msg("%s, and the payment is %s", r, p);
	/* Voided, refunded: lost downstream while it was opening, which was then interrupted. The
	 * renter takes it for nothing, which is on record; he does not pay for nothing. */
	if (rental == RENTAL_PAID && payment != PAYMENT_AUTHORIZED && payment != PAYMENT_NONE &&
		payment != PAYMENT_VOIDED && payment != PAYMENT_REFUNDED)
		fail_msg("paid, and the payment is %s", p);
	if (rental == RENTAL_HELD && payment != PAYMENT_NONE && !payment_is_final(payment))
		fail_msg("held, and the payment before is still %s", p);
	if (rental >= RENTAL_RENTED && rental <= RENTAL_RETURNING && holds)
		fail_msg("%s, and nobody asks for the money: %s", r, p);
}

/* The money's part of a move. */
static enum payment_state pay(enum rental_money money, enum payment_state payment)
{
	if (money == RENTAL_MONEY_STAYS ||
		(payment == PAYMENT_NONE && money != RENTAL_MONEY_AUTHORIZE))
		return payment;
	if (money == RENTAL_MONEY_AUTHORIZE) {
		/* At most one payment of a rental is unresolved. */
		assert_true(payment == PAYMENT_NONE || payment_is_final(payment));
		return PAYMENT_NEW;
	}
	enum payment_input input =
		money == RENTAL_MONEY_CAPTURE ? PAYMENT_WANT_CAPTURE : PAYMENT_WANT_BACK;
	enum payment_state next = PAYMENT_NONE;
	if (payment_step(payment, input, &next) < 0)
		fail_msg("%s is refused when the payment is %s", payment_input_names[input],
			payment_state_names[payment]);
	return next;
}

/* A payment has come to a new state: what that says to its rental. */
static void tell(struct walk *walk, enum rental_state rental, enum payment_state before,
	enum payment_state payment)
{
	enum rental_input input = payment == PAYMENT_AUTHORIZED ? RENTAL_AUTHORIZED
				  : payment == PAYMENT_DECLINED ? RENTAL_DECLINED
				  : payment == PAYMENT_VOIDED || payment == PAYMENT_REFUNDED
					  ? RENTAL_VOIDED
					  : RENTAL_INPUTS;
	const struct rental_move *move =
		payment != before && input != RENTAL_INPUTS ? rental_step(rental, input) : NULL;
	visit(walk, move ? move->to : rental, payment);
}

static bool said_by_the_payment(enum rental_input input)
{
	return input == RENTAL_AUTHORIZED || input == RENTAL_DECLINED || input == RENTAL_VOIDED;
}

static void visit(struct walk *walk, enum rental_state rental, enum payment_state payment)
{
	if (walk->seen[rental][payment])
		return;
	walk->seen[rental][payment] = true;
	walk->pairs++;
	check_money(rental, payment);

	for (int i = 0; i < RENTAL_INPUTS; i++) {
		const struct rental_move *move = rental_step(rental, (enum rental_input)i);
		bool free_of_charge = payment == PAYMENT_NONE;
		if (!move || said_by_the_payment((enum rental_input)i) ||
			(i == RENTAL_PAY_NOTHING && !free_of_charge))
			continue;
		tell(walk, move->to, payment, pay(move->money, payment));
	}
	enum payment_state next;
	if (payment == PAYMENT_NEW)
		tell(walk, rental, payment, PAYMENT_SENT);
	for (int i = PAYMENT_IS_AUTHORIZED; i < PAYMENT_INPUTS; i++) {
		/* Only a kiosk put back to before it had asked for a capture hears that. */
		if (payment == PAYMENT_VOID_OWED && i == PAYMENT_IS_CAPTURED)
			continue;
		if (payment_step(payment, (enum payment_input)i, &next) == 0)
			tell(walk, rental, payment, next);
	}
}

static void nobody_stays_charged(void **state)
{
	(void)state;
	struct walk walk = {0};
	visit(&walk, RENTAL_HELD, PAYMENT_NONE);
	/* The walk went somewhere. */
	assert_true(walk.pairs > 60);
	assert_true(walk.seen[RENTAL_RETURNED][PAYMENT_CAPTURED]);
	assert_true(walk.seen[RENTAL_FAILED][PAYMENT_REFUNDED]);
	assert_true(walk.seen[RENTAL_EXPIRED][PAYMENT_VOIDED]);
	assert_true(walk.seen[RENTAL_RETURNED][PAYMENT_NONE]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_stays_charged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
