/* A bank on a made-up clock, with a simulated bank of doors, and a test in the place of hub and
 * ledger. */
#ifndef LENDLOCK_TESTS_KIOSK_BANK_H
#define LENDLOCK_TESTS_KIOSK_BANK_H

#include "kiosk/doors/simulated.h"
#include "kiosk/kiosk.h"
#include "lib/wire/records.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_mqtt.h"
#include "tests/support/fake_random.h"

#define BANK_HUB "01936a00-0000-7000-8000-000000000001"

struct bank {
	struct fake_clock clock;
	struct fake_random random;
	struct fake_mqtt mqtt;
	struct bank_port *doors;
	struct kiosk *kiosk;
	char folder[48], path[64]; /* of the database */
	usec say_again;            /* from the next start on */
	int64_t revision;
	char epoch[UUID_SIZE]; /* of the last status or event */
	json_t *open_rentals;  /* of the last status that somebody took out of mqtt, or NULL */
	json_t *reply;         /* of the last request */
	int requests;
	json_t *touched;      /* the last reply at the touchscreen */
	size_t touched_after; /* so many messages had been published by then */
};

/* Opens it with a fresh database, 4 doors with sensors that people open after 0.5 s and close after
 * 3 s, connects it, and gives it a catalogue: drill 3000 KRW, tent 5000 KRW (inspected), free 0
 * KRW. */
void bank_set_up(struct bank *bank);
/* The same with people who leave the doors open (nothing is stocked then). */
void bank_set_up_careless(struct bank *bank);
void bank_tear_down(struct bank *bank);
/* Opens its database as that bank's; bank->kiosk must be closed. Returns what kiosk_open() does. */
int bank_open(struct bank *bank, const char *site, const char *name);
/* The process dies without a word, and starts again. The doors stay as they are. */
void bank_crash(struct bank *bank);
void bank_connect(struct bank *bank);

/* Ticks at each due instant until so much time has passed. */
void bank_pass(struct bank *bank, usec time);
void bank_send(struct bank *bank, const char *topic, json_t *json); /* takes json over */
/* A request; args as for json_pack, without braces and expires_at. Returns the reply's code; the
 * reply stays in bank->reply. "" if there was none (yet). */
const char *bank_ask(struct bank *bank, const char *user, const char *operation, json_t *args);
/* The reply to the last request as of now. */
const char *bank_reply(struct bank *bank, const char *user);
/* The same at the touchscreen, without expires_at; "" if the reply is to come. */
const char *bank_touch(struct bank *bank, const char *user, const char *operation, json_t *args);
const char *bank_touched(struct bank *bank);
const char *bank_text(struct bank *bank, const char *outer, const char *inner);
/* Publishes desired state; change edits it first, or NULL. */
void bank_desire(struct bank *bank, void (*change)(json_t *desired));
/* Answers the last request to the ledger with a payment in that state. */
void bank_ledger(struct bank *bank, const char *state);
/* The operation of the last request to the ledger; "" if there was none since the last call. */
const char *bank_asked(struct bank *bank);
/* Acks all events that were published last. */
void bank_ack(struct bank *bank);
/* The type of the n-th last event that the kiosk published, 0 is the last. */
const char *bank_event(struct bank *bank, size_t n);

/* Acks until the bank has nothing more to send. */
void bank_ack_all(struct bank *bank);
/* Whether something was published since the last clear whose payload has that text in it. */
bool bank_published(struct bank *bank, const char *text);
bool bank_is_raised(struct bank *bank, const char *kind, const char *subject); /* an alert */
/* For bank_desire(). */
void bank_withdraw_drill(json_t *desired);
void bank_move_drill(json_t *desired);

/* Arguments of requests. */
json_t *rental_args(const char *rental);
json_t *item_args(const char *item);

/* Puts all three things behind doors 1 to 3; a rental of the drill up to a state. */
void bank_stock(struct bank *bank);
void bank_reserve(struct bank *bank, char ret_rental[static UUID_SIZE]);
void bank_pay(struct bank *bank, char ret_rental[static UUID_SIZE]);
void bank_take(struct bank *bank, char ret_rental[static UUID_SIZE]);
/* The rental's state by a query. */
const char *bank_state(struct bank *bank, const char *rental);

/* Fixtures of cmocka: the state is a bank with all three things in it; or, with people who leave
 * doors open, nothing. */
int bank_fixture(void **state);
int bank_fixture_careless(void **state);
int bank_fixture_end(void **state);
#define BANK_TEST(name) cmocka_unit_test_setup_teardown(name, bank_fixture, bank_fixture_end)
#define BANK_TEST_CARELESS(name) \
	cmocka_unit_test_setup_teardown(name, bank_fixture_careless, bank_fixture_end)

#endif
