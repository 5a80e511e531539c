/* A made-up renter: reserves, pays, takes, brings back; changes their mind, forgets, complains,
 * taps twice, tries what is not theirs. */
#ifndef LENDLOCK_TESTS_SIMULATOR_RENTER_H
#define LENDLOCK_TESTS_SIMULATOR_RENTER_H

#include "tests/simulator/person.h"

struct renter {
	struct person person;   /* first: the person is the renter */
	size_t kiosk;           /* where they stand, an index */
	char rental[UUID_SIZE]; /* what they are at, or "" */
	char state[NAME_SIZE];  /* ... as they were told last */
	bool puzzled;           /* they do not know how things stand, and look */
	bool behaves;           /* wants nothing new, brings everything back */
	bool fickle;            /* ... but what they have only reserved */
	size_t idle;            /* banks at which nothing of theirs is open, in a row */
	usec next;              /* world time: does something, or gives up waiting */
};

void renter_init(struct renter *renter, struct world *world, const char *name);
void renter_free(struct renter *renter);
void renter_behave(struct renter *renter);
usec renter_next_due(const struct renter *renter);
void renter_tick(struct renter *renter);

#endif
