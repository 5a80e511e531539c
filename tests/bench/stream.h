/*
 * The events of a fleet of kiosks as they come from their outboxes: things are stocked, then lent,
 * paid, taken and returned, many at a time. The same arguments give the same events.
 */
#ifndef LENDLOCK_TESTS_BENCH_STREAM_H
#define LENDLOCK_TESTS_BENCH_STREAM_H

#include "lib/wire/records.h"

struct stream;

/* kiosks banks of items things each; the first event happens at start (wall). */
struct stream *stream_new(int kiosks, int items, usec start);
struct stream *stream_free(struct stream *stream);

void stream_kiosk(int kiosk, char ret[static NAME_SIZE]);
void stream_item(int kiosk, int item, char ret[static NAME_SIZE]);

/* A kiosk's next event, as JSON text that the caller frees. The first ones stock its things, one
 * each; from then on it is rentals. A kiosk's events do not depend on when others are asked. */
char *stream_next(struct stream *stream, int kiosk);

#endif
