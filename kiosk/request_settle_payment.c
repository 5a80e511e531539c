/* settle-payment: a person has looked at the provider, which the ledger cannot ask any more, and
 * says how a payment ended. The ledger decides; the reply is what it answers. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

#include <string.h>

void request_settle_payment(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct payment_row payment;
	const char *id = request->args.payment;
	/* One that an earlier board of this bank began is in the ledger alone. */
	bool known = store_payment_read(kiosk->database, id, &payment);
	if (!known && !kiosk->desired) {
		reply_set(reply, REPLY_NOT_FOUND, "this bank knows neither it nor its ledger");
		return;
	}
	TEXT_COPY(request->subject, id);
	kiosk->settled[0] = '\0';
	payments_settle(kiosk, known ? payment.fact.ledger : kiosk->desired->ledger, request);
}

bool settle_settle_payment(
	void *node, const char *user, const char *subject, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	(void)user;
	if (strcmp(kiosk->settled, subject) != 0)
		return false;
	reply_set(reply, kiosk->settled_code, "%s", kiosk->settled_why);
	return true;
}
