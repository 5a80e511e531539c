/*
 * What must be true of a site whose trouble is over and whose daemons have stopped, whatever
 * happened before. It is read out of the files.
 */
#ifndef LENDLOCK_TESTS_SIMULATOR_CHECK_H
#define LENDLOCK_TESTS_SIMULATOR_CHECK_H

#include "tests/simulator/world.h"

/* Each violation is a world_wrong(). */
void world_check(struct world *world);

#endif
