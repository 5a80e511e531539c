/* What a daemon is called in its session at the broker. */
#ifndef LENDLOCK_PORTS_CLIENT_ID_H
#define LENDLOCK_PORTS_CLIENT_ID_H

#include "lib/base/text.h"

#define CLIENT_ID_HEX  32
#define CLIENT_ID_SIZE (NAME_SIZE + 1 + CLIENT_ID_HEX)

/* A broker lets everybody who may log in take over the session of any client id, so it is one that
 * nobody can guess who does not know the password: "{name}-{hash of both}". Without a password
 * (""): the name. 0, or -ENOMEM. */
int client_id_make(const char *name, const char *password, char ret_id[static CLIENT_ID_SIZE]);

#endif
