/*
 * The memory of SQLite, which may run short. SQLite has one allocator for a whole process, and so
 * this is the one thing here that worlds of one process share; it is ordered before a call into a
 * daemon's core and taken back after it.
 */
#ifndef LENDLOCK_TESTS_SIMULATOR_SQLITE_MEMORY_H
#define LENDLOCK_TESTS_SIMULATOR_SQLITE_MEMORY_H

#include <stdbool.h>

/* Before anything else is done with SQLite; without effect if it is too late. The process must have
 * one thread only. */
void sqlite_memory_install(void);

/* The n-th piece of memory from now on that SQLite asks for is not there. 0: all are. */
void sqlite_memory_break(int n);
/* All are there again. Returns how many were left to that one, or 0 if it was asked for; then
 * ret_failed is true. */
int sqlite_memory_mend(bool *ret_failed);

#endif
