/* What goes wrong in the made-up world, and when. */
#ifndef LENDLOCK_TESTS_SIMULATOR_TROUBLE_H
#define LENDLOCK_TESTS_SIMULATOR_TROUBLE_H

#include "lib/base/time.h"

#include <stddef.h>

struct world;

#define TROUBLES_MAX 32

/* Something that is out of order, until then. */
struct trouble_over {
	usec at; /* world time; USEC_NEVER: the place is free */
	void (*over)(struct world *world, size_t which);
	size_t which;
};

struct trouble {
	usec next; /* world time, or USEC_NEVER: never again */
	struct trouble_over overs[TROUBLES_MAX];
};

void trouble_begin(struct world *world);
usec trouble_next_due(const struct world *world);
void trouble_run(struct world *world);
/* All that is out of order is in order again, and nothing more comes. */
void trouble_end(struct world *world);

#endif
