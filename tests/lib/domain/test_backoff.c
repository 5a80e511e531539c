#include "lib/domain/backoff.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Gives the same 64 bits each time. */
struct fixed_random {
	struct random_port port;
	uint64_t value;
};

static void fill(struct random_port *port, void *bytes, size_t size)
{
	memcpy(bytes, &((struct fixed_random *)port)->value, size);
}

static struct fixed_random fixed(uint64_t value)
{
	return (struct fixed_random){.port = {.fill = fill}, .value = value};
}

static void test_ceiling(void **state)
{
	(void)state;
	const struct backoff backoff = {.base = SECOND, .cap = 10 * SECOND};
	const usec ceilings[] = {1, 2, 4, 8, 10, 10};
	for (int i = 0; i < 6; i++)
		assert_int_equal(backoff_ceiling(&backoff, i), ceilings[i] * SECOND);
	assert_int_equal(backoff_ceiling(&backoff, INT_MAX), 10 * SECOND);
	const struct backoff vast = {.base = 3, .cap = USEC_NEVER};
	assert_int_equal(backoff_ceiling(&vast, 1000), USEC_NEVER);
	const struct backoff flat = {.base = SECOND, .cap = SECOND};
	assert_int_equal(backoff_ceiling(&flat, 3), SECOND);
}

static void test_full_jitter(void **state)
{
	(void)state;
	struct fixed_random least = fixed(0), most = fixed(3 * SECOND);
	struct backoff backoff = {.base = SECOND, .cap = 3 * SECOND};
	assert_int_equal(backoff_next(&backoff, &least.port), 0);
	assert_int_equal(backoff_next(&backoff, &least.port), 0);
	assert_int_equal(backoff_next(&backoff, &most.port), 3 * SECOND);
	assert_int_equal(backoff.attempts, 3);
	backoff_reset(&backoff);
	/* 3 s modulo (1 s + 1 µs): the first ceiling again */
	assert_int_equal(backoff_next(&backoff, &most.port), SECOND - 2);
	backoff.attempts = INT_MAX;
	assert_int_equal(backoff_next(&backoff, &most.port), 3 * SECOND);
	assert_int_equal(backoff.attempts, INT_MAX);
}

static void test_spread(void **state)
{
	(void)state;
	struct fixed_random least = fixed(0), most = fixed(5 * SECOND);
	assert_int_equal(backoff_spread(20 * SECOND, &least.port), 20 * SECOND);
	assert_int_equal(backoff_spread(20 * SECOND, &most.port), 25 * SECOND);
	assert_int_equal(backoff_spread(0, &most.port), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_full_jitter),
		cmocka_unit_test(test_spread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
