/* What the files of the store share. */
#ifndef LENDLOCK_STORE_INTERNAL_H
#define LENDLOCK_STORE_INTERNAL_H

#include "lib/store/database.h"

#include <sqlite3.h>
#include <stdarg.h>

/* One prepared statement. Found by the addresses it was asked for with: (sql, NULL, NULL), or for
 * records (tail, table, type). */
struct query {
	struct database *database;
	const void *key[3];
	sqlite3_stmt *statement;
	sqlite3_destructor_type lifetime; /* of what is bound; see query_bind() */
	struct query *next;               /* in its bucket */
};

#define BUCKETS 128

struct database {
	sqlite3 *sqlite;
	int error;
	bool in_transaction;
	int64_t changes; /* at begin */
	struct query *buckets[BUCKETS];
};

/* The last call of SQLite failed: all that follows fails, too. what: for the log. */
void database_fail(struct database *database, const char *what);

/* --- query.c --------------------------------------------------------------------------------- */
/* Where the query with that key is, or belongs (NULL). */
struct query **query_find(
	struct database *database, const void *k0, const void *k1, const void *k2);
struct query *query_add(struct database *database, struct query **at, const char *sql,
	const void *k0, const void *k1, const void *k2);
/* lifetime: whether the arguments stay until the query is closed (SQLITE_STATIC), or must be copied
 * (SQLITE_TRANSIENT). */
void query_bind(
	struct query *query, const char *types, va_list args, sqlite3_destructor_type lifetime);
/* What came of binding a parameter: without its value it would be NULL in the statement. */
void query_check_bound(struct query *query, int result);
int query_bind_text(struct query *query, int index, const char *text);

/* --- rows.c ---------------------------------------------------------------------------------- */
/* Binds all columns of a record to the parameters after *index, and counts them there. */
void row_bind(struct query *query, int *index, const struct record_type *type, const void *record);

#endif
