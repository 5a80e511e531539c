#include "cli/arguments.h"

#include "lib/config/name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The options of any command. */
static const struct {
	const char *name;
	const char *config; /* the key that it sets; NULL: see is_switch() */
	const char *before; /* what is put in front of the value */
} globals[] = {
	{"--broker", "broker-uri", ""},
	{"--user", "broker-user", ""},
	{"--password-file", "broker-password", "file:"},
	{"--ca-file", "broker-ca-file", ""},
	{"--cert-file", "broker-cert-file", ""},
	{"--key-file", "broker-key-file", ""},
	{"--site", "site", ""},
	{"--kiosk", "kiosk", ""},
	{"--timeout", "timeout", ""},
	{"--patience", "patience", ""},
	{"--config", NULL, ""},
};

static const struct {
	const char *name;
	enum arguments_wish wish;
} wishes[] = {
	{"--help", WISH_HELP},
	{"-h", WISH_HELP},
	{"--version", WISH_VERSION},
	{"--print-config", WISH_CONFIG},
	{"--print-man", WISH_MAN},
	{"--print-completion", WISH_COMPLETION},
};

struct reader {
	char **argv; /* the next word */
	struct arguments_line *line;
	size_t config_n;
	size_t places; /* how many parameters without a name were filled */
	char *why;
};

__attribute__((format(printf, 2, 3))) static int bad(char *why, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(why, ARGUMENTS_WHY_SIZE, format, args);
	va_end(args);
	return -EINVAL;
}

/* --- options ---------------------------------------------------------------------- */

/* Whether word is that option, and its value: behind '=', or the next word. */
static bool is_option(struct reader *reader, const char *name, const char **ret_value)
{
	const char *word = reader->argv[0];
	size_t length = strlen(name);
	if (strncmp(word, name, length) != 0 || (word[length] != '=' && word[length] != '\0'))
		return false;
	*ret_value = word[length] == '=' ? word + length + 1 : reader->argv[1];
	if (word[length] == '\0' && *ret_value)
		reader->argv++;
	return true;
}

static int add_config(struct reader *reader, const char *key, const char *before, const char *value)
{
	struct arguments_line *line = reader->line;
	if (reader->config_n == ARGUMENTS_CONFIG_MAX)
		return bad(reader->why, "too many options");
	char *text = line->config_text[reader->config_n];
	int n = snprintf(text, ARGUMENTS_CONFIG_SIZE, "--%s=%s%s", key, before, value);
	if (n < 0 || n >= ARGUMENTS_CONFIG_SIZE)
		return bad(reader->why, "--%s: too long", key);
	line->config[1 + reader->config_n++] = text;
	return 0;
}

/* CONFIG_DONE-like: 1 if the word was a global option and is taken, 0 if it is none. */
static int take_global(struct reader *reader)
{
	for (size_t i = 0; i < sizeof(globals) / sizeof(*globals); i++) {
		const char *value;
		if (!is_option(reader, globals[i].name, &value))
			continue;
		if (!value)
			return bad(reader->why, "%s: want a value", globals[i].name);
		reader->line->kiosk_given |= strcmp(globals[i].name, "--kiosk") == 0;
		int r = add_config(reader, globals[i].config ? globals[i].config : "config",
			globals[i].before, value);
		return r < 0 ? r : 1;
	}
	return 0;
}

static bool take_wish(struct reader *reader)
{
	const char *word = reader->argv[0];
	if (strcmp(word, "--json") == 0) {
		reader->line->json = true;
		return true;
	}
	for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++)
		if (strcmp(word, wishes[i].name) == 0) {
			reader->line->wish = wishes[i].wish;
			return true;
		}
	return false;
}

static int take_own(struct reader *reader)
{
	const struct parameter *parameter = reader->line->command->parameters;
	for (size_t i = 0; parameter[i].name; i++) {
		if (parameter[i].name[0] != '-')
			continue;
		if (parameter[i].type == PARAMETER_FLAG) {
			if (strcmp(reader->argv[0], parameter[i].name) != 0)
				continue;
			reader->line->values[i] = "";
			return 1;
		}
		const char *value;
		if (!is_option(reader, parameter[i].name, &value))
			continue;
		if (!value)
			return bad(reader->why, "%s: want a value", parameter[i].name);
		reader->line->values[i] = value;
		return 1;
	}
	return 0;
}

static int take_option(struct reader *reader)
{
	if (take_wish(reader))
		return 0;
	int r = take_global(reader);
	if (r == 0 && reader->line->command)
		r = take_own(reader);
	if (r != 0)
		return r < 0 ? r : 0;
	return bad(reader->why, "%.60s: no such option%s", reader->argv[0],
		reader->line->command ? " of this command" : "");
}

/* --- words ------------------------------------------------------------------------ */

/* How many words of argv name the command: 0, 1 or 2. */
static int words_match(const char *words, char *const *argv)
{
	const char *second = strchr(words, ' ');
	if (!second)
		return strcmp(words, argv[0]) == 0 ? 1 : 0;
	size_t length = (size_t)(second - words);
	return strlen(argv[0]) == length && strncmp(words, argv[0], length) == 0 && argv[1] &&
			       strcmp(second + 1, argv[1]) == 0
		       ? 2
		       : 0;
}

/* Says which first word of a command may have been meant, if one is like it. */
static int bad_command(struct reader *reader)
{
	char first[32], best[32] = "";
	size_t distance = SIZE_MAX;
	for (const struct command *command = commands; command->words; command++) {
		snprintf(first, sizeof(first), "%.*s", (int)strcspn(command->words, " "),
			command->words);
		if (config_name_is_nearer(reader->argv[0], first, &distance))
			TEXT_COPY(best, first);
	}
	return bad(reader->why, "%.60s: no such command; %s%s%s", reader->argv[0],
		best[0] ? "did you mean " : "lendlock --help lists them", best, best[0] ? "?" : "");
}

/* `item`, and nothing that makes it a command. */
static int bad_family(const char *family, const char *word, char *why)
{
	char list[ARGUMENTS_WHY_SIZE] = "";
	size_t length = strlen(family);
	for (const struct command *command = commands; command->words; command++) {
		size_t n = strlen(list);
		if (command_is_of(command, family))
			snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "",
				command->words + length + 1);
	}
	return bad(why, "%s%s%.30s: no such command; after %s comes one of %s", family,
		word ? " " : "", word ? word : "", family, list);
}

static bool take_family(struct reader *reader)
{
	for (const struct command *command = commands; command->words; command++)
		if (command_is_of(command, reader->argv[0])) {
			reader->line->family = reader->argv[0];
			return true;
		}
	return false;
}

/* The longest name wins: `rental list` is not `rental` of something called list. */
static int take_command(struct reader *reader)
{
	int most = 0;
	if (reader->line->family)
		return bad_family(reader->line->family, reader->argv[0], reader->why);
	for (const struct command *command = commands; command->words; command++) {
		int n = words_match(command->words, reader->argv);
		if (n > most) {
			most = n;
			reader->line->command = command;
		}
	}
	if (most == 0)
		return take_family(reader) ? 0 : bad_command(reader);
	reader->argv += most - 1;
	return 0;
}

static int take_place(struct reader *reader)
{
	struct arguments_line *line = reader->line;
	size_t place = 0;
	for (size_t i = 0; line->command->parameters[i].name; i++) {
		const struct parameter *parameter = &line->command->parameters[i];
		if (parameter->name[0] == '-' || place++ < reader->places)
			continue;
		line->values[i] = reader->argv[0];
		if (parameter->type == PARAMETER_DOORS) {
			line->rest = reader->argv;
			while (reader->argv[1])
				reader->argv++;
		}
		reader->places++;
		return 0;
	}
	return bad(reader->why, "%.60s: %s takes no more words", reader->argv[0],
		line->command->words);
}

static int check_required(const struct arguments_line *line, char *why)
{
	const struct parameter *parameter = line->command->parameters;
	for (size_t i = 0; parameter[i].name; i++)
		if (parameter[i].required && !line->values[i])
			return bad(why, "%s: %s is missing: %s", line->command->words,
				parameter[i].name, parameter[i].about);
	return 0;
}

/* `help item add` is `item add --help`. */
static bool is_help(struct reader *reader)
{
	if (reader->line->command || strcmp(reader->argv[0], "help") != 0)
		return false;
	reader->line->wish = WISH_HELP;
	return true;
}

static int take_word(struct reader *reader, bool only_places)
{
	if (!only_places && reader->argv[0][0] == '-' && reader->argv[0][1] != '\0')
		return take_option(reader);
	if (is_help(reader))
		return 0;
	return reader->line->command ? take_place(reader) : take_command(reader);
}

/* --- values ----------------------------------------------------------------------- */

static int read_integer(const char *text, json_int_t *ret)
{
	char *end;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || text[0] == ' ')
		return -EINVAL;
	*ret = number;
	return 0;
}

int arguments_duration(const char *text, json_int_t *ret_seconds)
{
	static const struct {
		const char *unit;
		json_int_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400},
		{"w", 604800}};
	char *end;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (errno != 0 || end == text || number < 0 || number > 1000000000)
		return -EINVAL;
	end += strspn(end, " ");
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strcmp(end, units[i].unit) == 0) {
			*ret_seconds = number * units[i].seconds;
			return 0;
		}
	return -EINVAL;
}

static int find_word(const char *const *words, const char *text)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return -1;
}

static int bad_word(const struct parameter *parameter, const char *value, char *why)
{
	char list[120] = "";
	for (int i = 0; parameter->words[i]; i++) {
		size_t n = strlen(list);
		snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "", parameter->words[i]);
	}
	return bad(why, "%.30s: %s: want one of %s", value, parameter->name, list);
}

static bool is_code(const char *text)
{
	return strlen(text) == 8 && strspn(text, "0123456789") == 8;
}

/* DOOR=ITEM words as an array of what lies where. */
static json_t *read_doors(char *const *words, char *why)
{
	json_t *doors = json_array();
	for (; *words; words++) {
		json_int_t door;
		char number[16] = "";
		const char *equals = strchr(*words, '=');
		if (equals && equals - *words < (int)sizeof(number))
			memcpy(number, *words, (size_t)(equals - *words));
		if (!equals || read_integer(number, &door) < 0) {
			bad(why, "%.60s: want DOOR=ITEM, as in 3=drill", *words);
			json_decref(doors);
			return NULL;
		}
		json_t *content = json_pack("{s:I}", "compartment", door);
		if (equals[1])
			json_object_set_new(content, "item", json_string(equals + 1));
		json_array_append_new(doors, content);
	}
	return doors;
}

static json_t *value_of(const struct arguments_line *line, size_t i, char *why)
{
	const struct parameter *parameter = &line->command->parameters[i];
	const char *value = line->values[i];
	json_int_t number;
	json_t *json = NULL;
	switch (parameter->type) {
	case PARAMETER_INTEGER:
		if (read_integer(value, &number) < 0)
			bad(why, "%.60s: %s: want a whole number", value, parameter->name);
		else
			json = json_integer(number);
		break;
	case PARAMETER_COUNT:
		if (read_integer(value, &number) < 0 || number < 1)
			bad(why, "%.60s: %s: want a whole number from 1 on", value,
				parameter->name);
		else
			json = json_integer(number);
		break;
	case PARAMETER_DURATION:
		if (arguments_duration(value, &number) < 0)
			bad(why, "%.60s: %s: want a time, as 36h or 2d", value, parameter->name);
		else
			json = json_integer(number);
		break;
	case PARAMETER_WORD:
	case PARAMETER_EITHER:
		if (find_word(parameter->words, value) < 0)
			bad_word(parameter, value, why);
		else if (parameter->type == PARAMETER_WORD)
			json = json_string(value);
		else
			json = json_boolean(find_word(parameter->words, value) == 0);
		break;
	case PARAMETER_FLAG:
		json = json_true();
		break;
	case PARAMETER_DOORS:
		json = read_doors(line->rest, why);
		break;
	case PARAMETER_TEXT:
	case PARAMETER_OR_CODE:
		json = json_string(value);
		if (!json)
			bad(why, "%s: want UTF-8", parameter->name);
		break;
	}
	return json;
}

static int check_values(const struct arguments_line *line, char *why)
{
	for (size_t i = 0; line->command->parameters[i].name; i++) {
		json_t *value = line->values[i] ? value_of(line, i, why) : json_null();
		if (!value)
			return -EINVAL;
		json_decref(value);
	}
	return 0;
}

/* --- lines ------------------------------------------------------------------------ */

int arguments_read(
	char **argv, struct arguments_line *ret_line, char why[static ARGUMENTS_WHY_SIZE])
{
	*ret_line = (struct arguments_line){.wish = WISH_COMMAND};
	ret_line->config[0] = ret_line->config_text[0]; /* a program's name, which nobody reads */
	struct reader reader = {.argv = argv + 1, .line = ret_line, .why = why};
	bool only_places = false;
	for (; *reader.argv; reader.argv++) {
		if (!only_places && strcmp(reader.argv[0], "--") == 0) {
			only_places = true;
			continue;
		}
		int r = take_word(&reader, only_places);
		if (r < 0)
			return r;
	}
	if (ret_line->wish != WISH_COMMAND)
		return 0;
	if (ret_line->family)
		return bad_family(ret_line->family, NULL, why);
	if (!ret_line->command)
		return bad(why, "want a command; lendlock --help lists them");
	int r = check_required(ret_line, why);
	return r < 0 ? r : check_values(ret_line, why);
}

const char *arguments_value(const struct arguments_line *line, const char *name)
{
	const struct parameter *parameter = line->command->parameters;
	for (size_t i = 0; parameter[i].name; i++)
		if (strcmp(parameter[i].name, name) == 0)
			return line->values[i];
	return NULL;
}

static int add_kiosk(const struct arguments_line *line, const char *kiosk, json_t *args, char *why)
{
	enum command_kiosk wanted = line->command->kiosk;
	if (wanted == KIOSK_REQUIRED && !kiosk[0])
		return bad(why, "%s: --kiosk is missing: the bank", line->command->words);
	if (wanted == KIOSK_REQUIRED || (wanted == KIOSK_GIVEN && line->kiosk_given))
		json_object_set_new(args, "kiosk", json_string(kiosk));
	return 0;
}

json_t *arguments_json(
	const struct arguments_line *line, const char *kiosk, char why[static ARGUMENTS_WHY_SIZE])
{
	json_t *args = json_object();
	const struct parameter *parameter = line->command->parameters;
	for (size_t i = 0; parameter[i].name; i++) {
		if (!line->values[i] || !parameter[i].field)
			continue;
		json_t *value = value_of(line, i, why); /* arguments_read() has seen to it */
		bool code = parameter[i].type == PARAMETER_OR_CODE && is_code(line->values[i]);
		json_object_set_new(args, code ? "code" : parameter[i].field, value);
	}
	if (line->command->fixed)
		json_object_set_new(
			args, line->command->fixed, json_boolean(line->command->blocked));
	if (add_kiosk(line, kiosk, args, why) == 0)
		return args;
	json_decref(args);
	return NULL;
}
