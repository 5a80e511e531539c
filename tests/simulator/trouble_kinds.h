/* The kinds of trouble, by what they befall; see trouble_kinds.c for the list. */
#ifndef LENDLOCK_TESTS_SIMULATOR_TROUBLE_KINDS_H
#define LENDLOCK_TESTS_SIMULATOR_TROUBLE_KINDS_H

#include "tests/simulator/world.h"

typedef void trouble_strike(struct world *world, struct trouble *trouble);

/* trouble_network.c */
trouble_strike trouble_broker, trouble_old_store, trouble_cut, trouble_split, trouble_half_open,
	trouble_reset, trouble_storm;
/* What the network is like without any of these. */
struct broker_faults trouble_weather(struct world *world);

/* trouble_machines.c */
trouble_strike trouble_crash, trouble_clock_jump, trouble_clock_drift, trouble_clock_1970;
struct node *trouble_some_node(struct world *world, struct trouble *trouble);

/* trouble_disk.c */
trouble_strike trouble_disk_fails, trouble_disk_sync_fails, trouble_disk_full, trouble_memory_short;

/* trouble_copies.c */
trouble_strike trouble_copy_kiosk, trouble_copy_busy, trouble_copy_hub, trouble_copy_ledger,
	trouble_new_board;

/* trouble_twin.c */
trouble_strike trouble_twin;

/* trouble_strangers.c: a second hub, and somebody in between */
trouble_strike trouble_foreign_ack, trouble_stuck;
/* Whether somebody holds that message up. */
bool trouble_holds_up(
	struct world *world, const struct node *node, const struct mqtt_message *message);

/* trouble_people.c: the provider, doors, managers */
trouble_strike trouble_provider_down, trouble_provider_slow, trouble_jam, trouble_force,
	trouble_noise, trouble_blind, trouble_block, trouble_withdraw, trouble_move;

#endif
