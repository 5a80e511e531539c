/*
 * What the adapter says of itself to all, and whether the ledger is still its own. Each run has a
 * lease, a UUIDv7: of two adapters that say they have one ledger, the one with the greater lease,
 * that is the one started later, keeps it, and the other one stops. Of one database each is greater
 * than those before, whatever the clock says: what an earlier run has left behind at the broker,
 * and the broker says late, does not stop a later one.
 */
#include "payment-adapter/internal.h"

#include "lib/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_BYTES ((size_t)1024)

/* Greater than one that was seen; "": there was none. Stored before it is said. */
static void take_lease(struct adapter *adapter, const char *seen)
{
	usec later = seen[0] ? uuid_time(seen) + MSEC : 0, wall = adapter->now.wall;
	uuid_make(later > wall ? later : wall, adapter->options.random, adapter->lease);
	store_lease_write(adapter->database, adapter->lease);
}

void status_start(struct adapter *adapter)
{
	char last[UUID_SIZE];
	store_lease_read(adapter->database, last);
	take_lease(adapter, last);
	uuid_make(adapter->now.wall, adapter->options.random, adapter->session);
}

static struct payment_status_record status_now(struct adapter *adapter)
{
	const struct breaker *breaker = &adapter->breaker;
	bool open = breaker->state != BREAKER_OPEN;
	struct payment_status_record status = {
		.state = LINK_ONLINE, .payments = open ? PAYMENTS_OPEN : PAYMENTS_CLOSED};
	TEXT_COPY(status.session, adapter->session);
	TEXT_COPY(status.version, LENDLOCK_VERSION);
	TEXT_COPY(status.breaker, breaker_state_names[breaker->state]);
	TEXT_COPY(status.lease, adapter->lease);
	status.retry_after = open ? 0 : calls_retry_after(adapter);
	return status;
}

const struct mqtt_message *status_will(struct adapter *adapter)
{
	uuid_make(adapter->now.wall, adapter->options.random, adapter->session);
	struct payment_status_record status = {
		.state = LINK_LOST, .payments = PAYMENTS_CLOSED, .retry_after = 60000};
	TEXT_COPY(status.session, adapter->session);
	TEXT_COPY(status.version, LENDLOCK_VERSION);
	TEXT_COPY(status.lease, adapter->lease);

	struct topic topic = adapter_topic(adapter, TOPIC_PAYMENT_STATUS);
	topic_format(&topic, adapter->will_topic);
	char *text = record_write(&payment_status_record_type, &status, NULL);
	TEXT_COPY(adapter->will_payload, text);
	free(text);
	adapter->will = (struct mqtt_message){
		.topic = adapter->will_topic,
		.payload = adapter->will_payload,
		.size = strlen(adapter->will_payload),
		.qos = 1,
		.retain = true,
		.content_type = "application/json",
	};
	return &adapter->will;
}

void status_say(struct adapter *adapter)
{
	struct topic topic = adapter_topic(adapter, TOPIC_PAYMENT_STATUS);
	const struct outgoing_options options = {.qos = 1, .retain = true};
	usec wait = adapter->options.say_again;
	adapter->status_due = wait ? adapter->now.elapsed + wait : USEC_NEVER;
	adapter->said = status_now(adapter);
	outgoing_add(
		adapter->outgoing, &topic, &payment_status_record_type, &adapter->said, &options);
	outgoing_send(adapter->outgoing, adapter->options.mqtt);
}

void status_check(struct adapter *adapter)
{
	struct payment_status_record status = status_now(adapter);
	if (!adapter->connected)
		return;
	if (strcmp(status.breaker, adapter->said.breaker) == 0) {
		/* A bank that did not hear of its birth takes no payments. */
		if (adapter->now.elapsed >= adapter->status_due)
			status_say(adapter);
		return;
	}
	log_info("payments are %s: the breaker is %s", payments_state_names[status.payments],
		status.breaker);
	status_say(adapter);
}

int adapter_taken_over(struct adapter *adapter)
{
	log_error(
		"another adapter has taken ledger %s over: this one stops", adapter->options.name);
	adapter->connected = false;
	return -ESTALE;
}

/* A status that bears another lease. Whether it is a birth or a will: of two that log in under one
 * name and push each other out, each may see no more of the other than its will. */
static int take_foreign(
	struct adapter *adapter, const struct payment_status_record *status, bool first)
{
	if (strcmp(status->lease, adapter->lease) < 0) {
		status_say(adapter);
		return 0;
	}
	if (first) { /* left behind by a run whose clock was ahead */
		adapter_begin(adapter);
		take_lease(adapter, status->lease);
		int r = adapter_end(adapter);
		if (r == 0)
			status_say(adapter);
		return r;
	}
	return adapter_taken_over(adapter);
}

int status_take(struct adapter *adapter, const struct mqtt_message *message)
{
	struct payment_status_record status;
	char why[RECORD_WHY_SIZE];
	json_t *json;
	if (json_read(message->payload, message->size, STATUS_BYTES, &json, why) != 0)
		return 0;
	int r = record_decode(&payment_status_record_type, json, &status, why);
	json_decref(json);
	if (r != 0)
		return 0;
	bool first = message->retain && !adapter->seen_lease;
	adapter->seen_lease = true;
	bool ours = strcmp(status.lease, adapter->lease) == 0;
	if (!ours)
		return take_foreign(adapter, &status, first);
	/* The will of an earlier session came after this one's birth. */
	if (status.state == LINK_LOST && strcmp(status.session, adapter->session) != 0 &&
		adapter->connected)
		status_say(adapter);
	return 0;
}
