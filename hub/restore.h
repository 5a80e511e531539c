/* The hub's own database may have been restored from a backup: kiosks then know more of it than it
 * does. It says so with a new generation, which orders before all revisions. */
#ifndef LENDLOCK_HUB_RESTORE_H
#define LENDLOCK_HUB_RESTORE_H

#include "hub/core.h"

/* How far ahead of its own a hub believes that it was, before it was restored. */
#define HUB_GENERATION_AHEAD (INT64_C(1) << 20)

/* Raises the generation if a kiosk's status shows a desired state that this hub never said, or an
 * ack that it never gave; if it was raised just before, after a while. One of an epoch that the
 * kiosk has left it acks as far as it knows that one. */
void hub_restore_check(
	struct hub *hub, struct hub_bank *bank, const struct kiosk_status_record *status);
void hub_restore_tick(struct hub *hub);
usec hub_restore_next_due(const struct hub *hub); /* elapsed */

#endif
