/*
 * The hub: one for each site. It holds the catalogue, the log of all events and the status view,
 * and tells each kiosk what is desired of it. It decides nothing about what lies behind a door.
 *
 * One struct hub is one node on one thread. It reads no clock, socket or file of its own but the
 * database: time, random bytes and the network come in by the ports.
 *
 * All that arrives joins one transaction, which hub_flush() commits; only then acks, replies and
 * desired states go out. Functions return 0, or a negative errno of the database: then the process
 * stops, and starts again from what is committed.
 */
#ifndef LENDLOCK_HUB_HUB_H
#define LENDLOCK_HUB_HUB_H

#include "lib/ports/clock.h"
#include "lib/ports/mqtt.h"
#include "lib/ports/random.h"
#include "lib/wire/records.h"

struct hub;

struct hub_options {
	const char *site;
	const char *database;            /* path, or ":memory:" */
	const char *vfs;                 /* of SQLite, or NULL */
	const char *ledger;              /* where the site's kiosks pay */
	const char *const *managers;     /* user names, ended by NULL */
	struct settings_record settings; /* for all kiosks */
	int64_t log_keep;                /* events kept in the log; 0: all */
	usec view_keep;                  /* how long what is final stays in the view; 0: for ever */
	usec say_again;                  /* what is retained, though unchanged; 0: never */
	struct clock_port *clock;        /* the ports are borrowed for as long as the hub lives */
	struct random_port *random;
	struct mqtt_port *mqtt;
};

/* hold 15 min, extend 15 min, hold_max 2 h, pickup 2 h, lost 14 d, report_within 5
 * min, 3 rentals. */
extern const struct settings_record hub_settings_default;

/* Opens or makes the database. 0; or as database_open(). */
int hub_open(const struct hub_options *options, struct hub **ret_hub);
struct hub *hub_close(struct hub *hub);

/* The topic filters to subscribe to, ended by NULL; valid as long as the hub. */
const char *const *hub_filters(struct hub *hub);

/* The network: struct mqtt_handler. */
int hub_connected(struct hub *hub);
void hub_disconnected(struct hub *hub);
const struct mqtt_message *hub_will(struct hub *hub);
/* Another client has taken the session: a second hub under this name. */
int hub_taken_over(struct hub *hub);
int hub_message(struct hub *hub, const struct mqtt_message *message);

/* Commits what has arrived and says what follows from it. After each round of messages. */
int hub_flush(struct hub *hub);
/* What time does: flushes, too. To be called at hub_next_due() and at any other time. */
int hub_tick(struct hub *hub);
usec hub_next_due(struct hub *hub); /* boottime, or USEC_NEVER */

/* Whether it can work: the database has no error, and while connected, its own status comes back to
 * it through the broker. What the watchdog asks. */
bool hub_healthy(struct hub *hub);

/* Folds the view anew out of the log and says whether it is, byte for byte, the one there was. With
 * apply the new one stays. Outside of all else; 0 or an error. */
int hub_rebuild_view(struct hub *hub, bool apply, bool *ret_same);

#endif
