#include "hub/core.h"
#include "hub/desired.h"
#include "hub/items.h"
#include "hub/request.h"
#include "hub/store_catalogue.h"

#include <string.h>

static void read_entry(const struct arguments *args, struct catalogue_record *ret)
{
	*ret = (struct catalogue_record){
		.amount = args->amount, .period = args->period, .inspect = args->inspect};
	TEXT_COPY(ret->item, args->item);
	TEXT_COPY(ret->title, args->title);
	TEXT_COPY(ret->description, args->description);
	TEXT_COPY(ret->category, args->category);
	TEXT_COPY(ret->currency, args->currency);
	TEXT_COPY(ret->kiosk, args->kiosk);
}

void hub_request_item_register(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	struct catalogue_record there, entry;
	if (hub_catalogue_get(hub->database, request->args.item, &there)) {
		reply_set(reply, REPLY_EXISTS, "%s is in the catalogue%s", there.item,
			there.withdrawn ? ", withdrawn" : "");
		return;
	}
	read_entry(&request->args, &entry);
	if (!hub_items_currency(&entry, reply) || !hub_items_room(hub, entry.kiosk, 1, reply))
		return;
	bool seen = hub_bank_find(hub, entry.kiosk) != NULL;
	if (!hub_items_put(hub, request, "registered", &entry, reply))
		return;
	hub_items_known(hub, entry.item);
	reply_set(reply, REPLY_OK, "%s", seen ? "" : "that bank has never been seen yet");
}
