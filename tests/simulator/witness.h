/*
 * What an onlooker knows of the made-up site: who asked for what and was told what, which lock was
 * pulsed, whose hands moved which item where, what each node published, and what the provider did.
 * None of it comes out of a node's memory or file, so that it can judge them all the time.
 *
 *	witness_events.c  what the kiosks publish, and what the hub acks
 *	witness_doors.c   asks, pulses
 *	witness_hands.c   where the items are
 *	witness_looks.c   what a person must look at
 *	witness_money.c   payments, and which rental they are for
 */
#ifndef LENDLOCK_TESTS_SIMULATOR_WITNESS_H
#define LENDLOCK_TESTS_SIMULATOR_WITNESS_H

#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "lib/ports/mqtt.h"
#include "lib/wire/record.h"
#include "tests/simulator/acquirer.h"

#include <jansson.h>

#define WITNESS_ASKS    64 /* of a bank, the latest */
#define WITNESS_LOOKS   4  /* the latest */
#define WITNESS_DOORS   16
#define WITNESS_BUCKETS 4096
#define WITNESS_ITEMS   80 /* of all banks, with those that replace withdrawn ones */
#define WITNESS_BANKS   9  /* the last one is the twin's */

struct node;
struct person;
struct world;

enum place { WITH_MANAGER, BEHIND_DOOR, WITH_RENTER, WITH_THIEF };

/* Somebody has looked, and says so now. */
struct known_look {
	char id[UUID_SIZE]; /* of the request that says it; "": it has had its answer */
	usec looked_at, said_at;
};

struct known_item {
	char name[NAME_SIZE];
	enum place place;
	const struct node *bank; /* BEHIND_DOOR: where */
	int door;
	const struct person *manager;         /* WITH_MANAGER: who; NULL: it is in the store */
	const struct person *renter;          /* WITH_RENTER: who ... */
	const struct known_rental *taken_for; /* ... and for which rental they took it */
	bool withdrawn, moves;                /* what managers want */
	int64_t price;     /* as it was put into the catalogue; nobody in a world changes one */
	bool astray;       /* it was moved while its bank did not look: the bank may err about it */
	usec moved_at;     /* by whose hands ever, the last time */
	const char *doubt; /* why a person looks before it is lent; or NULL */
	usec doubt_made;   /* since when ... */
	usec doubt_at;     /* ... and from when on its bank knows of that */
	char doubt_by[UUID_SIZE]; /* the request that made the last one; its answer may come again
				   */
	struct known_look looks[WITNESS_LOOKS]; /* a ring: where it was said to be */
	size_t looks_n;
	char asked_in_doubt[UUID_SIZE]; /* who wants to have it all the same */
	struct known_rental *open;      /* the one that has it, by what the banks last said */
};

struct known_rental {
	struct known_rental *next; /* in its bucket */
	struct known_rental *later;
	char id[UUID_SIZE];
	struct known_item *item;
	const struct node *bank;
	const struct node *teller;   /* who told of it last: its bank, or the twin */
	const struct person *renter; /* NULL: nobody was told of it yet */
	int64_t amount;
	int state;       /* enum rental_state, by what its bank last said */
	int door;        /* where it lay when it was taken */
	bool taken;      /* its renter took the item out of its door */
	bool empty;      /* ... or found nothing in there */
	bool shut;       /* ... and the door was shut after that */
	bool shut_back;  /* so was the one that it came back through */
	usec opened_at;  /* the door for its renter, the first time */
	bool murky;      /* its bank did not see all of that */
	bool reported;   /* "broken" or "nothing in here" was accepted */
	bool complained; /* ... or may have been */
	bool resolved;   /* a manager ended it, or may have */
	bool cut_short;  /* its renter was told that the power went while its door was opened */
	bool unnoticed;  /* it is lost, and nobody can have noticed */
	bool lost;       /* its bank was put back to before it heard of this */
	bool misled;     /* its bank told of it as an old copy that did not know what it is */
	bool twinned;    /* a second board has answered about it */
	int pulses;      /* that its doors were opened by */
	int openings;    /* that its bank told of */
	usec rented_at;  /* when its renter was first said to have it */
	usec touched_at; /* when something of it happened last */
	int captured;    /* payments of it that hold the money */
};

struct known_payment {
	struct known_payment *next;
	char id[UUID_SIZE];
	struct known_rental *rental;
	bool heard; /* its ledger has heard of it */
	bool over;  /* its ledger has said that no money is held, nor ever will be */
};

/* Somebody wants a door. */
struct known_ask {
	char id[UUID_SIZE];
	char operation[NAME_SIZE];
	const struct person *who;
	struct known_rental *rental; /* or NULL */
	struct known_item *item;     /* or NULL */
	bool allowed;                /* whether it may open anything */
	bool used;                   /* it has, or was refused */
	bool accepted;               /* its kiosk is at it, or has put it into the queue ... */
	usec accepted_at;            /* ... since then */
	bool timely;                 /* it has reached its kiosk before its time was over there */
	usec expires_at;             /* wall time, or USEC_NEVER */
	int door;                    /* which one it was told, or 0 */
	int64_t turn;                /* it was accepted as the n-th of all */
	usec at;
};

/* What happens at one door. */
struct known_door {
	struct known_ask ask; /* for which it was pulsed last */
	usec pulsed_at, shut_at;
	bool open;
	bool watched;              /* the kiosk has run, and its sensor worked, since the pulse */
	bool forced;               /* it is open without one, and the kiosk sees that */
	usec thief_at;             /* world time: when somebody opens it to take what is in there */
	struct known_item *stolen; /* they took that, and it was not shut since */
};

/* One that was before, and to which a copy may go back. */
struct known_epoch {
	char epoch[UUID_SIZE];
	struct list ids;
	int64_t acked;
};

/* How far a copied file had come, by what was published. */
struct known_copy {
	char epoch[UUID_SIZE];
	int64_t made;
	bool blank; /* of a board that knew of nothing */
};

struct known_bank {
	struct list epochs; /* struct known_epoch */
	char epoch[UUID_SIZE];
	struct list ids; /* uint64_t: hashes of event ids by seq - 1, of that epoch */
	int64_t acked;   /* by the hub, of that epoch */
	int64_t made;    /* of those, by this board, as far as it knows: the others are forgotten */
	bool old; /* it was put back to an old copy, or has a twin: others may follow those */
	struct known_copy copy;
	bool blank; /* its board is a new one that has not been adopted */
	int64_t generation;
	int64_t told_to; /* the last event of the last batch, and when that was published */
	usec told_at, settled_at; /* settled: all that had happened by then, the hub has */
	bool put_back;            /* once at least ... */
	usec put_back_at;         /* ... and the last time; or a second board of it came or went */
	bool blind;               /* it was, and has not said that it knows */
	bool twinned;             /* blind because of a second board */
	int64_t forked; /* it said another event under that number, which the hub had acked; or 0 */
	usec lost_at;   /* something of it was lost, the last time ... */
	usec said_at;   /* ... and a person was told of such a thing */
	int64_t acked_before;                   /* the hub was put back */
	struct known_look lists[WITNESS_LOOKS]; /* a ring: of what lies behind its doors */
	size_t lists_n;
	usec confirmed_at; /* world time: it has said what of such a list it has taken */
	struct known_ask asks[WITNESS_ASKS]; /* a ring */
	size_t asks_n;
	struct known_door doors[WITNESS_DOORS];
};

struct witness {
	struct known_item items[WITNESS_ITEMS];
	size_t items_n;
	struct known_rental *rentals[WITNESS_BUCKETS], *first, *last;
	struct known_payment *payments[WITNESS_BUCKETS];
	struct known_bank banks[WITNESS_BANKS];
	int64_t turns;
	bool hub_put_back;    /* once at least ... */
	usec hub_put_back_at; /* ... and the last time */
	uint64_t *event_ids;  /* an open hash set */
	size_t event_ids_n, event_ids_room;
};

void witness_free(struct witness *witness);
void witness_forget(struct known_bank *bank); /* frees what it has */

struct known_bank *witness_bank(const struct world *world, const struct node *bank);
struct known_item *witness_item(struct world *world, const char *name); /* NULL: no such item */
struct known_item *witness_add_item(struct world *world, const char *name);
struct known_rental *witness_rental(struct world *world, const char *id); /* NULL: unknown */
/* A record of a rental, or a request with its id: somebody spoke of it. */
struct known_rental *witness_hear(struct world *world, const json_t *told);
struct known_item *witness_behind(struct world *world, const struct node *bank, int door);

/* --- witness_events.c --- */
/* A node has published that. */
void witness_published(
	struct world *world, const struct node *node, const struct mqtt_message *message);
/* Its file is copied now; and put back to that copy, or to none at all. */
void witness_copied(struct world *world, const struct node *bank);
void witness_put_back(struct world *world, const struct node *bank, bool blank, bool noticed);
/* A second board under that bank's name begins to live, with a copy of its file or with none. */
void witness_twin_begins(struct world *world, bool cloned);
void witness_twin_ends(struct world *world);
/* At the end: who was two has noticed. */
void witness_check_forks(struct world *world);
bool witness_is_acked(const struct world *world, const struct node *bank);
void witness_hub_put_back(struct world *world);
/* Whether who gave that answer may have forgotten that they had given another one before. */
bool witness_was_put_back(struct world *world, const json_t *reply);
/* Whether the hub has acked all that the banks have published. */
bool witness_all_acked(const struct world *world);

/* --- witness_doors.c --- */
void witness_asked(struct world *world, const struct person *who, const char *whom,
	const char *operation, const char *id, usec expires_at, const json_t *args);
/* Its kiosk is at that request; it has died, and what was asked of it is void; what it answers. */
void witness_handled(struct world *world, const struct node *bank, const char *id, size_t size);
void witness_died(struct world *world, const struct node *bank);
/* bank: NULL, if it was at a touchscreen. */
void witness_replied(struct world *world, const struct node *bank, const json_t *reply);
void witness_answered(struct world *world, const struct person *who, const json_t *reply);
/* Something goes on at one of its doors. */
bool witness_is_busy(const struct world *world, const struct node *bank);
void witness_pulsed(struct world *world, const struct node *bank, int door);
/* The bank says for which return that door was pulsed. */
void witness_returns(struct world *world, struct known_rental *rental, int door);
void witness_opened(struct world *world, const struct node *bank, int door);
void witness_shut(struct world *world, const struct node *bank, int door);
/* That kiosk has stopped, or cannot see its doors. */
void witness_blind(struct world *world, const struct node *bank, int door);
/* At the end: each pulse is on record. */
void witness_check_pulses(struct world *world);
/* At the end: the views against where things are. */
void witness_check_places(struct world *world);

/* --- witness_hands.c --- */
/* Whoever asked for that door, which stands open, does it. */
void witness_reach_in(struct world *world, const struct node *bank, int door);
bool witness_is_manager(const struct person *who);
/* They fetch that thing out of the store; or whose rental of it is over gives it to them. False:
 * nobody does. */
bool witness_hands_in(struct world *world, struct known_item *item, const struct person *manager);

/* Its renter has reported what they took out, and puts it back if they still stand there. told: the
 * rental, in the answer that they get. */
void witness_puts_back(struct world *world, const struct known_rental *rental, const json_t *told);
/* Somebody is about to force that door, and takes what is in there. */
void witness_thief(struct world *world, const struct node *bank, int door);
/* A door is open that no pulse has opened: if it is a thief's, they do it. */
void witness_steals(struct world *world, const struct node *bank, int door);

/* --- witness_looks.c --- */
void witness_looks_asked(struct world *world, const struct person *who, struct known_item *item,
	const struct node *bank, const char *operation, const char *id);
void witness_looks_replied(struct world *world, const struct node *bank, const json_t *reply);
void witness_looks_noted(
	struct world *world, const struct node *bank, const char *type, const json_t *data);
void witness_looks_handled(struct known_item *item); /* by a renter */
void witness_looks_forced(struct world *world, struct known_item *inside);
/* It was told what lies behind its doors. */
void witness_looks_confirmed(struct world *world, const struct node *bank);
void witness_looks_died(struct world *world, const struct node *bank);

/* --- witness_money.c --- */
/* Somebody spoke of a rental with its item: it costs what stands in the catalogue. */
void witness_priced(struct world *world, const struct known_rental *rental, const json_t *told);
void witness_pays(struct world *world, const json_t *request);
/* A ledger answers. */
void witness_ledger_says(struct world *world, const struct mqtt_message *message);
/* A request has reached the ledger. */
void witness_ledger_hears(struct world *world, const struct mqtt_message *message);
void witness_money(struct world *world, const struct account *account, enum provider_call call);
/* Its bank lost it, and nobody else had heard of it: then nobody gives its money back. */
bool witness_is_forgotten(const struct world *world, const char *payment);
/* The rental that a payment is for, or "". */
const char *witness_rental_paid(const struct world *world, const char *payment);
void witness_check_money(struct world *world);
/* Whether nobody owes anything any more. */
bool witness_settled(const struct world *world);

#endif
