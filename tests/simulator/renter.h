/* A made-up renter: reserves, pays, takes, brings back; changes their mind, forgets, complains. */
#ifndef LENDLOCK_TESTS_SIMULATOR_RENTER_H
#define LENDLOCK_TESTS_SIMULATOR_RENTER_H

#include "tests/simulator/person.h"

struct renter {
	struct person person; /* first: the person is the renter */
	size_t kiosk;         /* where they stand, an index */
	bool looking;         /* asked what they have there; otherwise for something else */
	bool behaves;         /* wants nothing new, brings everything back */
	usec next;            /* world time: does something, or gives up waiting */
};

void renter_init(struct renter *renter, struct world *world, const char *name);
void renter_free(struct renter *renter);
void renter_behave(struct renter *renter);
usec renter_next_due(const struct renter *renter);
void renter_tick(struct renter *renter);

#endif
