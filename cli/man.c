/* The man page, in the man macros of roff (man(7)). */
#include "cli/texts.h"

#include "lib/config/roff.h"

#include <string.h>

static void say_item(const char *bold, const char *about, FILE *out)
{
	fputs(".TP\n.B ", out);
	roff_print(out, bold);
	fputc('\n', out);
	roff_print(out, about);
	fputc('\n', out);
}

static void say_pairs(const char *heading, const struct text_pair *pairs, FILE *out)
{
	fprintf(out, ".SH %s\n", heading);
	for (; pairs->name; pairs++)
		say_item(pairs->name, pairs->about, out);
}

static void say_parameters(const struct parameter *parameter, FILE *out)
{
	for (; parameter->name; parameter++) {
		fputs(".RS\n", out);
		say_item(parameter->name, parameter->about, out);
		if (parameter->words) {
			fputs("One of:", out);
			for (int i = 0; parameter->words[i]; i++) {
				fputs(i ? ", " : " ", out);
				roff_print(out, parameter->words[i]);
			}
			fputs(".\n", out);
		}
		fputs(".RE\n", out);
	}
}

static void say_command(const struct command *command, FILE *out)
{
	char usage[512] = "";
	FILE *text = fmemopen(usage, sizeof(usage), "w");
	if (text) {
		texts_usage(command, text);
		fclose(text);
	}
	say_item(usage, command->about, out);
	say_parameters(command->parameters, out);
}

static void say_commands(FILE *out)
{
	fputs(".SH COMMANDS\n", out);
	for (const struct command *command = commands; command->words; command++) {
		if (command->group) {
			fputs(".SS ", out);
			roff_print(out, command->group);
			fputc('\n', out);
		}
		say_command(command, out);
	}
}

static void say_examples(FILE *out)
{
	fputs(".SH EXAMPLES\n", out);
	for (const struct text_pair *pair = texts_examples; pair->name; pair++) {
		fputs(".PP\n", out);
		roff_print(out, pair->about);
		fputs("\n.PP\n.RS\n.nf\n", out);
		roff_print(out, pair->name);
		fputs("\n.fi\n.RE\n", out);
	}
}

void texts_man(FILE *out)
{
	fputs(".TH LENDLOCK 1 \"\" \"Lendlock " LENDLOCK_VERSION "\" \"User Commands\"\n"
	      ".SH NAME\nlendlock \\- speak with unattended lending lockers\n"
	      ".SH SYNOPSIS\n.B lendlock\n[\\fIOPTION\\fR...] \\fICOMMAND\\fR "
	      "[\\fIARGUMENT\\fR...]\n"
	      ".SH DESCRIPTION\n"
	      "Renters reserve, pay, open and return; managers see what lies where and who has it, "
	      "and\n"
	      "keep the catalogue.\n"
	      "All of it goes through the broker; a request is sent again until its one answer "
	      "comes or\n"
	      "its time is over.\n"
	      "What is done stands on standard output, what is not on standard error.\n",
		out);
	say_commands(out);
	say_pairs("OPTIONS", texts_options, out);
	say_pairs("EXIT STATUS", texts_exits, out);
	fputs(".SH FILES\n"
	      ".TP\n.I ~/.config/lendlock.conf\n.TQ\n.I /etc/lendlock/cli.conf\n"
	      "The first of them that there is, as in\n.PP\n.RS\n.nf\n"
	      "site = town\nkiosk = library\n\n[broker]\nuri = mqtts://broker.example\nuser = "
	      "mina\n"
	      "password = file:/home/mina/.lendlock\\-password\n.fi\n.RE\n.PP\n"
	      "Others are timeout and patience, and below [broker] ca_file, cert_file and "
	      "key_file;\n"
	      ".B lendlock \\-\\-print\\-config\nprints all of them, with comments.\n"
	      ".SH ENVIRONMENT\n"
	      "The same as\n.BR LENDLOCK_SITE ,\n.BR LENDLOCK_KIOSK ,\n.BR LENDLOCK_BROKER_URI ,\n"
	      ".BR LENDLOCK_BROKER_USER ,\n.B LENDLOCK_BROKER_PASSWORD\nand so on; they count "
	      "before"
	      " the file, and options before them.\n",
		out);
	say_examples(out);
	fputs(".SH SEE ALSO\n.BR lendlock\\-kiosk (8),\n.BR lendlock\\-hub (8),\n"
	      ".BR lendlock\\-payment\\-adapter (8)\n",
		out);
}
