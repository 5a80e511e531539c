/* pay: a payment for what is held. The reply comes when the payment is definite. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

/* Whether an earlier payment of this rental may still come to something. */
static bool is_unresolved(struct kiosk *kiosk, const struct rental_row *rental)
{
	struct payment_row payment;
	return store_payment_read(kiosk->database, rental->fact.payment, &payment) &&
	       payment_is_unresolved((enum payment_state)payment.fact.state);
}

static bool can_pay_now(struct kiosk *kiosk, struct reply_record *reply)
{
	if (!kiosk->now.sure) {
		reply_set(reply, REPLY_CLOCK, "this bank is not sure of the time; pay in a moment");
		return false;
	}
	usec retry;
	if (!payments_open(kiosk, &retry)) {
		usec wait = retry - kiosk->now.elapsed;
		reply_set(reply, REPLY_PAYMENTS_CLOSED,
			"payments are closed for a moment; it stays reserved");
		reply->retry_after = wait > 0 ? wait / MSEC : 5000;
		return false;
	}
	return true;
}

/* Many that the ledger has not settled yet: it is away for long, or somebody plays with it. */
static bool has_room(struct kiosk *kiosk, struct reply_record *reply)
{
	if (store_payments_count(kiosk->database) < BANK_PAYMENTS_MAX)
		return true;
	reply_set(reply, REPLY_BUSY, "%d payments of this bank are not settled yet",
		BANK_PAYMENTS_MAX);
	reply->retry_after = MINUTE / MSEC;
	return false;
}

static void pay_nothing(struct kiosk *kiosk, struct request *request, struct rental_row *rental,
	struct reply_record *reply)
{
	const struct change change = {.by = request_by(kiosk, request), .reason = ""};
	rental_apply(kiosk, rental, RENTAL_PAY_NOTHING, &change);
	reply_with_rental(kiosk, request->user, rental, reply);
}

void request_pay(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	if (!request_rental(kiosk, request, reply, &rental))
		return;
	if (rental.fact.state != RENTAL_HELD || is_unresolved(kiosk, &rental)) {
		reply_wrong_state(reply, &rental);
		return;
	}
	if (!kiosk_lends(kiosk)) {
		reply_set(reply, REPLY_RETURNS_ONLY, "this bank takes returns only");
		return;
	}
	if (rental.fact.amount == 0) {
		pay_nothing(kiosk, request, &rental, reply);
		return;
	}
	if (!can_pay_now(kiosk, reply) || !has_room(kiosk, reply))
		return;
	TEXT_COPY(request->subject, rental.fact.rental);
	payments_probe(kiosk);
	payment_begin(kiosk, &rental, request->args.method);
	rental_apply(kiosk, &rental, RENTAL_PAY,
		&(struct change){.by = request_by(kiosk, request), .reason = ""});
}

bool settle_pay(void *node, const char *user, const char *subject, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	struct payment_row payment;
	if (!store_rental_read(kiosk->database, subject, &rental)) {
		reply_set(reply, REPLY_NOT_FOUND, "the rental is gone");
		return true;
	}
	if (rental.fact.state == RENTAL_PAYING)
		return false;
	reply_with_rental(kiosk, user, &rental, reply);
	bool known = store_payment_read(kiosk->database, rental.fact.payment, &payment);
	bool declined = known && payment.fact.state == PAYMENT_DECLINED;
	if (declined || rental.fact.state == RENTAL_HELD ||
		rental_is_final((enum rental_state)rental.fact.state))
		reply_set(reply, declined ? REPLY_DECLINED : REPLY_FAILED,
			"not paid; the rental is %s", rental_state_names[rental.fact.state]);
	return true;
}
