/* Items between catalogue, doors and people: what happens at the same time, and what must not be
 * left over. */
#include "kiosk/store.h"
#include "tests/kiosk/bank.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* Whether it says so by the time that all is acked. */
static bool tells(struct bank *bank, const char *text)
{
	bank_ack_all(bank);
	return bank_published(bank, text);
}

/* Closes the bank and looks into its database. */
static struct database *look_inside(struct bank *bank)
{
	struct database *database;
	bank->kiosk = kiosk_close(bank->kiosk);
	assert_int_equal(database_open(bank->path, NULL, kiosk_migrations, &database), 0);
	return database;
}

/* Nobody knows where it is until a person says so; it is not released meanwhile. */
static void test_moved_while_unconfirmed(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	simulated_sensor(bank->doors, 1, false);
	bank_pass(bank, 2 * MINUTE);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 20 * SECOND);
	assert_string_equal(bank_state(bank, rental), "unconfirmed-return");
	bank_desire(bank, bank_move_drill);
	bank_state(bank, rental);
	bank_ask(bank, "boss", "resolve",
		json_pack("{s:s, s:s, s:s}", "rental", rental, "outcome", "not-returned", "reason",
			"looked"));
	assert_string_equal(bank_text(bank, "rental", "item_state"), "rented");
	assert_false(tells(bank, "lendlock.item.released"));
}

/* The catalogue moves it while a manager puts it in: it lies there, and has to be
 * taken out again. */
static void test_moved_while_being_stocked(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "collect", item_args("drill"));
	bank_pass(bank, 10 * SECOND);
	bank_ask(bank, "boss", "stock", item_args("drill"));
	bank_pass(bank, SECOND);
	bank_desire(bank, bank_move_drill);
	bank_pass(bank, 10 * SECOND);
	assert_false(tells(bank, "lendlock.item.released"));
	assert_true(tells(bank, "collect:drill"));
	assert_string_equal(bank_ask(bank, "boss", "collect", item_args("drill")), "ok");
	bank_pass(bank, 10 * SECOND);
	assert_true(tells(bank, "lendlock.item.released"));
}

/* A door stands open for it: a second one would leave it behind one door, and in the books behind
 * the other. */
static void test_stocked_behind_one_door(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "collect", item_args("drill"));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "boss", "stock", item_args("drill")), "ok");
	bank_pass(bank, SECOND);
	assert_string_equal(bank_ask(bank, "boss", "stock", item_args("drill")), "busy");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "boss", "stock", item_args("drill")), "wrong-state");
}

/* ... and if its door jams, it was never put in. */
static void test_moved_while_its_door_jams(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "collect", item_args("drill"));
	bank_pass(bank, 10 * SECOND);
	simulated_jam(bank->doors, 1, true);
	bank_ask(bank, "boss", "stock", item_args("drill"));
	bank_pass(bank, SECOND);
	bank_desire(bank, bank_move_drill);
	bank_pass(bank, 10 * SECOND);
	assert_true(tells(bank, "lendlock.item.released"));
}

static void release_drill(struct bank *bank)
{
	bank_desire(bank, bank_move_drill);
	bank_ask(bank, "boss", "collect", item_args("drill"));
	bank_ack_all(bank);
	bank_pass(bank, 10 * SECOND);
	fake_mqtt_clear(&bank->mqtt);
}

static size_t count_releases(struct bank *bank)
{
	size_t n = 0;
	struct database *database = look_inside(bank);
	struct query *query = store_outbox_from(database, 1);
	struct outbox_row row;
	const char *data;
	while (store_outbox_next(query, &row, &data))
		n += strcmp(row.type, "lendlock.item.released") == 0;
	database_close(database);
	return n;
}

/* The hub said so before it had heard of the release. */
static void test_released_once(void **state)
{
	struct bank *bank = *state;
	release_drill(bank);
	bank_desire(bank, bank_move_drill);
	bank_pass(bank, SECOND);
	assert_int_equal(count_releases(bank), 1);
}

static void move_drill_again(json_t *desired)
{
	json_t *drill = json_array_get(json_object_get(desired, "items"), 0);
	bank_move_drill(desired);
	json_object_set_new(drill, "move", json_string("01a20305-7c6d-7e5f-8041-526374859608"));
}

/* It was to come back, and is to go on before this bank has heard of that: the hub waits for it. */
static void test_released_for_each_order(void **state)
{
	struct bank *bank = *state;
	release_drill(bank);
	bank_desire(bank, move_drill_again);
	bank_pass(bank, SECOND);
	assert_int_equal(count_releases(bank), 2);
}

static void test_move_taken_back(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_ask(bank, "mina", "report",
		json_pack("{s:s, s:s}", "rental", rental, "problem", "broken"));
	assert_string_equal(bank_text(bank, "rental", "item_state"), "blocked");
	bank_desire(bank, bank_move_drill);
	bank_desire(bank, NULL);
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
	bank_ask(bank, "boss", "inspect", json_pack("{s:s, s:b}", "item", "drill", "fit", 1));
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "ok");
	assert_false(bank_is_raised(bank, "collect", "drill"));
}

/* What was reported has been looked at. */
static void test_report_is_settled_by_an_inspection(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_ask(bank, "mina", "report",
		json_pack("{s:s, s:s}", "rental", rental, "problem", "broken"));
	assert_true(tells(bank, "reported:drill"));
	bank_ask(bank, "boss", "inspect", json_pack("{s:s, s:b}", "item", "drill", "fit", 1));
	assert_false(bank_is_raised(bank, "reported", "drill"));
}

/* A manager ends a rental whose door waits for its turn: it does not open any more. */
static void test_resolved_before_its_pulse(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank_ask(bank, "boss", "collect", item_args("tent")); /* its pulse comes first */
	bank_ask(bank, "mina", "open", rental_args(rental));
	int pulses = simulated_pulses(bank->doors, 1);
	assert_string_equal(bank_ask(bank, "boss", "resolve",
				    json_pack("{s:s, s:s, s:s}", "rental", rental, "outcome",
					    "close-refund", "reason", "looked")),
		"ok");
	bank_pass(bank, 20 * SECOND);
	assert_int_equal(simulated_pulses(bank->doors, 1), pulses);
}

/* ... nor if it is withdrawn meanwhile. */
static void test_withdrawn_before_its_pulse(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank_ask(bank, "boss", "collect", item_args("tent"));
	bank_ask(bank, "mina", "open", rental_args(rental));
	int pulses = simulated_pulses(bank->doors, 1);
	bank_desire(bank, bank_withdraw_drill);
	bank_pass(bank, 20 * SECOND);
	assert_int_equal(simulated_pulses(bank->doors, 1), pulses);
	assert_string_equal(bank_state(bank, rental), "cancelled");
	assert_string_equal(bank_text(bank, "payment", "state"), "void-owed");
	assert_true(bank_is_raised(bank, "collect", "drill"));
}

/* Once its door is to open for a manager, it is not there for anybody else. */
static void test_reserved_while_it_is_collected(void **state)
{
	struct bank *bank = *state;
	assert_string_equal(bank_ask(bank, "boss", "collect", item_args("drill")), "ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
	bank_pass(bank, SECOND); /* it stands open */
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
	assert_string_equal(bank_ask(bank, "boss", "stock", item_args("drill")), "ok");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "ok");
}

static void shut(struct bank *bank, int door)
{
	bank_pass(bank, SECOND);
	assert_int_equal(simulated_door(bank->doors, door), BANK_OPEN);
	simulated_move(bank->doors, door, BANK_CLOSED);
	bank_pass(bank, SECOND);
}

/* Nobody says of it where it is, or puts it elsewhere, before that door is shut. */
static void test_collected_and_stocked_elsewhere(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "stock", item_args("drill"));
	shut(bank, 1);
	assert_string_equal(bank_ask(bank, "boss", "collect", item_args("drill")), "ok");
	bank_pass(bank, SECOND);
	assert_string_equal(bank_ask(bank, "boss", "inspect",
				    json_pack("{s:s, s:b, s:b, s:i}", "item", "drill", "fit", 1,
					    "taken", 1, "compartment", 1)),
		"busy");
	json_t *elsewhere = json_pack("{s:s, s:i}", "item", "drill", "compartment", 2);
	assert_string_equal(bank_ask(bank, "boss", "stock", json_incref(elsewhere)), "wrong-state");
	shut(bank, 1);
	assert_string_equal(bank_ask(bank, "boss", "stock", elsewhere), "ok");
	shut(bank, 2);
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "ok");
	assert_int_equal(json_integer_value(json_object_get(
				 json_object_get(bank->reply, "rental"), "compartment")),
		2);
}

static bool is_in_outbox(struct bank *bank, const char *type)
{
	struct database *database = look_inside(bank);
	struct query *query = store_outbox_from(database, 1);
	struct outbox_row row;
	const char *data;
	bool found = false;
	while (store_outbox_next(query, &row, &data))
		found |= strcmp(row.type, type) == 0;
	database_close(database);
	return found;
}

/* A second manager knows nothing of the door at which the first one puts it in. */
static void test_inspected_while_being_stocked(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "inspect",
		json_pack("{s:s, s:b, s:b, s:i}", "item", "drill", "fit", 0, "taken", 1,
			"compartment", 1));
	assert_string_equal(bank_ask(bank, "boss", "stock", item_args("drill")), "ok");
	bank_pass(bank, SECOND);
	bank_desire(bank, bank_move_drill);
	assert_string_equal(bank_ask(bank, "boss", "inspect",
				    json_pack("{s:s, s:b}", "item", "drill", "fit", 1)),
		"busy");
	bank_pass(bank, 10 * SECOND); /* shut: it lies there */
	assert_false(is_in_outbox(bank, "lendlock.item.released"));
}

static json_t *fit_args(const char *item)
{
	return json_pack("{s:s, s:b}", "item", item, "fit", 1);
}

/* The renter stands there, and takes it although the rental is over. */
static void test_inspected_before_its_door_is_shut(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_pass(bank, SECOND);
	assert_string_equal(bank_ask(bank, "boss", "resolve",
				    json_pack("{s:s, s:s, s:s}", "rental", rental, "outcome",
					    "close-refund", "reason", "dispute")),
		"ok");
	assert_string_equal(bank_ask(bank, "boss", "inspect", fit_args("drill")), "busy");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "nele", "reserve", item_args("drill")), "not-available");
	assert_string_equal(bank_ask(bank, "boss", "inspect", fit_args("drill")), "ok");
}

static void test_inspected_at_a_forced_door(void **state)
{
	struct bank *bank = *state;
	simulated_move(bank->doors, 1, BANK_OPEN);
	bank_pass(bank, SECOND);
	assert_string_equal(bank_ask(bank, "boss", "inspect", fit_args("drill")), "busy");
	assert_string_equal(bank_ask(bank, "boss", "inspect",
				    json_pack("{s:s, s:b, s:b, s:i}", "item", "drill", "fit", 1,
					    "taken", 1, "compartment", 1)),
		"ok");
}

static void adopt(struct bank *bank)
{
	kiosk_taken_over(bank->kiosk);
	bank_pass(bank, SECOND);
	bank_crash(bank);
	bank_desire(bank, NULL);
	bank_pass(bank, SECOND);
}

/* Whoever says what lies behind the doors has not shut one of them yet. */
static void test_reserved_at_an_open_door(void **state)
{
	struct bank *bank = *state;
	simulated_move(bank->doors, 1, BANK_OPEN);
	adopt(bank);
	assert_string_equal(
		bank_ask(bank, "boss", "confirm-bank",
			json_pack("{s:[{s:i, s:s}, {s:i, s:s}, {s:i, s:s}]}", "compartments",
				"compartment", 1, "item", "drill", "compartment", 2, "item", "free",
				"compartment", 3, "item", "tent")),
		"ok");
	assert_string_equal(bank_ask(bank, "nele", "reserve", item_args("drill")), "not-available");
	simulated_move(bank->doors, 1, BANK_CLOSED);
	bank_pass(bank, SECOND);
	bank_ask(bank, "boss", "inspect", json_pack("{s:s, s:b}", "item", "drill", "fit", 1));
	assert_string_equal(bank_ask(bank, "nele", "reserve", item_args("drill")), "ok");
}

static void test_forced_while_reserved(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	simulated_move(bank->doors, 1, BANK_OPEN);
	bank_pass(bank, SECOND);
	simulated_move(bank->doors, 1, BANK_CLOSED);
	bank_pass(bank, SECOND);
	assert_string_equal(bank_ask(bank, "mina", "cancel", rental_args(rental)), "ok");
	assert_string_equal(bank_text(bank, "rental", "item_state"), "inspection");
	assert_string_equal(bank_ask(bank, "nele", "reserve", item_args("drill")), "not-available");
}

static void test_collect_at_an_open_door(void **state)
{
	struct bank *bank = *state;
	simulated_move(bank->doors, 1, BANK_OPEN);
	bank_pass(bank, SECOND);
	assert_string_equal(bank_ask(bank, "boss", "collect", item_args("drill")), "busy");
	bank_pass(bank, 10 * SECOND);
	assert_false(tells(bank, "door-jammed:1"));
}

/* Returned by word of a person, where something else lies by now. */
static void test_two_things_behind_one_door(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	simulated_sensor(bank->doors, 1, false);
	bank_pass(bank, 2 * MINUTE);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 20 * SECOND);
	assert_string_equal(bank_state(bank, rental), "unconfirmed-return");
	/* Another thing is put there behind the daemon's back, as an adoption might. */
	bank->kiosk = kiosk_close(bank->kiosk);
	struct database *database;
	struct item_row item;
	assert_int_equal(database_open(bank->path, NULL, kiosk_migrations, &database), 0);
	database_begin(database);
	store_item_read(database, "drill", &item);
	item.compartment = 0;
	store_item_write(database, &item);
	store_item_read(database, "tent", &item);
	item.compartment = 1;
	store_item_write(database, &item);
	assert_int_equal(database_commit(database), 0);
	database_close(database);
	bank_crash(bank);
	assert_string_equal(bank_ask(bank, "boss", "resolve",
				    json_pack("{s:s, s:s, s:s}", "rental", rental, "outcome",
					    "returned", "reason", "looked")),
		"ok");
	assert_string_equal(bank_text(bank, "rental", "item_state"), "inspection");
}

/* Its sensor dies while the door stands open: the alert about the open door ends with a repair. */
static void test_left_open_and_blind(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "stock", item_args("drill"));
	bank_pass(bank, MINUTE);
	simulated_sensor(bank->doors, 1, false);
	bank_pass(bank, 5 * MINUTE);
	bank_ask(bank, "boss", "repair", json_pack("{s:i, s:b}", "compartment", 1, "works", 1));
	assert_false(bank_is_raised(bank, "door-left-open", "1"));
}

/* Its contact hangs, and says for ever that the door stands open: a manager says that the door does
 * not work, and then what became of the rental. */
static void test_stands_open_for_ever(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_ask(bank, "boss", "stock", item_args("drill"));
	bank_pass(bank, 5 * SECOND);
	simulated_move(bank->doors, 1, BANK_CLOSED);
	bank_pass(bank, 5 * SECOND);
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "open", json_pack("{s:s}", "rental", rental));
	bank_pass(bank, 5 * SECOND);
	simulated_move(bank->doors, 1, BANK_CLOSED);
	bank_pass(bank, 5 * SECOND);
	assert_string_equal(bank_state(bank, rental), "rented");
	bank_ask(bank, "mina", "return", json_pack("{s:s}", "rental", rental));
	bank_pass(bank, HOUR);
	assert_string_equal(bank_state(bank, rental), "returning");
	json_t *broken = json_pack("{s:i, s:b}", "compartment", 1, "works", 0);
	assert_string_equal(bank_ask(bank, "boss", "repair", broken), "ok");
	assert_string_equal(bank_state(bank, rental), "unconfirmed-return");
	assert_true(bank_is_raised(bank, "unconfirmed", rental));
	assert_string_equal(bank_ask(bank, "boss", "resolve",
				    json_pack("{s:s, s:s, s:s}", "rental", rental, "outcome",
					    "returned", "reason", "it lies there")),
		"ok");
}

/* ... while the manager stood there. */
static void test_stands_open_after_stocking(void **state)
{
	struct bank *bank = *state;
	bank_ask(bank, "boss", "stock", item_args("drill"));
	bank_pass(bank, SECOND);
	json_t *early = json_pack("{s:i, s:b}", "compartment", 1, "works", 0);
	assert_string_equal(bank_ask(bank, "boss", "repair", early), "ok");
	bank_pass(bank, 5 * SECOND);
	assert_false(bank_published(bank, "lendlock.item.available"));
	bank_pass(bank, 5 * MINUTE);
	json_t *late = json_pack("{s:i, s:b}", "compartment", 1, "works", 0);
	assert_string_equal(bank_ask(bank, "boss", "repair", late), "ok");
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lendlock.item.available"));
}

/* ... until long after its rental is forgotten. */
static void test_shut_after_its_rental_is_forgotten(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_ask(bank, "boss", "stock", item_args("drill"));
	bank_pass(bank, 5 * SECOND);
	simulated_move(bank->doors, 1, BANK_CLOSED);
	bank_pass(bank, 5 * SECOND);
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "open", json_pack("{s:s}", "rental", rental));
	bank_pass(bank, HOUR);
	bank_ledger(bank, "captured");
	assert_string_equal(
		bank_ask(bank, "mina", "return", json_pack("{s:s}", "rental", rental)), "");
	bank_pass(bank, 5 * SECOND);
	simulated_move(bank->doors, 2, BANK_CLOSED);
	bank_pass(bank, 5 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	fake_clock_pass(&bank->clock, 91 * DAY);
	bank_pass(bank, HOUR);
	assert_string_equal(bank_ask(bank, "mina", "rental", json_pack("{s:s}", "rental", rental)),
		"not-found");
	simulated_move(bank->doors, 1, BANK_CLOSED);
	bank_pass(bank, 5 * SECOND);
	assert_false(bank_is_raised(bank, "door-left-open", "1"));
	bank_reserve(bank, rental);
}

static void test_no_paying_without_lending(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	assert_string_equal(bank_ask(bank, "mina", "pay",
				    json_pack("{s:s, s:s}", "rental", rental, "method", "tok-ok")),
		"returns-only");
}

static void test_withdrawn_while_blocked_and_collected(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank_desire(bank, bank_withdraw_drill);
	assert_string_equal(bank_state(bank, rental), "cancelled");
	assert_string_equal(bank_ask(bank, "boss", "collect", item_args("drill")), "ok");
	bank_pass(bank, 10 * SECOND);
	assert_false(bank_is_raised(bank, "collect", "drill"));
}

/* A door that did not open says nothing of where the thing is. */
static void test_reported_after_a_return_that_failed(void **state)
{
	struct bank *bank = *state;
	struct item_row item;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	simulated_presence(bank->doors, 1, BANK_OPEN); /* it was left in there */
	bank_pass(bank, MINUTE);
	simulated_jam(bank->doors, 4, true);
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "rented");
	assert_string_equal(bank_ask(bank, "mina", "report",
				    json_pack("{s:s, s:s}", "rental", rental, "problem", "broken")),
		"ok");
	struct database *database = look_inside(bank);
	assert_true(store_item_read(database, "drill", &item));
	database_close(database);
	assert_int_equal(item.compartment, 1);
}

/* Found open at start: nobody saw who opened it. */
static void test_forced_while_the_power_was_off(void **state)
{
	struct bank *bank = *state;
	bank->kiosk = kiosk_close(bank->kiosk);
	simulated_move(bank->doors, 1, BANK_OPEN);
	bank_crash(bank);
	bank_pass(bank, SECOND);
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
	simulated_move(bank->doors, 1, BANK_CLOSED);
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "not-available");
	assert_true(bank_is_raised(bank, "door-forced", "1"));
}

/* It moves to another bank, and is not here: a person says that it is gone, and not the bank. */
static void test_closed_while_it_is_out_and_moves(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_desire(bank, bank_move_drill);
	assert_string_equal(bank_ask(bank, "boss", "resolve",
				    json_pack("{s:s, s:s, s:s}", "rental", rental, "outcome",
					    "close", "reason", "it is not coming back")),
		"ok");
	bank_ack(bank);
	assert_string_equal(bank_text(bank, "rental", "item_state"), "inspection");
	for (size_t i = 0; i < 4; i++)
		assert_string_not_equal(bank_event(bank, i), "lendlock.item.released");
}

static void withdraw_while_it_opens(struct bank *bank, char rental[static UUID_SIZE])
{
	bank_pay(bank, rental);
	simulated_jam(bank->doors, 1, true);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_pass(bank, 300 * MSEC);
	bank_desire(bank, bank_withdraw_drill);
}

/* The hub has said it, and does not say it again. */
static void test_withdrawn_while_it_opens_and_interrupted(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	withdraw_while_it_opens(bank, rental);
	bank_crash(bank);
	bank_pass(bank, MINUTE);
	assert_string_equal(bank_state(bank, rental), "cancelled");
	assert_true(bank_is_raised(bank, "collect", "drill"));
}

static void test_withdrawn_while_its_door_jams(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	withdraw_while_it_opens(bank, rental);
	bank_pass(bank, MINUTE);
	assert_string_equal(bank_state(bank, rental), "failed");
	assert_true(bank_is_raised(bank, "collect", "drill"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BANK_TEST(test_moved_while_unconfirmed),
		BANK_TEST(test_moved_while_being_stocked),
		BANK_TEST(test_stocked_behind_one_door),
		BANK_TEST(test_moved_while_its_door_jams),
		BANK_TEST(test_released_once),
		BANK_TEST(test_released_for_each_order),
		BANK_TEST(test_move_taken_back),
		BANK_TEST(test_report_is_settled_by_an_inspection),
		BANK_TEST(test_resolved_before_its_pulse),
		BANK_TEST(test_withdrawn_before_its_pulse),
		BANK_TEST(test_reserved_while_it_is_collected),
		BANK_TEST_CARELESS(test_collected_and_stocked_elsewhere),
		BANK_TEST(test_inspected_while_being_stocked),
		BANK_TEST(test_inspected_before_its_door_is_shut),
		BANK_TEST(test_inspected_at_a_forced_door),
		BANK_TEST(test_reserved_at_an_open_door),
		BANK_TEST(test_forced_while_reserved),
		BANK_TEST(test_collect_at_an_open_door),
		BANK_TEST(test_two_things_behind_one_door),
		BANK_TEST_CARELESS(test_left_open_and_blind),
		BANK_TEST_CARELESS(test_stands_open_for_ever),
		BANK_TEST_CARELESS(test_stands_open_after_stocking),
		BANK_TEST_CARELESS(test_shut_after_its_rental_is_forgotten),
		BANK_TEST(test_no_paying_without_lending),
		BANK_TEST(test_withdrawn_while_blocked_and_collected),
		BANK_TEST(test_reported_after_a_return_that_failed),
		BANK_TEST(test_forced_while_the_power_was_off),
		BANK_TEST(test_closed_while_it_is_out_and_moves),
		BANK_TEST(test_withdrawn_while_it_opens_and_interrupted),
		BANK_TEST(test_withdrawn_while_its_door_jams),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
