/* Retention: the log may be cut off at the front once the view at that point is stored beside it.
 */
#ifndef LENDLOCK_HUB_PRUNE_H
#define LENDLOCK_HUB_PRUNE_H

#include "hub/core.h"

/* Stores the view as a snapshot and deletes all but the newest log_keep events, when there are a
 * tenth more than that. Now and then; outside a transaction. */
int hub_prune_tick(struct hub *hub);

#endif
