#include "lib/domain/timekeeper.h"

void timekeeper_start(struct timekeeper *keeper, struct clock_port *clock, usec elapsed, usec wall)
{
	*keeper = (struct timekeeper){
		.clock = clock,
		.boottime = clock->boottime(clock),
		.now = {.elapsed = elapsed, .wall = wall},
		.leap_since = USEC_NEVER,
		.wall_known = wall > 0,
	};
}

/* Whether a leap of that size has stood for long enough: one that changes begins anew. */
static bool confirm(struct timekeeper *keeper, usec leap)
{
	usec change = leap - keeper->leap;
	if (keeper->leap_since == USEC_NEVER || change > TIMEKEEPER_BACK_MAX ||
		change < -TIMEKEEPER_BACK_MAX) {
		keeper->leap_since = keeper->now.elapsed;
		keeper->leap = leap;
	}
	return keeper->now.elapsed - keeper->leap_since >= TIMEKEEPER_LEAP_CONFIRM;
}

/* Whether a synchronised wall time is believed, where expected would be no surprise. */
static bool believe(struct timekeeper *keeper, usec wall, usec expected)
{
	if (!keeper->wall_known)
		return true;
	if (wall > expected + TIMEKEEPER_LEAP_MAX)
		return confirm(keeper, wall - expected);
	keeper->leap_since = USEC_NEVER;
	return wall >= expected - TIMEKEEPER_BACK_MAX;
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
	bool synchronised = clock->synchronised(clock);
	keeper->now.sure = synchronised && believe(keeper, wall, expected);
	if (keeper->now.sure) {
		keeper->wall_known = true;
		keeper->now.wall = wall > keeper->now.wall ? wall : keeper->now.wall;
	} else if (!synchronised || wall > expected) {
		keeper->now.wall = expected;
	} /* else it is behind, and ours stands still until it has come by: both would never meet */
	if (keeper->now.sure || !synchronised)
		keeper->leap_since = USEC_NEVER;
	return keeper->now;
}

usec timekeeper_boottime(const struct timekeeper *keeper, usec elapsed)
{
	if (elapsed == USEC_NEVER)
		return USEC_NEVER;
	usec wait = elapsed - keeper->now.elapsed;
	return keeper->boottime + (wait > 0 ? wait : 0);
}
