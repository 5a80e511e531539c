/*
 * The doors of one bank: pulses one after another, debounced sensors, and facts for the kiosk.
 * Pure but for its bank port: time comes in, facts go out.
 *
 * - Openings wait in a queue; one lock is driven at a time, for pulse_length (at most
 *   BANK_PULSE_MAX), and the next only after cool_down. All locks are driven idle at start. One
 *   that cannot be is one door out of order (DOOR_STUCK): the others wait BANK_PULSE_MAX for it.
 * - Inputs are debounced in software by the edges' own time. Edges of a door during its own pulse
 *   are ignored, and its level is read again afterwards, and at start, and every resync.
 * - "Pulse sent" and "door opened" are two facts.
 *
 * What a caller hears about one opening, in this order:
 *
 *	DOOR_PULSED, DOOR_OPENED, DOOR_CLOSED			 as it should be
 *	DOOR_PULSED, DOOR_OPENED, DOOR_LEFT_OPEN, DOOR_CLOSED	 closed late
 *	DOOR_PULSED, DOOR_JAMMED				 it never opened
 *	DOOR_JAMMED						 the lock cannot be driven
 *	DOOR_PULSED, DOOR_UNCONFIRMED				 no sensor, or it died before
 *	DOOR_PULSED, DOOR_OPENED, DOOR_LEFT_OPEN, DOOR_UNCONFIRMED   it died while open
 *	nothing							 given up before the pulse
 *
 * A door that opens late, after DOOR_JAMMED, is DOOR_FORCED. A door forced while its opening waits
 * is DOOR_FORCED at once, and pulsed all the same when its turn comes; stands it still open then,
 * the opening takes it over, and DOOR_CLOSED stands for DOOR_SHUT too.
 */
#ifndef LENDLOCK_KIOSK_DOORS_DOORS_H
#define LENDLOCK_KIOSK_DOORS_DOORS_H

#include "kiosk/doors/bank.h"

struct doors_settings {
	usec pulse_length; /* 50 ms .. BANK_PULSE_MAX */
	usec cool_down;    /* between two pulses of the bank, 0 .. 10 s */
	usec debounce;     /* a level counts when it held this long, 0 .. 1 s */
	usec open_within;  /* after the pulse, debounce .. USEC_NEVER; else the door is jammed */
	usec close_within; /* after it opened, debounce .. USEC_NEVER; else it is left open */
	usec resync;       /* how often all levels are read again, 100 ms .. USEC_NEVER */
};

enum door_fact {
	DOOR_PULSED = 1,  /* the pulse of opening was sent */
	DOOR_OPENED,      /* opening: its door opened */
	DOOR_CLOSED,      /* opening: its door closed again; the opening is over */
	DOOR_LEFT_OPEN,   /* opening: not closed in time; DOOR_CLOSED follows when it is */
	DOOR_JAMMED,      /* opening: never opened; the opening is over */
	DOOR_UNCONFIRMED, /* opening: pulsed, but no sensor can say whether it opened, or, after
			     DOOR_LEFT_OPEN, whether it closed again; the opening is over */
	DOOR_FORCED,      /* opened without a pulse; opening is 0 */
	DOOR_SHUT,        /* a forced door, or one found open at start, is closed; opening is 0 */
	DOOR_STUCK,       /* its lock cannot be driven idle, and is tried on; opening is 0 */
};

struct doors;

/* Told about each fact, out of doors_tick() and doors_edges() only. It may call doors_open(),
 * doors_give_up() and doors_resume(), but neither tick, edges nor free. */
typedef void doors_told(void *context, int compartment, int64_t opening, enum door_fact fact);

/* Borrows bank for its life. Drives all locks idle and reads all levels; a door found open makes no
 * fact but counts as open. 0, or -EINVAL: settings out of bounds. */
int doors_new(struct bank_port *bank, const struct doors_settings *settings, usec boottime,
	doors_told *told, void *context, struct doors **ret_doors);
/* Drives the lock idle that is being pulsed; what waits is forgotten. Returns NULL. */
struct doors *doors_free(struct doors *doors);

/* Asks for a door. opening: the caller's number for it, > 0, unique among those that are not over.
 * 0; -EINVAL: no such compartment; -EBUSY: that compartment is being opened or stands open. */
int doors_open(struct doors *doors, int compartment, int64_t opening, usec boottime);
/* Takes an opening back that was not pulsed yet. True if there was one. */
bool doors_give_up(struct doors *doors, int64_t opening);
/* After a start: takes over a door as if opening had opened it now; no DOOR_OPENED is told. Is it
 * closed after all, DOOR_CLOSED is told soon; has it no sensor, DOOR_UNCONFIRMED. 0; -EINVAL: no
 * such compartment; -EBUSY: it is being opened. */
int doors_resume(struct doors *doors, int compartment, int64_t opening, usec boottime);

/* Debounced levels; BANK_UNKNOWN also for a compartment that does not exist. */
enum bank_level doors_level(const struct doors *doors, int compartment);
enum bank_level doors_presence(const struct doors *doors, int compartment);
int doors_count(const struct doors *doors);

/* The bank's fd became readable. */
void doors_edges(struct doors *doors, usec boottime);
/* Time has passed: for the bank (whose tick is called here) and for what waits. Takes the edges
 * that happened first, so that no deadline is missed only because the caller came late. */
void doors_tick(struct doors *doors, usec boottime);
usec doors_next_due(const struct doors *doors); /* boottime, or USEC_NEVER; the bank's included */

#endif
