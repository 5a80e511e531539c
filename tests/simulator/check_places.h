/* Where things are, when peace has come: behind the doors, in the banks' files, and
 * in the hub's. */
#ifndef LENDLOCK_TESTS_SIMULATOR_CHECK_PLACES_H
#define LENDLOCK_TESTS_SIMULATOR_CHECK_PLACES_H

#include "lib/store/database.h"
#include "tests/simulator/world.h"

void check_places(
	struct world *world, const struct node *node, struct database *kiosk, struct database *hub);

#endif
