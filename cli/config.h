/* Where the broker is, who asks, and at which bank: from options, environment and a file. */
#ifndef LENDLOCK_CLI_CONFIG_H
#define LENDLOCK_CLI_CONFIG_H

#include "lib/config/config.h"

struct cli_config {
	char broker[256];
	char user[NAME_SIZE];
	char password[256];
	char ca_file[256], cert_file[256], key_file[256];
	char site[NAME_SIZE];
	char kiosk[NAME_SIZE]; /* "": none chosen */
	usec timeout;          /* for the broker to be reached */
	usec patience;         /* for a reply; a request lives so long */
};

extern const struct config_table cli_config_table;

#endif
