/*
 * How many events a second a hub takes: JSON, log, view and commits to a file, one event a message.
 * The network is a counter. Not a test; run it on a quiet machine: bench-hub-ingest [EVENTS [BANKS
 * [MESSAGES-PER-COMMIT [FOLDER]]]]
 */
#include "hub/hub.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ITEMS_A_BANK 40

struct counter {
	struct mqtt_port port;
	size_t messages, bytes;
};

static int count(struct mqtt_port *port, const struct mqtt_message *message)
{
	struct counter *counter = (struct counter *)port;
	counter->messages++;
	counter->bytes += message->size;
	return 0;
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct bench {
	struct fake_clock clock;
	struct fake_random random;
	struct counter counter;
	struct hub *hub;
	int banks;
	char (*epochs)[UUID_SIZE];
	int64_t *seqs;
	char (*rentals)[UUID_SIZE]; /* by bank and item: the open one */
	int *steps;
};

/* The life of a rental: what each event of it says. */
static const struct {
	const char *fact, *state, *item_state;
} life[] = {
	{"reserved", "held", "reserved"},
	{"paying", "paying", "reserved"},
	{"paid", "paid", "reserved"},
	{"opening", "opening", "reserved"},
	{"taking", "taking", "rented"},
	{"rented", "rented", "rented"},
	{"returning", "returning", "rented"},
	{"returned", "returned", "available"},
};
#define LIFE (int)(sizeof(life) / sizeof(life[0]))

static int write_event(struct bench *bench, int number, char *ret, size_t room)
{
	int bank = number % bench->banks;
	int item = (int)(fake_random_next(&bench->random) % ITEMS_A_BANK);
	int slot = bank * ITEMS_A_BANK + item;
	int step = bench->steps[slot]++ % LIFE;
	char id[UUID_SIZE], time_text[TIME_SIZE];
	if (step == 0)
		uuid_make(bench->clock.wall, &bench->random.port, bench->rentals[slot]);
	uuid_make(bench->clock.wall, &bench->random.port, id);
	time_format(bench->clock.wall, time_text);
	bench->clock.wall += MSEC;
	return snprintf(ret, room,
		"[{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/lendlock/town/kiosk/"
		"bank-%d\","
		"\"type\":\"lendlock.rental.%s\",\"subject\":\"item-%d-%d\",\"time\":\"%s\","
		"\"epoch\":\"%s\",\"sequence\":\"%020lld\",\"datacontenttype\":\"application/"
		"json\","
		"\"data\":{\"rental\":\"%s\",\"item\":\"item-%d-%d\","
		"\"renter\":\"0123456789abcdef0123456789abcdef\",\"state\":\"%s\",\"item_state\":"
		"\"%s\","
		"\"compartment\":%d,\"amount\":500,\"currency\":\"EUR\",\"reserved_at\":\"%s\","
		"\"expires_at\":\"%s\"}}]",
		id, bank, life[step].fact, bank, item, time_text, bench->epochs[bank],
		(long long)++bench->seqs[bank], bench->rentals[slot], bank, item, life[step].state,
		life[step].item_state, item + 1, time_text, time_text);
}

static void fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static void give(struct bench *bench, const char *topic, const char *payload, const char *id)
{
	const struct mqtt_message message = {.topic = topic,
		.payload = payload,
		.size = strlen(payload),
		.qos = 1,
		.correlation = id,
		.correlation_size = strlen(id)};
	if (hub_message(bench->hub, &message) < 0)
		fail("the hub failed");
}

static void register_items(struct bench *bench)
{
	char payload[512], topic[96], id[32], time_text[TIME_SIZE];
	for (int i = 0; i < bench->banks * ITEMS_A_BANK; i++) {
		time_format(bench->clock.wall + 30 * SECOND, time_text);
		/* Each user has so many live rows at the desk, and no more. */
		snprintf(topic, sizeof(topic), "lendlock/v1/town/hub/request/m%d/item-register",
			i / 200);
		snprintf(id, sizeof(id), "r%d", i);
		snprintf(payload, sizeof(payload),
			"{\"item\":\"item-%d-%d\",\"title\":\"A "
			"thing\",\"amount\":500,\"currency\":"
			"\"EUR\",\"period\":86400,\"kiosk\":\"bank-%d\",\"expires_at\":\"%s\"}",
			i / ITEMS_A_BANK, i % ITEMS_A_BANK, i / ITEMS_A_BANK, time_text);
		give(bench, topic, payload, id);
	}
	if (hub_flush(bench->hub) < 0)
		fail("the hub failed");
}

static void set_up(struct bench *bench, const char *folder, int banks)
{
	static char names[1024][NAME_SIZE];
	static const char *managers[1025];
	static char path[256];
	for (int i = 0; i < 1024; i++) {
		snprintf(names[i], NAME_SIZE, "m%d", i);
		managers[i] = names[i];
	}
	snprintf(path, sizeof(path), "%s/bench-hub-%d.db", folder, (int)getpid());
	fake_clock_init(&bench->clock);
	fake_random_init(&bench->random, 1);
	bench->counter.port.publish = count;
	bench->banks = banks;
	size_t slots = (size_t)banks * ITEMS_A_BANK;
	bench->epochs = calloc((size_t)banks, sizeof(*bench->epochs));
	bench->seqs = calloc((size_t)banks, sizeof(*bench->seqs));
	bench->rentals = calloc(slots, sizeof(*bench->rentals));
	bench->steps = calloc(slots, sizeof(*bench->steps));
	if (!bench->epochs || !bench->seqs || !bench->rentals || !bench->steps)
		abort();
	for (int i = 0; i < banks; i++)
		uuid_make(bench->clock.wall, &bench->random.port, bench->epochs[i]);
	const struct hub_options options = {.site = "town",
		.database = path,
		.ledger = "bank",
		.managers = managers,
		.settings = hub_settings_default,
		.clock = &bench->clock.port,
		.random = &bench->random.port,
		.mqtt = &bench->counter.port};
	if (hub_open(&options, &bench->hub) < 0)
		fail("cannot open the hub");
	hub_will(bench->hub);
	if (hub_connected(bench->hub) < 0)
		fail("the hub failed");
	register_items(bench);
}

static char **write_messages(struct bench *bench, int events, char (**ret_topics)[96])
{
	char **payloads = calloc((size_t)events, sizeof(*payloads));
	char(*topics)[96] = calloc((size_t)events, sizeof(*topics));
	if (!payloads || !topics)
		abort();
	for (int i = 0; i < events; i++) {
		char text[2048];
		write_event(bench, i, text, sizeof(text));
		payloads[i] = strdup(text);
		snprintf(topics[i], sizeof(topics[i]), "lendlock/v1/town/kiosk/bank-%d/event",
			i % bench->banks);
	}
	*ret_topics = topics;
	return payloads;
}

int main(int argc, char **argv)
{
	int events = argc > 1 ? atoi(argv[1]) : 200000;
	int banks = argc > 2 ? atoi(argv[2]) : 100;
	int commit = argc > 3 ? atoi(argv[3]) : 256;
	const char *folder = argc > 4 ? argv[4] : "/tmp";
	static struct bench bench;
	char(*topics)[96];
	set_up(&bench, folder, banks);
	char **payloads = write_messages(&bench, events, &topics);

	struct counter before = bench.counter;
	double start = seconds(), worst = 0, last = start;
	clock_t cpu = clock();
	for (int i = 0; i < events; i++) {
		give(&bench, topics[i], payloads[i], "");
		if ((i + 1) % commit == 0 || i + 1 == events) {
			if (hub_flush(bench.hub) < 0 || hub_tick(bench.hub) < 0)
				fail("the hub failed");
			fake_clock_pass(&bench.clock, (usec)commit * 50);
			double now = seconds();
			worst = now - last > worst ? now - last : worst;
			last = now;
		}
	}
	double took = seconds() - start;
	printf("%d events of %d banks, %d a commit: %.0f events/s, %.1f us of processor each,"
	       " longest round %.0f ms, %zu messages out (%.0f bytes each)\n",
		events, banks, commit, events / took,
		(double)(clock() - cpu) / CLOCKS_PER_SEC * 1e6 / events, worst * 1e3,
		bench.counter.messages - before.messages,
		(double)(bench.counter.bytes - before.bytes) /
			(double)(bench.counter.messages - before.messages + 1));
	hub_close(bench.hub);
	return 0;
}
