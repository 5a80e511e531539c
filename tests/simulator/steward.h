/* The made-up manager: registers and stocks the items, and deals with all that needs a person, out
 * of what the views say and what lies behind the doors. */
#ifndef LENDLOCK_TESTS_SIMULATOR_STEWARD_H
#define LENDLOCK_TESTS_SIMULATOR_STEWARD_H

#include "tests/simulator/person.h"

#define STEWARD_BANKS 8

struct packet;

struct steward {
	struct person person;                /* first: the person is the steward */
	struct packet *heard[STEWARD_BANKS]; /* the latest views, as they came ... */
	json_t *views[STEWARD_BANKS];        /* ... and as they were read last */
	size_t registered;                   /* items, of all banks */
	json_t *errands; /* an array of {whom, operation, args}: what is to be done yet */
	json_t *reports; /* such, with {looked_at, at}: seen, and to be said when it is time */
	usec next;       /* world time */
	usec asked;      /* world time: when they asked person.asked_at */
};

/* The first one registers the items. */
void steward_init(struct steward *steward, struct world *world, const char *name);
void steward_free(struct steward *steward);
usec steward_next_due(const struct steward *steward);
void steward_tick(struct steward *steward);

/* Another thing to do, at kiosk or, NULL, at the hub; takes args over. */
void steward_plan(struct steward *steward, const char *kiosk, const char *operation, json_t *args);
/* --- steward_plans.c --- */
void steward_plan_bank(struct steward *steward, const char *kiosk, const json_t *view);
/* They open the door and look, when they get there. entry: of a view. */
void steward_plan_inspection(struct steward *steward, const char *kiosk, const json_t *entry);

/* --- steward_looks.c --- */
/* They are there, and see. Returns whether they do what they came for. */
bool steward_prepare(
	struct steward *steward, const char *whom, const char *operation, json_t *args);
/* They have seen something, and say it later. Takes it over, if so. */
bool steward_puts_off(struct steward *steward, json_t *errand);
/* One that it is time for, which is the caller's then; or NULL. */
json_t *steward_due_report(struct steward *steward);
/* The bank has it behind a door, and they have it in their hands. */
bool steward_knows_better(const struct steward *steward, const json_t *entry);

/* --- steward.c --- */
/* The latest view of that bank, or NULL. */
const json_t *steward_view(struct steward *steward, size_t bank);
/* Whether some view shows a rental: maybe one that only an old copy of its bank has not seen end.
 */
bool steward_sees_rentals(struct steward *steward);

#endif
