#include "lib/config/loader.h"

#include "lib/config/value.h"

#include <stdarg.h>
#include <string.h>

#define FOUND_MAX 80 /* bytes shown of what was found */

size_t config_loader_slots(const struct config_table *table)
{
	size_t slots = table->keys_count;
	for (size_t i = 0; i < table->sections_count; i++)
		slots += table->sections[i].count * table->sections[i].keys_count;
	return slots;
}

struct config_field config_loader_plain(struct config_loader *loader, size_t key)
{
	const struct config_key *found = &loader->table->keys[key];
	return (struct config_field){
		.key = found,
		.slot = key,
		.field = (char *)loader->config + found->offset,
	};
}

static char *element_of(
	struct config_loader *loader, const struct config_section *section, size_t element)
{
	return (char *)loader->config + section->offset + element * section->stride;
}

struct config_field config_loader_element(struct config_loader *loader,
	const struct config_section *section, size_t element, size_t key)
{
	size_t slot = loader->table->keys_count;
	for (const struct config_section *s = loader->table->sections; s != section; s++)
		slot += s->count * s->keys_count;
	return (struct config_field){
		.key = &section->keys[key],
		.slot = slot + element * section->keys_count + key,
		.field = element_of(loader, section, element) + section->keys[key].offset,
	};
}

bool *config_loader_element_given(
	struct config_loader *loader, const struct config_section *section, size_t element)
{
	return (bool *)(element_of(loader, section, element) + section->given);
}

void config_loader_error(
	struct config_loader *loader, const struct config_origin *origin, const char *format, ...)
{
	char line[4096];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* What stands in a file must not steer the terminal of who looks after it. */
	for (char *c = line; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	if (origin->file)
		fprintf(loader->err, "%s:%d: %s\n", origin->file, origin->line, line);
	else
		fprintf(loader->err, "%s: %s\n", origin->where, line);
	loader->wrong = true;
}

void config_loader_begin_layer(struct config_loader *loader)
{
	memset(loader->seen, 0, config_loader_slots(loader->table) * sizeof(loader->seen[0]));
}

static bool is_second(struct config_loader *loader, const struct config_origin *origin,
	const struct config_field *field, const char *name)
{
	int first = loader->seen[field->slot];
	loader->seen[field->slot] = origin->line;
	if (first == 0)
		return false;
	if (origin->file)
		config_loader_error(loader, origin,
			"%s is set a second time; line %d has it already", name, first);
	else
		config_loader_error(loader, origin, "%s is set a second time", name);
	return true;
}

void config_loader_set(struct config_loader *loader, const struct config_origin *origin,
	const struct config_field *field, const char *name, const char *text)
{
	loader->given[field->slot] = true;
	if (is_second(loader, origin, field, name))
		return;
	char want[CONFIG_VALUE_SIZE];
	if (config_value_parse(field->key, text, field->field, want) == 0)
		return;
	if (field->key->type == CONFIG_PASSWORD)
		config_loader_error(loader, origin, "%s: want %s", name, want);
	else
		config_loader_error(loader, origin, "%s = %.*s%s: want %s", name, FOUND_MAX, text,
			strlen(text) > FOUND_MAX ? "..." : "", want);
}
