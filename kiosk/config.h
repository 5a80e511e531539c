/* What can be configured of a kiosk; config.c has the table. */
#ifndef LENDLOCK_KIOSK_CONFIG_H
#define LENDLOCK_KIOSK_CONFIG_H

#include "kiosk/doors/bank.h"
#include "kiosk/doors/doors.h"
#include "lib/ports/daemon.h"

enum bank_driver { DRIVER_SIMULATED, DRIVER_GPIOD };

/* One [compartment N] of a gpiod bank. A line is -1 where there is none. */
struct compartment_config {
	bool given;
	char lock_chip[64], door_chip[64],
		presence_chip[64]; /* door and presence: "" = the lock's */
	int lock_line, door_line, presence_line;
	bool lock_active_low, door_active_low, presence_active_low;
	int door_bias, presence_bias; /* enum gpiod_wiring_bias */
};

struct kiosk_config {
	char site[NAME_SIZE], name[NAME_SIZE];
	char database[256];
	int log_level; /* index: error, warning, info, debug */
	bool clock_trusted;
	struct broker_config broker;
	int driver; /* enum bank_driver */
	int doors;
	bool sensors;
	usec open_after, close_after; /* of a simulated bank's people */
	struct doors_settings timing;
	struct compartment_config compartments[BANK_COMPARTMENTS_MAX];
};

extern const struct config_table kiosk_config_table;

#endif
