#include "tests/support/fake_random.h"

uint64_t fake_random_next(struct fake_random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static void fill(struct random_port *port, void *bytes, size_t size)
{
	uint8_t *at = bytes;
	for (size_t i = 0; i < size; i++)
		at[i] = (uint8_t)fake_random_next((struct fake_random *)port);
}

void fake_random_init(struct fake_random *random, uint64_t seed)
{
	*random = (struct fake_random){.port = {.fill = fill}, .state = seed};
}
