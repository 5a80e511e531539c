/* refund-payment: the money of a payment goes back, although its rental is over: it was taken for a
 * delivery that there was not, or a person makes a present of it. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

static bool may_go_back(
	struct kiosk *kiosk, const struct payment_row *payment, struct reply_record *reply)
{
	struct rental_row rental;
	if (payment->fact.state != PAYMENT_CAPTURED) {
		reply_set(reply, REPLY_WRONG_STATE, "the payment is %s",
			payment_state_names[payment->fact.state]);
		return false;
	}
	if (store_rental_read(kiosk->database, payment->fact.rental, &rental) &&
		!rental_is_final((enum rental_state)rental.fact.state)) {
		reply_set(reply, REPLY_WRONG_STATE, "its rental is %s: resolve that",
			rental_state_names[rental.fact.state]);
		return false;
	}
	return true;
}

void request_refund_payment(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct payment_row payment;
	if (!store_payment_read(kiosk->database, request->args.payment, &payment)) {
		reply_set(reply, REPLY_NOT_FOUND, "this bank has no such payment");
		return;
	}
	if (!may_go_back(kiosk, &payment, reply))
		return;
	payment_apply(kiosk, &payment, PAYMENT_WANT_BACK, request->args.reason);
	alert_clear(kiosk, "payment-kept", payment.fact.payment);
	reply_set(reply, REPLY_OK, "%s", "");
	reply_payment(reply, &payment.fact);
}
