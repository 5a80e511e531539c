/* The hub's own database may have been restored from a backup: kiosks then know more of it than it
 * does. It says so with a new generation, which orders before all revisions. */
#ifndef LENDLOCK_HUB_RESTORE_H
#define LENDLOCK_HUB_RESTORE_H

#include "hub/core.h"

/* Raises the generation if a kiosk's status shows a desired state that this hub never said, or an
 * ack that it never gave. */
void hub_restore_check(
	struct hub *hub, struct hub_bank *bank, const struct kiosk_status_record *status);

#endif
