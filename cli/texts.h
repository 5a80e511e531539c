/* The texts made from the table of commands. */
#ifndef LENDLOCK_CLI_TEXTS_H
#define LENDLOCK_CLI_TEXTS_H

#include "cli/commands.h"

#include <stdio.h>

/* "item stock ITEM [DOOR]" */
void texts_usage(const struct command *command, FILE *out);
/* All commands in short; or one at length; or, of a family, those that begin with that word. Both
 * may be NULL. */
void texts_help(const struct command *command, const char *family, FILE *out);
void texts_man(FILE *out);        /* lendlock(1) in roff */
void texts_completion(FILE *out); /* for bash */

struct text_pair {
	const char *name, *about;
};
/* For help and man page alike; ended by a NULL name. */
extern const struct text_pair texts_options[], texts_exits[], texts_examples[];

#endif
