/*
 * Fuzzing, seen from a harness: some bytes from outside, and what must hold whatever they are.
 *
 * One executable per target. libFuzzer makes up the bytes in the preset `fuzz`; elsewhere replay.c
 * feeds the files of tests/fuzz/corpus/, so that what was found once is tried by every build.
 */
#ifndef LENDLOCK_TESTS_FUZZ_FUZZ_H
#define LENDLOCK_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a harness gives. Once, before the first input; target: which of its targets this is. */
void fuzz_set_up(const char *target);
/* Tries one input. Whatever it leaves behind must not matter to the next. */
void fuzz_try(const uint8_t *bytes, size_t size);

/* Whether to look closely, too, at what takes long: always when a corpus is replayed, and else at
 * one input out of 16. */
bool fuzz_looks_closely(const uint8_t *bytes, size_t size);
extern bool fuzz_is_thorough;

/* For replay.c; libFuzzer knows these names. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Ends the process with a message when a property does not hold. */
__attribute__((noreturn, format(printf, 3, 4))) void fuzz_fail(
	const char *file, int line, const char *format, ...);
#define FUZZ_FAIL(...) fuzz_fail(__FILE__, __LINE__, __VA_ARGS__)
#define FUZZ_CHECK(condition)                        \
	do {                                         \
		if (!(condition))                    \
			FUZZ_FAIL("%s", #condition); \
	} while (0)

/* A copy of its own, of just that size, so that AddressSanitizer sees who reads on. Freed by
 * free(). */
void *fuzz_copy(const void *bytes, size_t size);
/* ... with a NUL behind it, and without any inside: it ends at the first one. */
char *fuzz_text(const void *bytes, size_t size);

#endif
