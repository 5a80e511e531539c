/*
 * Fills a hub's database: bench-fill DATABASE KIOSKS ITEMS EVENTS START. Registers ITEMS things at
 * each of KIOSKS banks if there is no database yet; then takes EVENTS events of each kiosk, of
 * which the first ITEMS stock the things.
 */
#include "tests/bench/hub_in_process.h"
#include "tests/bench/recording.h"
#include "tests/bench/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUESTS_AT_ONCE 200 /* fewer than one user may have alive */
#define BATCH            16

static void register_item(struct hub_in_process *in, int kiosk, int item)
{
	char bank[NAME_SIZE], thing[NAME_SIZE], expires[TIME_SIZE], id[32], payload[512];
	stream_kiosk(kiosk, bank);
	stream_item(kiosk, item, thing);
	time_format(in->clock.wall + 30 * SECOND, expires);
	snprintf(id, sizeof(id), "%d-%d", kiosk, item);
	int size = snprintf(payload, sizeof(payload),
		"{\"item\":\"%s\",\"title\":\"Cordless drill with two batteries\",\"category\":"
		"\"tools\",\"description\":\"In a case, with a charger and a set of bits.\","
		"\"amount\":3000,\"currency\":\"KRW\",\"period\":259200,\"kiosk\":\"%s\","
		"\"expires_at\":\"%s\"}",
		thing, bank, expires);
	hub_in_process_give(in, "hub/request/manager/item-register", payload, (size_t)size, id);
}

/* The hub forgets requests that are old enough; else there would be too many of one user. */
static void register_items(struct hub_in_process *in, int kiosks, int items)
{
	for (int i = 0; i < kiosks * items; i++) {
		register_item(in, i / items, i % items);
		if ((i + 1) % REQUESTS_AT_ONCE != 0 && i + 1 < kiosks * items)
			continue;
		hub_in_process_flush(in);
		fake_clock_pass(&in->clock, 12 * MINUTE);
		hub_in_process_flush(in);
	}
}

static char *next_batch(struct stream *stream, int kiosk, int events, size_t *ret_size)
{
	char *batch;
	FILE *file = open_memstream(&batch, ret_size);
	if (!file)
		abort();
	for (int i = 0; i < events; i++) {
		char *event = stream_next(stream, kiosk);
		fprintf(file, "%c%s", i == 0 ? '[' : ',', event);
		free(event);
	}
	fputc(']', file);
	if (fclose(file) != 0)
		abort();
	return batch;
}

static void take_events(struct hub_in_process *in, struct stream *stream, int kiosks, int events)
{
	for (int done = 0; done < events; done += BATCH) {
		int n = events - done < BATCH ? events - done : BATCH;
		for (int kiosk = 0; kiosk < kiosks; kiosk++) {
			char bank[NAME_SIZE], topic[MQTT_TOPIC_MAX];
			size_t size;
			char *batch = next_batch(stream, kiosk, n, &size);
			stream_kiosk(kiosk, bank);
			snprintf(topic, sizeof(topic), "kiosk/%s/event", bank);
			hub_in_process_give(in, topic, batch, size, "");
			free(batch);
		}
		fake_clock_pass(&in->clock, MINUTE);
	}
	hub_in_process_flush(in);
}

int main(int argc, char **argv)
{
	if (argc != 6)
		fail("usage: bench-fill DATABASE KIOSKS ITEMS EVENTS START");
	int kiosks = atoi(argv[2]), items = atoi(argv[3]), events = atoi(argv[4]);
	usec start = strtoll(argv[5], NULL, 10) * SECOND;
	bool fresh = access(argv[1], F_OK) != 0;
	struct hub_in_process in;
	hub_in_process_open(&in, argv[1], start);
	if (fresh)
		register_items(&in, kiosks, items);
	struct stream *stream = stream_new(kiosks, items, start);
	take_events(&in, stream, kiosks, events);
	stream_free(stream);
	hub_in_process_close(&in);
	return 0;
}
