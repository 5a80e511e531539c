/* Whatever bytes come on whatever topic: the hub survives, and works on. */
#include "lib/base/log.h"
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

#define MUTANTS 20000

static const char *const topics[] = {"kiosk/lobby/event", "kiosk/lobby/status",
	"hub/request/" SITE_MANAGER "/item-register", "hub/request/" SITE_MANAGER "/items",
	"hub/request/" SITE_MANAGER "/nothing", "hub/status", "kiosk/lobby/ack", "view/lobby",
	"payment/bank/status", "kiosk/Lobby/event", ""};

/* Messages to begin with: one of each kind, whole. */
static void add_seed(char **seeds, size_t *n, json_t *json)
{
	seeds[*n] = json_dumps(json, JSON_COMPACT);
	assert_non_null(seeds[*n]);
	*n += 1;
	json_decref(json);
}

static size_t make_seeds(struct site *site, char **seeds)
{
	static const char id[] = "019ab000-0000-7000-8000-000000000001";
	struct teller lobby = teller_make(site, "lobby");
	size_t n = 0;
	json_t *rental = teller_event(site, &lobby, "rental.paid", "drill",
		teller_rental(site, id, "drill", "paid", "reserved"));
	json_t *item = teller_event(
		site, &lobby, "item.available", "drill", teller_item("drill", "available", 3));
	add_seed(seeds, &n, json_pack("[o,o]", rental, item));
	add_seed(seeds, &n,
		json_pack(
			"[o]", teller_event(site, &lobby, "snapshot.taken", "",
				       json_pack("{s:[o], s:[o], s:[], s:[]}", "items",
					       teller_item("drill", "available", 3), "rentals",
					       teller_rental(site, id, "drill", "rented", "rented"),
					       "payments", "alerts"))));
	add_seed(seeds, &n,
		json_pack("{s:s, s:s, s:s, s:i, s:i, s:i}", "state", "online", "session", id,
			"epoch", lobby.epoch, "generation", 1, "revision", 1, "acked", 2));
	add_seed(seeds, &n,
		json_pack("{s:s, s:s, s:i, s:s, s:i, s:s, s:s}", "item", "saw", "title", "Saw",
			"amount", 1, "currency", "EUR", "period", 60, "kiosk", "lobby",
			"expires_at", "2026-11-22T17:29:47Z"));
	return n;
}

static size_t mutate(struct site *site, const char *seed, char *ret, size_t room)
{
	size_t size = strlen(seed);
	assert_true(size < room);
	memcpy(ret, seed, size);
	for (uint64_t n = random_below(&site->random.port, 6); n > 0 && size > 0; n--) {
		size_t at = random_below(&site->random.port, size);
		switch (random_below(&site->random.port, 5)) {
		case 0:
			ret[at] = (char)random_below(&site->random.port, 256);
			break;
		case 1: /* cut off */
			size = at;
			break;
		case 2: /* take out */
			memmove(ret + at, ret + at + 1, size - at - 1);
			size--;
			break;
		case 3: /* another digit or sign of the grammar */
			ret[at] = "0123456789{}[]\",:-."[random_below(&site->random.port, 19)];
			break;
		default: /* twice */
			if (size + 1 < room) {
				memmove(ret + at + 1, ret + at, size - at);
				size++;
			}
		}
	}
	return size;
}

static void test_mutants(void **state)
{
	struct site *site = *state;
	char *seeds[8], mutant[4096], topic[MQTT_TOPIC_MAX], correlation[MQTT_CORRELATION_MAX];
	size_t n = make_seeds(site, seeds);
	log_set_level(LOG_LEVEL_ERROR);
	for (int i = 0; i < MUTANTS; i++) {
		size_t size = mutate(
			site, seeds[random_below(&site->random.port, n)], mutant, sizeof(mutant));
		snprintf(topic, sizeof(topic), "lendlock/v1/town/%s",
			topics[random_below(
				&site->random.port, sizeof(topics) / sizeof(topics[0]))]);
		snprintf(correlation, sizeof(correlation), "c%d", i);
		const struct mqtt_message message = {.topic = topic,
			.payload = mutant,
			.size = size,
			.retain = random_below(&site->random.port, 8) == 0,
			.correlation = correlation,
			.correlation_size = strlen(correlation)};
		assert_int_equal(hub_message(site->hub, &message), 0);
		if (i % 16 == 0)
			site_pass(site, 100 * MSEC);
		if (i % 256 == 0)
			fake_mqtt_clear(&site->mqtt);
	}
	for (size_t i = 0; i < n; i++)
		free(seeds[i]);
	assert_int_equal(hub_flush(site->hub), 0);

	/* And after that it does what it did before. */
	bool same = false;
	assert_int_equal(hub_rebuild_view(site->hub, false, &same), 0);
	assert_true(same);
	struct teller attic = teller_make(site, "attic");
	site_register(site, "hammer", "attic");
	teller_send(site, &attic,
		teller_event(site, &attic, "item.available", "hammer",
			teller_item("hammer", "available", 1)),
		NULL);
	assert_string_equal(site_item_state(site, "hammer"), "available");
}

static void test_large_and_deep_messages(void **state)
{
	struct site *site = *state;
	size_t size = MQTT_PAYLOAD_MAX;
	char *bytes = malloc(size);
	assert_non_null(bytes);
	static const char fillers[] = "[{\"x 0\\";
	for (size_t i = 0; i < sizeof(fillers) - 1; i++) {
		memset(bytes, fillers[i], size);
		site_give(site, "kiosk/lobby/event", bytes, size);
		site_give(site, "kiosk/lobby/status", bytes, size);
		site_give(site, "hub/request/" SITE_MANAGER "/items", bytes, size);
	}
	site_give(site, "kiosk/lobby/event", NULL, 0);
	site_give(site, "kiosk/lobby/status", NULL, 0);
	assert_int_equal(hub_flush(site->hub), 0);
	free(bytes);
	json_t *reply = site_ask(site, "dead-letters", json_object());
	json_t *letters = json_object_get(reply, "dead_letters");
	assert_true(json_array_size(letters) > 0);
	json_decref(reply);
}

static void test_more_banks_than_one_hub_takes(void **state)
{
	struct site *site = *state;
	char topic[64];
	log_set_level(LOG_LEVEL_ERROR - 1);
	for (int i = 0; i < 4200; i++) {
		snprintf(topic, sizeof(topic), "kiosk/bank-%d/event", i);
		site_give(site, topic, "[]", 2);
	}
	log_set_level(LOG_LEVEL_INFO);
	assert_int_equal(hub_flush(site->hub), 0);
	site_must(site, "item-register", "limit",
		json_pack("{s:s, s:s, s:i, s:s, s:i, s:s}", "item", "saw", "title", "Saw", "amount",
			1, "currency", "EUR", "period", 60, "kiosk", "one-more"));
	site_restart(site);
	site_register(site, "saw", "bank-4095");
}

static void spoil(struct site *site, int letters, int banks)
{
	char topic[64], bytes[32];
	log_set_level(LOG_LEVEL_ERROR);
	for (int i = 0; i < letters; i++) {
		snprintf(topic, sizeof(topic), "kiosk/bank-%d/event", i % banks);
		snprintf(bytes, sizeof(bytes), "what %d", i);
		site_give(site, topic, bytes, strlen(bytes));
	}
	log_set_level(LOG_LEVEL_INFO);
	assert_int_equal(hub_flush(site->hub), 0);
}

static void expect_letters(struct site *site, int64_t expected)
{
	json_t *reply = site_ask(site, "attention", json_object()), *one;
	size_t i, alerts = 0;
	int64_t letters = 0;
	json_array_foreach(json_object_get(reply, "attention"), i, one) {
		const char *what = json_string_value(json_object_get(one, "what"));
		const char *message = json_string_value(json_object_get(one, "message"));
		alerts += strcmp(what, "alert") == 0;
		if (strcmp(what, "dead-letters") == 0)
			letters += strtoll(message, NULL, 10);
	}
	assert_int_equal(letters, expected);
	assert_int_equal(alerts, 1);
	json_decref(reply);
}

static void test_dead_letters_of_one_bank_are_bounded(void **state)
{
	spoil(*state, 1100, 1);
	expect_letters(*state, 1000);
}

static void test_dead_letters_of_all_are_bounded(void **state)
{
	spoil(*state, 10100, 12);
	expect_letters(*state, 10000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_mutants),
		TEST(test_large_and_deep_messages),
		TEST(test_more_banks_than_one_hub_takes),
		TEST(test_dead_letters_of_one_bank_are_bounded),
		TEST(test_dead_letters_of_all_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
