/* The retained messages of a broker, as a list that can be copied. */
#ifndef LENDLOCK_TESTS_SIMULATOR_RETAINED_H
#define LENDLOCK_TESTS_SIMULATOR_RETAINED_H

#include "tests/simulator/packet.h"

struct retained {
	struct retained *next;
	struct packet *packet;
};

/* Takes the place of the one with the same topic, if there is one; holds packet. */
void retained_put(struct retained **store, struct packet *packet);
struct retained *retained_copy(const struct retained *store);
struct retained *retained_free(struct retained *store); /* returns NULL */

#endif
