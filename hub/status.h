/* Birth and will of kiosks: who is alive, and what they have applied. Live; nothing of it is
 * folded. */
#ifndef LENDLOCK_HUB_STATUS_H
#define LENDLOCK_HUB_STATUS_H

#include "hub/core.h"

void hub_status_take(struct hub *hub, const char *kiosk, const struct mqtt_message *message);

#endif
