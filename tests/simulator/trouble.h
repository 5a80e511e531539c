/*
 * What goes wrong in the made-up world, and when. All of it is drawn from the seed before the world
 * begins; each trouble has its number and its own random numbers, so that leaving one out does not
 * change what the others are. That is how a failing seed is cut down to what it takes (shrink.h).
 */
#ifndef LENDLOCK_TESTS_SIMULATOR_TROUBLE_H
#define LENDLOCK_TESTS_SIMULATOR_TROUBLE_H

#include "lib/base/time.h"
#include "tests/support/fake_random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node;
struct crash_copy;
struct world;

#define TROUBLES_MAX 2048

enum trouble_kind {
	TROUBLE_CRASH,
	TROUBLE_DISK,
	TROUBLE_SYNC,
	TROUBLE_FULL,
	TROUBLE_MEMORY,
	TROUBLE_BROKER,
	TROUBLE_OLD_STORE,
	TROUBLE_CUT,
	TROUBLE_SPLIT,
	TROUBLE_HALF_OPEN,
	TROUBLE_RESET,
	TROUBLE_STORM,
	TROUBLE_CLOCK_JUMP,
	TROUBLE_CLOCK_DRIFT,
	TROUBLE_CLOCK_1970,
	TROUBLE_COPY_KIOSK,
	TROUBLE_COPY_HUB,
	TROUBLE_COPY_LEDGER,
	TROUBLE_NEW_BOARD,
	TROUBLE_PROVIDER_DOWN,
	TROUBLE_PROVIDER_SLOW,
	TROUBLE_JAM,
	TROUBLE_FORCE,
	TROUBLE_NOISE,
	TROUBLE_BLIND,
	TROUBLE_BLOCK,
	TROUBLE_WITHDRAW,
	TROUBLE_MOVE,
	TROUBLE_FOREIGN_ACK,
	TROUBLE_STUCK,
	TROUBLE_COPY_BUSY,
	TROUBLE_TWIN,
	/* These are there all the time, without a number. */
	TROUBLE_WEATHER,
	TROUBLE_LOSS = TROUBLE_WEATHER,
	TROUBLE_DOUBLES,
	TROUBLE_DELAYS,
	TROUBLE_OVERTAKING,
	TROUBLE_LATE_WILLS,
	TROUBLE_PROVIDER_FAULTS,
	TROUBLE_CARELESS_HANDS,
	TROUBLE_IMPATIENCE,
	TROUBLE_DEPUTY,
	TROUBLE_KINDS
};

/* What is left out of a world. */
struct trouble_mask {
	bool kinds[TROUBLE_KINDS];
	bool ones[TROUBLES_MAX];
};

struct trouble {
	int number;
	enum trouble_kind kind;
	usec at; /* world time */
	struct fake_random random;
	usec over_at; /* or USEC_NEVER: nothing to put right */
	void (*over)(struct world *world, struct trouble *trouble);
	size_t which, other; /* what it struck; and, of two, the other one */
	struct crash_copy *copy;
	bool noticed; /* the hub had all of it */
};

struct troubles {
	struct trouble *all; /* in the order of time */
	size_t n, next;
	usec over_due; /* the next end of one that came */
};

/* kind's words; how many of it come in a day, and at least. */
struct trouble_habit {
	const char *words;
	int per_day;
	void (*strike)(struct world *world, struct trouble *trouble);
};
extern const struct trouble_habit trouble_habits[TROUBLE_KINDS];

/* How many there are in such a time, and of which kind each one is, by its number. */
int trouble_total(usec time);
enum trouble_kind trouble_kind_of(int number, usec time);

/* time: how long trouble lasts. */
void trouble_begin(struct world *world, usec time);
usec trouble_next_due(const struct world *world);
void trouble_run(struct world *world);
/* All that is out of order is in order again, and nothing more comes. */
void trouble_end(struct world *world);

/* --- for the kinds --- */

uint64_t trouble_below(struct trouble *trouble, uint64_t bound);
/* Many short times, some long ones. */
usec trouble_lasts(struct trouble *trouble);
void trouble_until(struct world *world, struct trouble *trouble, usec time,
	void (*over)(struct world *world, struct trouble *trouble));

#endif
