/* desk.c: exactly one reply, done at most once, whatever is repeated and wherever it is cut off. */
#include "lib/requests/desk.h"
#include "tests/support/fake_mqtt.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOON        (1795348800LL * SECOND)
#define REPLY_TOPIC "lendlock/v1/seoul/kiosk/library/reply/mina"
#define RENTAL      "00000000-0000-7000-8000-000000000001"

static const char *const migrations[] = {
	DESK_TABLE "CREATE TABLE taken(item TEXT NOT NULL, user TEXT NOT NULL) STRICT;", NULL};

/* A shop with a desk: what a daemon is to it. */
struct shop {
	char path[64];
	struct database *database;
	struct outgoing *outgoing;
	struct fake_mqtt mqtt;
	struct desk desk;
	struct now now;
	bool decided; /* what `wait` waits for */
	int touched;
	enum reply_code touch_code;
	bool lose_commit; /* the next transaction is rolled back, as by a cut */
};

static const struct field item_fields[] = {
	ARG_EXPIRES_AT, ARG(item, FIELD_NAME, FIELD_REQUIRED), {0}};
static const struct field rental_fields[] = {
	ARG_EXPIRES_AT, ARG(rental, FIELD_UUID, FIELD_REQUIRED), {0}};

static void take(void *node, struct request *request, struct reply_record *reply)
{
	struct shop *shop = node;
	if (strcmp(request->args.item, "nothing") == 0) {
		reply_set(reply, REPLY_NOT_FOUND, "no such thing");
		return;
	}
	database_run(shop->database, "INSERT INTO taken VALUES(?,?)", "tt", request->args.item,
		request->user);
	reply_set(reply, REPLY_OK, "taken: %s", request->args.item);
}

static void wait_for_it(void *node, struct request *request, struct reply_record *reply)
{
	struct shop *shop = node;
	(void)reply;
	database_run(shop->database, "INSERT INTO taken VALUES('waiting',?)", "t", request->user);
	TEXT_COPY(request->subject, request->args.rental);
}

static bool settle(void *node, const char *user, const char *subject, struct reply_record *reply)
{
	struct shop *shop = node;
	assert_string_equal(user, "mina");
	assert_string_equal(subject, RENTAL);
	if (!shop->decided)
		return false;
	reply_set(reply, REPLY_OK, "at last");
	return true;
}

static void look(void *node, struct request *request, struct reply_record *reply)
{
	struct shop *shop = node;
	(void)request;
	reply->code = REPLY_OK;
	reply->count = database_number(shop->database, 0, "SELECT count(*) FROM taken", "");
}

static const struct operation operations[] = {
	{.name = "take",
		.arguments = OPERATION_ARGUMENTS("take", "Takes it.", item_fields),
		.ttl_max = MINUTE,
		.handle = take},
	{.name = "grab",
		.arguments = OPERATION_ARGUMENTS("grab", "The same.", item_fields),
		.ttl_max = MINUTE,
		.handle = take},
	{.name = "wait",
		.arguments = OPERATION_ARGUMENTS("wait", "Takes its time.", rental_fields),
		.ttl_max = MINUTE,
		.handle = wait_for_it,
		.settle = settle},
	{.name = "look",
		.arguments = OPERATION_ARGUMENTS("look", "How many.", item_fields),
		.ttl_max = MINUTE,
		.query = true,
		.handle = look},
	{.name = "sack",
		.arguments = OPERATION_ARGUMENTS("sack", "For the boss.", item_fields),
		.ttl_max = MINUTE,
		.manager = true,
		.handle = take},
	{0},
};

static bool is_manager(void *node, const char *user)
{
	(void)node;
	return strcmp(user, "boss") == 0;
}

static void touch_reply(void *node, const char *id, const struct reply_record *reply)
{
	struct shop *shop = node;
	assert_string_equal(id, reply->id);
	shop->touched++;
	shop->touch_code = (enum reply_code)reply->code;
}

static void begin(void *node)
{
	database_begin(((struct shop *)node)->database);
}

static int end(void *node)
{
	struct shop *shop = node;
	if (shop->lose_commit) {
		database_rollback(shop->database);
		outgoing_drop(shop->outgoing);
		return -EIO;
	}
	int r = database_commit(shop->database);
	outgoing_send(shop->outgoing, &shop->mqtt.port);
	return r;
}

static void open_shop(struct shop *shop)
{
	assert_int_equal(database_open(shop->path, NULL, migrations, &shop->database), 0);
	shop->outgoing = outgoing_new();
	shop->desk = (struct desk){
		.operations = operations,
		.database = shop->database,
		.outgoing = shop->outgoing,
		.node = shop,
		.reply_topic = {.kind = TOPIC_KIOSK_REPLY, .site = "seoul", .node = "library"},
		.is_manager = is_manager,
		.touch_reply = touch_reply,
		.begin = begin,
		.end = end,
	};
	shop->desk.online = true;
}

static void close_shop(struct shop *shop)
{
	shop->outgoing = outgoing_free(shop->outgoing);
	shop->database = database_close(shop->database);
}

static int set_up(void **state)
{
	struct shop *shop = calloc(1, sizeof(*shop));
	strcpy(shop->path, "/tmp/lendlock-desk-XXXXXX");
	int fd = mkstemp(shop->path);
	assert_true(fd >= 0);
	close(fd);
	fake_mqtt_init(&shop->mqtt);
	shop->now = (struct now){.elapsed = DAY, .wall = NOON, .sure = true};
	open_shop(shop);
	*state = shop;
	return 0;
}

static int tear_down(void **state)
{
	struct shop *shop = *state;
	close_shop(shop);
	fake_mqtt_clear(&shop->mqtt);
	char wal[80];
	snprintf(wal, sizeof(wal), "%s-wal", shop->path);
	unlink(wal);
	unlink(shop->path);
	free(shop);
	return 0;
}

struct asking {
	const char *user, *operation, *id;
	const char *field, *value;
	usec expires_in; /* from NOON */
	bool retain;
};

static int ask_as(struct shop *shop, const struct asking *asking)
{
	struct topic topic = {.kind = TOPIC_KIOSK_REQUEST, .site = "seoul", .node = "library"};
	TEXT_COPY(topic.user, asking->user);
	TEXT_COPY(topic.operation, asking->operation);
	char payload[256], expires[TIME_SIZE];
	time_format(NOON + asking->expires_in, expires);
	snprintf(payload, sizeof(payload), "{\"expires_at\":\"%s\",\"%s\":\"%s\"}", expires,
		asking->field, asking->value);
	const struct mqtt_message message = {
		.payload = payload,
		.size = strlen(payload),
		.correlation = asking->id,
		.correlation_size = strlen(asking->id),
		.retain = asking->retain,
	};
	return desk_take(&shop->desk, &topic, &message, shop->now);
}

static int ask(struct shop *shop, const char *operation, const char *id, const char *value)
{
	bool rental = strcmp(operation, "wait") == 0;
	return ask_as(shop, &(struct asking){.user = "mina",
				    .operation = operation,
				    .id = id,
				    .field = rental ? "rental" : "item",
				    .value = value,
				    .expires_in = 30 * SECOND});
}

static int64_t taken(struct shop *shop)
{
	return database_number(shop->database, -1, "SELECT count(*) FROM taken", "");
}

static int64_t rows(struct shop *shop)
{
	return database_number(shop->database, -1, "SELECT count(*) FROM request", "");
}

static size_t replies(struct shop *shop)
{
	return fake_mqtt_count(&shop->mqtt, REPLY_TOPIC);
}

static void last_reply(struct shop *shop, const char *id, enum reply_code code)
{
	const struct fake_publication *publication = fake_mqtt_last(&shop->mqtt, REPLY_TOPIC);
	assert_non_null(publication);
	assert_string_equal(publication->correlation, id);
	assert_int_equal(publication->qos, 1);
	assert_false(publication->retain);
	assert_int_equal(publication->expiry, 60);
	assert_string_equal(publication->content_type, "application/json");
	json_t *json = fake_mqtt_last_json(&shop->mqtt, REPLY_TOPIC);
	assert_string_equal(
		json_string_value(json_object_get(json, "code")), reply_code_names[code]);
	const char *said = json_string_value(json_object_get(json, "id"));
	assert_string_equal(said ? said : "", id);
	json_decref(json);
}

static void done_once_and_answered_each_time(void **state)
{
	struct shop *shop = *state;
	for (size_t i = 1; i <= 3; i++) {
		assert_int_equal(ask(shop, "take", "id-1", "drill"), 0);
		assert_int_equal(taken(shop), 1);
		assert_int_equal(replies(shop), i);
		last_reply(shop, "id-1", REPLY_OK);
	}
	/* Another id is another request. */
	assert_int_equal(ask(shop, "take", "id-2", "drill"), 0);
	assert_int_equal(taken(shop), 2);
	/* Another user's id is his own. */
	assert_int_equal(ask_as(shop, &(struct asking){"boss", "take", "id-1", "item", "drill",
					      30 * SECOND, false}),
		0);
	assert_int_equal(taken(shop), 3);
	assert_int_equal(
		fake_mqtt_count(&shop->mqtt, "lendlock/v1/seoul/kiosk/library/reply/boss"), 1);
}

static void a_refusal_is_kept_like_any_answer(void **state)
{
	struct shop *shop = *state;
	assert_int_equal(ask(shop, "take", "id-1", "nothing"), 0);
	last_reply(shop, "id-1", REPLY_NOT_FOUND);
	assert_int_equal(rows(shop), 1);
	assert_int_equal(ask(shop, "take", "id-1", "nothing"), 0);
	assert_int_equal(replies(shop), 2);
}

static void the_same_id_for_something_else(void **state)
{
	struct shop *shop = *state;
	assert_int_equal(ask(shop, "take", "id-1", "drill"), 0);
	assert_int_equal(ask(shop, "take", "id-1", "tent"), 0);
	last_reply(shop, "id-1", REPLY_CONFLICT);
	/* Also when only the operation is another one: the payload does not name it. */
	assert_int_equal(ask(shop, "grab", "id-1", "drill"), 0);
	last_reply(shop, "id-1", REPLY_CONFLICT);
	assert_int_equal(taken(shop), 1);
	/* The first stays what it was. */
	assert_int_equal(ask(shop, "take", "id-1", "drill"), 0);
	last_reply(shop, "id-1", REPLY_OK);
}

static void a_repeat_that_comes_late(void **state)
{
	struct shop *shop = *state;
	assert_int_equal(ask(shop, "take", "id-1", "drill"), 0);
	shop->now.elapsed += 5 * MINUTE;
	shop->now.wall += 5 * MINUTE;
	assert_int_equal(ask(shop, "take", "id-1", "drill"), 0);
	last_reply(shop, "id-1", REPLY_OK);
	/* A first one that is late is not done. */
	assert_int_equal(ask(shop, "take", "id-2", "drill"), 0);
	last_reply(shop, "id-2", REPLY_EXPIRED);
	assert_int_equal(taken(shop), 1);
	/* `clock` would say that it was not done. */
	shop->now.sure = false;
	assert_int_equal(ask(shop, "take", "id-1", "drill"), 0);
	last_reply(shop, "id-1", REPLY_OK);
	assert_int_equal(ask(shop, "take", "id-3", "drill"), 0);
	last_reply(shop, "id-3", REPLY_CLOCK);
	assert_int_equal(taken(shop), 1);
}

static void what_is_not_even_looked_at(void **state)
{
	struct shop *shop = *state;
	assert_int_equal(ask_as(shop, &(struct asking){"mina", "take", "id-1", "item", "drill",
					      30 * SECOND, true}),
		0);
	assert_int_equal(replies(shop), 0);
	assert_int_equal(taken(shop), 0);
}

static void refusals_leave_no_trace(void **state)
{
	struct shop *shop = *state;
	assert_int_equal(ask(shop, "steal", "id-1", "drill"), 0);
	last_reply(shop, "id-1", REPLY_UNKNOWN_OPERATION);
	assert_int_equal(ask(shop, "sack", "id-2", "drill"), 0);
	last_reply(shop, "id-2", REPLY_FORBIDDEN);
	assert_int_equal(ask(shop, "take", "", "drill"), 0);
	last_reply(shop, "", REPLY_CORRELATION);
	assert_int_equal(ask(shop, "take", "id-3", "Drill"), 0);
	last_reply(shop, "id-3", REPLY_MALFORMED);
	assert_int_equal(rows(shop), 0);
	assert_int_equal(taken(shop), 0);
	/* Repaired under the same id it is done. */
	assert_int_equal(ask(shop, "take", "id-3", "drill"), 0);
	last_reply(shop, "id-3", REPLY_OK);
}

static void a_manager(void **state)
{
	struct shop *shop = *state;
	assert_int_equal(ask_as(shop, &(struct asking){"boss", "sack", "id-1", "item", "drill",
					      30 * SECOND, false}),
		0);
	assert_int_equal(taken(shop), 1);
}

static void a_query_is_asked_anew(void **state)
{
	struct shop *shop = *state;
	for (json_int_t n = 0; n < 3; n++) {
		assert_int_equal(ask(shop, "look", "id-1", "drill"), 0);
		json_t *json = fake_mqtt_last_json(&shop->mqtt, REPLY_TOPIC);
		assert_int_equal(json_integer_value(json_object_get(json, "count")), n);
		json_decref(json);
		char id[16];
		snprintf(id, sizeof(id), "take-%d", (int)n);
		assert_int_equal(ask(shop, "take", id, "drill"), 0);
	}
	assert_int_equal(rows(shop), 3);
}

/* Cut off before the commit it was never done and never answered; the repeat does it. */
static void cut_off_before_the_commit(void **state)
{
	struct shop *shop = *state;
	shop->lose_commit = true;
	assert_int_equal(ask(shop, "take", "id-1", "drill"), -EIO);
	assert_int_equal(replies(shop), 0);
	shop->lose_commit = false;
	close_shop(shop);
	open_shop(shop);
	assert_int_equal(taken(shop), 0);
	assert_int_equal(ask(shop, "take", "id-1", "drill"), 0);
	assert_int_equal(taken(shop), 1);
	last_reply(shop, "id-1", REPLY_OK);
}

/* Cut off after it, the reply is lost; the repeat gets it out of the store. */
static void cut_off_after_the_commit(void **state)
{
	struct shop *shop = *state;
	shop->mqtt.refuse = -ENOTCONN;
	assert_int_equal(ask(shop, "take", "id-1", "drill"), 0);
	shop->mqtt.refuse = 0;
	close_shop(shop);
	open_shop(shop);
	assert_int_equal(replies(shop), 0);
	assert_int_equal(ask(shop, "take", "id-1", "drill"), 0);
	assert_int_equal(taken(shop), 1);
	last_reply(shop, "id-1", REPLY_OK);
}

static void settle_now(struct shop *shop, const char *subject)
{
	begin(shop);
	desk_settle(&shop->desk, subject);
	assert_int_equal(end(shop), 0);
}

static void answered_when_it_is_decided(void **state)
{
	struct shop *shop = *state;
	assert_int_equal(ask(shop, "wait", "id-1", RENTAL), 0);
	assert_int_equal(ask(shop, "wait", "id-1", RENTAL), 0); /* impatience changes nothing */
	assert_int_equal(taken(shop), 1);
	settle_now(shop, RENTAL);
	assert_int_equal(replies(shop), 0);
	shop->decided = true;
	settle_now(shop, "00000000-0000-7000-8000-000000000002"); /* something else's news */
	assert_int_equal(replies(shop), 0);
	settle_now(shop, RENTAL);
	assert_int_equal(replies(shop), 1);
	last_reply(shop, "id-1", REPLY_OK);
	settle_now(shop, RENTAL);
	assert_int_equal(replies(shop), 1); /* once */
	assert_int_equal(ask(shop, "wait", "id-1", RENTAL), 0);
	assert_int_equal(replies(shop), 2);
	last_reply(shop, "id-1", REPLY_OK);
}

static void decided_after_a_crash(void **state)
{
	struct shop *shop = *state;
	assert_int_equal(ask(shop, "wait", "id-1", RENTAL), 0);
	close_shop(shop);
	open_shop(shop);
	shop->decided = true;
	settle_now(shop, RENTAL);
	last_reply(shop, "id-1", REPLY_OK);
}

static void not_decided_in_time(void **state)
{
	struct shop *shop = *state;
	assert_int_equal(ask(shop, "wait", "id-1", RENTAL), 0);
	assert_int_equal(desk_next_due(&shop->desk), DAY + 30 * SECOND);
	shop->now.elapsed = DAY + 30 * SECOND - 1;
	assert_int_equal(desk_tick(&shop->desk, shop->now), 0);
	assert_int_equal(replies(shop), 0);
	shop->now.elapsed++;
	assert_int_equal(desk_tick(&shop->desk, shop->now), 0);
	last_reply(shop, "id-1", REPLY_PENDING);
	/* Decided later, it stays answered. */
	shop->decided = true;
	settle_now(shop, RENTAL);
	assert_int_equal(replies(shop), 1);
}

static void decided_at_the_last_moment(void **state)
{
	struct shop *shop = *state;
	assert_int_equal(ask(shop, "wait", "id-1", RENTAL), 0);
	shop->decided = true; /* and nobody said so */
	shop->now.elapsed += 30 * SECOND;
	assert_int_equal(desk_tick(&shop->desk, shop->now), 0);
	last_reply(shop, "id-1", REPLY_OK);
}

static void old_rows_go(void **state)
{
	struct shop *shop = *state;
	assert_int_equal(desk_next_due(&shop->desk), USEC_NEVER);
	assert_int_equal(ask(shop, "take", "id-1", "drill"), 0);
	assert_int_equal(rows(shop), 1);
	shop->now.elapsed += 30 * SECOND + REQUEST_KEEP - 1;
	assert_int_equal(desk_tick(&shop->desk, shop->now), 0);
	assert_int_equal(rows(shop), 1);
	usec due = desk_next_due(&shop->desk);
	assert_true(due > shop->now.elapsed && due <= shop->now.elapsed + 2 * MINUTE);
	shop->now.elapsed = due;
	assert_int_equal(desk_tick(&shop->desk, shop->now), 0);
	assert_int_equal(rows(shop), 0);
	assert_int_equal(desk_next_due(&shop->desk), USEC_NEVER);
}

static int64_t last_retry_after(struct shop *shop)
{
	json_t *reply = json_loads(
		shop->mqtt.publications[shop->mqtt.n - 1].payload, JSON_REJECT_DUPLICATES, NULL);
	int64_t wait = json_integer_value(json_object_get(reply, "retry_after"));
	json_decref(reply);
	return wait;
}

/* What is decided while the network is away is said when it is back, once. */
static void decided_while_offline(void **state)
{
	struct shop *shop = *state;
	assert_int_equal(ask(shop, "wait", "id-1", RENTAL), 0);
	desk_disconnected(&shop->desk);
	shop->decided = true;
	size_t before = shop->mqtt.n;
	settle_now(shop, RENTAL);
	assert_int_equal(shop->mqtt.n, before);
	for (int i = 0; i < 2; i++) {
		begin(shop);
		desk_connected(&shop->desk);
		assert_int_equal(end(shop), 0);
		assert_int_equal(shop->mqtt.n, before + 1);
	}
	last_reply(shop, "id-1", REPLY_OK);
}

static void one_user_cannot_fill_it(void **state)
{
	struct shop *shop = *state;
	char id[16];
	for (int i = 0; i < REQUEST_ROWS_A_USER; i++) {
		snprintf(id, sizeof(id), "id-%d", i);
		assert_int_equal(ask(shop, "take", id, "drill"), 0);
	}
	last_reply(shop, id, REPLY_OK);
	assert_int_equal(ask(shop, "take", "one-more", "drill"), 0);
	last_reply(shop, "one-more", REPLY_BUSY);
	assert_int_equal(last_retry_after(shop), (30 * SECOND + REQUEST_KEEP + MINUTE) / MSEC);
	assert_int_equal(rows(shop), REQUEST_ROWS_A_USER);
	/* Repeats and queries go on, and so does everybody else. */
	assert_int_equal(ask(shop, "take", "id-0", "drill"), 0);
	last_reply(shop, "id-0", REPLY_OK);
	assert_int_equal(ask(shop, "look", "q", "drill"), 0);
	last_reply(shop, "q", REPLY_OK);
	assert_int_equal(ask_as(shop, &(struct asking){"boss", "take", "id-1", "item", "drill",
					      30 * SECOND, false}),
		0);
	assert_int_equal(taken(shop), REQUEST_ROWS_A_USER + 1);
	/* A manager may import a whole catalogue. */
	for (int i = 0; i < 2 * REQUEST_ROWS_A_USER; i++) {
		snprintf(id, sizeof(id), "import-%d", i);
		assert_int_equal(ask_as(shop, &(struct asking){"boss", "take", id, "item", "drill",
						      30 * SECOND, false}),
			0);
	}
	assert_int_equal(taken(shop), 3 * REQUEST_ROWS_A_USER + 1);
	/* Not stored: later it is done. */
	shop->now.elapsed += HOUR;
	assert_int_equal(desk_tick(&shop->desk, shop->now), 0);
	assert_int_equal(ask(shop, "take", "one-more", "drill"), 0);
	last_reply(shop, "one-more", REPLY_OK);
}

static int touch(struct shop *shop, const char *operation, const char *id, const char *field,
	const char *value)
{
	json_t *args = json_pack("{s:s, s:s}", "expires_at", "1999-01-01T00:00:00Z", field, value);
	int r = desk_touch(&shop->desk, "mina", operation, id, args, shop->now);
	json_decref(args);
	return r;
}

static void at_the_touchscreen(void **state)
{
	struct shop *shop = *state;
	shop->now.sure = false;
	assert_int_equal(touch(shop, "take", "id-1", "item", "drill"), 0);
	assert_int_equal(shop->touched, 1);
	assert_int_equal(shop->touch_code, REPLY_OK);
	assert_int_equal(touch(shop, "take", "id-1", "item", "drill"), 0); /* a double tap */
	assert_int_equal(taken(shop), 1);
	assert_int_equal(touch(shop, "sack", "id-2", "item", "drill"), 0);
	assert_int_equal(shop->touch_code, REPLY_FORBIDDEN);

	assert_int_equal(touch(shop, "wait", "id-3", "rental", RENTAL), 0);
	int before = shop->touched;
	shop->decided = true;
	settle_now(shop, RENTAL);
	assert_int_equal(shop->touched, before + 1);
	assert_int_equal(shop->touch_code, REPLY_OK);

	shop->decided = false;
	assert_int_equal(touch(shop, "wait", "id-4", "rental", RENTAL), 0);
	shop->now.elapsed += MINUTE;
	assert_int_equal(desk_tick(&shop->desk, shop->now), 0);
	assert_int_equal(shop->touch_code, REPLY_PENDING);
	assert_int_equal(shop->mqtt.n, 0); /* none of that was published */
}

#define WITH_SHOP(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SHOP(done_once_and_answered_each_time),
		WITH_SHOP(a_refusal_is_kept_like_any_answer),
		WITH_SHOP(the_same_id_for_something_else),
		WITH_SHOP(a_repeat_that_comes_late),
		WITH_SHOP(what_is_not_even_looked_at),
		WITH_SHOP(refusals_leave_no_trace),
		WITH_SHOP(a_manager),
		WITH_SHOP(a_query_is_asked_anew),
		WITH_SHOP(cut_off_before_the_commit),
		WITH_SHOP(cut_off_after_the_commit),
		WITH_SHOP(answered_when_it_is_decided),
		WITH_SHOP(decided_after_a_crash),
		WITH_SHOP(decided_while_offline),
		WITH_SHOP(not_decided_in_time),
		WITH_SHOP(decided_at_the_last_moment),
		WITH_SHOP(old_rows_go),
		WITH_SHOP(one_user_cannot_fill_it),
		WITH_SHOP(at_the_touchscreen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
