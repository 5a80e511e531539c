/* Store: renters, the one table with persons in it. */
#ifndef LENDLOCK_HUB_STORE_RENTER_H
#define LENDLOCK_HUB_STORE_RENTER_H

#include "lib/store/database.h"
#include "lib/wire/records.h"

bool hub_renter_get(
	struct database *database, const char *renter, struct renter_record *ret_renter);
void hub_renter_put(struct database *database, const struct renter_record *renter);
void hub_renter_delete(struct database *database, const char *renter);
/* Column renter, in order. */
struct query *hub_renter_blocked(struct database *database, int64_t limit);
int64_t hub_renter_count_blocked(struct database *database);

#endif
