/* rental, rentals: what the asker has. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

void request_show(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	if (request_rental(kiosk, request, reply, &rental))
		reply_with_rental(kiosk, request->user, &rental, reply);
}

void request_list(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	char renter[NAME_SIZE];
	reply->code = REPLY_OK;
	if (!kiosk_renter(kiosk, request->user, renter))
		return;
	struct query *query = store_rentals_of(kiosk->database, renter);
	struct rental_row rental;
	while (store_rental_next(query, &rental))
		*(struct rental_record *)list_add(&reply->rentals, sizeof(rental.fact)) =
			rental.fact;
	reply->count = (int64_t)reply->rentals.n;
}
