#include "lib/domain/item.h"

#include <stddef.h>

const char *const item_state_names[] = {
	[ITEM_NONE] = NULL,
	[ITEM_REGISTERED] = "registered",
	[ITEM_AVAILABLE] = "available",
	[ITEM_RESERVED] = "reserved",
	[ITEM_RENTED] = "rented",
	[ITEM_INSPECTION] = "inspection",
	[ITEM_BLOCKED] = "blocked",
	[ITEM_MOVING] = "moving",
	[ITEM_WITHDRAWN] = "withdrawn",
	[ITEM_UNKNOWN] = "unknown",
	NULL,
};
