/*
 * A ledger with payments in most states, and whatever comes to it: requests of kiosks, statuses,
 * and the provider's verdicts, whose words are bytes from outside, too. A message on the topic !OS
 * is such a verdict on the oldest call: O and S are digits, of enum provider_outcome and
 * provider_state; the payload is the reason.
 *
 * ~a  new to the ledger      ~b  asked for, no answer yet    ~c  authorized
 * ~d  captured               ~e  declined                    ~f  voided
 * ~g  to be voided           ~r  the rental of all of them   ~t  half a minute from the start
 * ~l  the ledger's own lease
 */
#include "payment-adapter/internal.h"
#include "tests/fuzz/contract.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/kept_database.h"
#include "tests/fuzz/memory_files.h"
#include "tests/payment-adapter/bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *target, *topic;
} targets[] = {
	{"ledger-requests", "payment/till/request/desk-1/authorize"},
	{"ledger-statuses", "payment/till/status"},
};

static struct bench *bench, kept;
static struct tape_names names;
static const char *topic;

/* Calls of this input, to be held against each other. */
static struct provider_order orders[FAKE_PROVIDER_CALLS];
static int orders_n;

/* --- the ledger to begin with ---------------------------------------------------------------- */

static void new_payment(char letter)
{
	bench_new_payment(bench);
	tape_name(&names, letter, "%s", bench->payment);
}

static void authorized(char letter)
{
	new_payment(letter);
	bench_ask(bench, "authorize");
	bench_done(bench, PROVIDER_AUTHORIZE);
}

static void live(void)
{
	char time[TIME_SIZE];
	new_payment('a');
	authorized('c');
	authorized('d');
	bench_ask(bench, "capture");
	bench_done(bench, PROVIDER_CAPTURE);
	new_payment('e');
	bench_ask(bench, "authorize");
	bench_verdict(bench, PROVIDER_DECLINED);
	authorized('f');
	bench_ask(bench, "void");
	bench_done(bench, PROVIDER_VOID);
	authorized('g');
	bench_ask(bench, "void");
	bench_verdict(bench, PROVIDER_UNKNOWN);
	new_payment('b');
	bench_ask(bench, "authorize");
	time_format(bench->clock.wall + 30 * SECOND, time);
	tape_name(&names, 't', "%s", time);
	tape_name(&names, 'r', "%s", BENCH_RENTAL);
	tape_name(&names, 'l', "%s", bench->adapter->lease);
}

void fuzz_set_up(const char *target)
{
	void *state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (strcmp(targets[i].target, target) == 0)
			topic = targets[i].topic;
	FUZZ_CHECK(topic);
	memory_files_start();
	FUZZ_CHECK(bench_setup(&state) == 0);
	bench = state;
	rmdir(bench->folder); /* the database is not in there */
	live();
	bench->adapter = adapter_close(bench->adapter);
	record_clear(&reply_record_type, &bench->reply);
	fake_mqtt_clear(&bench->mqtt);
	fake_provider_forget(&bench->provider);
	memory_files_keep();
	kept_database(true);
	kept = *bench;
}

static const struct topic requests = {
	.kind = TOPIC_PAYMENT_REQUEST, .site = "town", .node = "till"};
static const struct topic replies = {.kind = TOPIC_PAYMENT_REPLY, .site = "town", .node = "till"};

/* --- one input ------------------------------------------------------------------------------- */

static void start(void)
{
	memory_files_restore();
	*bench = kept;
	orders_n = 0;
	bench_open(bench);
	fake_mqtt_clear(&bench->mqtt);
}

static void stop(void)
{
	contract_check_all(&bench->mqtt, 0);
	fake_mqtt_clear(&bench->mqtt);
	bench->adapter = adapter_close(bench->adapter);
}

/* One id is one sum of one currency, however often it is asked for. */
static void check_order(const struct provider_order *order)
{
	FUZZ_CHECK(uuid_is_valid(order->payment) && order->amount > 0);
	FUZZ_CHECK(strlen(order->currency) == 3);
	FUZZ_CHECK((order->call == PROVIDER_AUTHORIZE) == (order->method[0] != '\0'));
	for (int i = 0; i < orders_n; i++)
		if (strcmp(orders[i].payment, order->payment) == 0) {
			FUZZ_CHECK(orders[i].amount == order->amount);
			FUZZ_CHECK(strcmp(orders[i].currency, order->currency) == 0);
		}
	if (orders_n < FAKE_PROVIDER_CALLS)
		orders[orders_n++] = *order;
}

static void check_orders(void)
{
	for (int i = 0; i < bench->provider.n; i++)
		check_order(&bench->provider.begun[i]);
}

static void give_verdict(const char *digits, const struct mqtt_message *message)
{
	char reason[PROVIDER_REASON_MAX];
	size_t size = message->size < sizeof(reason) ? message->size : sizeof(reason) - 1;
	if (bench->provider.n == 0 || strspn(digits, "012345") < 2 || digits[0] > '3')
		return;
	memcpy(reason, message->payload, size);
	reason[size] = '\0';
	fake_provider_answer(&bench->provider, (enum provider_outcome)(digits[0] - '0'),
		(enum provider_state)(digits[1] - '0'), reason, 100 * MSEC);
	FUZZ_CHECK(adapter_tick(bench->adapter) == 0);
}

/* False: another adapter has the ledger now, and this one ends. */
static bool give(const struct tape_message *message)
{
	const char *verdict = strstr(message->mqtt.topic, "/!");
	if (verdict) {
		give_verdict(verdict + 2, &message->mqtt);
		return true;
	}
	struct topic said;
	topic_parse(message->mqtt.topic, &said);
	int r = adapter_message(bench->adapter, &message->mqtt);
	if (r == -ESTALE && said.kind == TOPIC_PAYMENT_STATUS)
		return false;
	FUZZ_CHECK(r == 0);
	FUZZ_CHECK(adapter_healthy(bench->adapter));
	check_orders();
	return true;
}

/* Whoever owes asks on; who does not has nobody waiting; and under way is what the provider has. */
static void check_tables(void)
{
	static const char *const none[] = {
		"SELECT count(*) FROM payment WHERE state IN ('', 'sent', 'capture-owed',"
		" 'void-owed', 'refund-owed') AND under_way=0"
		" AND (ask='nothing' OR next_try=9223372036854775807)",
		"SELECT count(*) FROM payment WHERE state NOT IN ('', 'sent', 'capture-owed',"
		" 'void-owed', 'refund-owed') AND under_way=0 AND ask<>'nothing'",
		"SELECT count(*) FROM payment WHERE state IN ('authorized', 'captured',"
		" 'refund-owed', 'refunded') AND called=0 AND searched=0",
		"SELECT count(*) FROM payment WHERE amount<=0 OR kiosk=''",
	};
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		if (database_number(bench->adapter->database, -1, none[i], "") != 0)
			FUZZ_FAIL("some: %s", none[i]);
	FUZZ_CHECK(
		database_number(bench->adapter->database, -1,
			"SELECT count(*) FROM payment WHERE under_way=1", "") == bench->provider.n);
}

/* It can start again with what it has, and goes on with it. */
static void check_store(void)
{
	stop();
	kept_database(false);
	fake_provider_forget(&bench->provider);
	bench_open(bench);
	bench_run(bench, 5 * MINUTE);
	check_orders();
	stop();
	kept_database(true);
}

void fuzz_try(const uint8_t *bytes, size_t size)
{
	struct tape tape;
	struct tape_message message;
	struct asked asked = {.n = 0};
	bool ours = true;
	start();
	tape_begin(&tape, bytes, size, &names, topic);
	while (ours && tape_next(&tape, &message)) {
		if (message.wait)
			bench_run(bench, message.wait);
		if (message.mqtt.topic) {
			asked_note(&asked, &requests, &message.mqtt);
			ours = give(&message);
		}
		tape_clear(&message);
	}
	if (ours)
		bench_run(bench, SECOND);
	check_orders();
	if (ours)
		check_tables();
	/* A repeat hears that it is under way, and then how it ended; that may be tomorrow. */
	asked_check(&asked, &replies, &bench->mqtt, 0, 2);
	if (fuzz_looks_closely(bytes, size))
		check_store();
	else
		stop();
}
