/* Random bytes that are the same at each run (splitmix64; Steele, Lea, Flood 2014). */
#ifndef LENDLOCK_TESTS_SUPPORT_FAKE_RANDOM_H
#define LENDLOCK_TESTS_SUPPORT_FAKE_RANDOM_H

#include "lib/ports/random.h"

struct fake_random {
	struct random_port port;
	uint64_t state;
};

void fake_random_init(struct fake_random *random, uint64_t seed);
uint64_t fake_random_next(struct fake_random *random);

#endif
