/* A whole site in one process: nothing is shared, and nothing that must hold breaks. */
#include "lib/base/log.h"
#include "tests/simulator/day.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_a_day_with_three_banks(void **state)
{
	(void)state;
	struct day day = day_live(1, 3, 12 * HOUR);
	day_print(&day);
	assert_int_equal(day.wrong, 0);
	const struct check_counts *counts = &day.site;
	const struct world_counts *world = &day.world;
	/* Else it proves nothing. */
	assert_true(counts->rentals > 200);
	assert_true(counts->delivered > 50);
	assert_true(counts->cancelled && counts->expired && counts->failed && counts->interrupted);
	assert_true(counts->declined && counts->voided && counts->refunded && counts->given_back);
	assert_true(world->died[0] > 20 && world->died[1] > 5 && world->died[2] > 5);
	assert_true(world->broker_died > 5 && world->cuts > 5 && world->answered_again > 20);
}

static void test_the_same_seed_is_the_same_world(void **state)
{
	(void)state;
	struct day first = day_live(7, 2, HOUR), again = day_live(7, 2, HOUR);
	struct day other = day_live(8, 2, HOUR);
	assert_int_equal(first.wrong + again.wrong + other.wrong, 0);
	assert_true(first.trace == again.trace);
	assert_true(first.trace != other.trace);
}

int main(void)
{
	log_set_level(LOG_LEVEL_ERROR);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_day_with_three_banks),
		cmocka_unit_test(test_the_same_seed_is_the_same_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
