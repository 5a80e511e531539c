/* Adoption: which database speaks for a bank, and what is told again when it was an old copy, or
 * the hub's was. */
#include "kiosk/internal.h"
#include "tests/kiosk/adopted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "ok");
	bank_send(bank, STATUS,
		json_pack("{s:s, s:s, s:s}", "state", "online", "session", OTHER, "epoch", OTHER));
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("tent")), "returns-only");
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
	bank_ack_all(bank);
	bank_desire(bank, other_epoch);
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("drill")), "returns-only");
	bank_ack_all(bank); /* the hub takes last words of a retired epoch */
	bank_pass(bank, 3 * MINUTE);
	read_epoch(bank);
	assert_string_not_equal(old, bank->epoch);
	bank_desire(bank, NULL);
	assert_string_equal(confirm_all(bank), "ok");
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
	ack_epoch(bank, OTHER, 0);
	ack_epoch(bank, old, 100000);
	read_epoch(bank);
	assert_string_equal(waits, bank->epoch);
	fake_mqtt_clear(&bank->mqtt);
	ack_epoch(bank, old, 3);
	read_epoch(bank);
	assert_string_not_equal(waits, bank->epoch);
	TEXT_COPY(waits, bank->epoch);
	ack_epoch(bank, old, 3);
	read_epoch(bank);
	assert_string_equal(waits, bank->epoch);
	bank_desire(bank, NULL);
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lendlock.rental.rented"));
	assert_true(bank_published(bank, rental));
	/* What it has told again belongs to that epoch no more. */
	fork_off(bank);
	TEXT_COPY(waits, bank->epoch);
	ack_epoch(bank, old, 3);
	read_epoch(bank);
	assert_string_equal(waits, bank->epoch);
}

/* ... and so it is when nobody adopts the bank for longer than what was acked is kept. */
static void test_forgotten_and_adopted_much_later(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], old[UUID_SIZE];
	bank_take(bank, rental);
	TEXT_COPY(old, bank->epoch);
	fork_off(bank);
	ack_epoch(bank, old, 3);
	read_epoch(bank);
	fake_clock_pass(&bank->clock, 31 * DAY);
	bank_pass(bank, 2 * HOUR);
	bank_desire(bank, NULL);
	fake_mqtt_clear(&bank->mqtt);
	bank_pass(bank, MINUTE);
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lendlock.rental.rented"));
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
	char rental[UUID_SIZE], old[UUID_SIZE], adopted[UUID_SIZE];
	TEXT_COPY(old, bank->epoch);
	fork_off(bank);
	bank_desire(bank, NULL);
	assert_string_equal(confirm_all(bank), "ok");
	bank_reserve(bank, rental);
	bank_ack_all(bank);
	TEXT_COPY(adopted, bank->epoch);
	TEXT_COPY(bank->epoch, old);
	bank_desire(bank, NULL);
	bank_pass(bank, SECOND);
	wait_for_adoption(bank);
	fake_mqtt_clear(&bank->mqtt);
	ack_epoch(bank, old, 100000);
	ack_epoch(bank, adopted, 0); /* its status names it */
	read_epoch(bank);
	bank_desire(bank, NULL);
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lendlock.rental.reserved"));
	assert_true(bank_published(bank, rental));
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
	bank_ack_all(bank);
	TEXT_COPY(second, bank->epoch);
	TEXT_COPY(bank->epoch, first);
	bank_desire(bank, NULL);
	bank_pass(bank, SECOND);
	ack_epoch(bank, first, 100000);
	read_epoch(bank);
	assert_string_equal(second, bank->epoch);
	fake_mqtt_clear(&bank->mqtt);
	ack_epoch(bank, first, 3);
	read_epoch(bank);
	assert_string_not_equal(second, bank->epoch);
	bank_desire(bank, NULL);
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lendlock.rental.reserved"));
	assert_true(bank_published(bank, rental));
	assert_true(bank_published(bank, "bank-confirmed"));
}

static bool names_past(struct bank *bank, const char *epoch)
{
	bank_pass(bank, SECOND);
	json_t *status = fake_mqtt_last_json(&bank->mqtt, STATUS);
	const char *past = json_string_value(json_object_get(status, "past_epoch"));
	bool names = epoch ? past && strcmp(past, epoch) == 0 : !past;
	json_decref(status);
	return names;
}

/* ... to one in which another board is valid, and this one's epoch of before is not known: it knows
 * nothing of what was acked there. */
static void test_left_and_forgotten(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], old[UUID_SIZE], waits[UUID_SIZE];
	assert_true(names_past(bank, NULL));
	bank_reserve(bank, rental);
	TEXT_COPY(old, bank->epoch);
	fork_off(bank);
	TEXT_COPY(waits, bank->epoch);
	assert_true(names_past(bank, old));
	fake_mqtt_clear(&bank->mqtt);
	ack_epoch(bank, old, 0);
	read_epoch(bank);
	assert_string_not_equal(waits, bank->epoch);
	assert_true(names_past(bank, NULL));
	bank_desire(bank, NULL);
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lendlock.rental.reserved"));
	assert_true(bank_published(bank, rental));
}

/* ... and it hears so after it has been adopted, and lends. */
static void test_lending_and_forgotten(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], old[UUID_SIZE], lends[UUID_SIZE];
	bank_reserve(bank, rental);
	TEXT_COPY(old, bank->epoch);
	fork_off(bank);
	bank_desire(bank, NULL);
	assert_string_equal(confirm_all(bank), "ok");
	bank_ack_all(bank);
	TEXT_COPY(lends, bank->epoch);
	assert_true(names_past(bank, old));
	fake_mqtt_clear(&bank->mqtt);
	ack_epoch(bank, old, 0);
	read_epoch(bank);
	assert_string_not_equal(lends, bank->epoch);
	assert_true(names_past(bank, NULL)); /* what it told since is told again, too */
	bank_desire(bank, NULL);
	bank_ack_all(bank);
	assert_true(bank_published(bank, "lendlock.rental.reserved"));
	assert_true(bank_published(bank, "bank-confirmed"));
}

static void another_hub(json_t *desired)
{
	json_object_set_new(desired, "hub", json_string(OTHER));
}

static void test_another_hub_has_no_past(void **state)
{
	struct bank *bank = *state;
	char old[UUID_SIZE];
	TEXT_COPY(old, bank->epoch);
	fork_off(bank);
	assert_true(names_past(bank, old));
	bank_desire(bank, another_hub);
	assert_true(names_past(bank, NULL));
}

/* A hub that was put back names an older epoch until this one is adopted again. It knows less. */
static void test_hub_put_back_knows_less(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_ack_all(bank);
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
	bank_ack_all(bank);
	bank_take(bank, rental);
	ack_epoch(bank, bank->epoch, 100000);
	read_epoch(bank);
	bank_pass(bank, 10 * SECOND);
	bank_ack_all(bank);
	bank_desire(bank, NULL);
	assert_string_equal(bank_state(bank, rental), "rented");
	bank_pass(bank, 10 * MINUTE);
	bank_ack_all(bank);
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
	bank_ack_all(bank);
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
	bank_ack_all(bank);
	bank_desire(bank, other_epoch);
	bank_pass(bank, SECOND);
	fake_mqtt_clear(&bank->mqtt);
	bank_desire(bank, NULL);
	bank_pass(bank, 10 * SECOND);
	assert_true(bank_published(bank, "confirm-bank:library"));
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
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("tent")), "returns-only");
	assert_string_equal(bank_state(bank, RENTAL), "rented");
	assert_string_equal(confirm_without_drill(bank), "ok");
	bank_desire(bank, NULL);
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("tent")), "ok");
}

static void test_taken_over(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("tent")), "returns-only");
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
}

static void test_second_board_on_the_status_topic(void **state)
{
	struct bank *bank = *state;
	char own[UUID_SIZE];
	text_copy(own, UUID_SIZE, bank->epoch);
	json_t *mine = fake_mqtt_last_json(&bank->mqtt, "lendlock/v1/town/kiosk/library/status");
	bank_send(bank, "lendlock/v1/town/kiosk/library/status", json_incref(mine));
	char rental[UUID_SIZE];
	bank_reserve(bank, rental); /* its own birth comes back, and is no alarm */
	json_t *foreign = json_copy(mine);
	json_object_set_new(foreign, "epoch", json_string(BANK_HUB));
	bank_send(bank, "lendlock/v1/town/kiosk/library/status", foreign);
	bank_send(bank, "lendlock/v1/town/kiosk/library/status", mine); /* of the epoch before */
	assert_string_equal(bank_ask(bank, "mina", "reserve", item_args("tent")), "returns-only");
	bank_connect(bank);
	assert_string_not_equal(own, bank->epoch);
}

static void test_old_will_after_new_birth(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_send(bank, "lendlock/v1/town/payment/till/status",
		json_pack("{s:s, s:s}", "state", "lost", "session",
			"01936a00-0000-7000-8000-0000000000bb"));
	assert_string_equal(bank_ask(bank, "mina", "pay",
				    json_pack("{s:s, s:s}", "rental", rental, "method", "tok-ok")),
		"");
}

/* As after an upgrade to a version that wants more of it than the one before stored. */
static void test_the_stored_desired_state_cannot_be_read(void **state)
{
	struct bank *bank = *state;
	struct database *database;
	fork_off(bank);
	bank_desire(bank, NULL);
	bank->kiosk = kiosk_close(bank->kiosk);
	assert_int_equal(database_open(bank->path, NULL, kiosk_migrations, &database), 0);
	database_begin(database);
	store_desired_write(database, "{}");
	assert_int_equal(database_commit(database), 0);
	database_close(database);

	bank_crash(bank);
	bank_pass(bank, MINUTE); /* the ledger is not told yet what is claimed: nobody says which */
	assert_string_equal(bank_asked(bank), "");
	bank->revision--; /* the broker has it still */
	bank_desire(bank, NULL);
	assert_string_equal(confirm_all(bank), "ok");
	bank_pass(bank, MINUTE);
	assert_string_equal(bank_asked(bank), "reconcile");
}

/* Its things lie behind other doors. */
static void test_another_banks_database(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank->kiosk = kiosk_close(bank->kiosk);
	assert_int_equal(bank_open(bank, "town", "station"), -EINVAL);
	assert_int_equal(bank_open(bank, "city", "library"), -EINVAL);
	assert_int_equal(bank_open(bank, "town", "library"), 0);
	bank_connect(bank);
	assert_string_equal(bank_state(bank, rental), "held");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BANK_TEST(test_the_old_copy_is_kept),
		BANK_TEST(test_another_banks_database),
		BANK_TEST(test_the_stored_desired_state_cannot_be_read),
		BANK_TEST(test_statuses_that_say_nothing),
		BANK_TEST(test_taken_over),
		BANK_TEST(test_second_board_on_the_status_topic),
		BANK_TEST(test_old_will_after_new_birth),
		BANK_TEST(test_waits_until_all_is_accounted_for),
		BANK_TEST(test_replaced_and_back),
		BANK_TEST(test_acked_and_forgotten),
		BANK_TEST(test_forgotten_and_adopted_much_later),
		BANK_TEST(test_only_the_latest_epochs_are_known),
		BANK_TEST(test_adopted_and_forgotten),
		BANK_TEST(test_outvoted_and_forgotten),
		BANK_TEST(test_left_and_forgotten),
		BANK_TEST(test_lending_and_forgotten),
		BANK_TEST(test_another_hub_has_no_past),
		BANK_TEST(test_hub_put_back_knows_less),
		BANK_TEST(test_acked_between_adoption_and_handover),
		BANK_TEST(test_adopted_and_retired_unawares),
		BANK_TEST(test_adopted_again_asks_to_be_confirmed),
		BANK_TEST(test_adopted_unawares),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
