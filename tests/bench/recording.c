#include "tests/bench/recording.h"

#include "tests/bench/stream.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fail(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

static void write_events(FILE *file, struct stream *stream, int kiosks, int items, size_t events)
{
	for (int kiosk = 0; kiosk < kiosks; kiosk++)
		for (int i = 0; i < items; i++)
			free(stream_next(stream, kiosk));
	for (size_t i = 0; i < events; i++)
		for (int kiosk = 0; kiosk < kiosks; kiosk++) {
			char *event = stream_next(stream, kiosk);
			fprintf(file, "%s\n", event);
			free(event);
		}
}

void recording_make(const char *path, int kiosks, int items, size_t events, usec start)
{
	FILE *file = fopen(path, "we");
	if (!file)
		fail("%s: %m", path);
	fprintf(file, "%d %zu\n", kiosks, events);
	struct stream *stream = stream_new(kiosks, items, start);
	write_events(file, stream, kiosks, items, events);
	stream_free(stream);
	if (fclose(file) != 0)
		fail("%s: %m", path);
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	if (!file || fseek(file, 0, SEEK_END) != 0)
		fail("%s: %m", path);
	size_t size = (size_t)ftell(file);
	char *bytes = malloc(size + 1);
	rewind(file);
	if (!bytes || fread(bytes, 1, size, file) != size)
		fail("%s: %m", path);
	bytes[size] = '\0';
	fclose(file);
	return bytes;
}

/* Cuts the next line off and moves *at behind it. */
static char *cut_line(const char *path, char **at)
{
	char *line = *at, *end = strchr(line, '\n');
	if (!end)
		fail("%s: is cut off", path);
	*end = '\0';
	*at = end + 1;
	return line;
}

void recording_load(const char *path, struct recording *ret)
{
	*ret = (struct recording){.bytes = read_file(path)};
	char *at = ret->bytes;
	if (sscanf(cut_line(path, &at), "%d %zu", &ret->kiosks, &ret->events) != 2)
		fail("%s: no recording", path);
	size_t lines = (size_t)ret->kiosks * ret->events;
	ret->lines = calloc(lines, sizeof(*ret->lines));
	if (!ret->lines)
		abort();
	for (size_t i = 0; i < lines; i++)
		ret->lines[i] = cut_line(path, &at);
}

void recording_unload(struct recording *recording)
{
	free(recording->lines);
	free(recording->bytes);
}

char *recording_batch(
	const struct recording *recording, int kiosk, size_t first, size_t n, size_t *ret_size)
{
	size_t size;
	char *batch;
	FILE *stream = open_memstream(&batch, &size);
	if (!stream)
		abort();
	for (size_t i = first; i < first + n; i++)
		fprintf(stream, "%c%s", i == first ? '[' : ',',
			recording->lines[i * (size_t)recording->kiosks + (size_t)kiosk]);
	fputc(']', stream);
	if (fclose(stream) != 0)
		abort();
	*ret_size = size;
	return batch;
}
