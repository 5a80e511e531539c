/* The kiosk's tables, and the records that lie in them. Elapsed instants are INTEGER µs. */
#include "kiosk/store.h"
#include "lib/requests/desk.h"

#include <stddef.h>

const char *const kiosk_mode_names[] = {"lending", "waiting", "outvoted", "confirming", NULL};
const char *const opening_purpose_names[] = {"take", "return", "stock", "collect", "done", NULL};
const char *const opening_stage_names[] = {"intended", "pulsed", "opened", NULL};

const char *const kiosk_migrations[] = {
	"CREATE TABLE node(" /* one row: this bank */
	" id INTEGER PRIMARY KEY CHECK(id = 1), bank TEXT NOT NULL,"
	" elapsed INTEGER NOT NULL, wall INTEGER NOT NULL, mode TEXT NOT NULL, epoch TEXT NOT "
	"NULL, seq INTEGER NOT NULL, acked INTEGER NOT NULL,"
	" hub TEXT NOT NULL, generation INTEGER NOT NULL, revision INTEGER NOT NULL,"
	" reconcile_at INTEGER NOT NULL) STRICT;"
	"CREATE TABLE desired(id INTEGER PRIMARY KEY CHECK(id = 1), body TEXT NOT NULL) STRICT;"

	"CREATE TABLE item(" /* what belongs here: catalogue entry, and where it stands */
	" item TEXT PRIMARY KEY, title TEXT NOT NULL, description TEXT NOT NULL,"
	" category TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,"
	" period INTEGER NOT NULL, kiosk TEXT NOT NULL, moving TEXT NOT NULL, move TEXT NOT NULL,"
	" inspect INTEGER NOT NULL, withdrawn INTEGER NOT NULL,"
	" state TEXT NOT NULL, compartment INTEGER NOT NULL, reason TEXT NOT NULL,"
	" block_wanted INTEGER NOT NULL, passed INTEGER NOT NULL) STRICT;"
	"CREATE UNIQUE INDEX item_compartment ON item(compartment) WHERE compartment > 0;"
	"CREATE TABLE compartment(" /* only those that somebody said something about */
	" compartment INTEGER PRIMARY KEY, works INTEGER NOT NULL) STRICT;"

	"CREATE TABLE rental("
	" rental TEXT PRIMARY KEY, item TEXT NOT NULL, renter TEXT NOT NULL, state TEXT NOT NULL,"
	" item_state TEXT NOT NULL, compartment INTEGER NOT NULL, amount INTEGER NOT NULL,"
	" currency TEXT NOT NULL, payment TEXT NOT NULL, reserved_at INTEGER NOT NULL,"
	" expires_at INTEGER NOT NULL, taken_at INTEGER NOT NULL, due_at INTEGER NOT NULL,"
	" ended_at INTEGER NOT NULL, clock_stopped INTEGER NOT NULL, reason TEXT NOT NULL,"
	" by TEXT NOT NULL,"
	" pickup_code TEXT NOT NULL, return_code TEXT NOT NULL, hold_until INTEGER NOT NULL,"
	" hold_limit INTEGER NOT NULL, pickup_until INTEGER NOT NULL, due_until INTEGER NOT NULL,"
	" closed_at INTEGER NOT NULL, deadline INTEGER NOT NULL, lent_from INTEGER NOT NULL,"
	" doubtful INTEGER NOT NULL) STRICT;"
	/* The promise itself: an item has at most one open rental. */
	"CREATE UNIQUE INDEX rental_open ON rental(item) WHERE state NOT IN"
	" ('returned', 'cancelled', 'expired', 'failed', 'resolved');"
	/* Codes are compared with those of all open ones, and of no others. */
	"CREATE INDEX rental_alive ON rental(rental) WHERE state NOT IN"
	" ('returned', 'cancelled', 'expired', 'failed', 'resolved');"
	"CREATE INDEX rental_renter ON rental(renter);"
	"CREATE INDEX rental_deadline ON rental(deadline);"
	"CREATE INDEX rental_ended ON rental(ended_at) WHERE ended_at > 0;"

	"CREATE TABLE payment("
	" payment TEXT PRIMARY KEY, rental TEXT NOT NULL, ledger TEXT NOT NULL,"
	" state TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,"
	" reason TEXT NOT NULL,"
	" method TEXT NOT NULL, since INTEGER NOT NULL, next_try INTEGER NOT NULL,"
	" tries INTEGER NOT NULL) STRICT;"
	"CREATE INDEX payment_next_try ON payment(next_try);"
	"CREATE INDEX payment_rental ON payment(rental);"
	"CREATE INDEX payment_unfinished ON payment(payment) WHERE state NOT IN"
	" ('declined', 'captured', 'voided', 'refunded');"

	/* Events: not acked (acked_at 0), and acked ones for 30 days; those of the epochs before
	 * this one have no positive seq. */
	"CREATE TABLE outbox("
	" seq INTEGER PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,"
	" time INTEGER NOT NULL, clock TEXT NOT NULL, acked_at INTEGER NOT NULL,"
	" data TEXT NOT NULL) STRICT;"
	"CREATE INDEX outbox_acked ON outbox(acked_at) WHERE acked_at > 0;"
	"CREATE INDEX outbox_released ON outbox(subject) WHERE type='lendlock.item.released';"

	"CREATE TABLE past_epoch(" /* what was acked of it, and how far its numbers moved since */
	" epoch TEXT PRIMARY KEY, acked INTEGER NOT NULL, shift INTEGER NOT NULL) STRICT;"

	"CREATE TABLE opening(" /* the journal of the doors: a row for each door asked for */
	" opening INTEGER PRIMARY KEY, compartment INTEGER NOT NULL, purpose TEXT NOT NULL,"
	" stage TEXT NOT NULL, rental TEXT NOT NULL, item TEXT NOT NULL, by TEXT NOT NULL) STRICT;"

	"CREATE TABLE alert(" /* those not cleared */
	" alert TEXT PRIMARY KEY, kind TEXT NOT NULL, cleared INTEGER NOT NULL,"
	" compartment INTEGER NOT NULL, item TEXT NOT NULL, rental TEXT NOT NULL,"
	" payment TEXT NOT NULL, message TEXT NOT NULL) STRICT;"

	"CREATE TABLE code_guard("
	" source TEXT PRIMARY KEY, wrong INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;"

	DESK_TABLE,
	NULL,
};

#define FIELD(member, kind, flag, ...)                                                           \
	{                                                                                        \
		.name = #member, .type = kind, .flags = flag,                                    \
		.offset = offsetof(struct OF, member), .size = sizeof(((struct OF *)0)->member), \
		__VA_ARGS__                                                                      \
	}
#define INTEGER(member)    FIELD(member, FIELD_INTEGER, 0)
#define BOOLEAN(member)    FIELD(member, FIELD_BOOLEAN, 0)
#define TEXT(member)       FIELD(member, FIELD_TEXT, 0)
#define CHOICE(member, of) FIELD(member, FIELD_CHOICE, 0, .names = of)
#define EMBED(member, of)  FIELD(member, FIELD_EMBED, 0, .record = &of)
#define ROW(id)                                                               \
	{                                                                     \
		.name = #id, .fields = id##_fields, .size = sizeof(struct id) \
	}

#define OF item_row
static const struct field item_row_fields[] = {
	EMBED(entry, catalogue_record_type),
	CHOICE(state, item_state_names),
	INTEGER(compartment),
	TEXT(reason),
	BOOLEAN(block_wanted),
	BOOLEAN(passed),
	{0},
};
const struct record_type item_row_type = ROW(item_row);
#undef OF

#define OF rental_row
static const struct field rental_row_fields[] = {
	EMBED(fact, rental_record_type),
	TEXT(pickup_code),
	TEXT(return_code),
	INTEGER(hold_until),
	INTEGER(hold_limit),
	INTEGER(pickup_until),
	INTEGER(due_until),
	INTEGER(closed_at),
	INTEGER(deadline),
	INTEGER(lent_from),
	BOOLEAN(doubtful),
	{0},
};
const struct record_type rental_row_type = ROW(rental_row);
#undef OF

#define OF payment_row
static const struct field payment_row_fields[] = {
	EMBED(fact, payment_record_type),
	TEXT(method),
	INTEGER(since),
	INTEGER(next_try),
	INTEGER(tries),
	{0},
};
const struct record_type payment_row_type = ROW(payment_row);
#undef OF

static const char *const clock_names[] = {"sure", "unsure", NULL};

#define OF outbox_row
static const struct field outbox_row_fields[] = {
	FIELD(seq, FIELD_INTEGER, FIELD_KEY),
	TEXT(id),
	TEXT(type),
	TEXT(subject),
	INTEGER(time),
	CHOICE(clock, clock_names),
	INTEGER(acked_at),
	{0},
};
const struct record_type outbox_row_type = ROW(outbox_row);
#undef OF

#define OF opening_row
static const struct field opening_row_fields[] = {
	FIELD(opening, FIELD_INTEGER, FIELD_KEY),
	INTEGER(compartment),
	CHOICE(purpose, opening_purpose_names),
	CHOICE(stage, opening_stage_names),
	TEXT(rental),
	TEXT(item),
	TEXT(by),
	{0},
};
const struct record_type opening_row_type = ROW(opening_row);
#undef OF
