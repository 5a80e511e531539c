#include "tests/kiosk/bank.h"

#include "kiosk/internal.h"

#include "lib/wire/topic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "lendlock/v1/town/"

static const struct simulated_habits careful = {
	.open_after = SECOND / 2, .close_after = 3 * SECOND};
static const struct simulated_habits careless = {.open_after = SECOND / 2};

static bool simulate(void *context, int compartment, enum door_action action)
{
	struct bank *bank = context;
	if (action == ACTION_JAM || action == ACTION_UNJAM)
		return simulated_jam(bank->doors, compartment, action == ACTION_JAM) == 0;
	return simulated_move(bank->doors, compartment,
		       action == ACTION_OPEN ? BANK_OPEN : BANK_CLOSED) == 0;
}

static void on_touch_reply(void *context, const char *id, const struct reply_record *reply)
{
	struct bank *bank = context;
	assert_string_equal(id, reply->id);
	json_decref(bank->touched);
	bank->touched = record_encode(&reply_record_type, reply);
	bank->touched_after = bank->mqtt.n;
}

int bank_open(struct bank *bank, const char *site, const char *name)
{
	const struct kiosk_options options = {
		.site = site,
		.name = name,
		.database = bank->path,
		.clock = &bank->clock.port,
		.random = &bank->random.port,
		.mqtt = &bank->mqtt.port,
		.bank = bank->doors,
		.doors = {.pulse_length = 200 * MSEC,
			.cool_down = 100 * MSEC,
			.debounce = 20 * MSEC,
			.open_within = 5 * SECOND,
			.close_within = 30 * SECOND,
			.resync = MINUTE},
		.say_again = bank->say_again,
		.simulate = simulate,
		.simulate_context = bank,
		.touch_reply = on_touch_reply,
		.touch_context = bank,
	};
	return kiosk_open(&options, &bank->kiosk);
}

static void start(struct bank *bank)
{
	assert_int_equal(bank_open(bank, "town", "library"), 0);
}

void bank_connect(struct bank *bank)
{
	kiosk_will(bank->kiosk);
	assert_int_equal(kiosk_connected(bank->kiosk), 0);
	json_t *status = fake_mqtt_last_json(&bank->mqtt, PREFIX "kiosk/library/status");
	text_copy(bank->epoch, UUID_SIZE, json_string_value(json_object_get(status, "epoch")));
	json_decref(status);
	bank_send(bank, PREFIX "payment/till/status",
		json_pack("{s:s, s:s, s:s}", "state", "online", "session",
			"01936a00-0000-7000-8000-0000000000aa", "payments", "open"));
}

static json_t *entry(const char *item, int amount, bool inspect)
{
	return json_pack("{s:s, s:s, s:i, s:s, s:i, s:s, s:b}", "item", item, "title", item,
		"amount", amount, "currency", "KRW", "period", 3 * 86400, "kiosk", "library",
		"inspect", inspect);
}

/* As a hub does: what the bank says it has open while it waits, is accounted for. */
static void answer_open_rentals(struct bank *bank, json_t *desired)
{
	json_t *status = fake_mqtt_last_json(&bank->mqtt, PREFIX "kiosk/library/status");
	json_t *open = status ? json_object_get(status, "open_rentals") : bank->open_rentals;
	if (open)
		json_object_set(desired, "open_rentals", open);
	json_decref(status);
}

void bank_desire(struct bank *bank, void (*change)(json_t *desired))
{
	json_t *desired = json_pack(
		"{s:s, s:i, s:I, s:s, s:s, s:s, s:{s:i, s:i, s:i, s:i, s:i, s:i, s:i}, s:[s], s:[],"
		" s:[o, o, o], s:[], s:[]}",
		"hub", BANK_HUB, "generation", 1, "revision", (json_int_t)++bank->revision, "epoch",
		bank->epoch, "ledger", "till", "renter_key",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "settings",
		"hold", 900, "extend", 900, "hold_max", 7200, "pickup", 7200, "lost", 14 * 86400,
		"report_within", 300, "rentals_max", 3, "managers", "boss", "blocked", "items",
		entry("drill", 3000, false), entry("free", 0, false), entry("tent", 5000, true),
		"rentals", "payments");
	assert_non_null(desired);
	answer_open_rentals(bank, desired);
	if (change)
		change(desired);
	bank_send(bank, PREFIX "kiosk/library/desired", desired);
}

static void set_up(struct bank *bank, struct simulated_habits habits)
{
	memset(bank, 0, sizeof(*bank));
	fake_clock_init(&bank->clock);
	fake_random_init(&bank->random, 7);
	fake_mqtt_init(&bank->mqtt);
	bank->doors = simulated_new(4, true, habits);
	/* In memory where there is such a place: these tests are not about the disk. */
	snprintf(bank->folder, sizeof(bank->folder), "%s/lendlock-bank-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(bank->folder));
	snprintf(bank->path, sizeof(bank->path), "%s/kiosk.db", bank->folder);
	start(bank);
	bank_connect(bank);
	bank_desire(bank, NULL);
}

void bank_set_up(struct bank *bank)
{
	set_up(bank, careful);
}

void bank_set_up_careless(struct bank *bank)
{
	set_up(bank, careless);
}

static void remove_folder(const struct bank *bank)
{
	DIR *folder = opendir(bank->folder);
	assert_non_null(folder);
	for (struct dirent *entry; (entry = readdir(folder));)
		unlinkat(dirfd(folder), entry->d_name, 0);
	closedir(folder);
	rmdir(bank->folder);
}

void bank_tear_down(struct bank *bank)
{
	bank->kiosk = kiosk_close(bank->kiosk);
	bank->doors->free(bank->doors);
	fake_mqtt_clear(&bank->mqtt);
	json_decref(bank->open_rentals);
	json_decref(bank->reply);
	json_decref(bank->touched);
	remove_folder(bank);
}

void bank_crash(struct bank *bank)
{
	bank->kiosk = kiosk_close(bank->kiosk);
	start(bank);
	bank_connect(bank);
}

void bank_pass(struct bank *bank, usec time)
{
	usec end = bank->clock.boottime + time;
	for (;;) {
		usec due = kiosk_next_due(bank->kiosk);
		if (due > end)
			break;
		if (due > bank->clock.boottime)
			fake_clock_pass(&bank->clock, due - bank->clock.boottime);
		assert_int_equal(kiosk_tick(bank->kiosk), 0);
	}
	fake_clock_pass(&bank->clock, end - bank->clock.boottime);
	assert_int_equal(kiosk_tick(bank->kiosk), 0);
}

static void deliver(struct bank *bank, const char *topic, json_t *json, const char *correlation)
{
	char *text = json_dumps(json, JSON_COMPACT);
	const struct mqtt_message message = {.topic = topic,
		.payload = text,
		.size = strlen(text),
		.qos = 1,
		.correlation = correlation,
		.correlation_size = correlation ? strlen(correlation) : 0};
	assert_int_equal(kiosk_message(bank->kiosk, &message), 0);
	free(text);
	json_decref(json);
}

void bank_send(struct bank *bank, const char *topic, json_t *json)
{
	assert_non_null(json);
	deliver(bank, topic, json, NULL);
}

const char *bank_reply(struct bank *bank, const char *user)
{
	char topic[MQTT_TOPIC_MAX], id[32];
	snprintf(topic, sizeof(topic), PREFIX "kiosk/library/reply/%s", user);
	snprintf(id, sizeof(id), "request-%d", bank->requests);
	const struct fake_publication *last = fake_mqtt_last(&bank->mqtt, topic);
	json_decref(bank->reply);
	bank->reply = last && strcmp(last->correlation, id) == 0
			      ? fake_mqtt_last_json(&bank->mqtt, topic)
			      : NULL;
	const char *code = json_string_value(json_object_get(bank->reply, "code"));
	return code ? code : "";
}

const char *bank_ask(struct bank *bank, const char *user, const char *operation, json_t *args)
{
	char topic[MQTT_TOPIC_MAX], id[32], expires[TIME_SIZE];
	snprintf(topic, sizeof(topic), PREFIX "kiosk/library/request/%s/%s", user, operation);
	snprintf(id, sizeof(id), "request-%d", ++bank->requests);
	time_format(bank->clock.wall + 10 * SECOND, expires);
	json_t *json = args ? args : json_object();
	json_object_set_new(json, "expires_at", json_string(expires));
	deliver(bank, topic, json, id);
	return bank_reply(bank, user);
}

const char *bank_touched(struct bank *bank)
{
	const char *code = json_string_value(json_object_get(bank->touched, "code"));
	return code ? code : "";
}

const char *bank_touch(struct bank *bank, const char *user, const char *operation, json_t *args)
{
	char id[UUID_SIZE];
	uuid_make(bank->clock.wall, &bank->random.port, id);
	json_decref(bank->touched);
	bank->touched = NULL;
	assert_int_equal(kiosk_touch(bank->kiosk, user, operation, id, args), 0);
	json_decref(args);
	return bank_touched(bank);
}

const char *bank_text(struct bank *bank, const char *outer, const char *inner)
{
	json_t *value = json_object_get(bank->reply, outer);
	if (inner)
		value = json_object_get(value, inner);
	const char *text = json_string_value(value);
	return text ? text : "";
}

const char *bank_asked(struct bank *bank)
{
	static const char *const operations[] = {
		"authorize", "capture", "void", "refund", "reconcile"};
	const char *latest = "";
	size_t most = 0;
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		char topic[MQTT_TOPIC_MAX];
		snprintf(topic, sizeof(topic), PREFIX "payment/till/request/library/%s",
			operations[i]);
		const struct fake_publication *last = fake_mqtt_last(&bank->mqtt, topic);
		size_t place = last ? (size_t)(last - bank->mqtt.publications) + 1 : 0;
		if (place > most) {
			most = place;
			latest = operations[i];
		}
	}
	return latest;
}

void bank_ledger(struct bank *bank, const char *state)
{
	char topic[MQTT_TOPIC_MAX];
	snprintf(topic, sizeof(topic), PREFIX "payment/till/request/library/%s", bank_asked(bank));
	json_t *asked = fake_mqtt_last_json(&bank->mqtt, topic);
	assert_non_null(asked);
	json_t *reply = json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s, s:s, s:O, s:s}}", "id", "x",
		"operation", bank_asked(bank), "code", "ok", "payment", "payment",
		json_string_value(json_object_get(asked, "payment")), "rental",
		json_string_value(json_object_get(asked, "rental")), "ledger", "till", "state",
		state, "amount", json_object_get(asked, "amount"), "currency", "KRW");
	json_decref(asked);
	bank_send(bank, PREFIX "payment/till/reply/library", reply);
}

static json_t *last_events(struct bank *bank)
{
	json_t *events = fake_mqtt_last_json(&bank->mqtt, PREFIX "kiosk/library/event");
	assert_non_null(events);
	return events;
}

void bank_ack(struct bank *bank)
{
	json_t *events = last_events(bank);
	json_t *event = json_array_get(events, json_array_size(events) - 1);
	json_int_t seq = atoll(json_string_value(json_object_get(event, "sequence")));
	bank_send(bank, PREFIX "kiosk/library/ack",
		json_pack("{s:s, s:i, s:s, s:I, s:s}", "hub", BANK_HUB, "generation", 1, "epoch",
			json_string_value(json_object_get(event, "epoch")), "seq", seq, "event",
			json_string_value(json_object_get(event, "id"))));
	json_decref(events);
}

void bank_ack_all(struct bank *bank)
{
	for (int i = 0; i < 50; i++)
		bank_ack(bank);
}

bool bank_published(struct bank *bank, const char *text)
{
	for (size_t i = 0; i < bank->mqtt.n; i++)
		if (strstr(bank->mqtt.publications[i].payload, text))
			return true;
	return false;
}

bool bank_is_raised(struct bank *bank, const char *kind, const char *subject)
{
	struct alert_record alert;
	char key[ALERT_KEY_SIZE];
	snprintf(key, sizeof(key), "%s:%s", kind, subject);
	return store_alert_read(bank->kiosk->database, key, &alert);
}

static json_t *drill_of(json_t *desired)
{
	return json_array_get(json_object_get(desired, "items"), 0);
}

void bank_withdraw_drill(json_t *desired)
{
	json_object_set_new(drill_of(desired), "withdrawn", json_true());
}

void bank_move_drill(json_t *desired)
{
	json_object_set_new(drill_of(desired), "moving", json_string("station"));
	json_object_set_new(
		drill_of(desired), "move", json_string("01a20305-7c6d-7e5f-8041-526374859607"));
}

json_t *rental_args(const char *rental)
{
	return json_pack("{s:s}", "rental", rental);
}

json_t *item_args(const char *item)
{
	return json_pack("{s:s}", "item", item);
}

const char *bank_event(struct bank *bank, size_t n)
{
	static char type[80];
	json_t *events = last_events(bank);
	size_t size = json_array_size(events);
	json_t *event = n < size ? json_array_get(events, size - 1 - n) : NULL;
	const char *text = json_string_value(json_object_get(event, "type"));
	snprintf(type, sizeof(type), "%s", text ? text : "");
	json_decref(events);
	return type;
}

void bank_stock(struct bank *bank)
{
	static const char *const items[] = {"drill", "free", "tent"};
	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++) {
		assert_string_equal(
			bank_ask(bank, "boss", "stock", json_pack("{s:s}", "item", items[i])),
			"ok");
		bank_pass(bank, 10 * SECOND);
	}
}

void bank_reserve(struct bank *bank, char ret_rental[static UUID_SIZE])
{
	assert_string_equal(
		bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")), "ok");
	text_copy(ret_rental, UUID_SIZE, bank_text(bank, "rental", "rental"));
}

void bank_pay(struct bank *bank, char ret_rental[static UUID_SIZE])
{
	bank_reserve(bank, ret_rental);
	assert_string_equal(
		bank_ask(bank, "mina", "pay",
			json_pack("{s:s, s:s}", "rental", ret_rental, "method", "tok-ok")),
		"");
	bank_ledger(bank, "authorized");
	assert_string_equal(bank_reply(bank, "mina"), "ok");
}

void bank_take(struct bank *bank, char ret_rental[static UUID_SIZE])
{
	bank_pay(bank, ret_rental);
	assert_string_equal(
		bank_ask(bank, "mina", "open", json_pack("{s:s}", "rental", ret_rental)), "");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_reply(bank, "mina"), "ok");
	assert_string_equal(bank_asked(bank), "capture");
	bank_ledger(bank, "captured");
}

const char *bank_state(struct bank *bank, const char *rental)
{
	assert_string_equal(
		bank_ask(bank, "mina", "rental", json_pack("{s:s}", "rental", rental)), "ok");
	return bank_text(bank, "rental", "state");
}

static int fixture(void **state, void (*begin)(struct bank *bank))
{
	static struct bank bank;
	begin(&bank);
	*state = &bank;
	return 0;
}

static void begin_stocked(struct bank *bank)
{
	bank_set_up(bank);
	bank_stock(bank);
}

int bank_fixture(void **state)
{
	return fixture(state, begin_stocked);
}

int bank_fixture_careless(void **state)
{
	return fixture(state, bank_set_up_careless);
}

int bank_fixture_end(void **state)
{
	bank_tear_down(*state);
	return 0;
}
