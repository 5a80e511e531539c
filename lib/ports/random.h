/* The random port: the operating system's in the daemons, a seeded one in tests and simulators. */
#ifndef LENDLOCK_PORTS_RANDOM_H
#define LENDLOCK_PORTS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random_port {
	/* Fills size bytes. In the daemons fit for keys and codes. Cannot fail. */
	void (*fill)(struct random_port *random, void *bytes, size_t size);
};

/* The operating system's. A static object; nothing to free. */
struct random_port *random_os(void);

/* A number in 0 .. bound-1, each equally likely. bound > 0. */
uint64_t random_below(struct random_port *random, uint64_t bound);

#endif
