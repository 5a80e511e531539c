/* What keys are called in the three places that they can stand. For lib/config alone. */
#ifndef LENDLOCK_CONFIG_NAME_H
#define LENDLOCK_CONFIG_NAME_H

#include "lib/config/config.h"

#define CONFIG_KEY_SIZE 128 /* room for any name, cut if longer */

/* broker_uri, of [broker] uri */
void config_name_full(const struct config_key *key, char *ret_name);
/* --broker-uri */
void config_name_option(const struct config_key *key, char *ret_name);
/* LENDLOCK_BROKER_URI */
void config_name_variable(const struct config_key *key, char *ret_name);

/* How many characters must be put in, taken out or changed to make b of a (Levenshtein). Strings
 * of CONFIG_KEY_SIZE and more are as far apart as can be: CONFIG_KEY_SIZE. */
size_t config_name_distance(const char *a, const char *b);

/* Whether candidate could have been meant by name, and is nearer to it than *distance, which it
 * then becomes. Start with SIZE_MAX. */
bool config_name_is_nearer(const char *name, const char *candidate, size_t *distance);

#endif
