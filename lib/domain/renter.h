/* The opaque id under which a renter stands in events: no name leaves the hub's one table. */
#ifndef LENDLOCK_DOMAIN_RENTER_H
#define LENDLOCK_DOMAIN_RENTER_H

#include "lib/base/text.h"

#define RENTER_KEY_SIZE 65 /* 64 hex digits and the final NUL */

/* 32 hex digits: keyed BLAKE2b (RFC 7693) of the user's name, 16 bytes of output. key_hex: 64 hex
 * digits. 0, or -EINVAL if the key is none. */
int renter_opaque(const char *key_hex, const char *user, char ret_renter[static NAME_SIZE]);

#endif
