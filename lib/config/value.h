/* One configuration value: from text to its field and back, and in words. For lib/config alone. */
#ifndef LENDLOCK_CONFIG_VALUE_H
#define LENDLOCK_CONFIG_VALUE_H

#include "lib/config/config.h"

#define CONFIG_VALUE_SIZE 1536 /* room for any value as text, and for what is wanted instead */

/* Stores text in field. 0; or 1 and in ret_want (CONFIG_VALUE_SIZE) what would be right; then the
 * field is untouched. Reads the file of a password. */
int config_value_parse(const struct config_key *key, const char *text, void *field, char *ret_want);

/* The value as text that config_value_parse() takes. Of a password: nothing. */
void config_value_format(const struct config_key *key, const void *field, char *ret_text);

/* What a value must be: "a duration from 1 min to 24 h". */
void config_value_describe(const struct config_key *key, char *ret_text);

/* The default, or the example if there is none; NULL if there is neither. */
const char *config_value_sample(const struct config_key *key);

#endif
