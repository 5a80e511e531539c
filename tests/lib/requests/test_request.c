/* request.c: what a message must be to count as a request, and how each other one is refused. */
#include "lib/requests/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOON        (1795348800LL * SECOND) /* 2026-11-22T12:00:00Z */
#define REPLY_TOPIC "lendlock/v1/seoul/kiosk/library/reply/mina"

static const struct field take_fields[] = {ARG_EXPIRES_AT, ARG(item, FIELD_NAME, FIELD_REQUIRED),
	ARG(amount, FIELD_INTEGER, 0, .max = 9), {0}};

static void handle(void *node, struct request *request, struct reply_record *reply)
{
	(void)node;
	(void)request;
	(void)reply;
}

static const struct operation operations[] = {
	{.name = "take",
		.arguments = OPERATION_ARGUMENTS("take", "Takes it.", take_fields),
		.ttl_max = MINUTE,
		.handle = handle},
	{0},
};

static const struct now good = {.elapsed = DAY, .wall = NOON, .sure = true};

struct sent {
	const char *operation, *payload, *correlation, *response_topic;
};

static const struct sent fine = {.operation = "take",
	.payload = "{\"expires_at\":\"2026-11-22T12:00:30Z\",\"item\":\"drill\"}",
	.correlation = "0193-1",
	.response_topic = REPLY_TOPIC};

static enum reply_code read_it(
	const struct sent *sent, struct now now, struct request *request, char *why)
{
	struct topic topic = {
		.kind = TOPIC_KIOSK_REQUEST, .site = "seoul", .node = "library", .user = "mina"};
	TEXT_COPY(topic.operation, sent->operation);
	const struct mqtt_message message = {
		.payload = sent->payload,
		.size = sent->payload ? strlen(sent->payload) : 0,
		.correlation = sent->correlation,
		.correlation_size = sent->correlation ? strlen(sent->correlation) : 0,
		.response_topic = sent->response_topic,
	};
	return request_read(operations, &topic, &message, REPLY_TOPIC, now, request, why);
}

static void is_refused(struct sent sent, struct now now, enum reply_code want, const char *words)
{
	struct request request;
	char why[RECORD_WHY_SIZE];
	assert_string_equal(
		reply_code_names[read_it(&sent, now, &request, why)], reply_code_names[want]);
	if (!strstr(why, words))
		fail_msg("\"%s\" does not say \"%s\"", why, words);
	assert_string_equal(request.user, "mina");
	request_clear(&request);
}

static void a_good_one(void **state)
{
	(void)state;
	struct request request;
	char why[RECORD_WHY_SIZE];
	assert_int_equal(read_it(&fine, good, &request, why), REPLY_NONE);
	assert_string_equal(request.user, "mina");
	assert_string_equal(request.id, "0193-1");
	assert_ptr_equal(request.operation, &operations[0]);
	assert_string_equal(request.args.item, "drill");
	assert_int_equal(request.args.expires_at, NOON + 30 * SECOND);
	assert_int_equal(request.entrance, ENTRANCE_MQTT);
	assert_int_equal(strlen(request.hash), REQUEST_HASH_SIZE - 1);
	assert_true(request_has(&request, "item"));
	assert_false(request_has(&request, "amount"));
	request_clear(&request);

	/* Where the reply goes is known without being told. */
	struct sent sent = fine;
	sent.response_topic = NULL;
	assert_int_equal(read_it(&sent, good, &request, why), REPLY_NONE);
	request_clear(&request);
}

static void the_hash_is_that_of_the_bytes(void **state)
{
	(void)state;
	struct request first, second;
	char why[RECORD_WHY_SIZE];
	struct sent sent = fine;
	assert_int_equal(read_it(&sent, good, &first, why), REPLY_NONE);
	assert_int_equal(read_it(&sent, good, &second, why), REPLY_NONE);
	assert_string_equal(first.hash, second.hash);
	request_clear(&second);
	sent.payload = "{\"expires_at\":\"2026-11-22T12:00:30Z\",\"item\":\"tent\"}";
	assert_int_equal(read_it(&sent, good, &second, why), REPLY_NONE);
	assert_string_not_equal(first.hash, second.hash);
	request_clear(&second);
	request_clear(&first);
}

static void correlation(void **state)
{
	(void)state;
	struct sent sent = fine;
	sent.correlation = NULL;
	is_refused(sent, good, REPLY_CORRELATION, "Correlation Data");
	sent.correlation = "";
	is_refused(sent, good, REPLY_CORRELATION, "Correlation Data");
	sent.correlation = "with space";
	is_refused(sent, good, REPLY_CORRELATION, "Correlation Data");
	sent.correlation = "\xc3\xa9";
	is_refused(sent, good, REPLY_CORRELATION, "Correlation Data");
	char longest[66];
	memset(longest, 'x', 65);
	longest[65] = '\0';
	sent.correlation = longest;
	is_refused(sent, good, REPLY_CORRELATION, "Correlation Data");
	longest[64] = '\0';
	struct request request;
	char why[RECORD_WHY_SIZE];
	assert_int_equal(read_it(&sent, good, &request, why), REPLY_NONE);
	assert_string_equal(request.id, longest);
	request_clear(&request);
}

static void response_topic(void **state)
{
	(void)state;
	struct sent sent = fine;
	sent.response_topic = "lendlock/v1/seoul/kiosk/library/reply/boss";
	is_refused(sent, good, REPLY_RESPONSE_TOPIC, REPLY_TOPIC);
	sent.response_topic = "lendlock/v1/seoul/kiosk/library/desired";
	is_refused(sent, good, REPLY_RESPONSE_TOPIC, REPLY_TOPIC);
	sent.response_topic = "";
	is_refused(sent, good, REPLY_RESPONSE_TOPIC, REPLY_TOPIC);
}

static void payloads(void **state)
{
	(void)state;
	struct sent sent = fine;
	sent.operation = "steal";
	is_refused(sent, good, REPLY_UNKNOWN_OPERATION, "steal");
	sent = fine;
	sent.payload = NULL;
	is_refused(sent, good, REPLY_MALFORMED, "not JSON");
	sent.payload = "";
	is_refused(sent, good, REPLY_MALFORMED, "not JSON");
	sent.payload = "{\"item\":\"drill\"}";
	is_refused(sent, good, REPLY_MALFORMED, "expires_at: is missing");
	sent.payload = "{\"expires_at\":\"2026-11-22T12:00:30Z\"}";
	is_refused(sent, good, REPLY_MALFORMED, "item: is missing");
	sent.payload = "{\"expires_at\":\"2026-11-22T12:00:30Z\",\"item\":\"drill\",\"amount\":10}";
	is_refused(sent, good, REPLY_MALFORMED, "amount: want 0 to 9");
	sent.payload =
		"{\"expires_at\":\"2026-11-22T12:00:30Z\",\"item\":\"drill\",\"kiosk\":\"x\"}";
	is_refused(sent, good, REPLY_MALFORMED, "kiosk: is no field of this");
	sent.payload = "{\"expires_at\":\"soon\",\"item\":\"drill\"}";
	is_refused(sent, good, REPLY_MALFORMED, "expires_at: want a time");

	char *large = malloc(REQUEST_BYTES + 2);
	memset(large, ' ', REQUEST_BYTES + 1);
	large[REQUEST_BYTES + 1] = '\0';
	memcpy(large, fine.payload, strlen(fine.payload));
	sent.payload = large;
	is_refused(sent, good, REPLY_MALFORMED, "at most 65536");
	large[REQUEST_BYTES] = '\0';
	struct request request;
	char why[RECORD_WHY_SIZE];
	assert_int_equal(read_it(&sent, good, &request, why), REPLY_NONE);
	request_clear(&request);
	free(large);
}

static void expiry(void **state)
{
	(void)state;
	struct now now = good;
	now.wall = NOON + 30 * SECOND;
	is_refused(fine, now, REPLY_EXPIRED, "expired 0 ms ago");
	now.wall = NOON + 32 * SECOND;
	is_refused(fine, now, REPLY_EXPIRED, "expired 2000 ms ago");
	now.wall = NOON - 30 * SECOND - 1;
	is_refused(fine, now, REPLY_TOO_FAR, "at most 60 s ahead");
	struct request request;
	char why[RECORD_WHY_SIZE];
	now.wall = NOON - 30 * SECOND;
	assert_int_equal(read_it(&fine, now, &request, why), REPLY_NONE);
	request_clear(&request);
	now.sure = false;
	is_refused(fine, now, REPLY_CLOCK, "not sure");
}

static void touch(void **state)
{
	(void)state;
	struct request request;
	char why[RECORD_WHY_SIZE];
	struct now unsure = good;
	unsure.sure = false;
	json_t *args =
		json_pack("{s:s, s:s}", "expires_at", "1999-01-01T00:00:00Z", "item", "drill");
	/* Whoever stands there waits: neither clock nor expiry is in the way. */
	assert_int_equal(
		request_read_touch(operations, "mina", "take", "id-1", args, unsure, &request, why),
		REPLY_NONE);
	assert_int_equal(request.entrance, ENTRANCE_TOUCH);
	assert_string_equal(request.args.item, "drill");
	request_clear(&request);
	assert_int_equal(request_read_touch(
				 operations, "mina", "steal", "id-1", args, unsure, &request, why),
		REPLY_UNKNOWN_OPERATION);
	request_clear(&request);
	json_object_set_new(args, "item", json_string("Drill"));
	assert_int_equal(
		request_read_touch(operations, "mina", "take", "id-1", args, unsure, &request, why),
		REPLY_MALFORMED);
	request_clear(&request);
	json_decref(args);
}

static void replies_hold_the_latest(void **state)
{
	(void)state;
	struct reply_record reply = {0};
	struct rental_record rental = {.rental = "00000000-0000-7000-8000-000000000001"};
	reply_rental(&reply, &rental);
	TEXT_COPY(rental.rental, "00000000-0000-7000-8000-000000000002");
	reply_rental(&reply, &rental);
	assert_string_equal(reply.rental->rental, rental.rental);
	reply_payment(&reply, &(struct payment_record){.amount = 7});
	reply_item(&reply, &(struct item_record){.compartment = 3});
	assert_int_equal(reply.payment->amount, 7);
	assert_int_equal(reply.item->compartment, 3);
	char words[400];
	memset(words, 'x', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	reply_set(&reply, REPLY_BUSY, "%s", words);
	assert_int_equal(reply.code, REPLY_BUSY);
	assert_int_equal(strlen(reply.message), RECORD_WHY_SIZE - 1);
	record_clear(&reply_record_type, &reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_one),
		cmocka_unit_test(the_hash_is_that_of_the_bytes),
		cmocka_unit_test(correlation),
		cmocka_unit_test(response_topic),
		cmocka_unit_test(payloads),
		cmocka_unit_test(expiry),
		cmocka_unit_test(touch),
		cmocka_unit_test(replies_hold_the_latest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
