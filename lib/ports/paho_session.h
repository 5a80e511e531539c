/*
 * One session with a broker, or one attempt at it, by paho.mqtt.c: from CONNECT to its end, after
 * which only free remains. What happens to it arrives as items in a queue, with its number. The
 * implementation is the only file that knows Paho.
 *
 * All of this is for one thread. Paho has one lock for everything: a call here waits while Paho
 * looks up the broker's name for this session.
 */
#ifndef LENDLOCK_PORTS_PAHO_SESSION_H
#define LENDLOCK_PORTS_PAHO_SESSION_H

#include "lib/ports/mqtt.h"
#include "lib/ports/mqtt_queue.h"

#define PAHO_SESSION_CONNECT_TIMEOUT (15 * SECOND) /* for TCP, TLS and CONNACK each */

struct paho_session;

/* Borrows options and queue. -EINVAL: not a URI, or not a client id, that Paho understands. */
int paho_session_new(const struct mqtt_options *options, struct mqtt_queue *queue, uint64_t number,
	struct paho_session **ret_session);

/*
 * Sends a DISCONNECT if there is a connection, so that the broker drops the will; what was not yet
 * sent is lost. No item comes from it afterwards. Freeing the only session of the process stops
 * Paho's threads, which takes up to a second.
 */
struct paho_session *paho_session_free(struct paho_session *session);

/* Then comes ACCEPTED or LOST. will may be NULL; borrowed for the call. */
void paho_session_connect(struct paho_session *session, const struct mqtt_message *will);
/* Subscribes to all of the options' filters. Then comes SUBSCRIBED or LOST. */
void paho_session_subscribe(struct paho_session *session);

/* 0: Paho has it. -ENOTCONN: the connection is gone. -ENOBUFS: Paho has too much already.
 * -EINVAL: not a valid topic. */
int paho_session_publish(struct paho_session *session, const struct mqtt_message *message);
bool paho_session_is_connected(struct paho_session *session);
/* Until all that was published is on its way (QoS 0) or acknowledged (QoS 1). */
void paho_session_wait_until_sent(struct paho_session *session, usec timeout);

#endif
