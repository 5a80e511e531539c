/* What comes by the network: malformed, foreign, retained; reconcile; status and lease. */
#include "tests/payment-adapter/bench.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TOPIC(rest)     "lendlock/v1/town/payment/till/" rest
#define REPLY_TOPIC     TOPIC("reply/desk-1")
#define AUTHORIZE_TOPIC TOPIC("request/desk-1/authorize")

/* --- requests -------------------------------------------------------------------------------- */

static struct mqtt_message a_query(const struct bench *bench, char json[static 128])
{
	snprintf(json, 128, "{\"payment\":\"%s\"}", bench->payment);
	return (struct mqtt_message){
		.topic = TOPIC("request/desk-1/query"),
		.payload = json,
		.size = strlen(json),
		.qos = 1,
		.response_topic = REPLY_TOPIC,
		.correlation = "a",
		.correlation_size = 1,
	};
}

static void test_a_retained_request_is_dropped(void **state)
{
	struct bench *bench = *state;
	char json[128];
	struct mqtt_message message = a_query(bench, json);
	message.retain = true;
	bench_send(bench, &message);
	bench_expect_silence(bench);
}

static void test_other_topics_are_not_for_us(void **state)
{
	struct bench *bench = *state;
	char json[128];
	static const char *const topics[] = {
		"lendlock/v1/town/payment/other/request/desk-1/query",
		"lendlock/v1/village/payment/till/request/desk-1/query",
		"lendlock/v1/town/payment/till/reply/desk-1",
		"lendlock/v1/town/kiosk/till/request/desk-1/query",
		"lendlock/v2/town/payment/till/request/desk-1/query",
		"else",
	};
	struct mqtt_message message = a_query(bench, json);
	for (size_t i = 0; i < sizeof(topics) / sizeof(*topics); i++) {
		message.topic = topics[i];
		bench_send(bench, &message);
		assert_int_equal(bench->result, 0);
	}
	bench_expect_silence(bench);
}

static void test_the_reply_goes_to_the_asker_only(void **state)
{
	struct bench *bench = *state;
	char json[128];
	struct mqtt_message message = a_query(bench, json);
	message.response_topic = TOPIC("reply/desk-2");
	bench_send(bench, &message);
	bench_expect(bench, "response-topic", "");
	message.response_topic = NULL;
	bench_send(bench, &message);
	bench_expect(bench, "not-found", "");
}

static void test_an_id_is_wanted(void **state)
{
	struct bench *bench = *state;
	char json[128];
	struct mqtt_message message = a_query(bench, json);
	message.correlation = NULL;
	message.correlation_size = 0;
	bench_send(bench, &message);
	bench_expect(bench, "correlation", "");
}

static void test_malformed(void **state)
{
	struct bench *bench = *state;
	bench_ask_as(bench, "desk-1", "authorize", "{");
	bench_expect(bench, "malformed", "");
	bench_ask_as(bench, "desk-1", "query", "{}");
	bench_expect(bench, "malformed", "");
	bench_ask_as(bench, "desk-1", "capture",
		"{\"payment\":\"0198a000-0000-7000-8000-000000000001\",\"rental\":\"" BENCH_RENTAL
		"\","
		"\"amount\":0,\"currency\":\"EUR\"}");
	bench_expect(bench, "malformed", "");
	bench_ask_as(bench, "desk-1", "query",
		"{\"payment\":\"0198a000-0000-7000-8000-000000000001\",\"extra\":1}");
	bench_expect(bench, "malformed", "");
	bench_ask_as(bench, "desk-1", "steal", "{}");
	bench_expect(bench, "unknown-operation", "");
}

static void test_too_far_ahead(void **state)
{
	struct bench *bench = *state;
	bench_ask_authorize(bench, "desk-1", bench->payment, bench->clock.wall + HOUR);
	bench_expect(bench, "too-far", "");
	bench_expect_no_call(bench);
	bench_ask(bench, "query");
	bench_expect(bench, "not-found", "");
}

/* Any bytes at all: it lives, and what it says is a reply. */
static off_t bytes_written(const struct bench *bench)
{
	char path[128];
	struct stat info;
	snprintf(path, sizeof(path), "%s-wal", bench->path);
	assert_int_equal(stat(path, &info), 0);
	return info.st_size;
}

/* Each flush takes a disk some ms: a flood of questions would keep all the others waiting. */
static void test_questions_cost_no_write(void **state)
{
	struct bench *bench = *state;
	bench_ask(bench, "authorize");
	bench_done(bench, PROVIDER_AUTHORIZE);
	bench_expect(bench, "ok", "authorized");
	off_t before = bytes_written(bench);
	for (int i = 0; i < 20; i++) {
		bench_pass(bench, 100 * MSEC);
		bench_expect_state(bench, "authorized");
	}
	assert_int_equal(bytes_written(bench), before);
}

static void test_any_bytes(void **state)
{
	struct bench *bench = *state;
	static const char *const operations[] = {
		"authorize", "capture", "void", "refund", "query", "reconcile", "x"};
	char seed[512], expires[TIME_SIZE];
	time_format(bench->clock.wall + 30 * SECOND, expires);
	int n = snprintf(seed, sizeof(seed),
		"{\"payment\":\"%s\",\"rental\":\"%s\","
		"\"amount\":900,\"currency\":\"EUR\",\"method\":\"tok\",\"expires_at\":\"%s\","
		"\"epoch\":\"%s\",\"claims\":[{\"payment\":\"%s\"}]}",
		bench->payment, bench->payment, expires, bench->payment, bench->payment);
	for (int i = 0; i < 4000; i++) {
		char bytes[512], topic[MQTT_TOPIC_MAX], id[80];
		memcpy(bytes, seed, (size_t)n);
		size_t size = (size_t)n;
		uint64_t changes = random_below(&bench->random.port, 6);
		if (changes == 5)
			size = random_below(&bench->random.port, (uint64_t)n);
		for (uint64_t c = 0; c < changes; c++)
			bytes[random_below(&bench->random.port, (uint64_t)n)] =
				(char)fake_random_next(&bench->random);
		bench->random.port.fill(&bench->random.port, id, sizeof(id));
		snprintf(topic, sizeof(topic), TOPIC("request/desk-1/%s"),
			operations[random_below(&bench->random.port, 7)]);
		const struct mqtt_message message = {
			.topic = topic,
			.payload = bytes,
			.size = size,
			.correlation = i % 3 ? "abc" : id,
			.correlation_size = i % 3 ? 3 : random_below(&bench->random.port, 65),
		};
		bench_send(bench, &message);
		assert_int_equal(bench->result, 0);
		while (bench->provider.n > 0)
			bench_verdict(bench, (enum provider_outcome)(i % 4));
		bench_expect_replies(bench);
	}
}

/* --- reconcile ------------------------------------------------------------------------------- */

#define EPOCH      "0198a000-0000-7000-8000-0000000e0001"
#define NEXT_EPOCH "0198a000-0000-7000-8000-0000000e0002"

static void authorize(struct bench *bench, char ret_payment[static UUID_SIZE])
{
	bench_new_payment(bench);
	bench_authorize(bench);
	memcpy(ret_payment, bench->payment, UUID_SIZE);
}

static void reconcile(struct bench *bench, const char *epoch, const char *claim)
{
	char json[512];
	if (claim)
		snprintf(json, sizeof(json), "{\"epoch\":\"%s\",\"claims\":[{\"payment\":\"%s\"}]}",
			epoch, claim);
	else
		snprintf(json, sizeof(json), "{\"epoch\":\"%s\",\"claims\":[]}", epoch);
	bench_ask_as(bench, "desk-1", "reconcile", json);
}

static void test_what_nobody_claims_is_given_back(void **state)
{
	struct bench *bench = *state;
	char claimed[UUID_SIZE], unclaimed[UUID_SIZE], captured[UUID_SIZE], sent[UUID_SIZE];
	authorize(bench, claimed);
	authorize(bench, captured);
	bench_ask(bench, "capture");
	bench_done(bench, PROVIDER_CAPTURE);
	bench_expect(bench, "ok", "captured");
	bench_new_payment(bench);
	bench_ask(bench, "authorize");
	TEXT_COPY(sent, bench->payment);
	bench_verdict(bench, PROVIDER_UNKNOWN);
	authorize(bench, unclaimed);

	reconcile(bench, EPOCH, claimed);
	bench_expect(bench, "wrong-state", "void-owed"); /* the authorize that waited */
	bench_expect(bench, "ok", "");
	assert_int_equal(bench->reply.payments.n, 2);
	const struct payment_record *payments = bench->reply.payments.items;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(payments[i].state, PAYMENT_VOID_OWED);
		assert_string_equal(payments[i].reason, "unclaimed");
		assert_true(strcmp(payments[i].payment, unclaimed) == 0 ||
			    strcmp(payments[i].payment, sent) == 0);
	}
	while (bench->provider.n > 0) {
		assert_int_equal(bench->provider.begun[0].call, PROVIDER_VOID);
		bench_verdict(bench, PROVIDER_OK);
	}
	TEXT_COPY(bench->payment, claimed);
	bench_expect_state(bench, "authorized");
	TEXT_COPY(bench->payment, captured);
	bench_expect_state(bench, "captured");
	TEXT_COPY(bench->payment, unclaimed);
	bench_expect_state(bench, "voided");
	TEXT_COPY(bench->payment, sent);
	bench_expect_state(bench, "voided");
}

/* The ledger was put back to before a thing was delivered and paid for; its bank, which has got a
 * new board since, claims nothing of what is over. */
static void test_what_was_delivered_is_not_given_back(void **state)
{
	struct bench *bench = *state;
	char payment[UUID_SIZE];
	authorize(bench, payment);
	bench_back_up(bench);
	bench_ask(bench, "capture");
	bench_done(bench, PROVIDER_CAPTURE);
	bench_expect(bench, "ok", "captured");
	bench_restore(bench);

	reconcile(bench, EPOCH, NULL);
	bench_expect(bench, "ok", "");
	bench_expect_call(bench, PROVIDER_VOID);
	bench_verdict(bench, PROVIDER_UNKNOWN);
	bench_await_call(bench, PROVIDER_QUERY, MINUTE);
	bench_verdict_state(bench, PROVIDER_CAPTURED);
	bench_run(bench, HOUR);
	assert_int_equal(bench->provider.n, 0);
	bench_expect_state(bench, "captured");
	reconcile(bench, EPOCH, NULL);
	bench_expect(bench, "ok", "");
	assert_int_equal(bench->reply.payments.n, 0);
}

/* A late repeat does not touch what the new epoch has begun since. */
static void test_an_epoch_is_reconciled_once(void **state)
{
	struct bench *bench = *state;
	char before[UUID_SIZE], after[UUID_SIZE];
	authorize(bench, before);
	reconcile(bench, EPOCH, NULL);
	bench_expect(bench, "ok", "");
	assert_int_equal(bench->reply.payments.n, 1);
	bench_verdict(bench, PROVIDER_OK);
	authorize(bench, after);
	bench_crash(bench);
	reconcile(bench, EPOCH, NULL);
	bench_expect(bench, "ok", "");
	assert_int_equal(bench->reply.payments.n, 1);
	const struct payment_record *payments = bench->reply.payments.items;
	assert_string_equal(payments[0].payment, before);
	assert_int_equal(payments[0].state, PAYMENT_VOIDED);
	bench_expect_no_call(bench);
	reconcile(bench, NEXT_EPOCH, NULL);
	bench_expect(bench, "ok", "");
	assert_int_equal(bench->reply.payments.n, 1);
	payments = bench->reply.payments.items;
	assert_string_equal(payments[0].payment, after);
}

static void test_other_kiosks_payments_are_not_touched(void **state)
{
	struct bench *bench = *state;
	char payment[UUID_SIZE];
	authorize(bench, payment);
	bench_ask_as(bench, "desk-2", "reconcile", "{\"epoch\":\"" EPOCH "\",\"claims\":[]}");
	bench_expect_to(bench, "desk-2", "ok", "");
	assert_int_equal(bench->reply.payments.n, 0);
	bench_expect_state(bench, "authorized");
}

/* However often a kiosk begins anew, its epochs do not fill the ledger. */
static void test_epochs_are_bounded(void **state)
{
	struct bench *bench = *state;
	char epoch[UUID_SIZE];
	for (int i = 0; i < 64; i++) {
		snprintf(epoch, sizeof(epoch), "0198a000-0000-7000-8000-%012d", i);
		reconcile(bench, epoch, NULL);
		bench_expect(bench, "ok", "");
	}
	reconcile(bench, NEXT_EPOCH, NULL);
	bench_expect(bench, "busy", "");
	assert_true(bench->reply.retry_after > 0);
	reconcile(bench, epoch, NULL);
	bench_expect(bench, "ok", "");
}

/* Nor do payments that it names and that were never begun here. */
static void test_strange_payments_are_bounded(void **state)
{
	struct bench *bench = *state;
	char known[UUID_SIZE];
	authorize(bench, known);
	for (int i = 0; i < CLAIMS_MAX; i++) {
		bench_new_payment(bench);
		bench_ask(bench, "void");
		bench_expect(bench, "ok", "voided");
	}
	bench_new_payment(bench);
	bench_ask(bench, "void");
	bench_expect(bench, "busy", "");
	assert_true(bench->reply.retry_after > 0);
	TEXT_COPY(bench->payment, "0190a000-0000-7000-8000-0000000000aa"); /* may be lost */
	bench_ask(bench, "capture");
	bench_expect(bench, "busy", "");
	bench_expect_no_call(bench);
	TEXT_COPY(bench->payment, known);
	bench_ask(bench, "capture");
	bench_done(bench, PROVIDER_CAPTURE);
	bench_expect(bench, "ok", "captured");
	bench_pass(bench, DAY);
	bench_new_payment(bench);
	bench_ask(bench, "void");
	bench_expect(bench, "ok", "voided");
}

/* --- status ---------------------------------------------------------------------------------- */

static void send_status(
	struct bench *bench, const struct payment_status_record *status, bool retain)
{
	json_t *json = record_encode(&payment_status_record_type, status);
	size_t size;
	char *text = json_write(json, &size);
	const struct mqtt_message message = {
		.topic = BENCH_STATUS, .payload = text, .size = size, .qos = 1, .retain = retain};
	bench_send(bench, &message);
	free(text);
	json_decref(json);
}

static struct payment_status_record foreign(struct bench *bench, usec born)
{
	struct payment_status_record status = {.state = LINK_ONLINE, .payments = PAYMENTS_OPEN};
	uuid_make(born, &bench->random.port, status.session);
	uuid_make(born, &bench->random.port, status.lease);
	return status;
}

static void test_birth_and_will(void **state)
{
	struct bench *bench = *state;
	struct payment_status_record birth, lost;
	char why[RECORD_WHY_SIZE];
	const struct mqtt_message *will = adapter_will(bench->adapter);
	assert_string_equal(will->topic, BENCH_STATUS);
	assert_true(will->retain);
	json_t *json = json_loadb(will->payload, will->size, 0, NULL);
	assert_int_equal(record_decode(&payment_status_record_type, json, &lost, why), 0);
	json_decref(json);
	adapter_connected(bench->adapter);
	bench_status(bench, &birth);
	assert_int_equal(birth.state, LINK_ONLINE);
	assert_int_equal(lost.state, LINK_LOST);
	assert_string_equal(birth.session, lost.session);
	assert_string_equal(birth.lease, lost.lease);
	const char *const *filters = adapter_filters(bench->adapter);
	assert_string_equal(filters[0], TOPIC("request/+/+"));
	assert_string_equal(filters[1], BENCH_STATUS);
	assert_null(filters[2]);
}

static void test_a_later_adapter_takes_over(void **state)
{
	struct bench *bench = *state;
	struct payment_status_record other = foreign(bench, bench->clock.wall + SECOND);
	struct payment_status_record earlier = foreign(bench, bench->clock.wall - DAY);
	send_status(bench, &earlier, true);
	assert_int_equal(bench->result, 0);
	send_status(bench, &other, false);
	assert_int_equal(bench->result, -ESTALE);
}

/* Connecting again, it finds that another one has begun meanwhile. */
static void test_it_was_taken_over_while_away(void **state)
{
	struct bench *bench = *state;
	struct payment_status_record own, other = foreign(bench, bench->clock.wall + SECOND);
	bench_status(bench, &own);
	send_status(bench, &own, false); /* its own birth, seen */
	adapter_disconnected(bench->adapter);
	adapter_will(bench->adapter);
	adapter_connected(bench->adapter);
	other.state = LINK_LOST; /* this one has just pushed it out */
	send_status(bench, &other, true);
	assert_int_equal(bench->result, -ESTALE);
}

static void test_an_earlier_adapter_is_told(void **state)
{
	struct bench *bench = *state;
	struct payment_status_record own, other = foreign(bench, bench->clock.wall - DAY);
	size_t before = fake_mqtt_count(&bench->mqtt, BENCH_STATUS);
	send_status(bench, &other, false);
	assert_int_equal(bench->result, 0);
	assert_int_equal(fake_mqtt_count(&bench->mqtt, BENCH_STATUS), before + 1);
	bench_status(bench, &own);
	assert_true(strcmp(own.lease, other.lease) > 0);
}

/* What an earlier run left behind at the broker does not hinder, whatever its clock said. */
static void test_what_was_left_behind_is_no_take_over(void **state)
{
	struct bench *bench = *state;
	struct payment_status_record own, next,
		other = foreign(bench, bench->clock.wall + 100 * DAY);
	send_status(bench, &other, true);
	assert_int_equal(bench->result, 0);
	bench_status(bench, &own);
	assert_true(strcmp(own.lease, other.lease) > 0);
	send_status(bench, &other, false); /* but it lives, and is told */
	assert_int_equal(bench->result, 0);
	bench_crash(bench); /* the broker may say late what this run has said */
	bench_status(bench, &next);
	assert_true(strcmp(next.lease, own.lease) > 0);
}

/* Nor does what the broker says late of it: the clock was put right before the last start. */
static void test_an_earlier_run_whose_clock_was_ahead(void **state)
{
	struct bench *bench = *state;
	struct payment_status_record first, earlier, own;
	bench_status(bench, &first);
	bench->clock.wall += HOUR;
	bench_crash(bench);
	bench_status(bench, &earlier);
	bench->clock.wall -= HOUR;
	bench_crash(bench);
	send_status(bench, &first, true);
	send_status(bench, &earlier, true);
	assert_int_equal(bench->result, 0);
	bench_status(bench, &own);
	assert_true(strcmp(own.lease, earlier.lease) > 0);
}

static void test_an_old_will_does_not_stand(void **state)
{
	struct bench *bench = *state;
	struct payment_status_record will, own;
	bench_status(bench, &will);
	will.state = LINK_LOST;
	adapter_disconnected(bench->adapter);
	adapter_will(bench->adapter);
	adapter_connected(bench->adapter);
	size_t before = fake_mqtt_count(&bench->mqtt, BENCH_STATUS);
	send_status(bench, &will, false);
	assert_int_equal(fake_mqtt_count(&bench->mqtt, BENCH_STATUS), before + 1);
	bench_status(bench, &own);
	assert_int_equal(own.state, LINK_ONLINE);
}

static void test_bytes_that_are_no_status(void **state)
{
	struct bench *bench = *state;
	static const char *const payloads[] = {
		"", "{", "{}", "[]", "null", "{\"state\":\"online\"}"};
	for (size_t i = 0; i < sizeof(payloads) / sizeof(*payloads); i++) {
		const struct mqtt_message message = {.topic = BENCH_STATUS,
			.payload = payloads[i],
			.size = strlen(payloads[i]),
			.retain = i % 2};
		bench_send(bench, &message);
		assert_int_equal(bench->result, 0);
	}
}

static void test_taken_over_at_the_broker(void **state)
{
	struct bench *bench = *state;
	assert_int_equal(adapter_taken_over(bench->adapter), -ESTALE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_retained_request_is_dropped),
		TEST(test_other_topics_are_not_for_us),
		TEST(test_the_reply_goes_to_the_asker_only),
		TEST(test_an_id_is_wanted),
		TEST(test_malformed),
		TEST(test_too_far_ahead),
		TEST(test_questions_cost_no_write),
		TEST(test_any_bytes),
		TEST(test_what_nobody_claims_is_given_back),
		TEST(test_what_was_delivered_is_not_given_back),
		TEST(test_an_epoch_is_reconciled_once),
		TEST(test_epochs_are_bounded),
		TEST(test_strange_payments_are_bounded),
		TEST(test_other_kiosks_payments_are_not_touched),
		TEST(test_birth_and_will),
		TEST(test_a_later_adapter_takes_over),
		TEST(test_it_was_taken_over_while_away),
		TEST(test_an_earlier_adapter_is_told),
		TEST(test_what_was_left_behind_is_no_take_over),
		TEST(test_an_earlier_run_whose_clock_was_ahead),
		TEST(test_an_old_will_does_not_stand),
		TEST(test_bytes_that_are_no_status),
		TEST(test_taken_over_at_the_broker),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
