/*
 * The MQTT port over Paho: keeps one session up, or tries again. Each attempt has a paho_session of
 * its own, so nothing that was queued for one session is sent in the next, and no state of Paho's
 * outlives a failure.
 */
#include "lib/base/log.h"
#include "lib/domain/backoff.h"
#include "lib/ports/mqtt.h"
#include "lib/ports/mqtt_queue.h"
#include "lib/ports/no_delay.h"
#include "lib/ports/paho_session.h"
#include "lib/ports/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_FIRST     SECOND        /* at most, before the second attempt to connect */
#define WAIT_MAX       (30 * SECOND) /* at most, before any */
#define WAIT_DOUBLINGS 5             /* from the one to the other */
/* Paho tells of every failure that we know of; these are for those that we do not. The first is
 * also longer than a name lookup takes to fail, for which we would have to wait. */
#define CONNECT_LIMIT   (4 * PAHO_SESSION_CONNECT_TIMEOUT)
#define SUBSCRIBE_LIMIT (20 * SECOND)
/* How often Paho is asked whether the session is still there, should it forget to tell. A session
 * that lasts so long lets the waits start small again. */
#define CHECK_INTERVAL  (30 * SECOND)
#define RECEIVE_MAX_LOW 100 /* see warn_of_receive_max() */

/* Each says when it ends and what may follow. */
enum mqtt_state {
	MQTT_WAITING,     /* no session; when due: CONNECTING */
	MQTT_CONNECTING,  /* CONNECT is on its way; CONNACK: SUBSCRIBING, failure: WAITING */
	MQTT_SUBSCRIBING, /* SUBSCRIBE is on its way; SUBACK: UP, failure: WAITING */
	MQTT_UP,          /* the handler was told; loss: WAITING */
	MQTT_STOPPED,     /* from any, for good */
};

struct mqtt_paho {
	struct mqtt_port port; /* first: the port is the object */
	const struct mqtt_options *options;
	const struct mqtt_handler *handler;
	struct mqtt_queue *queue;

	enum mqtt_state state;
	usec due;                     /* when the state ends by itself; 0: the next tick says */
	struct backoff backoff;       /* of the WAITINGs */
	bool tried;                   /* once; the first attempt is at once */
	struct paho_session *session; /* the current one or the next; NULL when stopped */
	uint64_t session_number;
	struct mqtt_item *early; /* messages of this session that came before its SUBACK */
	struct mqtt_item **early_end;
	size_t early_count;
	bool refusal_logged;           /* in this session */
	char failure[MQTT_REASON_MAX]; /* the last one that was logged; "" once all is well */
	int receive_max;               /* the last one that was looked at */
};

static void mqtt_enter(struct mqtt_paho *mqtt, enum mqtt_state state)
{
	static const char *const names[] = {
		"waiting", "connecting", "subscribing", "up", "stopped"};
	static const unsigned int may_follow[] = {
		[MQTT_WAITING] = 1u << MQTT_CONNECTING | 1u << MQTT_STOPPED,
		[MQTT_CONNECTING] =
			1u << MQTT_SUBSCRIBING | 1u << MQTT_WAITING | 1u << MQTT_STOPPED,
		[MQTT_SUBSCRIBING] = 1u << MQTT_UP | 1u << MQTT_WAITING | 1u << MQTT_STOPPED,
		[MQTT_UP] = 1u << MQTT_WAITING | 1u << MQTT_STOPPED,
		[MQTT_STOPPED] = 0,
	};
	if (!(may_follow[mqtt->state] & 1u << state))
		abort();
	log_debug("mqtt: %s -> %s", names[mqtt->state], names[state]);
	mqtt->state = state;
	mqtt->due = 0;
}

static void free_early(struct mqtt_paho *mqtt)
{
	while (mqtt->early) {
		struct mqtt_item *next = mqtt->early->next;
		mqtt_item_free(mqtt->early);
		mqtt->early = next;
	}
	mqtt->early_end = &mqtt->early;
	mqtt->early_count = 0;
}

/* The next one before the old one goes: freeing the only session would stop Paho's threads. */
static void session_renew(struct mqtt_paho *mqtt)
{
	struct paho_session *next;
	if (paho_session_new(mqtt->options, mqtt->queue, mqtt->session_number + 1, &next) < 0)
		abort(); /* the same options did before */
	paho_session_free(mqtt->session);
	mqtt->session = next;
	mqtt->session_number += 1;
	mqtt->refusal_logged = false;
	free_early(mqtt);
}

/* A broker that is away for a night shall not fill the log: a reason is told once. */
static void log_failure(struct mqtt_paho *mqtt, const char *reason)
{
	bool again = strcmp(reason, mqtt->failure) == 0;
	log_write(again ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING, "mqtt: %s: %s", mqtt->options->uri,
		reason);
	strncpy(mqtt->failure, reason, sizeof(mqtt->failure) - 1);
}

static void session_end(struct mqtt_paho *mqtt, const char *reason)
{
	bool was_up = mqtt->state == MQTT_UP;
	log_failure(mqtt, reason);
	mqtt_enter(mqtt, MQTT_WAITING);
	session_renew(mqtt);
	if (was_up)
		mqtt->handler->disconnected(mqtt->handler->context);
}

static void session_connect(struct mqtt_paho *mqtt)
{
	const struct mqtt_handler *handler = mqtt->handler;
	mqtt->tried = true;
	mqtt_enter(mqtt, MQTT_CONNECTING);
	paho_session_connect(mqtt->session, handler->will ? handler->will(handler->context) : NULL);
}

static void session_up(struct mqtt_paho *mqtt)
{
	mqtt_enter(mqtt, MQTT_UP);
	const char *user = mqtt->options->username;
	log_info("mqtt: connected to %s %s%s", mqtt->options->uri, user ? "as " : "without a user",
		user ? user : "");
	mqtt->failure[0] = '\0';
	mqtt->handler->connected(mqtt->handler->context);
	if (mqtt->early)
		mqtt_queue_return(mqtt->queue, mqtt->early);
	mqtt->early = NULL;
	free_early(mqtt);
}

/* Paho up to 1.3.13 goes to sleep for up to a second when it has as many messages of QoS 1 under
 * way as the broker takes: some twenty messages a second instead of thousands. */
static void warn_of_receive_max(struct mqtt_paho *mqtt, int receive_max)
{
	if (receive_max < RECEIVE_MAX_LOW && receive_max != mqtt->receive_max)
		log_warning("mqtt: %s takes only %d messages at a time, which makes sending slow; "
			    "raise its max_inflight_messages",
			mqtt->options->uri, receive_max);
	mqtt->receive_max = receive_max;
}

static void session_accepted(struct mqtt_paho *mqtt, int receive_max)
{
	warn_of_receive_max(mqtt, receive_max);
	no_delay_everywhere();
	mqtt_enter(mqtt, MQTT_SUBSCRIBING);
	if (mqtt->options->subscribe[0])
		paho_session_subscribe(mqtt->session);
	else
		session_up(mqtt);
}

static void session_taken_over(struct mqtt_paho *mqtt, const char *reason)
{
	/* Two that both come back at once would push each other out for ever. */
	mqtt->backoff.attempts = WAIT_DOUBLINGS;
	session_end(mqtt, reason);
	if (mqtt->handler->taken_over)
		mqtt->handler->taken_over(mqtt->handler->context);
}

static void log_refusal(struct mqtt_paho *mqtt, const char *reason)
{
	if (!mqtt->refusal_logged)
		log_warning("mqtt: %s refuses messages of ours: %s", mqtt->options->uri, reason);
	mqtt->refusal_logged = true;
}

/* Returns whether it handed over a message. */
static bool take_item(struct mqtt_paho *mqtt, const struct mqtt_item *item)
{
	switch (item->kind) {
	case MQTT_ITEM_MESSAGE:
		if (mqtt->state != MQTT_UP)
			return false;
		mqtt->handler->message(mqtt->handler->context, &item->message);
		return true;
	case MQTT_ITEM_ACCEPTED:
		session_accepted(mqtt, item->receive_max);
		break;
	case MQTT_ITEM_SUBSCRIBED:
		session_up(mqtt);
		break;
	case MQTT_ITEM_REFUSED:
		log_refusal(mqtt, item->data);
		break;
	case MQTT_ITEM_TAKEN_OVER:
		session_taken_over(mqtt, item->data);
		break;
	case MQTT_ITEM_LOST:
		session_end(mqtt, item->data);
		break;
	}
	return false;
}

/* A broker may send before its SUBACK (3.8.4); that waits for it. */
static bool keep_if_early(struct mqtt_paho *mqtt, struct mqtt_item *item)
{
	if (item->kind != MQTT_ITEM_MESSAGE || mqtt->state != MQTT_SUBSCRIBING ||
		mqtt->early_count >= mqtt->options->queue_max)
		return false;
	*mqtt->early_end = item;
	mqtt->early_end = &item->next;
	mqtt->early_count += 1;
	return true;
}

size_t mqtt_paho_dispatch(struct mqtt_paho *mqtt, size_t max)
{
	size_t count = 0;
	struct mqtt_item *item;
	while (count < max && (item = mqtt_queue_take(mqtt->queue))) {
		bool ours = mqtt->session && item->session == mqtt->session_number;
		if (ours && keep_if_early(mqtt, item))
			continue;
		if (ours && take_item(mqtt, item))
			count++;
		mqtt_item_free(item);
	}
	return count;
}

static usec state_limit(struct mqtt_paho *mqtt)
{
	switch (mqtt->state) {
	case MQTT_WAITING:
		return mqtt->tried ? backoff_next(&mqtt->backoff, random_os()) : 0;
	case MQTT_CONNECTING:
		return CONNECT_LIMIT;
	case MQTT_SUBSCRIBING:
		return SUBSCRIBE_LIMIT;
	case MQTT_UP:
	case MQTT_STOPPED:
		break;
	}
	return CHECK_INTERVAL;
}

static void session_check(struct mqtt_paho *mqtt)
{
	backoff_reset(&mqtt->backoff);
	mqtt->due = 0;
	if (!paho_session_is_connected(mqtt->session))
		/* In its turn, after the messages that came before. */
		mqtt_queue_put(mqtt->queue,
			mqtt_item_new(mqtt->session_number, MQTT_ITEM_LOST, "connection lost"));
}

static void state_is_due(struct mqtt_paho *mqtt)
{
	switch (mqtt->state) {
	case MQTT_WAITING:
		session_connect(mqtt);
		break;
	case MQTT_CONNECTING:
		session_end(mqtt, "cannot connect: no answer");
		break;
	case MQTT_SUBSCRIBING:
		session_end(mqtt, "cannot subscribe: no answer");
		break;
	case MQTT_UP:
		session_check(mqtt);
		break;
	case MQTT_STOPPED:
		break;
	}
}

void mqtt_paho_tick(struct mqtt_paho *mqtt, usec boottime)
{
	if (mqtt->state != MQTT_STOPPED && mqtt->due == 0)
		mqtt->due = boottime + state_limit(mqtt);
	if (boottime >= mqtt_paho_next_due(mqtt))
		state_is_due(mqtt);
}

usec mqtt_paho_next_due(struct mqtt_paho *mqtt)
{
	return mqtt->state == MQTT_STOPPED ? USEC_NEVER : mqtt->due;
}

static int paho_publish(struct mqtt_port *port, const struct mqtt_message *message)
{
	struct mqtt_paho *mqtt = (struct mqtt_paho *)port;
	if (mqtt->state != MQTT_UP)
		return -ENOTCONN;
	int r = paho_session_publish(mqtt->session, message);
	if (r == -ENOTCONN)
		mqtt_queue_put(mqtt->queue,
			mqtt_item_new(mqtt->session_number, MQTT_ITEM_LOST, "connection lost"));
	return r;
}

int mqtt_paho_new(const struct mqtt_options *options, const struct mqtt_handler *handler,
	struct mqtt_paho **ret_mqtt)
{
	size_t filters = 0;
	while (options->subscribe[filters])
		filters++;
	if (filters > MQTT_FILTERS_MAX)
		return -EINVAL;
	struct mqtt_paho *mqtt = calloc(1, sizeof(*mqtt));
	if (!mqtt)
		abort();
	mqtt->port.publish = paho_publish;
	mqtt->options = options;
	mqtt->handler = handler;
	mqtt->queue = mqtt_queue_new(options->queue_max, MQTT_QUEUE_BYTES_MAX);
	mqtt->early_end = &mqtt->early;
	mqtt->backoff = (struct backoff){.base = WAIT_FIRST, .cap = WAIT_MAX};
	int r = paho_session_new(options, mqtt->queue, mqtt->session_number, &mqtt->session);
	if (r < 0) {
		mqtt_paho_free(mqtt);
		return r;
	}
	*ret_mqtt = mqtt;
	return 0;
}

struct mqtt_paho *mqtt_paho_free(struct mqtt_paho *mqtt)
{
	if (!mqtt)
		return NULL;
	paho_session_free(mqtt->session);
	free_early(mqtt);
	mqtt_queue_free(mqtt->queue);
	free(mqtt);
	return NULL;
}

struct mqtt_port *mqtt_paho_port(struct mqtt_paho *mqtt)
{
	return &mqtt->port;
}

int mqtt_paho_fd(struct mqtt_paho *mqtt)
{
	return mqtt_queue_fd(mqtt->queue);
}

uint64_t mqtt_paho_dropped(struct mqtt_paho *mqtt)
{
	return mqtt_queue_dropped(mqtt->queue);
}

void mqtt_paho_stop(struct mqtt_paho *mqtt, usec timeout)
{
	if (mqtt->state == MQTT_STOPPED)
		return;
	if (mqtt->state == MQTT_UP)
		paho_session_wait_until_sent(mqtt->session, timeout);
	mqtt_enter(mqtt, MQTT_STOPPED);
	mqtt->session = paho_session_free(mqtt->session);
}
