/*
 * A whole site in one process, on a made-up clock: kiosks, a hub, a payment adapter with its
 * provider, a broker, and people. Everything in it follows from the seed.
 *
 *	world_new, world_pass (with trouble), world_heal, world_end, world_check, world_free
 *
 * A node has one state outside of itself, its file; the world holds what else outlives a crash:
 * doors, the provider's money, what people know.
 */
#ifndef LENDLOCK_TESTS_SIMULATOR_WORLD_H
#define LENDLOCK_TESTS_SIMULATOR_WORLD_H

#include "tests/simulator/acquirer.h"
#include "tests/simulator/broker.h"
#include "tests/simulator/count.h"
#include "tests/simulator/node.h"
#include "tests/simulator/renter.h"
#include "tests/simulator/steward.h"
#include "tests/simulator/story.h"
#include "tests/simulator/trouble.h"
#include "tests/simulator/witness.h"

#define WORLD_PREFIX     "lendlock/v1/" WORLD_SITE "/"
#define WORLD_MANAGER    "boss"
#define WORLD_DEPUTY     "deputy" /* another manager */
#define WORLD_ITEMS      7        /* at each bank */
#define WORLD_DOORS      8
#define WORLD_KIOSKS_MAX 8
#define WORLD_HASH_START UINT64_C(0xcbf29ce484222325)

/* What a world is made of. */
struct world_options {
	uint64_t seed;
	size_t kiosks, renters;
	usec time; /* of trouble */
	const struct trouble_mask *mask;
	bool telling; /* keeps its story */
	bool quiet;   /* what is wrong is not printed at once */
};

/* Something that must never happen, and did. */
struct world_failure {
	char check[NAME_SIZE]; /* which check found it */
	char about[UUID_SIZE]; /* a rental, payment, item or bank; or "" */
	char text[240];
	usec at;
};

struct world {
	uint64_t seed;
	struct fake_clock clock; /* the people's */
	struct fake_random network;
	struct broker *broker;
	struct broker_tally calm, stormy; /* what the weather did, and what storms did */
	struct broker_link *stranger;     /* somebody who does not belong here */
	const struct node *stuck_bank;    /* whose requests to authorize are held up, or NULL */
	struct list stuck;                /* struct packet *: these */
	struct node kiosks[WORLD_KIOSKS_MAX + 1], hub, ledger;
	struct node *nodes[WORLD_KIOSKS_MAX + 3];
	struct node *twin;          /* the last of kiosks, and not one of kiosks_n; see ... */
	const struct node *twin_of; /* ... trouble_twin.c; NULL: there is none now */
	size_t kiosks_n, nodes_n;
	struct renter *renters;
	size_t renters_n;
	struct steward steward, deputy;
	struct acquirer *acquirer;
	struct witness witness;
	struct troubles troubles;
	const struct trouble_mask *mask;
	bool healed;
	bool put_back_ledger;
	bool copied; /* some file is, and will be put back; what a second one forgot, nobody would
			know */
	bool copied_hub; /* what managers say now, the hub will forget */
	json_t *touched; /* answers of touchscreens that people read at the end of the round */
	uint64_t trace;
	bool aloud; /* the trace is printed */
	bool quiet, telling;
	struct story story;
	struct world_counts counts;
	struct list
		failures; /* struct world_failure: the first ones, and the first of each check */
	int wrong;        /* how many there were */
};

/* All are made, and start at once. */
struct world *world_new(const struct world_options *options);
struct world *world_free(struct world *world);
void world_pass(struct world *world, usec time);
/* No more trouble: what is broken works again, and people behave. */
void world_heal(struct world *world);
/* Everything stops; the files stay for world_check(). */
void world_end(struct world *world);

/* --- for those who live in it --- */

/* A seed for somebody's own random numbers. */
uint64_t world_seed(const struct world *world, const char *what, size_t which);
void world_count(struct world *world, enum world_count what);
/* Every third seed's: it has no old copies, new boards and second boards, so that nothing is
 * excused by one. */
bool world_is_strict(const struct world *world);
/* Whether that trouble is left out of this world. */
bool world_spared(const struct world *world, enum trouble_kind kind);
struct node *world_kiosk(struct world *world, const char *name);
void world_item_name(char ret_name[static NAME_SIZE], size_t kiosk, size_t place);
/* At the touchscreen: see kiosk_touch(). */
void node_touch(struct node *node, const char *user, const char *operation, const char *id,
	const json_t *args);
void world_touched(struct world *world, const char *id, const json_t *reply);

/* Something that must never happen. check: which one found it; about: what it concerns, or "". */
__attribute__((format(printf, 4, 5))) void world_wrong(
	struct world *world, const char *check, const char *about, const char *format, ...);
/* Something happened: a line of the trace, which is the same for the same seed, and of the story.
 * With a * before it, it is about the machinery. Printed if LENDLOCK_WORLD_TRACE is set. */
__attribute__((format(printf, 2, 3))) void world_say(struct world *world, const char *format, ...);
/* FNV-1a (Fowler, Noll, Vo). */
uint64_t world_hash(uint64_t hash, const void *bytes, size_t size);

#endif
