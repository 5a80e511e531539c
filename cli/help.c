#include "cli/texts.h"

#include <string.h>

#define INDENT 26
#define WIDTH  80

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
	{"--print-config", "Print the configuration in effect, as a file with comments."},
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

/* What a value of an option is called; "" of a flag and of what is no option. */
static const char *placeholder(const struct parameter *parameter)
{
	if (parameter->name[0] != '-')
		return "";
	switch (parameter->type) {
	case PARAMETER_FLAG:
		return "";
	case PARAMETER_INTEGER:
	case PARAMETER_COUNT:
		return " N";
	case PARAMETER_DURATION:
		return " TIME";
	default:
		return parameter->words ? " WORD" : " TEXT";
	}
}

static void say_parameter(const struct parameter *parameter, FILE *out)
{
	fprintf(out, parameter->required ? " %s%s%s" : " [%s%s%s]", parameter->name,
		placeholder(parameter), parameter->type == PARAMETER_DOORS ? "..." : "");
}

void texts_usage(const struct command *command, FILE *out)
{
	fputs(command->words, out);
	for (const struct parameter *at = command->parameters; at->name; at++)
		say_parameter(at, out);
}

/* Text from column INDENT on, in lines of WIDTH at most. */
static void say_about(const char *about, FILE *out)
{
	size_t used = INDENT;
	while (*about) {
		size_t word = strcspn(about, " ");
		if (used > INDENT && used + 1 + word > WIDTH) {
			fprintf(out, "\n%*s", INDENT, "");
			used = INDENT;
		}
		used += (size_t)fprintf(out, "%s%.*s", used > INDENT ? " " : "", (int)word, about);
		about += word;
		about += strspn(about, " ");
	}
	fputc('\n', out);
}

/* A name, and what it is from column INDENT on. */
static void say_pair(const char *name, const char *about, FILE *out)
{
	int n = fprintf(out, "  %s", name);
	if (n + 2 > INDENT)
		n = fprintf(out, "\n") - 1;
	fprintf(out, "%*s", INDENT - n, "");
	say_about(about, out);
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
	fputs("\nThe options' values are also read from ~/.config/lendlock.conf, or where that\n"
	      "is not, /etc/lendlock/cli.conf, and from LENDLOCK_SITE, LENDLOCK_KIOSK,\n"
	      "LENDLOCK_BROKER_URI, LENDLOCK_BROKER_USER and LENDLOCK_BROKER_PASSWORD;\n"
	      "lendlock(1) tells how.\n"
	      "`lendlock COMMAND --help` tells more of a command.\n",
		out);
}

static void help_parameter(const struct parameter *parameter, FILE *out)
{
	char name[64], text[512];
	snprintf(name, sizeof(name), "%s%s", parameter->name, placeholder(parameter));
	int n = snprintf(text, sizeof(text), "%s", parameter->about);
	for (int i = 0; parameter->words && parameter->words[i]; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s%s",
			i ? ", " : " One of: ", parameter->words[i]);
	snprintf(text + n, sizeof(text) - (size_t)n, "%s", parameter->words ? "." : "");
	say_pair(name, text, out);
}

static void help_one(const struct command *command, FILE *out)
{
	fputs("lendlock [OPTION...] ", out);
	texts_usage(command, out);
	fprintf(out, "\n\n%s\n", command->about);
	if (command->parameters[0].name)
		fputc('\n', out);
	for (const struct parameter *at = command->parameters; at->name; at++)
		help_parameter(at, out);
	fputs("\n`lendlock --help` lists the options of all commands.\n", out);
}

static void help_family(const char *family, FILE *out)
{
	for (const struct command *command = commands; command->words; command++)
		if (command_is_of(command, family))
			say_pair(command->words, command->about, out);
	fputs("\n`lendlock COMMAND --help` tells more of a command.\n", out);
}

void texts_help(const struct command *command, const char *family, FILE *out)
{
	if (command)
		help_one(command, out);
	else if (family)
		help_family(family, out);
	else
		help_all(out);
}
