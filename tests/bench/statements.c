#include "tests/bench/statements.h"

#include "tests/bench/recording.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum act_kind { ACT_EXECUTE, ACT_BIND_TEXT, ACT_BIND_BLOB, ACT_BIND_INT, ACT_STEP, ACT_RESET };

struct act {
	enum act_kind kind;
	int statement; /* its number; of EXECUTE: none */
	int parameter;
	int64_t number; /* the value, or its size */
	size_t bytes;   /* where the text or the value stands */
};

struct statements {
	char **sql; /* by number */
	int sql_n;
	struct act *acts;
	size_t acts_n, acts_room;
	char *bytes;
	size_t bytes_n, bytes_room;
	size_t steps;
};

/* --- recording ------------------------------------------------------------------------------- */

/* The linker sends every call here, and there is no other way to tell the recording's. */
static struct statements *recording;

static void *grow(void *array, size_t n, size_t *room, size_t more, size_t size)
{
	if (n + more <= *room)
		return array;
	*room = 2 * *room + more;
	array = realloc(array, *room * size);
	if (!array)
		abort();
	return array;
}

static size_t add_bytes(struct statements *s, const void *bytes, size_t size)
{
	size_t at = s->bytes_n;
	s->bytes = grow(s->bytes, at, &s->bytes_room, size + 1, 1);
	if (size)
		memcpy(s->bytes + at, bytes, size);
	s->bytes[at + size] = '\0';
	s->bytes_n += size + 1;
	return at;
}

static int number_of(struct statements *s, sqlite3_stmt *statement)
{
	const char *sql = sqlite3_sql(statement);
	for (int i = 0; i < s->sql_n; i++)
		if (strcmp(s->sql[i], sql) == 0)
			return i;
	s->sql = realloc(s->sql, (size_t)(s->sql_n + 1) * sizeof(*s->sql));
	if (!s->sql)
		abort();
	s->sql[s->sql_n] = strdup(sql);
	return s->sql_n++;
}

static void add(enum act_kind kind, sqlite3_stmt *statement, int parameter, int64_t number,
	const void *bytes, size_t size)
{
	struct statements *s = recording;
	if (!s)
		return;
	s->acts = grow(s->acts, s->acts_n, &s->acts_room, 1, sizeof(*s->acts));
	s->acts[s->acts_n++] = (struct act){.kind = kind,
		.statement = statement ? number_of(s, statement) : -1,
		.parameter = parameter,
		.number = number,
		.bytes = bytes ? add_bytes(s, bytes, size) : 0};
}

#define WRAP(type, name, ...)            \
	type __real_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__); \
	type __wrap_##name(__VA_ARGS__)

WRAP(int, sqlite3_exec, sqlite3 *sqlite, const char *sql, sqlite3_callback callback, void *context,
	char **error)
{
	add(ACT_EXECUTE, NULL, 0, 0, sql, strlen(sql));
	return __real_sqlite3_exec(sqlite, sql, callback, context, error);
}

WRAP(int, sqlite3_bind_text, sqlite3_stmt *statement, int parameter, const char *text, int size,
	sqlite3_destructor_type destructor)
{
	size_t length = !text ? 0 : size < 0 ? strlen(text) : (size_t)size;
	add(ACT_BIND_TEXT, statement, parameter, text ? (int64_t)length : -1, text, length);
	return __real_sqlite3_bind_text(statement, parameter, text, size, destructor);
}

WRAP(int, sqlite3_bind_blob64, sqlite3_stmt *statement, int parameter, const void *bytes,
	sqlite3_uint64 size, sqlite3_destructor_type destructor)
{
	add(ACT_BIND_BLOB, statement, parameter, (int64_t)size, bytes, (size_t)size);
	return __real_sqlite3_bind_blob64(statement, parameter, bytes, size, destructor);
}

WRAP(int, sqlite3_bind_int64, sqlite3_stmt *statement, int parameter, sqlite3_int64 number)
{
	add(ACT_BIND_INT, statement, parameter, number, NULL, 0);
	return __real_sqlite3_bind_int64(statement, parameter, number);
}

WRAP(int, sqlite3_bind_int, sqlite3_stmt *statement, int parameter, int number)
{
	add(ACT_BIND_INT, statement, parameter, number, NULL, 0);
	return __real_sqlite3_bind_int(statement, parameter, number);
}

WRAP(int, sqlite3_step, sqlite3_stmt *statement)
{
	add(ACT_STEP, statement, 0, 0, NULL, 0);
	return __real_sqlite3_step(statement);
}

WRAP(int, sqlite3_reset, sqlite3_stmt *statement)
{
	add(ACT_RESET, statement, 0, 0, NULL, 0);
	return __real_sqlite3_reset(statement);
}

struct statements *statements_begin(void)
{
	struct statements *statements = calloc(1, sizeof(*statements));
	if (!statements || recording)
		abort();
	return recording = statements;
}

void statements_end(struct statements *statements)
{
	if (recording != statements)
		abort();
	recording = NULL;
}

size_t statements_count(const struct statements *statements)
{
	size_t n = 0;
	for (size_t i = 0; i < statements->acts_n; i++)
		n += statements->acts[i].kind == ACT_RESET;
	return n;
}

struct statements *statements_free(struct statements *statements)
{
	for (int i = 0; i < statements->sql_n; i++)
		free(statements->sql[i]);
	free(statements->sql);
	free(statements->acts);
	free(statements->bytes);
	free(statements);
	return NULL;
}

/* --- playing --------------------------------------------------------------------------------- */

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void execute(sqlite3 *sqlite, const char *sql)
{
	if (sqlite3_exec(sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail("%s: %s", sql, sqlite3_errmsg(sqlite));
}

static int play_act(const struct statements *s, sqlite3 *sqlite, sqlite3_stmt *const *prepared,
	const struct act *act)
{
	sqlite3_stmt *statement = act->statement >= 0 ? prepared[act->statement] : NULL;
	const char *bytes = s->bytes + act->bytes;
	int r;
	switch (act->kind) {
	case ACT_EXECUTE:
		return sqlite3_exec(sqlite, bytes, NULL, NULL, NULL);
	case ACT_BIND_TEXT:
		return sqlite3_bind_text(statement, act->parameter, act->number < 0 ? NULL : bytes,
			(int)act->number, SQLITE_STATIC);
	case ACT_BIND_BLOB:
		return sqlite3_bind_blob64(statement, act->parameter, bytes,
			(sqlite3_uint64)act->number, SQLITE_STATIC);
	case ACT_BIND_INT:
		return sqlite3_bind_int64(statement, act->parameter, act->number);
	case ACT_STEP:
		r = sqlite3_step(statement);
		return r == SQLITE_ROW || r == SQLITE_DONE ? SQLITE_OK : r;
	case ACT_RESET:
		return sqlite3_reset(statement);
	}
	abort();
}

static sqlite3 *open_database(const char *path)
{
	sqlite3 *sqlite;
	if (sqlite3_open_v2(path, &sqlite, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
		SQLITE_OK)
		fail("%s: %s", path, sqlite3_errmsg(sqlite));
	execute(sqlite, "PRAGMA locking_mode=EXCLUSIVE");
	execute(sqlite, "PRAGMA journal_mode=WAL");
	execute(sqlite, "PRAGMA synchronous=FULL");
	execute(sqlite, "PRAGMA foreign_keys=ON");
	execute(sqlite, "PRAGMA trusted_schema=OFF");
	execute(sqlite, "PRAGMA cache_size=-65536");
	execute(sqlite, "PRAGMA wal_autocheckpoint=16384");
	return sqlite;
}

double statements_play(const struct statements *statements, const char *database)
{
	sqlite3 *sqlite = open_database(database);
	sqlite3_stmt **prepared = calloc((size_t)statements->sql_n, sizeof(*prepared));
	if (!prepared)
		abort();
	for (int i = 0; i < statements->sql_n; i++)
		if (sqlite3_prepare_v3(sqlite, statements->sql[i], -1, SQLITE_PREPARE_PERSISTENT,
			    &prepared[i], NULL) != SQLITE_OK)
			fail("%s: %s", statements->sql[i], sqlite3_errmsg(sqlite));
	double start = seconds();
	for (size_t i = 0; i < statements->acts_n; i++)
		if (play_act(statements, sqlite, prepared, &statements->acts[i]) != SQLITE_OK)
			fail("playing: %s", sqlite3_errmsg(sqlite));
	double took = seconds() - start;
	for (int i = 0; i < statements->sql_n; i++)
		sqlite3_finalize(prepared[i]);
	free(prepared);
	sqlite3_close(sqlite);
	return took;
}
