#include "payment-adapter/store_sandbox.h"

#include "lib/base/log.h"
#include "lib/base/text.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 5000 /* for a reader or another adapter that has the file */

enum statement { GET, AFTER, PUT, ASK, MOVE, MOVED, DEFER, DEFER_UNTIL, NEXT, DROP, STATEMENTS };

static const char *const statements[] = {
	[GET] = "SELECT payment, state, amount, currency, method FROM account WHERE payment = ?",
	[AFTER] = "SELECT payment, state, amount, currency, method FROM account WHERE payment > ?"
		  " ORDER BY payment LIMIT 1",
	[PUT] = "INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?, ?)",
	[ASK] = "INSERT INTO asked VALUES (?, ?, 1)"
		" ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count - 1",
	[MOVE] = "INSERT INTO money_moved VALUES (?, ?, ?, 1)"
		 " ON CONFLICT DO UPDATE SET count = count + 1",
	[MOVED] = "SELECT count FROM money_moved WHERE payment = ? AND call = ?",
	[DEFER] = "INSERT OR IGNORE INTO deferred VALUES (?, ?, ?, ?, ?, ?)",
	[DEFER_UNTIL] = "UPDATE deferred SET due = min(due, ?)",
	[NEXT] = "SELECT payment, call, amount, currency, method, due FROM deferred"
		 " ORDER BY due, payment LIMIT 1",
	[DROP] = "DELETE FROM deferred WHERE payment = ? AND call = ?",
};

static const char schema[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE IF NOT EXISTS account (payment TEXT PRIMARY KEY, state TEXT NOT NULL,"
	" amount INTEGER NOT NULL, currency TEXT NOT NULL, method TEXT NOT NULL) STRICT;"
	"CREATE TABLE IF NOT EXISTS asked (payment TEXT, call TEXT, count INTEGER NOT NULL,"
	" PRIMARY KEY (payment, call)) STRICT;"
	"CREATE TABLE IF NOT EXISTS money_moved (payment TEXT, call TEXT, amount INTEGER NOT NULL,"
	" count INTEGER NOT NULL, PRIMARY KEY (payment, call)) STRICT;"
	"CREATE TABLE IF NOT EXISTS deferred (payment TEXT, call TEXT, amount INTEGER NOT NULL,"
	" currency TEXT NOT NULL, method TEXT NOT NULL, due INTEGER NOT NULL,"
	" PRIMARY KEY (payment, call)) STRICT;"
	"COMMIT;";

static const char *const call_names[] = {"authorize", "capture", "void", "refund", "query"};
static const char *const state_names[] = {
	"nothing", "authorized", "refused", "captured", "voided", "refunded"};
#define COUNT(names) ((int)(sizeof(names) / sizeof((names)[0])))

struct store_sandbox {
	sqlite3 *sqlite;
	bool failed; /* this step */
	sqlite3_stmt *statements[STATEMENTS];
};

static void expect(struct store_sandbox *store, bool good)
{
	if (good || store->failed)
		return;
	log_error("sandbox: %s", sqlite3_errmsg(store->sqlite));
	store->failed = true;
}

static void execute(struct store_sandbox *store, const char *sql)
{
	if (!store->failed)
		expect(store, sqlite3_exec(store->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK);
}

/* SQLITE_ROW, SQLITE_DONE, or any other value, which fails the step. */
static int step(struct store_sandbox *store, sqlite3_stmt *statement)
{
	if (store->failed)
		return SQLITE_ABORT;
	int r = sqlite3_step(statement);
	expect(store, r == SQLITE_ROW || r == SQLITE_DONE);
	return r;
}

static int set_up(struct store_sandbox *store)
{
	sqlite3 *sqlite = store->sqlite;
	sqlite3_busy_timeout(sqlite, WAIT_MS);
	if (sqlite3_exec(sqlite, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL", NULL, NULL,
		    NULL) != SQLITE_OK ||
		sqlite3_exec(sqlite, schema, NULL, NULL, NULL) != SQLITE_OK)
		return -EIO;
	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(sqlite, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
			    &store->statements[i], NULL) != SQLITE_OK)
			return -EIO;
	return 0;
}

int store_sandbox_open(const char *path, const char *vfs, struct store_sandbox **ret_store)
{
	struct store_sandbox *store = calloc(1, sizeof(*store));
	if (!store)
		abort();
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int r = sqlite3_open_v2(path, &store->sqlite, flags, vfs) == SQLITE_OK ? set_up(store)
									       : -EIO;
	if (r < 0) {
		log_error("sandbox: %s: %s", path, sqlite3_errmsg(store->sqlite));
		store_sandbox_close(store);
		return r;
	}
	*ret_store = store;
	return 0;
}

struct store_sandbox *store_sandbox_close(struct store_sandbox *store)
{
	if (!store)
		return NULL;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->sqlite);
	free(store);
	return NULL;
}

void store_sandbox_begin(struct store_sandbox *store)
{
	store->failed = false;
	execute(store, "BEGIN IMMEDIATE");
}

int store_sandbox_commit(struct store_sandbox *store)
{
	execute(store, "COMMIT");
	if (!store->failed)
		return 0;
	/* SQLite may have done so by itself. */
	if (!sqlite3_get_autocommit(store->sqlite))
		sqlite3_exec(store->sqlite, "ROLLBACK", NULL, NULL, NULL);
	store->failed = false;
	return -EIO;
}

/* The texts must live until the statement has been run. */
static sqlite3_stmt *bind_text(
	struct store_sandbox *store, enum statement which, int index, const char *text)
{
	sqlite3_stmt *statement = store->statements[which];
	if (sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC) != SQLITE_OK)
		abort();
	return statement;
}

static void run(struct store_sandbox *store, sqlite3_stmt *statement)
{
	int r;
	do
		r = step(store, statement);
	while (r == SQLITE_ROW);
	sqlite3_reset(statement);
}

static int find_name(const char *name, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	log_error("sandbox: %s is none of its words", name);
	abort();
}

static const char *column_text(sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);
	return text ? text : "";
}

static bool get_account(struct store_sandbox *store, enum statement which, const char *payment,
	struct sandbox_account *ret_account)
{
	sqlite3_stmt *statement = bind_text(store, which, 1, payment);
	int r = step(store, statement);
	if (r == SQLITE_ROW) {
		TEXT_COPY(ret_account->payment, column_text(statement, 0));
		ret_account->state = (enum provider_state)find_name(
			column_text(statement, 1), state_names, COUNT(state_names));
		ret_account->amount = sqlite3_column_int64(statement, 2);
		TEXT_COPY(ret_account->currency, column_text(statement, 3));
		TEXT_COPY(ret_account->method, column_text(statement, 4));
	}
	sqlite3_reset(statement);
	return r == SQLITE_ROW;
}

bool store_sandbox_get(
	struct store_sandbox *store, const char *payment, struct sandbox_account *ret_account)
{
	return get_account(store, GET, payment, ret_account);
}

bool store_sandbox_after(
	struct store_sandbox *store, const char *payment, struct sandbox_account *ret_account)
{
	return get_account(store, AFTER, payment, ret_account);
}

void store_sandbox_put(struct store_sandbox *store, const struct sandbox_account *account)
{
	sqlite3_stmt *statement = bind_text(store, PUT, 1, account->payment);
	bind_text(store, PUT, 2, state_names[account->state]);
	sqlite3_bind_int64(statement, 3, account->amount);
	bind_text(store, PUT, 4, account->currency);
	bind_text(store, PUT, 5, account->method);
	run(store, statement);
}

/* A statement's first two parameters: what a call is known by. */
static sqlite3_stmt *bind_call(struct store_sandbox *store, enum statement which,
	const char *payment, enum provider_call call)
{
	bind_text(store, which, 1, payment);
	return bind_text(store, which, 2, call_names[call]);
}

static int64_t first_number(struct store_sandbox *store, sqlite3_stmt *statement)
{
	int64_t number =
		step(store, statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	expect(store, sqlite3_reset(statement) == SQLITE_OK || store->failed);
	return number;
}

int64_t store_sandbox_ask(struct store_sandbox *store, const struct provider_order *order)
{
	return first_number(store, bind_call(store, ASK, order->payment, order->call));
}

void store_sandbox_move_money(struct store_sandbox *store, const struct provider_order *order)
{
	sqlite3_stmt *statement = bind_call(store, MOVE, order->payment, order->call);
	sqlite3_bind_int64(statement, 3, order->amount);
	run(store, statement);
}

int64_t store_sandbox_moved(
	struct store_sandbox *store, const char *payment, enum provider_call call)
{
	return first_number(store, bind_call(store, MOVED, payment, call));
}

void store_sandbox_defer(struct store_sandbox *store, const struct provider_order *order, usec due)
{
	sqlite3_stmt *statement = bind_call(store, DEFER, order->payment, order->call);
	sqlite3_bind_int64(statement, 3, order->amount);
	bind_text(store, DEFER, 4, order->currency);
	bind_text(store, DEFER, 5, order->method);
	sqlite3_bind_int64(statement, 6, due);
	run(store, statement);
}

void store_sandbox_defer_until(struct store_sandbox *store, usec latest)
{
	sqlite3_bind_int64(store->statements[DEFER_UNTIL], 1, latest);
	run(store, store->statements[DEFER_UNTIL]);
}

bool store_sandbox_next_deferred(
	struct store_sandbox *store, struct provider_order *ret_order, usec *ret_due)
{
	sqlite3_stmt *statement = store->statements[NEXT];
	int r = step(store, statement);
	if (r == SQLITE_ROW) {
		TEXT_COPY(ret_order->payment, column_text(statement, 0));
		ret_order->call = (enum provider_call)find_name(
			column_text(statement, 1), call_names, COUNT(call_names));
		ret_order->amount = sqlite3_column_int64(statement, 2);
		TEXT_COPY(ret_order->currency, column_text(statement, 3));
		TEXT_COPY(ret_order->method, column_text(statement, 4));
		*ret_due = sqlite3_column_int64(statement, 5);
	}
	sqlite3_reset(statement);
	return r == SQLITE_ROW;
}

void store_sandbox_drop_deferred(struct store_sandbox *store, const struct provider_order *order)
{
	run(store, bind_call(store, DROP, order->payment, order->call));
}
