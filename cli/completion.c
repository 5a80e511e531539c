/* Completion of words for bash: a function with one case for each command. */
#include "cli/texts.h"

#include <string.h>

static void say_first_words(FILE *out)
{
	for (const struct command *command = commands; command->words; command++) {
		int n = (int)strcspn(command->words, " ");
		bool again = command != commands &&
			     strncmp(command[-1].words, command->words, (size_t)n) == 0 &&
			     strcspn(command[-1].words, " ") == (size_t)n;
		if (!again)
			fprintf(out, " %.*s", n, command->words);
	}
}

/* The second words of those commands that begin with the same one; "" if there are none. */
static void say_second_words(const char *first, FILE *out)
{
	size_t n = strlen(first);
	for (const struct command *command = commands; command->words; command++)
		if (strncmp(command->words, first, n) == 0 && command->words[n] == ' ')
			fprintf(out, " %s", command->words + n + 1);
}

static void say_parameter_words(const struct command *command, FILE *out)
{
	for (const struct parameter *at = command->parameters; at->name; at++) {
		if (at->name[0] == '-')
			fprintf(out, " %s", at->name);
		for (int i = 0; at->name[0] != '-' && at->words && at->words[i]; i++)
			fprintf(out, " %s", at->words[i]);
	}
}

static void say_option_values(FILE *out)
{
	for (const struct command *command = commands; command->words; command++)
		for (const struct parameter *at = command->parameters; at->name; at++) {
			if (at->name[0] != '-' || !at->words)
				continue;
			fprintf(out, "\t'%s %s') words=\"", command->words, at->name);
			for (int i = 0; at->words[i]; i++)
				fprintf(out, "%s%s", i ? " " : "", at->words[i]);
			fputs("\" ;;\n", out);
		}
}

static void say_cases(FILE *out)
{
	for (const struct command *command = commands; command->words; command++) {
		fprintf(out, "\t'%s') words=\"", command->words);
		say_parameter_words(command, out);
		if (!strchr(command->words, ' '))
			say_second_words(command->words, out);
		fputs("\" ;;\n", out);
	}
}

/* Words that only begin commands: `item`. */
static void say_heads(FILE *out)
{
	const char *last = "";
	for (const struct command *command = commands; command->words; command++) {
		char first[32] = "";
		size_t n = strcspn(command->words, " ");
		if (command->words[n] == '\0' || n >= sizeof(first))
			continue;
		memcpy(first, command->words, n);
		bool alone = false;
		for (const struct command *at = commands; at->words; at++)
			alone |= strcmp(at->words, first) == 0;
		if (alone || strncmp(last, first, n) == 0)
			continue;
		last = command->words;
		fprintf(out, "\t%s) words=\"", first);
		say_second_words(first, out);
		fputs("\" ;;\n", out);
	}
}

/* All commands, and the words that begin some, with '|' in front of each. */
static void say_known(FILE *out)
{
	for (const struct command *command = commands; command->words; command++) {
		int n = (int)strcspn(command->words, " ");
		fprintf(out, "|%.*s", n, command->words);
		if (command->words[n])
			fprintf(out, "|%s", command->words);
	}
}

/* Those of all commands: "--broker|--user". */
static void say_options_with_values(FILE *out)
{
	const char *separator = "";
	for (const struct text_pair *option = texts_options; option->name; option++)
		if (strchr(option->name, ' ')) {
			fprintf(out, "%s%.*s", separator, (int)strcspn(option->name, " "),
				option->name);
			separator = "|";
		}
}

void texts_completion(FILE *out)
{
	fputs("# bash completion for lendlock; made by lendlock --print-completion\n"
	      "_lendlock_files() {\n"
	      "\tcompopt -o filenames 2>/dev/null\n"
	      "\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n}\n"
	      "_lendlock() {\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal command= words= i known='",
		out);
	say_known(out);
	fputs("|'\n"
	      /* bash takes --state=av for three words. */
	      "\t[[ $word == = ]] && word=\n"
	      "\t[[ $last == = ]] && last=${COMP_WORDS[COMP_CWORD-2]}\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase ${COMP_WORDS[i]} in\n\t\t",
		out);
	say_options_with_values(out);
	fputs(")\n\t\t\t[[ ${COMP_WORDS[i+1]} == = ]] && ((i++))\n\t\t\t((i++)) ;;\n"
	      "\t\t-*|=) ;;\n"
	      "\t\t*) [[ $known == *\"|${command:+$command }${COMP_WORDS[i]}|\"* ]] &&\n"
	      "\t\t\tcommand=\"${command:+$command }${COMP_WORDS[i]}\" ;;\n"
	      "\t\tesac\n\tdone\n"
	      "\tcase $command in\n\t'') words=\"help",
		out);
	say_first_words(out);
	fputs("\" ;;\n", out);
	say_heads(out);
	say_cases(out);
	fputs("\tesac\n\tcase \"$command $last\" in\n", out);
	say_option_values(out);
	fputs("\tesac\n\tcase $last in\n"
	      "\t--config|--password-file|--ca-file|--cert-file|--key-file)\n"
	      "\t\t_lendlock_files; return ;;\n\t",
		out);
	say_options_with_values(out);
	fputs(") return ;;\n"
	      "\tesac\n"
	      "\t[[ $command == 'item import' && $word != -* ]] && { _lendlock_files; return; }\n"
	      "\t[[ $word == -* ]] && words+=\" ",
		out);
	for (const struct text_pair *option = texts_options; option->name; option++)
		fprintf(out, " %.*s", (int)strcspn(option->name, " "), option->name);
	fputs("\"\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
	      "complete -F _lendlock lendlock\n",
		out);
}
