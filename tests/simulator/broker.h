/*
 * A made-up MQTT 5 broker and the connections to it, on a made-up clock: topics, filters, retained
 * messages, wills, clean sessions, delivery in order. It may lose, double and delay messages, and
 * it holds nothing that outlives it. Deterministic; a message takes effect only in broker_run(),
 * never within publish().
 *
 * A connection has two ends, and they learn of its end at different times: a wire that is cut holds
 * back what is under way, and each end gives up when its keep-alive has passed.
 */
#ifndef LENDLOCK_TESTS_SIMULATOR_BROKER_H
#define LENDLOCK_TESTS_SIMULATOR_BROKER_H

#include "lib/ports/mqtt.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_random.h"

struct broker;

/* How often it did so. */
struct broker_tally {
	int64_t lost, doubled, overtaken, late_wills;
};

struct broker_faults {
	int lost, doubled, overtaking; /* messages of a thousand, on each of the two ways */
	int late_wills; /* sessions of a thousand, whose will is said some time after their end */
	usec delay, spread;         /* each way takes delay + 0..spread */
	struct broker_tally *tally; /* borrowed; NULL only if there is nothing to count */
};

/* Called for each message that reaches a client, for the trace. */
typedef void broker_heard(void *context, const char *client, const struct mqtt_message *message);

/* Borrows clock and random for its life. It is up. */
struct broker *broker_new(
	struct fake_clock *clock, struct fake_random *random, broker_heard *heard, void *context);
struct broker *broker_free(struct broker *broker); /* after all its links */
void broker_set_faults(struct broker *broker, struct broker_faults faults);

/* What becomes of the retained messages. */
enum broker_store {
	STORE_LOST,
	STORE_KEPT,
	STORE_OLD, /* as they were at broker_save() */
};
/* Dies with all it holds. */
void broker_kill(struct broker *broker, enum broker_store store);
void broker_save(struct broker *broker);
void broker_start(struct broker *broker);
bool broker_is_up(const struct broker *broker);
/* Nothing passes between these two clients, in either direction, though all else does. */
void broker_split(struct broker *broker, const char *one, const char *other, bool split);

usec broker_next_due(struct broker *broker); /* boottime of its clock, or USEC_NEVER */
/* Delivers, connects, and gives up what is due. The handlers are called out of here. */
void broker_run(struct broker *broker);

/* --- a client's connection --- */

struct broker_link;

/* A client connects by itself, again and again, with growing waits. name: its client id. filters
 * are borrowed for the link's life and ended by NULL. handler is copied; message may be called
 * until broker_link_free(). */
struct broker_link *broker_link_new(struct broker *broker, const char *name,
	const struct mqtt_handler *handler, const char *const *filters);
/* The client's process is gone. silent: with its machine, so that the broker finds out late. */
struct broker_link *broker_link_free(struct broker_link *link, bool silent);
struct mqtt_port *broker_link_port(struct broker_link *link);
bool broker_link_is_up(const struct broker_link *link);
/* While it is cut nothing passes in either direction. */
void broker_link_cut(struct broker_link *link, bool cut);
/* One end loses the connection now, and the other one finds out late. */
void broker_link_half_open(struct broker_link *link, bool client_knows);
/* Both ends lose the connection now; what was under way is lost. */
void broker_link_reset(struct broker_link *link);

#endif
