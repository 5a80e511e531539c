/* The ledger's tables. Elapsed and wall instants are INTEGER µs. */
#include "payment-adapter/store.h"

#include <stddef.h>

static const char table[] = "payment";

/* Money is or may be held, or was taken. */
#define LIVE "IN ('sent', 'authorized', 'capture-owed', 'captured')"

const char *const ledger_migrations[] = {
	"CREATE TABLE node(" /* one row: this ledger */
	" id INTEGER PRIMARY KEY CHECK(id = 1), elapsed INTEGER NOT NULL,"
	" wall INTEGER NOT NULL, lease TEXT NOT NULL DEFAULT '') STRICT;"

	"CREATE TABLE payment("
	" payment TEXT PRIMARY KEY, rental TEXT NOT NULL, ledger TEXT NOT NULL,"
	" state TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,"
	" reason TEXT NOT NULL, kiosk TEXT NOT NULL, method TEXT NOT NULL, ask TEXT NOT NULL,"
	" under_way INTEGER NOT NULL, called INTEGER NOT NULL, searched INTEGER NOT NULL,"
	" needs_person INTEGER NOT NULL, tries INTEGER NOT NULL, next_try INTEGER NOT NULL,"
	" since INTEGER NOT NULL, asked_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,"
	" key_at INTEGER NOT NULL, key_wall INTEGER NOT NULL, trouble TEXT NOT NULL,"
	" epoch TEXT NOT NULL, created INTEGER NOT NULL) STRICT;"
	"CREATE INDEX payment_next_try ON payment(next_try) WHERE next_try < 9223372036854775807;"
	"CREATE INDEX payment_new ON payment(next_try) WHERE state = 'sent' AND called = 0;"
	"CREATE INDEX payment_under_way ON payment(under_way) WHERE under_way = 1;"
	"CREATE INDEX payment_unsettled ON payment(kiosk) WHERE state IN ('sent', 'authorized');"
	"CREATE INDEX payment_epoch ON payment(kiosk, epoch) WHERE epoch <> '';"
	"CREATE INDEX payment_created ON payment(created);"
	"CREATE INDEX payment_strange ON payment(kiosk, created) WHERE method = '';"

	"CREATE TABLE waiting(" /* requests whose reply comes later */
	" payment TEXT NOT NULL REFERENCES payment(payment) ON DELETE CASCADE,"
	" operation TEXT NOT NULL, correlation TEXT NOT NULL,"
	" PRIMARY KEY(payment, operation)) STRICT, WITHOUT ROWID;"

	"CREATE TABLE reconciled("
	" kiosk TEXT NOT NULL, epoch TEXT NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY(kiosk, epoch)) STRICT, WITHOUT ROWID;",

	"CREATE INDEX payment_rental ON payment(rental) WHERE state " LIVE ";",
	NULL,
};

#define FIELD(member, kind, ...)                                                              \
	{                                                                                     \
		.name = #member, .type = kind, .offset = offsetof(struct ledger_row, member), \
		.size = sizeof(((struct ledger_row *)0)->member), __VA_ARGS__                 \
	}

static const struct field ledger_row_fields[] = {
	FIELD(fact, FIELD_EMBED, .record = &payment_record_type),
	FIELD(kiosk, FIELD_TEXT),
	FIELD(method, FIELD_TEXT),
	FIELD(ask, FIELD_CHOICE, .names = ledger_ask_names),
	FIELD(under_way, FIELD_BOOLEAN),
	FIELD(called, FIELD_BOOLEAN),
	FIELD(searched, FIELD_BOOLEAN),
	FIELD(needs_person, FIELD_BOOLEAN),
	FIELD(tries, FIELD_INTEGER),
	FIELD(next_try, FIELD_INTEGER),
	FIELD(since, FIELD_INTEGER),
	FIELD(asked_at, FIELD_INTEGER),
	FIELD(expires_at, FIELD_INTEGER),
	FIELD(key_at, FIELD_INTEGER),
	FIELD(key_wall, FIELD_INTEGER),
	FIELD(trouble, FIELD_TEXT),
	FIELD(epoch, FIELD_TEXT),
	FIELD(created, FIELD_INTEGER),
	{0},
};
const struct record_type ledger_row_type = {
	.name = "ledger_row", .fields = ledger_row_fields, .size = sizeof(struct ledger_row)};

void store_clock_read(struct database *database, usec *ret_elapsed, usec *ret_wall)
{
	*ret_elapsed = database_number(database, 0, "SELECT elapsed FROM node", "");
	*ret_wall = database_number(database, 0, "SELECT wall FROM node", "");
}

void store_clock_write(struct database *database, usec elapsed, usec wall)
{
	database_run(database,
		"INSERT INTO node(id, elapsed, wall) VALUES(1,?,?) ON CONFLICT(id)"
		" DO UPDATE SET elapsed=excluded.elapsed, wall=excluded.wall",
		"ii", elapsed, wall);
}

void store_lease_read(struct database *database, char ret_lease[static UUID_SIZE])
{
	ret_lease[0] = '\0';
	struct query *query = database_query(database, "SELECT lease FROM node", "");
	while (query_next(query))
		text_copy(ret_lease, UUID_SIZE, query_text(query, 0));
}

void store_lease_write(struct database *database, const char *lease)
{
	database_run(database,
		"INSERT INTO node(id, elapsed, wall, lease) VALUES(1,0,0,?) ON CONFLICT(id)"
		" DO UPDATE SET lease=excluded.lease",
		"t", lease);
}

/* --- payments -------------------------------------------------------------------------------- */

bool store_ledger_read(struct database *database, const char *payment, struct ledger_row *ret_row)
{
	return database_get(
		database, table, &ledger_row_type, ret_row, "WHERE payment=?", "t", payment);
}

void store_ledger_write(struct database *database, const struct ledger_row *row)
{
	database_put(database, table, &ledger_row_type, row);
}

void store_ledger_delete(struct database *database, const char *payment)
{
	database_run(database, "DELETE FROM payment WHERE payment=?", "t", payment);
}

bool store_ledger_has_rival(struct database *database, const struct ledger_row *row)
{
	return database_number(database, 0,
		       "SELECT 1 FROM payment WHERE rental=? AND kiosk=? AND payment<>?"
		       " AND state " LIVE " LIMIT 1",
		       "ttt", row->fact.rental, row->kiosk, row->fact.payment) != 0;
}

int64_t store_ledger_strange(struct database *database, const char *kiosk, usec created_after)
{
	return database_number(database, 0,
		"SELECT count(*) FROM payment WHERE kiosk=? AND method='' AND created>?", "ti",
		kiosk, created_after);
}

#define NEW "state='sent' AND called=0"

bool store_ledger_due(
	struct database *database, bool new_only, usec elapsed, struct ledger_row *ret_row)
{
	if (database_get(database, table, &ledger_row_type, ret_row,
		    "WHERE " NEW " AND next_try<=? ORDER BY next_try LIMIT 1", "i", elapsed))
		return true;
	return !new_only && database_get(database, table, &ledger_row_type, ret_row,
				    "WHERE next_try<9223372036854775807 AND next_try<=?"
				    " ORDER BY next_try LIMIT 1",
				    "i", elapsed);
}

usec store_ledger_next_due(struct database *database, bool new_only)
{
	if (new_only)
		return database_number(database, USEC_NEVER,
			"SELECT next_try FROM payment WHERE " NEW " ORDER BY next_try LIMIT 1", "");
	return database_number(database, USEC_NEVER,
		"SELECT next_try FROM payment WHERE next_try<9223372036854775807"
		" ORDER BY next_try LIMIT 1",
		"");
}

int64_t store_ledger_waiting(struct database *database)
{
	return database_number(database, 0,
		"SELECT (SELECT count(*) FROM payment WHERE " NEW ")"
		" + (SELECT count(*) FROM payment WHERE state='' AND"
		" next_try<9223372036854775807)",
		"");
}

bool store_ledger_has_waiting(struct database *database, const char *kiosk)
{
	return database_number(database, 0,
		       "SELECT 1 FROM payment WHERE kiosk=?1 AND " NEW
		       " UNION ALL SELECT 1 FROM payment WHERE kiosk=?1 AND state='' AND"
		       " next_try<9223372036854775807 LIMIT 1",
		       "t", kiosk) != 0;
}

bool store_ledger_to_recover(struct database *database, struct ledger_row *ret_row)
{
	return database_get(database, table, &ledger_row_type, ret_row, "WHERE under_way=1 LIMIT 1",
		       "") ||
	       database_get(database, table, &ledger_row_type, ret_row,
		       "WHERE " NEW " AND searched=0 LIMIT 1", "");
}

struct query *store_ledger_open(struct database *database)
{
	return database_select(database, table, &ledger_row_type,
		"WHERE state NOT IN ('declined', 'captured', 'voided', 'refunded')"
		" ORDER BY created, payment",
		"");
}

struct query *store_ledger_unsettled(struct database *database, const char *kiosk)
{
	return database_select(database, table, &ledger_row_type,
		"WHERE kiosk=? AND state IN ('sent', 'authorized') ORDER BY payment", "t", kiosk);
}

struct query *store_ledger_given_back(
	struct database *database, const char *kiosk, const char *epoch)
{
	return database_select(database, table, &ledger_row_type,
		"WHERE epoch<>'' AND kiosk=? AND epoch=? ORDER BY payment", "tt", kiosk, epoch);
}

bool store_ledger_next(struct query *query, struct ledger_row *ret_row)
{
	if (!query_next(query))
		return false;
	query_record(query, &ledger_row_type, ret_row);
	return true;
}

void store_ledger_forget(struct database *database, usec created_before)
{
	database_run(database,
		"DELETE FROM payment WHERE payment IN (SELECT payment FROM payment WHERE created<?"
		" AND state IN ('declined', 'captured', 'voided', 'refunded')"
		" ORDER BY created LIMIT 256)",
		"i", created_before);
	database_run(database, "DELETE FROM reconciled WHERE at<?", "i", created_before);
}

/* --- replies that come later ----------------------------------------------------------------- */

bool store_waiting_has(struct database *database, const char *payment, const char *operation)
{
	return database_number(database, 0,
		       "SELECT count(*) FROM waiting WHERE payment=? AND operation=?", "tt",
		       payment, operation) > 0;
}

void store_waiting_add(
	struct database *database, const char *payment, const struct waiting_row *row)
{
	database_run(database,
		"INSERT INTO waiting(payment, operation, correlation) VALUES(?,?,?)"
		" ON CONFLICT(payment, operation) DO UPDATE SET correlation=excluded.correlation",
		"ttt", payment, row->operation, row->correlation);
}

bool store_waiting_after(struct database *database, const char *payment, const char *operation,
	struct waiting_row *ret_row)
{
	struct query *query = database_query(database,
		"SELECT operation, correlation FROM waiting WHERE payment=? AND operation>?"
		" ORDER BY operation LIMIT 1",
		"tt", payment, operation);
	if (!query_next(query))
		return false;
	TEXT_COPY(ret_row->operation, query_text(query, 0));
	TEXT_COPY(ret_row->correlation, query_text(query, 1));
	query_end(query);
	return true;
}

void store_waiting_delete(struct database *database, const char *payment, const char *operation)
{
	database_run(database, "DELETE FROM waiting WHERE payment=? AND operation=?", "tt", payment,
		operation);
}

/* --- reconciled epochs ----------------------------------------------------------------------- */

bool store_reconciled(struct database *database, const char *kiosk, const char *epoch)
{
	return database_number(database, 0,
		       "SELECT count(*) FROM reconciled WHERE kiosk=? AND epoch=?", "tt", kiosk,
		       epoch) > 0;
}

int64_t store_reconciled_count(struct database *database, const char *kiosk)
{
	return database_number(
		database, 0, "SELECT count(*) FROM reconciled WHERE kiosk=?", "t", kiosk);
}

void store_reconciled_add(
	struct database *database, const char *kiosk, const char *epoch, usec wall)
{
	database_run(database, "INSERT OR IGNORE INTO reconciled(kiosk, epoch, at) VALUES(?,?,?)",
		"tti", kiosk, epoch, wall);
}
