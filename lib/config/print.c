/* The texts made from a table: --help and the file with comments. The man page is in man.c. */
#include "lib/config/config.h"
#include "lib/config/name.h"
#include "lib/config/value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_WIDTH 90

/* text in lines of at most TEXT_WIDTH bytes, each after prefix. */
static void print_wrapped(FILE *out, const char *prefix, const char *text)
{
	size_t room = TEXT_WIDTH - strlen(prefix), used = 0;
	while (*text) {
		size_t word = strcspn(text, " \n");
		if (used > 0 && used + 1 + word > room) {
			fputc('\n', out);
			used = 0;
		}
		fprintf(out, "%s%.*s", used > 0 ? " " : prefix, (int)word, text);
		used += word + (used > 0 ? 1 : 0);
		text += word;
		text += strspn(text, " \n");
	}
	fputc('\n', out);
}

/* "Help. (a duration from 1 min to 24 h; default: 15 min)" */
static void print_key_help(FILE *out, const char *prefix, const struct config_key *key)
{
	char what[CONFIG_VALUE_SIZE], text[2 * CONFIG_VALUE_SIZE];
	config_value_describe(key, what);
	snprintf(text, sizeof(text), "%s (%s; %s%s)", key->help, what,
		key->value ? "default: " : "must be set",
		!key->value     ? ""
		: key->value[0] ? key->value
				: "nothing");
	print_wrapped(out, prefix, text);
}

static const char *placeholder(const struct config_key *key)
{
	static const char *const words[] = {
		[CONFIG_NAME] = "NAME",
		[CONFIG_TEXT] = "TEXT",
		[CONFIG_PATH] = "PATH",
		[CONFIG_URI] = "URI",
		[CONFIG_PASSWORD] = "file:PATH",
		[CONFIG_INTEGER] = "NUMBER",
		[CONFIG_DURATION] = "DURATION",
		[CONFIG_BOOLEAN] = "yes|no",
		[CONFIG_CHOICE] = "WORD",
		[CONFIG_NAMES] = "NAME,NAME",
	};
	return words[key->type];
}

void config_print_help(const struct config_table *table, FILE *out)
{
	fprintf(out, "%s: %s\n\n", table->program, table->summary);
	fprintf(out, "  --config FILE    read FILE, not /etc/lendlock/%s.conf\n", table->name);
	fputs("  --help           print this\n"
	      "  --version        print the version\n"
	      "  --print-config   print the configuration in effect, as a file with comments\n"
	      "  --print-man      print the man page\n",
		out);
	if (table->option)
		fprintf(out, "  %-16s %c%.*s\n", table->option, tolower(table->option_help[0]),
			(int)strlen(table->option_help) - 2, table->option_help + 1);
	fputs("\nThe keys of the file; LENDLOCK_KEY in the environment beats the file, and these\n"
	      "options beat both:\n\n",
		out);
	for (size_t i = 0; i < table->keys_count; i++) {
		char name[CONFIG_KEY_SIZE];
		config_name_option(&table->keys[i], name);
		fprintf(out, "  %s=%s\n", name, placeholder(&table->keys[i]));
		print_key_help(out, "        ", &table->keys[i]);
	}
	for (size_t i = 0; i < table->sections_count; i++) {
		const struct config_section *section = &table->sections[i];
		fprintf(out, "\nIn the file alone, in sections [%s 1] to [%s %zu]:\n\n",
			section->prefix, section->prefix, section->count);
		for (size_t k = 0; k < section->keys_count; k++) {
			fprintf(out, "  %s = %s\n", section->keys[k].key,
				placeholder(&section->keys[k]));
			print_key_help(out, "        ", &section->keys[k]);
		}
	}
}

/* Whether text is what a field has without being set. */
static bool is_default(const struct config_key *key, const char *text)
{
	char usual[CONFIG_VALUE_SIZE], want[CONFIG_VALUE_SIZE];
	void *field = calloc(1, key->size);
	if (!field)
		abort();
	bool same = false;
	if (key->value && config_value_parse(key, key->value, field, want) == 0) {
		config_value_format(key, field, usual);
		same = strcmp(usual, text) == 0;
	}
	free(field);
	return same;
}

/* Whether a field that has no default was given none. */
static bool is_missing(const struct config_key *key, const char *text)
{
	char want[CONFIG_VALUE_SIZE];
	void *field = calloc(1, key->size);
	if (!field)
		abort();
	bool missing = !key->value && config_value_parse(key, text, field, want) != 0;
	free(field);
	return missing;
}

static void print_password(FILE *out, const struct config_key *key, const void *field)
{
	const char *sample = config_value_sample(key);
	if (*(const char *)field)
		fprintf(out, "# It is set, and not shown here.\n");
	fprintf(out, "#%s = %s\n", key->key, sample ? sample : "");
}

static void print_setting(FILE *out, const struct config_key *key, const void *field, bool comment)
{
	fputc('\n', out);
	print_key_help(out, "# ", key);
	if (key->type == CONFIG_PASSWORD) {
		print_password(out, key, field);
		return;
	}
	char text[CONFIG_VALUE_SIZE];
	config_value_format(key, field, text);
	bool usual = is_default(key, text);
	if (is_missing(key, text))
		snprintf(text, sizeof(text), "%s", key->example ? key->example : "");
	else if (usual && text[0] == '\0' && key->example)
		snprintf(text, sizeof(text), "%s", key->example);
	fprintf(out, "%s%s = %s\n", comment || usual ? "#" : "", key->key, text);
}

static void print_element(FILE *out, const struct config_section *section, const char *element,
	size_t number, bool given)
{
	fprintf(out, "\n%s[%s %zu]\n", given ? "" : "#", section->prefix, number);
	for (size_t k = 0; k < section->keys_count; k++)
		print_setting(out, &section->keys[k], element + section->keys[k].offset, !given);
}

static void print_array(FILE *out, const struct config_section *section, const char *array)
{
	fputc('\n', out);
	print_wrapped(out, "# ", section->help);
	bool any = false;
	for (size_t e = 0; e < section->count; e++) {
		const char *element = array + e * section->stride;
		if (!*(const bool *)(element + section->given))
			continue;
		print_element(out, section, element, e + 1, true);
		any = true;
	}
	if (!any)
		print_element(out, section, array, 1, false);
}

void config_print_file(const struct config_table *table, const void *config, FILE *out)
{
	char head[1024];
	snprintf(head, sizeof(head),
		"/etc/lendlock/%s.conf: the configuration of %s (%s). What is commented out with "
		"'#' and no blank after it is the default, or an example where there is none. A "
		"value in the environment (LENDLOCK_KEY) beats this file, and one on the command "
		"line beats both. %s --help tells the same in short.",
		table->name, table->program, table->summary, table->program);
	print_wrapped(out, "# ", head);
	const char *section = "";
	for (size_t i = 0; i < table->keys_count; i++) {
		const struct config_key *key = &table->keys[i];
		if (key->section && strcmp(key->section, section) != 0) {
			section = key->section;
			fprintf(out, "\n[%s]\n", section);
		}
		print_setting(out, key, (const char *)config + key->offset, false);
	}
	for (size_t i = 0; i < table->sections_count; i++)
		print_array(
			out, &table->sections[i], (const char *)config + table->sections[i].offset);
}
