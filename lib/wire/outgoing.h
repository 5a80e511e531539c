/*
 * Messages that wait for a commit. A transaction's code adds what is to be said; after the commit
 * outgoing_send() says it, after a rollback outgoing_drop() forgets it. So nothing is ever said
 * that was not stored first.
 */
#ifndef LENDLOCK_WIRE_OUTGOING_H
#define LENDLOCK_WIRE_OUTGOING_H

#include "lib/ports/mqtt.h"
#include "lib/wire/record.h"
#include "lib/wire/topic.h"

struct outgoing; /* zero or more messages, in order */

struct outgoing *outgoing_new(void);
struct outgoing *outgoing_free(struct outgoing *outgoing);

struct outgoing_options {
	int qos;
	bool retain;
	uint32_t expiry;            /* s; 0: none */
	const char *correlation;    /* text, or NULL */
	const char *response_topic; /* or NULL */
};

/* Adds a record as JSON; copies all it needs. */
void outgoing_add(struct outgoing *outgoing, const struct topic *topic,
	const struct record_type *type, const void *record, const struct outgoing_options *options);
/* The same with a payload that is JSON text already. */
void outgoing_add_text(struct outgoing *outgoing, const struct topic *topic, const char *json,
	size_t size, const char *content_type, const struct outgoing_options *options);

/* Publishes all. What the port refuses is lost, as any message may be. */
void outgoing_send(struct outgoing *outgoing, struct mqtt_port *mqtt);
void outgoing_drop(struct outgoing *outgoing);

#endif
