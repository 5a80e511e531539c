/*
 * The desk: where requests are taken and answered. Each request gets exactly one reply, and is done
 * at most once, whatever the network repeats and wherever the power is cut:
 *
 * - The request's row is committed in one transaction with the change it makes, before any effect.
 * - The same (user, id, operation, payload) again gets the stored reply; the same id with anything
 *   else is refused. Rows live REQUEST_KEEP longer than expires_at.
 * - An operation that takes time (paying, opening a door) leaves its row unfinished; desk_settle(),
 *   called at each change of what it waits for, answers it, also after a crash. What is not decided
 *   when the request expires is answered "pending".
 */
#ifndef LENDLOCK_REQUESTS_DESK_H
#define LENDLOCK_REQUESTS_DESK_H

#include "lib/requests/request.h"
#include "lib/store/database.h"
#include "lib/wire/outgoing.h"

#define REQUEST_KEEP (10 * MINUTE)
/* Live rows of one user; more are answered busy and not stored. A manager may import
 * a catalogue. */
#define REQUEST_ROWS_A_USER    256
#define REQUEST_ROWS_A_MANAGER 8192

/* The desk's table; part of each daemon's first migration. Times are elapsed. */
#define DESK_TABLE                                                                            \
	"CREATE TABLE request("                                                               \
	" user TEXT NOT NULL, id TEXT NOT NULL, hash TEXT NOT NULL, operation TEXT NOT NULL," \
	" entrance INTEGER NOT NULL, subject TEXT NOT NULL, expires INTEGER NOT NULL,"        \
	" reply TEXT, /* JSON; NULL: unfinished */"                                           \
	" unsaid INTEGER NOT NULL DEFAULT 0, /* decided while the network was away */"        \
	" PRIMARY KEY(user, id)) STRICT, WITHOUT ROWID;"                                      \
	"CREATE INDEX request_unfinished ON request(subject) WHERE reply IS NULL;"            \
	"CREATE INDEX request_unsaid ON request(user, id) WHERE unsaid=1;"                    \
	"CREATE INDEX request_expires ON request(expires);"

struct desk {
	const struct operation *operations;
	struct database *database;
	struct outgoing *outgoing;
	void *node;
	struct topic reply_topic; /* kind, site and node; the user is filled in */
	bool (*is_manager)(void *node, const char *user);
	/* Where the answers to touch requests go; reply is borrowed. Called before the commit: it
	 * is the node's to wait for that. May be NULL. */
	void (*touch_reply)(void *node, const char *id, const struct reply_record *reply);
	/* The daemon's own transaction around a change: begin, and end which commits and then has
	 * the effects (outgoing among them). end returns the commit's error. */
	void (*begin)(void *node);
	int (*end)(void *node);
	bool online; /* desk_connected() has been called; the desk's own */
};

/* A message on a request topic. 0 or a fatal error of the database. */
int desk_take(struct desk *desk, const struct topic *topic, const struct mqtt_message *message,
	struct now now);
/* A request at the touchscreen; args as the operation's schema says, without expires_at. The reply,
 * now or later, goes to touch_reply with the same id. */
int desk_touch(struct desk *desk, const char *user, const char *operation, const char *id,
	const json_t *args, struct now now);

/* The network is there: says what was decided without it. Inside a transaction. */
void desk_connected(struct desk *desk);
/* It is gone: what is decided from now on is said when it is back. */
void desk_disconnected(struct desk *desk);

/* The subject (a rental) has changed: answers what waited for it. Inside a transaction. */
void desk_settle(struct desk *desk, const char *subject);
/* Answers what has run out of time, deletes old rows. Makes its own transaction if there is any. */
int desk_tick(struct desk *desk, struct now now);
usec desk_next_due(struct desk *desk); /* elapsed, or USEC_NEVER */

#endif
