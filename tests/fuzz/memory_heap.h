/*
 * SQLite's memory out of blocks of its own: it makes and drops thousands of small things for each
 * input, and AddressSanitizer looks at each for longer than SQLite does. What SQLite hands out is
 * still watched in all other tests.
 */
#ifndef LENDLOCK_TESTS_FUZZ_MEMORY_HEAP_H
#define LENDLOCK_TESTS_FUZZ_MEMORY_HEAP_H

/* Before the first use of SQLite. */
void memory_heap_start(void);

#endif
