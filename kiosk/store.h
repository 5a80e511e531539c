/* The kiosk's tables and what is asked of them. One file per aggregate: store_*.c. */
#ifndef LENDLOCK_KIOSK_STORE_H
#define LENDLOCK_KIOSK_STORE_H

#include "lib/store/database.h"
#include "lib/wire/records.h"

extern const char *const kiosk_migrations[];

/* How far the bank is trusted with lending. */
enum kiosk_mode {
	MODE_LENDING,
	/* Its epoch is not the valid one: returns only, until a manager adopts it ... */
	MODE_WAITING,  /* ... and the hub knows what is lent: a new board, an old copy */
	MODE_OUTVOTED, /* ... any more: the hub was put back, or adopted another board meanwhile */
	MODE_CONFIRMING, /* adopted: returns only, until a person said what lies behind the doors */
};
extern const char *const kiosk_mode_names[];

/* The one row about the node itself. */
struct node_row {
	int64_t id;               /* 1 */
	char bank[2 * NAME_SIZE]; /* "{site}/{name}" */
	usec elapsed, wall;
	int mode; /* enum kiosk_mode */
	char epoch[UUID_SIZE];
	int64_t seq;   /* the last one given */
	int64_t acked; /* the last one the hub has */
	char hub[UUID_SIZE];
	int64_t generation, revision; /* of the desired state applied */
	usec reconcile_at;            /* elapsed: the ledger is told what is claimed; 0: it knows */
};
void store_node_read(struct database *database, struct node_row *ret_row); /* id 0: there is none */
void store_node_write(struct database *database, const struct node_row *row);
void store_desired_write(struct database *database, const char *json);
/* The last desired state as JSON text, freed by the caller, or NULL. */
char *store_desired_read(struct database *database);

/* An item that belongs to this bank. */
struct item_row {
	struct catalogue_record entry;
	int state;           /* enum item_state */
	int64_t compartment; /* where it lies, or may lie; 0: not behind a door */
	char reason[REASON_SIZE];
	bool block_wanted; /* to be blocked as soon as no rental has it */
	/* A door was shut on it since the bank lent last: whoever had looked before that does not
	 * know of it. */
	bool passed;
};
bool store_item_read(struct database *database, const char *item, struct item_row *ret_row);
void store_item_write(struct database *database, const struct item_row *row);
void store_item_delete(struct database *database, const char *item);
bool store_item_in(struct database *database, int64_t compartment, struct item_row *ret_row);
struct query *store_items(struct database *database); /* rows: store_item_next */
bool store_item_next(struct query *query, struct item_row *ret_row);
bool store_compartment_works(struct database *database, int64_t compartment);
void store_compartment_write(struct database *database, int64_t compartment, bool works);
void store_compartments_clear(struct database *database); /* no item lies anywhere */
void store_items_forget_passed(struct database *database);

struct rental_row {
	struct rental_record fact;
	char pickup_code[CODE_SIZE], return_code[CODE_SIZE];
	/* Elapsed instants; 0: not set. */
	usec hold_until, hold_limit, pickup_until, due_until, closed_at;
	usec deadline;     /* when its state's timer ends; USEC_NEVER: none */
	int64_t lent_from; /* the compartment it came out of */
	/* Perhaps pulsed when the power went, or forced: a person looks before it is lent. */
	bool doubtful;
};
bool store_rental_read(struct database *database, const char *rental, struct rental_row *ret_row);
void store_rental_write(struct database *database, const struct rental_row *row);
/* The open rental of an item. */
bool store_rental_of_item(struct database *database, const char *item, struct rental_row *ret_row);
int64_t store_rentals_open(struct database *database, const char *renter);
/* Queries of rentals; rows by store_rental_next. */
struct query *store_rentals_all_open(struct database *database);
int64_t store_rentals_all_count(struct database *database); /* of the open ones */
struct query *store_rentals_of(struct database *database, const char *renter);
bool store_rental_next(struct query *query, struct rental_row *ret_row);
/* One whose timer has ended; those that need a good clock only if sure. */
bool store_rental_due(
	struct database *database, usec elapsed, bool sure, struct rental_row *ret_row);
usec store_rental_next_due(struct database *database, bool sure); /* or USEC_NEVER */
void store_rentals_forget(struct database *database, usec before_wall);

struct payment_row {
	struct payment_record fact;
	char method[METHOD_SIZE];
	usec since;    /* elapsed: in this state */
	usec next_try; /* elapsed: when downstream is asked again; USEC_NEVER: not at all */
	int64_t tries; /* in this state */
};
bool store_payment_read(
	struct database *database, const char *payment, struct payment_row *ret_row);
void store_payment_write(struct database *database, const struct payment_row *row);
bool store_payment_due(struct database *database, usec elapsed, struct payment_row *ret_row);
usec store_payment_next_due(struct database *database);
void store_payments_ask_now(struct database *database, usec elapsed);
struct query *store_payments_unfinished(struct database *database);
int64_t store_payments_count(struct database *database); /* of the unfinished ones */
bool store_payment_next(struct query *query, struct payment_row *ret_row);

/* An event that the hub shall have. */
struct outbox_row {
	int64_t seq;
	char id[UUID_SIZE];
	char type[65];
	char subject[ALERT_KEY_SIZE];
	usec time;
	int clock;     /* enum clock_quality */
	usec acked_at; /* elapsed; 0: not acked */
};
void store_outbox_add(struct database *database, const struct outbox_row *row, const char *data);
/* Rows from a seq on, in order; data borrowed until the next step. */
struct query *store_outbox_from(struct database *database, int64_t seq);
bool store_outbox_next(struct query *query, struct outbox_row *ret_row, const char **ret_data);
/* The id of the event at seq, or false. */
bool store_outbox_id(struct database *database, int64_t seq, char ret_id[static UUID_SIZE]);
void store_outbox_acked(struct database *database, int64_t after, int64_t up_to, usec elapsed);
/* Those from seq on are not acked any more. */
void store_outbox_unacked(struct database *database, int64_t seq);
/* The first snapshot after seq, or 0. */
int64_t store_outbox_snapshot(struct database *database, int64_t seq);
/* Whether an event says that an item was released by that order to move it. */
bool store_outbox_released(struct database *database, const char *item, const char *move);
int64_t store_outbox_first(struct database *database); /* the lowest seq kept of this epoch, or 0 */
void store_outbox_forget(struct database *database, usec acked_before);
/* A new epoch begins: numbers all again, so that what follows acked is 1, and what is up to there
 * belongs to epochs before. */
void store_outbox_leave(struct database *database, const char *epoch, int64_t acked);
/* How many events were acked of the epochs from this one on, and are not known to who has it up to
 * seq; 0 also if no more than that was acked of it, or this database never had it. */
int64_t store_outbox_forgotten(struct database *database, const char *epoch, int64_t seq);
/* The last epoch before this one of which something acked is kept, and how much was; or "". */
void store_outbox_past(
	struct database *database, char ret_epoch[static UUID_SIZE], int64_t *ret_acked);
/* Another hub knows nothing of the epochs before. */
void store_outbox_drop_past(struct database *database);
/* So many of the epochs before count as not acked, and belong to this one from now on. */
void store_outbox_recall(struct database *database, int64_t n);
bool store_outbox_waits(struct database *database, const char *type_pattern, const char *subject,
	const char *rental);

enum opening_purpose {
	OPENING_TAKE,    /* a renter takes */
	OPENING_RETURN,  /* a renter brings back */
	OPENING_STOCK,   /* a manager puts in */
	OPENING_COLLECT, /* a manager takes out */
	OPENING_DONE,    /* its rental has gone on; the door is still open */
};
enum opening_stage { STAGE_INTENDED, STAGE_PULSED, STAGE_OPENED };
extern const char *const opening_purpose_names[], *const opening_stage_names[];
struct opening_row {
	int64_t opening;
	int64_t compartment;
	int purpose, stage;
	char rental[UUID_SIZE];
	char item[NAME_SIZE];
	char by[NAME_SIZE];
};
int64_t store_opening_next_id(struct database *database);
bool store_opening_read(struct database *database, int64_t opening, struct opening_row *ret_row);
bool store_opening_first(struct database *database, int64_t after, struct opening_row *ret_row);
bool store_opening_of(struct database *database, const char *rental, struct opening_row *ret_row);
bool store_opening_at(struct database *database, int64_t compartment);
/* That was opened, and has not been seen shut. */
bool store_opening_standing_at(
	struct database *database, int64_t compartment, struct opening_row *ret_row);
/* Whether it is opened for something else than that rental. */
bool store_opening_by_another(struct database *database, int64_t compartment, const char *rental);
/* Whether somebody is putting that item in. */
bool store_opening_stocks(struct database *database, const char *item);
/* Whether any door is opened for that item. */
bool store_opening_for(struct database *database, const char *item);
bool store_openings(struct database *database); /* whether there is any */
void store_opening_write(struct database *database, const struct opening_row *row);
void store_opening_delete(struct database *database, int64_t opening);

bool store_alert_read(struct database *database, const char *key, struct alert_record *ret_alert);
void store_alert_write(struct database *database, const struct alert_record *alert);
void store_alert_delete(struct database *database, const char *key);
struct query *store_alerts(struct database *database);
bool store_alert_next(struct query *query, struct alert_record *ret_alert);

/* Wrong codes of one source. */
struct code_guard_row {
	char source[NAME_SIZE];
	int64_t wrong;
	usec until; /* elapsed: no try before */
};
void store_code_guard_read(
	struct database *database, const char *source, struct code_guard_row *ret_row);
void store_code_guard_write(struct database *database, const struct code_guard_row *row);
void store_code_guard_delete(struct database *database, const char *source);

/* Runs the function for tests: every record type against its table. */
extern const struct record_type item_row_type, rental_row_type, payment_row_type, outbox_row_type,
	opening_row_type;

#endif
