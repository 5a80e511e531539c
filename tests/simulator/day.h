/* One life of a made-up site: trouble, then peace, then the reckoning. */
#ifndef LENDLOCK_TESTS_SIMULATOR_DAY_H
#define LENDLOCK_TESTS_SIMULATOR_DAY_H

#include "tests/simulator/check.h"

struct day {
	struct check_counts site;
	struct world_counts world;
	uint64_t trace; /* the same for the same arguments */
	int wrong;      /* violations, each of which was printed */
};

/* Trouble for so long, and then peace until everything has come to its end. */
struct day day_live(uint64_t seed, size_t kiosks, usec trouble);
void day_print(const struct day *day);

#endif
