/* The made-up disk: SQLite keeps on it what it promises to keep, and loses what it may lose. */
#include "tests/simulator/crash_disk.h"
#include "tests/simulator/crash_file.h"
#include "tests/support/fake_random.h"

#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEEDS 300
#define ROWS  40

/* One machine with one database in one table: row n holds n, and something long. */
struct machine {
	struct fake_random random;
	struct crash_disk *disk;
	sqlite3 *sqlite;
	bool died;
	int written, promised; /* the last row written; the last one whose commit succeeded */
};

static void machine_init(struct machine *machine, uint64_t seed, struct crash_disk_options options)
{
	memset(machine, 0, sizeof(*machine));
	fake_random_init(&machine->random, seed);
	options.random = &machine->random.port;
	machine->disk = crash_disk_new(&options);
}

static void machine_free(struct machine *machine)
{
	sqlite3_close(machine->sqlite);
	crash_disk_free(machine->disk);
}

static int run(struct machine *machine, const char *sql)
{
	return sqlite3_exec(machine->sqlite, sql, NULL, NULL, NULL);
}

static int start(struct machine *machine, const char *pragmas)
{
	int r = sqlite3_open_v2("it.db", &machine->sqlite,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, crash_disk_vfs(machine->disk));
	if (r == SQLITE_OK)
		r = run(machine, pragmas);
	if (r == SQLITE_OK)
		r = run(machine, "CREATE TABLE IF NOT EXISTS row(n INTEGER PRIMARY KEY, x BLOB)");
	return r;
}

static void stop(struct machine *machine)
{
	sqlite3_close(machine->sqlite);
	machine->sqlite = NULL;
}

static uint64_t below(struct machine *machine, uint64_t bound)
{
	return random_below(&machine->random.port, bound);
}

static void write_row(struct machine *machine)
{
	char sql[240];
	snprintf(sql, sizeof(sql),
		"BEGIN; INSERT INTO row VALUES(%d, replace(hex(zeroblob(%d)),'0','%c'));"
		"UPDATE row SET x=replace(hex(zeroblob(%d)),'0','%c') WHERE n=%d; COMMIT",
		machine->written + 1, 1 + (int)below(machine, 4500), 'a' + machine->written % 26,
		1 + (int)below(machine, 4500), 'a' + machine->written % 25,
		1 + (int)below(machine, ROWS));
	machine->written++;
	if (run(machine, sql) == SQLITE_OK && !machine->died)
		machine->promised = machine->written;
	else
		run(machine, "ROLLBACK");
}

static int number(struct machine *machine, const char *sql)
{
	sqlite3_stmt *statement;
	if (sqlite3_prepare_v2(machine->sqlite, sql, -1, &statement, NULL) != SQLITE_OK)
		return -1;
	int value = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
	sqlite3_finalize(statement);
	return value;
}

static bool is_sound(struct machine *machine)
{
	sqlite3_stmt *statement;
	if (sqlite3_prepare_v2(machine->sqlite, "PRAGMA integrity_check", -1, &statement, NULL) !=
		SQLITE_OK)
		return false;
	bool sound = sqlite3_step(statement) == SQLITE_ROW &&
		     strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
	sqlite3_finalize(statement);
	return sound && number(machine, "SELECT count(*)-ifnull(max(n),0) FROM row") == 0;
}

static void on_death(void *context)
{
	struct machine *machine = context;
	machine->died = true;
}

/* --- what is kept --- */

#define EXCLUSIVE "PRAGMA locking_mode=EXCLUSIVE;"
#define WAL       EXCLUSIVE "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=20;"

struct outcome {
	int lost, unsound; /* seeds in which what was promised is not there; with damage */
	struct crash_counts counts;
};

static void count(struct outcome *outcome, const struct crash_counts *counts)
{
	outcome->counts.kept += counts->kept;
	outcome->counts.dropped += counts->dropped;
	outcome->counts.torn += counts->torn;
	outcome->counts.names_dropped += counts->names_dropped;
}

/* Some lives of one machine, each ended by a cut, or by a kill, at some change of the disk. */
static void live(uint64_t seed, struct crash_disk_options options, const char *pragmas, bool power,
	struct outcome *outcome)
{
	struct machine machine;
	machine_init(&machine, seed, options);
	bool lost = false, sound = true;
	for (int life = 0; life < 4 && !lost && sound; life++) {
		machine.died = false;
		crash_disk_doom(machine.disk, 1 + (int)below(&machine, 120), on_death, &machine);
		if (start(&machine, pragmas) == SQLITE_OK)
			while (!machine.died && machine.written < ROWS)
				write_row(&machine);
		crash_disk_die(machine.disk);
		stop(&machine);
		if (power)
			crash_disk_cut(machine.disk);
		else
			crash_disk_revive(machine.disk);
		sound = start(&machine, pragmas) == SQLITE_OK && is_sound(&machine);
		int last = number(&machine, "SELECT ifnull(max(n),0) FROM row");
		lost = sound && last < machine.promised;
		machine.promised = machine.written = last;
		stop(&machine);
	}
	outcome->lost += lost;
	outcome->unsound += !sound;
	count(outcome, crash_disk_counts(machine.disk));
	machine_free(&machine);
}

static struct outcome live_all(struct crash_disk_options options, const char *pragmas, bool power)
{
	struct outcome outcome = {0};
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		live(seed, options, pragmas, power, &outcome);
	return outcome;
}

static const struct crash_disk_options honest, unsafe = {.unsafe = true}, liar = {.lies = true};

static void test_full_sync_keeps_all(void **state)
{
	(void)state;
	struct outcome outcome = live_all(honest, WAL "PRAGMA synchronous=FULL", true);
	assert_int_equal(outcome.lost, 0);
	assert_int_equal(outcome.unsound, 0);
	/* Else it proves nothing. */
	assert_true(outcome.counts.kept > SEEDS && outcome.counts.dropped > SEEDS);
	assert_true(outcome.counts.torn > SEEDS && outcome.counts.names_dropped > 10);
	outcome = live_all(unsafe, WAL "PRAGMA synchronous=FULL", true);
	assert_int_equal(outcome.lost, 0);
	assert_int_equal(outcome.unsound, 0);
}

static void test_less_loses_what_was_promised(void **state)
{
	(void)state;
	struct outcome outcome = live_all(honest, WAL "PRAGMA synchronous=NORMAL", true);
	assert_true(outcome.lost > SEEDS / 10);
	assert_int_equal(outcome.unsound, 0);
	outcome = live_all(honest, WAL "PRAGMA synchronous=OFF", true);
	assert_true(outcome.lost > SEEDS / 10 && outcome.unsound > SEEDS / 10);
}

static void test_a_disk_that_lies_loses_what_was_promised(void **state)
{
	(void)state;
	struct outcome outcome = live_all(liar, WAL "PRAGMA synchronous=FULL", true);
	assert_true(outcome.lost + outcome.unsound > SEEDS / 10);
}

/* A commit is the removal of the journal here, and only EXTRA syncs the folder after that. */
static void test_names_are_lost_too(void **state)
{
	(void)state;
	static const char full[] = "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL";
	static const char extra[] = "PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA";
	struct outcome outcome = live_all(honest, full, true);
	assert_true(outcome.lost > SEEDS / 10);
	assert_int_equal(outcome.unsound, 0);
	outcome = live_all(honest, extra, true);
	assert_int_equal(outcome.lost, 0);
	assert_int_equal(outcome.unsound, 0);
	outcome = live_all(unsafe, extra, true);
	assert_int_equal(outcome.lost, 0);
	assert_int_equal(outcome.unsound, 0);
}

static void test_a_kill_loses_nothing(void **state)
{
	(void)state;
	struct outcome outcome = live_all(honest, WAL "PRAGMA synchronous=OFF", false);
	assert_int_equal(outcome.lost, 0);
	assert_int_equal(outcome.unsound, 0);
	assert_int_equal(outcome.counts.dropped + outcome.counts.torn, 0);
}

/* --- bytes and sectors --- */

/* How often bytes at `at` are not what they were, after one byte at 700 was written
 * and not synced. */
static int count_damaged(struct crash_disk_options options, size_t at)
{
	int damaged = 0;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct machine machine;
		machine_init(&machine, seed, options);
		struct crash_file *file;
		unsigned char bytes[2048], got;
		size_t n;
		memset(bytes, 7, sizeof(bytes));
		assert_int_equal(crash_file_open(machine.disk, "it", true, &file), 0);
		assert_int_equal(crash_file_write(file, bytes, sizeof(bytes), 0), 0);
		assert_int_equal(crash_file_sync(file), 0);
		crash_disk_sync_folder(machine.disk);
		assert_int_equal(crash_file_write(file, "x", 1, 700), 0);
		crash_file_close(file);
		crash_disk_cut(machine.disk);
		assert_int_equal(crash_file_open(machine.disk, "it", false, &file), 0);
		assert_int_equal(crash_file_read(file, &got, 1, at, &n), 0);
		damaged += got != 7;
		crash_file_close(file);
		machine_free(&machine);
	}
	return damaged;
}

static void test_only_an_unsafe_disk_damages_the_neighbours(void **state)
{
	(void)state;
	assert_true(count_damaged(honest, 700) > SEEDS / 4);
	assert_int_equal(count_damaged(honest, 701), 0);
	assert_true(count_damaged(unsafe, 701) > 0);
	assert_true(count_damaged(unsafe, 512) > 0);
	assert_int_equal(count_damaged(unsafe, 511), 0);
	assert_int_equal(count_damaged(unsafe, 1024), 0);
}

static void test_truncation_leaves_zeros(void **state)
{
	(void)state;
	struct crash_image image = {0}, copy = {0};
	char bytes[40000], got[40000];
	memset(bytes, 'a', sizeof(bytes));
	crash_image_write(&image, bytes, sizeof(bytes), 100);
	crash_image_copy(&copy, &image);
	crash_image_resize(&image, 20000);
	crash_image_write(&image, "b", 1, 39999);
	assert_int_equal(crash_image_read(&image, got, sizeof(got), 0), sizeof(got));
	assert_int_equal(got[19999], 'a');
	assert_int_equal(got[20000], 0);
	assert_int_equal(got[39998], 0);
	assert_int_equal(got[39999], 'b');
	assert_int_equal(crash_image_read(&copy, got, sizeof(got), 30000), 10100);
	assert_int_equal(got[0], 'a');
	crash_image_clear(&image);
	crash_image_clear(&copy);
}

/* --- trouble --- */

/* Breaks it at each place there is, kills what had it open, and looks at what is left. */
static void check_trouble(enum crash_fault fault, int wanted)
{
	int failed = 0;
	for (int n = 1; n <= 150; n++) {
		struct machine machine;
		machine_init(&machine, (uint64_t)n, honest);
		crash_disk_break(machine.disk, fault, n, 1 + n % 3);
		int r = start(&machine, WAL "PRAGMA synchronous=FULL");
		while (r == SQLITE_OK && machine.promised == machine.written &&
			machine.written < ROWS)
			write_row(&machine);
		failed += crash_disk_counts(machine.disk)->failed[fault] > 0;
		crash_disk_die(machine.disk);
		stop(&machine);
		crash_disk_mend(machine.disk);
		if (n % 2)
			crash_disk_cut(machine.disk);
		else
			crash_disk_revive(machine.disk);
		assert_int_equal(start(&machine, WAL "PRAGMA synchronous=FULL"), SQLITE_OK);
		assert_true(is_sound(&machine));
		int last = number(&machine, "SELECT ifnull(max(n),0) FROM row");
		assert_true(last >= machine.promised && last <= machine.written);
		machine_free(&machine);
	}
	assert_true(failed >= wanted);
}

static void test_trouble_is_told_and_does_no_harm(void **state)
{
	(void)state;
	check_trouble(CRASH_READ, 50);
	check_trouble(CRASH_WRITE, 50);
	check_trouble(CRASH_FULL, 50);
	check_trouble(CRASH_SYNC, 50);
	check_trouble(CRASH_TRUNCATE, 1);
	check_trouble(CRASH_OPEN, 1);
}

static void test_a_full_disk_says_so(void **state)
{
	(void)state;
	struct machine machine;
	machine_init(&machine, 1, honest);
	assert_int_equal(start(&machine, WAL), SQLITE_OK);
	crash_disk_break(machine.disk, CRASH_FULL, 1, 1000);
	assert_int_equal(run(&machine, "INSERT INTO row VALUES(1, zeroblob(9000))"), SQLITE_FULL);
	crash_disk_mend(machine.disk);
	assert_int_equal(run(&machine, "INSERT INTO row VALUES(1, zeroblob(9000))"), SQLITE_OK);
	assert_int_equal(crash_disk_counts(machine.disk)->failed[CRASH_FULL], 1);
	machine_free(&machine);
}

/* --- copies --- */

static void test_an_old_copy_comes_back(void **state)
{
	(void)state;
	struct machine machine, other;
	machine_init(&machine, 1, honest);
	machine_init(&other, 2, honest);
	assert_int_equal(start(&machine, WAL), SQLITE_OK);
	write_row(&machine);
	struct crash_copy *copy = crash_disk_copy(machine.disk);
	write_row(&machine);
	stop(&machine);
	crash_disk_put_back(machine.disk, copy);
	crash_disk_put_back(other.disk, copy);
	crash_copy_free(copy);
	crash_disk_cut(machine.disk);
	assert_int_equal(start(&machine, WAL), SQLITE_OK);
	assert_int_equal(start(&other, WAL), SQLITE_OK);
	assert_int_equal(number(&machine, "SELECT max(n) FROM row"), 1);
	assert_int_equal(number(&other, "SELECT max(n) FROM row"), 1);
	stop(&other);
	crash_disk_put_back(other.disk, NULL);
	assert_int_equal(start(&other, WAL), SQLITE_OK);
	assert_int_equal(number(&other, "SELECT count(*) FROM row"), 0);
	machine_free(&machine);
	machine_free(&other);
}

/* --- locks --- */

static void test_two_on_one_database(void **state)
{
	(void)state;
	struct machine machine;
	machine_init(&machine, 1, honest);
	struct machine second = {.disk = machine.disk, .random = machine.random};
	assert_int_equal(start(&machine, "PRAGMA journal_mode=WAL"), SQLITE_OK);
	assert_int_equal(start(&second, "PRAGMA journal_mode=WAL"), SQLITE_OK);
	assert_int_equal(run(&machine, "BEGIN IMMEDIATE"), SQLITE_OK);
	assert_int_equal(run(&second, "BEGIN IMMEDIATE"), SQLITE_BUSY);
	assert_int_equal(run(&machine, "INSERT INTO row VALUES(1, 'a'); COMMIT"), SQLITE_OK);
	assert_int_equal(number(&second, "SELECT max(n) FROM row"), 1);
	stop(&second);
	stop(&machine);
	assert_int_equal(start(&machine, WAL), SQLITE_OK);
	write_row(&machine);
	assert_int_equal(start(&second, WAL), SQLITE_BUSY);
	stop(&second);
	machine_free(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_sync_keeps_all),
		cmocka_unit_test(test_less_loses_what_was_promised),
		cmocka_unit_test(test_a_disk_that_lies_loses_what_was_promised),
		cmocka_unit_test(test_names_are_lost_too),
		cmocka_unit_test(test_a_kill_loses_nothing),
		cmocka_unit_test(test_only_an_unsafe_disk_damages_the_neighbours),
		cmocka_unit_test(test_truncation_leaves_zeros),
		cmocka_unit_test(test_trouble_is_told_and_does_no_harm),
		cmocka_unit_test(test_a_full_disk_says_so),
		cmocka_unit_test(test_an_old_copy_comes_back),
		cmocka_unit_test(test_two_on_one_database),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
