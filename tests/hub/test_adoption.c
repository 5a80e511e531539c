/* Whose word counts for a bank: adoption, old copies of databases, wills that come late. */
#include "tests/hub/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
	*state = site_new();
	return 0;
}

static int tear_down(void **state)
{
	*state = site_free(*state);
	return 0;
}

#define RENTAL  "019ab000-0000-7000-8000-000000000001"
#define PAYMENT "019ab000-0000-7000-8000-000000000002"
#define STRANGE "019ab000-0000-7000-8000-000000000003"

static json_t *rental_event(
	struct site *site, struct teller *kiosk, const char *fact, const char *state)
{
	char type[64];
	snprintf(type, sizeof(type), "rental.%s", fact);
	return teller_event(
		site, kiosk, type, "drill", teller_rental(site, RENTAL, "drill", state, "rented"));
}

static json_t *bank(struct site *site, const char *name)
{
	json_t *reply = site_ask(site, "banks", json_object());
	json_t *found = NULL, *one;
	size_t i;
	json_array_foreach(json_object_get(reply, "banks"), i, one)
		if (strcmp(json_string_value(json_object_get(one, "kiosk")), name) == 0)
			found = json_incref(one);
	json_decref(reply);
	assert_non_null(found);
	return found;
}

static const char *text_of(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

static int64_t number_of(const json_t *json, const char *key)
{
	return json_integer_value(json_object_get(json, key));
}

static void adopt(struct site *site, const char *code, const char *kiosk, const char *epoch)
{
	site_must(
		site, "kiosk-adopt", code, json_pack("{s:s, s:s}", "kiosk", kiosk, "epoch", epoch));
}

/* It has applied what the hub wants now, and waits for nothing. */
static void take_over(struct site *site, const struct teller *kiosk)
{
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	teller_birth(
		site, kiosk, number_of(desired, "generation"), number_of(desired, "revision"), 0);
	json_decref(desired);
}

static void test_the_first_epoch_is_valid_at_once(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	teller_birth(site, &lobby, 0, 0, 0);
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	assert_string_equal(text_of(desired, "epoch"), lobby.epoch);
	json_decref(desired);
	assert_int_equal(site_acked(site, "lobby"), 0);
}

static void test_a_new_board_waits_and_is_handed_what_is_open(void **state)
{
	struct site *site = *state;
	struct teller old = teller_make(site, "lobby"), new;
	site_register(site, "drill", "lobby");
	teller_send(site, &old, rental_event(site, &old, "rented", "rented"), NULL);
	new = teller_make(site, "lobby");
	teller_birth(site, &new, 0, 0, 0);
	teller_send(site, &new, rental_event(site, &new, "overdue", "overdue"), NULL);

	json_t *shown = bank(site, "lobby");
	assert_string_equal(text_of(shown, "epoch"), old.epoch);
	assert_string_equal(text_of(shown, "claimed_epoch"), new.epoch);
	assert_int_equal(number_of(shown, "seq"), 1);
	json_decref(shown);
	json_t *ack = site_last(site, "kiosk/lobby/ack");
	assert_string_equal(text_of(ack, "epoch"), old.epoch);
	json_decref(ack);

	adopt(site, "wrong-state", "lobby", RENTAL); /* some other id */
	adopt(site, "not-found", "attic", new.epoch);
	adopt(site, "ok", "lobby", new.epoch);
	adopt(site, "ok", "lobby", new.epoch);
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	assert_string_equal(text_of(desired, "epoch"), new.epoch);
	json_t *rentals = json_object_get(desired, "rentals");
	assert_int_equal(json_array_size(rentals), 1);
	assert_string_equal(text_of(json_array_get(rentals, 0), "rental"), RENTAL);
	int64_t generation = number_of(desired, "generation"),
		revision = number_of(desired, "revision");
	json_decref(desired);

	/* It has applied that: nothing is left to hand over. */
	teller_birth(site, &new, generation, revision, 0);
	desired = site_last(site, "kiosk/lobby/desired");
	assert_true(number_of(desired, "revision") > revision);
	assert_int_equal(json_array_size(json_object_get(desired, "rentals")), 0);
	json_decref(desired);
	new.seq = 0;
	teller_send(site, &new, rental_event(site, &new, "overdue", "overdue"), NULL);
	assert_int_equal(site_acked(site, "lobby"), 1);
}

/* A birth of a board that waits, with what it has open. */
static void wait_with_open(struct site *site, const struct teller *kiosk, int64_t revision)
{
	char session[UUID_SIZE];
	uuid_make(site->clock.wall, &site->random.port, session);
	json_t *status = json_pack("{s:s, s:s, s:s, s:I, s:I, s:[{s:s}, {s:s}]}", "state", "online",
		"session", session, "epoch", kiosk->epoch, "generation", (json_int_t)1, "revision",
		(json_int_t)revision, "open_rentals", "rental", RENTAL, "rental", STRANGE);
	char *text = json_dumps(status, JSON_COMPACT);
	site_say(site, "kiosk/lobby/status", text);
	free(text);
	json_decref(status);
}

/* An old copy does not know what is over: it says what it has open, and is told what became of
 * that, and of the money. It has taken over when it waits for nothing any more. */
static void test_what_is_over_is_handed_over(void **state)
{
	struct site *site = *state;
	struct teller old = teller_make(site, "lobby"), new;
	site_register(site, "drill", "lobby");
	json_t *rental = teller_rental(site, RENTAL, "drill", "failed", "available");
	json_object_set_new(rental, "payment", json_string(PAYMENT));
	teller_send(site, &old, teller_event(site, &old, "rental.failed", "drill", rental), NULL);
	teller_send(site, &old, teller_payment(site, &old, PAYMENT, RENTAL, "refunded"), NULL);
	new = teller_make(site, "lobby");
	wait_with_open(site, &new, 0);
	adopt(site, "ok", "lobby", new.epoch);
	for (int i = 0; i < 2; i++) {
		json_t *desired = site_last(site, "kiosk/lobby/desired");
		json_t *rentals = json_object_get(desired, "rentals");
		json_t *payments = json_object_get(desired, "payments");
		assert_int_equal(json_array_size(rentals), 1);
		assert_string_equal(text_of(json_array_get(rentals, 0), "state"), "failed");
		assert_int_equal(json_array_size(payments), 1);
		assert_string_equal(text_of(json_array_get(payments, 0), "state"), "refunded");
		assert_int_equal(json_array_size(json_object_get(desired, "open_rentals")), 2);
		wait_with_open(site, &new, number_of(desired, "revision")); /* it still waits */
		json_decref(desired);
	}
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	teller_birth(site, &new, 1, number_of(desired, "revision"), 0);
	json_decref(desired);
	desired = site_last(site, "kiosk/lobby/desired");
	assert_int_equal(json_array_size(json_object_get(desired, "rentals")), 0);
	assert_null(json_object_get(desired, "open_rentals"));
	json_decref(desired);
}

/* The money's end is told after the rental's: the next board needs both to see it through. */
static void test_what_is_over_and_not_yet_paid_is_handed_over(void **state)
{
	struct site *site = *state;
	struct teller old = teller_make(site, "lobby"), new;
	site_register(site, "drill", "lobby");
	json_t *rental = teller_rental(site, RENTAL, "drill", "returned", "available");
	json_object_set_new(rental, "payment", json_string(PAYMENT));
	teller_send(site, &old, teller_event(site, &old, "rental.returned", "drill", rental), NULL);
	teller_send(site, &old, teller_payment(site, &old, PAYMENT, RENTAL, "capture-owed"), NULL);
	new = teller_make(site, "lobby");
	teller_birth(site, &new, 0, 0, 0);
	adopt(site, "ok", "lobby", new.epoch);
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	json_t *rentals = json_object_get(desired, "rentals");
	assert_int_equal(json_array_size(rentals), 1);
	assert_string_equal(text_of(json_array_get(rentals, 0), "state"), "returned");
	assert_int_equal(json_array_size(json_object_get(desired, "payments")), 1);
	json_decref(desired);
}

/* A third board under the name has something open, too: the answer would be for that one. */
static void test_what_another_board_has_open_is_not_answered(void **state)
{
	struct site *site = *state;
	struct teller old = teller_make(site, "lobby"), new, third;
	teller_birth(site, &old, 0, 0, 0);
	new = teller_make(site, "lobby");
	wait_with_open(site, &new, 0);
	adopt(site, "ok", "lobby", new.epoch);
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	assert_int_equal(json_array_size(json_object_get(desired, "open_rentals")), 2);
	json_decref(desired);
	third = teller_make(site, "lobby");
	wait_with_open(site, &third, 0);
	desired = site_last(site, "kiosk/lobby/desired");
	assert_string_equal(text_of(desired, "epoch"), new.epoch);
	assert_null(json_object_get(desired, "open_rentals"));
	json_decref(desired);
}

/* It broke down between the batch that said that a rental had failed and the one that said that the
 * money goes back: the next one gives it back. */
static void test_what_failed_and_is_still_paid_for(void **state)
{
	struct site *site = *state;
	struct teller old = teller_make(site, "lobby"), new;
	site_register(site, "drill", "lobby");
	teller_send(site, &old, teller_payment(site, &old, PAYMENT, RENTAL, "captured"), NULL);
	json_t *rental = teller_rental(site, RENTAL, "drill", "failed", "available");
	json_object_set_new(rental, "payment", json_string(PAYMENT));
	teller_send(site, &old, teller_event(site, &old, "rental.failed", "drill", rental), NULL);
	new = teller_make(site, "lobby");
	teller_birth(site, &new, 0, 0, 0);
	adopt(site, "ok", "lobby", new.epoch);
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	json_t *rentals = json_object_get(desired, "rentals");
	json_t *payments = json_object_get(desired, "payments");
	assert_int_equal(json_array_size(rentals), 1);
	assert_string_equal(text_of(json_array_get(rentals, 0), "state"), "failed");
	assert_int_equal(json_array_size(payments), 1);
	assert_string_equal(text_of(json_array_get(payments, 0), "state"), "captured");
	json_decref(desired);
}

/* Its own account of what is over is not the one that counts, and it has not heard that yet. */
static void test_what_an_old_copy_tells_waits_until_it_has_taken_over(void **state)
{
	struct site *site = *state;
	struct teller old = teller_make(site, "lobby"), copy;
	site_register(site, "drill", "lobby");
	teller_send(site, &old, rental_event(site, &old, "rented", "rented"), NULL);
	teller_send(site, &old,
		teller_event(site, &old, "rental.returned", "drill",
			teller_rental(site, RENTAL, "drill", "returned", "available")),
		NULL);
	copy = teller_make(site, "lobby");
	teller_birth(site, &copy, 0, 0, 0);
	adopt(site, "ok", "lobby", copy.epoch);
	json_t *told = rental_event(site, &copy, "rented", "rented");
	teller_send(site, &copy, json_incref(told), NULL);
	assert_int_equal(site_acked(site, "lobby"), 0);
	assert_string_equal(site_item_state(site, "drill"), "available");

	wait_with_open(site, &copy, 0);
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	const json_t *rental = json_array_get(json_object_get(desired, "rentals"), 0);
	assert_string_equal(text_of(rental, "state"), "returned");
	json_decref(desired);

	take_over(site, &copy);
	teller_send(site, &copy, told, NULL);
	assert_int_equal(site_acked(site, "lobby"), 1);
}

/* The old board is still about, and reads what is meant for the new one. */
static void test_the_handover_waits_for_the_board_that_was_adopted(void **state)
{
	struct site *site = *state;
	struct teller old = teller_make(site, "lobby"), new;
	site_register(site, "drill", "lobby");
	teller_send(site, &old, rental_event(site, &old, "rented", "rented"), NULL);
	new = teller_make(site, "lobby");
	teller_birth(site, &new, 0, 0, 0);
	adopt(site, "ok", "lobby", new.epoch);
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	teller_birth(
		site, &old, number_of(desired, "generation"), number_of(desired, "revision"), 1);
	json_decref(desired);
	desired = site_last(site, "kiosk/lobby/desired");
	assert_int_equal(json_array_size(json_object_get(desired, "rentals")), 1);
	json_decref(desired);
}

static bool has_acked(const struct site *site, const char *event)
{
	for (size_t i = 0; i < site->mqtt.n; i++)
		if (strstr(site->mqtt.publications[i].topic, "/ack") &&
			strstr(site->mqtt.publications[i].payload, event))
			return true;
	return false;
}

static void test_late_events_of_a_retired_epoch_go_to_a_person(void **state)
{
	struct site *site = *state;
	struct teller old = teller_make(site, "lobby"), new;
	site_register(site, "drill", "lobby");
	json_t *taken = rental_event(site, &old, "rented", "rented");
	teller_send(site, &old, json_incref(taken), NULL);
	new = teller_make(site, "lobby");
	teller_birth(site, &new, 0, 0, 0);
	adopt(site, "ok", "lobby", new.epoch);

	/* What was taken before it was retired is no news. */
	teller_send(site, &old, taken, NULL);
	json_t *late = rental_event(site, &old, "returned", "returned");
	teller_send(site, &old, json_incref(late), NULL);
	teller_send(site, &old, late, NULL);
	assert_string_equal(site_item_state(site, "drill"), "rented");
	/* It is acked in its own epoch, so that its sender stops; the bank's own ack follows. */
	assert_true(has_acked(site, old.last));
	json_t *reply = site_ask(site, "dead-letters", json_object());
	assert_int_equal(json_array_size(json_object_get(reply, "dead_letters")), 1);
	json_decref(reply);
	teller_birth(site, &old, 1, 1, 1);
	adopt(site, "wrong-state", "lobby", old.epoch);
}

/* A board that has nothing to tell shows it: nobody can adopt it, and it is told so. */
static void test_a_retired_epoch_is_acked_when_it_is_shown(void **state)
{
	struct site *site = *state;
	struct teller old = teller_make(site, "lobby"), new;
	site_register(site, "drill", "lobby");
	teller_send(site, &old, rental_event(site, &old, "rented", "rented"), NULL);
	new = teller_make(site, "lobby");
	teller_birth(site, &new, 0, 0, 0);
	adopt(site, "ok", "lobby", new.epoch);
	fake_mqtt_clear(&site->mqtt);
	teller_birth(site, &old, 1, 1, 1);
	assert_true(has_acked(site, old.last));
	json_t *view = site_ask(site, "banks", json_object());
	assert_null(json_object_get(
		json_array_get(json_object_get(view, "banks"), 0), "claimed_epoch"));
	json_decref(view);
}

static bool has_acked_up_to(struct site *site, const char *epoch, int seq)
{
	char text[32];
	snprintf(text, sizeof(text), "\"seq\":%d", seq);
	for (size_t i = 0; i < site->mqtt.n; i++)
		if (strstr(site->mqtt.publications[i].topic, "/ack") &&
			strstr(site->mqtt.publications[i].payload, epoch) &&
			strstr(site->mqtt.publications[i].payload, text))
			return true;
	return false;
}

/* That it was put back. */
static bool is_said(struct site *site)
{
	json_t *reply = site_ask(site, "attention", json_object());
	char *text = json_dumps(reply, JSON_COMPACT);
	bool said = strstr(text, "hub-restored");
	free(text);
	json_decref(reply);
	return said;
}

/* A board shows what this hub had heard of an epoch, and that is more than it knows: it was put
 * back. */
static void test_a_past_of_which_less_is_known_is_acked(void **state)
{
	struct site *site = *state;
	struct teller first = teller_make(site, "lobby"), second, third, lost;
	site_register(site, "drill", "lobby");
	teller_send(site, &first, rental_event(site, &first, "rented", "rented"), NULL);
	second = teller_make(site, "lobby");
	teller_birth(site, &second, 0, 0, 0);
	adopt(site, "ok", "lobby", second.epoch);
	third = teller_make(site, "lobby");
	lost = teller_make(site, "lobby");
	fake_mqtt_clear(&site->mqtt);
	teller_birth_after(site, &third, first.epoch, 1);
	assert_false(has_acked_up_to(site, first.epoch, 1));
	assert_false(is_said(site));
	teller_birth_after(site, &third, first.epoch, 2);
	assert_true(has_acked_up_to(site, first.epoch, 1));
	assert_true(is_said(site));
	teller_birth_after(site, &third, lost.epoch, 2);
	assert_true(has_acked_up_to(site, lost.epoch, 0));
	fake_mqtt_clear(&site->mqtt);
	teller_birth_after(site, &second, lost.epoch, 2);
	assert_true(has_acked_up_to(site, lost.epoch, 0));
}

static void test_events_of_an_adopted_epoch_do_not_count_twice(void **state)
{
	struct site *site = *state;
	struct teller old = teller_make(site, "lobby"), new;
	site_register(site, "drill", "lobby");
	json_t *event = rental_event(site, &old, "rented", "rented");
	json_t *again = json_deep_copy(event);
	teller_send(site, &old, event, NULL);
	new = teller_make(site, "lobby");
	teller_birth(site, &new, 0, 0, 0);
	adopt(site, "ok", "lobby", new.epoch);
	take_over(site, &new);
	/* The old board's outbox under the new epoch: the same id. */
	json_object_set_new(again, "epoch", json_string(new.epoch));
	new.seq = 1;
	teller_send(site, &new, again, rental_event(site, &new, "overdue", "overdue"), NULL);
	assert_int_equal(site_acked(site, "lobby"), 2);
	json_t *reply = site_ask(site, "item", json_pack("{s:s}", "item", "drill"));
	assert_int_equal(json_array_size(json_object_get(reply, "history")), 3);
	json_decref(reply);
}

static void say_will(struct site *site, const char *session, bool retained)
{
	char payload[128];
	snprintf(payload, sizeof(payload), "{\"state\":\"lost\",\"session\":\"%s\"}", session);
	const struct mqtt_message message = {.topic = "lendlock/v1/town/kiosk/lobby/status",
		.payload = payload,
		.size = strlen(payload),
		.retain = retained};
	assert_int_equal(hub_message(site->hub, &message), 0);
	assert_int_equal(hub_flush(site->hub), 0);
}

static void check_link(struct site *site, const char *link)
{
	json_t *shown = bank(site, "lobby");
	assert_string_equal(text_of(shown, "link"), link);
	json_decref(shown);
}

static void test_an_old_will_does_not_count(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	char first[UUID_SIZE];
	teller_birth(site, &lobby, 0, 0, 0);
	TEXT_COPY(first, site->session);
	fake_clock_pass(&site->clock, SECOND);
	teller_birth(site, &lobby, 0, 0, 0);
	say_will(site, first, false);
	check_link(site, "online");
	say_will(site, first, true); /* nor when the broker has nothing newer */
	check_link(site, "online");
	say_will(site, site->session, false);
	check_link(site, "lost");
	site_pass(site, 6 * MINUTE);
	json_t *reply = site_ask(site, "attention", json_object());
	assert_int_equal(json_array_size(json_object_get(reply, "attention")), 1);
	json_decref(reply);
}

static void test_the_link_outlives_a_restart(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	teller_birth(site, &lobby, 0, 0, 0);
	say_will(site, site->session, false);
	site_restart(site);
	check_link(site, "lost");
}

/* --- the hub's own database was put back ---------------------------------------------------- */

static void copy_file(const char *from, const char *to)
{
	char buffer[65536];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	assert_non_null(in);
	assert_non_null(out);
	for (size_t n; (n = fread(buffer, 1, sizeof(buffer), in)) > 0;)
		assert_int_equal(fwrite(buffer, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

static void restart_with(struct site *site, bool save)
{
	char backup[80];
	snprintf(backup, sizeof(backup), "%s-backup", site->path);
	site->hub = hub_close(site->hub);
	if (save)
		copy_file(site->path, backup);
	else
		copy_file(backup, site->path);
	if (!save)
		remove(backup);
	site_restart(site);
}

static int64_t revision_after(struct site *site, const char *item)
{
	site_register(site, item, "lobby");
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	int64_t revision = number_of(desired, "revision");
	json_decref(desired);
	return revision;
}

/* Its bank was away, and has what was said last; since then something else was changed. */
static void test_a_restored_hub_says_another_thing_under_another_revision(void **state)
{
	struct site *site = *state;
	site_register(site, "drill", "lobby");
	restart_with(site, true);
	int64_t forgotten = revision_after(site, "saw");
	restart_with(site, false);
	assert_int_not_equal(revision_after(site, "tent"), forgotten);
}

static void test_a_restored_hub_raises_its_generation(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	json_t *events[4];
	site_register(site, "drill", "lobby");
	for (int i = 0; i < 4; i++)
		events[i] = rental_event(site, &lobby, "rented", "rented");
	teller_send(site, &lobby, json_incref(events[0]), NULL);
	restart_with(site, true);
	teller_send(site, &lobby, json_incref(events[1]), json_incref(events[2]), NULL);
	site_register(site, "saw", "lobby");
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	int64_t revision = number_of(desired, "revision");
	assert_int_equal(number_of(desired, "generation"), 1);
	json_decref(desired);

	restart_with(site, false);
	teller_birth(site, &lobby, 1, revision, 3);
	desired = site_last(site, "kiosk/lobby/desired");
	assert_int_equal(number_of(desired, "generation"), 2);
	assert_int_equal(json_array_size(json_object_get(desired, "items")), 1);
	json_decref(desired);
	json_t *ack = site_last(site, "kiosk/lobby/ack");
	assert_int_equal(number_of(ack, "generation"), 2);
	assert_int_equal(number_of(ack, "seq"), 1);
	json_decref(ack);
	/* Once is enough: it shows that ack until it has caught up. */
	desired = site_last(site, "kiosk/lobby/desired");
	teller_birth(site, &lobby, 2, number_of(desired, "revision"), 3);
	json_decref(desired);
	ack = site_last(site, "kiosk/lobby/ack");
	assert_int_equal(number_of(ack, "generation"), 2);
	json_decref(ack);
	teller_send(site, &lobby, events[1], events[2], events[3], NULL);
	assert_int_equal(site_acked(site, "lobby"), 4);
	json_decref(events[0]);
}

static void test_an_ack_that_was_never_given_raises_it_too(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	teller_birth(site, &lobby, 0, 0, 0);
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	assert_int_equal(number_of(desired, "generation"), 1);
	int64_t revision = number_of(desired, "revision");
	json_decref(desired);
	teller_birth(site, &lobby, 1, revision, 9);
	desired = site_last(site, "kiosk/lobby/desired");
	assert_int_equal(number_of(desired, "generation"), 2);
	json_decref(desired);
}

static void test_a_generation_out_of_all_bounds_is_refused(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	teller_birth(site, &lobby, INTEGER_MAX, 1, 0);
	json_t *reply = site_ask(site, "dead-letters", json_object());
	assert_int_equal(json_array_size(json_object_get(reply, "dead_letters")), 1);
	json_decref(reply);
}

static int64_t generation_now(struct site *site)
{
	json_t *ack = site_last(site, "kiosk/lobby/ack");
	int64_t generation = number_of(ack, "generation");
	json_decref(ack);
	return generation;
}

static void test_one_bank_cannot_raise_it_out_of_all_bounds(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby"), attic = teller_make(site, "attic");
	teller_birth(site, &lobby, 0, 0, 0);
	teller_birth(site, &attic, INTEGER_MAX / 2, 1, 0);
	assert_int_equal(generation_now(site), 1);
	/* However often it says so, the others are not made to rewind each time. */
	for (int i = 1; i <= 50; i++)
		teller_birth(site, &attic, 1, 1000 + i, 1000 + i);
	assert_int_equal(generation_now(site), 2);
	for (int i = 1; i <= 50; i++)
		teller_birth(site, &attic, 2, 1000 + i, 2000 + i);
	assert_int_equal(generation_now(site), 2);
	site_pass(site, MINUTE);
	assert_int_equal(generation_now(site), 3);
	site_pass(site, MINUTE);
	assert_int_equal(generation_now(site), 3);
}

static void test_what_many_banks_know_raises_it_once(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby"), attic = teller_make(site, "attic");
	teller_birth(site, &lobby, 0, 0, 0);
	teller_birth(site, &attic, 0, 0, 0);
	teller_birth(site, &lobby, 1, 1, 9);
	teller_birth(site, &attic, 1, 1, 7);
	assert_int_equal(generation_now(site), 2);
	teller_birth(site, &lobby, 2, 1, 9);
	teller_birth(site, &attic, 2, 1, 7);
	site_pass(site, MINUTE);
	assert_int_equal(generation_now(site), 2);
}

static void test_a_raise_that_waits_survives_a_restart(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby"), attic = teller_make(site, "attic");
	teller_birth(site, &lobby, 0, 0, 0);
	teller_birth(site, &attic, 0, 0, 0);
	teller_birth(site, &attic, 1, 1, 9);
	teller_birth(site, &lobby, 2, 1, 7);
	assert_int_equal(generation_now(site), 2);
	site_restart(site);
	teller_birth(site, &lobby, 2, 1, 7);
	site_pass(site, MINUTE);
	assert_int_equal(generation_now(site), 3);
}

/* The hub's own events are told from the banks' by their epoch, and everybody can read the hub's
 * id. */
static void test_a_bank_cannot_pass_for_the_hub(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	json_t *desired;
	bool same = false;
	site_register(site, "drill", "lobby");
	teller_birth(site, &lobby, 0, 0, 0);
	desired = site_last(site, "kiosk/lobby/desired");
	struct teller attic = teller_make(site, "attic");
	strcpy(attic.epoch, json_string_value(json_object_get(desired, "hub")));
	json_decref(desired);
	teller_birth(site, &attic, 0, 0, 0);
	teller_send(site, &attic,
		teller_event(
			site, &attic, "item.available", "saw", teller_item("saw", "available", 1)),
		NULL);
	assert_int_equal(site_acked(site, "attic"), -1);
	assert_int_equal(hub_rebuild_view(site->hub, false, &same), 0);
	assert_true(same);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_the_first_epoch_is_valid_at_once),
		TEST(test_a_new_board_waits_and_is_handed_what_is_open),
		TEST(test_what_is_over_is_handed_over),
		TEST(test_what_is_over_and_not_yet_paid_is_handed_over),
		TEST(test_what_another_board_has_open_is_not_answered),
		TEST(test_what_failed_and_is_still_paid_for),
		TEST(test_what_an_old_copy_tells_waits_until_it_has_taken_over),
		TEST(test_the_handover_waits_for_the_board_that_was_adopted),
		TEST(test_late_events_of_a_retired_epoch_go_to_a_person),
		TEST(test_a_retired_epoch_is_acked_when_it_is_shown),
		TEST(test_a_past_of_which_less_is_known_is_acked),
		TEST(test_events_of_an_adopted_epoch_do_not_count_twice),
		TEST(test_an_old_will_does_not_count),
		TEST(test_the_link_outlives_a_restart),
		TEST(test_a_restored_hub_raises_its_generation),
		TEST(test_a_restored_hub_says_another_thing_under_another_revision),
		TEST(test_an_ack_that_was_never_given_raises_it_too),
		TEST(test_a_generation_out_of_all_bounds_is_refused),
		TEST(test_one_bank_cannot_raise_it_out_of_all_bounds),
		TEST(test_what_many_banks_know_raises_it_once),
		TEST(test_a_raise_that_waits_survives_a_restart),
		TEST(test_a_bank_cannot_pass_for_the_hub),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
