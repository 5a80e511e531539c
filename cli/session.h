/* One stay at the broker: connects, waits, hands messages over; all on the caller's thread. */
#ifndef LENDLOCK_CLI_SESSION_H
#define LENDLOCK_CLI_SESSION_H

#include "cli/config.h"
#include "lib/ports/clock.h"
#include "lib/ports/mqtt.h"
#include "lib/ports/random.h"

#define SESSION_FILTERS_MAX 8

struct session;

/* Called for each message; borrowed for the call. Returns true to end session_wait(). */
typedef bool session_message(void *context, const struct mqtt_message *message);

/* Connects and subscribes to filters (borrowed, ended by NULL). 0; -ETIMEDOUT: not within
 * config->timeout; -EINVAL: the broker's URI. Both are told on standard error. *ret_session is set
 * before the first message comes. */
int session_open(const struct cli_config *config, const char *const *filters,
	session_message *message, void *context, struct session **ret_session);

/* Hands messages over until one of them ends it (true; it may have come while connecting) or until
 * has come (false). */
bool session_wait(struct session *session, usec until);
/* 0, or a reason why it was not sent: it can be tried again. */
int session_publish(struct session *session, const struct mqtt_message *message);

usec session_now(struct session *session);  /* of until */
usec session_wall(struct session *session); /* of messages */
/* Whether the broker is there; it may come back within session_wait(). */
bool session_is_up(const struct session *session);

#endif
