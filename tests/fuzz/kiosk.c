/*
 * A bank in the middle of its day, and whatever comes to it: requests, desired states, acks,
 * statuses, the ledger's replies.
 *
 * ~e, ~a, ~b  its epoch, the sequence of its last event, and that one's id
 * ~h, ~n, ~o  the hub's id; the revision that comes next, and the one after
 * ~r, ~p, ~d  mina's rental of "drill", paid; its payment, and its pickup code
 * ~q, ~i      mina's rental of "tent", being paid, and that payment
 * ~s, ~k      joon's rental of "free", out, and its return code
 * ~t, ~u      half a minute from the start; 8 seconds
 * ~w          the session of its own status
 * ~f, ~c      its epoch now, and the rental of the last reply
 */
#include "kiosk/internal.h"
#include "tests/fuzz/contract.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/kept_database.h"
#include "tests/fuzz/memory_files.h"
#include "tests/kiosk/bank.h"
#include "tests/kiosk/walk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *target, *topic;
} targets[] = {
	{"kiosk-requests", "kiosk/library/request/mina/reserve"},
	{"kiosk-desired", "kiosk/library/desired"},
	{"kiosk-acks", "kiosk/library/ack"},
	{"kiosk-statuses", "payment/till/status"},
	{"kiosk-replies", "payment/till/reply/library"},
};

static const struct simulated_habits people = {.open_after = SECOND / 2, .close_after = 3 * SECOND};

static struct bank bank, kept;
static struct tape_names names;
static const char *topic;

/* --- the bank to begin with ------------------------------------------------------------------ */

static void must(const char *answer, const char *wanted)
{
	if (strcmp(answer, wanted) != 0)
		FUZZ_FAIL("%s, not %s", answer, wanted);
}

static json_t *about(const char *rental)
{
	return json_pack("{s:s}", "rental", rental);
}

static void rent_drill(void)
{
	char rental[UUID_SIZE];
	bank_pay(&bank, rental);
	tape_name(&names, 'r', "%s", rental);
	must(bank_ask(&bank, "mina", "rental", about(rental)), "ok");
	tape_name(&names, 'd', "%s", bank_text(&bank, "pickup_code", NULL));
	tape_name(&names, 'p', "%s", bank_text(&bank, "rental", "payment"));
}

static void rent_tent(void)
{
	must(bank_ask(&bank, "mina", "reserve", json_pack("{s:s}", "item", "tent")), "ok");
	tape_name(&names, 'q', "%s", bank_text(&bank, "rental", "rental"));
	json_t *pay = about(names.name['q' - 'a']);
	json_object_set_new(pay, "method", json_string("tok-ok"));
	must(bank_ask(&bank, "mina", "pay", pay), "");
	must(bank_ask(&bank, "mina", "rental", about(names.name['q' - 'a'])), "ok");
	tape_name(&names, 'i', "%s", bank_text(&bank, "rental", "payment"));
}

static void rent_free(void)
{
	must(bank_ask(&bank, "joon", "reserve", json_pack("{s:s}", "item", "free")), "ok");
	tape_name(&names, 's', "%s", bank_text(&bank, "rental", "rental"));
	const char *rental = names.name['s' - 'a'];
	json_t *pay = about(rental);
	json_object_set_new(pay, "method", json_string("none"));
	must(bank_ask(&bank, "joon", "pay", pay), "ok");
	must(bank_ask(&bank, "joon", "open", about(rental)), "");
	bank_pass(&bank, 10 * SECOND);
	must(bank_reply(&bank, "joon"), "ok");
	must(bank_ask(&bank, "joon", "rental", about(rental)), "ok");
	tape_name(&names, 'k', "%s", bank_text(&bank, "return_code", NULL));
}

static void name_the_rest(void)
{
	char time[TIME_SIZE], id[UUID_SIZE];
	FUZZ_CHECK(store_outbox_id(bank.kiosk->database, bank.kiosk->node.seq, id));
	tape_name(&names, 'e', "%s", bank.epoch);
	tape_name(&names, 'a', "%lld", (long long)bank.kiosk->node.seq);
	tape_name(&names, 'b', "%s", id);
	tape_name(&names, 'h', "%s", BANK_HUB);
	tape_name(&names, 'n', "%lld", (long long)bank.revision + 1);
	tape_name(&names, 'o', "%lld", (long long)bank.revision + 2);
	tape_name(&names, 'w', "%s", bank.kiosk->session);
	time_format(bank.clock.wall + 30 * SECOND, time);
	tape_name(&names, 't', "%s", time);
	time_format(bank.clock.wall + 8 * SECOND, time);
	tape_name(&names, 'u', "%s", time);
}

void fuzz_set_up(const char *target)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (strcmp(targets[i].target, target) == 0)
			topic = targets[i].topic;
	FUZZ_CHECK(topic);
	memory_files_start();
	bank_set_up(&bank);
	rmdir(bank.folder); /* the database is not in there */
	bank_stock(&bank);
	rent_free();
	rent_drill();
	bank_ack(&bank);
	rent_tent();
	name_the_rest();
	bank.kiosk = kiosk_close(bank.kiosk);
	bank.doors = bank.doors->free(bank.doors);
	fake_mqtt_clear(&bank.mqtt);
	json_decref(bank.reply);
	bank.reply = NULL;
	memory_files_keep();
	kept_database(true);
	kept = bank;
}

static const struct topic requests = {
	.kind = TOPIC_KIOSK_REQUEST, .site = "town", .node = "library"};
static const struct topic replies = {.kind = TOPIC_KIOSK_REPLY, .site = "town", .node = "library"};

/* --- one input ------------------------------------------------------------------------------- */

static void start(void)
{
	memory_files_restore();
	bank = kept;
	bank.doors = simulated_new(4, true, people);
	bank_crash(&bank); /* and comes back */
	fake_mqtt_clear(&bank.mqtt);
}

static void stop(void)
{
	contract_check_all(&bank.mqtt, 0);
	fake_mqtt_clear(&bank.mqtt);
	bank.kiosk = kiosk_close(bank.kiosk);
	json_decref(bank.touched);
	bank.touched = NULL;
}

static int64_t number(const char *sql)
{
	return database_number(bank.kiosk->database, -1, sql, "");
}

/* Facts that are no mere complaints. */
static int64_t facts(void)
{
	return number("SELECT count(*) FROM outbox WHERE type NOT LIKE 'lendlock.alert.%'");
}

/* Whether a reply says that nothing has been done. */
static bool is_refusal(const char *payload)
{
	static const char *const codes[] = {"malformed", "unknown-operation", "response-topic",
		"correlation", "conflict", "expired", "too-far", "clock", "forbidden", "not-found",
		"not-available", "limit", "blocked", "returns-only", "wrong-code", "wait"};
	json_t *reply = json_loads(payload, 0, NULL);
	const char *code = json_string_value(json_object_get(reply, "code"));
	bool found = false;
	for (size_t i = 0; code && i < sizeof(codes) / sizeof(*codes); i++)
		found |= strcmp(code, codes[i]) == 0;
	json_decref(reply);
	return found;
}

static bool was_refused(size_t from)
{
	for (size_t i = from; i < bank.mqtt.n; i++)
		if (strstr(bank.mqtt.publications[i].topic, "/kiosk/library/reply/"))
			return is_refusal(bank.mqtt.publications[i].payload);
	return false;
}

/* What was refused, or is no news, has left no trace but a complaint. */
static void check_untouched(
	enum topic_kind kind, const struct node_row *before, size_t from, int64_t facts_before)
{
	const struct node_row *after = &bank.kiosk->node;
	bool same_desired = kind == TOPIC_KIOSK_DESIRED &&
			    after->generation == before->generation &&
			    after->revision == before->revision;
	bool refused = kind == TOPIC_KIOSK_REQUEST && was_refused(from);
	bool no_business = kind == TOPIC_OTHER || kind == TOPIC_HUB_STATUS;
	if (same_desired || refused || no_business)
		FUZZ_CHECK(facts() == facts_before);
}

/* What it has made up meanwhile. */
static void name_news(size_t from)
{
	static const char before[] = "\"rental\":{\"rental\":\"";
	tape_name(&names, 'f', "%s", bank.kiosk->node.epoch);
	for (size_t i = from; i < bank.mqtt.n; i++) {
		const char *rental = strstr(bank.mqtt.publications[i].payload, before);
		if (rental)
			tape_name(&names, 'c', "%.36s", rental + strlen(before));
	}
}

static void give(const struct tape_message *message)
{
	struct topic said;
	const struct node_row before = bank.kiosk->node;
	size_t from = bank.mqtt.n;
	int64_t facts_before = facts();
	topic_parse(message->mqtt.topic, &said);
	FUZZ_CHECK(kiosk_message(bank.kiosk, &message->mqtt) == 0);
	FUZZ_CHECK(kiosk_healthy(bank.kiosk));
	check_untouched(said.kind, &before, from, facts_before);
	name_news(from);
	FUZZ_CHECK(bank.kiosk->node.acked <= bank.kiosk->node.seq);
}

/* Sequences without gaps, and no rental that pays twice. */
static void check_tables(void)
{
	FUZZ_CHECK(number("SELECT ifnull(max(seq), 0) FROM outbox") == bank.kiosk->node.seq);
	FUZZ_CHECK(number("SELECT count(*) - (max(seq) - min(seq) + 1) FROM outbox") == 0);
	FUZZ_CHECK(
		number("SELECT count(*) FROM (SELECT 1 FROM payment WHERE state IN ('new', 'sent',"
		       " 'void-owed') GROUP BY rental HAVING count(*) > 1)") == 0);
	FUZZ_CHECK(number("SELECT count(*) FROM (SELECT 1 FROM payment WHERE state IN"
			  " ('authorized', 'capture-owed', 'captured') GROUP BY rental"
			  " HAVING count(*) > 1)") == 0);
}

/* No state that nobody ends; and the bank can start again with what it has. */
static void check_store(void)
{
	static struct walk walk;
	stop();
	kept_database(false);
	walk.bank = bank;
	walk_store_check(&walk);
	bank_crash(&bank);
	bank_pass(&bank, MINUTE);
	stop();
	kept_database(true);
}

void fuzz_try(const uint8_t *bytes, size_t size)
{
	struct tape tape;
	struct tape_message message;
	struct asked asked = {.n = 0};
	start();
	tape_name(&names, 'c', "%s", "");
	name_news(0);
	tape_begin(&tape, bytes, size, &names, topic);
	while (tape_next(&tape, &message)) {
		if (message.wait)
			bank_pass(&bank, message.wait);
		if (message.mqtt.topic) {
			asked_note(&asked, &requests, &message.mqtt);
			give(&message);
		}
		tape_clear(&message);
	}
	bool open = number("SELECT count(*) FROM request WHERE reply IS NULL") > 0;
	bank_pass(&bank, open ? MINUTE + SECOND : SECOND);
	asked_check(&asked, &replies, &bank.mqtt, 1, 1);
	check_tables();
	if (fuzz_looks_closely(bytes, size))
		check_store();
	else
		stop();
	bank.doors = bank.doors->free(bank.doors);
}
