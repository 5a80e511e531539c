/* Store: dead letters, the bytes of what could not be read or applied, and why. */
#ifndef LENDLOCK_HUB_STORE_DEAD_LETTER_H
#define LENDLOCK_HUB_STORE_DEAD_LETTER_H

#include "lib/store/database.h"
#include "lib/wire/records.h"

#define HUB_LETTERS_MAX      10000 /* newest kept */
#define HUB_LETTERS_BANK_MAX 1000  /* ... of one bank, so that it does not push out the others' */
#define HUB_LETTER_BYTES     EVENT_MESSAGE_BYTES /* more of one are cut off */

struct hub_letter {
	struct dead_letter_record record; /* position 0: the next */
	char event[UUID_SIZE];            /* its id if it could be read, or "" */
	bool for_person;                  /* never to be replayed */
	const void *bytes;
	size_t size;
};

/* Keeps a letter. false: the same bytes from the same kiosk are there already. ret_dropped: how
 * many old ones had to go. */
bool hub_letter_add(
	struct database *database, const struct hub_letter *letter, int64_t *ret_dropped);
/* Whether an event of that id is among them. */
bool hub_letter_has_event(struct database *database, const char *id);
int64_t hub_letter_count_open(struct database *database);

/* The positions, int64_t, of at most limit letters behind a position that a replay might take, in
 * their order. */
void hub_letter_waiting(struct database *database, int64_t after, int64_t limit, struct list *ret);
/* A letter's bytes; valid until closed. false: no such letter. */
struct hub_letter_body {
	char kiosk[NAME_SIZE], event[UUID_SIZE];
	void *bytes;
	size_t size;
};
bool hub_letter_open(struct database *database, int64_t position, struct hub_letter_body *ret_body);
void hub_letter_close(struct hub_letter_body *body);
void hub_letter_done(struct database *database, int64_t position);
bool hub_letter_get(
	struct database *database, int64_t position, struct dead_letter_record *ret_letter);
/* Latest first, at most limit before a position (0: from the end); dead_letter_records. */
struct query *hub_letter_list(struct database *database, int64_t before, int64_t limit);

#endif
