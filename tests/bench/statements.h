/*
 * What a program asks of SQLite, recorded and played again: the same statements with the same
 * values in the same transactions, and nothing around them. Recording needs the linker's --wrap for
 * the functions in statements.c.
 */
#ifndef LENDLOCK_TESTS_BENCH_STATEMENTS_H
#define LENDLOCK_TESTS_BENCH_STATEMENTS_H

#include <stddef.h>

struct statements;

/* Everything from now until statements_end(); one recording at a time. */
struct statements *statements_begin(void);
void statements_end(struct statements *statements);
/* Plays them on a database of the same content, which it opens as lib/store/database.c does.
 * Returns the seconds that it took. */
double statements_play(const struct statements *statements, const char *database);
size_t statements_count(const struct statements *statements); /* how many were executed */
struct statements *statements_free(struct statements *statements);

#endif
