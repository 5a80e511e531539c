/* A message on its way: a copy that its queues share. */
#ifndef LENDLOCK_TESTS_SIMULATOR_PACKET_H
#define LENDLOCK_TESTS_SIMULATOR_PACKET_H

#include "lib/ports/mqtt.h"

struct packet {
	int holders;
	usec expires;                /* boottime, or USEC_NEVER */
	struct mqtt_message message; /* its pointers point into this packet */
	char bytes[];
};

/* A copy with one holder. */
struct packet *packet_new(const struct mqtt_message *message, usec now);
struct packet *packet_hold(struct packet *packet);
struct packet *packet_release(struct packet *packet); /* returns NULL; takes NULL */

/* Packets in order; NULL stands for the end of the connection. Each has the time of its arrival. */
struct packet_queue {
	struct packet_entry *entries;
	size_t first, n, room;
};
struct packet_entry {
	usec due;
	struct packet *packet; /* held, or NULL */
};
/* Takes over the caller's hold. Not before what was added last. */
void packet_queue_add(struct packet_queue *queue, usec due, struct packet *packet);
/* The last one and the one before it change places. Returns whether there are two. */
bool packet_queue_overtake(struct packet_queue *queue);
usec packet_queue_due(const struct packet_queue *queue); /* of the first, or USEC_NEVER */
/* The first one, whose hold is the caller's now. The queue is not empty. */
struct packet *packet_queue_take(struct packet_queue *queue);
void packet_queue_clear(struct packet_queue *queue);

/* MQTT 5.0, 4.7: + stands for a level, # at the end for all that follows. */
bool packet_topic_matches(const char *filter, const char *topic);

#endif
