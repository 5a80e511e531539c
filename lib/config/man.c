/* The man page, in the man macros of roff (man(7)). */
#include "lib/config/config.h"
#include "lib/config/name.h"
#include "lib/config/roff.h"
#include "lib/config/value.h"

#include <string.h>

/* Paragraphs, with an empty line in between. */
static void print_paragraphs(FILE *out, const char *text)
{
	while (*text) {
		const char *end = strstr(text, "\n\n");
		size_t length = end ? (size_t)(end - text) : strlen(text);
		char paragraph[4096];
		snprintf(paragraph, sizeof(paragraph), "%.*s", (int)length, text);
		fputs(".PP\n", out);
		roff_print(out, paragraph);
		fputc('\n', out);
		text += length;
		text += strspn(text, "\n");
	}
}

static void print_item(FILE *out, const char *bold, const char *rest)
{
	fputs(".TP\n\\fB", out);
	roff_print(out, bold);
	fputs("\\fR", out);
	roff_print(out, rest);
	fputc('\n', out);
}

static void print_key(FILE *out, const struct config_key *key)
{
	char what[CONFIG_VALUE_SIZE];
	config_value_describe(key, what);
	print_item(out, key->key, "");
	roff_print(out, key->help);
	fputs("\nWanted: ", out);
	roff_print(out, what);
	if (!key->value) {
		fputs(". It must be set", out);
	} else {
		fputs(". Default: ", out);
		roff_print(out, key->value[0] ? key->value : "nothing");
	}
	if (key->example) {
		fputs(". Example: ", out);
		roff_print(out, key->example);
	}
	fputs(".\n", out);
}

static void print_options(const struct config_table *table, FILE *out)
{
	fputs(".SH OPTIONS\n", out);
	print_item(out, "--config", " FILE");
	roff_print(out, "Read FILE, which must exist.\n");
	print_item(out, "--KEY=VALUE", "");
	roff_print(out, "Set a key of the configuration; '_' may be written as '-'. Passwords are "
			"taken as file:PATH only.\n");
	if (table->option) {
		print_item(out, table->option, "");
		roff_print(out, table->option_help);
		fputc('\n', out);
	}
	print_item(out, "--print-config", "");
	roff_print(out, "Print the configuration in effect as a file with comments, and exit.\n");
	print_item(out, "--print-man", "");
	roff_print(out, "Print this page in roff, and exit.\n");
	print_item(out, "--help, --version", "");
	fprintf(out, "Print a summary of all keys, or the version (%s), and exit.\n",
		LENDLOCK_VERSION);
}

static void print_keys(const struct config_table *table, FILE *out)
{
	fputs(".SH CONFIGURATION\n", out);
	print_paragraphs(out,
		"Lines of the file are key = value, [section], or comments after '#' or ';'. A "
		"comment "
		"may also follow a value after ' ;'. A line has at most 198 bytes. Durations are a "
		"whole number and us, ms, s, min, h or d. An unknown key, a key set twice and a "
		"value "
		"out of its bounds are errors; all of them are listed before the daemon gives up.");
	const char *section = "";
	for (size_t i = 0; i < table->keys_count; i++) {
		const struct config_key *key = &table->keys[i];
		if (key->section && strcmp(key->section, section) != 0) {
			section = key->section;
			fputs(".SS [", out);
			roff_print(out, section);
			fputs("]\n", out);
		}
		print_key(out, key);
	}
	for (size_t i = 0; i < table->sections_count; i++) {
		const struct config_section *array = &table->sections[i];
		fprintf(out, ".SS [%s 1] to [%s %zu]\n", array->prefix, array->prefix,
			array->count);
		roff_print(out, array->help);
		fputc('\n', out);
		for (size_t k = 0; k < array->keys_count; k++)
			print_key(out, &array->keys[k]);
	}
}

static void print_environment(const struct config_table *table, FILE *out)
{
	fputs(".SH ENVIRONMENT\n", out);
	print_paragraphs(out,
		"Each key may be set in the environment too; that beats the file, and "
		"the command line beats both.");
	for (size_t i = 0; i < table->keys_count; i++) {
		char name[CONFIG_KEY_SIZE];
		config_name_variable(&table->keys[i], name);
		fputs(i == 0 ? ".PP\n" : ".br\n", out);
		roff_print(out, name);
		fputc('\n', out);
	}
}

void config_print_man(const struct config_table *table, FILE *out)
{
	fprintf(out, ".TH %s 8 \"\" \"Lendlock %s\" \"Lendlock\"\n", table->program,
		LENDLOCK_VERSION);
	fputs(".SH NAME\n", out);
	roff_print(out, table->program);
	fputs(" \\- ", out);
	roff_print(out, table->summary);
	fputs("\n.SH SYNOPSIS\n.B ", out);
	roff_print(out, table->program);
	fputs("\n[\\-\\-config FILE] [\\-\\-KEY=VALUE ...]\n.SH DESCRIPTION\n", out);
	print_paragraphs(out, table->description);
	print_options(table, out);
	print_keys(table, out);
	print_environment(table, out);
	fputs(".SH FILES\n", out);
	roff_print(out, "/etc/lendlock/");
	roff_print(out, table->name);
	fputs(".conf, if \\-\\-config names no other.\n", out);
	fputs(".SH EXIT STATUS\n0 after a clean stop. 78 if the configuration is wrong. Others are "
	      "failures.\n",
		out);
}
