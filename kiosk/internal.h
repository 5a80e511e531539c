/* What the kiosk's own files share. Each section names the file that holds it. */
#ifndef LENDLOCK_KIOSK_INTERNAL_H
#define LENDLOCK_KIOSK_INTERNAL_H

#include "kiosk/kiosk.h"
#include "kiosk/store.h"
#include "lib/domain/timekeeper.h"
#include "lib/requests/desk.h"
#include "lib/wire/outgoing.h"

#define KIOSK_FILTERS 7

/* What is to be done to the doors after the commit. */
struct door_effect {
	int compartment;
	int64_t opening;
};

struct door_told {
	int compartment;
	int64_t opening;
	enum door_fact fact;
};

/* One batch of events at a time is in flight. */
struct outbox {
	int64_t next;      /* the first seq to send */
	int64_t sent;      /* the last seq in flight, or 0 */
	usec again;        /* elapsed: when the batch is sent again */
	int silent;        /* times in a row that no ack came: the waits grow */
	int64_t singly;    /* up to this seq one at a time: the hub could not read that batch */
	int64_t forgotten; /* events that the hub had acked of the epochs before, and has no more */
	/* the hub has acked, something, since this session or the hub's own began */
	bool answered;
};

/* What a payment adapter said of itself. It may say so before the hub has said which
 * one is ours. */
#define LEDGERS_MAX 8
struct ledger_seen {
	char ledger[NAME_SIZE];
	char session[UUID_SIZE];
	enum payments_state payments;
	usec retry; /* elapsed: closed until then at least */
};

struct kiosk {
	struct kiosk_options options;
	struct timekeeper keeper;
	struct now now; /* of the public call that is under way */
	struct database *database;
	struct outgoing *outgoing;
	struct desk desk;
	struct doors *doors;
	struct list effects; /* struct door_effect */
	struct list told;    /* struct door_told */
	struct list answers; /* struct answer: for the touchscreen, after the commit */

	struct node_row node;           /* as it shall be ... */
	struct node_row stored;         /* ... and as it was written last */
	struct desired_record *desired; /* the last one applied, or NULL */
	struct settings_record settings;

	struct outbox outbox;
	bool connected;
	bool born; /* this process has said its birth */
	char session[UUID_SIZE];
	char will_payload[256];
	char will_topic[MQTT_TOPIC_MAX];
	struct mqtt_message will;
	char filter_texts[KIOSK_FILTERS][MQTT_TOPIC_MAX];
	const char *filters[KIOSK_FILTERS + 1];

	struct ledger_seen ledgers[LEDGERS_MAX]; /* in any order; those not seen have no name */
	char settled[UUID_SIZE]; /* the payment of a ledger's last answer to settle, and that */
	enum reply_code settled_code;
	char settled_why[RECORD_WHY_SIZE];
	char reconcile_refused[UUID_SIZE]; /* the epoch of which the ledger will hear no claims */
	char hub_session[UUID_SIZE];
	const char *fork_why;       /* this database turned out to be an old copy ... */
	char copy_epoch[UUID_SIZE]; /* ... of this epoch */
	bool heard;                 /* outvoted, and a minute ago all events were acked */
	usec acked_waiting;         /* elapsed, when its epoch was, with which it waits; 0: never */
	usec forced[BANK_COMPARTMENTS_MAX]; /* elapsed, when each door was; or the start */
	usec housekeeping;                  /* elapsed */
	usec offer_due, status_due;         /* elapsed, or USEC_NEVER: nothing to say */
};

/* --- kiosk.c: transactions ------------------------------------------------------------------- */
void kiosk_begin(struct kiosk *kiosk);
int kiosk_end(struct kiosk *kiosk); /* commit, then the effects */
bool kiosk_is_manager(struct kiosk *kiosk, const char *user);
/* The opaque id of a user; false while no hub has said how to make one. */
bool kiosk_renter(struct kiosk *kiosk, const char *user, char ret_renter[static NAME_SIZE]);
struct topic kiosk_topic(struct kiosk *kiosk, enum topic_kind kind);

/* --- rentals.c: the only place that changes a rental ----------------------------------------- */
struct change {
	const char *by;     /* user, or "" */
	const char *reason; /* or "" */
};
/* Applies an input: state, timers, item, money, event, waiting replies. Inside a transaction.
 * False: it is not legal in that state; nothing has changed. */
bool rental_apply(struct kiosk *kiosk, struct rental_row *rental, enum rental_input input,
	const struct change *change);
void rentals_reserve(struct kiosk *kiosk, const struct item_row *item, const char *renter,
	const char *by, struct rental_row *ret_rental);
/* The instant at which the state's own timer ends. */
usec rental_deadline(const struct kiosk *kiosk, const struct rental_row *rental);
int rentals_tick(struct kiosk *kiosk);

/* --- items.c --------------------------------------------------------------------------------- */
/* Puts an item into a state and makes its event. */
void item_enter(struct kiosk *kiosk, struct item_row *item, enum item_state state,
	const struct change *change);
/* Says that an item lies behind that door, or behind none (0). Two things behind one door cannot
 * be, but people, and a hub, may say so: then it lies behind none that is known. Writes nothing. */
void item_put(struct kiosk *kiosk, struct item_row *item, int64_t compartment);
/* Whether it is to leave this bank: withdrawn, or moved to another one. */
bool item_leaves(const struct item_row *item);
/* Where an item goes that is free again; from_return: it was out. */
enum item_state item_free_state(const struct item_row *item, bool from_return, bool doubtful);
/* What follows when an item is not with a renter any more: withdrawn, moved. */
void item_settle(struct kiosk *kiosk, struct item_row *item, const struct change *change);
/* The door was opened and closed to take it away: withdrawn ones are forgotten, moving ones
 * released. */
void item_collected(struct kiosk *kiosk, struct item_row *item, const struct change *change);
/* What the catalogue wants of an item, unless a rental has it or somebody is putting it in: then
 * that has to end first. */
void item_follow(struct kiosk *kiosk, struct item_row *item, const struct change *change);
/* A free working compartment, the wanted one if it is; 0 if there is none. */
int item_find_compartment(struct kiosk *kiosk, int wanted);
/* ... to bring it back to: the one behind which it may lie already, or the one it came out of. */
int item_find_way_back(struct kiosk *kiosk, const struct rental_row *rental);

/* --- openings.c: doors, and what they are opened for ----------------------------------------- */
void opening_begin(struct kiosk *kiosk, enum opening_purpose purpose, int64_t compartment,
	const char *rental, const char *item, const char *by);
int openings_told(struct kiosk *kiosk, const struct door_told *told);
int openings_recover(struct kiosk *kiosk); /* at start */
/* A person says that a door does not work which has stood open for too long, as its sensor says:
 * nobody will see it shut, and what goes on there is over. */
void openings_give_up(struct kiosk *kiosk, int64_t compartment);

/* --- payments.c ------------------------------------------------------------------------------ */
void payment_begin(struct kiosk *kiosk, struct rental_row *rental, const char *method);
/* Alerts a person: it was not delivered, and the ledger has taken the money. This bank has
 * forgotten a delivery. */
void payment_kept(struct kiosk *kiosk, const struct payment_row *payment);
void payment_apply(struct kiosk *kiosk, struct payment_row *payment, enum payment_input input,
	const char *reason);
/* What a payment has come to is told to its rental, if that waits for it; again, if need be. */
void payments_tell_rental(struct kiosk *kiosk, const char *payment);
/* What a manager says of a payment goes to its ledger. */
void payments_settle(struct kiosk *kiosk, const char *ledger, const struct request *request);
void payments_reply(struct kiosk *kiosk, const struct topic *topic, const json_t *json);
void payments_status(struct kiosk *kiosk, const struct topic *topic, const json_t *json);
/* Whether a payment may be tried now; if not, when it may (elapsed), or 0: unknown. */
bool payments_open(struct kiosk *kiosk, usec *ret_retry);
/* Whether this bank's ledger does not say that it takes payments, or cannot be heard. */
bool payments_closed(struct kiosk *kiosk);
/* One is tried now. If the ledger was closed, the others wait again until it says
 * that it is open. */
void payments_probe(struct kiosk *kiosk);
enum payments_state payments_state(struct kiosk *kiosk);
void payments_forget(struct kiosk *kiosk); /* the network is gone, and with it what was seen */
int payments_tick(struct kiosk *kiosk);
usec payments_next_due(struct kiosk *kiosk); /* elapsed */

/* --- outbox.c -------------------------------------------------------------------------------- */
/* Adds an event; inside a transaction. */
void outbox_add(struct kiosk *kiosk, enum event_kind kind, const char *fact, const char *subject,
	const void *record);
void outbox_send(struct kiosk *kiosk);
void outbox_resend(
	struct kiosk *kiosk); /* the network or the hub is back: sends after the commit */
void outbox_ack(struct kiosk *kiosk, const json_t *json);
void outbox_tick(struct kiosk *kiosk);
usec outbox_next_due(const struct kiosk *kiosk); /* elapsed */
/* Carries what the hub does not have over into a new epoch. Inside a transaction. */
void outbox_new_epoch(struct kiosk *kiosk);
void outbox_start(struct kiosk *kiosk);

/* --- snapshot.c ------------------------------------------------------------------------------ */
/* All that there is, as one event and what has no room in it behind: the events that told of it are
 * gone, or the hub's past is another. */
void snapshot_add(struct kiosk *kiosk);
#define RESTATED "restated" /* the fact of an event when nothing happened; it is said once more */

/* --- alerts.c -------------------------------------------------------------------------------- */
struct alert_about {
	int64_t compartment;
	const char *item, *rental, *payment; /* or NULL */
	const char *message;
};
void alert_raise(struct kiosk *kiosk, const char *kind, const char *subject,
	const struct alert_about *about);
void alert_clear(struct kiosk *kiosk, const char *kind, const char *subject);
/* Those whose subject is a door: about->compartment when they are raised. */
void door_alert_raise(struct kiosk *kiosk, const char *kind, const struct alert_about *about);
void door_alert_clear(struct kiosk *kiosk, const char *kind, int64_t compartment);
bool door_alert_is_raised(struct kiosk *kiosk, const char *kind, int64_t compartment);

/* --- desired.c ------------------------------------------------------------------------------- */
void desired_take(struct kiosk *kiosk, const struct mqtt_message *message);
void desired_load(struct kiosk *kiosk); /* at start */
/* What the hub wants of one item. */
void desired_apply_item(struct kiosk *kiosk, const struct catalogue_record *entry);
/* What it asked for while something stood in the way. */
void desired_follow(struct kiosk *kiosk, struct item_row *item);

/* --- adoption.c ------------------------------------------------------------------------------ */
void adoption_enter(struct kiosk *kiosk, enum kiosk_mode mode);
/* This database is an old copy, or its epoch is over: a new one begins as soon as a copy is kept.
 * why: a constant. */
void adoption_fork(struct kiosk *kiosk, const char *why);
void adoption_forked(struct kiosk *kiosk); /* inside a transaction */
/* Once a minute. */
void adoption_tick(struct kiosk *kiosk);
void adoption_acked(struct kiosk *kiosk); /* the epoch with which it waits */
/* named: the desired state before named this epoch, too. */
void adoption_epoch(struct kiosk *kiosk, const struct desired_record *desired, bool named);
void adoption_second_board(struct kiosk *kiosk, const char *why);
/* A status under this bank's own name: somebody else's says that there are two boards. */
void adoption_status(struct kiosk *kiosk, const json_t *json);
bool kiosk_lends(const struct kiosk *kiosk);
/* ... and the hub has named no other board: what lies where is known here. */
bool adoption_is_over(const struct kiosk *kiosk);

/* --- handover.c ------------------------------------------------------------------------------ */
/* Whether the hub has accounted for all that is open here; then what it hands over is taken. */
bool handover_is_complete(struct kiosk *kiosk, const struct desired_record *desired);
void handover_take(struct kiosk *kiosk, const struct desired_record *desired);
void handover_end_unclaimed(struct kiosk *kiosk);

/* --- confirmation.c -------------------------------------------------------------------------- */
/* What a manager says lies behind the doors (struct content_record); then the bank lends again. */
void confirmation_take(struct kiosk *kiosk, const struct list *contents, const char *by);

/* --- status.c: what is said to all ----------------------------------------------------------- */
void status_changed(struct kiosk *kiosk);
void offer_changed(struct kiosk *kiosk);
void status_birth(struct kiosk *kiosk);
int status_tick(struct kiosk *kiosk);
usec status_next_due(const struct kiosk *kiosk); /* elapsed */

/* --- touch.c --------------------------------------------------------------------------------- */
/* A reply to a request at the touchscreen; see struct desk. */
void touch_answer(void *node, const char *id, const struct reply_record *reply);
/* Says what waits, or forgets it. */
void touch_settle(struct kiosk *kiosk, bool committed);

/* --- codes.c --------------------------------------------------------------------------------- */
void codes_make(struct kiosk *kiosk, char ret_code[static CODE_SIZE]);
/* Finds the open rental that a code fits. REPLY_OK, REPLY_WRONG_CODE or REPLY_WAIT and how long,
 * ms. */
enum reply_code codes_find(struct kiosk *kiosk, const char *source, const char *code,
	struct rental_row *ret_rental, int64_t *ret_wait);

/* --- request.c ------------------------------------------------------------------------------- */
extern const struct operation kiosk_operations[];
/* The rental that a request means, if the asker may have it; else the refusal is in the reply. */
bool request_rental(struct kiosk *kiosk, const struct request *request, struct reply_record *reply,
	struct rental_row *ret_rental);
/* Who acts, for the record: a manager by name; renters are not named in events. */
const char *request_by(struct kiosk *kiosk, const struct request *request);
/* The item that a manager's request means; else the refusal is in the reply. */
bool request_item(struct kiosk *kiosk, const struct request *request, struct reply_record *reply,
	struct item_row *ret_item);
/* REPLY_OK and the rental, with its codes for the one it belongs to. */
void reply_with_rental(struct kiosk *kiosk, const char *user, const struct rental_row *rental,
	struct reply_record *reply);
void reply_wrong_state(struct reply_record *reply, const struct rental_row *rental);

#endif
