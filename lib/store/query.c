/* Statements: prepared once, bound, stepped, read. */
#include "lib/store/internal.h"

#include <errno.h>
#include <stdlib.h>

struct query **query_find(struct database *database, const void *k0, const void *k1, const void *k2)
{
	uintptr_t hash = ((uintptr_t)k0 >> 3) ^ ((uintptr_t)k1 >> 5) ^ ((uintptr_t)k2 >> 7);
	struct query **at = &database->buckets[hash % BUCKETS];
	while (*at && ((*at)->key[0] != k0 || (*at)->key[1] != k1 || (*at)->key[2] != k2))
		at = &(*at)->next;
	return at;
}

struct query *query_add(struct database *database, struct query **at, const char *sql,
	const void *k0, const void *k1, const void *k2)
{
	struct query *query = calloc(1, sizeof(*query));
	if (!query)
		abort();
	*query = (struct query){.database = database, .key = {k0, k1, k2}};
	*at = query;
	if (!database->error &&
		sqlite3_prepare_v3(database->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT,
			&query->statement, NULL) != SQLITE_OK)
		database_fail(database, sql);
	return query;
}

void query_check_bound(struct query *query, int result)
{
	if (result != SQLITE_OK && query->statement)
		database_fail(query->database, sqlite3_sql(query->statement));
}

int query_bind_text(struct query *query, int index, const char *text)
{
	return sqlite3_bind_text(query->statement, index, text, -1, query->lifetime);
}

/* One letter's argument, or two. */
static void bind_next(struct query *query, char type, int *index, va_list *args)
{
	sqlite3_stmt *statement = query->statement;
	if (type == 't') {
		query_check_bound(
			query, query_bind_text(query, ++*index, va_arg(*args, const char *)));
	} else if (type == 'i') {
		query_check_bound(
			query, sqlite3_bind_int64(statement, ++*index, va_arg(*args, int64_t)));
	} else if (type == 'b') {
		const void *bytes = va_arg(*args, const void *);
		size_t size = va_arg(*args, size_t);
		query_check_bound(query,
			sqlite3_bind_blob64(statement, ++*index, bytes, size, query->lifetime));
	} else if (type == 's') {
		const char *text = va_arg(*args, const char *);
		int size = (int)va_arg(*args, size_t);
		query_check_bound(
			query, sqlite3_bind_text(statement, ++*index, text, size, query->lifetime));
	} else if (type == 'r') {
		const struct record_type *record = va_arg(*args, const struct record_type *);
		row_bind(query, index, record, va_arg(*args, const void *));
	} else {
		abort();
	}
}

void query_bind(
	struct query *query, const char *types, va_list args, sqlite3_destructor_type lifetime)
{
	query->lifetime = lifetime;
	if (query->statement && sqlite3_stmt_busy(query->statement))
		abort(); /* opened twice at a time */
	int index = 0;
	va_list rest;
	va_copy(rest, args);
	for (; *types; types++)
		bind_next(query, *types, &index, &rest);
	va_end(rest);
	if (query->statement && sqlite3_bind_parameter_count(query->statement) != index)
		abort(); /* types do not fit the statement */
}

static struct query *prepare(struct database *database, const char *sql)
{
	struct query **at = query_find(database, sql, NULL, NULL);
	return *at ? *at : query_add(database, at, sql, sql, NULL, NULL);
}

struct query *database_query(struct database *database, const char *sql, const char *types, ...)
{
	struct query *query = prepare(database, sql);
	va_list args;
	va_start(args, types);
	query_bind(query, types, args, SQLITE_TRANSIENT);
	va_end(args);
	return query;
}

bool query_next(struct query *query)
{
	if (query->database->error || !query->statement) {
		query_end(query);
		return false;
	}
	int r = sqlite3_step(query->statement);
	if (r == SQLITE_ROW)
		return true;
	if (r != SQLITE_DONE)
		database_fail(query->database, sqlite3_sql(query->statement));
	sqlite3_reset(query->statement);
	return false;
}

void query_end(struct query *query)
{
	if (query->statement)
		sqlite3_reset(query->statement);
}

int64_t query_int(struct query *query, int column)
{
	return sqlite3_column_int64(query->statement, column);
}

/* Nothing: because there is nothing, or for lack of memory. */
static void check_read(struct query *query)
{
	if (sqlite3_errcode(query->database->sqlite) == SQLITE_NOMEM)
		database_fail(query->database, sqlite3_sql(query->statement));
}

const char *query_text(struct query *query, int column)
{
	const char *text = (const char *)sqlite3_column_text(query->statement, column);
	if (!text)
		check_read(query);
	return text ? text : "";
}

const void *query_blob(struct query *query, int column, size_t *ret_size)
{
	const void *bytes = sqlite3_column_blob(query->statement, column);
	if (!bytes)
		check_read(query);
	*ret_size = (size_t)sqlite3_column_bytes(query->statement, column);
	return bytes;
}

int64_t database_run(struct database *database, const char *sql, const char *types, ...)
{
	struct query *query = prepare(database, sql);
	va_list args;
	va_start(args, types);
	query_bind(query, types, args, SQLITE_STATIC);
	va_end(args);
	while (query_next(query))
		;
	return database->error ? 0 : sqlite3_changes64(database->sqlite);
}

int64_t database_number(
	struct database *database, int64_t otherwise, const char *sql, const char *types, ...)
{
	struct query *query = prepare(database, sql);
	va_list args;
	va_start(args, types);
	query_bind(query, types, args, SQLITE_STATIC);
	va_end(args);
	if (!query_next(query))
		return otherwise;
	int64_t value = query_int(query, 0);
	query_end(query);
	return value;
}
