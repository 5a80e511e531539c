/* A ledger that is right, and whose answers come late, twice, or not at all. */
#include "tests/kiosk/walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

struct walk_payment *walk_ledger_find(struct walk *walk, const char *payment)
{
	for (size_t i = 0; i < walk->ledger.n; i++)
		if (strcmp(walk->ledger.payments[i].payment, payment) == 0)
			return &walk->ledger.payments[i];
	return NULL;
}

static struct walk_payment *add(struct walk *walk, const json_t *asked)
{
	assert_true(walk->ledger.n < WALK_MANY);
	struct walk_payment *payment = &walk->ledger.payments[walk->ledger.n++];
	*payment = (struct walk_payment){
		.amount = json_integer_value(json_object_get(asked, "amount"))};
	TEXT_COPY(payment->payment, json_string_value(json_object_get(asked, "payment")));
	TEXT_COPY(payment->rental, json_string_value(json_object_get(asked, "rental")));
	return payment;
}

/* What an operation makes of a payment; unknown ones are marked by a void. */
static int after(struct walk *walk, int state, const char *operation)
{
	bool decline = walk_chance(walk, walk->ledger.decline);
	if (strcmp(operation, "authorize") == 0)
		return state != PAYMENT_NONE ? state
		       : decline             ? PAYMENT_DECLINED
					     : PAYMENT_AUTHORIZED;
	if (strcmp(operation, "capture") == 0)
		return state == PAYMENT_AUTHORIZED ? PAYMENT_CAPTURED : state;
	if (state == PAYMENT_CAPTURED)
		return PAYMENT_REFUNDED;
	return state == PAYMENT_NONE || state == PAYMENT_AUTHORIZED ? PAYMENT_VOIDED : state;
}

static void queue(struct walk *walk, const char *payment, const char *operation, int state)
{
	struct walk_ledger *ledger = &walk->ledger;
	if (ledger->waiting == WALK_MANY)
		return;
	struct walk_reply *reply = &ledger->replies[ledger->waiting++];
	TEXT_COPY(reply->payment, payment);
	TEXT_COPY(reply->operation, operation);
	reply->state = state;
}

/* Nobody claims it: the ledger gives it back. */
static void reconcile(struct walk *walk, const json_t *asked)
{
	const json_t *claims = json_object_get(asked, "claims");
	for (size_t i = 0; i < walk->ledger.n; i++) {
		struct walk_payment *payment = &walk->ledger.payments[i];
		bool claimed = false;
		for (size_t j = 0; j < json_array_size(claims); j++)
			claimed |= strcmp(json_string_value(json_object_get(
						  json_array_get(claims, j), "payment")),
					   payment->payment) == 0;
		if (!claimed && payment->state == PAYMENT_AUTHORIZED)
			payment->state = PAYMENT_VOIDED;
	}
	char id[80];
	snprintf(
		id, sizeof(id), "%s:reconcile", json_string_value(json_object_get(asked, "epoch")));
	bank_send(&walk->bank, WALK_PREFIX "payment/till/reply/library",
		json_pack("{s:s, s:s, s:s}", "id", id, "operation", "reconcile", "code", "ok"));
}

void walk_ledger_take(struct walk *walk, const struct fake_publication *publication)
{
	const char *operation = strrchr(publication->topic, '/') + 1;
	json_t *asked = json_loadb(publication->payload, publication->size, 0, NULL);
	if (strcmp(operation, "reconcile") == 0) {
		reconcile(walk, asked);
	} else if (!walk_chance(walk, 15)) { /* lost on the way there */
		const char *id = json_string_value(json_object_get(asked, "payment"));
		struct walk_payment *payment = walk_ledger_find(walk, id);
		bool busy = strcmp(operation, "authorize") == 0 && walk_chance(walk, 10);
		if (!payment && !busy)
			payment = add(walk, asked);
		if (!busy)
			payment->state = after(walk, payment->state, operation);
		queue(walk, id, operation, busy ? PAYMENT_NONE : payment->state);
	}
	json_decref(asked);
}

static void say(struct walk *walk, const struct walk_reply *reply)
{
	const struct walk_payment *payment = walk_ledger_find(walk, reply->payment);
	char id[80];
	snprintf(id, sizeof(id), "%s:%s", reply->payment, reply->operation);
	json_t *json = json_pack("{s:s, s:s, s:s}", "id", id, "operation", reply->operation, "code",
		reply->state ? "ok" : "busy");
	if (reply->state)
		json_object_set_new(json, "payment",
			json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "payment", reply->payment,
				"rental", payment->rental, "ledger", "till", "state",
				payment_state_names[reply->state], "amount",
				(json_int_t)payment->amount, "currency", "KRW"));
	else
		json_object_set_new(json, "retry_after", json_integer(3000));
	bank_send(&walk->bank, WALK_PREFIX "payment/till/reply/library", json);
}

/* One answer, any of those that wait; now and then it stays to be said again. */
void walk_ledger_answer(struct walk *walk, bool all)
{
	struct walk_ledger *ledger = &walk->ledger;
	while (walk->online && !walk->dead && ledger->waiting > 0) {
		size_t i = (size_t)walk_below(walk, ledger->waiting);
		struct walk_reply reply = ledger->replies[i];
		if (all || walk_chance(walk, 80))
			ledger->replies[i] = ledger->replies[--ledger->waiting];
		if (all || !walk_chance(walk, 15))
			say(walk, &reply);
		if (!all)
			return;
	}
}
