/* The status views, retained: one message per bank with all that a manager sees of it, and one with
 * the number of banks, so that a reader knows whether it has all. */
#ifndef LENDLOCK_HUB_VIEWS_H
#define LENDLOCK_HUB_VIEWS_H

#include "hub/core.h"

#define HUB_VIEW_INTERVAL (250 * MSEC) /* a bank's view is published at most that often */

/* The bank's view may have changed; NULL: nothing. */
void hub_views_changed(struct hub *hub, struct hub_bank *bank);
void hub_views_all_changed(struct hub *hub);
/* What needs attention changes with time alone, too, and what was said long ago is said again:
 * looks at some banks, each time at others. */
void hub_views_recheck(struct hub *hub);
/* Publishes some of those that are due. Outside a transaction. */
void hub_views_publish(struct hub *hub);

/* A bank as managers see it; nothing to clear. */
void hub_views_bank(struct hub *hub, const struct bank_row *row, struct bank_record *ret_bank);

#endif
