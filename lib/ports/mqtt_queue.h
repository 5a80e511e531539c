/*
 * What the network's threads hand to the node's thread: the messages that came and what became of
 * the session, in the order in which it happened. Bounded; behind an eventfd.
 */
#ifndef LENDLOCK_PORTS_MQTT_QUEUE_H
#define LENDLOCK_PORTS_MQTT_QUEUE_H

#include "lib/ports/mqtt.h"

#define MQTT_REASON_MAX 192 /* bytes, with the final NUL */

enum mqtt_item_kind {
	MQTT_ITEM_MESSAGE,
	MQTT_ITEM_ACCEPTED,   /* the broker took the CONNECT */
	MQTT_ITEM_SUBSCRIBED, /* and every filter of the SUBSCRIBE */
	MQTT_ITEM_REFUSED,    /* the broker refused one of our messages; the session goes on */
	MQTT_ITEM_TAKEN_OVER, /* the session is over: somebody else has our client id */
	MQTT_ITEM_LOST,       /* the session, or the attempt at one, is over */
};

struct mqtt_item {
	struct mqtt_item *next; /* the queue's */
	enum mqtt_item_kind kind;
	uint64_t session;            /* which attempt at a session it belongs to */
	int receive_max;             /* of an ACCEPTED: the broker's Receive Maximum */
	struct mqtt_message message; /* of a MESSAGE; what it points to lies in data */
	size_t size;                 /* of data */
	unsigned int asker;          /* of a MESSAGE that is a request: whose; else 0 */
	char data[];                 /* of the others: the reason, for people */
};

/* A copy of message. NULL: not one that we take (too large, or a name too long). */
struct mqtt_item *mqtt_item_new_message(uint64_t session, const struct mqtt_message *message);
struct mqtt_item *mqtt_item_new(uint64_t session, enum mqtt_item_kind kind, const char *reason);
struct mqtt_item *mqtt_item_free(struct mqtt_item *item);

/*
 * Any thread puts; one thread takes, drops back and frees. Messages beyond messages_max, or beyond
 * bytes_max in sum, are dropped and counted; so are requests of one asker beyond an eighth of that,
 * so that nobody pushes out all others. The other items always find room (a session has only a
 * handful of them).
 */
#define MQTT_QUEUE_ASKERS 8 /* who have room at once, whatever they do */
struct mqtt_queue;
struct mqtt_queue *mqtt_queue_new(size_t messages_max, size_t bytes_max);
struct mqtt_queue *mqtt_queue_free(struct mqtt_queue *queue);
int mqtt_queue_fd(struct mqtt_queue *queue); /* readable while something may wait */

/* Takes the item over. NULL: counts as one that was dropped. */
void mqtt_queue_put(struct mqtt_queue *queue, struct mqtt_item *item);
/* The next item, which the caller frees; NULL: none, and the fd is not readable any more. */
struct mqtt_item *mqtt_queue_take(struct mqtt_queue *queue);
/* Gives a chain of items that were taken back to the head of the queue, for the next takes. */
void mqtt_queue_return(struct mqtt_queue *queue, struct mqtt_item *first);
uint64_t mqtt_queue_dropped(struct mqtt_queue *queue);

#endif
