#include "cli/texts.h"

#include <string.h>

#define INDENT 34

const struct text_pair texts_options[] = {
	{"--broker URI", "Where the broker is: mqtt://host:port, or mqtts:// for TLS."},
	{"--user NAME", "Who asks: the name at the broker."},
	{"--password-file FILE", "The password, in a file."},
	{"--ca-file FILE", "Certificates to trust with TLS; the system's if not given."},
	{"--cert-file FILE", "A client certificate."},
	{"--key-file FILE", "The certificate's key."},
	{"--site NAME", "The site: a town, a campus."},
	{"--kiosk NAME", "The bank that is meant where a command is about one."},
	{"--timeout TIME", "How long to try to reach the broker; 5 s if not given."},
	{"--patience TIME",
		"How long to wait for a reply, 1 s to 1 min; 20 s if not given, 9 s at doors."},
	{"--config FILE", "Read FILE instead of those below."},
	{"--json", "Print what came, one JSON text a line, instead of words for people."},
	{"--help", "Print this, or a command's own help."},
	{"--version", "Print the version."},
	{"--print-man", "Print the man page in roff."},
	{"--print-completion", "Print what bash needs to complete words."},
	{0},
};

const struct text_pair texts_exits[] = {
	{"0", "Done, or shown."},
	{"1", "Wrong usage, a wrong file; nothing was sent."},
	{"2", "Refused, or tried and failed; standard error says why."},
	{"3", "Taken on, but not decided in time; or sent and not answered, so that nobody knows. "
	      "Ask before asking for it again."},
	{"4", "The broker was not reached, or a question was not answered."},
	{"5", "Refused for the moment (busy, payments closed, too many wrong codes, an unsure "
	      "clock): "
	      "try again later."},
	{0},
};

const struct text_pair texts_examples[] = {
	{"lendlock --user mina --kiosk library reserve drill-18v",
		"Holds the drill; prints the rental and its pickup code."},
	{"lendlock --user mina --kiosk library open 40718263", "Opens its door by the code."},
	{"lendlock --user boss status --watch", "Stays and shows every bank."},
	{"lendlock --user boss item import --check items.csv",
		"Says what is wrong in a file of items."},
	{"lendlock --user boss --json item list --state available | jq -r '.items[].item'",
		"For scripts."},
	{0},
};

static void say_parameter(const struct parameter *parameter, FILE *out)
{
	bool option = parameter->name[0] == '-';
	fputs(parameter->required ? " " : " [", out);
	fputs(parameter->name, out);
	if (option && parameter->type != PARAMETER_FLAG)
		fputs(parameter->type == PARAMETER_INTEGER      ? " N"
			: parameter->type == PARAMETER_DURATION ? " TIME"
			: parameter->words                      ? " WORD"
								: " TEXT",
			out);
	if (parameter->type == PARAMETER_DOORS)
		fputs("...", out);
	if (!parameter->required)
		fputc(']', out);
}

void texts_usage(const struct command *command, FILE *out)
{
	fputs(command->words, out);
	for (const struct parameter *at = command->parameters; at->name; at++)
		say_parameter(at, out);
}

/* A name, and what it is from column INDENT on. */
static void say_pair(const char *name, const char *about, FILE *out)
{
	int n = (int)strlen(name);
	if (n + 4 > INDENT)
		fprintf(out, "  %s\n%*s%s\n", name, INDENT, "", about);
	else
		fprintf(out, "  %-*s%s\n", INDENT - 2, name, about);
}

static void say_pairs(const char *heading, const struct text_pair *pairs, FILE *out)
{
	fprintf(out, "\n%s\n", heading);
	for (; pairs->name; pairs++)
		say_pair(pairs->name, pairs->about, out);
}

static void help_all(FILE *out)
{
	fputs("lendlock [OPTION...] COMMAND [ARGUMENT...]\n\n"
	      "Speaks with unattended lending lockers over MQTT.\n",
		out);
	for (const struct command *command = commands; command->words; command++) {
		if (command->group)
			fprintf(out, "\n%s\n", command->group);
		say_pair(command->words, command->about, out);
	}
	say_pairs("Options", texts_options, out);
	say_pairs("Exit status", texts_exits, out);
	fputs("\nThe options' values are also read from ~/.config/lendlock.conf, or where that is "
	      "not,\n"
	      "/etc/lendlock/cli.conf, and from LENDLOCK_SITE, LENDLOCK_KIOSK, "
	      "LENDLOCK_BROKER_URI,\n"
	      "LENDLOCK_BROKER_USER and LENDLOCK_BROKER_PASSWORD; lendlock(1) tells how.\n"
	      "`lendlock COMMAND --help` tells more of a command.\n",
		out);
}

static void help_words(const struct parameter *parameter, FILE *out)
{
	fprintf(out, "%*sOne of: ", INDENT, "");
	for (int i = 0; parameter->words[i]; i++)
		fprintf(out, "%s%s", i ? ", " : "", parameter->words[i]);
	fputs(".\n", out);
}

static void help_one(const struct command *command, FILE *out)
{
	fputs("lendlock [OPTION...] ", out);
	texts_usage(command, out);
	fprintf(out, "\n\n%s\n", command->about);
	if (command->parameters[0].name)
		fputc('\n', out);
	for (const struct parameter *at = command->parameters; at->name; at++) {
		say_pair(at->name, at->about, out);
		if (at->words)
			help_words(at, out);
	}
	fputs("\n`lendlock --help` lists the options of all commands.\n", out);
}

void texts_help(const struct command *command, FILE *out)
{
	if (command)
		help_one(command, out);
	else
		help_all(out);
}
