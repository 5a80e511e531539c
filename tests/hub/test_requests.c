/* What managers ask for. */
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

static json_t *new_item(const char *item, const char *kiosk)
{
	return json_pack("{s:s, s:s, s:i, s:s, s:i, s:s}", "item", item, "title", item, "amount",
		500, "currency", "EUR", "period", 86400, "kiosk", kiosk);
}

static void test_only_managers_are_served(void **state)
{
	struct site *site = *state;
	const struct mqtt_message message = {.topic = "lendlock/v1/town/hub/request/eve/banks",
		.payload = "{\"expires_at\":\"2026-11-22T17:29:30Z\"}",
		.size = 37,
		.correlation = "1",
		.correlation_size = 1};
	assert_int_equal(hub_message(site->hub, &message), 0);
	assert_int_equal(hub_flush(site->hub), 0);
	json_t *reply = site_last(site, "hub/reply/eve");
	assert_string_equal(json_string_value(json_object_get(reply, "code")), "forbidden");
	json_decref(reply);
}

static void test_register_refuses(void **state)
{
	struct site *site = *state;
	site_must(site, "item-register", "ok", new_item("drill", "lobby"));
	site_must(site, "item-register", "exists", new_item("drill", "attic"));
	json_t *bad = new_item("saw", "lobby");
	json_object_set_new(bad, "currency", json_string("eur"));
	site_must(site, "item-register", "malformed", bad);
	bad = new_item("saw", "lobby");
	json_object_set_new(bad, "colour", json_string("red"));
	site_must(site, "item-register", "malformed", bad);
	site_must(site, "catalogue", "not-found", json_pack("{s:s}", "item", "saw"));
}

static void test_change_changes_what_is_given(void **state)
{
	struct site *site = *state;
	json_t *item = new_item("drill", "lobby");
	json_object_set_new(item, "inspect", json_true());
	json_object_set_new(item, "description", json_string("with a cord"));
	site_must(site, "item-register", "ok", item);
	site_must(site, "item-change", "ok",
		json_pack("{s:s, s:i, s:b}", "item", "drill", "amount", 0, "inspect", 0));
	json_t *reply = site_ask(site, "catalogue", json_pack("{s:s}", "item", "drill"));
	json_t *entry = json_object_get(reply, "entry");
	assert_int_equal(json_integer_value(json_object_get(entry, "amount")), 0);
	assert_null(json_object_get(entry, "inspect"));
	assert_string_equal(
		json_string_value(json_object_get(entry, "description")), "with a cord");
	json_decref(reply);
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	entry = json_array_get(json_object_get(desired, "items"), 0);
	assert_int_equal(json_integer_value(json_object_get(entry, "amount")), 0);
	json_decref(desired);
	site_must(site, "item-change", "not-found", json_pack("{s:s}", "item", "saw"));
}

static void test_a_request_again_is_done_once(void **state)
{
	struct site *site = *state;
	char payload[256];
	snprintf(payload, sizeof(payload),
		"{\"item\":\"drill\",\"title\":\"Drill\",\"amount\":1,\"currency\":\"EUR\","
		"\"period\":60,"
		"\"kiosk\":\"lobby\",\"expires_at\":\"2026-11-22T17:29:40Z\"}");
	const struct mqtt_message message = {
		.topic = "lendlock/v1/town/hub/request/" SITE_MANAGER "/item-register",
		.payload = payload,
		.size = strlen(payload),
		.correlation = "same",
		.correlation_size = 4};
	for (int i = 0; i < 3; i++) {
		assert_int_equal(hub_message(site->hub, &message), 0);
		assert_int_equal(hub_flush(site->hub), 0);
		json_t *reply = site_last(site, "hub/reply/" SITE_MANAGER);
		assert_string_equal(json_string_value(json_object_get(reply, "code")), "ok");
		json_decref(reply);
		if (i == 1)
			site_restart(site);
	}
}

static void test_a_bank_has_room_for_so_many_items(void **state)
{
	struct site *site = *state;
	char name[32], filler[DESCRIPTION_SIZE];
	memset(filler, '"', sizeof(filler) - 1); /* each takes two bytes of JSON */
	filler[sizeof(filler) - 1] = '\0';
	int n = 0;
	for (;; n++) {
		snprintf(name, sizeof(name), "item-%d", n);
		json_t *item = new_item(name, "lobby");
		json_object_set_new(item, "description", json_string(filler));
		json_t *reply = site_ask(site, "item-register", item);
		const char *code = json_string_value(json_object_get(reply, "code"));
		bool full = strcmp(code, "limit") == 0;
		if (!full)
			assert_string_equal(code, "ok");
		json_decref(reply);
		if (full)
			break;
		if (n % 200 == 199)
			site_pass(site, 15 * MINUTE); /* rows at the desk run out */
		fake_mqtt_clear(&site->mqtt);
	}
	assert_in_range(n, 250, 1024);
	site_must(site, "item-change", "limit",
		json_pack("{s:s, s:s}", "item", "item-0", "title", "A drill with a longer title"));
	site_must(site, "item-change", "ok",
		json_pack("{s:s, s:s}", "item", "item-0", "description", "shorter"));
	site_must(site, "item-move", "ok",
		json_pack("{s:s, s:s}", "item", "item-0", "kiosk", "attic"));
}

static size_t count(const json_t *reply, const char *list)
{
	return json_array_size(json_object_get(reply, list));
}

/* Goes through all pages; their rows' names one after the other. */
static void read_pages(struct site *site, const char *operation, const char *list, const char *key,
	json_t *arguments, char *ret, size_t room)
{
	char cursor[TITLE_SIZE] = "";
	size_t length = 0;
	int pages = 0;
	do {
		json_t *page = json_copy(arguments);
		if (cursor[0])
			json_object_set_new(page, "cursor", json_string(cursor));
		json_t *reply = site_ask(site, operation, page), *one;
		assert_string_equal(json_string_value(json_object_get(reply, "code")), "ok");
		size_t i;
		json_array_foreach(json_object_get(reply, list), i, one)
			length += (size_t)snprintf(ret + length, room - length, "%s ",
				json_string_value(json_object_get(one, key)));
		const char *next = json_string_value(json_object_get(reply, "next"));
		TEXT_COPY(cursor, next ? next : "");
		json_decref(reply);
		assert_true(pages++ < 20);
	} while (cursor[0]);
	json_decref(arguments);
}

static void test_items_are_paged_sorted_and_filtered(void **state)
{
	struct site *site = *state;
	static const char *const items[][3] = {{"awl", "Zebra wood awl", "lobby"},
		{"bench", "Bench", "attic"}, {"clamp", "Clamp", "lobby"},
		{"drill", "A drill", "attic"}, {"easel", "Clamp", "lobby"}};
	char seen[256];
	for (size_t i = 0; i < 5; i++) {
		json_t *item = new_item(items[i][0], items[i][2]);
		json_object_set_new(item, "title", json_string(items[i][1]));
		if (i < 2)
			json_object_set_new(item, "category", json_string("wood"));
		site_must(site, "item-register", "ok", item);
	}
#define PAGES(...) \
	read_pages(site, "items", "items", "item", json_pack(__VA_ARGS__), seen, sizeof(seen))
	PAGES("{s:i}", "limit", 2);
	assert_string_equal(seen, "awl bench clamp drill easel ");
	PAGES("{s:i, s:s}", "limit", 1, "sort", "title");
	assert_string_equal(seen, "drill bench clamp easel awl ");
	PAGES("{s:i, s:s}", "limit", 2, "sort", "kiosk");
	assert_string_equal(seen, "bench drill awl clamp easel ");
	PAGES("{s:i, s:s}", "limit", 2, "sort", "state");
	assert_string_equal(seen, "awl bench clamp drill easel ");
	PAGES("{s:i, s:s}", "limit", 1, "kiosk", "lobby");
	assert_string_equal(seen, "awl clamp easel ");
	PAGES("{s:s}", "category", "wood");
	assert_string_equal(seen, "awl bench ");
	PAGES("{s:s}", "search", "CLAMP");
	assert_string_equal(seen, "clamp easel ");
	seen[0] = '\0';
	PAGES("{s:s}", "state", "rented");
	assert_string_equal(seen, "");
	site_must(site, "items", "malformed", json_pack("{s:s}", "sort", "colour"));
}

static void make_rentals(struct site *site)
{
	struct teller lobby = teller_make(site, "lobby");
	static const char *const states[] = {"returned", "held", "overdue", "cancelled", "rented"};
	for (int i = 0; i < 5; i++) {
		char id[UUID_SIZE], item[NAME_SIZE];
		snprintf(id, sizeof(id), "019ab000-0000-7000-8000-00000000000%d", i);
		snprintf(item, sizeof(item), "item-%d", i % 2);
		teller_send(site, &lobby,
			teller_event(site, &lobby, "rental.some", item,
				teller_rental(site, id, item, states[i], "rented")),
			NULL);
	}
}

static void test_rentals_are_paged_and_filtered(void **state)
{
	struct site *site = *state;
	char seen[512];
	make_rentals(site);
#define RENTALS(...)                                                                             \
	(seen[0] = '\0', read_pages(site, "rentals", "rentals", "state", json_pack(__VA_ARGS__), \
				 seen, sizeof(seen)))
	RENTALS("{s:i}", "limit", 2);
	assert_string_equal(seen, "rented cancelled overdue held returned ");
	RENTALS("{s:i, s:s}", "limit", 2, "sort", "oldest");
	assert_string_equal(seen, "returned held overdue cancelled rented ");
	RENTALS("{s:i, s:s}", "limit", 1, "state", "open");
	assert_string_equal(seen, "rented overdue held ");
	RENTALS("{s:s}", "state", "overdue");
	assert_string_equal(seen, "overdue ");
	RENTALS("{s:s}", "state", "returned");
	assert_string_equal(seen, "returned ");
	RENTALS("{s:s, s:s}", "item", "item-1", "kiosk", "lobby");
	assert_string_equal(seen, "cancelled held ");
	RENTALS("{s:s}", "kiosk", "attic");
	assert_string_equal(seen, "");
	RENTALS("{s:s}", "user", "eve");
	assert_string_equal(seen, "");
	site_must(site, "rentals", "malformed", json_pack("{s:s}", "state", "sideways"));
}

static void test_an_item_s_history_is_paged(void **state)
{
	struct site *site = *state;
	char seen[512];
	make_rentals(site);
	read_pages(site, "item", "history", "type",
		json_pack("{s:s, s:i}", "item", "item-0", "limit", 2), seen, sizeof(seen));
	/* The alert that nobody registered it stands behind the first. */
	assert_string_equal(seen, "lendlock.rental.some lendlock.rental.some lendlock.alert.raised "
				  "lendlock.rental.some ");
}

static void test_renters_are_blocked_everywhere_and_erased(void **state)
{
	struct site *site = *state;
	site_must(site, "item-register", "ok", new_item("drill", "lobby"));
	site_must(site, "item-register", "ok", new_item("saw", "attic"));
	site_must(site, "renter-set", "ok",
		json_pack("{s:s, s:s, s:s}", "user", "eve", "name", "Eve", "contact", "eve@x"));
	site_must(site, "renter-block", "ok", json_pack("{s:s, s:b}", "user", "eve", "blocked", 1));
	static const char *const topics[] = {"kiosk/lobby/desired", "kiosk/attic/desired"};
	for (int i = 0; i < 2; i++) {
		json_t *desired = site_last(site, topics[i]);
		assert_int_equal(count(desired, "blocked"), 1);
		assert_int_equal(count(desired, "managers"), 2);
		json_decref(desired);
	}
	site_must(site, "renter-erase", "ok", json_pack("{s:s}", "user", "eve"));
	json_t *desired = site_last(site, "kiosk/lobby/desired");
	assert_int_equal(count(desired, "blocked"), 1); /* stays upon the id */
	json_decref(desired);
	site_must(site, "renter-block", "ok", json_pack("{s:s, s:b}", "user", "eve", "blocked", 0));
	desired = site_last(site, "kiosk/lobby/desired");
	assert_int_equal(count(desired, "blocked"), 0);
	json_decref(desired);
	site_must(site, "renter-erase", "not-found", json_pack("{s:s}", "user", "adam"));
}

static bool needs_attention(struct site *site, const char *what)
{
	json_t *reply = site_ask(site, "attention", json_object()), *one;
	size_t i;
	bool found = false;
	json_array_foreach(json_object_get(reply, "attention"), i, one)
		found = found || strcmp(json_string_value(json_object_get(one, "what")), what) == 0;
	json_decref(reply);
	return found;
}

static void test_attention_names_what_waits_for_a_person(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	static const char payment[] = "019ab000-0000-7000-8000-0000000000f1";
	site_must(site, "item-register", "ok", new_item("drill", "lobby"));
	assert_false(needs_attention(site, "payment"));
	teller_send(
		site, &lobby, teller_payment(site, &lobby, payment, payment, "void-owed"), NULL);
	assert_false(needs_attention(site, "payment"));
	site_pass(site, 11 * MINUTE);
	assert_true(needs_attention(site, "payment"));
	assert_false(needs_attention(site, "rental"));
	json_t *stopped = teller_rental(site, payment, "drill", "rented", "rented");
	json_object_set_new(stopped, "clock_stopped", json_true());
	teller_send(site, &lobby,
		teller_event(site, &lobby, "rental.return-refused", "drill", stopped), NULL);
	assert_true(needs_attention(site, "rental"));
	assert_false(needs_attention(site, "item"));
	teller_send(site, &lobby,
		teller_event(site, &lobby, "item.inspection", "drill",
			teller_item("drill", "inspection", 3)),
		NULL);
	assert_true(needs_attention(site, "item"));
	assert_false(needs_attention(site, "dead-letters"));
	site_say(site, "kiosk/lobby/event", "!");
	assert_true(needs_attention(site, "dead-letters"));
	struct teller new = teller_make(site, "lobby");
	assert_false(needs_attention(site, "bank"));
	teller_birth(site, &new, 0, 0, 0);
	assert_true(needs_attention(site, "bank"));
}

/* The history says who did what, and what became of the money. */
static void test_a_history_names_managers_and_payments(void **state)
{
	static const char rental[] = "019ab000-0000-7000-8000-000000000001";
	static const char *const types[] = {"lendlock.payment.captured", "lendlock.rental.reserved",
		"lendlock.catalogue.registered"};
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	site_register(site, "drill", "lobby");
	teller_send(site, &lobby,
		teller_event(site, &lobby, "rental.reserved", "drill",
			teller_rental(site, rental, "drill", "held", "reserved")),
		NULL);
	teller_send(site, &lobby, teller_payment(site, &lobby, rental, rental, "captured"), NULL);
	json_t *reply = site_ask(site, "item", json_pack("{s:s}", "item", "drill"));
	json_t *history = json_object_get(reply, "history"), *event;
	size_t i;
	assert_int_equal(json_array_size(history), 3);
	json_array_foreach(history, i, event) {
		assert_string_equal(json_string_value(json_object_get(event, "type")), types[i]);
	}
	json_t *data = json_object_get(json_array_get(history, 2), "data");
	assert_string_equal(json_string_value(json_object_get(data, "by")), SITE_MANAGER);
	json_decref(reply);
}

static json_t *of_bank(const char *kiosk)
{
	return json_pack("{s:s}", "kiosk", kiosk);
}

static size_t count_banks(struct site *site)
{
	json_t *reply = site_ask(site, "banks", json_object());
	size_t n = json_array_size(json_object_get(reply, "banks"));
	json_decref(reply);
	return n;
}

/* A slip of the pen makes a bank, and a manager can undo it. */
static void test_a_bank_that_never_spoke_is_removed(void **state)
{
	struct site *site = *state;
	struct teller lobby = teller_make(site, "lobby");
	bool same = false;
	teller_birth(site, &lobby, 0, 0, 0);
	site_register(site, "drill", "lobbby");
	site_register(site, "saw", "lobbby");
	assert_int_equal(count_banks(site), 2);
	site_must(site, "bank-remove", "not-found", of_bank("attic"));
	site_must(site, "bank-remove", "wrong-state", of_bank("lobby"));
	site_must(site, "bank-remove", "wrong-state", of_bank("lobbby"));
	site_must(site, "item-move", "ok",
		json_pack("{s:s, s:s}", "item", "drill", "kiosk", "lobby"));
	site_must(site, "bank-remove", "wrong-state", of_bank("lobbby"));
	site_must(site, "item-withdraw", "ok", json_pack("{s:s}", "item", "saw"));
	site_must(site, "bank-remove", "ok", of_bank("lobbby"));
	assert_int_equal(count_banks(site), 1);
	assert_int_equal(
		fake_mqtt_last(&site->mqtt, "lendlock/v1/town/kiosk/lobbby/desired")->size, 0);
	site_pass(site, SECOND);
	teller_send(site, &lobby,
		teller_event(site, &lobby, "item.available", "drill",
			teller_item("drill", "available", 3)),
		NULL);
	assert_string_equal(site_item_state(site, "drill"), "available");
	assert_int_equal(hub_rebuild_view(site->hub, false, &same), 0);
	assert_true(same);
	site_restart(site);
	assert_int_equal(count_banks(site), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_only_managers_are_served),
		TEST(test_register_refuses),
		TEST(test_change_changes_what_is_given),
		TEST(test_a_request_again_is_done_once),
		TEST(test_a_bank_has_room_for_so_many_items),
		TEST(test_items_are_paged_sorted_and_filtered),
		TEST(test_rentals_are_paged_and_filtered),
		TEST(test_an_item_s_history_is_paged),
		TEST(test_renters_are_blocked_everywhere_and_erased),
		TEST(test_attention_names_what_waits_for_a_person),
		TEST(test_a_bank_that_never_spoke_is_removed),
		TEST(test_a_history_names_managers_and_payments),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
