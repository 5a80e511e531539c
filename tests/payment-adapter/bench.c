#include "tests/payment-adapter/bench.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const files[] = {"", "-wal", "-shm", "-journal"};

struct adapter_options bench_options(struct bench *bench)
{
	return (struct adapter_options){
		.site = "town",
		.name = "till",
		.database = bench->path,
		.clock = &bench->clock.port,
		.random = &bench->random.port,
		.mqtt = &bench->mqtt.port,
		.provider = &bench->provider.port,
		.settings = bench->settings,
		.say_again = bench->say_again,
	};
}

void bench_open(struct bench *bench)
{
	const struct adapter_options options = bench_options(bench);
	assert_int_equal(adapter_open(&options, &bench->adapter), 0);
	adapter_will(bench->adapter);
	assert_int_equal(adapter_connected(bench->adapter), 0);
	bench->heard = bench->mqtt.n;
}

int bench_setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	assert_non_null(bench);
	fake_clock_init(&bench->clock);
	fake_random_init(&bench->random, 1);
	fake_mqtt_init(&bench->mqtt);
	fake_provider_init(&bench->provider);
	bench->settings = adapter_defaults();
	TEXT_COPY(bench->folder, "/tmp/lendlock-payment-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	snprintf(bench->path, sizeof(bench->path), "%s/ledger.db", bench->folder);
	snprintf(bench->backup, sizeof(bench->backup), "%s/backup.db", bench->folder);
	bench_open(bench);
	bench_run(bench, 10 * MINUTE);
	bench_new_payment(bench);
	*state = bench;
	return 0;
}

int bench_teardown(void **state)
{
	struct bench *bench = *state;
	adapter_close(bench->adapter);
	fake_mqtt_clear(&bench->mqtt);
	record_clear(&reply_record_type, &bench->reply);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s%s", bench->path, files[i]);
		unlink(path);
	}
	unlink(bench->backup);
	rmdir(bench->folder);
	free(bench);
	return 0;
}

void bench_crash(struct bench *bench)
{
	bench->adapter = adapter_close(bench->adapter);
	fake_provider_forget(&bench->provider);
	bench_open(bench);
}

void bench_off(struct bench *bench, usec time)
{
	bench->adapter = adapter_close(bench->adapter);
	fake_provider_forget(&bench->provider);
	bench->clock.boottime = MINUTE;
	bench->clock.wall += time;
	bench->clock.synchronised = false;
	bench_open(bench);
}

static void copy_file(const char *from, const char *to)
{
	char bytes[4096];
	size_t n;
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

void bench_back_up(struct bench *bench)
{
	bench->adapter = adapter_close(bench->adapter); /* which leaves one file behind */
	copy_file(bench->path, bench->backup);
	bench_open(bench);
}

void bench_restore(struct bench *bench)
{
	bench->adapter = adapter_close(bench->adapter);
	fake_provider_forget(&bench->provider);
	copy_file(bench->backup, bench->path);
	bench_open(bench);
}

void bench_pass(struct bench *bench, usec time)
{
	fake_clock_pass(&bench->clock, time);
}

void bench_run(struct bench *bench, usec time)
{
	usec end = bench->clock.boottime + time;
	for (int rounds = 0; bench->clock.boottime <= end; rounds++) {
		assert_int_equal(adapter_tick(bench->adapter), 0);
		usec due = adapter_next_due(bench->adapter);
		if (due > end)
			break;
		if (due > bench->clock.boottime)
			rounds = 0;
		assert_true(rounds < 100); /* it wants to be called, and does nothing */
		if (due > bench->clock.boottime)
			bench_pass(bench, due - bench->clock.boottime);
	}
	bench_pass(bench, end - bench->clock.boottime);
}

/* --- requests --------------------------------------------------------------------------------- */

void bench_new_payment(struct bench *bench)
{
	uuid_make(bench->clock.wall, &bench->random.port, bench->payment);
}

void bench_send(struct bench *bench, const struct mqtt_message *message)
{
	bench->result = adapter_message(bench->adapter, message);
}

void bench_ask_as(struct bench *bench, const char *kiosk, const char *operation, const char *json)
{
	char topic[MQTT_TOPIC_MAX], reply_topic[MQTT_TOPIC_MAX], correlation[80];
	snprintf(topic, sizeof(topic), "lendlock/v1/town/payment/till/request/%s/%s", kiosk,
		operation);
	snprintf(reply_topic, sizeof(reply_topic), "lendlock/v1/town/payment/till/reply/%s", kiosk);
	snprintf(correlation, sizeof(correlation), "%s:%s", bench->payment, operation);
	const struct mqtt_message message = {
		.topic = topic,
		.payload = json,
		.size = strlen(json),
		.qos = 1,
		.response_topic = reply_topic,
		.correlation = correlation,
		.correlation_size = strlen(correlation),
	};
	bench_send(bench, &message);
	assert_int_equal(bench->result, 0);
}

void bench_ask_authorize(struct bench *bench, const char *kiosk, const char *rental, usec expires)
{
	char json[512], expires_at[TIME_SIZE];
	time_format(expires, expires_at);
	snprintf(json, sizeof(json),
		"{\"payment\":\"%s\",\"rental\":\"%s\","
		"\"amount\":900,\"currency\":\"EUR\",\"method\":\"tok\",\"expires_at\":\"%s\"}",
		bench->payment, rental, expires_at);
	bench_ask_as(bench, kiosk, "authorize", json);
}

void bench_ask(struct bench *bench, const char *operation)
{
	char json[512];
	if (strcmp(operation, "authorize") == 0) {
		bench_ask_authorize(bench, "desk-1", bench->payment, bench->clock.wall + MINUTE);
		return;
	}
	snprintf(json, sizeof(json),
		"{\"payment\":\"%s\",\"rental\":\"%s\",\"amount\":900,\"currency\":\"EUR\"}",
		bench->payment, bench->payment);
	bench_ask_as(bench, "desk-1", operation, json);
}

/* --- what comes back ------------------------------------------------------------------------- */

static const struct fake_publication *next_publication(struct bench *bench)
{
	for (; bench->heard < bench->mqtt.n; bench->heard++)
		if (strcmp(bench->mqtt.publications[bench->heard].topic, BENCH_STATUS) != 0)
			return &bench->mqtt.publications[bench->heard++];
	return NULL;
}

/* Reads a reply into bench->reply. */
static void read_reply(
	struct bench *bench, const char *kiosk, const struct fake_publication *publication)
{
	char topic[MQTT_TOPIC_MAX], why[RECORD_WHY_SIZE] = "";
	snprintf(topic, sizeof(topic), "lendlock/v1/town/payment/till/reply/%s", kiosk);
	assert_string_equal(publication->topic, topic);
	assert_int_equal(publication->qos, 1);
	assert_false(publication->retain);
	json_t *json = json_loadb(publication->payload, publication->size, 0, NULL);
	record_clear(&reply_record_type, &bench->reply);
	if (record_decode(&reply_record_type, json, &bench->reply, why) != 0)
		fail_msg("%s: %s", why, publication->payload);
	json_decref(json);
	assert_string_equal(bench->reply.id, publication->correlation);
	if (bench->reply.payment)
		assert_string_equal(bench->reply.payment->ledger, "till");
}

void bench_expect_to(
	struct bench *bench, const char *kiosk, const char *code, const char *payment_state)
{
	const struct fake_publication *publication = next_publication(bench);
	if (!publication)
		fail_msg("no reply; wanted %s", code);
	read_reply(bench, kiosk, publication);
	const struct payment_record *payment = bench->reply.payment;
	bool same_code = strcmp(reply_code_names[bench->reply.code], code) == 0;
	bool same_state = !payment_state ||
			  (payment_state[0] ? payment && strcmp(payment_state_names[payment->state],
								 payment_state) == 0
					    : !payment);
	if (!same_code || !same_state)
		fail_msg("wanted %s %s: %s", code, payment_state ? payment_state : "",
			publication->payload);
}

void bench_expect_replies(struct bench *bench)
{
	for (const struct fake_publication *next; (next = next_publication(bench));)
		read_reply(bench, "desk-1", next);
}

void bench_expect(struct bench *bench, const char *code, const char *payment_state)
{
	bench_expect_to(bench, "desk-1", code, payment_state);
}

void bench_expect_silence(struct bench *bench)
{
	const struct fake_publication *publication = next_publication(bench);
	if (publication)
		fail_msg("%s: %s", publication->topic, publication->payload);
}

void bench_expect_call(struct bench *bench, enum provider_call call)
{
	assert_int_equal(bench->provider.n, 1);
	const struct provider_order *order = &bench->provider.begun[0];
	assert_int_equal(order->call, call);
	assert_string_equal(order->payment, bench->payment);
	assert_int_equal(order->amount, 900);
	assert_string_equal(order->currency, "EUR");
	assert_string_equal(order->method, call == PROVIDER_AUTHORIZE ? "tok" : "");
}

void bench_expect_no_call(struct bench *bench)
{
	assert_int_equal(bench->provider.n, 0);
}

static void give_verdict(struct bench *bench, enum provider_outcome outcome,
	enum provider_state state, const char *reason)
{
	assert_true(bench->provider.n > 0);
	fake_provider_answer(&bench->provider, outcome, state, reason, 300 * MSEC);
	bench_pass(bench, 300 * MSEC);
	assert_int_equal(adapter_tick(bench->adapter), 0);
}

void bench_verdict(struct bench *bench, enum provider_outcome outcome)
{
	static const char *const reasons[] = {"", "insufficient-funds", "not found", "timeout"};
	give_verdict(bench, outcome, PROVIDER_NOTHING, reasons[outcome]);
}

void bench_verdict_state(struct bench *bench, enum provider_state state)
{
	assert_int_equal(bench->provider.begun[0].call, PROVIDER_QUERY);
	give_verdict(bench, PROVIDER_OK, state, "");
}

void bench_done(struct bench *bench, enum provider_call call)
{
	bench_expect_call(bench, call);
	bench_verdict(bench, PROVIDER_OK);
}

void bench_await_call(struct bench *bench, enum provider_call call, usec at_most)
{
	usec end = bench->clock.boottime + at_most;
	while (bench->provider.n == 0) {
		assert_int_equal(adapter_tick(bench->adapter), 0);
		if (bench->provider.n > 0)
			break;
		usec due = adapter_next_due(bench->adapter);
		assert_true(due > bench->clock.boottime && due <= end);
		bench_pass(bench, due - bench->clock.boottime);
	}
	bench_expect_call(bench, call);
}

void bench_status(struct bench *bench, struct payment_status_record *ret_status)
{
	const struct fake_publication *last = fake_mqtt_last(&bench->mqtt, BENCH_STATUS);
	char why[RECORD_WHY_SIZE];
	assert_non_null(last);
	assert_true(last->retain);
	json_t *json = json_loadb(last->payload, last->size, 0, NULL);
	assert_int_equal(record_decode(&payment_status_record_type, json, ret_status, why), 0);
	json_decref(json);
}

void bench_expect_state(struct bench *bench, const char *payment_state)
{
	bench_ask(bench, "query");
	bench_expect(bench, "ok", payment_state);
}

void bench_authorize(struct bench *bench)
{
	bench_ask(bench, "authorize");
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
}

void bench_capture(struct bench *bench)
{
	bench_authorize(bench);
	bench_ask(bench, "capture");
	bench_done(bench, PROVIDER_CAPTURE);
	bench_expect(bench, "ok", "captured");
}
