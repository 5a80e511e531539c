/*
 * One debounced input: a level counts once the line has not moved for the hold time. Told by edges,
 * with their own time, and by looks at the line, which find what lost edges have missed.
 */
#ifndef LENDLOCK_KIOSK_DOORS_DEBOUNCE_H
#define LENDLOCK_KIOSK_DOORS_DEBOUNCE_H

#include "kiosk/doors/bank.h"

struct debounce {
	enum bank_level level; /* what counts */
	enum bank_level seen;  /* what the line said last */
	usec moved;            /* when the line moved last; older edges are history */
};

/* The line is at level, and that counts at once. */
static inline void debounce_set(struct debounce *debounce, enum bank_level level, usec at)
{
	*debounce = (struct debounce){.level = level, .seen = level, .moved = at};
}

/* What the line did before is forgotten; it is at level and has moved just now. */
static inline void debounce_restart(struct debounce *debounce, enum bank_level level, usec at)
{
	debounce->seen = level;
	debounce->moved = at;
}

/* An edge to level. One to the level it had comes after a lost one: the line moved all the same. */
static inline void debounce_edge(struct debounce *debounce, enum bank_level level, usec at)
{
	if (at < debounce->moved)
		return;
	debounce->seen = level;
	debounce->moved = at;
}

static inline void debounce_look(struct debounce *debounce, enum bank_level level, usec at)
{
	if (level == debounce->seen)
		return;
	debounce->seen = level;
	debounce->moved = at;
}

static inline bool debounce_quiet(const struct debounce *debounce, usec hold, usec at)
{
	return at - debounce->moved >= hold;
}

static inline usec debounce_due(const struct debounce *debounce, usec hold)
{
	return debounce->seen == debounce->level ? USEC_NEVER : debounce->moved + hold;
}

/* Lets the level count that held until at. True if what counts has changed. */
static inline bool debounce_settle(struct debounce *debounce, usec hold, usec at)
{
	if (debounce->seen == debounce->level || !debounce_quiet(debounce, hold, at))
		return false;
	debounce->level = debounce->seen;
	return true;
}

#endif
