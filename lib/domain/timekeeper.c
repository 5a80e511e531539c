#include "lib/domain/timekeeper.h"

void timekeeper_start(struct timekeeper *keeper, struct clock_port *clock, usec elapsed, usec wall)
{
	*keeper = (struct timekeeper){
		.clock = clock,
		.boottime = clock->boottime(clock),
		.now = {.elapsed = elapsed, .wall = wall},
		.wall_known = wall > 0,
	};
}

/* Whether a synchronised wall time that differs from the expected one is believed. */
static bool believe(struct timekeeper *keeper, usec wall, usec expected)
{
	if (!keeper->wall_known)
		return true;
	if (wall < expected - TIMEKEEPER_BACK_MAX) {
		keeper->leap_since = 0;
		return false;
	}
	if (wall <= expected + TIMEKEEPER_LEAP_MAX) {
		keeper->leap_since = 0;
		return true;
	}
	if (keeper->leap_since == 0)
		keeper->leap_since = keeper->now.elapsed;
	return keeper->now.elapsed - keeper->leap_since >= TIMEKEEPER_LEAP_CONFIRM;
}

struct now timekeeper_now(struct timekeeper *keeper)
{
	struct clock_port *clock = keeper->clock;
	usec boottime = clock->boottime(clock);
	usec passed = boottime > keeper->boottime ? boottime - keeper->boottime : 0;
	keeper->boottime = boottime;
	keeper->now.elapsed += passed;

	usec expected = keeper->now.wall + passed;
	usec wall = clock->wall(clock);
	keeper->now.sure = clock->synchronised(clock) && believe(keeper, wall, expected);
	if (keeper->now.sure) {
		keeper->wall_known = true;
		keeper->leap_since = 0;
		keeper->now.wall = wall > keeper->now.wall ? wall : keeper->now.wall;
	} else {
		keeper->now.wall = expected;
	}
	return keeper->now;
}

usec timekeeper_boottime(const struct timekeeper *keeper, usec elapsed)
{
	if (elapsed == USEC_NEVER)
		return USEC_NEVER;
	usec wait = elapsed - keeper->now.elapsed;
	return keeper->boottime + (wait > 0 ? wait : 0);
}
