/* resolve: a manager ends what would not end by itself. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

static const enum rental_input inputs[] = {
	[OUTCOME_TAKEN] = RENTAL_CONFIRM_TAKEN,
	[OUTCOME_NOT_TAKEN] = RENTAL_CONFIRM_NOT_TAKEN,
	[OUTCOME_RETURNED] = RENTAL_CONFIRM_RETURNED,
	[OUTCOME_NOT_RETURNED] = RENTAL_CONFIRM_NOT_RETURNED,
	[OUTCOME_CLOSE] = RENTAL_RESOLVE,
	[OUTCOME_CLOSE_REFUND] = RENTAL_RESOLVE_REFUND,
};

void request_resolve(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	if (!request_rental(kiosk, request, reply, &rental))
		return;
	const struct change change = {
		.by = request_by(kiosk, request), .reason = request->args.reason};
	if (!rental_apply(kiosk, &rental, inputs[request->args.outcome], &change)) {
		reply_wrong_state(reply, &rental);
		return;
	}
	alert_clear(kiosk, "unconfirmed", rental.fact.rental);
	reply_with_rental(kiosk, request->user, &rental, reply);
}
