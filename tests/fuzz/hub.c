/*
 * A hub that has lived a little, and whatever comes to it: events, statuses, requests.
 *
 * ~e, ~n, ~o  the epoch of "lobby", its next sequence and the one after
 * ~f, ~m      the epoch of "attic", and its next sequence
 * ~g          an epoch that waits to be adopted at "attic"
 * ~h, ~l      the hub's id; the id of lobby's last event
 * ~r, ~p      a rental of "drill" that is paid, and its payment
 * ~t          half a minute from the start
 */
#include "hub/core.h"
#include "tests/fuzz/contract.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/kept_database.h"
#include "tests/fuzz/memory_files.h"
#include "tests/hub/site.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *target, *topic;
} targets[] = {
	{"hub-events", "kiosk/lobby/event"},
	{"hub-statuses", "kiosk/lobby/status"},
	{"hub-requests", "hub/request/boss/items"},
};

static struct site *site, kept;
static struct tape_names names;
static const char *topic;

/* --- the hub to begin with ------------------------------------------------------------------- */

static json_t *payment(const char *id, const char *rental)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:s}", "payment", id, "rental", rental,
		"ledger", "bank", "state", "authorized", "amount", 500, "currency", "EUR");
}

/* One at a time: in which order arguments are made is the compiler's business. */
static void tell(struct teller *teller, const char *type, const char *subject, json_t *data)
{
	teller_send(site, teller, teller_event(site, teller, type, subject, data), NULL);
	FUZZ_CHECK(site_acked(site, teller->name) == teller->seq);
}

static void live_at_lobby(struct teller *lobby)
{
	static const char rental[] = "019ab000-0000-7000-8000-000000000001";
	static const char paid[] = "019ab000-0000-7000-8000-000000000002";
	tell(lobby, "item.available", "tent", teller_item("tent", "available", 1));
	tell(lobby, "rental.reserved", "drill",
		teller_rental(site, rental, "drill", "held", "reserved"));
	tell(lobby, "payment.authorized", paid, payment(paid, rental));
	tell(lobby, "rental.paid", "drill",
		teller_rental(site, rental, "drill", "paid", "reserved"));
	tell(lobby, "alert.raised", "door-jammed:2",
		json_pack("{s:s, s:s, s:b, s:i}", "alert", "door-jammed:2", "kind", "door-jammed",
			"cleared", 0, "compartment", 2));
	tape_name(&names, 'e', "%s", lobby->epoch);
	tape_name(&names, 'l', "%s", lobby->last);
	tape_name(&names, 'n', "%020lld", (long long)lobby->seq + 1);
	tape_name(&names, 'o', "%020lld", (long long)lobby->seq + 2);
	tape_name(&names, 'r', "%s", rental);
	tape_name(&names, 'p', "%s", paid);
}

static void live_at_attic(struct teller *attic)
{
	tell(attic, "item.moving", "saw", teller_item("saw", "moving", 1));
	struct teller other = teller_make(site, "attic");
	teller_birth(site, &other, 0, 0, 0);
	site_say(site, "kiosk/attic/event", "what is this");
	tape_name(&names, 'f', "%s", attic->epoch);
	tape_name(&names, 'g', "%s", other.epoch);
	tape_name(&names, 'm', "%020lld", (long long)attic->seq + 1);
}

static void live(void)
{
	char time[TIME_SIZE];
	site_register(site, "drill", "lobby");
	site_register(site, "tent", "lobby");
	site_register(site, "saw", "attic");
	site_must(
		site, "item-move", "ok", json_pack("{s:s, s:s}", "item", "saw", "kiosk", "lobby"));
	site_must(site, "renter-set", "ok",
		json_pack(
			"{s:s, s:s, s:s}", "user", "mina", "name", "Mina", "contact", "mina@town"));
	struct teller lobby = teller_make(site, "lobby"), attic = teller_make(site, "attic");
	live_at_lobby(&lobby);
	live_at_attic(&attic);
	teller_birth(site, &lobby, 1, 1, 2);
	tape_name(&names, 'h', "%s", site->hub->node.hub);
	time_format(site->clock.wall + 30 * SECOND, time);
	tape_name(&names, 't', "%s", time);
}

void fuzz_set_up(const char *target)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (strcmp(targets[i].target, target) == 0)
			topic = targets[i].topic;
	FUZZ_CHECK(topic);
	memory_files_start();
	site = site_new();
	*strrchr(site->path, '/') = '\0';
	rmdir(site->path); /* the database is not in there */
	site->path[strlen(site->path)] = '/';
	live();
	site->hub = hub_close(site->hub);
	fake_mqtt_clear(&site->mqtt);
	memory_files_keep();
	kept_database(true);
	kept = *site;
}

static const struct topic requests = {.kind = TOPIC_HUB_REQUEST, .site = "town"};
static const struct topic replies = {.kind = TOPIC_HUB_REPLY, .site = "town"};

/* --- one input ------------------------------------------------------------------------------- */

static void open_hub(void)
{
	FUZZ_CHECK(hub_open(&site->options, &site->hub) == 0);
	FUZZ_CHECK(hub_will(site->hub));
	FUZZ_CHECK(hub_connected(site->hub) == 0);
}

static void start(void)
{
	memory_files_restore();
	site->clock = kept.clock;
	site->random = kept.random;
	open_hub();
	fake_mqtt_clear(&site->mqtt); /* what it always says to begin with; see check_store() */
}

static void stop(void)
{
	contract_check_all(&site->mqtt, 0);
	fake_mqtt_clear(&site->mqtt);
	site->hub = hub_close(site->hub);
}

static void pass(usec time)
{
	fake_clock_pass(&site->clock, time);
	FUZZ_CHECK(hub_tick(site->hub) == 0);
}

static int64_t log_size(void)
{
	return database_number(site->hub->database, -1, "SELECT count(*) FROM log", "");
}

/* A request that is refused has left no trace in what the hub knows. */
static void check_refusal(const struct mqtt_message *message, int64_t log_before, size_t from)
{
	struct topic asked;
	topic_parse(message->topic, &asked);
	if (asked.kind != TOPIC_HUB_REQUEST)
		return;
	for (size_t i = from; i < site->mqtt.n; i++)
		if (strstr(site->mqtt.publications[i].topic, "/hub/reply/") &&
			strstr(site->mqtt.publications[i].payload, "\"code\":\"ok\""))
			return;
	FUZZ_CHECK(log_size() == log_before);
}

/* A batch that comes again changes nothing. */
static void check_repeat(const struct mqtt_message *message)
{
	struct topic said;
	topic_parse(message->topic, &said);
	const struct hub_bank *bank = hub_bank_find(site->hub, said.node);
	if (said.kind != TOPIC_KIOSK_EVENT || !bank)
		return;
	const struct bank_row before = bank->row;
	int64_t log_before = log_size();
	FUZZ_CHECK(hub_message(site->hub, message) == 0);
	FUZZ_CHECK(hub_flush(site->hub) == 0);
	FUZZ_CHECK(bank->row.seq == before.seq && strcmp(bank->row.event, before.event) == 0);
	FUZZ_CHECK(strcmp(bank->row.epoch, before.epoch) == 0);
	if (log_size() != log_before)
		FUZZ_FAIL("%lld entries in the log after a repeat, %lld before",
			(long long)log_size(), (long long)log_before);
}

/* A cursor never goes back within an epoch. */
static void check_cursors(const struct bank_row before[static 2])
{
	for (int i = 0; i < 2; i++) {
		const struct hub_bank *bank = hub_bank_find(site->hub, before[i].kiosk);
		FUZZ_CHECK(bank);
		if (strcmp(bank->row.epoch, before[i].epoch) == 0)
			FUZZ_CHECK(bank->row.seq >= before[i].seq);
	}
}

static void give(const struct tape_message *message)
{
	const struct bank_row cursors[2] = {
		hub_bank_find(site->hub, "lobby")->row, hub_bank_find(site->hub, "attic")->row};
	size_t from = site->mqtt.n;
	int64_t log_before = log_size();
	FUZZ_CHECK(hub_message(site->hub, &message->mqtt) == 0);
	FUZZ_CHECK(hub_flush(site->hub) == 0);
	check_refusal(&message->mqtt, log_before, from);
	check_cursors(cursors);
	check_repeat(&message->mqtt);
}

/* What it knows is what the log says, and it can start again with it. */
static void check_store(void)
{
	bool same = false;
	FUZZ_CHECK(hub_rebuild_view(site->hub, false, &same) == 0);
	if (!same)
		FUZZ_FAIL("the view is not what the log says");
	stop();
	kept_database(false);
	open_hub();
	pass(SECOND);
	stop();
	kept_database(true);
}

void fuzz_try(const uint8_t *bytes, size_t size)
{
	struct tape tape;
	struct tape_message message;
	struct asked asked = {.n = 0};
	start();
	tape_begin(&tape, bytes, size, &names, topic);
	while (tape_next(&tape, &message)) {
		if (message.wait)
			pass(message.wait);
		if (message.mqtt.topic) {
			asked_note(&asked, &requests, &message.mqtt);
			give(&message);
		}
		tape_clear(&message);
	}
	pass(SECOND);
	asked_check(&asked, &replies, &site->mqtt, 1, 1);
	FUZZ_CHECK(database_error(site->hub->database) == 0);
	if (fuzz_looks_closely(bytes, size))
		check_store();
	else
		stop();
}
