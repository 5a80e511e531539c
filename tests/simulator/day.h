/* One life of a made-up site: trouble, then peace, then the reckoning. */
#ifndef LENDLOCK_TESTS_SIMULATOR_DAY_H
#define LENDLOCK_TESTS_SIMULATOR_DAY_H

#include "tests/simulator/world.h"

/* What a seed is made of at the least, in a day. */
#define DAY_BANKS      5
#define DAY_HOURS      24
#define DAY_RENTALS    200
#define DAY_CRASHES    20
#define DAY_PARTITIONS 10

struct day {
	struct world_counts counts;
	uint64_t trace; /* the same for the same arguments */
	int wrong;      /* violations, each of which was printed */
	struct world_failure first;
	char others[256]; /* the names of the other checks that failed, with ", " between; or "" */
	usec settled;     /* of peace, until all had come to its end */
};

/* Trouble for so long, and then peace until everything has come to its end. */
struct day day_live(uint64_t seed, size_t kiosks, usec trouble);
/* The same seed without some of its trouble, quietly; with its story on stdout, if telling. */
struct day day_relive(
	uint64_t seed, size_t kiosks, usec trouble, const struct trouble_mask *mask, bool telling);

/* Finds the least trouble under which the same check is the first to fail: what can be left out.
 * Returns how many times it tried. */
int day_shrink(uint64_t seed, size_t kiosks, usec trouble, const char *check,
	struct trouble_mask *ret_mask);
/* Those that are not left out, by their numbers; returns how many. */
size_t day_troubles_left(
	usec time, const struct trouble_mask *mask, int ret_numbers[static TROUBLES_MAX]);
/* The same, and tells what then happened. */
void day_explain(uint64_t seed, size_t kiosks, usec trouble, const char *check);

#endif
