/* What the adapter's own files share. Each section names the file that holds it. */
#ifndef LENDLOCK_PAYMENT_ADAPTER_INTERNAL_H
#define LENDLOCK_PAYMENT_ADAPTER_INTERNAL_H

#include "lib/domain/timekeeper.h"
#include "lib/requests/request.h"
#include "lib/wire/outgoing.h"
#include "payment-adapter/adapter.h"
#include "payment-adapter/store.h"

#define ADAPTER_FILTERS 2

/* A call at the provider, from the moment it is noted in its row until its verdict. */
struct call {
	enum { CALL_FREE, CALL_NOTED, CALL_BEGUN, CALL_REFUSED } stage;
	struct provider_order order;
	struct breaker_ticket ticket;
	bool first; /* the first authorize of its payment */
	usec begun; /* elapsed: when it was noted */
};

struct adapter {
	struct adapter_options options;
	struct timekeeper keeper;
	struct now now; /* of the public call that is under way */
	struct ledger_rules rules;
	struct database *database;
	struct outgoing *outgoing;
	struct breaker breaker;
	struct call calls[ADAPTER_CALLS_MAX];
	usec born;         /* wall: an id made later than that, and unknown here, is unknown at the
			      provider too; 0: not known, as the clock never was sure yet */
	usec housekeeping; /* elapsed: when it is due */

	bool connected;
	bool seen_lease; /* some status came before: a greater lease is now a take-over */
	char session[UUID_SIZE];
	char lease[UUID_SIZE];
	struct payment_status_record said; /* the last birth or change */
	usec status_due;                   /* elapsed, when it is said again */
	char will_payload[512];
	char will_topic[MQTT_TOPIC_MAX];
	struct mqtt_message will;
	char filter_texts[ADAPTER_FILTERS][MQTT_TOPIC_MAX];
	const char *filters[ADAPTER_FILTERS + 1];
};

/* --- adapter.c: transactions, rows ------------------------------------------------------------ */
void adapter_begin(struct adapter *adapter);
int adapter_end(struct adapter *adapter); /* plans calls, commits, then replies and calls */
struct topic adapter_topic(struct adapter *adapter, enum topic_kind kind);
/* Writes a row and answers what waited for it. Inside a transaction. */
void adapter_put(struct adapter *adapter, const struct ledger_row *row);
/* Whether a payment that is unknown here may be known to the provider all the same: this ledger may
 * have been put back to an old copy since it was made, or have forgotten it. */
bool adapter_may_have_lost(struct adapter *adapter, const char *payment);

/* --- calls.c --------------------------------------------------------------------------------- */
/* Notes the calls that are due, as far as there is room. Inside a transaction. */
void calls_plan(struct adapter *adapter);
void calls_begin(struct adapter *adapter); /* those noted; after the commit */
int calls_tick(struct adapter *adapter);
usec calls_next_due(struct adapter *adapter); /* boottime */
/* Whether a new authorize cannot be taken now; then the reply says so. */
bool calls_shed(struct adapter *adapter, const char *kiosk, struct reply_record *reply);
/* Whether so many payments wait that this kiosk is to come again. One of each kiosk finds room
 * always, or a single one that asks without end would shut all the others out. */
bool calls_full(struct adapter *adapter, const char *kiosk);
int64_t calls_retry_after(struct adapter *adapter); /* ms */

/* --- request.c ------------------------------------------------------------------------------- */
int request_take(
	struct adapter *adapter, const struct topic *topic, const struct mqtt_message *message);
/* Answers what waits for this payment and is decided now. Inside a transaction. */
void request_settle(struct adapter *adapter, const struct ledger_row *row);
/* Answers all that waits for a payment that was found nowhere. */
void request_settle_lost(struct adapter *adapter, const struct ledger_row *row);

/* --- status.c -------------------------------------------------------------------------------- */
void status_start(struct adapter *adapter); /* makes the lease; inside the transaction */
const struct mqtt_message *status_will(struct adapter *adapter);
void status_say(struct adapter *adapter);
void status_check(struct adapter *adapter); /* says what has changed */
int status_take(struct adapter *adapter, const struct mqtt_message *message);

#endif
