/* cancel-payment: takes a payment back. Before it is authorized the reservation stays; once it is
 * paid, the rental ends. The reply comes when it is definite that nobody stays charged. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

void request_cancel_payment(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	if (!request_rental(kiosk, request, reply, &rental))
		return;
	const struct change change = {
		.by = request_by(kiosk, request), .reason = "payment-cancelled"};
	if (!rental_apply(kiosk, &rental, RENTAL_CANCEL_PAYMENT, &change))
		reply_wrong_state(reply, &rental);
	else if (!settle_cancel_payment(kiosk, request->user, rental.fact.rental, reply))
		TEXT_COPY(request->subject, rental.fact.rental);
}

bool settle_cancel_payment(
	void *node, const char *user, const char *subject, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	struct payment_row payment;
	if (!store_rental_read(kiosk->database, subject, &rental)) {
		reply_set(reply, REPLY_NOT_FOUND, "the rental is gone");
		return true;
	}
	if (store_payment_read(kiosk->database, rental.fact.payment, &payment) &&
		!payment_is_final((enum payment_state)payment.fact.state))
		return false;
	reply_with_rental(kiosk, user, &rental, reply);
	return true;
}
