#include "hub/core.h"
#include "hub/desired.h"
#include "hub/renters.h"
#include "hub/request.h"
#include "hub/store_renter.h"

/* All kiosks hear of it; one that is offline goes by the last list it had. */
void hub_request_renter_block(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	struct renter_record renter;
	bool block = request->args.blocked;
	hub_renters_get(hub, request->args.user, &renter);
	if (block && !renter.blocked &&
		hub_renter_count_blocked(hub->database) >= HUB_BLOCKED_MAX) {
		reply_set(reply, REPLY_LIMIT, "%d renters are blocked already", HUB_BLOCKED_MAX);
		return;
	}
	if (renter.blocked != block) {
		renter.blocked = block;
		TEXT_COPY(renter.user, request->args.user);
		hub_renter_put(hub->database, &renter);
		hub_desired_all_changed(hub);
	}
	reply_set(reply, REPLY_OK, "%s", "");
}
