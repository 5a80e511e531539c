/* Managers' acts upon renters have this in common. */
#ifndef LENDLOCK_HUB_RENTERS_H
#define LENDLOCK_HUB_RENTERS_H

#include "hub/core.h"

/* The renter's row, or one with nothing but its opaque id. Whether there was one. */
bool hub_renters_get(struct hub *hub, const char *user, struct renter_record *ret_renter);

#endif
