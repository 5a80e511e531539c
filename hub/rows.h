/* The rows of the hub's tables: the records of the wire, and what the hub keeps beside them. */
#ifndef LENDLOCK_HUB_ROWS_H
#define LENDLOCK_HUB_ROWS_H

#include "lib/domain/renter.h"
#include "lib/wire/records.h"

#define CONTENT_HASH_SIZE 33 /* hex of a 128 bit BLAKE2b, and the final NUL */

/* --- the view: a fold of the events, nothing else ----------------------------------------------
 *
 * Each row says whose event made it, so that an event that was unreadable for a while and comes
 * late does not undo a later one: within one epoch the higher seq stays. */

struct item_row {
	struct item_record item;
	char kiosk[NAME_SIZE];  /* where it stands */
	int said;               /* enum item_state: the last that its kiosk said */
	char rental[UUID_SIZE]; /* the latest one */
	usec changed;
	char epoch[UUID_SIZE];
	int64_t seq;
};

struct rental_row {
	struct rental_record rental;
	char kiosk[NAME_SIZE];
	usec changed;
	char epoch[UUID_SIZE];
	int64_t seq;
};

struct payment_row {
	struct payment_record payment;
	char kiosk[NAME_SIZE];
	usec changed;
	char epoch[UUID_SIZE];
	int64_t seq;
};

/* What the hub holds against a bank and what the bank says itself are two alerts, even under one
 * key: no bank raises or clears what is the hub's. */
struct alert_row {
	struct alert_record alert;
	bool own; /* the hub's */
	char kiosk[NAME_SIZE];
	usec changed;
	char epoch[UUID_SIZE];
	int64_t seq;
};

extern const struct record_type hub_item_row_type, hub_rental_row_type, hub_payment_row_type,
	hub_alert_row_type;

/* --- what the hub knows besides -------------------------------------------------------------- */

/* One kiosk. */
struct bank_row {
	char kiosk[NAME_SIZE];
	char epoch[UUID_SIZE]; /* the valid one; "": none yet */
	int64_t seq;           /* the cursor: the last event of that epoch that is committed ... */
	char event[UUID_SIZE]; /* ... and its id */
	int64_t pruned;        /* up to here the valid epoch's events may be gone from the log */
	int64_t lost; /* acks up to here, which this hub does not know to have given, are explained
		       */
	char claimed[UUID_SIZE];         /* the epoch that it has instead, or "" */
	int64_t revision;                /* of its desired state */
	char content[CONTENT_HASH_SIZE]; /* hash of that desired state, its revision left out */
	int64_t handover; /* the revision that hands the open rentals over; 0: done */
	int link;         /* enum link_state, as its status said */
	usec link_since;
	char session[UUID_SIZE];
	bool lending;
	int payments;
	int64_t applied_generation, applied_revision;
};
extern const struct record_type hub_bank_row_type;

/* An epoch that is valid no longer. */
struct retired_row {
	char epoch[UUID_SIZE];
	char kiosk[NAME_SIZE];
	int64_t seq;
	char event[UUID_SIZE];
};
extern const struct record_type hub_retired_row_type;

/* The hub itself: one row. */
struct node_row {
	int64_t node; /* 1 */
	char site[NAME_SIZE];
	usec elapsed, wall;
	char hub[UUID_SIZE];
	int64_t generation;
	char renter_key[RENTER_KEY_SIZE];
	int64_t seq;             /* of the last of its own events */
	int64_t snapshot;        /* the log's position that the stored view is of */
	int64_t letters_dropped; /* dead letters that had to give way to newer ones */
};
extern const struct record_type hub_node_row_type;

#endif
