/*
 * What must be true of a site whose trouble is over and whose daemons have stopped, whatever
 * happened before. It is read out of the files.
 */
#ifndef LENDLOCK_TESTS_SIMULATOR_CHECK_H
#define LENDLOCK_TESTS_SIMULATOR_CHECK_H

#include "tests/simulator/world.h"

/* What a run was made of. */
struct check_counts {
	int events, rentals, delivered, given_back, captured, voided, refunded, declined;
	int cancelled, expired, failed, returned, interrupted, overdue;
};

/* Each violation is a world_wrong(). */
void world_check(struct world *world, struct check_counts *ret_counts);

#endif
