#include "lib/base/uuid.h"
#include "tests/support/fake_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void test_made_ones_are_valid_and_tell_their_time(void **state)
{
	(void)state;
	struct fake_random random;
	char uuid[UUID_SIZE];
	fake_random_init(&random, 1);
	for (usec wall = 0; wall < 9000 * DAY; wall += 100 * DAY + 7 * MSEC) {
		uuid_make(wall, &random.port, uuid);
		assert_true(uuid_is_valid(uuid));
		assert_int_equal(uuid_time(uuid), wall - wall % MSEC);
	}
}

static void test_later_ones_are_greater(void **state)
{
	(void)state;
	struct fake_random random;
	char earlier[UUID_SIZE], later[UUID_SIZE];
	fake_random_init(&random, 2);
	for (usec wall = SECOND; wall < HOUR; wall += MINUTE) {
		uuid_make(wall, &random.port, earlier);
		uuid_make(wall + MSEC, &random.port, later);
		assert_true(strcmp(earlier, later) < 0);
	}
}

static void test_other_versions_have_no_time(void **state)
{
	(void)state;
	const char *version_4 = "6f1f1f9e-5b0f-4b6e-9d0a-0a8a3c1f2e4d";
	assert_true(uuid_is_valid(version_4));
	assert_int_equal(uuid_time(version_4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_ones_are_valid_and_tell_their_time),
		cmocka_unit_test(test_later_ones_are_greater),
		cmocka_unit_test(test_other_versions_have_no_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
