#include "hub/core.h"
#include "hub/request.h"
#include "hub/store_catalogue.h"
#include "hub/store_items.h"
#include "hub/store_log.h"

#include <stdio.h>
#include <stdlib.h>

static void add_entry(struct hub *hub, const char *item, struct reply_record *reply)
{
	struct catalogue_record *entry = malloc(sizeof(*entry));
	if (!entry)
		abort();
	if (hub_catalogue_get(hub->database, item, entry))
		reply->entry = entry;
	else
		free(entry);
}

/* The cursor is the log's position of the page's last event. */
void hub_request_item(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	const char *item = request->args.item;
	int64_t limit = hub_request_limit(request);
	if (!hub_items_get(hub->database, item, &reply->items)) {
		reply_set(reply, REPLY_NOT_FOUND, "no item %s", item);
		return;
	}
	add_entry(hub, item, reply);
	hub_log_history(hub->database, item, hub_request_position(request), limit, &reply->history);
	if ((int64_t)reply->history.n == limit) {
		const struct history_record *history = reply->history.items;
		snprintf(reply->next, sizeof(reply->next), "%lld",
			(long long)history[limit - 1].position);
	}
	reply_set(reply, REPLY_OK, "%s", "");
}
