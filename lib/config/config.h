/*
 * Configuration out of one const table per daemon. The same table gives --help, the man page and
 * the commented sample file, so they cannot disagree with what is parsed.
 *
 * A value is taken from, each beating the one before:
 *   1. the table's default
 *   2. the file: /etc/lendlock/NAME.conf if it exists, or the one of --config FILE, which must
 *   3. the environment: LENDLOCK_KEY, as in LENDLOCK_HOLD_TIME (others are not looked at)
 *   4. the command line: --key=value, as in --hold-time=15\ min (or --hold_time=)
 * What is overridden must be right all the same. All errors are listed before giving up.
 *
 * The file is of the INI kind: key = value, [section], comments after '#' or ';' at the start of a
 * line and after ' ;' behind a value. A line has at most 198 bytes.
 */
#ifndef LENDLOCK_CONFIG_CONFIG_H
#define LENDLOCK_CONFIG_CONFIG_H

#include "lib/base/text.h"
#include "lib/base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CONFIG_NAMES_MAX     32  /* names in a CONFIG_NAMES */
#define CONFIG_ELEMENTS_MAX  512 /* elements of a section array */
#define CONFIG_TEXT_SIZE_MAX 1024

/* What a value is. In brackets: the field that it is stored in. A text whose default is "" may be
 * left empty, which means "none"; other texts may not. */
enum config_type {
	CONFIG_NAME,     /* [a-z0-9-]{1,32} (char[NAME_SIZE]) */
	CONFIG_TEXT,     /* printable; min..max bytes (char[]) */
	CONFIG_PATH,     /* absolute (char[]) */
	CONFIG_URI,      /* one of the schemes in choices; no user or password in it (char[]) */
	CONFIG_PASSWORD, /* as it is, or file:PATH to read it from; never printed (char[]) */
	CONFIG_INTEGER,  /* min..max (int or int64_t) */
	CONFIG_DURATION, /* "500 ms", "15 min", "30 d"; min..max (usec) */
	CONFIG_BOOLEAN,  /* yes or no (bool) */
	CONFIG_CHOICE,   /* one of choices; stored as its index (an enum or int) */
	CONFIG_NAMES,    /* min..max different names, separated by commas (struct config_names) */
};

struct config_names {
	size_t count;
	char name[CONFIG_NAMES_MAX][NAME_SIZE];
};

struct config_key {
	const char *section; /* of a plain section: [broker] uri is broker_uri elsewhere; or NULL */
	const char *key;     /* [a-z0-9_]+ */
	enum config_type type;
	size_t offset;              /* of the field in the daemon's struct, or in the element; */
	size_t size;                /* and its size: CONFIG_FIELD() fills in both */
	int64_t min, max;           /* both 0: as wide as the field */
	const char *const *choices; /* ends with NULL */
	const char *value;          /* the default as text; NULL: it must be given */
	const char *example;        /* shown instead of a default that is NULL or "" */
	const char *unit;           /* of an integer: "rentals"; or NULL */
	const char *help;           /* one sentence */
};

#define CONFIG_FIELD(type, member) \
	.offset = offsetof(type, member), .size = sizeof(((type *)NULL)->member)

/* An array of sections: [compartment 3] fills element 3 of an array of structs, whose first
 * element is called 1. Such keys stand in the file alone. */
struct config_section {
	const char *prefix; /* "compartment" */
	const char *help;   /* one sentence */
	size_t offset;      /* of the array in the daemon's struct */
	size_t stride;      /* size of an element */
	size_t count;       /* elements of the array, at most CONFIG_ELEMENTS_MAX */
	size_t given;       /* offset in the element of a bool: the file has this section */
	const struct config_key *keys;
	size_t keys_count;
};

struct config_table {
	const char *program;     /* "lendlock-kiosk" */
	const char *name;        /* "kiosk": of /etc/lendlock/kiosk.conf */
	const char *summary;     /* what the daemon is, in half a sentence */
	const char *description; /* paragraphs for the man page, with an empty line in between */
	size_t size;             /* of the daemon's struct */
	const char *option;      /* "--rebuild-view": see config_take_option(); or NULL */
	const char *option_help; /* one sentence */
	const struct config_key *keys; /* those without a section first, the others by section */
	size_t keys_count;
	const struct config_section *sections;
	size_t sections_count;
};

/* What came out of it. */
enum {
	CONFIG_GO = 0,     /* the configuration is complete and right: go on */
	CONFIG_DONE = 1,   /* what --help and the like asked for is printed: exit */
	CONFIG_WRONG = 78, /* errors are listed: exit (EX_CONFIG, which systemd calls CONFIG) */
};

/* Fills config, table->size bytes, of which nothing is to be freed. Returns one of the above, and
 * config is only good after CONFIG_GO. So a main() begins with
 *	int r = config_load(&table, argc, argv, &config);
 *	if (r != CONFIG_GO)
 *		return config_exit_status(r);
 */
int config_load(const struct config_table *table, int argc, char **argv, void *config);
int config_exit_status(int r);

/* Takes an option that is no configuration (--rebuild-view) out of the arguments. Whether it was
 * there. */
bool config_take_option(int *argc, char **argv, const char *option);

/* The same with all it reads and writes handed in, for tests. Ends of lists: NULL. */
struct config_sources {
	char **argv;      /* argv[0] is skipped */
	char **environ;   /* NULL: none */
	const char *file; /* in place of /etc/lendlock/NAME.conf; need not exist */
	FILE *out;
	FILE *err;
};
int config_read(
	const struct config_table *table, const struct config_sources *sources, void *config);

/* Whether a table holds together: types fit their fields, defaults and examples their bounds, names
 * are unique. Says on err what does not. 0 or -EINVAL. For the daemons' tests; config_read() aborts
 * at a default that is wrong. */
int config_check_table(const struct config_table *table, FILE *err);

/* The texts made from the table. */
void config_print_help(const struct config_table *table, FILE *out);
void config_print_man(const struct config_table *table, FILE *out);
/* The file with comments that would load config; what is at its default is commented out, what must
 * be given and is not shows its example. Passwords are left out. */
void config_print_file(const struct config_table *table, const void *config, FILE *out);

#endif
