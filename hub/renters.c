#include "hub/renters.h"

#include "hub/store_renter.h"

#include <stdlib.h>

bool hub_renters_get(struct hub *hub, const char *user, struct renter_record *ret_renter)
{
	char renter[NAME_SIZE];
	if (renter_opaque(hub->node.renter_key, user, renter) < 0)
		abort(); /* the key is the hub's own */
	bool there = hub_renter_get(hub->database, renter, ret_renter);
	TEXT_COPY(ret_renter->renter, renter);
	return there;
}
