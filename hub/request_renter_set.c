#include "hub/core.h"
#include "hub/renters.h"
#include "hub/request.h"
#include "hub/store_renter.h"
#include "hub/views.h"

void hub_request_renter_set(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	struct renter_record renter;
	hub_renters_get(hub, request->args.user, &renter);
	TEXT_COPY(renter.user, request->args.user);
	TEXT_COPY(renter.name, request->args.name);
	TEXT_COPY(renter.contact, request->args.contact);
	hub_renter_put(hub->database, &renter);
	hub_views_all_changed(hub);
	reply_set(reply, REPLY_OK, "%s", "");
}
