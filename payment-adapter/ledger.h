/*
 * One payment in the ledger: what is known of it, and what the provider is to be asked next. Pure:
 * rows, answers and time come in; storing, calling and replying is done elsewhere.
 *
 * - A row notes a call (ledger_note) and is committed before the provider is called.
 * - No answer is no failure: after one, the provider is first queried, then asked the same thing
 * again under the same id, which it does once however often it is asked.
 * - Once an authorize has been begun, "not found" is no answer: it may still arrive there. Then
 * only asking the same again, and voiding that, makes sure of the end.
 * - No authorize goes out after its request's expiry, nor later than half of the life of the
 * provider's idempotency key: after that there is only reading, and then a person.
 */
#ifndef LENDLOCK_PAYMENT_ADAPTER_LEDGER_H
#define LENDLOCK_PAYMENT_ADAPTER_LEDGER_H

#include "lib/wire/records.h"
#include "payment-adapter/provider.h"

#define LEDGER_EXPIRED   "expired"   /* reason: it was never run, and never will be */
#define LEDGER_PAID      "paid-already" /* reason: its rental has another payment */
#define LEDGER_UNCLAIMED "unclaimed" /* reason: its kiosk's reconcile did not name it */
#define LEDGER_PERSON    "needs-person"

enum ledger_ask {
	ASK_NOTHING,
	ASK_AUTHORIZE,
	ASK_CAPTURE,
	ASK_VOID,
	ASK_REFUND,
	ASK_QUERY,
};
extern const char *const ledger_ask_names[];

struct ledger_row {
	struct payment_record fact; /* state PAYMENT_NONE: unknown here, the provider is searched */
	char kiosk[NAME_SIZE];      /* whose it is */
	char method[METHOD_SIZE];
	int ask;           /* enum ledger_ask: what is under way, or comes next */
	bool under_way;    /* the call has been noted and no verdict is in */
	bool called;       /* an authorize may have reached the provider */
	bool searched;     /* an earlier life of this ledger may have called */
	bool needs_person; /* nothing that may be asked can settle it */
	int64_t tries;     /* calls without a definite answer, in this state */
	usec next_try;     /* elapsed: when to ask; USEC_NEVER: nothing to ask, or under way */
	usec since;        /* elapsed: in this state */
	usec asked_at;     /* elapsed: when authorize was last requested */
	usec expires_at;   /* wall: no authorize is begun from then on */
	usec key_at;       /* elapsed and */
	usec key_wall;     /* wall: when the first authorize was begun */
	char trouble[PROVIDER_REASON_MAX]; /* of the last call that had no definite answer */
	char epoch[UUID_SIZE];             /* of the reconcile that gave it back, or "" */
	usec created;                      /* wall */
};

struct ledger_rules {
	usec key_half;  /* half of the life of the provider's idempotency key */
	usec started;   /* elapsed: when this run of the adapter began */
	usec settled;   /* elapsed: no call of an earlier run can have its effect later than this;
			   what is not found by a call that began later is not there */
	usec attention; /* what is owed for so long is said to be */
};

/* A row for a payment that is new here; ask nothing yet. */
void ledger_start(struct ledger_row *row, const char *kiosk, const struct arguments *args,
	const char *ledger, struct now now);
/* What the kiosk says of it, for a row that was made without. */
void ledger_fill(struct ledger_row *row, const struct arguments *args, struct now now);
/* A mark: this payment never ran and never will, whatever is asked later. */
void ledger_mark(struct ledger_row *row, const char *reason, struct now now);
/* It never ran and never will: the rental has another payment. Only a kiosk that was put back to an
 * old copy asks for a second one. */
void ledger_refuse(struct ledger_row *row, const char *reason, struct now now);
/* Its first state. searched: the provider is asked what it knows before anything else. */
void ledger_enter(struct ledger_row *row, enum payment_state state, bool searched, struct now now);

/* The kiosk wants it captured or given back. False: not possible in its state; nothing changed. */
bool ledger_want(
	struct ledger_row *row, enum payment_input input, const char *reason, struct now now);

/* A person says how it ended at the provider. False, and nothing changed: it needs none. */
bool ledger_settle(
	struct ledger_row *row, enum payment_input input, const char *reason, struct now now);

/* Its time to ask has come: true if row->ask may be asked of the provider now. Else it has been put
 * off, or is over. */
bool ledger_ready(struct ledger_row *row, const struct ledger_rules *rules, struct now now);
/* The call is about to begin. To be committed before it does. */
void ledger_note(struct ledger_row *row, struct now now);
/* The call did not begin after all; first: it would have been the first authorize. */
void ledger_unnote(struct ledger_row *row, bool first, usec next_try);
/* The provider's verdict on a call that began at begun (elapsed). wait: until the next attempt, if
 * it takes one. A search that found nothing leaves a row of state PAYMENT_NONE with nothing to ask.
 */
void ledger_verdict(struct ledger_row *row, const struct provider_verdict *verdict,
	const struct ledger_rules *rules, usec begun, usec wait, struct now now);
/* After a start: what was under way may have happened or not. So may what had not been begun, if
 * this is a copy from before it was. */
void ledger_recover(struct ledger_row *row, struct now now);

/* The fact as it is told to others: its reason says when it takes long or needs a person. */
struct payment_record ledger_fact(
	const struct ledger_row *row, const struct ledger_rules *rules, struct now now);

#endif
