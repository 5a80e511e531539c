/*
 * The hub without a network, and the same without a hub:
 * bench-ingest BASE RECORDING BATCH MESSAGES INTERVAL
 *
 * Takes a recorded stream, BATCH events a message and MESSAGES messages a commit, into copies of
 * the database BASE; the hub's clock goes on by INTERVAL microseconds a commit. First as the hub
 * does it, then only the statements that it gave to SQLite. Prints the events a second of both, and
 * the statements an event.
 */
#include "tests/bench/hub_in_process.h"
#include "tests/bench/recording.h"
#include "tests/bench/statements.h"
#include "tests/bench/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct plan {
	const char *base;
	struct recording recording;
	size_t batch, messages;
	usec interval;
	char **batches; /* b * kiosks + k */
	size_t *sizes, batches_n;
};

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void make_batches(struct plan *plan)
{
	size_t kiosks = (size_t)plan->recording.kiosks;
	plan->batches_n = plan->recording.events / plan->batch * kiosks;
	plan->batches = calloc(plan->batches_n, sizeof(*plan->batches));
	plan->sizes = calloc(plan->batches_n, sizeof(*plan->sizes));
	if (!plan->batches || !plan->sizes)
		abort();
	for (size_t i = 0; i < plan->batches_n; i++)
		plan->batches[i] = recording_batch(&plan->recording, (int)(i % kiosks),
			i / kiosks * plan->batch, plan->batch, &plan->sizes[i]);
}

/* A fresh copy of the base database, whose path is static. */
static const char *copy_base(const char *base)
{
	static char path[512];
	char command[2400];
	snprintf(path, sizeof(path), "%s-ingest", base);
	snprintf(command, sizeof(command), "rm -f '%s'*; cp '%s' '%s'; sync -d '%s'", path, base,
		path, path);
	if (system(command) != 0)
		fail("cannot copy %s", base);
	return path;
}

static void take(struct hub_in_process *in, const struct plan *plan)
{
	for (size_t i = 0; i < plan->batches_n; i++) {
		char kiosk[NAME_SIZE], topic[MQTT_TOPIC_MAX];
		stream_kiosk((int)(i % (size_t)plan->recording.kiosks), kiosk);
		snprintf(topic, sizeof(topic), "kiosk/%s/event", kiosk);
		hub_in_process_give(in, topic, plan->batches[i], plan->sizes[i], "");
		if ((i + 1) % plan->messages != 0 && i + 1 < plan->batches_n)
			continue;
		hub_in_process_flush(in);
		fake_clock_pass(&in->clock, plan->interval);
	}
}

static double play_hub(const struct plan *plan, struct statements **ret_statements)
{
	struct hub_in_process in;
	hub_in_process_open(&in, copy_base(plan->base), (usec)time(NULL) * SECOND);
	hub_in_process_connect(&in);
	if (ret_statements)
		*ret_statements = statements_begin();
	double start = seconds();
	take(&in, plan);
	double took = seconds() - start;
	if (ret_statements)
		statements_end(*ret_statements);
	hub_in_process_close(&in);
	return took;
}

int main(int argc, char **argv)
{
	if (argc != 6)
		fail("usage: bench-ingest BASE RECORDING BATCH MESSAGES INTERVAL");
	struct plan plan = {.base = argv[1],
		.batch = strtoul(argv[3], NULL, 10),
		.messages = strtoul(argv[4], NULL, 10),
		.interval = strtoll(argv[5], NULL, 10)};
	recording_load(argv[2], &plan.recording);
	make_batches(&plan);
	double events = (double)(plan.batches_n * plan.batch);
	double hub = play_hub(&plan, NULL);
	struct statements *statements;
	play_hub(&plan, &statements);
	double raw = statements_play(statements, copy_base(plan.base));
	printf("%.0f %.0f %.2f\n", events / hub, events / raw,
		(double)statements_count(statements) / events);
	statements_free(statements);
	return 0;
}
