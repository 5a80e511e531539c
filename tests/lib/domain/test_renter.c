#include "lib/domain/renter.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char key[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

static void test_the_same_user_has_one_id(void **state)
{
	(void)state;
	char a[NAME_SIZE], b[NAME_SIZE], other[NAME_SIZE];
	assert_int_equal(renter_opaque(key, "anna", a), 0);
	assert_int_equal(renter_opaque(key, "anna", b), 0);
	assert_int_equal(renter_opaque(key, "annb", other), 0);
	assert_string_equal(a, b);
	assert_string_not_equal(a, other);
	assert_true(name_is_valid(a));
	assert_int_equal(strlen(a), 32);
}

static void test_another_key_another_id(void **state)
{
	(void)state;
	char flipped[RENTER_KEY_SIZE], a[NAME_SIZE], b[NAME_SIZE];
	memcpy(flipped, key, sizeof(flipped));
	flipped[63] = 'e';
	assert_int_equal(renter_opaque(key, "anna", a), 0);
	assert_int_equal(renter_opaque(flipped, "anna", b), 0);
	assert_string_not_equal(a, b);
}

static void test_a_key_that_is_none(void **state)
{
	(void)state;
	char a[NAME_SIZE] = "untouched", bad[RENTER_KEY_SIZE];
	assert_int_equal(renter_opaque("", "anna", a), -EINVAL);
	memcpy(bad, key, sizeof(bad));
	bad[10] = 'g';
	assert_int_equal(renter_opaque(bad, "anna", a), -EINVAL);
	assert_string_equal(a, "untouched");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_user_has_one_id),
		cmocka_unit_test(test_another_key_another_id),
		cmocka_unit_test(test_a_key_that_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
