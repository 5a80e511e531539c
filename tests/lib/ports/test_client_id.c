#include "lib/ports/client_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LONGEST "abcdefghijklmnopqrstuvwxyz012345"

/* Two boards of one name must meet. */
static void test_the_same_name_and_password(void **state)
{
	(void)state;
	char one[CLIENT_ID_SIZE], other[CLIENT_ID_SIZE];
	assert_int_equal(client_id_make("library", "secret", one), 0);
	assert_int_equal(client_id_make("library", "secret", other), 0);
	assert_string_equal(one, other);
}

static void test_nobody_guesses_it(void **state)
{
	(void)state;
	char own[CLIENT_ID_SIZE], other[CLIENT_ID_SIZE];
	assert_int_equal(client_id_make("library", "secret", own), 0);
	assert_int_equal(client_id_make("library", "Secret", other), 0);
	assert_string_not_equal(own, other);
	assert_int_equal(client_id_make("station", "secret", other), 0);
	assert_string_not_equal(strchr(own, '-'), strchr(other, '-'));
}

static void test_without_a_password(void **state)
{
	(void)state;
	char id[CLIENT_ID_SIZE];
	assert_int_equal(client_id_make("library", "", id), 0);
	assert_string_equal(id, "library");
}

static void test_the_longest(void **state)
{
	(void)state;
	char id[CLIENT_ID_SIZE];
	assert_int_equal(client_id_make(LONGEST, "secret", id), 0);
	assert_int_equal(strlen(id), CLIENT_ID_SIZE - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_name_and_password),
		cmocka_unit_test(test_nobody_guesses_it),
		cmocka_unit_test(test_without_a_password),
		cmocka_unit_test(test_the_longest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
