/*
 * One daemon of the made-up world: a kiosk, a hub or a payment adapter on a machine of its own,
 * with its clock, its random source, its file and its connection. It can die between any two things
 * it does to the outside, and start again from its file.
 */
#ifndef LENDLOCK_TESTS_SIMULATOR_NODE_H
#define LENDLOCK_TESTS_SIMULATOR_NODE_H

#include "lib/base/text.h"
#include "lib/ports/mqtt.h"
#include "payment-adapter/provider.h"
#include "tests/simulator/board.h"
#include "tests/simulator/broker.h"
#include "tests/simulator/crash_disk.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_random.h"

#define WORLD_SITE   "town"
#define WORLD_LEDGER "till"

struct node;

/* What kind of daemon it is. Results as the cores' own: 0, or an error upon which it stops. */
struct node_kind {
	const char *name;
	int (*open)(struct node *node); /* sets node->core */
	void (*close)(struct node *node);
	const char *const *(*filters)(void *core);
	int (*message)(void *core, const struct mqtt_message *message);
	int (*connected)(void *core);
	void (*disconnected)(void *core);
	const struct mqtt_message *(*will)(void *core);
	int (*taken_over)(void *core);
	int (*after)(void *core); /* or NULL */
	int (*tick)(void *core);
	usec (*next_due)(void *core);
};
extern const struct node_kind node_kiosk, node_hub, node_ledger;

struct node {
	const struct node_kind *kind;
	struct world *world;
	char name[NAME_SIZE];
	char path[48]; /* of its database */
	struct crash_disk *disk;
	struct fake_clock clock;
	int drift;                 /* of its clock: so many µs in a second */
	struct fake_random random; /* its own */
	struct fake_random fate;   /* ... and that of what happens to it */
	struct mqtt_port port;
	struct broker_link *link;
	void *core;       /* NULL: it is down */
	usec due;         /* boottime, as it said last */
	bool touched;     /* something happened to it in this round */
	bool dead;        /* it has died in this round; what it still says is not heard */
	bool died_midway; /* ... within a call: what it writes after that was not written */
	int memory;       /* that piece of it will be missing, of those SQLite asks for; 0: none */
	int faults;       /* of its disk, at its start */
	int doom;         /* dies after so many more things done to the outside; 0: does not */
	bool reboots;     /* its machine is what died */
	usec starts_at;   /* in the world's time, while it is down */
	int starts;

	struct board *board;            /* of a kiosk */
	struct provider_port *provider; /* of a ledger, while it runs */
};

/* The machine is made, and nothing runs on it yet. */
void node_init(struct node *node, const struct node_kind *kind, struct world *world,
	const char *name, uint64_t seed);
void node_clear(struct node *node); /* after node_kill() */
/* Adds to the world's counts what its disk has done. */
void node_count_disk(struct node *node);
/* It will die at the n-th change of its disk from now on. */
void node_doom_disk(struct node *node, int n);
void node_start(struct node *node);
/* Ends without a word. */
void node_kill(struct node *node);
/* The same by accident: somebody will start it again. */
void node_die(struct node *node);

/* It is about to do something to the outside: false if it died before that. */
bool node_acts(struct node *node);

/* Nothing that was to befall it will. */
void node_heal(struct node *node);

/* Around each call of its core: before it, and what it returned. */
void node_enter(struct node *node);
void node_check(struct node *node, int result);

usec node_next_due(const struct node *node); /* in its own boottime, or USEC_NEVER */
void node_tick(struct node *node);           /* if that is due */
/* The end of a round: what came is committed; one that died is gone. */
void node_end_round(struct node *node);

#endif
