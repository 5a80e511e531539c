#include "hub/migrations.h"

#include "hub/conditions.h"
#include "lib/requests/desk.h"

/* Columns that every row of the view ends with; see rows.h. */
#define ORIGIN \
	"kiosk TEXT NOT NULL, changed INTEGER NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL"

/* The node, what has happened, and what it made of the banks. */
#define LOG_TABLES                                                                                 \
	"CREATE TABLE node("                                                                       \
	" node INTEGER PRIMARY KEY CHECK(node=1), site TEXT NOT NULL, elapsed INTEGER NOT NULL,"   \
	" wall INTEGER NOT NULL,"                                                                  \
	" hub TEXT NOT NULL, generation INTEGER NOT NULL, renter_key TEXT NOT NULL,"               \
	" seq INTEGER NOT NULL, snapshot INTEGER NOT NULL, letters_dropped INTEGER NOT NULL) "     \
	"STRICT;" /* the log: source, type and time stand in the body; nobody looks for them */    \
	"CREATE TABLE log("                                                                        \
	" position INTEGER PRIMARY KEY, kiosk TEXT NOT NULL, epoch TEXT NOT NULL,"                 \
	" seq INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, item TEXT NOT NULL,"                      \
	" body TEXT NOT NULL) STRICT;"                                                             \
	"CREATE INDEX log_item ON log(item, position) WHERE item<>'';"                             \
	"CREATE TABLE bank("                                                                       \
	" kiosk TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL," \
	" pruned INTEGER NOT NULL, lost INTEGER NOT NULL, claimed TEXT NOT NULL, revision "        \
	"INTEGER NOT NULL,"                                                                        \
	" content TEXT NOT NULL, handover INTEGER NOT NULL, link TEXT NOT NULL,"                   \
	" link_since INTEGER NOT NULL, session TEXT NOT NULL, lending INTEGER NOT NULL,"           \
	" payments TEXT NOT NULL, applied_generation INTEGER NOT NULL,"                            \
	" applied_revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;"                               \
	"CREATE TABLE retired("                                                                    \
	" kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL,"    \
	" PRIMARY KEY(kiosk, epoch)) STRICT, WITHOUT ROWID;"                                       \
	"CREATE TABLE dead_letter("                                                                \
	" position INTEGER PRIMARY KEY, kiosk TEXT NOT NULL, received_at INTEGER NOT NULL,"        \
	" reason TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, size INTEGER NOT NULL," \
	" replayed INTEGER NOT NULL, for_person INTEGER NOT NULL, event TEXT NOT NULL, hash TEXT " \
	"NOT NULL, body BLOB NOT NULL,"                                                            \
	" UNIQUE(kiosk, hash)) STRICT;"                                                            \
	"CREATE INDEX dead_letter_event ON dead_letter(event) WHERE event<>'';"                    \
	"CREATE INDEX dead_letter_kiosk ON dead_letter(kiosk, position);"                          \
	"CREATE INDEX dead_letter_open ON dead_letter(kiosk, received_at) WHERE replayed=0;"

/* The view: a fold of the log, and the same at one position, so that what was before may go. */
#define VIEW_TABLES                                                                                \
	"CREATE TABLE catalogue("                                                                  \
	" item TEXT PRIMARY KEY, title TEXT NOT NULL, description TEXT NOT NULL,"                  \
	" category TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,"                \
	" period INTEGER NOT NULL, kiosk TEXT NOT NULL, moving TEXT NOT NULL, move TEXT NOT NULL," \
	" inspect INTEGER NOT NULL, withdrawn INTEGER NOT NULL) STRICT, WITHOUT ROWID;"            \
	"CREATE INDEX catalogue_kiosk ON catalogue(kiosk, item);"                                  \
	"CREATE TABLE item("                                                                       \
	" item TEXT PRIMARY KEY, state TEXT NOT NULL, compartment INTEGER NOT NULL,"               \
	" reason TEXT NOT NULL, by TEXT NOT NULL, move TEXT NOT NULL, said TEXT NOT NULL,"         \
	" rental TEXT NOT NULL," ORIGIN ") STRICT, WITHOUT ROWID;"                                 \
	"CREATE INDEX item_kiosk ON item(kiosk, item);"                                            \
	"CREATE TABLE rental("                                                                     \
	" rental TEXT PRIMARY KEY, item TEXT NOT NULL, renter TEXT NOT NULL, state TEXT NOT NULL," \
	" item_state TEXT NOT NULL, compartment INTEGER NOT NULL, amount INTEGER NOT NULL,"        \
	" currency TEXT NOT NULL, payment TEXT NOT NULL, reserved_at INTEGER NOT NULL,"            \
	" expires_at INTEGER NOT NULL, taken_at INTEGER NOT NULL, due_at INTEGER NOT NULL,"        \
	" ended_at INTEGER NOT NULL, clock_stopped INTEGER NOT NULL, reason TEXT NOT NULL,"        \
	" by TEXT NOT NULL," ORIGIN ") STRICT;"                                                    \
	"CREATE INDEX rental_item ON rental(item, rental);"                                        \
	"CREATE INDEX rental_renter ON rental(renter, rental);"                                    \
	"CREATE INDEX rental_open ON rental(kiosk, rental) WHERE " HUB_OPEN_RENTAL ";"             \
	"CREATE INDEX rental_final ON rental(changed, rental) WHERE " HUB_FINAL_RENTAL ";"         \
	"CREATE TABLE payment("                                                                    \
	" payment TEXT PRIMARY KEY, rental TEXT NOT NULL, ledger TEXT NOT NULL, state TEXT NOT "   \
	"NULL,"                                                                                    \
	" amount INTEGER NOT NULL, currency TEXT NOT NULL, reason TEXT NOT NULL," ORIGIN           \
	") STRICT;"                                                                                \
	"CREATE INDEX payment_open ON payment(kiosk, payment) WHERE " HUB_OPEN_PAYMENT ";"         \
	"CREATE INDEX payment_final ON payment(changed, payment) WHERE " HUB_FINAL_PAYMENT ";"     \
	"CREATE TABLE alert("                                                                      \
	" alert TEXT NOT NULL, kind TEXT NOT NULL, cleared INTEGER NOT NULL,"                      \
	" compartment INTEGER NOT NULL, item TEXT NOT NULL, rental TEXT NOT NULL,"                 \
	" payment TEXT NOT NULL, message TEXT NOT NULL, own INTEGER NOT NULL," ORIGIN              \
	", PRIMARY KEY(kiosk, alert, own)"                                                         \
	") STRICT, WITHOUT ROWID;"                                                                 \
	"CREATE TABLE snapshot(kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,"         \
	" PRIMARY KEY(kind, key)) STRICT, WITHOUT ROWID;"

/* Persons: in no event, and in no other table. */
#define RENTER_TABLE                                                                               \
	"CREATE TABLE renter("                                                                     \
	" renter TEXT PRIMARY KEY, user TEXT NOT NULL, name TEXT NOT NULL, contact TEXT NOT NULL," \
	" blocked INTEGER NOT NULL) STRICT, WITHOUT ROWID;"                                        \
	"CREATE INDEX renter_blocked ON renter(renter) WHERE blocked;"

const char *const hub_migrations[] = {LOG_TABLES VIEW_TABLES RENTER_TABLE DESK_TABLE, NULL};
