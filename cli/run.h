/* Doing what a command line says. */
#ifndef LENDLOCK_CLI_RUN_H
#define LENDLOCK_CLI_RUN_H

#include "cli/arguments.h"
#include "cli/ask.h"
#include "cli/config.h"
#include "cli/show.h"

/* How a command ends; see texts_exits. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_USAGE = 1,
	EXIT_REFUSED = 2,
	EXIT_UNKNOWN = 3,
	EXIT_SILENT = 4,
	EXIT_LATER = 5,
};

struct run {
	const struct arguments_line *line;
	const struct cli_config *config;
	struct show show;
	struct asker *asker; /* opened when something is asked for */
};

/* Each returns an exit status. */
int run_command(struct run *run);
int run_ask(struct run *run);
int run_list(struct run *run);
int run_adopt(struct run *run);
int run_import(struct run *run); /* run_import.c */
/* Puts a rental's id into args where an item's name stands for it. */
int run_find_rental(struct run *run, json_t *args); /* run_rental.c */
int run_offers(struct run *run);                    /* listen.c */
int run_status(struct run *run);
int run_watch(struct run *run);

/* Opens run->asker. EXIT_DONE, or how it ends. */
int run_open(struct run *run);
/* Asks, and prints the reply or what became of the question. args is given away. ret_reply may be
 * NULL; else a new reference, or NULL. */
int run_question(
	struct run *run, const struct question *question, json_t *args, json_t **ret_reply);
/* Prints a reply; the exit status that its code means. */
int run_show_reply(struct run *run, const json_t *reply);
int run_exit_of(const char *code);
/* A text in an object, or "". */
const char *run_text(const json_t *json, const char *name);

#endif
