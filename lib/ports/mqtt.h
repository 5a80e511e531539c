/*
 * The MQTT port: a connection to a broker that comes and goes, and that may lose whatever it holds.
 * Paho in the daemons (mqtt_paho_new), a made-up network in tests and simulators.
 *
 * Follows MQTT 5.0 (OASIS, 2019-03-07). Nothing above this port relies on the session, the
 * broker's store or a PUBACK: what must arrive is sent again until its receiver says so.
 */
#ifndef LENDLOCK_PORTS_MQTT_H
#define LENDLOCK_PORTS_MQTT_H

#include "lib/base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MQTT_TOPIC_MAX       256                /* bytes, with the final NUL */
#define MQTT_CORRELATION_MAX 64                 /* bytes */
#define MQTT_PAYLOAD_MAX     ((size_t)1 << 20)  /* of one more byte the rest is cut off */
#define MQTT_QUEUE_BYTES_MAX ((size_t)32 << 20) /* waiting incoming ones in sum; as above */
#define MQTT_FILTERS_MAX     16

/* One application message. As argument of publish() or of a handler it is borrowed for the call. */
struct mqtt_message {
	const char *topic;   /* no wildcards; NUL-terminated, at most MQTT_TOPIC_MAX */
	const void *payload; /* size bytes, not NUL-terminated */
	size_t size;
	int qos;                    /* 0 or 1 */
	bool retain;                /* out: keep it; in: it came out of the broker's store */
	uint32_t expiry;            /* Message Expiry Interval (3.3.2.3.3), s; 0 = none */
	const char *content_type;   /* 3.3.2.3.9, or NULL */
	const char *response_topic; /* 3.3.2.3.5, or NULL; in: cut to MQTT_TOPIC_MAX */
	const void *correlation;    /* 3.3.2.3.6, or NULL */
	size_t correlation_size;    /* in: more than MQTT_CORRELATION_MAX says that it was cut */
};

/* What the node wants to hear of; all of it is called on the node's own thread, out of dispatch or
 * tick. Borrowed for as long as the port lives. */
struct mqtt_handler {
	void *context;
	/* A message came; only between connected and disconnected. */
	void (*message)(void *context, const struct mqtt_message *message);
	/* The session is up and the broker has acknowledged every subscription: say your birth,
	 * send again what is open. */
	void (*connected)(void *context);
	/* The session is gone, once for each connected; publish() refuses until the next one.
	 * Attempts that fail are not told. */
	void (*disconnected)(void *context);
	/* Asked before each attempt to connect: the will of the session to come (it bears the
	 * session number that its birth will bear), or NULL. Borrowed until the next call. The
	 * function may be NULL: never a will. */
	const struct mqtt_message *(*will)(void *context);
	/* After disconnected: it was because somebody else connected with our client id. There may
	 * be two machines with one identity. mosquitto tells since 2.0.15; Debian 12 has 2.0.11,
	 * where it is one more lost session. May be NULL. */
	void (*taken_over)(void *context);
};

struct mqtt_port {
	/* Hands a message to the network; copies it. 0: handed over, which promises nothing.
	 * -ENOTCONN: no session. -ENOBUFS: too much under way already; as good as lost.
	 * -EINVAL: not a valid topic. The connection is not at fault for any of them, and none is
	 * fatal: carry on, and send again what must arrive. */
	int (*publish)(struct mqtt_port *mqtt, const struct mqtt_message *message);
};

/* A broker, as one node sees it. With all strings borrowed for as long as the port lives. */
struct mqtt_options {
	const char *uri;              /* mqtt://host:port or mqtts://host:port */
	const char *client_id;        /* fixed for a role: a second one takes the session over */
	const char *username;         /* or NULL */
	const char *password;         /* or NULL */
	const char *ca_file;          /* PEM, for mqtts; NULL: the system's */
	const char *cert_file;        /* client certificate, PEM, or NULL */
	const char *key_file;         /* its key, PEM; NULL: also in cert_file */
	int keep_alive;               /* s */
	const char *const *subscribe; /* up to MQTT_FILTERS_MAX topic filters, QoS 1; then NULL */
	size_t queue_max;             /* incoming messages that wait at most; more are dropped */
};

/*
 * Paho. Its callbacks run on its own threads, where they only copy, queue and write the eventfd;
 * everything else happens on the node's thread, in dispatch and tick. Connecting again after a loss
 * is done here with growing, jittered waits (up to 1 s at first, up to 30 s later), not by Paho, so
 * that each session has a will of its own. Each session is new (clean start, expiry 0).
 *
 * Block the signals that the node handles before the first tick: that is what starts the threads.
 */
struct mqtt_paho;
/* -EINVAL: Paho takes no such URI, or there are too many filters. Connects with the first tick. */
int mqtt_paho_new(const struct mqtt_options *options, const struct mqtt_handler *handler,
	struct mqtt_paho **ret_mqtt);
/* Stopping Paho's threads takes up to a second; no handler is called. */
struct mqtt_paho *mqtt_paho_free(struct mqtt_paho *mqtt);
struct mqtt_port *mqtt_paho_port(struct mqtt_paho *mqtt); /* lives as long as mqtt */
int mqtt_paho_fd(struct mqtt_paho *mqtt);                 /* an eventfd; poll for input */
/* Hands over at most max of what waits; returns how many. More may wait: the fd stays readable. */
size_t mqtt_paho_dispatch(struct mqtt_paho *mqtt, size_t max);
/* Does what is due, as connecting. boottime as of the clock port. Call it after each dispatch. */
void mqtt_paho_tick(struct mqtt_paho *mqtt, usec boottime);
usec mqtt_paho_next_due(struct mqtt_paho *mqtt); /* boottime; 0: at once; USEC_NEVER when stopped */
/* Messages dropped because the queue was full, since the start. */
uint64_t mqtt_paho_dropped(struct mqtt_paho *mqtt);
/* Says a clean goodbye, for good: sends what is under way, for at most timeout, then disconnects,
 * so that the will is not published. No handler is called any more. Takes as long as free does, and
 * longer while a name lookup is under way. */
void mqtt_paho_stop(struct mqtt_paho *mqtt, usec timeout);

#endif
