/* Adoption: an old copy of a database, a new board, a board that was replaced, a hub that was put
 * back. */
#include "kiosk/internal.h"
#include "lib/domain/renter.h"
#include "tests/kiosk/bank.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS "lendlock/v1/town/kiosk/library/event"
#define ACKS   "lendlock/v1/town/kiosk/library/ack"
#define STATUS "lendlock/v1/town/kiosk/library/status"
#define OTHER  "01936a00-0000-7000-8000-0000000000ee"
#define KEY    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define RENTAL rental_handed
#define MONEY  payment_handed

static json_t *handed_rental, *handed_payment; /* what the next desired state hands over */
static char rental_handed[UUID_SIZE], payment_handed[UUID_SIZE];
static int handed_n;

static int set_up(void **state)
{
	static struct bank bank;
	bank_set_up(&bank);
	bank_stock(&bank);
	*state = &bank;
	handed_rental = handed_payment = NULL;
	return 0;
}

static int tear_down(void **state)
{
	bank_tear_down(*state);
	return 0;
}

static void ack_all(struct bank *bank)
{
	for (int i = 0; i < 50; i++)
		bank_ack(bank);
}

static json_t *rental_args(const char *rental)
{
	return json_pack("{s:s}", "rental", rental);
}

/* The epoch that the bank shows by now. */
static void read_epoch(struct bank *bank)
{
	bank_pass(bank, SECOND);
	json_t *status = fake_mqtt_last_json(&bank->mqtt, STATUS);
	TEXT_COPY(bank->epoch, json_string_value(json_object_get(status, "epoch")));
	json_decref(status);
}

/* The hub has heard everything, and more than this database made. */
static void fork_off(struct bank *bank)
{
	ack_all(bank);
	bank_send(bank, ACKS,
		json_pack("{s:s, s:i, s:s, s:i, s:s}", "hub", BANK_HUB, "generation", 1, "epoch",
			bank->epoch, "seq", 100000, "event", BANK_HUB));
	read_epoch(bank);
}

static void hand_over(json_t *desired)
{
	if (handed_rental)
		json_array_append_new(json_object_get(desired, "rentals"), handed_rental);
	if (handed_payment)
		json_array_append_new(json_object_get(desired, "payments"), handed_payment);
	handed_rental = handed_payment = NULL;
}

static json_t *record_of(const char *state, const char *item_state)
{
	char renter[NAME_SIZE], now[TIME_SIZE];
	handed_n++;
	snprintf(rental_handed, sizeof(rental_handed), "01936a00-0000-7000-8000-%012d",
		2 * handed_n);
	snprintf(payment_handed, sizeof(payment_handed), "01936a00-0000-7000-8000-%012d",
		2 * handed_n + 1);
	renter_opaque(KEY, "mina", renter);
	time_format(FAKE_CLOCK_WALL, now);
	handed_payment = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s}", "payment", MONEY, "rental",
		RENTAL, "ledger", "till", "state", "authorized", "amount", 3000, "currency", "KRW");
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s}", "rental", RENTAL,
		"item", "drill", "renter", renter, "state", state, "item_state", item_state,
		"compartment", 1, "amount", 3000, "currency", "KRW", "payment", MONEY,
		"reserved_at", now);
}

static void set_time(json_t *record, const char *key, struct bank *bank, usec from_now)
{
	char text[TIME_SIZE];
	time_format(bank->clock.wall + from_now, text);
	json_object_set_new(record, key, json_string(text));
}

static json_t *contents(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	json_t *list = json_vpack_ex(NULL, 0, format, args);
	va_end(args);
	assert_non_null(list);
	return json_pack("{s:o}", "compartments", list);
}

static const char *confirm_all(struct bank *bank)
{
	return bank_ask(bank, "boss", "confirm-bank",
		contents("[{s:i, s:s}, {s:i, s:s}, {s:i, s:s}]", "compartment", 1, "item", "drill",
			"compartment", 2, "item", "free", "compartment", 3, "item", "tent"));
}

static bool published(struct bank *bank, const char *text)
{
	for (size_t i = 0; i < bank->mqtt.n; i++)
		if (strstr(bank->mqtt.publications[i].payload, text))
			return true;
	return false;
}

/* The file is kept as it was found: with its epoch and what the hub had acked. */
static void test_the_old_copy_is_kept(void **state)
{
	struct bank *bank = *state;
	char old[UUID_SIZE], path[128];
	struct database *database;
	struct node_row node;
	TEXT_COPY(old, bank->epoch);
	fork_off(bank);
	assert_string_not_equal(old, bank->epoch);
	snprintf(path, sizeof(path), "%s.%s", bank->path, old);
	assert_int_equal(database_open(path, NULL, kiosk_migrations, &database), 0);
	store_node_read(database, &node);
	assert_string_equal(node.epoch, old);
	assert_int_equal(node.mode, MODE_LENDING);
	assert_int_equal(store_outbox_first(database), 1);
	database_close(database);
}

static void test_handed_over_paid(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("paid", "reserved");
	set_time(handed_rental, "expires_at", bank, HOUR);
	bank_desire(bank, hand_over);
	assert_string_equal(confirm_all(bank), "ok");
	assert_string_equal(bank_ask(bank, "mina", "open", rental_args(RENTAL)), "");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, RENTAL), "rented");
	assert_string_not_equal(bank_text(bank, "rental", "due_at"), "");
	bank_pass(bank, 2 * DAY);
	assert_string_equal(bank_state(bank, RENTAL), "rented");
	bank_pass(bank, 2 * DAY);
	assert_string_equal(bank_state(bank, RENTAL), "overdue");
}

static void test_handed_over_overdue(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("overdue", "rented");
	set_time(handed_rental, "due_at", bank, -DAY);
	bank_desire(bank, hand_over);
	bank_pass(bank, HOUR);
	assert_string_equal(bank_state(bank, RENTAL), "overdue");
	bank_pass(bank, 14 * DAY);
	assert_string_equal(bank_state(bank, RENTAL), "lost");
}

/* The board before died while the thing was taken: it was delivered, so it is paid, and the hub
 * hears of it. */
static void test_handed_over_taking(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("taking", "rented");
	bank_desire(bank, hand_over);
	assert_string_equal(bank_state(bank, RENTAL), "rented");
	assert_string_equal(bank_text(bank, "payment", "state"), "capture-owed");
	bank_pass(bank, 10 * SECOND);
	assert_true(published(bank, "lendlock.rental.rented"));
}

static void test_handed_over_paying(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("paying", "reserved");
	set_time(handed_rental, "expires_at", bank, HOUR);
	json_object_set_new(handed_payment, "state", json_string("sent"));
	bank_desire(bank, hand_over);
	bank_pass(bank, SECOND);
	bank_send(bank, "lendlock/v1/town/payment/till/reply/library",
		json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s, s:i, s:s}}", "id", "x",
			"operation", "void", "code", "ok", "payment", "payment", MONEY, "rental",
			RENTAL, "ledger", "till", "state", "voided", "amount", 3000, "currency",
			"KRW"));
	assert_string_equal(bank_state(bank, RENTAL), "held");
}

/* The board before died between the batch that told of the delivery and the one that told of the
 * money. */
static void test_handed_over_and_not_yet_paid_for(void **state)
{
	static const struct {
		const char *state, *item_state, *payment;
	} delivered[] = {
		{"rented", "rented", "capture-owed"},
		{"overdue", "rented", "capture-owed"},
		{"lost", "rented", "capture-owed"},
		{"returning", "rented", "capture-owed"},
		{"unconfirmed-return", "inspection", "capture-owed"},
		{"unconfirmed", "inspection", "authorized"}, /* nobody knows yet */
		{"paid", "reserved", "authorized"},
	};
	struct bank *bank = *state;
	for (size_t i = 0; i < sizeof(delivered) / sizeof(*delivered); i++) {
		fork_off(bank);
		handed_rental = record_of(delivered[i].state, delivered[i].item_state);
		bank_desire(bank, hand_over);
		bank_state(bank, RENTAL);
		assert_string_equal(bank_text(bank, "payment", "state"), delivered[i].payment);
		assert_string_equal(confirm_all(bank), "ok");
	}
}

/* ... or between those that told how the payment went, and what came of it. */
static void test_handed_over_and_not_yet_told(void **state)
{
	static const struct {
		const char *state, *payment, *after;
	} untold[] = {
		{"paying", "authorized", "paid"},
		{"paying", "declined", "held"},
		{"paid", "voided", "held"},
	};
	struct bank *bank = *state;
	for (size_t i = 0; i < sizeof(untold) / sizeof(*untold); i++) {
		fork_off(bank);
		handed_rental = record_of(untold[i].state, "reserved");
		set_time(handed_rental, "expires_at", bank, HOUR);
		json_object_set_new(handed_payment, "state", json_string(untold[i].payment));
		bank_desire(bank, hand_over);
		assert_string_equal(bank_state(bank, RENTAL), untold[i].after);
		assert_string_equal(confirm_all(bank), "ok");
		assert_string_equal(bank_state(bank, RENTAL), untold[i].after);
	}
}

/* However that came about: what cannot be asked for is given back. */
static void test_handed_over_paid_and_only_sent(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("paid", "reserved");
	set_time(handed_rental, "expires_at", bank, HOUR);
	json_object_set_new(handed_payment, "state", json_string("sent"));
	bank_desire(bank, hand_over);
	assert_string_equal(bank_state(bank, RENTAL), "paid");
	assert_string_equal(bank_text(bank, "payment", "state"), "void-owed");
}

/* Nobody knew then, and somebody is asked still, until he has said. */
static void test_handed_over_unconfirmed(void **state)
{
	char alert[128];
	char cleared[160];
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("unconfirmed-return", "inspection");
	snprintf(alert, sizeof(alert), "\"unconfirmed:%s\",\"kind\":\"unconfirmed\"", RENTAL);
	snprintf(cleared, sizeof(cleared), "%s,\"cleared\":true", alert);
	bank_desire(bank, hand_over);
	bank_pass(bank, MINUTE);
	assert_true(published(bank, alert));
	assert_false(published(bank, cleared));
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 2, "item",
					    "free", "compartment", 3, "item", "tent")),
		"ok");
	ack_all(bank);
	assert_true(published(bank, cleared));
}

/* A payment of nothing is none: a ledger would refuse each request about it, for ever. */
static void test_handed_over_with_a_payment_of_nothing(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("rented", "rented");
	json_object_set_new(handed_payment, "amount", json_integer(0));
	bank_desire(bank, hand_over);
	bank_pass(bank, MINUTE);
	assert_string_equal(bank_asked(bank), "reconcile");
}

/* A door that was on its way when the board died is not any more. */
static void test_handed_over_halfway(void **state)
{
	static const struct {
		const char *state, *item_state, *after;
	} halfway[] = {
		{"opening", "reserved", "paid"},
		{"returning", "rented", "rented"},
	};
	struct bank *bank = *state;
	for (size_t i = 0; i < 2; i++) {
		fork_off(bank);
		handed_rental = record_of(halfway[i].state, halfway[i].item_state);
		set_time(handed_rental, "expires_at", bank, HOUR);
		bank_desire(bank, hand_over);
		assert_string_equal(bank_state(bank, RENTAL), halfway[i].after);
		assert_string_equal(confirm_all(bank), "ok");
	}
}

/* Both boards have lent it: the one that the hub knows of counts, the other gets the money back. */
static void test_handed_over_and_lent_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	ack_all(bank);
	bank_pay(bank, rental); /* which the hub has not heard of */
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
	handed_rental = record_of("rented", "rented");
	set_time(handed_rental, "due_at", bank, DAY);
	bank_desire(bank, hand_over);
	assert_string_equal(bank_state(bank, RENTAL), "rented");
	assert_string_equal(bank_state(bank, rental), "resolved");
	assert_string_equal(bank_text(bank, "payment", "state"), "void-owed");
	bank_pass(bank, 10 * SECOND);
	assert_true(published(bank, "adoption-conflict"));
}

/* It came back, and was told; then the hub heard the account of another board. */
static void test_told_and_overtaken(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	assert_string_equal(bank_ask(bank, "mina", "return", rental_args(rental)), "");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	fork_off(bank);
	handed_rental = record_of("overdue", "rented");
	json_object_set_new(handed_rental, "rental", json_string(rental));
	bank_desire(bank, hand_over);
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_true(published(bank, "lendlock.rental.restated"));
}

/* The hub thinks it behind another one's door; a person says where things are. */
static void test_handed_over_into_a_full_door(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("paid", "reserved");
	json_object_set_new(handed_rental, "compartment", json_integer(2));
	bank_desire(bank, hand_over);
	assert_string_equal(confirm_all(bank), "ok");
	assert_string_equal(bank_state(bank, RENTAL), "paid");
	assert_string_equal(
		bank_ask(bank, "joon", "reserve", json_pack("{s:s}", "item", "free")), "ok");
}

static void test_handed_over_and_nothing_to_do(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("returned", "available"); /* it has ended meanwhile */
	json_object_set_new(handed_payment, "state", json_string("captured"));
	bank_desire(bank, hand_over);
	assert_string_equal(bank_ask(bank, "mina", "rental", rental_args(RENTAL)), "not-found");
	assert_string_equal(
		bank_ask(bank, "boss", "confirm-bank",
			contents("[{s:i, s:s}, {s:i}, {s:i, s:s}]", "compartment", 1, "item",
				"drill", "compartment", 2, "compartment", 3, "item", "tent")),
		"ok");
	assert_string_equal(bank_ask(bank, "joon", "reserve", json_pack("{s:s}", "item", "free")),
		"not-available");
}

/* Of an item that this bank's catalogue does not have: it can still come back. */
static void test_handed_over_unknown(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	handed_rental = record_of("rented", "rented");
	json_object_set_new(handed_rental, "item", json_string("ghost"));
	bank_desire(bank, hand_over);
	assert_string_equal(confirm_all(bank), "ok");
	assert_string_equal(bank_state(bank, RENTAL), "rented");
	bank_pass(bank, HOUR);
}

/* What comes under this bank's name and is no other board's birth. */
static void test_statuses_that_say_nothing(void **state)
{
	struct bank *bank = *state;
	bank_send(bank, STATUS, json_pack("{s:i}", "state", 1));
	bank_send(bank, STATUS, json_pack("{s:s, s:s}", "state", "lost", "session", OTHER));
	bank_send(bank, STATUS,
		json_pack("{s:s, s:s, s:s}", "state", "lost", "session", OTHER, "epoch", OTHER));
	bank_send(bank, STATUS,
		json_pack("{s:s, s:s, s:s}", "state", "online", "session", OTHER, "epoch",
			bank->epoch));
	assert_string_equal(
		bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")), "ok");
	bank_send(bank, STATUS,
		json_pack("{s:s, s:s, s:s}", "state", "online", "session", OTHER, "epoch", OTHER));
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "tent")),
		"returns-only");
}

static void echo_nothing(json_t *desired)
{
	json_object_del(desired, "open_rentals");
	hand_over(desired);
}

/* A hub that has not answered what this bank has open may not know of it, or know it to be over:
 * the bank asks, and waits. */
static void test_waits_until_all_is_accounted_for(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	fork_off(bank);
	bank_desire(bank, echo_nothing);
	assert_string_equal(confirm_all(bank), "wrong-state");
	bank_pass(bank, SECOND);
	json_t *status = fake_mqtt_last_json(&bank->mqtt, STATUS);
	json_t *open = json_array_get(json_object_get(status, "open_rentals"), 0);
	assert_string_equal(json_string_value(json_object_get(open, "rental")), rental);
	json_decref(status);
	bank_desire(bank, NULL); /* unknown there: it stays */
	assert_string_equal(bank_state(bank, rental), "rented");
	bank_pass(bank, SECOND);
	status = fake_mqtt_last_json(&bank->mqtt, STATUS);
	assert_null(json_object_get(status, "open_rentals")); /* it has taken over */
	json_decref(status);
	assert_string_equal(confirm_all(bank), "ok");
}

static void hand_over_ended(struct bank *bank, const char *rental, const char *state)
{
	handed_rental = record_of(state, "available");
	json_object_set_new(handed_rental, "rental", json_string(rental));
	json_object_del(handed_rental, "payment");
	json_decref(handed_payment);
	handed_payment = NULL;
	bank_desire(bank, hand_over);
}

/* Seed 301: it is over, and the copy has gone on with it: it is not paid for and lent again. */
static void test_ended_and_extended_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	ack_all(bank);
	assert_string_equal(bank_ask(bank, "mina", "extend", rental_args(rental)), "ok");
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
	hand_over_ended(bank, rental, "returned");
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_string_equal(confirm_all(bank), "ok");
	ack_all(bank);
	assert_true(published(bank, "lendlock.rental.restated"));
	assert_string_equal(bank_ask(bank, "mina", "open", rental_args(rental)), "wrong-state");
}

/* The hub knows that nobody came for it; the copy gave it out since. */
static void test_ended_and_taken_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	ack_all(bank);
	bank_take(bank, rental);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
	hand_over_ended(bank, rental, "expired");
	assert_string_equal(bank_state(bank, rental), "rented");
}

/* Seed 504: what the copy lent is out of the door, what the hub had lent is not: the latter's
 * renter gets the money back. */
static void test_handed_over_and_taken_here(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	ack_all(bank);
	bank_take(bank, rental);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
	handed_rental = record_of("paid", "reserved");
	bank_desire(bank, hand_over);
	assert_string_equal(bank_state(bank, rental), "rented");
	assert_string_equal(bank_state(bank, RENTAL), "resolved");
	assert_string_equal(bank_text(bank, "payment", "state"), "void-owed");
	bank_pass(bank, 10 * SECOND);
	assert_true(published(bank, "adoption-conflict"));
}

/* In the copy it is rented; in truth it came back long ago, and was taken away since. */
static void test_ended_since_the_copy(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	fork_off(bank);
	hand_over_ended(bank, rental, "returned");
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 2, "item",
					    "free", "compartment", 3, "item", "tent")),
		"ok");
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_string_equal(
		bank_ask(bank, "boss", "stock", json_pack("{s:s}", "item", "drill")), "ok");
	bank_pass(bank, 10 * SECOND);
	bank_reserve(bank, rental);
}

static void move_drill(json_t *desired)
{
	json_t *drill = json_array_get(json_object_get(desired, "items"), 0);
	json_object_set_new(drill, "moving", json_string("station"));
	json_object_set_new(drill, "move", json_string("01a20305-7c6d-7e5f-8041-526374859607"));
}

static void withdraw_drill(json_t *desired)
{
	json_object_set_new(
		json_array_get(json_object_get(desired, "items"), 0), "withdrawn", json_true());
}

static const char *confirm_without_drill(struct bank *bank)
{
	return bank_ask(bank, "boss", "confirm-bank",
		contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 2, "item", "free",
			"compartment", 3, "item", "tent"));
}

static void test_moving_reserved_and_gone(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_desire(bank, move_drill);
	ack_all(bank);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
	bank_ask(bank, "mina", "extend", rental_args(rental)); /* the hub has not heard this */
	bank_desire(bank, move_drill);
	fake_mqtt_clear(&bank->mqtt);
	assert_string_equal(confirm_without_drill(bank), "ok");
	bank_pass(bank, 10 * SECOND);
	assert_true(published(bank, "lendlock.item.released"));
	assert_false(published(bank, "\"item\":\"\""));
	assert_false(published(bank, "\"subject\":\"\""));
}

/* Nobody can collect what is not there: the wish to have it collected ends, too. */
static void name_no_drill(json_t *desired)
{
	hand_over(desired);
	json_array_remove(json_object_get(desired, "items"), 0);
}

/* Withdrawn, or moved to another bank, after the copy was made; and back later. */
static void test_gone_since_the_copy(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	bank_desire(bank, name_no_drill);
	bank_pass(bank, 10 * SECOND);
	assert_false(published(bank, "collect:drill"));
	assert_string_equal(confirm_all(bank), "ok");
	ack_all(bank);
	assert_true(published(bank, "collect:drill"));
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")),
		"not-available");
	bank_desire(bank, NULL);
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
}

/* A board that does not know where it lies does not say that it is gone: nobody would look for it
 * then, and it lies behind a door. */
static void test_withdrawn_and_where_nobody_knows(void **state)
{
	struct bank *bank = *state;
	char epoch[UUID_SIZE];
	bank_ask(bank, "boss", "collect", json_pack("{s:s}", "item", "drill"));
	bank_pass(bank, 10 * SECOND);
	bank_ack(bank);
	TEXT_COPY(epoch, bank->epoch);
	TEXT_COPY(bank->epoch, OTHER); /* the hub has never heard of this board */
	bank_desire(bank, withdraw_drill);
	TEXT_COPY(bank->epoch, epoch);
	read_epoch(bank);
	bank_desire(bank, withdraw_drill);
	ack_all(bank);
	bank_pass(bank, 10 * SECOND);
	assert_false(published(bank, "lendlock.item.withdrawn"));
	assert_string_equal(confirm_all(bank), "ok");
	ack_all(bank);
	assert_true(published(bank, "lendlock.item.withdrawn"));
	assert_true(published(bank, "collect:drill"));
}

/* ... nor does it when a person says that it is fit, who sees it behind a door. */
static void test_moving_and_fit_where_nobody_knows(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "inspect",
		json_pack("{s:s, s:b, s:b, s:i}", "item", "drill", "fit", 0, "taken", 1,
			"compartment", 1));
	fork_off(bank);
	bank_desire(bank, move_drill);
	assert_string_equal(bank_ask(bank, "boss", "inspect",
				    json_pack("{s:s, s:b}", "item", "drill", "fit", 1)),
		"ok");
	ack_all(bank);
	assert_false(published(bank, "lendlock.item.released"));
	assert_string_equal(confirm_all(bank), "ok");
	ack_all(bank);
	assert_true(published(bank, "collect:drill"));
	assert_false(published(bank, "lendlock.item.released"));
	assert_string_equal(
		bank_ask(bank, "boss", "collect", json_pack("{s:s}", "item", "drill")), "ok");
	bank_pass(bank, 10 * SECOND);
	ack_all(bank);
	assert_true(published(bank, "lendlock.item.released"));
}

/* An old copy may have it behind another door: what is not in there is not gone. */
static void test_nothing_is_collected_before_that(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	assert_string_equal(bank_ask(bank, "boss", "collect", json_pack("{s:s}", "item", "drill")),
		"returns-only");
	assert_string_equal(bank_ask(bank, "boss", "stock", json_pack("{s:s}", "item", "drill")),
		"returns-only");
	bank_desire(bank, NULL);
	assert_string_equal(bank_ask(bank, "boss", "collect", json_pack("{s:s}", "item", "drill")),
		"returns-only");
	assert_string_equal(confirm_all(bank), "ok");
	assert_string_equal(
		bank_ask(bank, "boss", "collect", json_pack("{s:s}", "item", "drill")), "ok");
}

static bool is_to_be_collected(struct bank *bank)
{
	struct alert_record alert;
	return store_alert_read(bank->kiosk->database, "collect:drill", &alert);
}

static void test_withdrawn_and_gone(void **state)
{
	struct bank *bank = *state;
	bank_desire(bank, withdraw_drill);
	fork_off(bank);
	bank_desire(bank, withdraw_drill);
	assert_string_equal(confirm_without_drill(bank), "ok");
	ack_all(bank);
	bank_pass(bank, 10 * SECOND);
	assert_false(is_to_be_collected(bank));
}

/* What a manager had looked at before the drill went through door 1. */
static void test_returned_since_somebody_looked(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	ack_all(bank);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
	bank_desire(bank, NULL);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_string_equal(confirm_without_drill(bank), "ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")),
		"not-available");
	/* It lies there, and nothing is put on top of it. */
	assert_string_equal(
		bank_ask(bank, "boss", "inspect",
			json_pack("{s:s, s:b, s:i}", "item", "drill", "fit", 1, "compartment", 1)),
		"ok");
	assert_string_equal(
		bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")), "ok");
}

/* ... while nobody had adopted the bank yet. */
static void test_returned_before_the_adoption(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	ack_all(bank);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	read_epoch(bank);
	bank_desire(bank, NULL);
	assert_string_equal(confirm_without_drill(bank), "ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")),
		"not-available");
	assert_string_equal(
		bank_ask(bank, "boss", "inspect",
			json_pack("{s:s, s:b, s:i}", "item", "drill", "fit", 1, "compartment", 1)),
		"ok");
}

/* ... or it was found where it had lain all the while, and nothing was brought back. */
static void test_found_where_it_was_not_returned(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	ack_all(bank);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
	bank_desire(bank, NULL);
	bank_ask(bank, "mina", "return", rental_args(rental)); /* door 1 */
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 4, "item",
					    "drill", "compartment", 2, "item", "tent")),
		"ok");
	assert_string_equal(
		bank_ask(bank, "boss", "inspect",
			json_pack("{s:s, s:b, s:i}", "item", "drill", "fit", 1, "compartment", 4)),
		"ok");
}

/* Whoever had looked says that another thing lies there, too. */
static void test_returned_on_top_of_another(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	ack_all(bank);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
	bank_desire(bank, NULL);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 2, "item",
					    "free", "compartment", 1, "item", "tent")),
		"ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")),
		"not-available");
	assert_string_equal(
		bank_ask(bank, "boss", "stock", json_pack("{s:s}", "item", "drill")), "ok");
}

/* ... and it has been withdrawn: nobody is sent to a door for it. */
static void test_withdrawn_and_returned_on_top_of_another(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	ack_all(bank);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
	bank_desire(bank, withdraw_drill);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 2, "item",
					    "free", "compartment", 1, "item", "tent")),
		"ok");
	assert_false(is_to_be_collected(bank));
}

/* A manager was collecting it when the bank was adopted. */
static void test_collected_since_somebody_looked(void **state)
{
	struct bank *bank = *state;
	ack_all(bank);
	assert_string_equal(
		bank_ask(bank, "boss", "collect", json_pack("{s:s}", "item", "drill")), "ok");
	bank_pass(bank, SECOND);
	fork_off(bank);
	bank_desire(bank, NULL);
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(confirm_all(bank), "ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")),
		"not-available");
}

/* ... and the board before had lent it meanwhile: it is out, whatever went through that door. */
static void test_collected_and_handed_over(void **state)
{
	struct bank *bank = *state;
	ack_all(bank);
	bank_ask(bank, "boss", "collect", json_pack("{s:s}", "item", "drill"));
	bank_pass(bank, SECOND);
	fork_off(bank);
	handed_rental = record_of("rented", "rented");
	set_time(handed_rental, "due_at", bank, DAY);
	bank_desire(bank, hand_over);
	fake_mqtt_clear(&bank->mqtt);
	bank_pass(bank, 10 * SECOND);
	ack_all(bank);
	assert_false(published(bank, "lendlock.item."));
	assert_string_equal(bank_state(bank, RENTAL), "rented");
}

/* ... nor is what went through a door that it lies behind. */
static void test_returned_and_found(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	ack_all(bank);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
	bank_desire(bank, NULL);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(confirm_all(bank), "ok");
	fork_off(bank); /* what was confirmed is no reason to look the next time either */
	bank_desire(bank, NULL);
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}]", "compartment", 4, "item", "drill")),
		"ok");
	assert_string_equal(
		bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")), "ok");
}

/* It has left only when somebody has taken it out: not when they looked before it came back. */
static void test_returned_since_somebody_looked_and_moves(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	ack_all(bank);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
	bank_desire(bank, move_drill);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	fake_mqtt_clear(&bank->mqtt);
	assert_string_equal(confirm_without_drill(bank), "ok");
	bank_pass(bank, MINUTE);
	ack_all(bank);
	assert_true(is_to_be_collected(bank));
	assert_false(published(bank, "lendlock.item.released"));
}

/* It was to be taken out, and stays by now. */
static void test_found_and_to_stay(void **state)
{
	struct bank *bank = *state;
	bank_desire(bank, move_drill);
	fork_off(bank);
	bank_desire(bank, NULL);
	assert_true(is_to_be_collected(bank));
	assert_string_equal(confirm_all(bank), "ok");
	assert_false(is_to_be_collected(bank));
}

static void collect_and_hand_over(struct bank *bank)
{
	ack_all(bank);
	bank_ask(bank, "boss", "collect", json_pack("{s:s}", "item", "drill"));
	fork_off(bank);
	handed_rental = record_of("paid", "reserved");
	set_time(handed_rental, "expires_at", bank, HOUR);
	bank_desire(bank, hand_over);
	fake_mqtt_clear(&bank->mqtt);
}

static void check_paid_and_nothing_said_of_it(struct bank *bank)
{
	bank_crash(bank);
	bank_pass(bank, 10 * SECOND);
	ack_all(bank);
	assert_false(published(bank, "lendlock.item."));
	assert_string_equal(bank_state(bank, RENTAL), "paid");
}

/* ... or reserved it: whether the manager has taken it out, its renter will see. */
static void test_collected_handed_over_and_shut(void **state)
{
	struct bank *bank = *state;
	collect_and_hand_over(bank);
	check_paid_and_nothing_said_of_it(bank);
}

static void test_collected_handed_over_and_cut_off(void **state)
{
	struct bank *bank = *state;
	simulated_jam(bank->doors, 1, true); /* it is not opened before the power goes */
	collect_and_hand_over(bank);
	check_paid_and_nothing_said_of_it(bank);
}

/* ... and goes on with it, whatever was seen there before. */
static void test_collected_handed_over_and_found(void **state)
{
	struct bank *bank = *state;
	collect_and_hand_over(bank);
	bank_pass(bank, 10 * SECOND);
	fake_mqtt_clear(&bank->mqtt);
	assert_string_equal(confirm_all(bank), "ok");
	bank_pass(bank, MINUTE);
	ack_all(bank);
	assert_false(published(bank, "lendlock.item.inspection"));
	assert_string_equal(bank_state(bank, RENTAL), "paid");
}

static void stock_and_hand_over(struct bank *bank)
{
	bank_ask(bank, "boss", "collect", json_pack("{s:s}", "item", "tent"));
	bank_pass(bank, 10 * SECOND);
	ack_all(bank);
	bank_ask(bank, "boss", "stock", json_pack("{s:s, s:i}", "item", "tent", "compartment", 4));
	fork_off(bank);
	handed_rental = record_of("paid", "reserved");
	json_object_set_new(handed_rental, "compartment", json_integer(4));
	bank_desire(bank, hand_over);
}

static void check_that_the_tent_lies_nowhere(struct bank *bank)
{
	bank_crash(bank);
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, RENTAL), "paid");
	assert_string_equal(
		bank_ask(bank, "boss", "inspect",
			json_pack("{s:s, s:b, s:i}", "item", "tent", "fit", 1, "compartment", 4)),
		"wrong-state");
}

/* What a manager was putting in lies nowhere that is known, if the hub knows another thing there.
 */
static void test_stocked_handed_over_and_shut(void **state)
{
	struct bank *bank = *state;
	stock_and_hand_over(bank);
	check_that_the_tent_lies_nowhere(bank);
}

static void test_stocked_handed_over_and_cut_off(void **state)
{
	struct bank *bank = *state;
	simulated_jam(bank->doors, 4, true);
	stock_and_hand_over(bank);
	check_that_the_tent_lies_nowhere(bank);
}

/* It was being brought back when the power went; the board before knows that it has come back. */
static void test_returned_handed_over_and_cut_off(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	simulated_jam(bank->doors, 1, true); /* it is not opened before the power goes */
	ack_all(bank);
	bank_ask(bank, "mina", "return", rental_args(rental));
	fork_off(bank);
	hand_over_ended(bank, rental, "returned");
	fake_mqtt_clear(&bank->mqtt);
	bank_crash(bank);
	bank_pass(bank, 10 * SECOND);
	ack_all(bank);
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_false(published(bank, "unconfirmed"));
}

/* What went in and out while the bank lent is no reason to look once more. */
static void test_found_elsewhere(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	bank_desire(bank, NULL);
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 4, "item",
					    "drill", "compartment", 2, "item", "tent")),
		"ok");
	assert_string_equal(
		bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")), "ok");
}

/* What is being brought back while the bank is looked through must not meet what a person says. */
static void test_no_confirming_while_a_door_is_open(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	ack_all(bank);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
	handed_rental = record_of("rented", "rented");
	json_object_set_new(handed_rental, "rental", json_string(rental));
	set_time(handed_rental, "due_at", bank, DAY);
	bank_desire(bank, hand_over);
	assert_string_equal(bank_ask(bank, "mina", "return", rental_args(rental)), "");
	assert_string_equal(bank_ask(bank, "boss", "confirm-bank",
				    contents("[{s:i, s:s}]", "compartment", 1, "item", "free")),
		"busy");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_string_equal(confirm_all(bank), "ok");
}

static void other_epoch(json_t *desired)
{
	json_object_set_new(desired, "epoch", json_string(OTHER));
}

/* Another board was adopted in its place, and this one comes back: its epoch is over for good, so
 * it begins a new one that can be adopted. */
static void test_replaced_and_back(void **state)
{
	struct bank *bank = *state;
	char old[UUID_SIZE];
	TEXT_COPY(old, bank->epoch);
	ack_all(bank);
	bank_desire(bank, other_epoch);
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")),
		"returns-only");
	ack_all(bank); /* the hub takes last words of a retired epoch */
	bank_pass(bank, 3 * MINUTE);
	read_epoch(bank);
	assert_string_not_equal(old, bank->epoch);
	bank_desire(bank, NULL);
	assert_string_equal(confirm_all(bank), "ok");
}

static void ack_past(struct bank *bank, const char *epoch, int seq)
{
	bank_send(bank, ACKS,
		json_pack("{s:s, s:i, s:s, s:i, s:s}", "hub", BANK_HUB, "generation", 1, "epoch",
			epoch, "seq", seq, "event", BANK_HUB));
}

/* The hub is put back to an old copy while this bank waits: what it has forgotten is told again. */
static void test_acked_and_forgotten(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], old[UUID_SIZE], waits[UUID_SIZE];
	bank_take(bank, rental);
	TEXT_COPY(old, bank->epoch);
	fork_off(bank);
	TEXT_COPY(waits, bank->epoch);
	ack_past(bank, OTHER, 0);
	ack_past(bank, old, 100000);
	read_epoch(bank);
	assert_string_equal(waits, bank->epoch);
	fake_mqtt_clear(&bank->mqtt);
	ack_past(bank, old, 3);
	read_epoch(bank);
	assert_string_not_equal(waits, bank->epoch);
	TEXT_COPY(waits, bank->epoch);
	ack_past(bank, old, 3);
	read_epoch(bank);
	assert_string_equal(waits, bank->epoch);
	bank_desire(bank, NULL);
	ack_all(bank);
	assert_true(published(bank, "lendlock.rental.rented"));
	assert_true(published(bank, rental));
}

/* ... and so it is when nobody adopts the bank for longer than what was acked is kept. */
static void test_forgotten_and_adopted_much_later(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], old[UUID_SIZE];
	bank_take(bank, rental);
	TEXT_COPY(old, bank->epoch);
	fork_off(bank);
	ack_past(bank, old, 3);
	read_epoch(bank);
	fake_clock_pass(&bank->clock, 31 * DAY);
	bank_pass(bank, 2 * HOUR);
	bank_desire(bank, NULL);
	fake_mqtt_clear(&bank->mqtt);
	bank_pass(bank, MINUTE);
	ack_all(bank);
	assert_true(published(bank, "lendlock.rental.rented"));
}

/* A board that is put back again and again. */
static void test_only_the_latest_epochs_are_known(void **state)
{
	struct bank *bank = *state;
	for (int i = 0; i < 70; i++) {
		fork_off(bank);
		bank_desire(bank, NULL);
		assert_string_equal(confirm_all(bank), "ok");
	}
	assert_int_equal(
		database_number(bank->kiosk->database, 0, "SELECT count(*) FROM past_epoch", ""),
		64);
}

/* ... to one from before an adoption: all that was told since then. */
static void test_adopted_and_forgotten(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], old[UUID_SIZE];
	TEXT_COPY(old, bank->epoch);
	fork_off(bank);
	bank_desire(bank, NULL);
	assert_string_equal(confirm_all(bank), "ok");
	bank_reserve(bank, rental);
	ack_all(bank);
	TEXT_COPY(bank->epoch, old);
	bank_desire(bank, NULL);
	bank_pass(bank, SECOND);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
	fake_mqtt_clear(&bank->mqtt);
	ack_past(bank, old, 100000);
	read_epoch(bank);
	bank_desire(bank, NULL);
	ack_all(bank);
	assert_true(published(bank, "lendlock.rental.reserved"));
	assert_true(published(bank, rental));
}

/* ... to one that has forgotten something of the epoch before, too. */
static void test_outvoted_and_forgotten(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], first[UUID_SIZE], second[UUID_SIZE];
	bank_reserve(bank, rental);
	TEXT_COPY(first, bank->epoch);
	fork_off(bank);
	bank_desire(bank, NULL);
	assert_string_equal(confirm_all(bank), "ok");
	ack_all(bank);
	TEXT_COPY(second, bank->epoch);
	TEXT_COPY(bank->epoch, first);
	bank_desire(bank, NULL);
	bank_pass(bank, SECOND);
	ack_past(bank, first, 100000);
	read_epoch(bank);
	assert_string_equal(second, bank->epoch);
	fake_mqtt_clear(&bank->mqtt);
	ack_past(bank, first, 3);
	read_epoch(bank);
	assert_string_not_equal(second, bank->epoch);
	bank_desire(bank, NULL);
	ack_all(bank);
	assert_true(published(bank, "lendlock.rental.reserved"));
	assert_true(published(bank, rental));
	assert_true(published(bank, "bank-confirmed"));
}

/* A hub that was put back names an older epoch until this one is adopted again. It knows less. */
static void test_hub_put_back_knows_less(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	ack_all(bank);
	bank_desire(bank, other_epoch);
	bank_pass(bank, 10 * MINUTE); /* it acks nothing of an epoch that it does not know */
	handed_rental = record_of("paid", "reserved");
	json_object_set_new(handed_rental, "rental", json_string(rental));
	set_time(handed_rental, "expires_at", bank, HOUR);
	char old[UUID_SIZE];
	TEXT_COPY(old, bank->epoch);
	read_epoch(bank);
	assert_string_equal(old, bank->epoch);
	bank_desire(bank, hand_over);
	assert_string_equal(bank_state(bank, rental), "rented");
	assert_string_equal(confirm_without_drill(bank), "ok");
	assert_string_equal(bank_state(bank, rental), "rented");
	assert_string_equal(bank_text(bank, "payment", "state"), "captured");
}

/* The hub had not heard of it before the bank was adopted, so it is not in what is handed over.
 * That it has by now is no reason to take it for ended. */
static void test_acked_between_adoption_and_handover(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	ack_all(bank);
	bank_take(bank, rental);
	bank_send(bank, ACKS,
		json_pack("{s:s, s:i, s:s, s:i, s:s}", "hub", BANK_HUB, "generation", 1, "epoch",
			bank->epoch, "seq", 100000, "event", BANK_HUB));
	read_epoch(bank);
	bank_pass(bank, 10 * SECOND);
	ack_all(bank);
	bank_desire(bank, NULL);
	assert_string_equal(bank_state(bank, rental), "rented");
	bank_pass(bank, 10 * MINUTE);
	ack_all(bank);
	assert_string_equal(confirm_without_drill(bank), "ok");
	assert_string_equal(bank_state(bank, rental), "rented");
}

/* It was adopted, and another board after it, while this one was down. */
static void test_adopted_and_retired_unawares(void **state)
{
	struct bank *bank = *state;
	char waiting[UUID_SIZE];
	fork_off(bank);
	TEXT_COPY(waiting, bank->epoch);
	bank_desire(bank, other_epoch);
	bank_pass(bank, 10 * MINUTE);
	read_epoch(bank);
	assert_string_equal(waiting, bank->epoch); /* it waits, and nobody has known it yet */
	ack_all(bank);
	bank_pass(bank, 10 * SECOND);
	read_epoch(bank);
	assert_string_equal(waiting, bank->epoch);
	bank_pass(bank, 3 * MINUTE);
	read_epoch(bank);
	assert_string_not_equal(waiting, bank->epoch);
	bank_desire(bank, NULL);
	assert_string_equal(confirm_all(bank), "ok");
}

/* Another board had cleared the alert at the hub meanwhile. */
static void test_adopted_again_asks_to_be_confirmed(void **state)
{
	struct bank *bank = *state;
	fork_off(bank);
	bank_desire(bank, NULL);
	bank_pass(bank, 10 * SECOND);
	ack_all(bank);
	bank_desire(bank, other_epoch);
	bank_pass(bank, SECOND);
	fake_mqtt_clear(&bank->mqtt);
	bank_desire(bank, NULL);
	bank_pass(bank, 10 * SECOND);
	assert_true(published(bank, "confirm-bank:library"));
	assert_string_equal(confirm_all(bank), "ok");
}

static void nobody(json_t *desired)
{
	json_object_del(desired, "epoch");
}

/* A new board that was adopted before it ever read that another one was valid. */
static void test_adopted_unawares(void **state)
{
	struct bank *bank = *state;
	bank_desire(bank, nobody);
	handed_rental = record_of("rented", "rented");
	set_time(handed_rental, "due_at", bank, HOUR);
	bank_desire(bank, hand_over);
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "tent")),
		"returns-only");
	assert_string_equal(bank_state(bank, RENTAL), "rented");
	assert_string_equal(confirm_without_drill(bank), "ok");
	bank_desire(bank, NULL);
	assert_string_equal(
		bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "tent")), "ok");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_the_old_copy_is_kept),
		TEST(test_handed_over_paid),
		TEST(test_handed_over_overdue),
		TEST(test_handed_over_taking),
		TEST(test_handed_over_paying),
		TEST(test_handed_over_and_not_yet_paid_for),
		TEST(test_handed_over_and_not_yet_told),
		TEST(test_handed_over_with_a_payment_of_nothing),
		TEST(test_handed_over_paid_and_only_sent),
		TEST(test_handed_over_unconfirmed),
		TEST(test_handed_over_halfway),
		TEST(test_handed_over_and_lent_here),
		TEST(test_told_and_overtaken),
		TEST(test_handed_over_into_a_full_door),
		TEST(test_handed_over_and_nothing_to_do),
		TEST(test_handed_over_unknown),
		TEST(test_statuses_that_say_nothing),
		TEST(test_waits_until_all_is_accounted_for),
		TEST(test_ended_and_extended_here),
		TEST(test_ended_and_taken_here),
		TEST(test_handed_over_and_taken_here),
		TEST(test_ended_since_the_copy),
		TEST(test_moving_reserved_and_gone),
		TEST(test_gone_since_the_copy),
		TEST(test_withdrawn_and_where_nobody_knows),
		TEST(test_moving_and_fit_where_nobody_knows),
		TEST(test_nothing_is_collected_before_that),
		TEST(test_withdrawn_and_gone),
		TEST(test_no_confirming_while_a_door_is_open),
		TEST(test_returned_since_somebody_looked),
		TEST(test_returned_before_the_adoption),
		TEST(test_found_where_it_was_not_returned),
		TEST(test_returned_on_top_of_another),
		TEST(test_withdrawn_and_returned_on_top_of_another),
		TEST(test_collected_since_somebody_looked),
		TEST(test_collected_and_handed_over),
		TEST(test_collected_handed_over_and_shut),
		TEST(test_collected_handed_over_and_cut_off),
		TEST(test_collected_handed_over_and_found),
		TEST(test_stocked_handed_over_and_shut),
		TEST(test_stocked_handed_over_and_cut_off),
		TEST(test_returned_handed_over_and_cut_off),
		TEST(test_found_elsewhere),
		TEST(test_returned_and_found),
		TEST(test_returned_since_somebody_looked_and_moves),
		TEST(test_found_and_to_stay),
		TEST(test_replaced_and_back),
		TEST(test_acked_and_forgotten),
		TEST(test_forgotten_and_adopted_much_later),
		TEST(test_only_the_latest_epochs_are_known),
		TEST(test_adopted_and_forgotten),
		TEST(test_outvoted_and_forgotten),
		TEST(test_hub_put_back_knows_less),
		TEST(test_acked_between_adoption_and_handover),
		TEST(test_adopted_and_retired_unawares),
		TEST(test_adopted_again_asks_to_be_confirmed),
		TEST(test_adopted_unawares),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
