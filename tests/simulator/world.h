/*
 * A whole site in one process, on a made-up clock: kiosks, a hub, a payment adapter with its
 *provider, a broker, and people. Everything in it follows from the seed.
 *
 *	world_new, world_pass (with trouble), world_heal, world_end, world_check, world_free
 *
 * A node has one state outside of itself, its file; the world holds what else outlives a crash:
 *doors, the provider's money, what people know.
 */
#ifndef LENDLOCK_TESTS_SIMULATOR_WORLD_H
#define LENDLOCK_TESTS_SIMULATOR_WORLD_H

#include "tests/simulator/broker.h"
#include "tests/simulator/node.h"
#include "tests/simulator/renter.h"
#include "tests/simulator/steward.h"
#include "tests/simulator/trouble.h"

#define WORLD_PREFIX     "lendlock/v1/" WORLD_SITE "/"
#define WORLD_MANAGER    "boss"
#define WORLD_ITEMS      5 /* at each bank */
#define WORLD_DOORS      6
#define WORLD_KIOSKS_MAX 8
#define WORLD_HASH_START UINT64_C(0xcbf29ce484222325)

/* How often what happened: a world where nothing did proves nothing. */
struct world_counts {
	int died[3];     /* kiosks, hub, ledger */
	int died_midway; /* ... while it did something */
	int rebooted;
	int broker_died, cuts, resets, provider_down, jams, forced;
	int answered_again; /* the same answer to a repeated request */
	int delivered;      /* messages */
};

struct world {
	uint64_t seed;
	struct fake_clock clock; /* the people's */
	struct fake_random random;
	struct broker *broker;
	struct node kiosks[WORLD_KIOSKS_MAX], hub, ledger;
	struct node *nodes[WORLD_KIOSKS_MAX + 2];
	size_t kiosks_n, nodes_n;
	struct renter *renters;
	size_t renters_n;
	struct steward steward;
	struct trouble trouble;
	bool healed;
	json_t *touched; /* answers of touchscreens that people read at the end of the round */
	char folder[64];
	uint64_t trace;
	bool aloud; /* the trace is printed */
	struct world_counts counts;
	int wrong; /* what must never happen, and did */
};

/* All are made, and start at once. */
struct world *world_new(uint64_t seed, size_t kiosks, size_t renters);
struct world *world_free(struct world *world);
void world_pass(struct world *world, usec time);
/* No more trouble: what is broken works again, and people behave. */
void world_heal(struct world *world);
/* Everything stops; the files stay for world_check(). */
void world_end(struct world *world);

/* --- for those who live in it --- */

uint64_t world_below(struct world *world, uint64_t bound);
/* When something that has died starts again. */
usec world_downtime(struct world *world);
struct node *world_kiosk(struct world *world, const char *name);
void world_item_name(char ret_name[static NAME_SIZE], size_t kiosk, size_t place);
/* At the touchscreen: see kiosk_touch(). */
void node_touch(struct node *node, const char *user, const char *operation, const char *id,
	const json_t *args);
void world_touched(struct world *world, const char *id, const json_t *reply);
void node_provider_down(struct node *node, bool down);

/* Something that must never happen. */
__attribute__((format(printf, 2, 3))) void world_wrong(
	struct world *world, const char *format, ...);
/* A line of the trace, which is the same for the same seed. Printed if LENDLOCK_WORLD_TRACE is set.
 */
__attribute__((format(printf, 2, 3))) void world_trace(
	struct world *world, const char *format, ...);
/* FNV-1a (Fowler, Noll, Vo). */
uint64_t world_hash(uint64_t hash, const void *bytes, size_t size);

#endif
