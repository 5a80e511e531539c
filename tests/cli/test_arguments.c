/* arguments.c: what a command line means, and that the commands are those that the
 * daemons offer. */
#include "cli/arguments.h"

#include "schemas/generator/generator.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WORDS_MAX 24

/* A line of words, split at blanks; '_' stands for a blank within one. */
struct words {
	char text[512];
	char *argv[WORDS_MAX + 1];
};

static struct words *split(struct words *words, const char *line)
{
	size_t n = 0;
	memset(words, 0, sizeof(*words));
	TEXT_COPY(words->text, line);
	char *at = words->text;
	words->argv[n++] = (char[]){"lendlock"};
	for (char *word; (word = strsep(&at, " ")) && n < WORDS_MAX;) {
		if (!*word)
			continue;
		for (char *c = word; *c; c++)
			if (*c == '_')
				*c = ' ';
		words->argv[n++] = word;
	}
	return words;
}

static int read_words(const char *text, struct arguments_line *line, struct words *words, char *why)
{
	return arguments_read(split(words, text)->argv, line, why);
}

static void means(const char *text, const char *command, const char *want)
{
	struct arguments_line line;
	struct words words;
	char why[ARGUMENTS_WHY_SIZE] = "";
	if (read_words(text, &line, &words, why) != 0)
		fail_msg("%s: %s", text, why);
	assert_string_equal(line.command->words, command);
	json_t *json = arguments_json(&line, "library", why);
	if (!json)
		fail_msg("%s: %s", text, why);
	char *is = json_dumps(json, JSON_COMPACT);
	assert_string_equal(is, want);
	free(is);
	json_decref(json);
}

static void is_wrong(const char *text, const char *want)
{
	struct arguments_line line;
	struct words words;
	char why[ARGUMENTS_WHY_SIZE] = "";
	json_t *json = NULL;
	if (read_words(text, &line, &words, why) == 0)
		json = arguments_json(&line, "", why);
	if (json)
		fail_msg("%s was taken", text);
	if (!strstr(why, want))
		fail_msg("%s: \"%s\" does not say \"%s\"", text, why, want);
}

static void places_and_options(void **state)
{
	(void)state;
	means("reserve drill", "reserve", "{\"item\":\"drill\"}");
	means("pay R tok-1", "pay", "{\"rental\":\"R\",\"method\":\"tok-1\"}");
	means("open 40718263", "open", "{\"code\":\"40718263\"}");
	means("open 4071826", "open", "{\"rental\":\"4071826\"}");
	means("return 01a2040e-5a10-7c3e-9a51-6f0d7e21b4c8", "return",
		"{\"rental\":\"01a2040e-5a10-7c3e-9a51-6f0d7e21b4c8\"}");
	means("report R empty", "report", "{\"rental\":\"R\",\"problem\":\"empty\"}");
	means("confirm R not-taken", "confirm", "{\"rental\":\"R\",\"taken\":false}");
	means("confirm R taken", "confirm", "{\"rental\":\"R\",\"taken\":true}");
	means("item stock drill", "item stock", "{\"item\":\"drill\"}");
	means("item stock drill 3", "item stock", "{\"item\":\"drill\",\"compartment\":3}");
	means("item inspect drill fit --missing", "item inspect",
		"{\"item\":\"drill\",\"fit\":true,\"taken\":true}");
	means("item inspect drill unfit the_bit_is_gone", "item inspect",
		"{\"item\":\"drill\",\"fit\":false,\"reason\":\"the bit is gone\"}");
	means("repair 3 broken", "repair", "{\"compartment\":3,\"works\":false}");
	means("renter block mina", "renter block", "{\"user\":\"mina\",\"blocked\":true}");
	means("renter unblock mina", "renter unblock", "{\"user\":\"mina\",\"blocked\":false}");
	means("confirm-bank 1=drill 2= 3=tent", "confirm-bank",
		"{\"compartments\":[{\"compartment\":1,\"item\":\"drill\"},{\"compartment\":2},"
		"{\"compartment\":3,\"item\":\"tent\"}]}");
	means("item change drill --inspect no --amount=0", "item change",
		"{\"item\":\"drill\",\"amount\":0,\"inspect\":false}");
	means("reserve -- --drill", "reserve", "{\"item\":\"--drill\"}");
}

static void the_longest_name_wins(void **state)
{
	(void)state;
	means("rental R", "rental", "{\"rental\":\"R\"}");
	means("rental list", "rental list", "{}");
	means("dead-letters", "dead-letters", "{}");
	means("dead-letters replay", "dead-letters replay", "{}");
	means("dead-letters dismiss 17", "dead-letters dismiss", "{\"position\":17}");
}

static void which_bank(void **state)
{
	(void)state;
	means("item add drill --title Drill --amount 5 --currency KRW --period 2d", "item add",
		"{\"item\":\"drill\",\"title\":\"Drill\",\"amount\":5,\"currency\":\"KRW\","
		"\"period\":172800,\"kiosk\":\"library\"}");
	/* A filter only if it was asked for here and now. */
	means("item list", "item list", "{}");
	means("--kiosk library item list", "item list", "{\"kiosk\":\"library\"}");
	means("item list --kiosk=library", "item list", "{\"kiosk\":\"library\"}");
	is_wrong("item add drill --title D --amount 5 --currency KRW --period 2d",
		"--kiosk is missing");
}

static void what_is_wrong(void **state)
{
	(void)state;
	is_wrong("", "want a command");
	is_wrong("steal drill", "steal: no such command");
	is_wrong("resrve drill", "resrve: no such command; did you mean reserve?");
	is_wrong("item", "item: no such command; after item comes one of add, import, list");
	is_wrong("item steal", "item steal: no such command; after item comes one of add");
	is_wrong("--json item steal drill", "item steal: no such command");
	is_wrong("reserve", "ITEM is missing");
	is_wrong("reserve drill tent", "takes no more words");
	is_wrong("reserve --title x drill", "--title: no such option of this command");
	is_wrong("--watch status", "--watch: no such option");
	is_wrong("status --watch=yes", "--watch=yes: no such option");
	is_wrong("reserve drill --kiosk", "--kiosk: want a value");
	is_wrong("report R lost", "lost: PROBLEM: want one of empty, broken");
	is_wrong("confirm R yes", "want one of taken, not-taken");
	is_wrong("repair three works", "three: DOOR: want a whole number");
	is_wrong("repair 0 works", "0: DOOR: want a whole number from 1 on");
	is_wrong("watch --count many", "many: --count: want a whole number");
	is_wrong("item list --limit -3", "-3: --limit: want a whole number from 1 on");
	is_wrong("repair 3x works", "want a whole number");
	is_wrong("item list --limit many", "--limit: want a whole number");
	is_wrong("item change drill --period soon", "--period: want a time");
	is_wrong("item list --sort price", "want one of item, title, state, kiosk");
	is_wrong("confirm-bank drill", "want DOOR=ITEM");
	is_wrong("confirm-bank x=drill", "want DOOR=ITEM");
}

static void options_of_all(void **state)
{
	(void)state;
	struct arguments_line line;
	struct words words;
	char why[ARGUMENTS_WHY_SIZE];
	assert_int_equal(
		read_words("--broker mqtt://b:1 reserve --user=mina drill --json --site town "
			   "--password-file /p --timeout 2s",
			&line, &words, why),
		0);
	assert_true(line.json);
	assert_false(line.kiosk_given);
	static const char *const want[] = {"--broker-uri=mqtt://b:1", "--broker-user=mina",
		"--site=town", "--broker-password=file:/p", "--timeout=2s"};
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(line.config[i + 1], want[i]);
	assert_null(line.config[6]);
	assert_int_equal(read_words("status --watch", &line, &words, why), 0);
	assert_non_null(arguments_value(&line, "--watch"));
	assert_int_equal(read_words("status", &line, &words, why), 0);
	assert_null(arguments_value(&line, "--watch"));
}

static void wishes(void **state)
{
	(void)state;
	struct arguments_line line;
	struct words words;
	char why[ARGUMENTS_WHY_SIZE];
	assert_int_equal(read_words("--help", &line, &words, why), 0);
	assert_int_equal(line.wish, WISH_HELP);
	assert_null(line.command);
	assert_int_equal(read_words("item add --help", &line, &words, why), 0);
	assert_int_equal(line.wish, WISH_HELP);
	assert_string_equal(line.command->words, "item add");
	assert_int_equal(read_words("help item add", &line, &words, why), 0);
	assert_int_equal(line.wish, WISH_HELP);
	assert_string_equal(line.command->words, "item add");
	assert_int_equal(read_words("item --help", &line, &words, why), 0);
	assert_int_equal(line.wish, WISH_HELP);
	assert_string_equal(line.family, "item");
	assert_int_equal(read_words("help item", &line, &words, why), 0);
	assert_string_equal(line.family, "item");
	assert_int_equal(read_words("--print-man", &line, &words, why), 0);
	assert_int_equal(line.wish, WISH_MAN);
}

static void durations(void **state)
{
	(void)state;
	json_int_t seconds;
	assert_int_equal(arguments_duration("90", &seconds), 0);
	assert_int_equal(seconds, 90);
	assert_int_equal(arguments_duration("2 d", &seconds), 0);
	assert_int_equal(seconds, 172800);
	assert_int_equal(arguments_duration("36h", &seconds), 0);
	assert_int_equal(seconds, 129600);
	assert_int_equal(arguments_duration("5min", &seconds), 0);
	assert_int_equal(seconds, 300);
	static const char *const wrong[] = {
		"", "d", "-1d", "2 days", "1e3", "99999999999999999999", "2d2h"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(arguments_duration(wrong[i], &seconds), -EINVAL);
}

/* --- the commands and the operations ---------------------------------------------- */

static const struct field *field_of(const struct operation *operation, const char *name)
{
	for (const struct field *field = operation->arguments.fields; field->name; field++)
		if (strcmp(field->name, name) == 0)
			return field;
	return NULL;
}

static void fits(const struct command *command, const struct parameter *parameter,
	const struct operation *operation)
{
	const struct field *field = field_of(operation, parameter->field);
	if (!field)
		fail_msg("%s: %s has no %s", command->words, operation->name, parameter->field);
	static const enum field_type wanted[] = {
		[PARAMETER_INTEGER] = FIELD_INTEGER,
		[PARAMETER_COUNT] = FIELD_INTEGER,
		[PARAMETER_DURATION] = FIELD_INTEGER,
		[PARAMETER_EITHER] = FIELD_BOOLEAN,
		[PARAMETER_FLAG] = FIELD_BOOLEAN,
		[PARAMETER_DOORS] = FIELD_LIST,
		[PARAMETER_OR_CODE] = FIELD_UUID,
	};
	bool text = parameter->type == PARAMETER_TEXT || parameter->type == PARAMETER_WORD;
	if (!text)
		assert_int_equal(field->type, wanted[parameter->type]);
	else
		assert_true(field->type <= FIELD_DIGITS || field->type == FIELD_CHOICE);
	if (field->type == FIELD_CHOICE) /* every word is one, and every one is a word */
		for (int i = 1; field->names[i]; i++) {
			assert_string_equal(parameter->words[i - 1], field->names[i]);
			assert_true(field->names[i + 1] || !parameter->words[i]);
		}
	if (parameter->type == PARAMETER_OR_CODE)
		assert_non_null(field_of(operation, "code"));
}

static bool gives(const struct command *command, const char *name)
{
	if (strcmp(name, "expires_at") == 0 ||
		(command->fixed && strcmp(command->fixed, name) == 0) ||
		(command->kiosk == KIOSK_REQUIRED && strcmp(name, "kiosk") == 0))
		return true;
	for (const struct parameter *at = command->parameters; at->name; at++)
		if (at->field && at->required && strcmp(at->field, name) == 0)
			return true;
	return false;
}

static const struct operation *operation_of(const struct command *command)
{
	for (const struct operation_source *source = operation_sources; source->part; source++) {
		bool here =
			source->request ==
			(command->target == TARGET_KIOSK ? TOPIC_KIOSK_REQUEST : TOPIC_HUB_REQUEST);
		for (size_t i = 0; here && operation_at(source, i); i++)
			if (strcmp(operation_at(source, i)->name, command->operation) == 0)
				return operation_at(source, i);
	}
	return NULL;
}

static void commands_fit_their_operations(void **state)
{
	(void)state;
	for (const struct command *command = commands; command->words; command++) {
		if (!command->operation || command->kind == COMMAND_IMPORT)
			continue;
		const struct operation *operation = operation_of(command);
		if (!operation)
			fail_msg("%s: no operation %s", command->words, command->operation);
		assert_int_equal(command->opens_door, operation->ttl_max == 10 * SECOND);
		if (command->kiosk != KIOSK_NOT)
			assert_non_null(field_of(operation, "kiosk"));
		for (const struct parameter *at = command->parameters; at->name; at++)
			if (at->field)
				fits(command, at, operation);
		bool looked_up = command->kind == COMMAND_ADOPT; /* the epoch */
		for (const struct field *field = operation->arguments.fields; field->name; field++)
			if ((field->flags & FIELD_REQUIRED) && !gives(command, field->name) &&
				!looked_up)
				fail_msg("%s does not give %s", command->words, field->name);
	}
}

static bool is_covered(const struct operation_source *source, const struct operation *operation)
{
	/* `item show` shows the entry, too. */
	if (strcmp(operation->name, "catalogue") == 0)
		return true;
	for (const struct command *command = commands; command->words; command++) {
		bool here =
			source->request ==
			(command->target == TARGET_KIOSK ? TOPIC_KIOSK_REQUEST : TOPIC_HUB_REQUEST);
		if (here && command->operation && strcmp(command->operation, operation->name) == 0)
			return true;
	}
	return false;
}

static void every_operation_has_a_command(void **state)
{
	(void)state;
	for (const struct operation_source *source = operation_sources; source->part; source++)
		for (size_t i = 0; strcmp(source->part, "payment") != 0 && operation_at(source, i);
			i++)
			if (!is_covered(source, operation_at(source, i)))
				fail_msg("no command for %s %s", source->part,
					operation_at(source, i)->name);
}

/* What must come first, comes first; names are unique. */
static void the_table_is_sound(void **state)
{
	(void)state;
	for (const struct command *command = commands; command->words; command++) {
		for (const struct command *other = command + 1; other->words; other++)
			assert_string_not_equal(command->words, other->words);
		bool optional = false;
		for (const struct parameter *at = command->parameters; at->name; at++) {
			assert_non_null(at->about);
			if (at->name[0] == '-')
				continue;
			assert_false(optional && at->required);
			optional = !at->required;
		}
		assert_int_equal(command->about[strlen(command->about) - 1], '.');
	}
	assert_non_null(commands[0].group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_and_options),
		cmocka_unit_test(the_longest_name_wins),
		cmocka_unit_test(which_bank),
		cmocka_unit_test(what_is_wrong),
		cmocka_unit_test(options_of_all),
		cmocka_unit_test(wishes),
		cmocka_unit_test(durations),
		cmocka_unit_test(commands_fit_their_operations),
		cmocka_unit_test(every_operation_has_a_command),
		cmocka_unit_test(the_table_is_sound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
