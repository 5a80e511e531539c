/* The outbox against what a hub may say: nothing leaves that is not stored, nothing piles up. */
#include "kiosk/store.h"
#include "tests/kiosk/bank.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENTS "lendlock/v1/town/kiosk/library/event"
#define ACKS   "lendlock/v1/town/kiosk/library/ack"
#define STATUS "lendlock/v1/town/kiosk/library/status"
#define OFFER  "lendlock/v1/town/kiosk/library/offer"

/* Whoever did not hear of it, since the broker threw it away, hears of it later. */
static void test_what_stands_at_the_broker_is_said_again(void **state)
{
	struct bank *bank = *state;
	bank->say_again = 5 * MINUTE;
	bank_crash(bank);
	bank_ack_all(bank);
	bank_pass(bank, SECOND);
	fake_mqtt_clear(&bank->mqtt);
	bank_pass(bank, 4 * MINUTE);
	assert_int_equal(fake_mqtt_count(&bank->mqtt, STATUS), 0);
	assert_int_equal(fake_mqtt_count(&bank->mqtt, OFFER), 0);
	bank_pass(bank, 12 * MINUTE);
	assert_int_equal(fake_mqtt_count(&bank->mqtt, STATUS), 3);
	assert_int_equal(fake_mqtt_count(&bank->mqtt, OFFER), 3);
}

static void ack_nothing(struct bank *bank)
{
	bank_send(bank, ACKS,
		json_pack("{s:s, s:i, s:s, s:i}", "hub", BANK_HUB, "generation", 1, "epoch",
			bank->epoch, "seq", 0));
}

/* A publish that looks whether a power cut at this instant would lose what it says. */
static struct bank *watched;
static int (*really_publish)(struct mqtt_port *port, const struct mqtt_message *message);
static size_t seen;

static void copy_file(const char *from, const char *to)
{
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	char bytes[65536];
	assert_non_null(in);
	assert_non_null(out);
	for (size_t n; (n = fread(bytes, 1, sizeof(bytes), in)) > 0;)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	fclose(in);
	fclose(out);
}

static void assert_stored(json_t *events)
{
	char path[96], log[96], to[96], to_log[96], id[UUID_SIZE];
	struct database *database;
	snprintf(path, sizeof(path), "%s", watched->path);
	snprintf(log, sizeof(log), "%s-wal", watched->path);
	snprintf(to, sizeof(to), "%s/cut.db", watched->folder);
	snprintf(to_log, sizeof(to_log), "%s/cut.db-wal", watched->folder);
	copy_file(path, to);
	copy_file(log, to_log);
	assert_int_equal(database_open(to, NULL, kiosk_migrations, &database), 0);
	for (size_t i = 0; i < json_array_size(events); i++) {
		json_t *event = json_array_get(events, i);
		int64_t seq = atoll(json_string_value(json_object_get(event, "sequence")));
		assert_true(store_outbox_id(database, seq, id));
		assert_string_equal(id, json_string_value(json_object_get(event, "id")));
		seen++;
	}
	database_close(database);
	unlink(to);
	unlink(to_log);
}

static int publish_and_look(struct mqtt_port *port, const struct mqtt_message *message)
{
	if (strcmp(message->topic, EVENTS) == 0) {
		json_t *events = json_loadb(message->payload, message->size, 0, NULL);
		assert_stored(events);
		json_decref(events);
	}
	return really_publish(port, message);
}

static void another_hub(json_t *desired)
{
	json_object_set_new(desired, "generation", json_integer(2));
	json_object_set_new(
		json_array_get(json_object_get(desired, "items"), 0), "withdrawn", json_true());
}

/* A hub that was put back withdraws a reserved item: what follows is stored before it is told. */
static void test_stored_before_it_is_told(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_ack_all(bank);
	watched = bank;
	seen = 0;
	really_publish = bank->mqtt.port.publish;
	bank->mqtt.port.publish = publish_and_look;
	bank_desire(bank, another_hub);
	bank_pass(bank, 10 * SECOND);
	assert_true(seen > 0);
}

/* A hub that lost everything says so more than once before it has the snapshot. */
static void test_one_snapshot_is_enough(void **state)
{
	struct bank *bank = *state;
	bank_ack_all(bank);
	fake_clock_pass(&bank->clock, 31 * DAY);
	bank_pass(bank, HOUR); /* acked rows are forgotten */
	fake_mqtt_clear(&bank->mqtt);
	ack_nothing(bank);
	assert_int_equal(fake_mqtt_count(&bank->mqtt, EVENTS), 1);
	json_t *events = fake_mqtt_last_json(&bank->mqtt, EVENTS);
	json_t *first = json_array_get(events, 0);
	char sequence[SEQUENCE_SIZE];
	TEXT_COPY(sequence, json_string_value(json_object_get(first, "sequence")));
	json_decref(events);
	ack_nothing(bank);
	ack_nothing(bank);
	assert_int_equal(fake_mqtt_count(&bank->mqtt, EVENTS), 1); /* it is on its way */
	bank_crash(bank);
	ack_nothing(bank);
	events = fake_mqtt_last_json(&bank->mqtt, EVENTS);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(events, 0), "sequence")),
		sequence);
	assert_int_equal(json_array_size(events), 1);
	json_decref(events);
	bank_ack_all(bank);
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	assert_string_equal(bank_event(bank, 0), "lendlock.rental.reserved");
}

static size_t sent_at_once(struct bank *bank)
{
	json_t *events = fake_mqtt_last_json(&bank->mqtt, EVENTS);
	size_t n = json_array_size(events);
	json_decref(events);
	return n;
}

/* One bad event in a batch: singly until all of it have passed, and then as before. */
static void test_singly_until_the_bad_one_has_passed(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_ack_all(bank);
	bank_pay(bank, rental); /* its first event is under way, and is not acked */
	bank_ack(bank);
	size_t batch = sent_at_once(bank);
	assert_true(batch > 2);
	bank_pass(bank, MINUTE);
	assert_int_equal(sent_at_once(bank), 1);
	for (size_t i = 1; i < batch; i++) {
		bank_ack(bank);
		assert_int_equal(sent_at_once(bank), 1);
	}
	bank_ack(bank);
	bank_ask(bank, "mina", "cancel", json_pack("{s:s}", "rental", rental));
	bank_ack(bank);
	assert_true(sent_at_once(bank) > 1);
}

#define MANY 1000

static void many_items(json_t *desired)
{
	char name[NAME_SIZE];
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "a-thing-with-a-rather-long-%04d", i);
		json_array_append_new(json_object_get(desired, "items"),
			json_pack("{s:s, s:s, s:i, s:s, s:i, s:s}", "item", name, "title", name,
				"amount", 1, "currency", "KRW", "period", 3600, "kiosk",
				"library"));
	}
}

/* How many items the last batch speaks of; each of a snapshot's counts. */
static size_t count_items(struct bank *bank)
{
	json_t *events = fake_mqtt_last_json(&bank->mqtt, EVENTS), *event;
	size_t i, n = 0;
	json_array_foreach(events, i, event) {
		const char *type = json_string_value(json_object_get(event, "type"));
		json_t *data = json_object_get(event, "data");
		n += json_array_size(json_object_get(data, "items"));
		n += strcmp(type, "lendlock.item.restated") == 0;
	}
	json_decref(events);
	return n;
}

/* A bank of any size can be told of: what a snapshot has no room for follows it. */
static void test_a_large_bank_in_pieces(void **state)
{
	struct bank *bank = *state;
	bank_desire(bank, many_items);
	bank_ack_all(bank);
	fake_clock_pass(&bank->clock, 31 * DAY);
	bank_pass(bank, HOUR);
	fake_mqtt_clear(&bank->mqtt);
	ack_nothing(bank);
	size_t told = 0;
	for (int i = 0; i < 50; i++) {
		assert_true(fake_mqtt_last(&bank->mqtt, EVENTS)->size <= EVENT_MESSAGE_BYTES);
		told += count_items(bank);
		size_t before = bank->mqtt.n;
		bank_ack(bank);
		if (bank->mqtt.n == before)
			break;
	}
	assert_int_equal(told, MANY + 3);
}

static size_t births(struct bank *bank)
{
	return fake_mqtt_count(&bank->mqtt, STATUS);
}

/* An ack may get lost. A bank that has nothing to send shows itself until there is one: it may be
 * an old copy, or the hub. */
static void test_it_shows_itself_until_it_is_acked(void **state)
{
	struct bank *bank = *state;
	bank_ack_all(bank);
	bank_pass(bank, HOUR);
	size_t before = births(bank);
	bank_connect(bank);
	assert_int_equal(births(bank), before + 1);
	bank_pass(bank, 20 * SECOND);
	assert_in_range(births(bank), before + 2, before + 5);
	bank_ack(bank);
	bank_pass(bank, SECOND);
	before = births(bank);
	bank_pass(bank, HOUR);
	assert_int_equal(births(bank), before);
	bank_send(bank, "lendlock/v1/town/hub/status",
		json_pack("{s:s, s:s, s:s, s:i, s:i}", "state", "online", "session",
			"01936a00-0000-7000-8000-0000000000bb", "hub", BANK_HUB, "generation", 1,
			"banks", 1));
	bank_pass(
		bank, SECOND); /* the hub was born anew: what it does not know of is acked to it */
	assert_int_equal(births(bank), before + 1);
	json_t *status = fake_mqtt_last_json(&bank->mqtt, STATUS);
	assert_true(json_integer_value(json_object_get(status, "acked")) > 0);
	json_decref(status);
}

static json_t *ack_at(struct bank *bank, int generation, const char *event, json_int_t seq)
{
	return json_pack("{s:s, s:i, s:s, s:I, s:s}", "hub", BANK_HUB, "generation", generation,
		"epoch", bank->epoch, "seq", seq, "event", event);
}

/* A hub put back to an old copy asks again, and gets it. */
static void test_rewinds_for_a_restored_hub(void **state)
{
	struct bank *bank = *state;
	json_t *events = fake_mqtt_last_json(&bank->mqtt, "lendlock/v1/town/kiosk/library/event");
	json_t *first = json_array_get(events, 0);
	char id[UUID_SIZE];
	text_copy(id, UUID_SIZE, json_string_value(json_object_get(first, "id")));
	json_int_t seq = atoll(json_string_value(json_object_get(first, "sequence")));
	json_decref(events);
	bank_ack_all(bank);
	fake_mqtt_clear(&bank->mqtt);
	bank_send(bank, "lendlock/v1/town/kiosk/library/ack", ack_at(bank, 1, id, seq));
	assert_int_equal(fake_mqtt_count(&bank->mqtt, "lendlock/v1/town/kiosk/library/event"), 1);
	char next[32];
	snprintf(next, sizeof(next), "%020lld", (long long)seq + 1);
	assert_true(bank_published(bank, next));
}

/* Its events are gone here: a snapshot says all there is. */
static void test_snapshot_for_a_hub_far_behind(void **state)
{
	struct bank *bank = *state;
	bank_ack_all(bank);
	fake_clock_pass(&bank->clock, 31 * DAY);
	bank_pass(bank, HOUR); /* acked rows are forgotten */
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_ack_all(bank);
	fake_mqtt_clear(&bank->mqtt);
	json_t *ack = json_pack("{s:s, s:i, s:s, s:i}", "hub", BANK_HUB, "generation", 1, "epoch",
		bank->epoch, "seq", 0);
	bank_send(bank, "lendlock/v1/town/kiosk/library/ack", ack);
	assert_true(bank_published(bank, "lendlock.snapshot.taken"));
	assert_true(bank_published(bank, rental));
}

static void test_foreign_ack_is_ignored(void **state)
{
	struct bank *bank = *state;
	json_t *ack = ack_at(bank, 1, BANK_HUB, 100000);
	json_object_set_new(ack, "hub", json_string("01936a00-0000-7000-8000-0000000000ff"));
	bank_send(bank, "lendlock/v1/town/kiosk/library/ack", ack);
	ack = ack_at(bank, 2, BANK_HUB, 100000); /* another generation */
	bank_send(bank, "lendlock/v1/town/kiosk/library/ack", ack);
	char rental[UUID_SIZE];
	bank_reserve(bank, rental); /* still lending: no fork was found */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BANK_TEST(test_what_stands_at_the_broker_is_said_again),
		BANK_TEST(test_stored_before_it_is_told),
		BANK_TEST(test_one_snapshot_is_enough),
		BANK_TEST(test_singly_until_the_bad_one_has_passed),
		BANK_TEST(test_a_large_bank_in_pieces),
		BANK_TEST(test_it_shows_itself_until_it_is_acked),
		BANK_TEST(test_rewinds_for_a_restored_hub),
		BANK_TEST(test_snapshot_for_a_hub_far_behind),
		BANK_TEST(test_foreign_ack_is_ignored),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
