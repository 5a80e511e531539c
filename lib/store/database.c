#include "lib/store/internal.h"

#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECKED_BYTES ((int64_t)64 << 20) /* a second or two of reading on a slow card */

void database_fail(struct database *database, const char *what)
{
	if (database->error)
		return;
	log_error("database: %s: %s", what, sqlite3_errmsg(database->sqlite));
	database->error = sqlite3_errcode(database->sqlite) == SQLITE_FULL ? -ENOSPC : -EIO;
}

static void execute(struct database *database, const char *sql)
{
	if (!database->error && sqlite3_exec(database->sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
		database_fail(database, sql);
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

/* A file that was put back beside the log (-wal) of another is taken for one with it: pages of two
 * times in one tree. What is built upon that is lost. A large one would take too long. */
static int check_sound(struct database *database, const char *path)
{
	int64_t pages = pragma_value(database->sqlite, "PRAGMA page_count");
	if (pages * pragma_value(database->sqlite, "PRAGMA page_size") > CHECKED_BYTES)
		return 0;
	struct query *query = database_query(database, "PRAGMA quick_check(1)", "");
	if (query_next(query)) {
		bool sound = strcmp(query_text(query, 0), "ok") == 0;
		if (!sound)
			log_error("database: %s", query_text(query, 0));
		query_end(query);
		if (sound)
			return 0;
	}
	/* Nothing of the log is to get into the file. */
	sqlite3_db_config(database->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	log_error("database: it is damaged; or it is a copy, and %s-wal is not its log, and must "
		  "go",
		path);
	return -EIO;
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
		database_fail(database, "opening");
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
		r = check_sound(database, path);
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
