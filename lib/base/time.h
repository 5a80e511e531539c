/*
 * Time has one type: microseconds, signed 64 bit.
 *
 * Two kinds of instants are in use, and never mixed:
 *   elapsed  µs that this node has been running since its database was made, over all its starts
 *            (CLOCK_BOOTTIME while running; the time switched off is not counted). Never jumps.
 *            All deadlines are elapsed instants.
 *   wall     µs since 1970-01-01 UTC, never running backwards (see domain/timekeeper.h).
 *            Only for people and for messages between nodes.
 */
#ifndef LENDLOCK_BASE_TIME_H
#define LENDLOCK_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

typedef int64_t usec;

#define USEC_NEVER ((usec)INT64_MAX)
#define MSEC       ((usec)1000)
#define SECOND     (1000 * MSEC)
#define MINUTE     (60 * SECOND)
#define HOUR       (60 * MINUTE)
#define DAY        (24 * HOUR)

/* What a node knows of the time at one moment. Handed down to everything that decides; nothing
 * below main.c reads a clock. */
struct now {
	usec elapsed;
	usec wall;
	bool sure; /* the wall time is known to be good */
};

static inline usec usec_min(usec a, usec b)
{
	return a < b ? a : b;
}

#endif
