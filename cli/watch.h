/* Messages as lines for people. */
#ifndef LENDLOCK_CLI_WATCH_H
#define LENDLOCK_CLI_WATCH_H

#include "lib/ports/mqtt.h"

#include <stdbool.h>
#include <stdio.h>

/* Prints a message as one line (a batch of events as one each), or with json as one JSON text. now:
 * wall. */
void watch_print(const struct mqtt_message *message, usec now, bool json, FILE *out);

#endif
