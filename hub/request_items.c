#include "hub/core.h"
#include "hub/request.h"
#include "hub/store_items.h"

/* The cursor is the name of the page's last item. */
void hub_request_items(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	const struct arguments *args = &request->args;
	const struct hub_items_filter filter = {
		.kiosk = args->kiosk,
		.state = args->state,
		.category = args->category,
		.search = args->search,
		.sort = args->sort,
		.cursor = args->cursor,
		.limit = hub_request_limit(request),
	};
	if (!hub_items_sortable(args->sort)) {
		reply_set(reply, REPLY_MALFORMED, "sort: want item, title, state or kiosk");
		return;
	}
	hub_items_list(hub->database, &filter, &reply->items);
	if ((int64_t)reply->items.n == filter.limit) {
		const struct view_item_record *items = reply->items.items;
		TEXT_COPY(reply->next, items[reply->items.n - 1].item);
	}
	reply->count = (int64_t)reply->items.n;
	reply_set(reply, REPLY_OK, "%s", "");
}
