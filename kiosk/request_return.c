/* return: the thing comes back, whatever the hub or the catalogue says, at any free
 * working door. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

/* No door is free: the attempt is on record, and the rental's clock stops. */
static void refuse(struct kiosk *kiosk, const struct request *request, struct rental_row *rental,
	struct reply_record *reply)
{
	rental->fact.clock_stopped = true;
	rental_apply(kiosk, rental, RENTAL_RETURN_REFUSED,
		&(struct change){.by = request_by(kiosk, request), .reason = "no-door"});
	alert_raise(kiosk, "return-refused", rental->fact.rental,
		&(struct alert_about){.item = rental->fact.item,
			.rental = rental->fact.rental,
			.message = "a return was tried, and no door is free"});
	reply_set(reply, REPLY_NO_DOOR,
		"no door is free; your attempt is on record and your time has stopped");
	reply_rental(reply, &rental->fact);
}

void request_return(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	if (!request_rental(kiosk, request, reply, &rental))
		return;
	if (!rental_step((enum rental_state)rental.fact.state, RENTAL_RETURN)) {
		reply_wrong_state(reply, &rental);
		return;
	}
	int compartment = item_find_way_back(kiosk, &rental);
	if (compartment == 0) {
		refuse(kiosk, request, &rental, reply);
		return;
	}
	TEXT_COPY(request->subject, rental.fact.rental);
	rental.fact.compartment = compartment;
	opening_begin(kiosk, OPENING_RETURN, compartment, rental.fact.rental, rental.fact.item,
		request_by(kiosk, request));
	rental_apply(kiosk, &rental, RENTAL_RETURN,
		&(struct change){.by = request_by(kiosk, request), .reason = ""});
}

bool settle_return(void *node, const char *user, const char *subject, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	struct opening_row opening;
	if (!store_rental_read(kiosk->database, subject, &rental)) {
		reply_set(reply, REPLY_NOT_FOUND, "the rental is gone");
		return true;
	}
	/* Decided when the door is open: closing it is up to the renter, who stands before it. */
	if (rental.fact.state == RENTAL_RETURNING &&
		store_opening_of(kiosk->database, subject, &opening) &&
		opening.stage != STAGE_OPENED)
		return false;
	reply_with_rental(kiosk, user, &rental, reply);
	if (rental.fact.state == RENTAL_RENTED)
		reply_set(reply, REPLY_FAILED, "the door did not open; try again");
	return true;
}
