/* What a disk and a memory do to a node. */
#ifndef LENDLOCK_TESTS_SIMULATOR_TROUBLE_DISK_H
#define LENDLOCK_TESTS_SIMULATOR_TROUBLE_DISK_H

#include "tests/simulator/trouble.h"

void trouble_disk_fails(struct world *world, struct trouble *trouble);
void trouble_disk_sync_fails(struct world *world, struct trouble *trouble);
void trouble_disk_full(struct world *world, struct trouble *trouble);
void trouble_memory_short(struct world *world, struct trouble *trouble);

#endif
