/* How much of the view one bank may fill. The view holds what is open, and a bank that is broken,
 * or another's program under its name, must not fill it without end. */
#ifndef LENDLOCK_HUB_ROOM_H
#define LENDLOCK_HUB_ROOM_H

#include "hub/core.h"
#include "hub/event.h"

/* Of each kind, open or strange ones; a sound bank keeps below BANK_RENTALS_MAX and the like. */
#define HUB_ROOM_MAX 2048

/* Whether the event would make one row too many, and why. Alerts once. Inside the transaction. */
bool hub_room_lacks(
	struct hub *hub, const struct hub_event *event, char why[static RECORD_WHY_SIZE]);

/* The same for what the hub itself would say against the bank. */
#define HUB_ROOM_ALERT "view-full"
bool hub_room_lacks_alert(struct hub *hub, const char *kiosk);

#endif
