#include "hub/core.h"
#include "hub/renters.h"
#include "hub/request.h"
#include "hub/store_renter.h"
#include "hub/views.h"

/* What is left is an id that names nobody; a block stays upon it. */
void hub_request_renter_erase(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	struct renter_record renter;
	if (!hub_renters_get(hub, request->args.user, &renter)) {
		reply_set(reply, REPLY_NOT_FOUND, "nothing is stored about %s", request->args.user);
		return;
	}
	renter.user[0] = renter.name[0] = renter.contact[0] = '\0';
	if (renter.blocked)
		hub_renter_put(hub->database, &renter);
	else
		hub_renter_delete(hub->database, renter.renter);
	hub_views_all_changed(hub);
	reply_set(reply, REPLY_OK, "%s", "");
}
