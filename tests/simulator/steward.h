/* The made-up manager: registers and stocks the items, and deals with all that needs a person, out
 * of what the views say. */
#ifndef LENDLOCK_TESTS_SIMULATOR_STEWARD_H
#define LENDLOCK_TESTS_SIMULATOR_STEWARD_H

#include "tests/simulator/person.h"

#define STEWARD_BANKS 8

struct steward {
	struct person person; /* first: the person is the steward */
	json_t *views[STEWARD_BANKS];
	size_t registered; /* items, of all banks */
	json_t *errands;   /* an array of {whom, operation, args}: what is to be done yet */
	usec next;         /* world time */
	int openings;      /* doors asked for */
};

void steward_init(struct steward *steward, struct world *world);
void steward_free(struct steward *steward);
usec steward_next_due(const struct steward *steward);
void steward_tick(struct steward *steward);

#endif
