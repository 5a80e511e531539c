#include "lib/ports/client_id.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* It stands in the broker's log, and must not make the password easy to find there. */
#define OPERATIONS crypto_pwhash_OPSLIMIT_INTERACTIVE
#define MEMORY     ((size_t)8 << 20)

int client_id_make(const char *name, const char *password, char ret_id[static CLIENT_ID_SIZE])
{
	unsigned char salt[crypto_pwhash_SALTBYTES], hash[CLIENT_ID_HEX / 2];
	char hex[CLIENT_ID_HEX + 1];
	snprintf(ret_id, CLIENT_ID_SIZE, "%s", name);
	if (!password[0])
		return 0;
	crypto_generichash(salt, sizeof(salt), (const unsigned char *)name, strlen(name), NULL, 0);
	if (crypto_pwhash(hash, sizeof(hash), password, strlen(password), salt, OPERATIONS, MEMORY,
		    crypto_pwhash_ALG_ARGON2ID13) != 0)
		return -ENOMEM;
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	snprintf(ret_id, CLIENT_ID_SIZE, "%s-%s", name, hex);
	return 0;
}
