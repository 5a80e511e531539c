/* The parts of world_check(), each of which judges one thing. */
#ifndef LENDLOCK_TESTS_SIMULATOR_CHECK_PARTS_H
#define LENDLOCK_TESTS_SIMULATOR_CHECK_PARTS_H

#include "lib/store/database.h"
#include "tests/simulator/check.h"

/* One rental, as the log told of it. */
struct tale {
	char rental[UUID_SIZE], item[NAME_SIZE], kiosk[NAME_SIZE];
	char state[NAME_SIZE];
	unsigned states; /* all that it was ever in: bits by enum rental_state */
	bool given_back; /* it failed, whatever an old copy tells of it after that */
	bool charged;    /* it was delivered and not given back: money must have moved */
	int64_t amount;
};

struct check {
	struct world *world;
	struct database *hub, *ledger, *kiosks[WORLD_KIOSKS_MAX];
	struct list tales; /* struct tale */
};

/* --- check.c --- */
bool check_some_put_back(const struct world *world);
bool check_is_lost(const struct check *check, const char *rental);
/* The last words of an epoch that was retired are for a person. */
bool check_is_in_letter(struct check *check, const char *rental);

/* --- check_events.c --- */
void check_events(struct check *check, size_t k);

/* --- check_loose_ends.c --- */
void check_kiosk(struct check *check, size_t k);
void check_desired(struct check *check, size_t k);
void check_said(struct check *check, size_t k);
void check_hub(struct check *check);

/* --- check_rentals.c --- */
void check_read_tales(struct check *check); /* first: the others go by them */
struct tale *check_tale_of(struct check *check, const char *rental); /* NULL: the log has none */
void check_rentals(struct check *check, size_t k);

/* --- check_money.c --- */
void check_payments(struct check *check, size_t k);
void check_strangers(struct check *check);
void check_charges(struct check *check);

/* --- check_words.c --- */
void check_promises(struct check *check, const struct person *person);
void check_entries(struct check *check, const struct person *person);

#endif
