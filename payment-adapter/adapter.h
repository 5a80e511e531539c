/*
 * One ledger, without its edges: everything but main.c, the loop, Paho and the provider.
 * Single-threaded; many may live in one process.
 *
 * All int results: 0, or a negative errno that is fatal: the daemon stops, and takes up from its
 * store what was under way when it starts again. -ESTALE: another adapter has taken the ledger
 * over; -EBUSY: another process holds the database; others: the database failed.
 */
#ifndef LENDLOCK_PAYMENT_ADAPTER_ADAPTER_H
#define LENDLOCK_PAYMENT_ADAPTER_ADAPTER_H

#include "lib/domain/breaker.h"
#include "lib/ports/clock.h"
#include "lib/ports/mqtt.h"
#include "lib/ports/random.h"
#include "payment-adapter/provider.h"

#include <stdio.h>

#define ADAPTER_CALLS_MAX 64

struct adapter_settings {
	int calls;         /* at the provider at once, 1..ADAPTER_CALLS_MAX */
	int queue;         /* payments that wait to be asked for the first time; more are shed, but
			    * one of each kiosk */
	usec key_lifetime; /* of the provider's idempotency keys */
	usec settle;       /* a call begun before a crash has had its effect by so long after it */
	usec try_first, try_max; /* between two attempts: the first wait, and the longest */
	usec attention;          /* what is owed for so long is said to be */
	usec keep;               /* final payments are kept so long */
	struct breaker_settings breaker;
};
struct adapter_settings adapter_defaults(void);

/* Borrowed for the adapter's life. */
struct adapter_options {
	const char *site, *name; /* [a-z0-9-]{1,32}; name: of the ledger */
	const char *database;    /* file, or ":memory:" */
	const char *vfs;         /* SQLite VFS, or NULL */
	struct clock_port *clock;
	struct random_port *random;
	struct mqtt_port *mqtt;
	struct provider_port *provider;
	struct adapter_settings settings;
	usec say_again; /* what is retained, though nothing has changed; 0: never */
};

struct adapter;
int adapter_open(const struct adapter_options *options, struct adapter **ret_adapter);
struct adapter *adapter_close(struct adapter *adapter);

/* The topic filters to subscribe to, ended by NULL; live as long as the adapter. */
const char *const *adapter_filters(struct adapter *adapter);

/* The network's side: see struct mqtt_handler. */
int adapter_message(struct adapter *adapter, const struct mqtt_message *message);
int adapter_connected(struct adapter *adapter);
void adapter_disconnected(struct adapter *adapter);
const struct mqtt_message *adapter_will(struct adapter *adapter);
/* Another client logged in under this ledger's name: -ESTALE. */
int adapter_taken_over(struct adapter *adapter);

/* Also when the provider's fd is readable. */
int adapter_tick(struct adapter *adapter);
usec adapter_next_due(struct adapter *adapter); /* boottime, or USEC_NEVER */

/* Whether all is well enough to feed a watchdog: the database works. */
bool adapter_healthy(struct adapter *adapter);

/* Prints the payments that are not final, for a person. While no daemon holds the database: 0 or as
 * above. */
int adapter_list_open(const char *database, FILE *out);

#endif
