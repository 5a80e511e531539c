/*
 * SQLite for the store files: the only code that sees sqlite3.h is database.c.
 *
 * One connection, one thread, one process (exclusive lock), WAL, synchronous=FULL.
 *
 * Errors are sticky, as with stdio: the first failure is logged and kept, everything after it does
 * nothing (a query finds no row), and the commit returns it. So store functions need no error
 * paths: whatever was decided on a failed read is never committed, and effects only follow a
 * commit. After a failed commit the daemon stops; the write-ahead log is the recovery.
 */
#ifndef LENDLOCK_STORE_DATABASE_H
#define LENDLOCK_STORE_DATABASE_H

#include "lib/wire/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct database;

/* path: a file, or ":memory:". vfs: name of a SQLite VFS, or NULL for the usual one.
 * migrations[i] takes user_version i to i+1, each in one transaction; ended by NULL.
 * 0; -EBUSY: another process holds it; -ENOTSUP: written by a later version; -EIO, also when it is
 * damaged, as far as a quick look shows that, and it is not too large for one. */
int database_open(const char *path, const char *vfs, const char *const *migrations,
	struct database **ret_database);
struct database *database_close(struct database *database);

/* A file control (sqlite3_file_control) of ours, which the made-up disks of tests know: what a sync
 * failed to write is shown no more. On a real disk database_open() does it by itself. */
#define DATABASE_FORGET_CACHED 0x4c4c

/* Transactions do not nest. Everything that writes stands between begin and commit. */
void database_begin(struct database *database);
/* 0, or the sticky error (negative errno); then nothing of the transaction is kept. */
int database_commit(struct database *database);
void database_rollback(struct database *database);
int database_error(const struct database *database);    /* 0 or the sticky error */
bool database_changed(const struct database *database); /* some row, since begin */

/*
 * A query. sql must be a string constant: it is prepared once and found again by its address. types
 * has a letter per parameter, each followed by its argument(s):
 *   t const char * (NULL: NULL)   s const char *, size_t   i int64_t   b const void *, size_t
 *   r const struct record_type *, const void *: all columns of a record, in order
 * A query is open from here until query_next() returned false or query_end(); the same one cannot
 * be opened twice at a time.
 */
struct query;
struct query *database_query(struct database *database, const char *sql, const char *types, ...);
bool query_next(struct query *query);
void query_end(struct query *query);
int64_t query_int(struct query *query, int column);
const char *query_text(struct query *query, int column); /* "" for NULL; until the next step */
const void *query_blob(struct query *query, int column, size_t *ret_size);

/* Runs a statement; returns how many rows it changed. types as above. */
int64_t database_run(struct database *database, const char *sql, const char *types, ...);
/* The first column of the first row, or otherwise. */
int64_t database_number(
	struct database *database, int64_t otherwise, const char *sql, const char *types, ...);

/*
 * Records in tables: each column has its field's name; FIELD_EMBED fields stand among the others;
 * lists, records and JSON have no columns. Names of tables are string constants.
 */
/* Inserts, or replaces by primary key (FIELD_KEY); what is FIELD_FIXED stays as it is. */
void database_put(struct database *database, const char *table, const struct record_type *type,
	const void *record);
/* The same, but an older row is replaced only under a condition, a string constant like
 * "WHERE seq<excluded.seq" (excluded: the new row). Whether a row was written. */
bool database_put_if(struct database *database, const char *table, const struct record_type *type,
	const void *record, const char *condition);
/* SELECT all of the record's columns FROM table, then tail (a constant: WHERE, ORDER BY ...). */
struct query *database_select(struct database *database, const char *table,
	const struct record_type *type, const char *tail, const char *types, ...);
/* Reads a row of database_select() into ret, which is zeroed first. */
void query_record(struct query *query, const struct record_type *type, void *ret);
/* Select, first row only: whether there was one. */
bool database_get(struct database *database, const char *table, const struct record_type *type,
	void *ret, const char *tail, const char *types, ...);

/* Runs PRAGMA integrity_check: 0 if ok, -EIO. */
int database_check(struct database *database);
/* Copies the whole database into a new file (VACUUM INTO). 0 or -EIO, which is not sticky: the
 * database itself is well. Outside a transaction. */
int database_copy(struct database *database, const char *path);

#endif
