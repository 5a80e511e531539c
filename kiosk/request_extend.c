/* extend: an unpaid hold lasts longer, up to its limit. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

void request_extend(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	if (!request_rental(kiosk, request, reply, &rental))
		return;
	if (rental.fact.state == RENTAL_HELD && rental.hold_until >= rental.hold_limit) {
		reply_set(reply, REPLY_LIMIT, "it cannot be held any longer");
		return;
	}
	rental.hold_until =
		usec_min(rental.hold_until + kiosk->settings.extend * SECOND, rental.hold_limit);
	const struct change change = {.by = request_by(kiosk, request), .reason = ""};
	if (rental.fact.state != RENTAL_HELD ||
		!rental_apply(kiosk, &rental, RENTAL_EXTEND, &change))
		reply_wrong_state(reply, &rental);
	else
		reply_with_rental(kiosk, request->user, &rental, reply);
}
