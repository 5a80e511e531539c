#include "cli/session.h"

#include "lib/base/uuid.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_ALIVE  20 /* s */
#define QUEUE_MAX   4096
#define DISPATCH    64
#define LONGEST_NAP (500 * MSEC)

struct session {
	struct mqtt_paho *mqtt;
	struct mqtt_options options;
	struct mqtt_handler handler;
	struct clock_port *clock;
	char client_id[NAME_SIZE + UUID_SIZE];
	bool up, ended;
	session_message *message;
	void *context;
};

static void on_message(void *context, const struct mqtt_message *message)
{
	struct session *session = context;
	if (session->message(session->context, message))
		session->ended = true;
}

static void on_connected(void *context)
{
	struct session *session = context;
	session->up = true;
}

static void on_disconnected(void *context)
{
	struct session *session = context;
	session->up = false;
}

static const char *or_null(const char *text)
{
	return text[0] ? text : NULL;
}

/* An id of its own for each run: two commands of one user do not push each other out. */
static void make_client_id(struct session *session, const char *user)
{
	char uuid[UUID_SIZE];
	uuid_make(session->clock->wall(session->clock), random_os(), uuid);
	snprintf(session->client_id, sizeof(session->client_id), "%s-%s", user, uuid);
}

static struct session *make(const struct cli_config *config, const char *const *filters,
	session_message *message, void *context)
{
	struct session *session = calloc(1, sizeof(*session));
	if (!session)
		abort();
	session->clock = clock_os_new(true);
	session->message = message;
	session->context = context;
	make_client_id(session, config->user);
	session->options = (struct mqtt_options){
		.uri = config->broker,
		.client_id = session->client_id,
		.username = or_null(config->user),
		.password = or_null(config->password),
		.ca_file = or_null(config->ca_file),
		.cert_file = or_null(config->cert_file),
		.key_file = or_null(config->key_file),
		.keep_alive = KEEP_ALIVE,
		.subscribe = filters,
		.queue_max = QUEUE_MAX,
	};
	session->handler = (struct mqtt_handler){
		.context = session,
		.message = on_message,
		.connected = on_connected,
		.disconnected = on_disconnected,
	};
	return session;
}

usec session_now(struct session *session)
{
	return session->clock->boottime(session->clock);
}

usec session_wall(struct session *session)
{
	return session->clock->wall(session->clock);
}

bool session_is_up(const struct session *session)
{
	return session->up;
}

/* Sleeps until there is something to do, and does it. */
static void turn(struct session *session, usec until)
{
	usec now = session_now(session);
	usec due = usec_min(usec_min(mqtt_paho_next_due(session->mqtt), until), now + LONGEST_NAP);
	usec nap = due > now ? (due - now + MSEC - 1) / MSEC : 0;
	struct pollfd pollfd = {.fd = mqtt_paho_fd(session->mqtt), .events = POLLIN};
	poll(&pollfd, 1, (int)nap);
	mqtt_paho_dispatch(session->mqtt, DISPATCH);
	mqtt_paho_tick(session->mqtt, session_now(session));
}

bool session_wait(struct session *session, usec until)
{
	while (!session->ended && session_now(session) < until)
		turn(session, until);
	bool ended = session->ended;
	session->ended = false;
	return ended;
}

int session_publish(struct session *session, const struct mqtt_message *message)
{
	struct mqtt_port *port = mqtt_paho_port(session->mqtt);
	return port->publish(port, message);
}

int session_open(const struct cli_config *config, const char *const *filters,
	session_message *message, void *context, struct session **ret_session)
{
	struct session *session = make(config, filters, message, context);
	int r = mqtt_paho_new(&session->options, &session->handler, &session->mqtt);
	if (r < 0) {
		fprintf(stderr, "lendlock: %s: no such kind of broker\n", config->broker);
		clock_os_free(session->clock);
		free(session);
		return r;
	}
	*ret_session = session; /* what is retained comes at once */
	usec until = session_now(session) + config->timeout;
	while (!session->up && session_now(session) < until)
		turn(session, until);
	if (!session->up) {
		fprintf(stderr,
			"lendlock: no connection to %s within %lld ms; see --broker, --user and "
			"--password-file\n",
			config->broker, (long long)(config->timeout / MSEC));
		return -ETIMEDOUT;
	}
	return 0;
}
