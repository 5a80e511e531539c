#include "lib/ports/random.h"

uint64_t random_below(struct random_port *random, uint64_t bound)
{
	/* The values past the last whole multiple of bound would favour the small results. */
	uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
	uint64_t value;
	do {
		random->fill(random, &value, sizeof(value));
	} while (value >= limit);
	return value % bound;
}
