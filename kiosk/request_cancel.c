/* cancel: ends a rental before anything was taken; what was paid goes back. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

void request_cancel(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	if (!request_rental(kiosk, request, reply, &rental))
		return;
	const struct change change = {.by = request_by(kiosk, request), .reason = "cancelled"};
	if (rental_apply(kiosk, &rental, RENTAL_CANCEL, &change))
		reply_with_rental(kiosk, request->user, &rental, reply);
	else
		reply_wrong_state(reply, &rental);
}
