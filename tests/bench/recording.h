/* A recorded stream: a file with one event a line, the kiosks by turns. */
#ifndef LENDLOCK_TESTS_BENCH_RECORDING_H
#define LENDLOCK_TESTS_BENCH_RECORDING_H

#include "lib/base/time.h"

#include <stddef.h>

struct recording {
	int kiosks;
	size_t events; /* of each kiosk */
	char *bytes;   /* the whole file */
	char **lines;  /* event e of kiosk k: lines[e * kiosks + k], ended with NUL */
};

/* Records events of kiosks banks of items things, those that stock them left out. */
void recording_make(const char *path, int kiosks, int items, size_t events, usec start);

void recording_load(const char *path, struct recording *ret);
void recording_unload(struct recording *recording);

/* n events of one kiosk from the first on as a batch, which the caller frees. */
char *recording_batch(
	const struct recording *recording, int kiosk, size_t first, size_t n, size_t *ret_size);

/* For programs that have nobody to tell of an error but the one who runs them. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
