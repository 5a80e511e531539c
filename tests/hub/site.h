/* A hub under test: a made-up clock, network and random source, and kiosks that are nothing but
 * their messages. */
#ifndef LENDLOCK_TESTS_HUB_SITE_H
#define LENDLOCK_TESTS_HUB_SITE_H

#include "hub/hub.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_mqtt.h"
#include "tests/support/fake_random.h"

#define SITE_MANAGER "boss"

struct site {
	struct fake_clock clock;
	struct fake_random random;
	struct fake_mqtt mqtt;
	struct hub_options options;
	struct hub *hub;
	char path[64]; /* of the database */
	char session[UUID_SIZE];
	int requests; /* made so far */
};

/* A kiosk's outbox, as far as it takes one to make events. */
struct teller {
	char name[NAME_SIZE];
	char epoch[UUID_SIZE];
	int64_t seq;          /* of the last event made */
	char last[UUID_SIZE]; /* its id */
};

struct site *site_new(void); /* connected; with the file database of a temporary folder */
struct site *site_free(struct site *site);
/* Stops and starts the hub; connected afterwards. */
void site_restart(struct site *site);
/* Time passes, in steps of a tick. */
void site_pass(struct site *site, usec passed);

/* A message to the hub, without and with the flush behind it. topic: what follows the site. */
void site_give(struct site *site, const char *topic, const void *payload, size_t size);
void site_say(struct site *site, const char *topic, const char *payload);

struct teller teller_make(struct site *site, const char *name);
/* The next event, as JSON; data is taken over. type without "lendlock.". */
json_t *teller_event(struct site *site, struct teller *teller, const char *type,
	const char *subject, json_t *data);
/* Sends events in one batch; taken over. Ended by NULL. */
void teller_send(struct site *site, const struct teller *teller, json_t *first, ...);
/* Shorthands: records as JSON. */
json_t *teller_rental(struct site *site, const char *rental, const char *item, const char *state,
	const char *item_state);
json_t *teller_item(const char *item, const char *state, int compartment);
/* The event that a payment of 9.00 EUR to the till has come to that state. */
json_t *teller_payment(struct site *site, struct teller *teller, const char *payment,
	const char *rental, const char *state);
/* `released`, as ordered by the last desired state of that teller's bank. */
json_t *teller_released(struct site *site, struct teller *teller, const char *item);
/* A birth with what it applied and heard acked. */
void teller_birth(struct site *site, const struct teller *teller, int64_t generation,
	int64_t revision, int64_t acked);
/* ... that names an epoch before its own, and what it heard acked of that. */
void teller_birth_after(
	struct site *site, const struct teller *teller, const char *past_epoch, int past_acked);

/* The last message to a topic of the site, or NULL; a new reference. */
json_t *site_last(struct site *site, const char *topic);
/* The ack that a kiosk heard last: its seq, or -1; and whether it names that event. */
int64_t site_acked(struct site *site, const char *kiosk);
/* A manager's request, a JSON object without expires_at; taken over. The reply, a new reference. */
json_t *site_ask(struct site *site, const char *operation, json_t *arguments);
/* ... whose code must be that; returns nothing. */
void site_must(struct site *site, const char *operation, const char *code, json_t *arguments);
/* Registers an item of 5.00 EUR. */
void site_register(struct site *site, const char *item, const char *kiosk);
/* What the hub's view says of an item; static text of that call. */
const char *site_item_state(struct site *site, const char *item);

#endif
