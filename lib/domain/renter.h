/* Renters in events are opaque: a keyed hash of the user name. The key is the hub's, one per site, so the
 * same person has the same id at every bank, and nobody without the key can name them. */
#ifndef LENDLOCK_DOMAIN_RENTER_H
#define LENDLOCK_DOMAIN_RENTER_H

#include "lib/base/text.h"

#define RENTER_KEY_HEX 64

/* key: RENTER_KEY_HEX hex digits. 128 bit of BLAKE2b (RFC 7693) as 32 hex digits. */
void renter_opaque(const char *key, const char *user, char ret_renter[static NAME_SIZE]);

#endif
