/* What can be configured of a hub; config.c has the table. */
#ifndef LENDLOCK_HUB_CONFIG_H
#define LENDLOCK_HUB_CONFIG_H

#include "lib/ports/daemon.h"

struct hub_config {
	char site[NAME_SIZE], name[NAME_SIZE], ledger[NAME_SIZE];
	struct config_names managers;
	char database[256];
	int log_level; /* index: error, warning, info, debug */
	bool clock_trusted;
	int64_t log_keep;
	usec view_keep;
	struct broker_config broker;
	usec hold, extend, hold_max, pickup, lost, report_within;
	int64_t rentals_max;
};

extern const struct config_table hub_config_table;

#endif
