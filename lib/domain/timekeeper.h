/*
 * A node's time (struct now), out of its clock port and what it stored when it last ran.
 *
 * elapsed grows with CLOCK_BOOTTIME and goes on at a start where it was stored: time switched off
 * is not counted, and no jump of the wall clock moves a deadline.
 *
 * wall never goes back below what was ever seen, over restarts. It is sure while the operating
 * system says that it is synchronised and it agrees with what the node expects. A leap ahead of
 * more than LEAP_MAX is believed only after it stood for LEAP_CONFIRM; until then wall goes on from
 * what was last believed, unsure. A wall that lies behind what was seen by more than BACK_MAX is
 * not believed; what was believed stands still then, until that wall has come by.
 */
#ifndef LENDLOCK_DOMAIN_TIMEKEEPER_H
#define LENDLOCK_DOMAIN_TIMEKEEPER_H

#include "lib/base/time.h"
#include "lib/ports/clock.h"

#define TIMEKEEPER_LEAP_MAX     DAY
#define TIMEKEEPER_LEAP_CONFIRM (10 * MINUTE)
#define TIMEKEEPER_BACK_MAX     (2 * MINUTE)

struct timekeeper {
	struct clock_port *clock;
	usec boottime;   /* of the last reading */
	struct now now;  /* the last reading */
	usec leap_since; /* elapsed when a leap was first seen, or USEC_NEVER */
	usec leap;       /* how far it went */
	bool wall_known; /* some wall time has been believed, now or in an earlier run */
};

/* Begins from what was stored; wall 0 if nothing ever was. Borrows clock. */
void timekeeper_start(struct timekeeper *keeper, struct clock_port *clock, usec elapsed, usec wall);
/* Reads the clock. */
struct now timekeeper_now(struct timekeeper *keeper);
/* The boottime at which the given elapsed instant will be; USEC_NEVER stays. */
usec timekeeper_boottime(const struct timekeeper *keeper, usec elapsed);

#endif
