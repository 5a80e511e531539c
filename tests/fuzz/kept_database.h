/*
 * One database stays open over all inputs: to open one (to read the schema, to prepare each
 * statement anew) takes ten times as long as what most inputs ask of it. Between two inputs its
 * file is put back to the template behind SQLite's back, which then reads the pages again, as when
 * another process wrote.
 *
 * The linker leads database_open() and database_close() here (--wrap; see CMakeLists.txt).
 */
#ifndef LENDLOCK_TESTS_FUZZ_KEPT_DATABASE_H
#define LENDLOCK_TESTS_FUZZ_KEPT_DATABASE_H

#include <stdbool.h>

/* From here on database_open() gives the one that stays open, and closing it leaves it so. With
 * false it does what it always does, as the daemons have it. */
void kept_database(bool kept);

#endif
