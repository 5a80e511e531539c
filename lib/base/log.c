#include "lib/base/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

static enum log_level log_threshold = LOG_LEVEL_INFO;
static const char *log_program;

void log_set_level(enum log_level level)
{
	log_threshold = level;
}

const char *const log_level_names[] = {"error", "warning", "info", "debug", NULL};

void log_set_level_index(int index)
{
	static const enum log_level levels[] = {
		LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG};
	log_set_level(levels[index]);
}

void log_set_plain(const char *program)
{
	log_program = program;
}

void log_set_plain_on_terminal(const char *program)
{
	if (isatty(STDERR_FILENO))
		log_set_plain(program);
}

void log_write(enum log_level level, const char *format, ...)
{
	if (level > log_threshold)
		return;

	char line[LINE_MAX_BYTES];
	int head = log_program ? snprintf(line, sizeof(line), "%.32s: ", log_program)
			       : snprintf(line, sizeof(line), "<%d>", level);
	va_list args;
	va_start(args, format);
	int body = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, format, args);
	va_end(args);
	if (body < 0)
		return;

	size_t length = (size_t)head + (size_t)body;
	if (length > sizeof(line) - 2)
		length = sizeof(line) - 2;
	for (size_t i = (size_t)head; i < length; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[length++] = '\n';
	/* One write, so that lines of several processes do not mix; a full pipe loses the line. */
	ssize_t written = write(STDERR_FILENO, line, length);
	(void)written;
}
