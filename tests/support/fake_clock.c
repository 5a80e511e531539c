#include "tests/support/fake_clock.h"

static usec boottime(struct clock_port *port)
{
	return ((struct fake_clock *)port)->boottime;
}

static usec wall(struct clock_port *port)
{
	return ((struct fake_clock *)port)->wall;
}

static bool synchronised(struct clock_port *port)
{
	return ((struct fake_clock *)port)->synchronised;
}

void fake_clock_init(struct fake_clock *clock)
{
	*clock = (struct fake_clock){
		.port = {.boottime = boottime, .wall = wall, .synchronised = synchronised},
		.boottime = HOUR,
		.wall = FAKE_CLOCK_WALL,
		.synchronised = true,
	};
}

void fake_clock_pass(struct fake_clock *clock, usec passed)
{
	clock->boottime += passed;
	clock->wall += passed;
}
