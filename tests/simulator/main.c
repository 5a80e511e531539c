/* days [SEED [HOW-MANY [HOURS]]]: lives of made-up sites, one seed after another. */
#include "lib/base/log.h"
#include "tests/simulator/day.h"

#include <stdio.h>
#include <stdlib.h>

static long long number(int argc, char **argv, int place, long long otherwise)
{
	return place < argc ? strtoll(argv[place], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	uint64_t seed = (uint64_t)number(argc, argv, 1, 1);
	int passed = 0, failed = 0;
	log_set_level(getenv("LENDLOCK_WORLD_TRACE") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
	for (long long left = number(argc, argv, 2, 1); left > 0; left--, seed++) {
		struct day day = day_live(seed, 3, number(argc, argv, 3, 12) * HOUR);
		printf("--- seed %llu: %s\n", (unsigned long long)seed,
			day.wrong ? "FAILED" : "good");
		day_print(&day);
		fflush(stdout);
		*(day.wrong ? &failed : &passed) += 1;
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
