/* Whether a table holds together. */
#include "lib/config/config.h"
#include "lib/config/name.h"
#include "lib/config/value.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct check {
	FILE *err;
	bool wrong;
};

__attribute__((format(printf, 3, 4))) static void expect(
	struct check *check, bool right, const char *format, ...)
{
	if (right)
		return;
	check->wrong = true;
	va_list args;
	va_start(args, format);
	vfprintf(check->err, format, args);
	va_end(args);
	fputc('\n', check->err);
}

static bool fits(const struct config_key *key)
{
	switch (key->type) {
	case CONFIG_NAME:
		return key->size == NAME_SIZE;
	case CONFIG_INTEGER:
		return key->size == sizeof(int) || key->size == sizeof(int64_t);
	case CONFIG_DURATION:
		return key->size == sizeof(usec);
	case CONFIG_BOOLEAN:
		return key->size == sizeof(bool);
	case CONFIG_CHOICE:
		return key->size == sizeof(int);
	case CONFIG_NAMES:
		return key->size == sizeof(struct config_names);
	default:
		return key->size >= 2 && key->size <= CONFIG_TEXT_SIZE_MAX;
	}
}

static void check_value(struct check *check, const struct config_key *key, const char *value)
{
	char want[CONFIG_VALUE_SIZE];
	/* The file of a password need not exist where the table is checked. */
	if (!value || (key->type == CONFIG_PASSWORD && strncmp(value, "file:", 5) == 0))
		return;
	void *field = calloc(1, key->size);
	if (!field)
		abort();
	int r = config_value_parse(key, value, field, want);
	expect(check, r == 0, "%s: %s: want %s", key->key, value, want);
	free(field);
}

/* size: of what the field lies in. */
static void check_key(struct check *check, const struct config_key *key, size_t size)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	size_t length = strlen(key->key);
	expect(check, length > 0 && length < 48 && strspn(key->key, characters) == length,
		"%s: not a name for a key", key->key);
	expect(check, key->help && key->help[0], "%s: no help", key->key);
	expect(check, key->offset + key->size <= size, "%s: outside of its struct", key->key);
	bool choices = key->type == CONFIG_CHOICE || key->type == CONFIG_URI;
	expect(check, !choices || (key->choices && key->choices[0]), "%s: no choices", key->key);
	expect(check, key->min <= key->max || key->max == 0, "%s: min beyond max", key->key);
	expect(check, fits(key), "%s: its field does not fit its type", key->key);
	expect(check, config_value_sample(key) || key->value, "%s: no example", key->key);
	if (check->wrong)
		return;
	check_value(check, key, key->value);
	check_value(check, key, key->example);
}

static void check_unique(struct check *check, const struct config_key *keys, size_t count)
{
	char name[CONFIG_KEY_SIZE], other[CONFIG_KEY_SIZE];
	for (size_t i = 0; i < count; i++) {
		config_name_option(&keys[i], name);
		for (size_t j = 0; j < i; j++) {
			config_name_option(&keys[j], other);
			expect(check, strcmp(name, other) != 0, "%s: twice", name);
		}
	}
}

static void check_order(struct check *check, const struct config_table *table)
{
	static const char *const taken[] = {
		"--config", "--help", "--version", "--print-config", "--print-man"};
	for (size_t i = 0; i < table->keys_count; i++) {
		const char *section = table->keys[i].section;
		const char *before = i > 0 ? table->keys[i - 1].section : NULL;
		bool same = section && before && strcmp(section, before) == 0;
		bool met = false;
		for (size_t j = 0; j < i && !same; j++)
			met = met ||
			      (table->keys[j].section &&
				      (!section || !strcmp(table->keys[j].section, section)));
		expect(check, !met, "%s: its section is torn apart", table->keys[i].key);
		char name[CONFIG_KEY_SIZE];
		config_name_option(&table->keys[i], name);
		for (size_t t = 0; t < sizeof(taken) / sizeof(taken[0]); t++)
			expect(check, strcmp(name, taken[t]) != 0, "%s: taken", name);
	}
}

static void check_array(
	struct check *check, const struct config_section *array, const struct config_table *table)
{
	expect(check, array->count >= 1 && array->count <= CONFIG_ELEMENTS_MAX,
		"[%s]: a wrong number of elements", array->prefix);
	expect(check, array->offset + array->count * array->stride <= table->size,
		"[%s]: outside of its struct", array->prefix);
	expect(check, array->given + sizeof(bool) <= array->stride,
		"[%s]: given is outside of its element", array->prefix);
	expect(check, array->help && array->help[0], "[%s]: no help", array->prefix);
	for (size_t k = 0; k < array->keys_count; k++) {
		check_key(check, &array->keys[k], array->stride);
		expect(check, !array->keys[k].section, "%s: a section in a section",
			array->keys[k].key);
	}
	check_unique(check, array->keys, array->keys_count);
}

int config_check_table(const struct config_table *table, FILE *err)
{
	struct check check = {.err = err};
	for (size_t i = 0; i < table->keys_count; i++)
		check_key(&check, &table->keys[i], table->size);
	check_unique(&check, table->keys, table->keys_count);
	check_order(&check, table);
	for (size_t i = 0; i < table->sections_count; i++)
		check_array(&check, &table->sections[i], table);
	return check.wrong ? -EINVAL : 0;
}
