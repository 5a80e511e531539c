/* database.c: one holder, migrations, errors that stick, records in tables, what a kill leaves. */
#include "lib/store/database.h"
#include "lib/wire/records.h"
#include "tests/lib/generated.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const first_version[] = {
	"CREATE TABLE thing(name TEXT PRIMARY KEY, n INTEGER NOT NULL, bytes BLOB) STRICT;", NULL};
static const char *const second_version[] = {
	"CREATE TABLE thing(name TEXT PRIMARY KEY, n INTEGER NOT NULL, bytes BLOB) STRICT;",
	"ALTER TABLE thing ADD COLUMN more TEXT NOT NULL DEFAULT 'x';"
	"CREATE TABLE other(a INTEGER) STRICT;",
	NULL};
static const char *const broken_version[] = {
	"CREATE TABLE thing(name TEXT PRIMARY KEY, n INTEGER NOT NULL, bytes BLOB) STRICT;",
	"CREATE TABLE other(a INTEGER) STRICT; CREATE TABLE thing(a INTEGER) STRICT;", NULL};

struct place {
	char folder[64], path[96];
};

static int make_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	strcpy(place->folder, "/tmp/lendlock-test-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->path, sizeof(place->path), "%s/node.db", place->folder);
	*state = place;
	return 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;
	static const char *const tails[] = {"", "-wal", "-shm", "-journal", ".copy", ".copy-wal"};
	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s%s", place->path, tails[i]);
		unlink(path);
	}
	int r = rmdir(place->folder);
	free(place);
	return r;
}

static struct database *opened(const char *path, const char *const *migrations)
{
	struct database *database = NULL;
	assert_int_equal(database_open(path, NULL, migrations, &database), 0);
	return database;
}

static void put_thing(struct database *database, const char *name, int64_t n)
{
	database_run(database, "INSERT INTO thing(name, n) VALUES(?, ?)", "ti", name, n);
}

static int64_t things(struct database *database)
{
	return database_number(database, -1, "SELECT count(*) FROM thing", "");
}

static void values_there_and_back(void **state)
{
	(void)state;
	struct database *database = opened(":memory:", first_version);
	database_begin(database);
	int64_t changed = database_run(database, "INSERT INTO thing VALUES(?,?,?)", "tib", "drill",
		INT64_MIN, "\0\xff\0", (size_t)3);
	assert_int_equal(changed, 1);
	database_run(database, "INSERT INTO thing VALUES(?,?,?)", "tib", "tent", (int64_t)7, NULL,
		(size_t)0);
	assert_int_equal(database_run(database, "UPDATE thing SET n=n WHERE name=?", "t", "no"), 0);
	assert_int_equal(database_commit(database), 0);

	struct query *query =
		database_query(database, "SELECT name, n, bytes FROM thing ORDER BY n", "");
	assert_true(query_next(query));
	assert_string_equal(query_text(query, 0), "drill");
	assert_int_equal(query_int(query, 1), INT64_MIN);
	size_t size;
	assert_memory_equal(query_blob(query, 2, &size), "\0\xff\0", 3);
	assert_int_equal(size, 3);
	assert_true(query_next(query));
	assert_string_equal(query_text(query, 2), "");
	assert_false(query_next(query));

	assert_int_equal(
		database_number(database, 5, "SELECT n FROM thing WHERE name=?", "t", "tent"), 7);
	assert_int_equal(
		database_number(database, 5, "SELECT n FROM thing WHERE name=?", "t", "no"), 5);
	assert_int_equal(database_check(database), 0);
	database_close(database);
}

static void a_query_can_be_left_and_asked_again(void **state)
{
	(void)state;
	struct database *database = opened(":memory:", first_version);
	database_begin(database);
	for (int i = 0; i < 5; i++) {
		char name[8];
		snprintf(name, sizeof(name), "t%d", i);
		put_thing(database, name, i);
	}
	assert_int_equal(database_commit(database), 0);
	static const char sql[] = "SELECT n FROM thing WHERE n>=? ORDER BY n";
	for (int64_t from = 0; from < 4; from++) {
		struct query *query = database_query(database, sql, "i", from);
		assert_true(query_next(query));
		assert_int_equal(query_int(query, 0), from);
		query_end(query);
	}
	/* An open query is in nobody's way. */
	struct query *query = database_query(database, sql, "i", INT64_C(0));
	int rows = 0;
	while (query_next(query)) {
		database_begin(database);
		database_run(
			database, "UPDATE thing SET n=n+100 WHERE n=?", "i", query_int(query, 0));
		assert_int_equal(database_commit(database), 0);
		if (++rows == 3)
			break;
	}
	query_end(query);
	assert_int_equal(rows, 3);
	database_close(database);
}

static void rolled_back(void **state)
{
	(void)state;
	struct database *database = opened(":memory:", first_version);
	database_begin(database);
	put_thing(database, "drill", 1);
	database_rollback(database);
	assert_int_equal(things(database), 0);
	database_begin(database);
	put_thing(database, "drill", 2);
	assert_int_equal(database_commit(database), 0);
	assert_int_equal(things(database), 1);
	database_close(database);
}

static void the_first_error_sticks(void **state)
{
	struct place *place = *state;
	struct database *database = opened(place->path, first_version);
	database_begin(database);
	put_thing(database, "kept", 1);
	assert_int_equal(database_commit(database), 0);

	database_begin(database);
	put_thing(database, "lost", 1);
	put_thing(database, "lost", 2); /* breaks the primary key */
	assert_int_equal(database_error(database), -EIO);
	put_thing(database, "later", 3); /* does nothing */
	assert_int_equal(things(database), -1);
	struct query *query = database_query(database, "SELECT n FROM thing", "");
	assert_false(query_next(query));
	assert_int_equal(database_commit(database), -EIO);

	/* Nor does anything after it. */
	database_begin(database);
	put_thing(database, "even later", 4);
	assert_int_equal(database_commit(database), -EIO);
	database_begin(database);
	database_rollback(database);
	assert_int_equal(database_error(database), -EIO);
	assert_int_equal(database_check(database), -EIO);
	database_close(database);

	database = opened(place->path, first_version);
	assert_int_equal(things(database), 1);
	assert_int_equal(
		database_number(database, 0, "SELECT n FROM thing WHERE name='kept'", ""), 1);
	database_close(database);
}

static void an_error_in_sql_sticks(void **state)
{
	(void)state;
	struct database *database = opened(":memory:", first_version);
	database_begin(database);
	database_run(database, "INSERT INTO nowhere VALUES(1)", "");
	assert_int_equal(database_commit(database), -EIO);
	database_close(database);
}

static void a_full_disk(void **state)
{
	struct place *place = *state;
	struct database *database = opened(place->path, first_version);
	database_number(database, 0, "PRAGMA max_page_count=8", "");
	char block[4096] = {0};
	database_begin(database);
	for (int i = 0; i < 20; i++) {
		char name[8];
		snprintf(name, sizeof(name), "t%d", i);
		database_run(database, "INSERT INTO thing VALUES(?,0,?)", "tb", name, block,
			sizeof(block));
	}
	assert_int_equal(database_commit(database), -ENOSPC);
	database_close(database);
	database = opened(place->path, first_version);
	assert_int_equal(things(database), 0);
	database_close(database);
}

static void migrations(void **state)
{
	struct place *place = *state;
	struct database *database = opened(place->path, first_version);
	database_begin(database);
	put_thing(database, "drill", 1);
	assert_int_equal(database_commit(database), 0);
	database_close(database);

	/* Half of a migration is none. */
	struct database *none = NULL;
	assert_int_equal(database_open(place->path, NULL, broken_version, &none), -EIO);
	assert_null(none);

	database = opened(place->path, second_version);
	assert_int_equal(things(database), 1);
	assert_int_equal(database_number(database, -1, "SELECT more='x' FROM thing", ""), 1);
	assert_int_equal(database_number(database, -1, "PRAGMA user_version", ""), 2);
	database_close(database);
	database = opened(place->path, second_version); /* nothing left to do */
	database_close(database);

	assert_int_equal(database_open(place->path, NULL, first_version, &none), -ENOTSUP);
	assert_null(none);
}

static void a_version_that_cannot_be(void **state)
{
	struct place *place = *state;
	struct database *database = opened(place->path, first_version);
	database_number(database, 0, "PRAGMA user_version=-3", "");
	database_close(database);
	struct database *none = NULL;
	assert_int_equal(database_open(place->path, NULL, first_version, &none), -EIO);
}

static void no_database_at_all(void **state)
{
	struct place *place = *state;
	struct database *none = NULL;
	assert_int_equal(
		database_open("/nowhere/at/all/node.db", NULL, first_version, &none), -EIO);
	FILE *file = fopen(place->path, "w");
	assert_non_null(file);
	for (int i = 0; i < 100; i++)
		fputs("this is no database, however long it goes on\n", file);
	fclose(file);
	assert_int_equal(database_open(place->path, NULL, first_version, &none), -EIO);
	assert_null(none);
}

static void it_is_kept_as_promised(void **state)
{
	struct place *place = *state;
	struct database *database = opened(place->path, first_version);
	assert_int_equal(database_number(database, -1, "PRAGMA synchronous", ""), 2);
	struct query *query = database_query(database, "PRAGMA journal_mode", "");
	assert_true(query_next(query));
	assert_string_equal(query_text(query, 0), "wal");
	query_end(query);
	query = database_query(database, "PRAGMA locking_mode", "");
	assert_true(query_next(query));
	assert_string_equal(query_text(query, 0), "exclusive");
	query_end(query);
	database_close(database);
}

/* Runs in a process of its own; ends it. */
static void hold(const char *path, int ready, int done)
{
	struct database *database;
	char byte = database_open(path, NULL, first_version, &database) == 0 ? 'y' : 'n';
	if (write(ready, &byte, 1) != 1 || read(done, &byte, 1) != 0)
		_exit(1);
	_exit(0); /* as a process that is killed: nothing is closed in order */
}

static void one_process_holds_it(void **state)
{
	struct place *place = *state;
	int ready[2], done[2];
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(done), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(done[1]);
		hold(place->path, ready[1], done[0]);
	}
	char byte = 0;
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');

	struct database *database = NULL;
	assert_int_equal(database_open(place->path, NULL, first_version, &database), -EBUSY);
	assert_null(database);

	close(done[0]);
	close(done[1]);
	close(ready[0]);
	close(ready[1]);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	database = opened(place->path, first_version);
	database_close(database);
}

/* Also within one process: a second connection must not get in. */
static void one_connection_holds_it(void **state)
{
	struct place *place = *state;
	struct database *first = opened(place->path, first_version), *second = NULL;
	assert_int_equal(database_open(place->path, NULL, first_version, &second), -EBUSY);
	database_close(first);
	second = opened(place->path, first_version);
	database_close(second);
}

/* Commits one after another and says each; killed, all that it said must be there. */
static void commit_until_killed(const char *path, int said)
{
	struct database *database;
	if (database_open(path, NULL, first_version, &database) != 0)
		_exit(1);
	for (int64_t n = 1;; n++) {
		char name[24];
		database_begin(database);
		snprintf(name, sizeof(name), "a%lld", (long long)n);
		put_thing(database, name, n);
		snprintf(name, sizeof(name), "b%lld", (long long)n);
		put_thing(database, name, n);
		if (database_commit(database) != 0 || write(said, &n, sizeof(n)) != sizeof(n))
			_exit(1);
	}
}

static void what_a_kill_leaves(void **state)
{
	struct place *place = *state;
	int64_t last = 0;
	for (int round = 0; round < 5; round++) {
		int said[2];
		assert_int_equal(pipe(said), 0);
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct database *database = opened(place->path, first_version);
			database_begin(database);
			database_run(database, "DELETE FROM thing", "");
			if (database_commit(database) != 0)
				_exit(1);
			database_close(database);
			commit_until_killed(place->path, said[1]);
		}
		close(said[1]);
		for (int i = 0; i < 10 + round; i++)
			assert_int_equal(read(said[0], &last, sizeof(last)), sizeof(last));
		kill(child, SIGKILL);
		while (read(said[0], &last, sizeof(last)) == sizeof(last))
			;
		close(said[0]);
		int status;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));

		struct database *database = opened(place->path, first_version);
		int64_t kept = things(database);
		assert_true(kept >= 2 * last);
		assert_int_equal(kept % 2, 0); /* both of a pair or none */
		assert_int_equal(database_check(database), 0);
		database_close(database);
	}
}

static void copy_file(const char *from, const char *to)
{
	char bytes[4096];
	size_t n;
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

static void put_many(struct database *database, int from, int to)
{
	for (int i = from; i < to; i++) {
		char name[16];
		snprintf(name, sizeof(name), "thing-%d", i * 7919 % 100000);
		if (i % 20 == 0)
			database_begin(database);
		put_thing(database, name, i);
		if (i % 20 == 19)
			assert_int_equal(database_commit(database), 0);
	}
}

/* A copy is put back after a crash, and the log of what was there before is left beside it. */
static void a_copy_beside_the_log_of_another(void **state)
{
	struct place *place = *state;
	char copy[128], copys_log[128], log[128];
	snprintf(copy, sizeof(copy), "%s.copy", place->path);
	snprintf(copys_log, sizeof(copys_log), "%s.copy-wal", place->path);
	snprintf(log, sizeof(log), "%s-wal", place->path);
	struct database *database = opened(place->path, first_version);
	put_many(database, 0, 100);
	database_close(database);
	copy_file(place->path, copy);
	database = opened(place->path, first_version);
	put_many(database, 100, 12000); /* the log was begun anew meanwhile */
	copy_file(log, copys_log);
	database_close(database);

	assert_int_equal(database_open(copy, NULL, first_version, &database), -EIO);
	unlink(copys_log);
	database = opened(copy, first_version);
	assert_int_equal(things(database), 100);
	database_close(database);
}

static void a_copy(void **state)
{
	struct place *place = *state;
	struct database *database = opened(place->path, first_version);
	database_begin(database);
	put_thing(database, "drill", 1);
	assert_int_equal(database_commit(database), 0);
	char path[128];
	snprintf(path, sizeof(path), "%s.copy", place->path);
	assert_int_equal(database_copy(database, path), 0);
	struct database *copy = opened(path, first_version);
	assert_int_equal(things(copy), 1);
	database_close(copy);
	database_close(database);
}

/* --- records --------------------------------------------------------------------------------- */

static void columns(const struct record_type *type, char *sql, char *keys)
{
	for (const struct field *field = type->fields; field->name; field++) {
		if (field->type == FIELD_EMBED) {
			columns(field->record, sql, keys);
		} else if (field->type < FIELD_RECORD) {
			bool number = field->type == FIELD_INTEGER || field->type == FIELD_TIME ||
				      field->type == FIELD_BOOLEAN;
			sprintf(sql + strlen(sql), "%s %s NOT NULL, ", field->name,
				number ? "INTEGER" : "TEXT");
			if (field->flags & FIELD_KEY)
				sprintf(keys + strlen(keys), "%s%s", keys[0] ? "," : "",
					field->name);
		}
	}
}

static void forget_what_has_no_column(const struct record_type *type, void *record)
{
	for (const struct field *field = type->fields; field->name; field++) {
		void *value = (char *)record + field->offset;
		if (field->type == FIELD_JSON) {
			json_decref(*(json_t **)value);
			*(json_t **)value = NULL;
		} else if (field->type == FIELD_RECORD && *(void **)value) {
			record_clear(field->record, *(void **)value);
			free(*(void **)value);
			*(void **)value = NULL;
		}
	}
}

static void round_trip(struct database *database, struct dice *dice, const struct record_type *type,
	void *record, void *again)
{
	generated_record(dice, type, record);
	forget_what_has_no_column(type, record);
	database_begin(database);
	database_run(database, "DELETE FROM record", "");
	database_put(database, "record", type, record);
	database_put(database, "record", type, record); /* the same key: one row */
	assert_int_equal(database_commit(database), 0);
	assert_int_equal(database_number(database, -1, "SELECT count(*) FROM record", ""), 1);
	assert_true(database_get(database, "record", type, again, "", ""));
	json_t *want = record_encode(type, record), *is = record_encode(type, again);
	if (!json_equal(want, is))
		fail_msg("%s: stored %s, read %s", type->name, json_dumps(want, 0),
			json_dumps(is, 0));
	json_decref(want);
	json_decref(is);
	record_clear(type, record);
	record_clear(type, again);
}

static bool has_lists(const struct record_type *type)
{
	for (const struct field *field = type->fields; field->name; field++)
		if (field->type == FIELD_LIST || field->type == FIELD_NAMES)
			return true;
	return false;
}

static void every_record_survives_its_table(void **state)
{
	(void)state;
	struct dice dice = {.state = 4711};
	for (const struct record_type *const *type = generated_types; *type; type++) {
		char sql[4096] = "CREATE TABLE record(", keys[256] = "";
		columns(*type, sql, keys);
		if (!keys[0] || has_lists(*type))
			continue; /* lies in no table */
		sprintf(sql + strlen(sql), "PRIMARY KEY(%s)) STRICT;", keys);
		const char *const migration[] = {sql, NULL};
		struct database *database = opened(":memory:", migration);
		void *record = malloc((*type)->size), *again = malloc((*type)->size);
		for (int i = 0; i < 50; i++)
			round_trip(database, &dice, *type, record, again);
		free(record);
		free(again);
		database_close(database);
	}
}

static void records_by_key(void **state)
{
	(void)state;
	static const char *const migration[] = {
		"CREATE TABLE shelf(item TEXT PRIMARY KEY, state TEXT NOT NULL,"
		" compartment INTEGER NOT NULL, reason TEXT NOT NULL, by TEXT NOT NULL,"
		" move TEXT NOT NULL) STRICT;",
		NULL};
	struct database *database = opened(":memory:", migration);
	struct item_record item = {.item = "drill", .state = ITEM_AVAILABLE, .compartment = 3};
	database_begin(database);
	database_put(database, "shelf", &item_record_type, &item);
	item.state = ITEM_BLOCKED;
	database_put(database, "shelf", &item_record_type, &item);
	TEXT_COPY(item.item, "tent");
	item.compartment = 4;
	database_put(database, "shelf", &item_record_type, &item);
	assert_int_equal(database_commit(database), 0);

	assert_true(database_get(
		database, "shelf", &item_record_type, &item, "WHERE item=?", "t", "drill"));
	assert_int_equal(item.state, ITEM_BLOCKED);
	assert_int_equal(item.compartment, 3);
	assert_false(database_get(
		database, "shelf", &item_record_type, &item, "WHERE item=?", "t", "none"));
	assert_string_equal(item.item, ""); /* zeroed */

	struct query *query = database_select(
		database, "shelf", &item_record_type, "ORDER BY compartment DESC", "");
	static const char *const order[] = {"tent", "drill"};
	for (int i = 0; i < 2; i++) {
		assert_true(query_next(query));
		query_record(query, &item_record_type, &item);
		assert_string_equal(item.item, order[i]);
	}
	assert_false(query_next(query));

	/* A word that this version does not know (a table of a later one) reads as absent. */
	database_begin(database);
	database_run(database, "UPDATE shelf SET state='new-fangled'", "");
	assert_int_equal(database_commit(database), 0);
	assert_true(database_get(database, "shelf", &item_record_type, &item, "LIMIT 1", ""));
	assert_int_equal(item.state, ITEM_NONE);
	database_close(database);
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_there_and_back),
		cmocka_unit_test(a_query_can_be_left_and_asked_again),
		cmocka_unit_test(rolled_back),
		WITH_PLACE(the_first_error_sticks),
		cmocka_unit_test(an_error_in_sql_sticks),
		WITH_PLACE(a_full_disk),
		WITH_PLACE(migrations),
		WITH_PLACE(a_version_that_cannot_be),
		WITH_PLACE(no_database_at_all),
		WITH_PLACE(it_is_kept_as_promised),
		WITH_PLACE(one_process_holds_it),
		WITH_PLACE(one_connection_holds_it),
		WITH_PLACE(what_a_kill_leaves),
		WITH_PLACE(a_copy),
		WITH_PLACE(a_copy_beside_the_log_of_another),
		cmocka_unit_test(every_record_survives_its_table),
		cmocka_unit_test(records_by_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
