/* Retention: the log may be cut off at the front once the view at that point is stored beside it,
 * and what is long over leaves the view. */
#ifndef LENDLOCK_HUB_PRUNE_H
#define LENDLOCK_HUB_PRUNE_H

#include "hub/core.h"

/* Stores the view as a snapshot and deletes all but the newest log_keep events, when there are a
 * tenth more than that; and lets final rentals and payments go that are older than view_keep. Now
 * and then; outside a transaction. */
int hub_prune_tick(struct hub *hub);

#endif
