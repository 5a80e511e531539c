/* What the words of the command line mean. */
#ifndef LENDLOCK_CLI_ARGUMENTS_H
#define LENDLOCK_CLI_ARGUMENTS_H

#include "cli/commands.h"

#include <jansson.h>
#include <stdbool.h>

#define ARGUMENTS_WHY_SIZE    200
#define ARGUMENTS_CONFIG_MAX  16
#define ARGUMENTS_CONFIG_SIZE 320

/* What was asked for besides, or instead of, a command. */
enum arguments_wish {
	WISH_COMMAND,
	WISH_HELP,
	WISH_VERSION,
	WISH_CONFIG,
	WISH_MAN,
	WISH_COMPLETION,
};

struct arguments_line {
	enum arguments_wish wish;
	bool json;
	bool kiosk_given;              /* --kiosk stands on the command line */
	const struct command *command; /* NULL: none; then wish is not WISH_COMMAND */
	const char *family;            /* a word that only begins commands, as `item`; or NULL */
	/* Values of the command's parameters, in their order; NULL: not given. Point into argv. */
	const char *values[PARAMETERS_MAX];
	char **rest; /* of PARAMETER_DOORS: ended by NULL */
	/* The options that say where and who, as lib/config wants them: --key=value, then NULL. */
	char config_text[ARGUMENTS_CONFIG_MAX][ARGUMENTS_CONFIG_SIZE];
	char *config[ARGUMENTS_CONFIG_MAX + 3]; /* there is room for one more */
};

/* 0, or -EINVAL and why. argv[0] is skipped; the line points into argv. */
int arguments_read(
	char **argv, struct arguments_line *ret_line, char why[static ARGUMENTS_WHY_SIZE]);

/* The arguments of the request that the line means, a new reference; kiosk as configured. NULL:
 * why. */
json_t *arguments_json(
	const struct arguments_line *line, const char *kiosk, char why[static ARGUMENTS_WHY_SIZE]);
/* The value of a parameter that is the command's own: "--watch". NULL: not given. */
const char *arguments_value(const struct arguments_line *line, const char *name);

/* "2d", "36 h", "90 min", "3600" as seconds. 0 or -EINVAL. */
int arguments_duration(const char *text, json_int_t *ret_seconds);

#endif
