/* A failing seed is cut down to what it takes, and that still fails. The product is broken for it:
 * the linker puts the rental_step() below before its own, and what lies behind a jammed door is
 * charged. */
#include "lib/base/log.h"
#include "lib/domain/rental.h"
#include "tests/simulator/day.h"
#include "tests/simulator/sqlite_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Small: each try is a day. */
#define BANKS 1
#define TIME  (2 * HOUR)
#define SEEDS 30
#define LEFT  3 /* of some sixty troubles: a jam, and what it may need to matter */

const struct rental_move *__real_rental_step(enum rental_state state, enum rental_input input);
const struct rental_move *__wrap_rental_step(enum rental_state state, enum rental_input input);

const struct rental_move *__wrap_rental_step(enum rental_state state, enum rental_input input)
{
	static const struct rental_move broken = {RENTAL_OPENING, RENTAL_DOOR_JAMMED, RENTAL_FAILED,
		"failed", RENTAL_MONEY_CAPTURE, RENTAL_ITEM_BLOCK};
	if (state == broken.from && input == broken.input)
		return &broken;
	return __real_rental_step(state, input);
}

static bool fails(uint64_t seed, const struct trouble_mask *mask, const char *check)
{
	struct day day = day_relive(seed, BANKS, TIME, mask, false);
	return day.wrong && strcmp(day.first.check, check) == 0;
}

/* One that fails in the same way without any trouble but doors that stay shut. */
static uint64_t find_seed(char ret_check[static NAME_SIZE])
{
	static const struct trouble_mask nothing;
	struct trouble_mask but_doors = {0};
	for (int kind = 0; kind < TROUBLE_KINDS; kind++)
		but_doors.kinds[kind] = kind != TROUBLE_JAM && kind != TROUBLE_CARELESS_HANDS;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct day day = day_relive(seed, BANKS, TIME, &nothing, false);
		if (!day.wrong || !fails(seed, &but_doors, day.first.check))
			continue;
		memcpy(ret_check, day.first.check, NAME_SIZE);
		return seed;
	}
	fail_msg("no seed fails for such a door alone");
	return 0;
}

static void test_what_a_failure_takes(void **state)
{
	(void)state;
	int left[TROUBLES_MAX];
	struct trouble_mask mask;
	char check[NAME_SIZE];
	uint64_t seed = find_seed(check);
	assert_true(day_shrink(seed, BANKS, TIME, check, &mask) > 1);
	assert_true(fails(seed, &mask, check));
	size_t n = day_troubles_left(TIME, &mask, left);
	assert_true(n <= LEFT);
	assert_true(n > 0 || !mask.kinds[TROUBLE_CARELESS_HANDS]);
	for (size_t i = 0; i < n; i++) {
		struct trouble_mask less = mask;
		less.ones[left[i]] = true;
		assert_false(fails(seed, &less, check));
	}
}

int main(void)
{
	sqlite_memory_install();
	log_set_level((enum log_level)0); /* disks fail, and daemons say so */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_failure_takes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
