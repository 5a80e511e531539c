/* A whole site in one process: nothing is shared, and nothing that must hold breaks. */
#include "lib/base/log.h"
#include "tests/simulator/day.h"
#include "tests/simulator/sqlite_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_a_day_with_three_banks(void **state)
{
	(void)state;
	struct day day = day_live(1, 3, 12 * HOUR);
	assert_int_equal(day.wrong, 0);
	const int64_t *of = day.counts.of;
	/* Else it proves nothing. */
	assert_true(of[COUNT_RENTALS] > 200);
	assert_true(of[COUNT_DELIVERED] > 50);
	assert_true(of[COUNT_CANCELLED] && of[COUNT_EXPIRED] && of[COUNT_FAILED]);
	assert_true(of[COUNT_VOIDED] && of[COUNT_REFUNDED] && of[COUNT_DECLINED]);
	assert_true(of[COUNT_KIOSK_DIED] > 5 && of[COUNT_HUB_DIED] && of[COUNT_LEDGER_DIED]);
	assert_true(of[COUNT_BROKER_DIED] + of[COUNT_BROKER_KEPT] > 2 && of[COUNT_CUT] > 5);
	assert_true(of[COUNT_ANSWERED_AGAIN] && of[COUNT_CLOCK_1970] && of[COUNT_SPLIT] > 5);
	assert_true(of[COUNT_FOREIGN_ACK] && of[COUNT_STUCK] && of[COUNT_LATE_REQUEST]);
	assert_true(of[COUNT_VOID_FIRST] && of[COUNT_COPY_BUSY]);
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
	sqlite_memory_install();
	log_set_level((enum log_level)0); /* disks fail, and daemons say so */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_day_with_three_banks),
		cmocka_unit_test(test_the_same_seed_is_the_same_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
