/* open: the renter is at the bank and asks for the door. The reply comes when it opened, or did
 * not. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

static void open_door(struct kiosk *kiosk, struct request *request, struct rental_row *rental,
	struct reply_record *reply)
{
	const struct rental_record *fact = &rental->fact;
	if (!kiosk_lends(kiosk)) {
		reply_set(reply, REPLY_RETURNS_ONLY, "this bank takes returns only");
		return;
	}
	if (fact->state != RENTAL_PAID) {
		reply_wrong_state(reply, rental);
		return;
	}
	if (doors_level(kiosk->doors, (int)fact->compartment) == BANK_OPEN ||
		store_opening_at(kiosk->database, fact->compartment)) {
		reply_set(reply, REPLY_BUSY, "door %lld stands open; close it first",
			(long long)fact->compartment);
		reply->retry_after = 2000;
		return;
	}
	TEXT_COPY(request->subject, fact->rental);
	opening_begin(kiosk, OPENING_TAKE, fact->compartment, fact->rental, fact->item,
		request_by(kiosk, request));
	rental_apply(kiosk, rental, RENTAL_OPEN,
		&(struct change){.by = request_by(kiosk, request), .reason = ""});
}

void request_open(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	if (request_rental(kiosk, request, reply, &rental))
		open_door(kiosk, request, &rental, reply);
}

/* hand-over: the same, by a manager for that renter. */
void request_hand_over(void *node, struct request *request, struct reply_record *reply)
{
	request_open(node, request, reply);
}

bool settle_open(void *node, const char *user, const char *subject, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	if (!store_rental_read(kiosk->database, subject, &rental)) {
		reply_set(reply, REPLY_NOT_FOUND, "the rental is gone");
		return true;
	}
	if (rental.fact.state == RENTAL_OPENING)
		return false;
	reply_with_rental(kiosk, user, &rental, reply);
	if (!rental_is_out((enum rental_state)rental.fact.state))
		reply_set(reply, REPLY_FAILED, "the door did not open; the rental is %s",
			rental_state_names[rental.fact.state]);
	return true;
}
