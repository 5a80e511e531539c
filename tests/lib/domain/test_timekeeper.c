/* timekeeper.c on a made-up clock: boards without a battery, bad jumps, restarts. */
#include "lib/domain/timekeeper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOON (1795348800LL * SECOND) /* 2026-11-22T12:00:00Z */

struct made_up {
	struct clock_port port; /* first: the port is the object */
	usec boottime, wall;
	bool synchronised;
};

static usec made_up_boottime(struct clock_port *clock)
{
	return ((struct made_up *)clock)->boottime;
}

static usec made_up_wall(struct clock_port *clock)
{
	return ((struct made_up *)clock)->wall;
}

static bool made_up_synchronised(struct clock_port *clock)
{
	return ((struct made_up *)clock)->synchronised;
}

static struct made_up made_up(usec boottime, usec wall, bool synchronised)
{
	return (struct made_up){
		.port = {.boottime = made_up_boottime,
			.wall = made_up_wall,
			.synchronised = made_up_synchronised},
		.boottime = boottime,
		.wall = wall,
		.synchronised = synchronised,
	};
}

static struct now after(struct timekeeper *keeper, struct made_up *clock, usec passed)
{
	clock->boottime += passed;
	clock->wall += passed;
	return timekeeper_now(keeper);
}

static void is(struct now now, usec elapsed, usec wall, bool sure)
{
	assert_int_equal(now.elapsed, elapsed);
	assert_int_equal(now.wall, wall);
	assert_int_equal(now.sure, sure);
}

static void an_ordinary_day(void **state)
{
	(void)state;
	struct made_up clock = made_up(77 * SECOND, NOON, true);
	struct timekeeper keeper;
	timekeeper_start(&keeper, &clock.port, 0, 0);
	is(timekeeper_now(&keeper), 0, NOON, true);
	is(after(&keeper, &clock, MINUTE), MINUTE, NOON + MINUTE, true);
	is(after(&keeper, &clock, DAY), MINUTE + DAY, NOON + MINUTE + DAY, true);
}

static void a_new_board_starts_in_1970(void **state)
{
	(void)state;
	struct made_up clock = made_up(5 * SECOND, 5 * SECOND, false);
	struct timekeeper keeper;
	timekeeper_start(&keeper, &clock.port, 0, 0);
	is(timekeeper_now(&keeper), 0, 0, false);
	is(after(&keeper, &clock, MINUTE), MINUTE, MINUTE, false);
	/* Nothing was ever believed, so the first synchronised time is. */
	clock.wall = NOON;
	clock.synchronised = true;
	is(after(&keeper, &clock, SECOND), MINUTE + SECOND, NOON + SECOND, true);
}

static void an_old_board_starts_in_1970(void **state)
{
	(void)state;
	struct made_up clock = made_up(0, 0, false);
	struct timekeeper keeper;
	timekeeper_start(&keeper, &clock.port, 9 * DAY, NOON);
	is(timekeeper_now(&keeper), 9 * DAY, NOON, false);
	is(after(&keeper, &clock, HOUR), 9 * DAY + HOUR, NOON + HOUR, false);
	/* Synchronised, and still in 1970: a broken server is not believed. */
	clock.synchronised = true;
	is(after(&keeper, &clock, HOUR), 9 * DAY + 2 * HOUR, NOON + HOUR, false);
	/* It was switched off for three hours. */
	clock.wall = NOON + 5 * HOUR;
	is(timekeeper_now(&keeper), 9 * DAY + 2 * HOUR, NOON + 5 * HOUR, true);
}

static void a_leap_is_believed_when_it_stood(void **state)
{
	(void)state;
	struct made_up clock = made_up(0, NOON, true);
	struct timekeeper keeper;
	timekeeper_start(&keeper, &clock.port, 0, 0);
	timekeeper_now(&keeper);
	clock.wall += 400 * DAY;
	is(timekeeper_now(&keeper), 0, NOON, false);
	is(after(&keeper, &clock, 9 * MINUTE), 9 * MINUTE, NOON + 9 * MINUTE, false);
	is(after(&keeper, &clock, MINUTE), 10 * MINUTE, NOON + 400 * DAY + 10 * MINUTE, true);
	is(after(&keeper, &clock, MINUTE), 11 * MINUTE, NOON + 400 * DAY + 11 * MINUTE, true);
}

static void a_leap_that_goes_back_was_none(void **state)
{
	(void)state;
	struct made_up clock = made_up(0, NOON, true);
	struct timekeeper keeper;
	timekeeper_start(&keeper, &clock.port, 0, 0);
	timekeeper_now(&keeper);
	clock.wall += 400 * DAY;
	assert_false(after(&keeper, &clock, MINUTE).sure);
	assert_false(after(&keeper, &clock, 9 * MINUTE).sure);
	clock.wall -= 400 * DAY;
	is(after(&keeper, &clock, MINUTE), 11 * MINUTE, NOON + 11 * MINUTE, true);
	/* The next one waits its own ten minutes. */
	clock.wall += 400 * DAY;
	assert_false(after(&keeper, &clock, MINUTE).sure);
	assert_false(after(&keeper, &clock, 9 * MINUTE).sure);
	assert_true(after(&keeper, &clock, MINUTE).sure);
}

static void a_leap_that_wanders_is_not_believed(void **state)
{
	(void)state;
	struct made_up clock = made_up(0, NOON, true);
	struct timekeeper keeper;
	timekeeper_start(&keeper, &clock.port, 0, 0);
	timekeeper_now(&keeper);
	clock.wall += 400 * DAY;
	assert_false(timekeeper_now(&keeper).sure);
	for (int i = 0; i < 20; i++) {
		clock.wall += HOUR;
		assert_false(after(&keeper, &clock, 5 * MINUTE).sure);
	}
	/* Nor when it wanders back. */
	for (int i = 0; i < 20; i++) {
		clock.wall -= HOUR;
		assert_false(after(&keeper, &clock, 5 * MINUTE).sure);
	}
	/* Nor one that was not synchronised in between. */
	clock.synchronised = false;
	assert_false(after(&keeper, &clock, 20 * MINUTE).sure);
	clock.synchronised = true;
	assert_false(after(&keeper, &clock, 0).sure);
	assert_false(after(&keeper, &clock, 9 * MINUTE).sure);
	assert_true(after(&keeper, &clock, MINUTE).sure);
}

static void within_a_day_is_no_leap(void **state)
{
	(void)state;
	struct made_up clock = made_up(0, NOON, true);
	struct timekeeper keeper;
	timekeeper_start(&keeper, &clock.port, 0, 0);
	timekeeper_now(&keeper);
	clock.wall += DAY;
	is(timekeeper_now(&keeper), 0, NOON + DAY, true);
	clock.wall += DAY + 1;
	is(timekeeper_now(&keeper), 0, NOON + DAY, false);
}

static void backward(void **state)
{
	(void)state;
	struct made_up clock = made_up(0, NOON, true);
	struct timekeeper keeper;
	timekeeper_start(&keeper, &clock.port, 0, 0);
	timekeeper_now(&keeper);
	/* A little: it stands still until the clock has caught up. */
	clock.wall -= 2 * MINUTE;
	is(timekeeper_now(&keeper), 0, NOON, true);
	is(after(&keeper, &clock, MINUTE), MINUTE, NOON, true);
	is(after(&keeper, &clock, 2 * MINUTE), 3 * MINUTE, NOON + MINUTE, true);
	/* Much: not believed, and ours stands still, too; going on, it would be ahead for ever. */
	clock.wall -= 2 * MINUTE + 1;
	is(timekeeper_now(&keeper), 3 * MINUTE, NOON + MINUTE, false);
	is(after(&keeper, &clock, HOUR), 3 * MINUTE + HOUR, NOON + MINUTE, false);
	is(after(&keeper, &clock, SECOND), 3 * MINUTE + HOUR + SECOND,
		NOON + 59 * MINUTE + SECOND - 1, true);
}

static void deadlines_do_not_feel_the_wall(void **state)
{
	(void)state;
	struct made_up clock = made_up(0, NOON, true);
	struct timekeeper keeper;
	timekeeper_start(&keeper, &clock.port, 0, 0);
	usec walls[] = {NOON + HOUR, NOON - HOUR, 0, NOON + 9999 * DAY, NOON};
	for (int i = 0; i < 5; i++) {
		clock.wall = walls[i];
		clock.boottime += SECOND;
		assert_int_equal(timekeeper_now(&keeper).elapsed, (i + 1) * SECOND);
	}
	/* A boot clock cannot go back while it runs; if it does, time stands. */
	clock.boottime -= 3 * SECOND;
	assert_int_equal(timekeeper_now(&keeper).elapsed, 5 * SECOND);
	clock.boottime += SECOND;
	assert_int_equal(timekeeper_now(&keeper).elapsed, 6 * SECOND);
}

static void the_wall_never_goes_back(void **state)
{
	(void)state;
	struct made_up clock = made_up(0, NOON, true);
	struct timekeeper keeper;
	timekeeper_start(&keeper, &clock.port, 0, 0);
	uint64_t mix = 5;
	usec last = 0;
	for (int i = 0; i < 20000; i++) {
		mix = mix * UINT64_C(6364136223846793005) + 1442695040888963407;
		clock.wall += (usec)(mix >> 33) % (4 * DAY) - (usec)(mix >> 20) % (4 * DAY);
		clock.synchronised = mix >> 62;
		struct now now = after(&keeper, &clock, (usec)(mix >> 40) % MINUTE);
		assert_true(now.wall >= last);
		last = now.wall;
		if (mix >> 50 == 0) /* a restart, with what was stored */
			timekeeper_start(&keeper, &clock.port, now.elapsed, now.wall);
	}
}

static void instants_of_the_loop(void **state)
{
	(void)state;
	struct made_up clock = made_up(500 * SECOND, NOON, true);
	struct timekeeper keeper;
	timekeeper_start(&keeper, &clock.port, 9 * DAY, NOON);
	timekeeper_now(&keeper);
	assert_int_equal(timekeeper_boottime(&keeper, 9 * DAY + SECOND), 501 * SECOND);
	assert_int_equal(timekeeper_boottime(&keeper, 0), 500 * SECOND); /* past: now */
	assert_int_equal(timekeeper_boottime(&keeper, USEC_NEVER), USEC_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_day),
		cmocka_unit_test(a_new_board_starts_in_1970),
		cmocka_unit_test(an_old_board_starts_in_1970),
		cmocka_unit_test(a_leap_is_believed_when_it_stood),
		cmocka_unit_test(a_leap_that_goes_back_was_none),
		cmocka_unit_test(a_leap_that_wanders_is_not_believed),
		cmocka_unit_test(within_a_day_is_no_leap),
		cmocka_unit_test(backward),
		cmocka_unit_test(deadlines_do_not_feel_the_wall),
		cmocka_unit_test(the_wall_never_goes_back),
		cmocka_unit_test(instants_of_the_loop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
