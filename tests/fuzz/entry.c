#include "tests/fuzz/fuzz.h"

#include "lib/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool fuzz_is_thorough;

/* AddressSanitizer asks for it by this name. Where a block was made is told by few frames: to note
 * many takes longer than all else. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "malloc_context_size=4:quarantine_size_mb=16";
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* What comes from outside is complained of in the log, and there is a lot of it. */
	log_set_level(getenv("FUZZ_LOG") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR - 1);
	fuzz_set_up(FUZZ_TARGET);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	fuzz_try(bytes, size);
	return 0;
}

bool fuzz_looks_closely(const uint8_t *bytes, size_t size)
{
	unsigned sum = 0;
	for (size_t i = 0; i < size; i++)
		sum = 31 * sum + bytes[i];
	return fuzz_is_thorough || sum % 16 == 0;
}

void fuzz_fail(const char *file, int line, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fprintf(stderr, "%s:%d: ", file, line);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	abort();
}

void *fuzz_copy(const void *bytes, size_t size)
{
	void *copy = malloc(size);
	if (!copy && size)
		abort();
	if (size)
		memcpy(copy, bytes, size);
	return copy;
}

char *fuzz_text(const void *bytes, size_t size)
{
	char *text = malloc(size + 1);
	if (!text)
		abort();
	if (size)
		memcpy(text, bytes, size);
	text[size] = '\0';
	return text;
}
