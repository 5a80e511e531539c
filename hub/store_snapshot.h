/* Store: the whole view at once, as a snapshot beside the log, and as bytes to compare. */
#ifndef LENDLOCK_HUB_STORE_SNAPSHOT_H
#define LENDLOCK_HUB_STORE_SNAPSHOT_H

#include "hub/rows.h"
#include "lib/store/database.h"

/* Puts all rows of the view into the snapshot, in place of what is there. */
void hub_snapshot_take(struct database *database);
/* Makes the view what the snapshot says; empty if there is none. */
void hub_snapshot_restore(struct database *database);
/* A hash over all tables of the view, row by row in the order of their keys. */
void hub_snapshot_hash(struct database *database, char ret_hash[static CONTENT_HASH_SIZE]);

#endif
