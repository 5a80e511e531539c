/* The table of what can be configured of a hub. */
#include "hub/config.h"
#include "hub/hub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void test_the_table_holds_together(void **state)
{
	(void)state;
	assert_int_equal(config_check_table(&hub_config_table, stderr), 0);
}

static void test_the_defaults_are_those_of_the_core(void **state)
{
	(void)state;
	char *argv[] = {"lendlock-hub", "--site=town", NULL};
	struct hub_config config;
	const struct config_sources sources = {
		.argv = argv, .file = "/nonexistent/hub.conf", .out = stdout, .err = stderr};
	assert_int_equal(config_read(&hub_config_table, &sources, &config), CONFIG_GO);
	assert_int_equal(config.hold / SECOND, hub_settings_default.hold);
	assert_int_equal(config.extend / SECOND, hub_settings_default.extend);
	assert_int_equal(config.hold_max / SECOND, hub_settings_default.hold_max);
	assert_int_equal(config.pickup / SECOND, hub_settings_default.pickup);
	assert_int_equal(config.lost / SECOND, hub_settings_default.lost);
	assert_int_equal(config.report_within / SECOND, hub_settings_default.report_within);
	assert_int_equal(config.rentals_max, hub_settings_default.rentals_max);
	assert_int_equal(config.log_keep, 0);
	assert_int_equal(config.managers.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_table_holds_together),
		cmocka_unit_test(test_the_defaults_are_those_of_the_core),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
