/* The ledger's tables and what is asked of them. */
#ifndef LENDLOCK_PAYMENT_ADAPTER_STORE_H
#define LENDLOCK_PAYMENT_ADAPTER_STORE_H

#include "lib/store/database.h"
#include "payment-adapter/ledger.h"

extern const char *const ledger_migrations[];
extern const struct record_type ledger_row_type;

/* The time that this node has reached; both 0 in a new database. */
void store_clock_read(struct database *database, usec *ret_elapsed, usec *ret_wall);
void store_clock_write(struct database *database, usec elapsed, usec wall);

/* The last lease that this ledger had; "" in a new database. */
void store_lease_read(struct database *database, char ret_lease[static UUID_SIZE]);
void store_lease_write(struct database *database, const char *lease);

bool store_ledger_read(struct database *database, const char *payment, struct ledger_row *ret_row);
void store_ledger_write(struct database *database, const struct ledger_row *row);
void store_ledger_delete(struct database *database, const char *payment);
/* Whether its rental has another payment here, under way, reserved or taken. */
bool store_ledger_has_rival(struct database *database, const struct ledger_row *row);
/* How many of that kiosk, made after that wall instant, began with something else
 * than authorize. */
int64_t store_ledger_strange(struct database *database, const char *kiosk, usec created_after);
/* One whose time to ask has come. new_only: only one that waits for its first authorize. */
bool store_ledger_due(
	struct database *database, bool new_only, usec elapsed, struct ledger_row *ret_row);
usec store_ledger_next_due(struct database *database, bool new_only); /* elapsed, or USEC_NEVER */
/* How many wait for their first authorize, or for a search that a query asked for. */
int64_t store_ledger_waiting(struct database *database);
bool store_ledger_has_waiting(struct database *database, const char *kiosk); /* any of these */
/* One whose call was under way, or that waited to be asked for and has not been searched. */
bool store_ledger_to_recover(struct database *database, struct ledger_row *ret_row);
/* Queries of rows; store_ledger_next reads them, false at the end. */
struct query *store_ledger_open(struct database *database); /* all not final, by age */
struct query *store_ledger_unsettled(struct database *database, const char *kiosk);
struct query *store_ledger_given_back(
	struct database *database, const char *kiosk, const char *epoch);
bool store_ledger_next(struct query *query, struct ledger_row *ret_row);
/* Forgets final rows made before that wall instant, some at a time. */
void store_ledger_forget(struct database *database, usec created_before);

/* A request whose reply comes later. */
struct waiting_row {
	char operation[NAME_SIZE];
	char correlation[MQTT_CORRELATION_TEXT];
};
/* Whether that request waits already. */
bool store_waiting_has(struct database *database, const char *payment, const char *operation);
void store_waiting_add(
	struct database *database, const char *payment, const struct waiting_row *row);
/* The first one, by operation's name, after the given one ("": of all). */
bool store_waiting_after(struct database *database, const char *payment, const char *operation,
	struct waiting_row *ret_row);
void store_waiting_delete(struct database *database, const char *payment, const char *operation);

/* Epochs of kiosks that have been reconciled. */
bool store_reconciled(struct database *database, const char *kiosk, const char *epoch);
int64_t store_reconciled_count(struct database *database, const char *kiosk);
void store_reconciled_add(
	struct database *database, const char *kiosk, const char *epoch, usec wall);

#endif
