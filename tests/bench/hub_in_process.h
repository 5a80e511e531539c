/* A hub without its edges: the clock is made up and the network only counts. */
#ifndef LENDLOCK_TESTS_BENCH_HUB_IN_PROCESS_H
#define LENDLOCK_TESTS_BENCH_HUB_IN_PROCESS_H

#include "hub/hub.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_random.h"

struct hub_in_process {
	struct fake_clock clock;
	struct fake_random random;
	struct mqtt_port mqtt;
	struct hub *hub;
	size_t messages, bytes; /* that it published */
};

/* Opens or makes the database. wall: what the clock says. */
void hub_in_process_open(struct hub_in_process *in, const char *database, usec wall);
void hub_in_process_close(struct hub_in_process *in);

/* It is connected from now on, so that views and acks go out. */
void hub_in_process_connect(struct hub_in_process *in);
/* A message on lendlock/v1/town/{topic}; correlation: or "". */
void hub_in_process_give(struct hub_in_process *in, const char *topic, const char *payload,
	size_t size, const char *correlation);
/* Commits; what is due by then is done. */
void hub_in_process_flush(struct hub_in_process *in);

#endif
