/* The view is a fold of the log: folded anew it is the same, byte for byte, whatever happened; also
 * when the front of the log has been cut off. */
#include "hub/migrations.h"
#include "lib/store/database.h"
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

#define ITEMS   12
#define RENTALS 20
#define ROUNDS  400

static uint64_t dice(struct site *site, uint64_t sides)
{
	return random_below(&site->random.port, sides);
}

static const char *pick(struct site *site, const char *const *names, int count)
{
	return names[1 + dice(site, (uint64_t)count - 1)];
}

static json_t *random_rental(struct site *site, const char *item)
{
	char id[UUID_SIZE];
	snprintf(id, sizeof(id), "019ab000-0000-7000-8000-0000000000%02x",
		(unsigned)dice(site, RENTALS));
	return teller_rental(site, id, item, pick(site, rental_state_names, RENTAL_STATES),
		pick(site, item_state_names, ITEM_UNKNOWN));
}

static json_t *random_payment(struct site *site)
{
	char id[UUID_SIZE], rental[UUID_SIZE];
	snprintf(id, sizeof(id), "019ab000-0000-7000-8000-0000000001%02x",
		(unsigned)dice(site, RENTALS));
	snprintf(rental, sizeof(rental), "019ab000-0000-7000-8000-0000000000%02x",
		(unsigned)dice(site, RENTALS));
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:s}", "payment", id, "rental", rental,
		"ledger", "bank", "state", pick(site, payment_state_names, PAYMENT_REFUNDED + 1),
		"amount", 500, "currency", "EUR");
}

static json_t *random_alert(struct site *site, const char *item)
{
	json_t *alert =
		json_pack("{s:s, s:s, s:s}", "alert", item, "kind", "reported", "item", item);
	if (dice(site, 2))
		json_object_set_new(alert, "cleared", json_true());
	return alert;
}

static json_t *random_item(struct site *site, const char *item)
{
	return teller_item(item, pick(site, item_state_names, ITEM_UNKNOWN), (int)dice(site, 5));
}

static json_t *random_event(struct site *site, struct teller *kiosk)
{
	char item[NAME_SIZE];
	snprintf(item, sizeof(item), "item-%d", (int)dice(site, ITEMS));
	switch (dice(site, 12)) {
	case 0:
	case 1:
	case 2:
	case 3:
		return teller_event(site, kiosk, "rental.some", item, random_rental(site, item));
	case 4:
	case 5:
		return teller_event(site, kiosk, "payment.some", item, random_payment(site));
	case 6:
		return teller_event(site, kiosk, "alert.some", item, random_alert(site, item));
	case 7:
	case 8:
		return teller_event(site, kiosk, "item.some", item, random_item(site, item));
	case 9:
		return teller_released(site, kiosk, item);
	case 10:
		kiosk->seq += (int64_t)dice(site, 2) * 3; /* a gap, or none */
		return teller_event(site, kiosk, "snapshot.taken", "",
			json_pack("{s:[o], s:[o], s:[o], s:[o]}", "items", random_item(site, item),
				"rentals", random_rental(site, item), "payments",
				random_payment(site), "alerts",
				json_pack("{s:s, s:s}", "alert", "a", "kind", "b")));
	default:
		return teller_event(site, kiosk, "item.some", item, json_object()); /* unreadable */
	}
}

static void random_act(struct site *site)
{
	char item[NAME_SIZE];
	const char *kiosk = dice(site, 2) ? "lobby" : "attic";
	snprintf(item, sizeof(item), "item-%d", (int)dice(site, ITEMS));
	switch (dice(site, 4)) {
	case 0:
		json_decref(site_ask(site, "item-register",
			json_pack("{s:s, s:s, s:i, s:s, s:i, s:s}", "item", item, "title", item,
				"amount", 5, "currency", "EUR", "period", 60, "kiosk", kiosk)));
		break;
	case 1:
		json_decref(site_ask(
			site, "item-move", json_pack("{s:s, s:s}", "item", item, "kiosk", kiosk)));
		break;
	case 2:
		json_decref(site_ask(site, "item-change",
			json_pack("{s:s, s:i}", "item", item, "amount", (int)dice(site, 900))));
		break;
	default:
		if (dice(site, 8) == 0)
			json_decref(
				site_ask(site, "item-withdraw", json_pack("{s:s}", "item", item)));
	}
}

/* All rows of the view as text, each value as SQLite has it. */
static char *dump(struct site *site)
{
	static const char *const tables[] = {"SELECT * FROM catalogue ORDER BY item",
		"SELECT * FROM item ORDER BY item", "SELECT * FROM rental ORDER BY rental",
		"SELECT * FROM payment ORDER BY payment",
		"SELECT * FROM alert ORDER BY kiosk, alert"};
	static const int columns[] = {11, 11, 21, 11, 12};
	struct database *database;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	site->hub = hub_close(site->hub);
	assert_int_equal(database_open(site->path, NULL, hub_migrations, &database), 0);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct query *query = database_query(database, tables[i], "");
		while (query_next(query)) {
			for (int c = 0; c < columns[i]; c++)
				fprintf(out, "%s|", query_text(query, c));
			fputc('\n', out);
		}
	}
	assert_int_equal(database_error(database), 0);
	database_close(database);
	fclose(out);
	site_restart(site);
	return text;
}

static void live(struct site *site, struct teller *lobby, struct teller *attic)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct teller *kiosk = dice(site, 2) ? lobby : attic;
		if (i % 4 == 0)
			random_act(site);
		else
			teller_send(site, kiosk, random_event(site, kiosk), NULL);
		/* A gap that nothing closed: go on from where the hub is. */
		int64_t acked = site_acked(site, kiosk->name);
		if (acked >= 0)
			kiosk->seq = acked;
		if (i % 100 == 0)
			site_pass(site, 20 * MINUTE);
		fake_clock_pass(&site->clock, 137 * MSEC);
	}
}

static void check_rebuilt(struct site *site)
{
	bool same = false;
	char *before = dump(site);
	assert_int_equal(hub_rebuild_view(site->hub, false, &same), 0);
	assert_true(same);
	assert_int_equal(hub_rebuild_view(site->hub, true, &same), 0);
	assert_true(same);
	char *after = dump(site);
	assert_string_equal(before, after);
	assert_true(strlen(before) > 2000);
	free(before);
	free(after);
}

static void test_folded_anew_it_is_the_same(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby"), attic = teller_make(site, "attic");
	live(site, &lobby, &attic);
	check_rebuilt(site);
}

static int64_t log_count(struct site *site)
{
	struct database *database;
	site->hub = hub_close(site->hub);
	assert_int_equal(database_open(site->path, NULL, hub_migrations, &database), 0);
	int64_t n = database_number(database, -1, "SELECT count(*) FROM log", "");
	database_close(database);
	site_restart(site);
	return n;
}

static void test_folded_anew_out_of_a_snapshot(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby"), attic = teller_make(site, "attic");
	live(site, &lobby, &attic);
	char *before = dump(site);
	site->options.log_keep = 40;
	site_restart(site);
	site_pass(site, 2 * HOUR);
	assert_int_equal(log_count(site), 40);
	char *after = dump(site);
	assert_string_equal(before, after);
	free(before);
	free(after);
	check_rebuilt(site);
	live(site, &lobby, &attic);
	check_rebuilt(site);
}

static size_t count_rentals(struct site *site, const char *state)
{
	json_t *reply = site_ask(site, "rentals", json_pack("{s:s}", "state", state));
	size_t n = json_array_size(json_object_get(reply, "rentals"));
	json_decref(reply);
	return n;
}

/* What is long over leaves the view, and is not in it either when the log is folded anew. */
static void test_what_is_long_over_leaves_the_view(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby"), attic = teller_make(site, "attic");
	live(site, &lobby, &attic);
	size_t open = count_rentals(site, "open");
	assert_true(open > 0);
	assert_true(count_rentals(site, "returned") > 0);
	site->options.view_keep = 30 * DAY;
	site_restart(site);
	site_pass(site, 29 * DAY);
	assert_true(count_rentals(site, "returned") > 0);
	site_pass(site, 2 * DAY);
	assert_int_equal(count_rentals(site, "returned"), 0);
	assert_int_equal(count_rentals(site, "cancelled"), 0);
	assert_int_equal(count_rentals(site, "open"), open);
	int64_t events = log_count(site);
	check_rebuilt(site);
	site_pass(site, DAY);
	assert_int_equal(log_count(site), events); /* nothing to do, nothing said */
	live(site, &lobby, &attic);
	check_rebuilt(site);
}

/* What was cut off can no more be told from a fork; it is taken for the duplicate that it is. */
static void test_a_duplicate_of_what_was_cut_off(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	json_t *first = teller_event(
		site, &lobby, "item.available", "drill", teller_item("drill", "available", 1));
	teller_send(site, &lobby, json_incref(first), NULL);
	for (int i = 0; i < 30; i++)
		teller_send(site, &lobby,
			teller_event(site, &lobby, "item.blocked", "drill",
				teller_item("drill", "blocked", 1)),
			NULL);
	site->options.log_keep = 5;
	site_restart(site);
	site_pass(site, 2 * HOUR);
	teller_send(site, &lobby, first, NULL);
	assert_int_equal(site_acked(site, "lobby"), 31);
	json_t *reply = site_ask(site, "dead-letters", json_object());
	assert_int_equal(json_array_size(json_object_get(reply, "dead_letters")), 0);
	json_decref(reply);
	assert_string_equal(site_item_state(site, "drill"), "blocked");
}

static void test_a_view_that_was_wrong_is_put_right(void **state)
{
	struct site *site = *state;
	struct database *database;
	bool same = true;
	site_register(site, "drill", "lobby");
	site->hub = hub_close(site->hub);
	assert_int_equal(database_open(site->path, NULL, hub_migrations, &database), 0);
	database_begin(database);
	database_run(database, "UPDATE item SET state='blocked'", "");
	assert_int_equal(database_commit(database), 0);
	database_close(database);
	site_restart(site);
	assert_int_equal(hub_rebuild_view(site->hub, false, &same), 0);
	assert_false(same);
	assert_string_equal(site_item_state(site, "drill"), "blocked");
	assert_int_equal(hub_rebuild_view(site->hub, true, &same), 0);
	assert_false(same);
	assert_string_equal(site_item_state(site, "drill"), "registered");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_folded_anew_it_is_the_same),
		TEST(test_folded_anew_out_of_a_snapshot),
		TEST(test_what_is_long_over_leaves_the_view),
		TEST(test_a_duplicate_of_what_was_cut_off),
		TEST(test_a_view_that_was_wrong_is_put_right),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
