#include "lib/config/config.h"

#include "lib/config/loader.h"
#include "lib/config/name.h"
#include "lib/config/value.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum wish { WISH_START, WISH_HELP, WISH_VERSION, WISH_FILE, WISH_MAN };

/* What the command line asks for besides keys. */
struct request {
	enum wish wish;
	const char *file; /* of --config, or NULL */
};

static const struct config_origin command_line = {.where = "command line", .line = 1};

static const struct {
	const char *option;
	enum wish wish;
} wishes[] = {
	{"--help", WISH_HELP},
	{"--version", WISH_VERSION},
	{"--print-config", WISH_FILE},
	{"--print-man", WISH_MAN},
};

static bool is_wish(const char *argument, enum wish *ret_wish)
{
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		if (strcmp(argument, wishes[i].option) == 0) {
			*ret_wish = wishes[i].wish;
			return true;
		}
	}
	return false;
}

/* Whether argument is --config; then *ret_file is its file, which may be next, or NULL. */
static bool is_config(const char *argument, const char *next, const char **ret_file)
{
	if (strcmp(argument, "--config") == 0)
		*ret_file = next;
	else if (strncmp(argument, "--config=", 9) == 0)
		*ret_file = argument + 9;
	else
		return false;
	return true;
}

static void tell_unknown_option(struct config_loader *loader, const char *option)
{
	char best[CONFIG_KEY_SIZE] = "", name[CONFIG_KEY_SIZE];
	size_t distance = SIZE_MAX;
	for (size_t i = 0; i < loader->table->keys_count; i++) {
		config_name_option(&loader->table->keys[i], name);
		if (config_name_is_nearer(option, name, &distance))
			memcpy(best, name, sizeof(best));
	}
	if (best[0])
		config_loader_error(
			loader, &command_line, "%s is not known: did you mean %s?", option, best);
	else
		config_loader_error(
			loader, &command_line, "%s is not known; --help lists what is", option);
}

static void set_option(
	struct config_loader *loader, size_t key, const char *name, const char *value)
{
	struct config_field field = config_loader_plain(loader, key);
	if (field.key->type == CONFIG_PASSWORD && strncmp(value, "file:", 5) != 0) {
		loader->given[field.slot] = true;
		config_loader_error(loader, &command_line,
			"%s: everybody on this machine can see it here: want file:PATH", name);
		return;
	}
	config_loader_set(loader, &command_line, &field, name, value);
}

static void read_option(struct config_loader *loader, const char *argument)
{
	if (strncmp(argument, "--", 2) != 0) {
		config_loader_error(loader, &command_line, "%.80s: want --key=value", argument);
		return;
	}
	char option[CONFIG_KEY_SIZE], name[CONFIG_KEY_SIZE];
	const char *equals = strchr(argument, '=');
	snprintf(option, sizeof(option), "%.*s",
		equals ? (int)(equals - argument) : (int)strlen(argument), argument);
	for (char *c = option; *c; c++)
		if (*c == '_')
			*c = '-';
	for (size_t i = 0; i < loader->table->keys_count; i++) {
		config_name_option(&loader->table->keys[i], name);
		if (strcmp(option, name) != 0)
			continue;
		if (equals)
			set_option(loader, i, name, equals + 1);
		else
			config_loader_error(loader, &command_line, "%s: want %s=VALUE", name, name);
		return;
	}
	tell_unknown_option(loader, option);
}

/* The layer of the command line, and what it asks for. Called twice: the file that it names is read
 * before its keys are. loader: NULL the first time. */
static struct request read_command_line(struct config_loader *loader, char **argv)
{
	struct request request = {.wish = WISH_START};
	if (loader)
		config_loader_begin_layer(loader);
	for (char **argument = argv; *argument && *++argument;) {
		if (is_wish(*argument, &request.wish))
			continue;
		if (is_config(*argument, argument[1], &request.file)) {
			if (request.file && request.file == argument[1])
				argument++;
			else if (!request.file && loader)
				config_loader_error(
					loader, &command_line, "--config: want a file after it");
			continue;
		}
		if (loader)
			read_option(loader, *argument);
	}
	return request;
}

static void read_environment(struct config_loader *loader, char **environment)
{
	static const struct config_origin origin = {.where = "environment", .line = 1};
	config_loader_begin_layer(loader);
	for (size_t i = 0; i < loader->table->keys_count; i++) {
		char name[CONFIG_KEY_SIZE];
		struct config_field field = config_loader_plain(loader, i);
		config_name_variable(field.key, name);
		size_t length = strlen(name);
		for (char **variable = environment; variable && *variable; variable++)
			if (strncmp(*variable, name, length) == 0 && (*variable)[length] == '=')
				config_loader_set(
					loader, &origin, &field, name, *variable + length + 1);
	}
}

static void set_default(struct config_field field, FILE *err)
{
	char want[CONFIG_VALUE_SIZE];
	if (!field.key->value)
		return;
	if (config_value_parse(field.key, field.key->value, field.field, want) == 0)
		return;
	fprintf(err, "the default of %s is wrong: want %s\n", field.key->key, want);
	abort();
}

static void set_defaults(struct config_loader *loader)
{
	const struct config_table *table = loader->table;
	memset(loader->config, 0, table->size);
	for (size_t i = 0; i < table->keys_count; i++)
		set_default(config_loader_plain(loader, i), loader->err);
	for (size_t i = 0; i < table->sections_count; i++) {
		const struct config_section *section = &table->sections[i];
		for (size_t e = 0; e < section->count; e++)
			for (size_t k = 0; k < section->keys_count; k++)
				set_default(
					config_loader_element(loader, section, e, k), loader->err);
	}
}

static void require(struct config_loader *loader, const struct config_origin *origin,
	const struct config_field *field, const char *place)
{
	if (field->key->value || loader->given[field->slot])
		return;
	char want[CONFIG_VALUE_SIZE];
	config_value_describe(field->key, want);
	const char *sample = config_value_sample(field->key);
	config_loader_error(loader, origin, "%s is not set%s: want %s%s%s", field->key->key, place,
		want, sample ? ", such as " : "", sample ? sample : "");
}

static void require_all(struct config_loader *loader, const char *file)
{
	const struct config_table *table = loader->table;
	struct config_origin origin = {.where = file};
	for (size_t i = 0; i < table->keys_count; i++) {
		struct config_field field = config_loader_plain(loader, i);
		const char *section = field.key->section;
		char place[CONFIG_KEY_SIZE];
		snprintf(place, sizeof(place), section ? " in [%s]" : "", section);
		require(loader, &origin, &field, place);
	}
	for (size_t i = 0; i < table->sections_count; i++) {
		const struct config_section *section = &table->sections[i];
		for (size_t e = 0; e < section->count; e++) {
			if (!*config_loader_element_given(loader, section, e))
				continue;
			char place[CONFIG_KEY_SIZE];
			snprintf(place, sizeof(place), " in [%s %zu]", section->prefix, e + 1);
			for (size_t k = 0; k < section->keys_count; k++) {
				struct config_field field =
					config_loader_element(loader, section, e, k);
				require(loader, &origin, &field, place);
			}
		}
	}
}

static bool print_wish(const struct config_table *table, enum wish wish, FILE *out)
{
	switch (wish) {
	case WISH_HELP:
		config_print_help(table, out);
		return true;
	case WISH_VERSION:
		fprintf(out, "%s %s\n", table->program, LENDLOCK_VERSION);
		return true;
	case WISH_MAN:
		config_print_man(table, out);
		return true;
	default:
		return false;
	}
}

static void read_layers(struct config_loader *loader, const struct config_sources *sources,
	const struct request *request)
{
	set_defaults(loader);
	const char *file = request->file ? request->file : sources->file;
	config_loader_read_file(loader, file, request->file != NULL);
	read_environment(loader, sources->environ);
	read_command_line(loader, sources->argv);
	if (request->wish != WISH_FILE && !loader->unread)
		require_all(loader, file);
}

int config_read(
	const struct config_table *table, const struct config_sources *sources, void *config)
{
	struct request request = read_command_line(NULL, sources->argv);
	if (print_wish(table, request.wish, sources->out))
		return CONFIG_DONE;

	struct config_loader loader = {.table = table, .config = config, .err = sources->err};
	size_t slots = config_loader_slots(table);
	loader.seen = calloc(slots, sizeof(loader.seen[0]));
	loader.given = calloc(slots, sizeof(loader.given[0]));
	if (!loader.seen || !loader.given)
		abort();
	read_layers(&loader, sources, &request);
	free(loader.seen);
	free(loader.given);
	if (loader.wrong)
		return CONFIG_WRONG;
	if (request.wish != WISH_FILE)
		return CONFIG_GO;
	config_print_file(table, config, sources->out);
	return CONFIG_DONE;
}

int config_load(const struct config_table *table, int argc, char **argv, void *config)
{
	(void)argc; /* argv ends with NULL (C11 5.1.2.2.1) */
	char file[CONFIG_KEY_SIZE];
	snprintf(file, sizeof(file), "/etc/lendlock/%s.conf", table->name);
	struct config_sources sources = {
		.argv = argv, .environ = environ, .file = file, .out = stdout, .err = stderr};
	return config_read(table, &sources, config);
}

int config_exit_status(int r)
{
	return r == CONFIG_DONE ? EXIT_SUCCESS : r;
}

bool config_take_option(int *argc, char **argv, const char *option)
{
	for (int i = 1; i < *argc; i++)
		if (strcmp(argv[i], option) == 0) {
			memmove(&argv[i], &argv[i + 1], (size_t)(*argc - i) * sizeof(*argv));
			*argc -= 1;
			return true;
		}
	return false;
}
