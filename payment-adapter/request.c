/* Requests of the kiosks: reading, dispatch, and replies that come later. */
#include "payment-adapter/request.h"

#include "lib/base/log.h"

#include <string.h>

#define REPLY_EXPIRY 60 /* s: the kiosk asks again long before */
#define OPERATIONS   8  /* the end of the table counts */

/* The table that request_read() wants, of operations that stand in a file each. */
static void operations(struct operation ret[static OPERATIONS])
{
	ret[0] = authorize_operation;
	ret[1] = capture_operation;
	ret[2] = void_operation;
	ret[3] = refund_operation;
	ret[4] = query_operation;
	ret[5] = reconcile_operation;
	ret[6] = settle_operation;
	ret[7] = (struct operation){0};
}

/* --- replies --------------------------------------------------------------------------------- */

/* Adds a reply to what is said after the commit. */
static void say(struct adapter *adapter, const char *kiosk, const char *id, const char *operation,
	struct reply_record *reply)
{
	struct topic topic = adapter_topic(adapter, TOPIC_PAYMENT_REPLY);
	TEXT_COPY(topic.user, kiosk);
	TEXT_COPY(reply->id, id);
	TEXT_COPY(reply->operation, operation);
	const struct outgoing_options options = {
		.qos = 1, .expiry = REPLY_EXPIRY, .correlation = id[0] ? id : NULL};
	outgoing_add(adapter->outgoing, &topic, &reply_record_type, reply, &options);
}

bool request_tell(struct adapter *adapter, const struct ledger_row *row, struct reply_record *reply)
{
	struct payment_record fact = ledger_fact(row, &adapter->rules, adapter->now);
	reply_payment(reply, &fact);
	if (row->needs_person)
		reply_set(reply, REPLY_FAILED, "the provider has no answer: a person has to look");
	return row->needs_person;
}

void request_not_found(struct reply_record *reply)
{
	reply_set(reply, REPLY_NOT_FOUND, "this ledger has no such payment of yours");
}

void request_wrong_state(struct reply_record *reply, const struct ledger_row *row)
{
	reply_set(reply, REPLY_WRONG_STATE, "the payment is %s",
		payment_state_names[row->fact.state]);
}

void request_settle(struct adapter *adapter, const struct ledger_row *row)
{
	struct operation table[OPERATIONS];
	struct waiting_row waiting = {.operation = ""};
	operations(table);
	while (store_waiting_after(
		adapter->database, row->fact.payment, waiting.operation, &waiting)) {
		const struct operation *operation = operation_find(table, waiting.operation);
		struct reply_record reply = {0};
		if (operation &&
			operation->settle(adapter, row->kiosk, row->fact.payment, &reply)) {
			say(adapter, row->kiosk, waiting.correlation, waiting.operation, &reply);
			store_waiting_delete(
				adapter->database, row->fact.payment, waiting.operation);
		}
		record_clear(&reply_record_type, &reply);
	}
}

void request_settle_lost(struct adapter *adapter, const struct ledger_row *row)
{
	struct waiting_row waiting = {.operation = ""};
	while (store_waiting_after(
		adapter->database, row->fact.payment, waiting.operation, &waiting)) {
		struct reply_record reply = {0};
		request_not_found(&reply);
		say(adapter, row->kiosk, waiting.correlation, waiting.operation, &reply);
	}
}

/* --- what the handlers share ----------------------------------------------------------------- */

enum request_find request_find(
	struct adapter *adapter, const struct request *request, struct ledger_row *ret_row)
{
	if (!store_ledger_read(adapter->database, request->args.payment, ret_row))
		return FIND_NONE;
	return strcmp(ret_row->kiosk, request->user) == 0 ? FIND_OURS : FIND_FOREIGN;
}

void request_start(
	struct adapter *adapter, const struct request *request, struct ledger_row *ret_row)
{
	ledger_start(ret_row, request->user, &request->args, adapter->options.name, adapter->now);
}

bool request_has_room(
	struct adapter *adapter, const struct request *request, struct reply_record *reply)
{
	usec from = adapter->now.wall - DAY;
	if (store_ledger_strange(adapter->database, request->user, from) < CLAIMS_MAX)
		return true;
	log_warning("payment: %s names more payments that are not known here than it can have",
		request->user);
	reply_set(reply, REPLY_BUSY, "more payments of yours than can be are not known here");
	reply->retry_after = MINUTE / MSEC;
	return false;
}

bool request_fits(const struct request *request, const struct ledger_row *row)
{
	return request->args.amount == row->fact.amount &&
	       strcmp(request->args.currency, row->fact.currency) == 0 &&
	       strcmp(request->args.rental, row->fact.rental) == 0;
}

/* --- dispatch -------------------------------------------------------------------------------- */

/* The operation has left its reply open. The first request waits in silence; a repeat hears that it
 * is known and under way. Either way the answer comes as soon as there is one. */
static void wait_for(
	struct adapter *adapter, const struct request *request, struct reply_record *reply)
{
	const char *payment = request->args.payment;
	struct waiting_row waiting;
	bool again = store_waiting_has(adapter->database, payment, request->operation->name);
	TEXT_COPY(waiting.operation, request->operation->name);
	TEXT_COPY(waiting.correlation, request->id);
	store_waiting_add(adapter->database, payment, &waiting);
	if (again)
		reply_set(reply, REPLY_PENDING, "the provider has been asked");
}

static int refuse(struct adapter *adapter, const struct request *request, enum reply_code code,
	const char *why)
{
	struct reply_record reply = {0};
	reply_set(&reply, code, "%s", why);
	say(adapter, request->user, request->id, request->operation ? request->operation->name : "",
		&reply);
	outgoing_send(adapter->outgoing, adapter->options.mqtt);
	return 0;
}

/* code: REPLY_NONE, or what is wrong with its time. */
static int execute(
	struct adapter *adapter, struct request *request, enum reply_code code, const char *why)
{
	struct reply_record reply = {0};
	reply_set(&reply, code, "%s", why);
	adapter_begin(adapter);
	request->operation->handle(adapter, request, &reply);
	if (reply.code == REPLY_NONE)
		wait_for(adapter, request, &reply);
	if (reply.code != REPLY_NONE)
		say(adapter, request->user, request->id, request->operation->name, &reply);
	record_clear(&reply_record_type, &reply);
	return adapter_end(adapter);
}

static bool is_about_time(enum reply_code code)
{
	return code == REPLY_EXPIRED || code == REPLY_TOO_FAR || code == REPLY_CLOCK;
}

int request_take(
	struct adapter *adapter, const struct topic *topic, const struct mqtt_message *message)
{
	if (message->retain) {
		log_warning("request: a retained one from %s is dropped", topic->user);
		return 0;
	}
	struct topic reply_topic = adapter_topic(adapter, TOPIC_PAYMENT_REPLY);
	char reply_text[MQTT_TOPIC_MAX], why[RECORD_WHY_SIZE];
	TEXT_COPY(reply_topic.user, topic->user);
	topic_format(&reply_topic, reply_text);

	struct operation table[OPERATIONS];
	struct request request;
	operations(table);
	enum reply_code code =
		request_read(table, topic, message, reply_text, adapter->now, &request, why);
	int r = code == REPLY_NONE || is_about_time(code) ? execute(adapter, &request, code, why)
							  : refuse(adapter, &request, code, why);
	request_clear(&request);
	return r;
}
