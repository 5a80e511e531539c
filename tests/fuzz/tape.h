/*
 * An input as messages. A plain one is the payload of one message on the target's own topic. One
 *that begins with '>' is a list of messages, each
 *
 *	>TOPIC [r] [c=CORRELATION] [t=RESPONSE-TOPIC] [+MILLISECONDS]
 *	PAYLOAD
 *
 * r: retained. +: so much time passes before it. The payload goes on up to the next line that
 *begins with '>'. A topic that begins with '/' is taken as it is, others are of the site; without
 *one, time passes and nothing comes.
 *
 * In all of it ~a to ~z stand for what the harness knows and nobody can guess: ids, the next
 *sequence.
 */
#ifndef LENDLOCK_TESTS_FUZZ_TAPE_H
#define LENDLOCK_TESTS_FUZZ_TAPE_H

#include "lib/ports/mqtt.h"

#define TAPE_MESSAGES_MAX 16
#define TAPE_WAIT_MAX     (10 * MINUTE) /* before one message */

struct tape_names {
	char name[26][MQTT_TOPIC_MAX]; /* "": stays as it is */
};

/* Gives a letter its text. */
__attribute__((format(printf, 3, 4))) void tape_name(
	struct tape_names *names, char letter, const char *format, ...);

struct tape {
	const uint8_t *at, *end;
	const struct tape_names *names;
	const char *topic; /* the target's own */
	int n;             /* messages so far */
};

struct tape_message {
	struct mqtt_message mqtt; /* all that it points to is the message's */
	usec wait;
};

void tape_begin(struct tape *tape, const uint8_t *bytes, size_t size,
	const struct tape_names *names, const char *topic);
/* The next message, to be cleared; false: that was all. */
bool tape_next(struct tape *tape, struct tape_message *ret_message);
void tape_clear(struct tape_message *message);

#endif
