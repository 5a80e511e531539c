/* The layer of a file. inih takes it apart; here is what it does not do: count the lines, and tell
 * all that is wrong with each. */
#include "lib/config/loader.h"
#include "lib/config/name.h"
#include "lib/config/text.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct config_loader *loader;
	FILE *stream;
	struct config_origin origin; /* of the line being read */
	bool open;                   /* that line should be a key and a value, and none came */

	/* The section that it is in: none, a plain one, an element of an array, or unknown. */
	char section[CONFIG_KEY_SIZE];
	const struct config_section *array;
	size_t element;
	bool unknown;
};

static bool is_plain_section(const struct config_table *table, const char *name)
{
	for (size_t i = 0; i < table->keys_count; i++)
		if (table->keys[i].section && strcmp(table->keys[i].section, name) == 0)
			return true;
	return false;
}

/* "compartment 3" is element 2 of "compartment". As numbers are written: no zeros before it. */
static bool is_element(const struct config_section *array, const char *name, size_t *ret_element)
{
	size_t prefix = strlen(array->prefix);
	if (strncmp(name, array->prefix, prefix) != 0 || name[prefix] != ' ')
		return false;
	const char *number = name + prefix + strspn(name + prefix, " ");
	size_t digits = strspn(number, "0123456789");
	if (digits < 1 || digits > 4 || number[digits] != '\0' || number[0] == '0')
		return false;
	unsigned long element = strtoul(number, NULL, 10);
	if (element > array->count)
		return false;
	*ret_element = element - 1;
	return true;
}

static const char *nearest_section(const struct config_table *table, const char *name)
{
	const char *best = NULL;
	size_t distance = SIZE_MAX;
	for (size_t i = 0; i < table->keys_count; i++)
		if (table->keys[i].section &&
			config_name_is_nearer(name, table->keys[i].section, &distance))
			best = table->keys[i].section;
	return best;
}

static void tell_unknown_section(struct reader *reader)
{
	const struct config_table *table = reader->loader->table;
	char word[CONFIG_KEY_SIZE];
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(reader->section, " 0123456789"),
		reader->section);
	for (size_t i = 0; i < table->sections_count; i++) {
		const struct config_section *array = &table->sections[i];
		if (config_name_distance(word, array->prefix) > 2)
			continue;
		config_loader_error(reader->loader, &reader->origin,
			"[%s] is not known: want a section from [%s 1] to [%s %zu]",
			reader->section, array->prefix, array->prefix, array->count);
		return;
	}
	const char *nearest = nearest_section(table, reader->section);
	config_loader_error(reader->loader, &reader->origin, "[%s] is not known%s%s%s",
		reader->section, nearest ? ": did you mean [" : "", nearest ? nearest : "",
		nearest ? "]?" : "");
}

static void enter_section(struct reader *reader)
{
	const struct config_table *table = reader->loader->table;
	reader->unknown = false;
	reader->array = NULL;
	if (is_plain_section(table, reader->section))
		return;
	for (size_t i = 0; i < table->sections_count; i++) {
		const struct config_section *array = &table->sections[i];
		if (!is_element(array, reader->section, &reader->element))
			continue;
		reader->array = array;
		*config_loader_element_given(reader->loader, array, reader->element) = true;
		return;
	}
	reader->unknown = true;
	tell_unknown_section(reader);
}

/* line begins with '['. */
static void read_header(struct reader *reader, const char *line)
{
	const char *name = line + 1 + strspn(line + 1, " \t");
	const char *end = strchr(name, ']');
	const char *rest = end ? end + 1 + strspn(end + 1, " \t\r\n") : NULL;
	if (!end || (*rest != '\0' && *rest != ';' && *rest != '#')) {
		reader->unknown = true;
		config_loader_error(reader->loader, &reader->origin,
			"want a section as in [section], or key = value");
		return;
	}
	while (end > name && isblank((unsigned char)end[-1]))
		end--;
	snprintf(reader->section, sizeof(reader->section), "%.*s", (int)(end - name), name);
	enter_section(reader);
}

static const struct config_key *keys_here(const struct reader *reader, size_t *ret_count)
{
	*ret_count = reader->array ? reader->array->keys_count : reader->loader->table->keys_count;
	return reader->array ? reader->array->keys : reader->loader->table->keys;
}

static bool is_here(const struct reader *reader, const struct config_key *key)
{
	return reader->array || strcmp(key->section ? key->section : "", reader->section) == 0;
}

/* Where else a key of this name belongs, in words. */
static bool find_elsewhere(
	const struct config_table *table, const char *name, char *ret_place, size_t size)
{
	for (size_t i = 0; i < table->keys_count; i++) {
		if (strcmp(table->keys[i].key, name) != 0)
			continue;
		if (table->keys[i].section)
			snprintf(ret_place, size, "in [%s]", table->keys[i].section);
		else
			snprintf(ret_place, size, "before the first section");
		return true;
	}
	for (size_t i = 0; i < table->sections_count; i++) {
		for (size_t k = 0; k < table->sections[i].keys_count; k++) {
			if (strcmp(table->sections[i].keys[k].key, name) != 0)
				continue;
			snprintf(ret_place, size, "in a section as [%s 1]",
				table->sections[i].prefix);
			return true;
		}
	}
	return false;
}

static void tell_unknown_key(struct reader *reader, const char *name)
{
	const struct config_key *best = NULL;
	size_t distance = SIZE_MAX, count;
	const struct config_key *keys = keys_here(reader, &count);
	for (size_t i = 0; i < count; i++)
		if (is_here(reader, &keys[i]) &&
			config_name_is_nearer(name, keys[i].key, &distance))
			best = &keys[i];
	char place[CONFIG_KEY_SIZE];
	if (best)
		config_loader_error(reader->loader, &reader->origin,
			"%s is not known: did you mean %s?", name, best->key);
	else if (find_elsewhere(reader->loader->table, name, place, sizeof(place)))
		config_loader_error(reader->loader, &reader->origin,
			"%s does not belong here, but %s", name, place);
	else
		config_loader_error(reader->loader, &reader->origin, "%s is not known", name);
}

/* inih's handler: key and value of the line that next_line() handed out last. */
static int handle(void *user, const char *section, const char *name, const char *value)
{
	(void)section; /* known already, and whole */
	struct reader *reader = user;
	reader->open = name[0] == '\0'; /* "= 3": told with the next line */
	if (reader->unknown || reader->open)
		return 1;
	size_t count;
	const struct config_key *keys = keys_here(reader, &count);
	for (size_t i = 0; i < count; i++) {
		if (!is_here(reader, &keys[i]) || strcmp(keys[i].key, name) != 0)
			continue;
		struct config_field field = reader->array
						    ? config_loader_element(reader->loader,
							      reader->array, reader->element, i)
						    : config_loader_plain(reader->loader, i);
		config_loader_set(reader->loader, &reader->origin, &field, name, value);
		return 1;
	}
	tell_unknown_key(reader, name);
	return 1;
}

static void skip_line(FILE *stream)
{
	int c;
	do
		c = fgetc(stream);
	while (c != EOF && c != '\n');
}

/* inih's reader: the next line, without blanks before it, lest inih takes it for more of the value
 * before. */
static char *next_line(char *line, int size, void *stream)
{
	struct reader *reader = stream;
	if (reader->open)
		config_loader_error(reader->loader, &reader->origin, "want key = value");
	reader->open = false;
	if (!fgets(line, size, reader->stream))
		return NULL;
	reader->origin.line++;
	if (!strchr(line, '\n') && !feof(reader->stream)) {
		config_loader_error(reader->loader, &reader->origin,
			"the line is longer than %d bytes", size - 2);
		skip_line(reader->stream);
		line[0] = '\0';
	}
	const char *start = line;
	if (reader->origin.line == 1 && strncmp(start, "\xEF\xBB\xBF", 3) == 0)
		start += 3; /* a byte order mark */
	start += strspn(start, " \t\r\n");
	memmove(line, start, strlen(start) + 1);
	if (line[0] == '[')
		read_header(reader, line);
	else
		reader->open = line[0] != '\0' && line[0] != ';' && line[0] != '#';
	return line;
}

void config_loader_read_file(struct config_loader *loader, const char *path, bool must_exist)
{
	struct reader reader = {.loader = loader, .origin = {.file = path}};
	config_loader_begin_layer(loader);
	reader.stream = fopen(path, "re");
	if (!reader.stream && errno == ENOENT && !must_exist)
		return;
	struct config_origin whole = {.where = path};
	if (!reader.stream) {
		config_loader_error(loader, &whole, "cannot be read: %s", strerror(errno));
		loader->unread = true;
		return;
	}
	errno = 0;
	ini_parse_stream(next_line, &reader, handle, &reader);
	if (ferror(reader.stream)) {
		config_loader_error(loader, &whole, "cannot be read: %s", strerror(errno));
		loader->unread = true;
	}
	fclose(reader.stream);
}
