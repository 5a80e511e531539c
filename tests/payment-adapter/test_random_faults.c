/*
 * Random requests, lost and late messages, provider faults, crashes, and databases put back to an
 * old copy; in the end everything heals. Then each payment's money has moved at most once each way,
 * and the provider, the ledger and the kiosk say the same of it, which is what was wanted last.
 *
 * The kiosk here is as simple as can be: the payment machine, and asking again until the answer is
 * definite. The seeds are fixed; a failure names its seed.
 */
#include "lib/base/log.h"
#include "lib/domain/backoff.h"
#include "lib/wire/records.h"
#include "payment-adapter/adapter.h"
#include "payment-adapter/provider_sandbox.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_mqtt.h"
#include "tests/support/fake_random.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAYMENTS 40
#define LETTERS  512

/* A payment as its kiosk has it. */
struct wish {
	char payment[UUID_SIZE];
	enum payment_state state;
	bool back;   /* the money was wanted back */
	usec ask_at; /* boottime of the clock that never starts anew */
	int tries;
};

/* A message on its way, either way. */
struct letter {
	usec due; /* 0: free */
	bool reply;
	int operation;
	int wish;
	usec expires_at;
	enum payment_state state; /* a reply's */
};

struct world {
	uint64_t seed;
	struct fake_clock clock;
	struct fake_random random;
	struct fake_mqtt mqtt;
	struct adapter_settings settings;
	struct adapter *adapter;
	struct provider_port *provider;
	char folder[64], path[96], backup[96], sandbox[96];
	bool faults;   /* of the network and the provider */
	bool restores; /* the database may be put back */
	bool backed_up;
	usec now; /* since the world began */
	struct wish wishes[PAYMENTS];
	int wishes_n;
	struct letter letters[LETTERS];
};

static const char *const operations[] = {"authorize", "capture", "void", "refund"};

static uint64_t below(struct world *world, uint64_t bound)
{
	return random_below(&world->random.port, bound);
}

static bool chance(struct world *world, int per_thousand)
{
	return world->faults && below(world, 1000) < (uint64_t)per_thousand;
}

/* --- the adapter and its provider ------------------------------------------------------------ */

static void start(struct world *world)
{
	struct provider_sandbox_settings sandbox = provider_sandbox_defaults(world->sandbox);
	static const int faults[SANDBOX_FAULTS] = {
		[SANDBOX_DECLINED] = 60,
		[SANDBOX_ERROR] = 60,
		[SANDBOX_TIMEOUT] = 60,
		[SANDBOX_LOST] = 60,
		[SANDBOX_SLOW] = 40,
		[SANDBOX_LATE] = 60,
		[SANDBOX_NOTFOUND] = 60,
	};
	sandbox.late = 40 * SECOND;
	if (world->faults)
		memcpy(sandbox.per_thousand, faults, sizeof(faults));
	assert_int_equal(provider_sandbox_new(&sandbox, &world->clock.port, &world->random.port,
				 &world->provider),
		0);
	const struct adapter_options options = {
		.site = "town",
		.name = "till",
		.database = world->path,
		.clock = &world->clock.port,
		.random = &world->random.port,
		.mqtt = &world->mqtt.port,
		.provider = world->provider,
		.settings = world->settings,
	};
	assert_int_equal(adapter_open(&options, &world->adapter), 0);
	adapter_will(world->adapter);
	adapter_connected(world->adapter);
}

static void stop(struct world *world)
{
	world->adapter = adapter_close(world->adapter);
	world->provider = world->provider->free(world->provider);
	fake_mqtt_clear(&world->mqtt);
}

static void pass(struct world *world, usec time)
{
	fake_clock_pass(&world->clock, time);
	world->now += time;
}

static void copy_file(const char *from, const char *to)
{
	char bytes[4096];
	size_t n;
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	assert_true(in && out);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	fclose(in);
	fclose(out);
}

static void misfortune(struct world *world)
{
	if (chance(world, 3)) {
		stop(world);
		start(world);
	}
	if (chance(world, 5))
		provider_sandbox_down(world->provider, below(world, 2));
	if (world->restores && chance(world, 4)) {
		stop(world);
		if (!world->backed_up) {
			copy_file(world->path, world->backup);
			world->backed_up = true;
		} else {
			/* It takes a person more than the life of any request. */
			copy_file(world->backup, world->path);
			world->backed_up = false;
			pass(world, 61 * SECOND);
		}
		start(world);
	}
}

/* --- the network ----------------------------------------------------------------------------- */

static void post(struct world *world, const struct letter *letter)
{
	int copies = chance(world, 150) ? 0 : chance(world, 100) ? 2 : 1;
	for (int i = 0; i < LETTERS && copies > 0; i++) {
		if (world->letters[i].due)
			continue;
		world->letters[i] = *letter;
		usec delay = chance(world, 100) ? (usec)below(world, 50 * SECOND) : 20 * MSEC;
		world->letters[i].due = world->now + delay + 1;
		copies--;
	}
}

static void deliver_request(struct world *world, const struct letter *letter)
{
	char json[512], topic[MQTT_TOPIC_MAX], extra[128] = "", expires[TIME_SIZE];
	const char *operation = operations[letter->operation];
	time_format(letter->expires_at, expires);
	if (letter->operation == 0)
		snprintf(
			extra, sizeof(extra), ",\"method\":\"tok\",\"expires_at\":\"%s\"", expires);
	snprintf(json, sizeof(json),
		"{\"payment\":\"%s\",\"rental\":\"%s\","
		"\"amount\":900,\"currency\":\"EUR\"%s}",
		world->wishes[letter->wish].payment, world->wishes[letter->wish].payment, extra);
	snprintf(
		topic, sizeof(topic), "lendlock/v1/town/payment/till/request/desk-1/%s", operation);
	const struct mqtt_message message = {.topic = topic,
		.payload = json,
		.size = strlen(json),
		.correlation = "a",
		.correlation_size = 1};
	assert_int_equal(adapter_message(world->adapter, &message), 0);
}

static const struct {
	enum payment_state state;
	enum payment_input input;
} answers[] = {
	{PAYMENT_AUTHORIZED, PAYMENT_IS_AUTHORIZED},
	{PAYMENT_DECLINED, PAYMENT_IS_DECLINED},
	{PAYMENT_CAPTURED, PAYMENT_IS_CAPTURED},
	{PAYMENT_VOIDED, PAYMENT_IS_VOIDED},
	{PAYMENT_REFUNDED, PAYMENT_IS_REFUNDED},
};

static void deliver_reply(struct world *world, const struct letter *letter)
{
	struct wish *wish = &world->wishes[letter->wish];
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		if (answers[i].state != letter->state)
			continue;
		enum payment_state before = wish->state;
		int r = payment_step(before, answers[i].input, &wish->state);
		/* An old copy may tell what is long past; else every answer makes sense. */
		if (r < 0 && !world->restores)
			fail_msg("seed %llu: %s is told %s", (unsigned long long)world->seed,
				payment_state_names[before], payment_state_names[letter->state]);
		if (wish->state != before)
			wish->ask_at = world->now, wish->tries = 0;
	}
}

static void deliver(struct world *world)
{
	for (int i = 0; i < LETTERS; i++) {
		struct letter letter = world->letters[i];
		if (letter.due == 0 || letter.due > world->now)
			continue;
		world->letters[i].due = 0;
		if (letter.reply)
			deliver_reply(world, &letter);
		else
			deliver_request(world, &letter);
	}
}

/* What the adapter published, on its way to the kiosk. */
static void collect(struct world *world)
{
	for (size_t i = 0; i < world->mqtt.n; i++) {
		struct reply_record reply;
		char why[RECORD_WHY_SIZE];
		if (!strstr(world->mqtt.publications[i].topic, "/reply/"))
			continue;
		json_t *json = json_loads(world->mqtt.publications[i].payload, 0, NULL);
		assert_int_equal(record_decode(&reply_record_type, json, &reply, why), 0);
		json_decref(json);
		for (int w = 0; reply.payment && w < world->wishes_n; w++)
			if (strcmp(world->wishes[w].payment, reply.payment->payment) == 0)
				post(world,
					&(struct letter){.reply = true,
						.wish = w,
						.state = (enum payment_state)reply.payment->state});
		record_clear(&reply_record_type, &reply);
	}
	fake_mqtt_clear(&world->mqtt);
}

/* --- the kiosk ------------------------------------------------------------------------------- */

static void ask(struct world *world, int which)
{
	struct wish *wish = &world->wishes[which];
	struct letter letter = {.wish = which, .expires_at = world->clock.wall + MINUTE};
	letter.operation = wish->state == PAYMENT_SENT           ? 0
			   : wish->state == PAYMENT_CAPTURE_OWED ? 1
			   : wish->state == PAYMENT_VOID_OWED    ? 2
								 : 3;
	post(world, &letter);
	struct backoff backoff = {.base = 2 * SECOND, .cap = MINUTE, .attempts = wish->tries++};
	wish->ask_at = world->now + SECOND + backoff_next(&backoff, &world->random.port);
	if (chance(world, 100)) /* its link is gone for a while */
		wish->ask_at += 3 * MINUTE;
}

static void want(struct world *world, struct wish *wish, enum payment_input input)
{
	if (payment_step(wish->state, input, &wish->state) < 0)
		return;
	wish->back |= input == PAYMENT_WANT_BACK;
	wish->ask_at = world->now;
	wish->tries = 0;
}

static void live(struct world *world)
{
	if (world->faults && world->wishes_n < PAYMENTS && below(world, 10) == 0) {
		struct wish *wish = &world->wishes[world->wishes_n++];
		*wish = (struct wish){.state = PAYMENT_SENT, .ask_at = world->now};
		uuid_make(world->clock.wall, &world->random.port, wish->payment);
	}
	for (int i = 0; i < world->wishes_n; i++) {
		struct wish *wish = &world->wishes[i];
		if (wish->state == PAYMENT_AUTHORIZED && chance(world, 30))
			want(world, wish, PAYMENT_WANT_CAPTURE);
		if (!wish->back && chance(world, wish->state == PAYMENT_SENT ? 8 : 1))
			want(world, wish, PAYMENT_WANT_BACK);
		if (payment_is_open(wish->state) && wish->ask_at <= world->now)
			ask(world, i);
	}
}

static void step(struct world *world)
{
	misfortune(world);
	live(world);
	deliver(world);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(adapter_tick(world->adapter), 0);
		if (adapter_next_due(world->adapter) > world->clock.boottime)
			break;
		assert_true(i < 99);
	}
	collect(world);
	usec most = adapter_next_due(world->adapter) - world->clock.boottime;
	pass(world, usec_min(most, (usec)below(world, 2 * SECOND) + 1));
}

/* --- the end --------------------------------------------------------------------------------- */

struct check {
	struct world *world;
	const struct wish *wish;
	enum provider_state holds;
};

static void look(void *context, const struct provider_sandbox_holding *holding)
{
	struct check *check = context;
	if (strcmp(holding->payment, check->wish->payment) != 0)
		return;
	check->holds = holding->state;
	for (int call = 0; call < PROVIDER_QUERY; call++)
		if (holding->moved[call] > 1)
			fail_msg("seed %llu: money moved twice",
				(unsigned long long)check->world->seed);
	bool came = holding->moved[PROVIDER_CAPTURE] > 0;
	bool went = holding->moved[PROVIDER_REFUND] > 0;
	assert_true(came || !went);
	assert_false(came && holding->moved[PROVIDER_VOID] > 0);
}

static bool agree(enum payment_state state, enum provider_state holds)
{
	switch (state) {
	case PAYMENT_AUTHORIZED:
		return holds == PROVIDER_AUTHORIZED;
	case PAYMENT_DECLINED:
		return holds == PROVIDER_REFUSED;
	case PAYMENT_CAPTURED:
		return holds == PROVIDER_CAPTURED;
	case PAYMENT_VOIDED:
		return holds == PROVIDER_NOTHING || holds == PROVIDER_REFUSED ||
		       holds == PROVIDER_VOIDED;
	case PAYMENT_REFUNDED:
		return holds == PROVIDER_REFUNDED;
	default:
		return false;
	}
}

static enum payment_state ask_ledger(struct world *world, const struct wish *wish)
{
	char json[64];
	int state = PAYMENT_NONE;
	snprintf(json, sizeof(json), "{\"payment\":\"%s\"}", wish->payment);
	const struct mqtt_message message = {
		.topic = "lendlock/v1/town/payment/till/request/desk-1/query",
		.payload = json,
		.size = strlen(json),
		.correlation = "a",
		.correlation_size = 1};
	fake_mqtt_clear(&world->mqtt);
	assert_int_equal(adapter_message(world->adapter, &message), 0);
	json_t *reply =
		fake_mqtt_last_json(&world->mqtt, "lendlock/v1/town/payment/till/reply/desk-1");
	const char *name =
		json_string_value(json_object_get(json_object_get(reply, "payment"), "state"));
	if (name)
		state = choice_find(payment_state_names, name);
	json_decref(reply);
	return (enum payment_state)state;
}

static void check(struct world *world)
{
	for (int i = 0; i < world->wishes_n; i++) {
		const struct wish *wish = &world->wishes[i];
		struct check check = {world, wish, PROVIDER_NOTHING};
		provider_sandbox_each(world->provider, look, &check);
		enum payment_state ledger = ask_ledger(world, wish);
		const char *at = payment_state_names[wish->state];
		if (!agree(wish->state, check.holds))
			fail_msg("seed %llu: %s is %s, and the provider holds %d",
				(unsigned long long)world->seed, wish->payment, at, check.holds);
		if (!world->restores && !agree(ledger, check.holds))
			fail_msg("seed %llu: %s is %d in the ledger, and the provider holds %d",
				(unsigned long long)world->seed, wish->payment, ledger,
				check.holds);
		if (wish->back &&
			(wish->state == PAYMENT_AUTHORIZED || wish->state == PAYMENT_CAPTURED))
			fail_msg("seed %llu: wanted back, and %s", (unsigned long long)world->seed,
				at);
	}
}

static bool is_settled(const struct world *world)
{
	for (int i = 0; i < world->wishes_n; i++)
		if (payment_is_open(world->wishes[i].state))
			return false;
	for (int i = 0; i < LETTERS; i++)
		if (world->letters[i].due)
			return false;
	return true;
}

static void heal(struct world *world)
{
	world->faults = false;
	stop(world);
	start(world);
	usec end = world->now + 6 * HOUR;
	while (!is_settled(world) && world->now < end)
		step(world);
	if (!is_settled(world))
		fail_msg("seed %llu: it does not settle", (unsigned long long)world->seed);
	check(world);
	for (end = world->now + HOUR; world->now < end;)
		step(world);
	check(world); /* nothing came late */
}

static void run(uint64_t seed, bool restores)
{
	static const char *const files[] = {"ledger.db", "ledger.db-wal", "sandbox.db",
		"sandbox.db-wal", "sandbox.db-shm", "backup.db"};
	struct world *world = calloc(1, sizeof(*world));
	assert_non_null(world);
	world->seed = seed;
	world->faults = true;
	world->restores = restores;
	fake_clock_init(&world->clock);
	fake_random_init(&world->random, seed);
	fake_mqtt_init(&world->mqtt);
	world->settings = adapter_defaults();
	world->settings.settle = MINUTE;
	TEXT_COPY(world->folder, "/tmp/lendlock-payment-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	snprintf(world->path, sizeof(world->path), "%s/ledger.db", world->folder);
	snprintf(world->sandbox, sizeof(world->sandbox), "%s/sandbox.db", world->folder);
	snprintf(world->backup, sizeof(world->backup), "%s/backup.db", world->folder);
	start(world);
	for (int i = 0; i < 1500; i++)
		step(world);
	heal(world);
	stop(world);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s/%s", world->folder, files[i]);
		unlink(path);
	}
	rmdir(world->folder);
	free(world);
}

static void test_faults_and_crashes(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++)
		run(seed, false);
}

static void test_faults_and_old_copies(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++)
		run(seed, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults_and_crashes),
		cmocka_unit_test(test_faults_and_old_copies),
	};
	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
