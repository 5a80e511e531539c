#include "lib/config/name.h"

#include <ctype.h>
#include <string.h>

void config_name_full(const struct config_key *key, char *ret_name)
{
	snprintf(ret_name, CONFIG_KEY_SIZE, "%s%s%s", key->section ? key->section : "",
		key->section ? "_" : "", key->key);
}

void config_name_option(const struct config_key *key, char *ret_name)
{
	char full[CONFIG_KEY_SIZE];
	config_name_full(key, full);
	snprintf(ret_name, CONFIG_KEY_SIZE, "--%.*s", CONFIG_KEY_SIZE - 3, full);
	for (char *c = ret_name; *c; c++)
		if (*c == '_')
			*c = '-';
}

void config_name_variable(const struct config_key *key, char *ret_name)
{
	char full[CONFIG_KEY_SIZE];
	config_name_full(key, full);
	snprintf(ret_name, CONFIG_KEY_SIZE, "LENDLOCK_%.*s", CONFIG_KEY_SIZE - 10, full);
	for (char *c = ret_name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Wagner and Fischer, The String-to-String Correction Problem, 1974; one row is kept. */
size_t config_name_distance(const char *a, const char *b)
{
	size_t rows = strlen(a), columns = strlen(b);
	if (rows >= CONFIG_KEY_SIZE || columns >= CONFIG_KEY_SIZE)
		return CONFIG_KEY_SIZE;
	size_t row[CONFIG_KEY_SIZE];
	for (size_t j = 0; j <= columns; j++)
		row[j] = j;
	for (size_t i = 1; i <= rows; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= columns; j++) {
			size_t change = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			row[j] = least(change, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[columns];
}

bool config_name_is_nearer(const char *name, const char *candidate, size_t *distance)
{
	size_t length = strlen(name);
	size_t found = config_name_distance(name, candidate);
	/* Two slips, or one in three letters: more than that is another word. */
	if (found > (length > 6 ? length / 3 : 2) || found >= *distance)
		return false;
	*distance = found;
	return true;
}
