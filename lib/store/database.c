#include "lib/store/database.h"

#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SQL_MAX 2048

/* One prepared statement. Found by the addresses it was asked for with: (sql, NULL, NULL), or for
 * records (tail, table, type). */
struct query {
	struct database *database;
	const void *key[3];
	sqlite3_stmt *statement;
	sqlite3_destructor_type lifetime; /* of what is bound; see bind() */
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

static void fail(struct database *database, const char *what)
{
	if (database->error)
		return;
	log_error("database: %s: %s", what, sqlite3_errmsg(database->sqlite));
	database->error = sqlite3_errcode(database->sqlite) == SQLITE_FULL ? -ENOSPC : -EIO;
}

static void execute(struct database *database, const char *sql)
{
	if (!database->error && sqlite3_exec(database->sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(database, sql);
}

/* --- opening -------------------------------------------------------------------------------- */

static int pragma_value(sqlite3 *sqlite, const char *sql)
{
	sqlite3_stmt *statement;
	int value = -1;
	if (sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW)
		value = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

static int migrate(struct database *database, const char *const *migrations)
{
	int version = pragma_value(database->sqlite, "PRAGMA user_version");
	int latest = 0;
	while (migrations[latest])
		latest++;
	if (version < 0) {
		log_error("database: its version %d makes no sense", version);
		return -EIO;
	}
	if (version > latest) {
		log_error("database: it has version %d, written by a later Lendlock; this one "
			  "knows %d",
			version, latest);
		return -ENOTSUP;
	}
	for (; version < latest; version++) {
		char set_version[48];
		snprintf(set_version, sizeof(set_version), "PRAGMA user_version=%d", version + 1);
		database_begin(database);
		execute(database, migrations[version]);
		execute(database, set_version);
		int r = database_commit(database);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * What a sync failed to write may stay in the system's cache as if it had been written (Linux marks
 * such pages clean), and the next process would build on what a cut of the power takes away. So the
 * log is read from the disk itself, before anybody looks at it. What is not written yet stays
 * cached.
 */
static void forget_cached_log(sqlite3 *sqlite, const char *path)
{
	char log[4096];
	if (sqlite3_file_control(sqlite, "main", DATABASE_FORGET_CACHED, NULL) == SQLITE_OK ||
		snprintf(log, sizeof(log), "%s-wal", path) >= (int)sizeof(log))
		return;
	int fd = open(log, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
}

/* The pragmas that everything rests upon, and whether they took. */
static int set_up(struct database *database)
{
	sqlite3 *sqlite = database->sqlite;
	sqlite3_extended_result_codes(sqlite, 0);
	/* Takes the lock at the first write and keeps it; must precede WAL, so that the wal-index
	 * stays in memory. */
	execute(database, "PRAGMA locking_mode=EXCLUSIVE");
	int r = sqlite3_exec(sqlite, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
	if (r == SQLITE_OK)
		r = sqlite3_exec(sqlite, "BEGIN EXCLUSIVE; COMMIT", NULL, NULL, NULL);
	if (r == SQLITE_BUSY || r == SQLITE_LOCKED) {
		log_error("database: another process holds it");
		return -EBUSY;
	}
	if (r != SQLITE_OK)
		fail(database, "opening");
	execute(database, "PRAGMA synchronous=FULL");
	execute(database, "PRAGMA foreign_keys=ON");
	execute(database, "PRAGMA trusted_schema=OFF");
	if (!database->error && pragma_value(sqlite, "PRAGMA synchronous") != 2) {
		log_error("database: synchronous=FULL was refused");
		return -EIO;
	}
	return database->error;
}

int database_open(const char *path, const char *vfs, const char *const *migrations,
	struct database **ret_database)
{
	struct database *database = calloc(1, sizeof(*database));
	if (!database)
		abort();
	int r;
	if (sqlite3_open_v2(path, &database->sqlite,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
		    vfs) != SQLITE_OK) {
		log_error("database: %s: %s: %s", path, sqlite3_errmsg(database->sqlite),
			strerror(sqlite3_system_errno(database->sqlite)));
		r = -EIO;
	} else {
		forget_cached_log(database->sqlite, path);
		r = set_up(database);
	}
	if (r == 0)
		r = migrate(database, migrations);
	if (r < 0) {
		database_close(database);
		return r;
	}
	*ret_database = database;
	return 0;
}

struct database *database_close(struct database *database)
{
	if (!database)
		return NULL;
	for (int i = 0; i < BUCKETS; i++)
		for (struct query *query = database->buckets[i], *next; query; query = next) {
			next = query->next;
			sqlite3_finalize(query->statement);
			free(query);
		}
	if (sqlite3_close(database->sqlite) != SQLITE_OK)
		log_error("database: closing: %s", sqlite3_errmsg(database->sqlite));
	free(database);
	return NULL;
}

/* --- transactions --------------------------------------------------------------------------- */

void database_begin(struct database *database)
{
	if (database->in_transaction)
		abort();
	database->in_transaction = true;
	database->changes = sqlite3_total_changes64(database->sqlite);
	database_run(database, "BEGIN IMMEDIATE", "");
}

bool database_changed(const struct database *database)
{
	return sqlite3_total_changes64(database->sqlite) != database->changes;
}

int database_commit(struct database *database)
{
	database_run(database, "COMMIT", "");
	database->in_transaction = false;
	if (database->error && !sqlite3_get_autocommit(database->sqlite))
		sqlite3_exec(database->sqlite, "ROLLBACK", NULL, NULL, NULL);
	return database->error;
}

void database_rollback(struct database *database)
{
	database->in_transaction = false;
	if (!sqlite3_get_autocommit(database->sqlite))
		execute(database, "ROLLBACK");
}

int database_error(const struct database *database)
{
	return database->error;
}

/* --- queries -------------------------------------------------------------------------------- */

static struct query **find(
	struct database *database, const void *k0, const void *k1, const void *k2)
{
	uintptr_t hash = ((uintptr_t)k0 >> 3) ^ ((uintptr_t)k1 >> 5) ^ ((uintptr_t)k2 >> 7);
	struct query **at = &database->buckets[hash % BUCKETS];
	while (*at && ((*at)->key[0] != k0 || (*at)->key[1] != k1 || (*at)->key[2] != k2))
		at = &(*at)->next;
	return at;
}

static struct query *add(struct database *database, struct query **at, const char *sql,
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
		fail(database, sql);
	return query;
}

static const void *field_of(const void *record, const struct field *field)
{
	return (const char *)record + field->offset;
}

static bool has_column(const struct field *field)
{
	return field->type < FIELD_RECORD;
}

/* A parameter without its value would be NULL in the statement. */
static void check_bound(struct query *query, int result)
{
	if (result != SQLITE_OK && query->statement)
		fail(query->database, sqlite3_sql(query->statement));
}

static int bind_text(struct query *query, int index, const char *text)
{
	return sqlite3_bind_text(query->statement, index, text, -1, query->lifetime);
}

static int bind_field(struct query *query, int index, const struct field *field, const void *value)
{
	const char *text = value;
	switch (field->type) {
	case FIELD_INTEGER:
	case FIELD_TIME:
		return sqlite3_bind_int64(query->statement, index, *(const int64_t *)value);
	case FIELD_BOOLEAN:
		return sqlite3_bind_int(query->statement, index, *(const bool *)value);
	case FIELD_CHOICE:
		text = field->names[*(const int *)value];
		return bind_text(query, index, text ? text : "");
	default:
		return bind_text(query, index, text);
	}
}

static void bind_record(
	struct query *query, int *index, const struct record_type *type, const void *record)
{
	for (const struct field *field = type->fields; field->name; field++) {
		const void *value = field_of(record, field);
		if (field->type == FIELD_EMBED)
			bind_record(query, index, field->record, value);
		else if (has_column(field))
			check_bound(query, bind_field(query, ++*index, field, value));
	}
}

/* One letter's argument, or two. */
static void bind_next(struct query *query, char type, int *index, va_list *args)
{
	sqlite3_stmt *statement = query->statement;
	if (type == 't') {
		check_bound(query, bind_text(query, ++*index, va_arg(*args, const char *)));
	} else if (type == 'i') {
		check_bound(query, sqlite3_bind_int64(statement, ++*index, va_arg(*args, int64_t)));
	} else if (type == 'b') {
		const void *bytes = va_arg(*args, const void *);
		size_t size = va_arg(*args, size_t);
		check_bound(query,
			sqlite3_bind_blob64(statement, ++*index, bytes, size, query->lifetime));
	} else if (type == 's') {
		const char *text = va_arg(*args, const char *);
		int size = (int)va_arg(*args, size_t);
		check_bound(
			query, sqlite3_bind_text(statement, ++*index, text, size, query->lifetime));
	} else if (type == 'r') {
		const struct record_type *record = va_arg(*args, const struct record_type *);
		bind_record(query, index, record, va_arg(*args, const void *));
	} else {
		abort();
	}
}

/* lifetime: whether the arguments stay until the query is closed (SQLITE_STATIC), or must be copied
 * (SQLITE_TRANSIENT). */
static void bind(
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
	struct query **at = find(database, sql, NULL, NULL);
	return *at ? *at : add(database, at, sql, sql, NULL, NULL);
}

struct query *database_query(struct database *database, const char *sql, const char *types, ...)
{
	struct query *query = prepare(database, sql);
	va_list args;
	va_start(args, types);
	bind(query, types, args, SQLITE_TRANSIENT);
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
		fail(query->database, sqlite3_sql(query->statement));
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
		fail(query->database, sqlite3_sql(query->statement));
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
	bind(query, types, args, SQLITE_STATIC);
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
	bind(query, types, args, SQLITE_STATIC);
	va_end(args);
	if (!query_next(query))
		return otherwise;
	int64_t value = query_int(query, 0);
	query_end(query);
	return value;
}

/* --- records -------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void append(char *sql, const char *format, ...)
{
	size_t length = strlen(sql);
	va_list args;
	va_start(args, format);
	int n = vsnprintf(sql + length, SQL_MAX - length, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= SQL_MAX - length)
		abort(); /* a table of ours outgrew SQL_MAX */
}

/* Appends format once per column whose flags are (or, wanted 0, whatever they are) as wanted. */
static void append_columns(char *sql, const struct record_type *type, const char *before,
	const char *after, unsigned wanted, unsigned unwanted, const char **separator)
{
	for (const struct field *field = type->fields; field->name; field++) {
		if (field->type == FIELD_EMBED) {
			append_columns(
				sql, field->record, before, after, wanted, unwanted, separator);
		} else if (has_column(field) && (!wanted || (field->flags & wanted)) &&
			   !(field->flags & unwanted)) {
			append(sql, "%s%s", *separator, before);
			append(sql, "%s%s", *before == '?' ? "" : field->name, after);
			if (*after == '=')
				append(sql, "excluded.%s", field->name);
			*separator = ",";
		}
	}
}

static void columns(char *sql, const struct record_type *type, const char *before,
	const char *after, unsigned wanted, unsigned unwanted)
{
	const char *separator = "";
	append_columns(sql, type, before, after, wanted, unwanted, &separator);
}

bool database_put_if(struct database *database, const char *table, const struct record_type *type,
	const void *record, const char *condition)
{
	struct query **at = find(database, condition, table, type);
	if (!*at) {
		char sql[SQL_MAX] = "";
		append(sql, "INSERT INTO %s(", table);
		columns(sql, type, "", "", 0, 0);
		append(sql, ") VALUES(");
		columns(sql, type, "?", "", 0, 0);
		append(sql, ") ON CONFLICT(");
		columns(sql, type, "", "", FIELD_KEY, 0);
		append(sql, ") DO UPDATE SET ");
		columns(sql, type, "", "=", 0, FIELD_KEY | FIELD_FIXED);
		append(sql, " %s", condition);
		add(database, at, sql, condition, table, type);
	}
	int index = 0;
	(*at)->lifetime = SQLITE_STATIC;
	bind_record(*at, &index, type, record);
	query_next(*at);
	return !database->error && sqlite3_changes64(database->sqlite) > 0;
}

static const char always[] = "";

void database_put(struct database *database, const char *table, const struct record_type *type,
	const void *record)
{
	database_put_if(database, table, type, record, always);
}

static struct query *select_query(struct database *database, const char *table,
	const struct record_type *type, const char *tail)
{
	struct query **at = find(database, tail, table, type);
	if (*at)
		return *at;
	char sql[SQL_MAX] = "SELECT ";
	columns(sql, type, "", "", 0, 0);
	append(sql, " FROM %s %s", table, tail);
	return add(database, at, sql, tail, table, type);
}

struct query *database_select(struct database *database, const char *table,
	const struct record_type *type, const char *tail, const char *types, ...)
{
	struct query *query = select_query(database, table, type, tail);
	va_list args;
	va_start(args, types);
	bind(query, types, args, SQLITE_TRANSIENT);
	va_end(args);
	return query;
}

static void read_columns(
	struct query *query, int *column, const struct record_type *type, void *ret)
{
	for (const struct field *field = type->fields; field->name; field++) {
		void *value = (void *)(uintptr_t)field_of(ret, field);
		if (field->type == FIELD_EMBED) {
			read_columns(query, column, field->record, value);
			continue;
		}
		if (!has_column(field))
			continue;
		int c = (*column)++;
		if (field->type == FIELD_INTEGER || field->type == FIELD_TIME) {
			*(int64_t *)value = query_int(query, c);
		} else if (field->type == FIELD_BOOLEAN) {
			*(bool *)value = query_int(query, c) != 0;
		} else if (field->type == FIELD_CHOICE) {
			int found = choice_find(field->names, query_text(query, c));
			*(int *)value = found > 0 ? found : 0;
		} else {
			text_copy(value, field->size, query_text(query, c));
		}
	}
}

void query_record(struct query *query, const struct record_type *type, void *ret)
{
	memset(ret, 0, type->size);
	int column = 0;
	read_columns(query, &column, type, ret);
}

bool database_get(struct database *database, const char *table, const struct record_type *type,
	void *ret, const char *tail, const char *types, ...)
{
	struct query *query = select_query(database, table, type, tail);
	va_list args;
	va_start(args, types);
	bind(query, types, args, SQLITE_STATIC);
	va_end(args);
	memset(ret, 0, type->size);
	if (!query_next(query))
		return false;
	query_record(query, type, ret);
	query_end(query);
	return true;
}

/* --- care ----------------------------------------------------------------------------------- */

int database_check(struct database *database)
{
	bool ok = false;
	struct query *query = database_query(database, "PRAGMA integrity_check", "");
	while (query_next(query))
		ok = strcmp(query_text(query, 0), "ok") == 0;
	return ok ? 0 : -EIO;
}

int database_copy(struct database *database, const char *path)
{
	if (database->error)
		return database->error;
	char *sql = sqlite3_mprintf("VACUUM INTO %Q", path);
	if (!sql)
		abort();
	int r = sqlite3_exec(database->sqlite, sql, NULL, NULL, NULL);
	sqlite3_free(sql);
	return r == SQLITE_OK ? 0 : -EIO;
}
