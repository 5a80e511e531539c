/*
 * Handover: a bank's database was put back to an old copy, or lost and begun anew. Of one rental
 * or payment the hub then has one account and the copy another, each true as far as it goes. Which
 * of the two goes on is a pure function of both.
 */
#ifndef LENDLOCK_DOMAIN_HANDOVER_H
#define LENDLOCK_DOMAIN_HANDOVER_H

#include "lib/domain/payment.h"
#include "lib/domain/rental.h"

/* True: the hub's account counts; false: the copy's. was_rented: the hub has heard that the
 * thing went out in it, however it ended. here: as the copy has it, never absent. unheard: the copy
 * has events about it that no hub has acked. */
bool handover_hub_counts(
	enum rental_state hub, bool was_rented, enum rental_state here, bool unheard);

/* The same of a payment: the account that is further on. */
bool handover_hub_payment_counts(enum payment_state hub, enum payment_state here, bool unheard);

#endif
