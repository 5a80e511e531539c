/* What can be configured of a payment adapter; config.c has the table. */
#ifndef LENDLOCK_PAYMENT_ADAPTER_CONFIG_H
#define LENDLOCK_PAYMENT_ADAPTER_CONFIG_H

#include "lib/ports/daemon.h"
#include "payment-adapter/adapter.h"

enum provider_driver { DRIVER_SANDBOX };

struct adapter_config {
	char site[NAME_SIZE], name[NAME_SIZE];
	char database[256];
	int log_level; /* index: error, warning, info, debug */
	bool clock_trusted;
	struct broker_config broker;
	int driver; /* enum provider_driver */
	struct adapter_settings settings;
	char sandbox_database[256];
	usec sandbox_delay, sandbox_spread, sandbox_slow, sandbox_timeout;
};

extern const struct config_table adapter_config_table;

#endif
