#include "lib/domain/renter.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

int renter_opaque(const char *key_hex, const char *user, char ret_renter[static NAME_SIZE])
{
	unsigned char key[32], hash[16];
	if (strlen(key_hex) != 2 * sizeof(key) ||
		sodium_hex2bin(key, sizeof(key), key_hex, 2 * sizeof(key), NULL, NULL, NULL) != 0)
		return -EINVAL;
	crypto_generichash(
		hash, sizeof(hash), (const unsigned char *)user, strlen(user), key, sizeof(key));
	sodium_bin2hex(ret_renter, NAME_SIZE, hash, sizeof(hash));
	sodium_memzero(key, sizeof(key));
	return 0;
}
