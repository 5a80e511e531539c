#include "hub/core.h"
#include "hub/request.h"
#include "hub/store_catalogue.h"

#include <stdlib.h>

void hub_request_catalogue(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	struct catalogue_record entry;
	if (!hub_catalogue_get(hub->database, request->args.item, &entry)) {
		reply_set(reply, REPLY_NOT_FOUND, "the catalogue has no %s", request->args.item);
		return;
	}
	reply->entry = malloc(sizeof(entry));
	if (!reply->entry)
		abort();
	*reply->entry = entry;
	reply_set(reply, REPLY_OK, "%s", "");
}
