/* Where an item stands. The kiosk it lies at decides; the hub records. */
#ifndef LENDLOCK_DOMAIN_ITEM_H
#define LENDLOCK_DOMAIN_ITEM_H

#include <stdbool.h>

enum item_state {
	ITEM_NONE,	 /* absent */
	ITEM_REGISTERED, /* in the catalogue, not yet behind a door. Next: available, moving, withdrawn */
	ITEM_AVAILABLE,	 /* behind a door, can be reserved. Next: reserved, blocked, moving, withdrawn */
	ITEM_RESERVED,	 /* behind a door, for one rental. Next: available, rented, blocked, inspection */
	ITEM_RENTED,	 /* out, or on its way out. Next: available, inspection, blocked */
	ITEM_INSPECTION, /* behind a door, or believed so; a person looks first. Next: any but rented */
	ITEM_BLOCKED,	 /* not lent, for repair. Next: available, moving, withdrawn */
	ITEM_MOVING,	 /* leaves its bank: not offered anywhere until released. Next: registered */
	ITEM_WITHDRAWN,	 /* deleted; final. What lies behind the door is collected by a manager */
	ITEM_UNKNOWN,	 /* the hub could not read an event about it; a person or a replay ends that */
};

extern const char *const item_state_names[];

#endif
