/* UUIDs as text, version 7 (RFC 9562, 5.7): made by whoever acts, ordered by time. */
#ifndef LENDLOCK_BASE_UUID_H
#define LENDLOCK_BASE_UUID_H

#include "lib/base/time.h"
#include "lib/ports/random.h"

#include <stdbool.h>

#define UUID_SIZE 37 /* lower-case text with the final NUL */

void uuid_make(usec wall, struct random_port *random, char ret_uuid[static UUID_SIZE]);
bool uuid_is_valid(const char *text); /* any version, lower case */
/* When a valid one of version 7 was made, by its maker's clock, to the millisecond; 0 for others. */
usec uuid_time(const char *uuid);

#endif
