/* give-up: the renter asked for the door and thinks better of it before the pulse; money back. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

void request_give_up(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	struct opening_row opening;
	if (!request_rental(kiosk, request, reply, &rental))
		return;
	if (rental.fact.state != RENTAL_OPENING ||
		!store_opening_of(kiosk->database, rental.fact.rental, &opening) ||
		!doors_give_up(kiosk->doors, opening.opening)) {
		reply_wrong_state(reply, &rental);
		return;
	}
	store_opening_delete(kiosk->database, opening.opening);
	rental_apply(kiosk, &rental, RENTAL_GIVE_UP,
		&(struct change){.by = request_by(kiosk, request), .reason = "given-up"});
	reply_with_rental(kiosk, request->user, &rental, reply);
}
