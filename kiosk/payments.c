/*
 * Payments as the kiosk sees them: a row says what is owed, and the adapter is asked, with the same
 * payment id, until its answer is definite. Only `authorize` needs the payments to be open.
 */
#include "kiosk/internal.h"

#include "lib/base/log.h"
#include "lib/domain/backoff.h"

#include <stdio.h>
#include <string.h>

#define TRY_FIRST       (2 * SECOND)
#define TRY_MAX         (5 * MINUTE)
#define ASK_TTL         MINUTE
#define STUCK_AFTER     (10 * MINUTE)
#define RETRY_MAX       MINUTE
#define ASK_AT_ONCE     32 /* payments asked for in one tick */
#define RECONCILE_AGAIN (30 * SECOND)
#define SETTLE          "settle"

static const char *operation_of(enum payment_state state)
{
	switch (state) {
	case PAYMENT_SENT:
		return "authorize";
	case PAYMENT_CAPTURE_OWED:
		return "capture";
	case PAYMENT_VOID_OWED:
		return "void";
	case PAYMENT_REFUND_OWED:
		return "refund";
	default:
		return NULL;
	}
}

static const struct field ask_fields[] = {
	ARG(expires_at, FIELD_TIME, 0),
	ARG(payment, FIELD_UUID, FIELD_REQUIRED),
	ARG(rental, FIELD_UUID, 0),
	ARG(amount, FIELD_INTEGER, FIELD_REQUIRED),
	ARG(currency, FIELD_TEXT, FIELD_REQUIRED),
	ARG(method, FIELD_TEXT, 0),
	{0},
};
static const struct record_type ask_type = {
	.name = "payment_request", .fields = ask_fields, .size = sizeof(struct arguments)};

static void say_to_ledger(struct kiosk *kiosk, const char *ledger, const char *operation,
	const char *correlation, uint32_t expiry, const struct record_type *type,
	const struct arguments *args)
{
	struct topic topic = kiosk_topic(kiosk, TOPIC_PAYMENT_REQUEST), reply = topic;
	char reply_text[MQTT_TOPIC_MAX];
	TEXT_COPY(topic.node, ledger);
	TEXT_COPY(topic.user, kiosk->options.name);
	TEXT_COPY(topic.operation, operation);
	reply = topic;
	reply.kind = TOPIC_PAYMENT_REPLY;
	topic_format(&reply, reply_text);
	const struct outgoing_options options = {.qos = 1,
		.expiry = expiry,
		.correlation = correlation,
		.response_topic = reply_text};
	outgoing_add(kiosk->outgoing, &topic, type, args, &options);
}

/* Asks downstream for what the state says, and when again. */
static void ask(struct kiosk *kiosk, struct payment_row *payment)
{
	const char *operation = operation_of((enum payment_state)payment->fact.state);
	payment->next_try = USEC_NEVER;
	if (!operation)
		return;
	struct arguments args = {.amount = payment->fact.amount};
	TEXT_COPY(args.payment, payment->fact.payment);
	TEXT_COPY(args.rental, payment->fact.rental);
	TEXT_COPY(args.currency, payment->fact.currency);
	uint32_t expiry = 0;
	if (payment->fact.state == PAYMENT_SENT) {
		TEXT_COPY(args.method, payment->method);
		args.expires_at = kiosk->now.wall + ASK_TTL;
		expiry = (uint32_t)(ASK_TTL / SECOND);
	}
	char correlation[MQTT_CORRELATION_TEXT];
	snprintf(correlation, sizeof(correlation), "%s:%s", payment->fact.payment, operation);
	say_to_ledger(
		kiosk, payment->fact.ledger, operation, correlation, expiry, &ask_type, &args);
	struct backoff backoff = {
		.base = TRY_FIRST, .cap = TRY_MAX, .attempts = (int)payment->tries};
	payment->next_try =
		kiosk->now.elapsed + TRY_FIRST / 2 + backoff_next(&backoff, kiosk->options.random);
	payment->tries = backoff.attempts;
}

static void enter(struct kiosk *kiosk, struct payment_row *payment, enum payment_state state,
	const char *reason)
{
	log_info("payment %s: %s -> %s", payment->fact.payment,
		payment_state_names[payment->fact.state], payment_state_names[state]);
	payment->fact.state = (int)state;
	TEXT_COPY(payment->fact.reason, reason);
	payment->since = kiosk->now.elapsed;
	payment->tries = 0;
	ask(kiosk, payment);
	store_payment_write(kiosk->database, payment);
	outbox_add(kiosk, EVENT_PAYMENT, payment_state_names[state], payment->fact.payment,
		&payment->fact);
	if (!payment_is_open(state))
		alert_clear(kiosk, "payment-stuck", payment->fact.payment);
}

void payment_begin(struct kiosk *kiosk, struct rental_row *rental, const char *method)
{
	struct payment_row payment = {
		.fact = {.state = PAYMENT_NEW, .amount = rental->fact.amount}};
	uuid_make(kiosk->now.wall, kiosk->options.random, payment.fact.payment);
	TEXT_COPY(payment.fact.rental, rental->fact.rental);
	TEXT_COPY(payment.fact.ledger, kiosk->desired->ledger);
	TEXT_COPY(payment.fact.currency, rental->fact.currency);
	TEXT_COPY(payment.method, method);
	TEXT_COPY(rental->fact.payment, payment.fact.payment);
	payment_apply(kiosk, &payment, PAYMENT_SEND, "");
}

/* A payment's definite end is news for its rental, if the rental still waits for it. */
static void tell_rental(struct kiosk *kiosk, const struct payment_row *payment)
{
	struct rental_row rental;
	if (!store_rental_read(kiosk->database, payment->fact.rental, &rental) ||
		strcmp(rental.fact.payment, payment->fact.payment) != 0)
		return;
	const struct change change = {.by = "", .reason = payment->fact.reason};
	enum payment_state state = (enum payment_state)payment->fact.state;
	bool waits = rental.fact.state == RENTAL_PAYING;
	if (waits && state == PAYMENT_AUTHORIZED)
		rental_apply(kiosk, &rental, RENTAL_AUTHORIZED, &change);
	else if (waits && state == PAYMENT_DECLINED)
		rental_apply(kiosk, &rental, RENTAL_DECLINED, &change);
	else if ((state == PAYMENT_VOIDED || state == PAYMENT_REFUNDED) &&
		 (waits || rental.fact.state == RENTAL_PAID))
		rental_apply(kiosk, &rental, RENTAL_VOIDED, &change);
}

void payments_tell_rental(struct kiosk *kiosk, const char *payment)
{
	struct payment_row row;
	if (store_payment_read(kiosk->database, payment, &row))
		tell_rental(kiosk, &row);
}

/* It was delivered, and the money cannot be had: that is for a person. */
static void check_uncollected(
	struct kiosk *kiosk, const struct payment_row *payment, bool delivered)
{
	enum payment_state state = (enum payment_state)payment->fact.state;
	bool gone =
		state == PAYMENT_DECLINED || state == PAYMENT_VOIDED || state == PAYMENT_REFUNDED;
	if (delivered && gone)
		alert_raise(kiosk, "payment-uncollected", payment->fact.payment,
			&(struct alert_about){.rental = payment->fact.rental,
				.payment = payment->fact.payment,
				.message = "delivered, and the ledger has no money for it"});
}

void payment_kept(struct kiosk *kiosk, const struct payment_row *payment)
{
	alert_raise(kiosk, "payment-kept", payment->fact.payment,
		&(struct alert_about){.rental = payment->fact.rental,
			.payment = payment->fact.payment,
			.message = "it was taken for a delivery that this bank's database "
				   "does not know of"});
}

void payment_apply(struct kiosk *kiosk, struct payment_row *payment, enum payment_input input,
	const char *reason)
{
	enum payment_state before = (enum payment_state)payment->fact.state, after;
	if (payment_step(before, input, &after) < 0) {
		log_warning("payment %s: %s is not possible when %s", payment->fact.payment,
			payment_input_names[input], payment_state_names[before]);
		return;
	}
	if (after != before)
		enter(kiosk, payment, after, reason);
	check_uncollected(
		kiosk, payment, before == PAYMENT_CAPTURE_OWED || input == PAYMENT_WANT_CAPTURE);
	if (before == PAYMENT_VOID_OWED && after == PAYMENT_CAPTURED)
		payment_kept(kiosk, payment);
	if (after == before)
		return;
	tell_rental(kiosk, payment);
	/* The rental may be over, and whoever asked for the money waits for the money only. */
	desk_settle(&kiosk->desk, payment->fact.rental);
}

/* --- answers --------------------------------------------------------------------------------- */

/* The ledger's state as an input; false: it says nothing definite. */
static bool input_of(enum payment_state ledger, enum payment_input *ret_input)
{
	switch (ledger) {
	case PAYMENT_AUTHORIZED:
		*ret_input = PAYMENT_IS_AUTHORIZED;
		return true;
	case PAYMENT_DECLINED:
		*ret_input = PAYMENT_IS_DECLINED;
		return true;
	case PAYMENT_CAPTURED:
		*ret_input = PAYMENT_IS_CAPTURED;
		return true;
	case PAYMENT_VOIDED:
		*ret_input = PAYMENT_IS_VOIDED;
		return true;
	case PAYMENT_REFUNDED:
		*ret_input = PAYMENT_IS_REFUNDED;
		return true;
	default:
		return false;
	}
}

static void postpone(struct kiosk *kiosk, struct payment_row *payment, int64_t retry_after_ms)
{
	usec wait = usec_min(retry_after_ms, RETRY_MAX / MSEC) * MSEC;
	payment->next_try = kiosk->now.elapsed + backoff_spread(wait, kiosk->options.random);
	store_payment_write(kiosk->database, payment);
}

static void take_reply(
	struct kiosk *kiosk, const struct topic *topic, const struct reply_record *reply)
{
	struct payment_row payment;
	enum payment_input input;
	if (!store_payment_read(kiosk->database, reply->payment->payment, &payment) ||
		strcmp(payment.fact.ledger, topic->node) != 0)
		return;
	if (input_of((enum payment_state)reply->payment->state, &input))
		payment_apply(kiosk, &payment, input, reply->payment->reason);
	else if (payment_is_open((enum payment_state)payment.fact.state) && reply->retry_after > 0)
		postpone(kiosk, &payment, reply->retry_after);
}

/* "{payment}:{operation}" names the payment of a refusal that carries no record. */
static void take_refusal(
	struct kiosk *kiosk, const struct topic *topic, const struct reply_record *reply)
{
	struct payment_row payment;
	char id[UUID_SIZE];
	TEXT_COPY(id, reply->id);
	if (!uuid_is_valid(id) || !store_payment_read(kiosk->database, id, &payment) ||
		strcmp(payment.fact.ledger, topic->node) != 0 ||
		!payment_is_open((enum payment_state)payment.fact.state))
		return;
	log_warning("payment %s: the ledger answers %s: %s", id, reply_code_names[reply->code],
		reply->message);
	if (reply->retry_after > 0)
		postpone(kiosk, &payment, reply->retry_after);
}

static void reconcile_answered(struct kiosk *kiosk, const struct reply_record *reply)
{
	if (reply->code == REPLY_OK) {
		kiosk->node.reconcile_at = 0;
		alert_clear(kiosk, "reconcile-refused", kiosk->node.epoch);
	} else {
		TEXT_COPY(kiosk->reconcile_refused, kiosk->node.epoch);
		alert_raise(kiosk, "reconcile-refused", kiosk->node.epoch,
			&(struct alert_about){.message = reply->message});
	}
}

static void reconciled(struct kiosk *kiosk, const struct reply_record *reply)
{
	const struct payment_record *payments = reply->payments.items;
	if (strncmp(reply->id, kiosk->node.epoch, UUID_SIZE - 1) == 0)
		reconcile_answered(kiosk, reply);
	for (size_t i = 0; i < reply->payments.n; i++)
		alert_raise(kiosk, "payment-unclaimed", payments[i].payment,
			&(struct alert_about){.rental = payments[i].rental,
				.payment = payments[i].payment,
				.message = "no rental claims it: given back"});
}

/* "{payment}:settle": a manager waits for it. */
static void settle_answered(struct kiosk *kiosk, const struct reply_record *reply)
{
	TEXT_COPY(kiosk->settled, reply->id);
	TEXT_COPY(kiosk->settled_why, reply->message);
	kiosk->settled_code = (enum reply_code)reply->code;
	desk_settle(&kiosk->desk, kiosk->settled);
}

void payments_reply(struct kiosk *kiosk, const struct topic *topic, const json_t *json)
{
	struct reply_record reply;
	char why[RECORD_WHY_SIZE];
	if (record_decode(&reply_record_type, json, &reply, why) != 0) {
		log_warning("payment reply of %s: %s", topic->node, why);
		return;
	}
	if (strcmp(reply.operation, "reconcile") == 0)
		reconciled(kiosk, &reply);
	else if (reply.payment)
		take_reply(kiosk, topic, &reply);
	else
		take_refusal(kiosk, topic, &reply);
	if (strcmp(reply.operation, SETTLE) == 0)
		settle_answered(kiosk, &reply);
	record_clear(&reply_record_type, &reply);
}

/* --- the adapter's state --------------------------------------------------------------------- */

/* The place of a ledger, a free one if it was not seen yet, or NULL if there are too many. */
static struct ledger_seen *find_ledger(struct kiosk *kiosk, const char *ledger)
{
	struct ledger_seen *free_place = NULL;
	for (int i = 0; i < LEDGERS_MAX; i++) {
		if (strcmp(kiosk->ledgers[i].ledger, ledger) == 0)
			return &kiosk->ledgers[i];
		if (!kiosk->ledgers[i].ledger[0])
			free_place = &kiosk->ledgers[i];
	}
	return free_place;
}

static struct ledger_seen *our_ledger(struct kiosk *kiosk)
{
	struct ledger_seen *seen =
		kiosk->desired ? find_ledger(kiosk, kiosk->desired->ledger) : NULL;
	return seen && seen->ledger[0] ? seen : NULL;
}

enum payments_state payments_state(struct kiosk *kiosk)
{
	const struct ledger_seen *seen = our_ledger(kiosk);
	return seen ? seen->payments : PAYMENTS_UNKNOWN;
}

/* The ledger has not been told yet what is claimed. What begins before it has would be given back
 * if the message is late. One that will not hear of it cannot be waited for. */
static bool is_reconciling(const struct kiosk *kiosk)
{
	return kiosk->node.reconcile_at && strcmp(kiosk->reconcile_refused, kiosk->node.epoch) != 0;
}

bool payments_open(struct kiosk *kiosk, usec *ret_retry)
{
	const struct ledger_seen *seen = our_ledger(kiosk);
	*ret_retry = seen ? seen->retry : 0;
	if (!kiosk->connected || !seen)
		return false;
	if (is_reconciling(kiosk)) {
		*ret_retry = kiosk->node.reconcile_at;
		return false;
	}
	/* After the wait a probe may go, whatever the last message said. */
	return seen->payments == PAYMENTS_OPEN || seen->retry <= kiosk->now.elapsed;
}

bool payments_closed(struct kiosk *kiosk)
{
	return !kiosk->connected || payments_state(kiosk) != PAYMENTS_OPEN;
}

void payments_probe(struct kiosk *kiosk)
{
	struct ledger_seen *seen = our_ledger(kiosk);
	if (seen && seen->payments != PAYMENTS_OPEN)
		seen->retry = kiosk->now.elapsed + backoff_spread(RETRY_MAX, kiosk->options.random);
}

void payments_forget(struct kiosk *kiosk)
{
	memset(kiosk->ledgers, 0, sizeof(kiosk->ledgers));
}

static void note_status(
	struct kiosk *kiosk, struct ledger_seen *seen, const struct payment_status_record *status)
{
	bool online = status->state == LINK_ONLINE;
	usec wait = online ? usec_min(status->retry_after * MSEC, RETRY_MAX) : RETRY_MAX;
	TEXT_COPY(seen->session, status->session);
	seen->payments =
		online && status->payments == PAYMENTS_OPEN ? PAYMENTS_OPEN : PAYMENTS_CLOSED;
	seen->retry = kiosk->now.elapsed + backoff_spread(wait, kiosk->options.random);
}

void payments_status(struct kiosk *kiosk, const struct topic *topic, const json_t *json)
{
	struct payment_status_record status;
	char why[RECORD_WHY_SIZE];
	if (record_decode(&payment_status_record_type, json, &status, why) != 0) {
		log_warning("payment status of %s: %s", topic->node, why);
		return;
	}
	struct ledger_seen *seen = find_ledger(kiosk, topic->node);
	/* An old will may come after a new birth. */
	bool old = status.state == LINK_LOST && seen && seen->session[0] &&
		   strcmp(status.session, seen->session) != 0;
	if (seen && !old) {
		enum payments_state before = payments_state(kiosk);
		TEXT_COPY(seen->ledger, topic->node);
		note_status(kiosk, seen, &status);
		enum payments_state after = payments_state(kiosk);
		if (after != before) {
			log_info("payments are %s", payments_state_names[after]);
			offer_changed(kiosk);
			status_changed(kiosk);
			if (after == PAYMENTS_OPEN)
				store_payments_ask_now(kiosk->database, kiosk->now.elapsed);
		}
	}
	record_clear(&payment_status_record_type, &status);
}

/* --- asking again ---------------------------------------------------------------------------- */

static void check_stuck(struct kiosk *kiosk, const struct payment_row *payment)
{
	if (kiosk->now.elapsed - payment->since >= STUCK_AFTER)
		alert_raise(kiosk, "payment-stuck", payment->fact.payment,
			&(struct alert_about){.rental = payment->fact.rental,
				.payment = payment->fact.payment,
				.message = "no definite answer for a long time"});
}

static void ask_due(struct kiosk *kiosk)
{
	struct payment_row payment;
	for (int i = 0; i < ASK_AT_ONCE; i++) {
		if (!store_payment_due(kiosk->database, kiosk->now.elapsed, &payment))
			return;
		ask(kiosk, &payment);
		check_stuck(kiosk, &payment);
		store_payment_write(kiosk->database, &payment);
	}
}

/* --- after an adoption ----------------------------------------------------------------------- */

static const struct field reconcile_fields[] = {
	ARG(epoch, FIELD_UUID, FIELD_REQUIRED),
	ARG(claims, FIELD_LIST, FIELD_REQUIRED, .max = CLAIMS_MAX, .record = &claim_record_type),
	{0},
};
static const struct record_type reconcile_type = {
	.name = "payment_reconcile", .fields = reconcile_fields, .size = sizeof(struct arguments)};

/* Names all that this bank's rentals claim, again and again until the ledger has heard it. */
static void reconcile(struct kiosk *kiosk)
{
	struct arguments args = {0};
	kiosk->node.reconcile_at = kiosk->now.elapsed + RECONCILE_AGAIN;
	TEXT_COPY(args.epoch, kiosk->node.epoch);
	struct query *query = store_payments_unfinished(kiosk->database);
	struct payment_row payment;
	while (store_payment_next(query, &payment)) {
		struct claim_record *claim = list_add(&args.claims, sizeof(*claim));
		TEXT_COPY(claim->payment, payment.fact.payment);
	}
	char correlation[MQTT_CORRELATION_TEXT];
	snprintf(correlation, sizeof(correlation), "%s:reconcile", kiosk->node.epoch);
	say_to_ledger(kiosk, kiosk->desired->ledger, "reconcile", correlation,
		(uint32_t)(ASK_TTL / SECOND), &reconcile_type, &args);
	record_clear(&reconcile_type, &args);
}

static const struct field settle_fields[] = {
	ARG(payment, FIELD_UUID, FIELD_REQUIRED),
	ARG(outcome, FIELD_CHOICE, FIELD_REQUIRED, .names = settle_outcome_names),
	ARG(reason, FIELD_TEXT, FIELD_REQUIRED),
	ARG(user, FIELD_NAME, FIELD_REQUIRED),
	{0},
};
static const struct record_type settle_type = {
	.name = "payment_settle", .fields = settle_fields, .size = sizeof(struct arguments)};

void payments_settle(struct kiosk *kiosk, const char *ledger, const struct request *request)
{
	struct arguments args = {.outcome = request->args.outcome};
	char correlation[MQTT_CORRELATION_TEXT];
	TEXT_COPY(args.payment, request->args.payment);
	TEXT_COPY(args.reason, request->args.reason);
	TEXT_COPY(args.user, request->user);
	snprintf(correlation, sizeof(correlation), "%s:" SETTLE, args.payment);
	say_to_ledger(kiosk, ledger, SETTLE, correlation, (uint32_t)(ASK_TTL / SECOND),
		&settle_type, &args);
}

static usec reconcile_due(const struct kiosk *kiosk)
{
	bool knows_ledger = kiosk->desired != NULL;
	return knows_ledger && kiosk->node.reconcile_at ? kiosk->node.reconcile_at : USEC_NEVER;
}

usec payments_next_due(struct kiosk *kiosk)
{
	return usec_min(store_payment_next_due(kiosk->database), reconcile_due(kiosk));
}

int payments_tick(struct kiosk *kiosk)
{
	if (payments_next_due(kiosk) > kiosk->now.elapsed)
		return 0;
	kiosk_begin(kiosk);
	if (reconcile_due(kiosk) <= kiosk->now.elapsed)
		reconcile(kiosk);
	ask_due(kiosk);
	return kiosk_end(kiosk);
}
