/*
 * The records that cross the wire. Each struct here has its table of fields, and so its schema, its
 * codec and its SQL columns, in records.c. Text is UTF-8; amounts are in the currency's minor unit;
 * times are wall instants; 0 or "" is "absent" where records.c does not say that it is required.
 */
#ifndef LENDLOCK_WIRE_RECORDS_H
#define LENDLOCK_WIRE_RECORDS_H

#include "lib/domain/item.h"
#include "lib/domain/payment.h"
#include "lib/domain/rental.h"
#include "lib/wire/record.h"

#define CURRENCY_SIZE	 4  /* ISO 4217, upper case */
#define TITLE_SIZE	 97
#define DESCRIPTION_SIZE 257
#define METHOD_SIZE	 65 /* a token of a payment method; never card data */
#define CODE_SIZE	 9  /* pickup and return codes: 8 digits */
#define REASON_SIZE	 97
#define ALERT_KEY_SIZE	 81
#define MQTT_CORRELATION_TEXT 65 /* Correlation Data of 1..64 bytes, as text */
#define SOURCE_SIZE	 82 /* two names of 32 characters fit */
#define SEQUENCE_SIZE	 21 /* 20 digits, so that they sort as text (CloudEvents "sequence") */

/* --- facts: the data of events, and the rows of the view ------------------------------------- */

/* One rental, whole, after the change that an event tells of. */
struct rental_record {
	char rental[UUID_SIZE];
	char item[NAME_SIZE];
	char renter[NAME_SIZE];	     /* opaque: 32 hex digits */
	int state;		     /* enum rental_state */
	int item_state;		     /* enum item_state: what the item is now because of this rental */
	int64_t compartment;	     /* 1.. ; 0: none */
	int64_t amount;
	char currency[CURRENCY_SIZE];
	char payment[UUID_SIZE];     /* the latest one, or "" */
	usec reserved_at, expires_at, taken_at, due_at, ended_at;
	bool clock_stopped;	     /* a return was tried and no door was free */
	char reason[REASON_SIZE];
	char by[NAME_SIZE];	     /* the user who made this change; "" if nobody did */
};
extern const struct record_type rental_record_type;

struct payment_record {
	char payment[UUID_SIZE];
	char rental[UUID_SIZE];
	char ledger[NAME_SIZE];
	int state; /* enum payment_state */
	int64_t amount;
	char currency[CURRENCY_SIZE];
	char reason[REASON_SIZE];
};
extern const struct record_type payment_record_type;

/* Where one item stands, said by the kiosk it belongs to. */
struct item_record {
	char item[NAME_SIZE];
	int state; /* enum item_state */
	int64_t compartment;
	char reason[REASON_SIZE];
	char by[NAME_SIZE];
	char move[UUID_SIZE]; /* while it moves: the order that it follows */
};
extern const struct record_type item_record_type;

/* Something for a person to look at. Raised again under the same key it is the same alert. */
struct alert_record {
	char alert[ALERT_KEY_SIZE]; /* the key: "{kind}:{subject}" */
	char kind[NAME_SIZE];	    /* door-jammed, door-forced, door-left-open, reported, ... */
	bool cleared;
	int64_t compartment;
	char item[NAME_SIZE];
	char rental[UUID_SIZE];
	char payment[UUID_SIZE];
	char message[REASON_SIZE];
};
extern const struct record_type alert_record_type;

/* What a bank knows, when the hub is too far behind for its events. */
struct snapshot_record {
	struct list items;    /* struct item_record */
	struct list rentals;  /* struct rental_record, the open ones */
	struct list payments; /* struct payment_record, of those rentals and all not final */
	struct list alerts;   /* struct alert_record, not cleared */
};
extern const struct record_type snapshot_record_type;

/* An item of the catalogue: the hub decides. */
struct catalogue_record {
	char item[NAME_SIZE];
	char title[TITLE_SIZE];
	char description[DESCRIPTION_SIZE];
	char category[NAME_SIZE];
	int64_t amount; /* flat tariff */
	char currency[CURRENCY_SIZE];
	int64_t period; /* s: how long it may be out */
	char kiosk[NAME_SIZE];	/* where it belongs */
	char moving[NAME_SIZE]; /* where it will belong once released, or "" */
	char move[UUID_SIZE];	/* the order to release it, or "" */
	bool inspect;		/* a person looks at it after each return */
	bool withdrawn;
};
extern const struct record_type catalogue_record_type;

/* An entry of the catalogue, whole, after a manager's act. */
struct catalogue_change_record {
	struct catalogue_record entry;
	char by[NAME_SIZE]; /* the manager */
};
extern const struct record_type catalogue_change_record_type;

/* The person behind an opaque renter id; in the hub only, and can be erased. */
struct renter_record {
	char renter[NAME_SIZE];
	char user[NAME_SIZE];
	char name[TITLE_SIZE];
	char contact[TITLE_SIZE];
	bool blocked;
};
extern const struct record_type renter_record_type;

/* --- events ------------------------------------------------------------------------------------ */

/* A CloudEvents 1.0 envelope; `data` is one of the facts above. */
struct event_record {
	char specversion[8]; /* "1.0" */
	char id[UUID_SIZE];
	char source[SOURCE_SIZE]; /* /lendlock/{site}/kiosk/{kiosk} or /lendlock/{site}/hub */
	char type[65];	     /* lendlock.{kind}.{fact} */
	char subject[ALERT_KEY_SIZE];
	usec time;
	char epoch[UUID_SIZE];
	char sequence[SEQUENCE_SIZE]; /* 20 digits, gapless within the epoch */
	int clock;		      /* enum clock_quality */
	json_t *data;
};
extern const struct record_type event_record_type;

enum clock_quality { CLOCK_SURE, CLOCK_UNSURE };

/* What an event's type says its data is. */
enum event_kind {
	EVENT_OTHER, /* unknown: a dead letter */
	EVENT_RENTAL,
	EVENT_PAYMENT,
	EVENT_ITEM,
	EVENT_ALERT,
	EVENT_SNAPSHOT,
	EVENT_CATALOGUE, /* the hub's own */
	EVENT_ADOPTED,	 /* the hub's own */
	EVENT_PRUNED,	 /* the hub's own */
	EVENT_BANK,	 /* the hub's own */
	EVENT_KINDS
};
enum event_kind event_kind_of(const char *type);
/* The record type of its data; NULL for EVENT_OTHER. */
const struct record_type *event_data_type(enum event_kind kind);
/* The kind's word in the type: "rental" in lendlock.rental.paid. */
extern const char *const event_kind_names[];

/* What one bank may have open: refused there beyond that, so that a hub can hand it all over in one
 * desired state, and a new board can name it all to the ledger in one request, the half of it being
 * its own. */
#define BANK_RENTALS_MAX  512
#define BANK_PAYMENTS_MAX 512
#define HANDOVER_RENTALS_MAX (2 * BANK_RENTALS_MAX) /* ended ones among them */
#define CLAIMS_MAX	  (2 * BANK_PAYMENTS_MAX)

#define EVENT_BATCH_EVENTS 64
#define EVENT_BATCH_BYTES  ((size_t)32 * 1024)
#define EVENT_BYTES	   ((size_t)16 * 1024) /* one event, but for a snapshot's data */
#define SNAPSHOT_BYTES	   ((size_t)48 * 1024) /* its data; what has no room there follows it */
/* What a hub takes as one message, and what it keeps of one that it cannot read. */
#define EVENT_MESSAGE_BYTES (SNAPSHOT_BYTES + EVENT_BYTES)

/* The hub made this epoch the kiosk's only valid one. */
struct adopted_record {
	char kiosk[NAME_SIZE];
	char epoch[UUID_SIZE];
	char retired[UUID_SIZE]; /* the one before, or "" */
	char by[NAME_SIZE];
};
extern const struct record_type adopted_record_type;

/* What is final and has not changed since then left the view, the oldest first and so many of each. */
struct pruned_record {
	usec before;
	int64_t rows;
};
extern const struct record_type pruned_record_type;

/* A bank that never was one. */
struct bank_removed_record {
	char kiosk[NAME_SIZE];
	char by[NAME_SIZE];
};
extern const struct record_type bank_removed_record_type;

struct ack_record {
	char hub[UUID_SIZE];
	int64_t generation;
	char epoch[UUID_SIZE];
	int64_t seq; /* all up to here is committed; 0: nothing yet */
	char event[UUID_SIZE]; /* the id at seq; "" at 0 */
};
extern const struct record_type ack_record_type;

/* --- desired state and status -------------------------------------------------------------------- */

struct settings_record {
	int64_t hold, extend, hold_max, pickup; /* s */
	int64_t lost;			 /* s overdue until it counts as lost */
	int64_t report_within;		 /* s after closing the door */
	int64_t rentals_max;		 /* open ones per renter, 1.. */
};
extern const struct record_type settings_record_type;

/* A rental that a bank has open while it waits to be adopted. */
struct open_rental_record {
	char rental[UUID_SIZE];
};
extern const struct record_type open_rental_record_type;

struct desired_record {
	char hub[UUID_SIZE];
	int64_t generation, revision;
	char epoch[UUID_SIZE];		   /* the one valid epoch of this kiosk */
	char ledger[NAME_SIZE];		   /* where it pays */
	char renter_key[65];		   /* 64 hex: makes opaque renter ids of user names */
	struct settings_record *settings;
	struct list managers;		   /* names */
	struct list blocked;		   /* renters (opaque) who may not reserve */
	struct list items;		   /* struct catalogue_record; withdrawn ones stay and say so */
	/* For adoption: */
	struct list rentals;      /* struct rental_record: the bank's open ones; and ended ones
				     that it has open, or whose payment is */
	struct list payments;     /* struct payment_record: theirs */
	struct list open_rentals; /* struct open_rental_record: of its status; the above answers them */
};
extern const struct record_type desired_record_type;
#define DESIRED_BYTES ((size_t)1008 * 1024)

struct kiosk_status_record {
	int state; /* enum link_state */
	char session[UUID_SIZE]; /* of this connection; the will bears the same */
	char version[33];
	char epoch[UUID_SIZE];
	char past_epoch[UUID_SIZE]; /* the last one before of which the hub has acked something */
	int64_t past_acked;	    /* ... and how much */
	int64_t generation, revision; /* of the desired state it applied */
	int64_t acked;		      /* the last of its events that the hub has */
	bool lending;		      /* false: takes returns only */
	int payments;		      /* enum payments_state */
	bool clock_sure;
	struct list open_rentals;     /* struct open_rental_record: while it waits to be adopted */
};
extern const struct record_type kiosk_status_record_type;

enum link_state { LINK_UNKNOWN, LINK_ONLINE, LINK_LOST };
enum payments_state { PAYMENTS_UNKNOWN, PAYMENTS_OPEN, PAYMENTS_CLOSED };
extern const char *const link_state_names[];
extern const char *const payments_state_names[];

struct hub_status_record {
	int state;
	char session[UUID_SIZE];
	char version[33];
	char hub[UUID_SIZE];
	int64_t generation;
	int64_t banks; /* how many view/{kiosk} there are */
};
extern const struct record_type hub_status_record_type;

struct payment_status_record {
	int state;
	char session[UUID_SIZE];
	char version[33];
	int payments;	     /* enum payments_state: the breaker, as a kiosk needs it */
	char breaker[NAME_SIZE]; /* closed, open, half-open */
	int64_t retry_after; /* ms from receipt, at most 60000, when closed to kiosks */
	char lease[UUID_SIZE]; /* of this run of the adapter; the greater one owns the ledger */
};
extern const struct record_type payment_status_record_type;

struct offer_item_record {
	char item[NAME_SIZE];
	char title[TITLE_SIZE];
	char category[NAME_SIZE];
	int64_t amount;
	char currency[CURRENCY_SIZE];
	int64_t period;
	bool free;
	usec due_at;
};
struct offer_record {
	bool lending;
	int payments;
	struct list items; /* struct offer_item_record */
};
extern const struct record_type offer_item_record_type, offer_record_type;

/* One bank as a manager sees it; persons included. */
struct view_item_record {
	char item[NAME_SIZE];
	char title[TITLE_SIZE];
	char category[NAME_SIZE];
	char kiosk[NAME_SIZE];
	char moving[NAME_SIZE];
	int state; /* enum item_state */
	int64_t compartment;
	char reason[REASON_SIZE];
	struct rental_record *rental;	/* the open one */
	struct payment_record *payment; /* its latest */
	char user[NAME_SIZE];
	char name[TITLE_SIZE];
};
extern const struct record_type view_item_record_type;
struct bank_record {
	char kiosk[NAME_SIZE];
	int link;		/* enum link_state */
	usec link_since;
	bool lending;
	int payments;
	char epoch[UUID_SIZE];
	char claimed_epoch[UUID_SIZE]; /* the kiosk has another one: to be adopted */
	int64_t seq;
	int64_t items, available, rented, attention;
};
extern const struct record_type bank_record_type;
struct view_record {
	struct bank_record bank;
	struct list contents; /* struct view_item_record */
	struct list alerts;   /* struct alert_record */
};
extern const struct record_type view_record_type;

/* --- requests and replies ------------------------------------------------------------------------ */

/* The arguments that any operation may have; each operation's table (kiosk/request.c,
 * hub/request.c, payment-adapter/request.c) says which ones it takes. */
struct arguments {
	usec expires_at; /* all; past it the request is never executed */
	char rental[UUID_SIZE];
	char item[NAME_SIZE];
	char code[CODE_SIZE];
	char method[METHOD_SIZE];
	char payment[UUID_SIZE];
	char kiosk[NAME_SIZE];
	char epoch[UUID_SIZE];
	char user[NAME_SIZE];
	char name[TITLE_SIZE];
	char contact[TITLE_SIZE];
	char title[TITLE_SIZE];
	char description[DESCRIPTION_SIZE];
	char category[NAME_SIZE];
	char currency[CURRENCY_SIZE];
	char reason[REASON_SIZE];
	char alert[ALERT_KEY_SIZE];
	char sort[NAME_SIZE];
	char state[NAME_SIZE];
	char search[TITLE_SIZE];
	char cursor[TITLE_SIZE];
	int problem; /* enum report_problem */
	int outcome; /* enum resolve_outcome */
	int action;  /* enum door_action */
	int64_t amount, period, compartment, limit, position;
	bool taken, fit, blocked, inspect, works;
	struct list claims;	  /* struct claim_record */
	struct list compartments; /* struct content_record */
};

enum report_problem { PROBLEM_NONE, PROBLEM_EMPTY, PROBLEM_BROKEN };
enum resolve_outcome {
	OUTCOME_NONE,
	OUTCOME_TAKEN,
	OUTCOME_NOT_TAKEN,
	OUTCOME_RETURNED,
	OUTCOME_NOT_RETURNED,
	OUTCOME_CLOSE,
	OUTCOME_CLOSE_REFUND,
};
/* How a payment ended that only a person can know of. */
enum settle_outcome { SETTLE_NONE, SETTLE_VOIDED, SETTLE_REFUNDED };
enum door_action { ACTION_NONE, ACTION_OPEN, ACTION_CLOSE, ACTION_JAM, ACTION_UNJAM };
extern const char *const report_problem_names[], *const resolve_outcome_names[],
	*const settle_outcome_names[], *const door_action_names[];

/* What a person found behind one door. */
struct content_record {
	int64_t compartment;
	char item[NAME_SIZE]; /* "": empty */
};
extern const struct record_type content_record_type;

/* A payment that a rental of the asking kiosk claims. */
struct claim_record {
	char payment[UUID_SIZE];
};
extern const struct record_type claim_record_type;

/* Fields of struct arguments, for the operations' tables. */
#define ARG(field, kind, flag, ...) \
	{ \
		.name = #field, .type = kind, .flags = flag, \
		.offset = offsetof(struct arguments, field), \
		.size = sizeof(((struct arguments *)0)->field), __VA_ARGS__ \
	}
#define ARG_EXPIRES_AT \
	ARG(expires_at, FIELD_TIME, FIELD_REQUIRED, .about = "Never executed after this instant.")

enum reply_code {
	REPLY_NONE,
	REPLY_OK,
	REPLY_PENDING,		 /* accepted; not decided by expires_at. Ask with `rental` */
	REPLY_MALFORMED,	 /* not JSON, or not the operation's schema; message says where */
	REPLY_UNKNOWN_OPERATION,
	REPLY_RESPONSE_TOPIC,	 /* not the asker's own reply topic */
	REPLY_CORRELATION,	 /* Correlation Data missing or not 1..64 printable ASCII */
	REPLY_CONFLICT,		 /* the same id came before for something else */
	REPLY_EXPIRED,		 /* expires_at has passed; was not and will not be executed */
	REPLY_TOO_FAR,		 /* expires_at lies further ahead than the operation allows */
	REPLY_CLOCK,		 /* this node does not know the time well enough for that */
	REPLY_FORBIDDEN,	 /* not yours, or managers only */
	REPLY_NOT_FOUND,
	REPLY_NOT_AVAILABLE,	 /* the item cannot be reserved now */
	REPLY_WRONG_STATE,	 /* not possible in the state it is in; see rental.state */
	REPLY_LIMIT,		 /* the renter has as many open rentals as allowed */
	REPLY_BLOCKED,		 /* the renter may not reserve */
	REPLY_RETURNS_ONLY,	 /* the bank waits to be adopted */
	REPLY_NO_DOOR,		 /* no free working door; the attempt is on record */
	REPLY_BUSY,		 /* try again; retry_after says when */
	REPLY_WRONG_CODE,	 /* codes: none of the kind; after five, WAIT */
	REPLY_WAIT,		 /* too many wrong codes; retry_after says how long */
	REPLY_DECLINED,		 /* the payment was declined */
	REPLY_FAILED,		 /* it was tried and did not work, e.g. the door is jammed */
	REPLY_PAYMENTS_CLOSED,	 /* pay in a moment; the hold lasts longer meanwhile */
	REPLY_EXISTS,		 /* that name is taken */
	REPLY_CODES
};
extern const char *const reply_code_names[];

struct dead_letter_record {
	int64_t position; /* its number */
	char kiosk[NAME_SIZE];
	usec received_at;
	char reason[REASON_SIZE];
	char epoch[UUID_SIZE];
	int64_t seq;
	int64_t size;
	bool replayed;
};
extern const struct record_type dead_letter_record_type;

/* An entry of an item's history. */
struct history_record {
	int64_t position;
	usec time;
	char type[65];
	char source[SOURCE_SIZE];
	json_t *data;
};
extern const struct record_type history_record_type;

/* Something that needs a person. */
struct attention_record {
	char what[NAME_SIZE]; /* alert, rental, payment, bank, dead-letters */
	char kiosk[NAME_SIZE];
	char subject[ALERT_KEY_SIZE];
	char item[NAME_SIZE];
	char message[REASON_SIZE];
	usec since;
};
extern const struct record_type attention_record_type;

/* The one reply of any request; what is absent does not apply. */
struct reply_record {
	char id[MQTT_CORRELATION_TEXT]; /* the request's Correlation Data */
	char operation[NAME_SIZE];
	int code; /* enum reply_code */
	char message[RECORD_WHY_SIZE];
	int64_t retry_after; /* ms */
	struct rental_record *rental;
	struct payment_record *payment;
	struct item_record *item;
	struct catalogue_record *entry;
	char pickup_code[CODE_SIZE], return_code[CODE_SIZE]; /* to the renter only */
	struct list items;	  /* struct view_item_record */
	struct list rentals;	  /* struct rental_record */
	struct list payments;	  /* struct payment_record */
	struct list banks;	  /* struct bank_record */
	struct list attention;	  /* struct attention_record */
	struct list history;	  /* struct history_record */
	struct list dead_letters; /* struct dead_letter_record */
	char next[TITLE_SIZE];	  /* cursor of the next page; "": this was the last */
	int64_t count;
};
extern const struct record_type reply_record_type;

#endif
