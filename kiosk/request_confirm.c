/* confirm: no sensor saw the door. A renter may say that the thing was taken, which is at their own
 * expense; that it was not, a manager says (`resolve`). */
#include "kiosk/internal.h"
#include "kiosk/request.h"

void request_confirm(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	if (!request_rental(kiosk, request, reply, &rental))
		return;
	if (!request->args.taken && !kiosk_is_manager(kiosk, request->user)) {
		reply_set(reply, REPLY_FORBIDDEN, "a manager has been told, and looks");
		return;
	}
	const struct change change = {.by = request_by(kiosk, request), .reason = "confirmed"};
	enum rental_input input =
		request->args.taken ? RENTAL_CONFIRM_TAKEN : RENTAL_CONFIRM_NOT_TAKEN;
	if (!rental_apply(kiosk, &rental, input, &change)) {
		reply_wrong_state(reply, &rental);
		return;
	}
	alert_clear(kiosk, "unconfirmed", rental.fact.rental);
	reply_with_rental(kiosk, request->user, &rental, reply);
}
