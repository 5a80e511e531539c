/*
 * The bank port: the locks and sensors of one bank of compartments, as hardware offers them. No
 * policy: how long a pulse lasts, what a level means and when somebody may be let in is decided in
 * doors.h and above.
 *
 * Drivers: simulated.c (no hardware), gpiod_v1.c (libgpiod 1.6), gpiod_v2.c (libgpiod 2.x).
 */
#ifndef LENDLOCK_KIOSK_DOORS_BANK_H
#define LENDLOCK_KIOSK_DOORS_BANK_H

#include "lib/base/time.h"

#include <stdbool.h>
#include <stddef.h>

#define BANK_COMPARTMENTS_MAX 512
#define BANK_PULSE_MAX        (2 * SECOND) /* a lock's coil burns longer than this */

enum bank_level {
	BANK_UNKNOWN, /* no sensor, or it cannot be read */
	BANK_CLOSED,  /* door: closed; presence: nothing in there */
	BANK_OPEN,    /* door: open; presence: something in there */
};

enum bank_sensor {
	BANK_DOOR,
	BANK_PRESENCE, /* optional: something lies in the compartment */
};

/* A level changed. at: the edge's own time, boottime µs (comparable with clock_port.boottime). */
struct bank_edge {
	int compartment;
	enum bank_sensor sensor;
	enum bank_level level;
	usec at;
};

struct bank_port {
	/* How many compartments; they are numbered from 1. */
	int (*count)(struct bank_port *bank);
	/* Drives the lock of one compartment active, or idle (also one that is idle). The driver
	 * itself ends an active lock at BANK_PULSE_MAX, in its tick(), if nobody did. 0, or -EIO:
	 * the line could not be driven, and whether it is active is not known. */
	int (*drive)(struct bank_port *bank, int compartment, bool active);
	/* Reads a level now. A compartment without that sensor is BANK_UNKNOWN. */
	enum bank_level (*read)(struct bank_port *bank, int compartment, enum bank_sensor sensor);
	/* Whether that sensor is fitted at all. */
	bool (*has)(struct bank_port *bank, int compartment, enum bank_sensor sensor);
	/* The next edge that happened; those of one sensor come oldest first. Returns 1 and
	 * *ret_edge, 0 if there is none, or an error after which there may be more: -EIO, once for
	 * each sensor that fails; -ENOBUFS: edges may be lost (a kernel queue is 16 deep). After
	 * either all levels should be read again. */
	int (*next_edge)(struct bank_port *bank, struct bank_edge *ret_edge);
	/* A file descriptor that is readable when next_edge() has one, or -1: then it makes
	 * itself heard through next_due(). */
	int (*fd)(struct bank_port *bank);
	/* When tick() wants to be called, boottime, or USEC_NEVER; and the call. doors_tick() and
	 * doors_next_due() do this for the bank they borrow. */
	usec (*next_due)(struct bank_port *bank);
	void (*tick)(struct bank_port *bank, usec boottime);
	/* Drives all locks idle and lets go of the hardware. Returns NULL. */
	struct bank_port *(*free)(struct bank_port *bank);
};

#endif
