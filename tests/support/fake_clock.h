/* A clock that stands still until a test moves it. */
#ifndef LENDLOCK_TESTS_SUPPORT_FAKE_CLOCK_H
#define LENDLOCK_TESTS_SUPPORT_FAKE_CLOCK_H

#include "lib/ports/clock.h"

#define FAKE_CLOCK_WALL ((usec)1795368557 * SECOND) /* 2026-11-22T17:29:17Z */

struct fake_clock {
	struct clock_port port;
	usec boottime, wall;
	bool synchronised;
};

/* Synchronised, at FAKE_CLOCK_WALL, an hour after boot. */
void fake_clock_init(struct fake_clock *clock);
/* Boot time and wall time go on together. */
void fake_clock_pass(struct fake_clock *clock, usec passed);

#endif
