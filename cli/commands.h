/*
 * The commands, in one table. What is parsed, --help, the man page and the completion of words come
 * from it, so they say the same.
 */
#ifndef LENDLOCK_CLI_COMMANDS_H
#define LENDLOCK_CLI_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#define PARAMETERS_MAX 12

enum parameter_type {
	PARAMETER_TEXT,
	PARAMETER_INTEGER,
	PARAMETER_COUNT,    /* an integer from 1 on */
	PARAMETER_DURATION, /* "2 d", "36 h"; seconds in the request */
	PARAMETER_WORD,     /* one of words; the same text in the request */
	PARAMETER_EITHER,   /* words[0]: true, words[1]: false in the request */
	PARAMETER_FLAG,     /* an option without a value: true in the request */
	PARAMETER_OR_CODE,  /* a rental, or its code of 8 digits, which goes into `code` */
	PARAMETER_DOORS,    /* all words that follow: DOOR=ITEM, or DOOR= for an empty one */
};

struct parameter {
	const char *name;  /* a place: "ITEM"; an option: "--title" */
	const char *field; /* of the request; NULL: for the command itself */
	enum parameter_type type;
	bool required;
	const char *const *words; /* ended by NULL */
	const char *about;
};

/* Whom a command asks. */
enum command_target {
	TARGET_KIOSK, /* one bank: --kiosk says which */
	TARGET_HUB,
	TARGET_NONE, /* it listens, or does more than one thing */
};

enum command_kind {
	COMMAND_ASK,    /* one request, one reply */
	COMMAND_LIST,   /* a query of the hub, page after page */
	COMMAND_ADOPT,  /* kiosk-adopt of what the bank claims */
	COMMAND_IMPORT, /* many item-register */
	COMMAND_OFFERS,
	COMMAND_STATUS,
	COMMAND_WATCH,
};

/* Whether --kiosk goes into the request, too: of hub operations that have such an argument. */
enum command_kiosk {
	KIOSK_NOT,
	KIOSK_GIVEN,    /* if it stands on the command line: a filter */
	KIOSK_REQUIRED, /* from wherever */
};

struct command {
	const char *words; /* "item add" */
	const char *about; /* one sentence */
	const char *group; /* a heading for the first of its kind; else NULL */
	enum command_kind kind;
	enum command_target target;
	const char *operation;
	bool opens_door; /* such requests live 10 s at most */
	bool of_anybody; /* RENTAL may be anybody's: a manager asks */
	enum command_kiosk kiosk;
	bool blocked;      /* `renter block`: the value of that argument; see fixed */
	const char *fixed; /* a boolean argument that is part of the command: "blocked" */
	struct parameter parameters[PARAMETERS_MAX]; /* ended by a NULL name */
};

extern const struct command commands[]; /* ended by NULL words */

/* Whether its name is two words, and this the first of them. */
bool command_is_of(const struct command *command, const char *family);

#endif
