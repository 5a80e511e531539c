/* The world around a bank for a random walk: a ledger and a hub that answer late, twice or never,
 * and an observer who believes nothing and compares everything. */
#ifndef LENDLOCK_TESTS_KIOSK_WALK_H
#define LENDLOCK_TESTS_KIOSK_WALK_H

#include "kiosk/store.h"
#include "tests/kiosk/bank.h"

#define WALK_MANY    2048
#define WALK_PREFIX  "lendlock/v1/town/"
#define WALK_PRESENT "a present" /* why a manager gives money back */

struct walk_payment {
	char payment[UUID_SIZE], rental[UUID_SIZE];
	int state; /* enum payment_state, as the ledger has it */
	int64_t amount;
	bool present; /* a manager has given it back */
};

/* An answer on its way. */
struct walk_reply {
	char payment[UUID_SIZE], operation[NAME_SIZE];
	int state; /* PAYMENT_NONE: try later */
};

struct walk_ledger {
	struct walk_payment payments[WALK_MANY];
	size_t n;
	struct walk_reply replies[WALK_MANY];
	size_t waiting;
	int decline; /* of 100 */
};

/* What somebody made of the events so far. */
struct walk_view {
	struct rental_record rentals[WALK_MANY];
	size_t rentals_n;
	struct payment_record payments[WALK_MANY];
	size_t payments_n;
	struct item_record items[64];
	size_t items_n;
	struct alert_record alerts[WALK_MANY];
	size_t alerts_n;
};

struct walk_hub {
	int64_t generation, seq;
	char epoch[UUID_SIZE], event[UUID_SIZE], claimed[UUID_SIZE];
	struct walk_view view;
	size_t seen; /* of events, for ids */
	char ids[4 * WALK_MANY][UUID_SIZE];
};

struct walk_entry {
	char item[NAME_SIZE];
	bool moving, withdrawn, here;
	char move[UUID_SIZE]; /* the order to move it */
};

struct walk {
	struct bank bank;
	struct fake_random random; /* of the walk; the bank has its own */
	struct walk_ledger ledger;
	struct walk_hub hub, backup;
	struct walk_entry entries[8];
	bool online, blocked, hand_over;
	int64_t handed_at; /* revision */
	/* The observer: events by sequence, of the epoch that he saw last. */
	char epoch[UUID_SIZE];
	int64_t last;
	char ids[4 * WALK_MANY][UUID_SIZE];
	char known[4 * WALK_MANY][UUID_SIZE]; /* of all epochs */
	size_t known_n;
	struct walk_view truth;
	bool old_copy; /* an old database was put in, or a hub that knows less: the past differs */
	/* A power cut at the next effect. */
	int cut_in;
	bool dead;
	char *image[2];
	size_t size[2];
	int (*drive)(struct bank_port *bank, int compartment, bool active);
	int pulses, cuts, crashes, forks, restores, releases;
};

uint64_t walk_below(struct walk *walk, uint64_t bound);
bool walk_chance(struct walk *walk, int percent);

/* walk_observer.c: takes what the bank has published since the last time, for hub and
 * ledger too. */
void walk_listen(struct walk *walk);

/* walk_ledger.c */
void walk_ledger_take(struct walk *walk, const struct fake_publication *publication);
void walk_ledger_answer(struct walk *walk, bool all);
struct walk_payment *walk_ledger_find(struct walk *walk, const char *payment);

/* walk_hub.c */
void walk_hub_take(struct walk *walk, const json_t *event);
void walk_hub_ack(struct walk *walk);
void walk_hub_desire(struct walk *walk);
void walk_hub_adopt(struct walk *walk);
void walk_hub_restore(struct walk *walk); /* back to the backup */
void walk_view_fold(struct walk_view *view, const json_t *event);
struct rental_record *walk_view_rental(struct walk_view *view, const char *rental);

/* walk_store.c: what lies in the bank's database, which must be closed. */
void walk_store_save(struct walk *walk);
void walk_store_put_back(struct walk *walk); /* what was saved last */
void walk_store_check(struct walk *walk);
void walk_store_check_opening(struct walk *walk, int compartment); /* of what was saved last */
void walk_store_check_healed(struct walk *walk);

#endif
