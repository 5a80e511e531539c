#include "lib/domain/renter.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void renter_opaque(const char *key, const char *user, char ret_renter[static NAME_SIZE])
{
	unsigned char bytes[RENTER_KEY_HEX / 2], hash[16];
	if (sodium_hex2bin(bytes, sizeof(bytes), key, strlen(key), NULL, NULL, NULL) != 0 ||
		crypto_generichash(hash, sizeof(hash), (const unsigned char *)user, strlen(user),
			bytes, sizeof(bytes)) != 0)
		abort(); /* the key is checked where it comes in */
	sodium_bin2hex(ret_renter, NAME_SIZE, hash, sizeof(hash));
}
