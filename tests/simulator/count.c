#include "tests/simulator/count.h"

const char *const world_count_names[COUNTS] = {
#define COUNT(name, text) text,
	WORLD_COUNTS(COUNT)
#undef COUNT
};
