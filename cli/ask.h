/*
 * Asking: one request and its one reply. The same request goes again while there is no reply, which
 * is harmless: it is done at most once. When its time is over without one, nobody knows.
 */
#ifndef LENDLOCK_CLI_ASK_H
#define LENDLOCK_CLI_ASK_H

#include "cli/session.h"
#include "lib/wire/topic.h"

#include <jansson.h>

#define ASK_TTL      MINUTE
#define ASK_DOOR_TTL (9 * SECOND) /* a little under what is allowed: clocks differ */

struct asker; /* keeps one session */

/* With the kiosk's and the hub's reply topics subscribed. As session_open(). */
int asker_open(const struct cli_config *config, struct asker **ret_asker);

struct question {
	enum topic_kind kind; /* TOPIC_KIOSK_REQUEST or TOPIC_HUB_REQUEST */
	const char *kiosk;    /* of the former */
	const char *operation;
	usec ttl; /* at most, and no more than config->patience */
};

/* args: without expires_at; borrowed. A new reference to the reply, or NULL: none came in time. */
json_t *asker_ask(struct asker *asker, const struct question *question, const json_t *args);

#endif
