#include "hub/core.h"
#include "hub/renters.h"
#include "hub/request.h"
#include "hub/store_rentals.h"

#include <string.h>

static bool known_state(const char *state)
{
	return state[0] == '\0' || strcmp(state, "open") == 0 ||
	       choice_find(rental_state_names, state) > 0;
}

static bool known_sort(const char *sort)
{
	return sort[0] == '\0' || strcmp(sort, "newest") == 0 || strcmp(sort, "oldest") == 0;
}

/* The cursor is the id of the page's last rental; ids are in the order of their making. */
void hub_request_rentals(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	const struct arguments *args = &request->args;
	struct renter_record renter = {0};
	if (!known_state(args->state) || !known_sort(args->sort)) {
		reply_set(reply, REPLY_MALFORMED, "state or sort: not one of those possible");
		return;
	}
	if (args->user[0])
		hub_renters_get(hub, args->user, &renter);
	const struct hub_rentals_filter filter = {
		.kiosk = args->kiosk,
		.state = args->state,
		.renter = renter.renter,
		.item = args->item,
		.oldest_first = strcmp(args->sort, "oldest") == 0,
		.cursor = args->cursor,
		.limit = hub_request_limit(request),
	};
	hub_rentals_list(hub->database, &filter, &reply->rentals);
	reply->count = (int64_t)reply->rentals.n;
	if (reply->count == filter.limit) {
		const struct rental_record *rentals = reply->rentals.items;
		TEXT_COPY(reply->next, rentals[reply->count - 1].rental);
	}
	reply_set(reply, REPLY_OK, "%s", "");
}
