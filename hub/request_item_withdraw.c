#include "hub/core.h"
#include "hub/items.h"
#include "hub/request.h"
#include "hub/store_view.h"

/* Withdrawal is for good. What is out stays with its renter, and is withdrawn when it comes back:
 * its kiosk says so, and the hub alerts then. */
void hub_request_item_withdraw(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	struct catalogue_record entry;
	struct item_row row;
	if (!hub_items_find(hub, request->args.item, &entry, reply))
		return;
	entry.withdrawn = true;
	entry.moving[0] = entry.move[0] = '\0';
	if (!hub_items_put(hub, request, "withdrawn", &entry, reply))
		return;
	if (hub_view_item(hub->database, entry.item, &row) && row.item.state == ITEM_RENTED)
		reply_set(reply, REPLY_OK, "it is rented: withdrawn when it is back");
	else
		reply_set(reply, REPLY_OK, "%s", "");
}
