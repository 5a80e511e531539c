/* lendlock: the command line. */
#include "cli/run.h"
#include "cli/texts.h"
#include "lib/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define FILE_SIZE 512

/* ~/.config/lendlock.conf, or the machine's if there is none. */
static const char *find_file(char own[static FILE_SIZE])
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	if (base && base[0])
		snprintf(own, FILE_SIZE, "%s/lendlock.conf", base);
	else
		snprintf(own, FILE_SIZE, "%s/.config/lendlock.conf", home ? home : "");
	return access(own, F_OK) == 0 ? own : "/etc/lendlock/cli.conf";
}

static int check_set(const char *option, const char *name)
{
	if (name[0] != '\0')
		return EXIT_DONE;
	fprintf(stderr, "lendlock: %s is not set: by option, environment or file\n", option);
	return EXIT_USAGE;
}

/* CONFIG_GO, or what else came out of it. */
static int read_config(struct arguments_line *line, struct cli_config *ret_config)
{
	char own[FILE_SIZE];
	const struct config_sources sources = {.argv = line->config,
		.environ = environ,
		.file = find_file(own),
		.out = stdout,
		.err = stderr};
	return config_read(&cli_config_table, &sources, ret_config);
}

static int configure(struct arguments_line *line, struct cli_config *ret_config)
{
	if (read_config(line, ret_config) != CONFIG_GO)
		return EXIT_USAGE;
	int status = check_set("--site", ret_config->site);
	return status == EXIT_DONE ? check_set("--user", ret_config->user) : status;
}

static int print_config(struct arguments_line *line)
{
	struct cli_config config;
	size_t n = 1;
	while (line->config[n])
		n++;
	line->config[n] = (char[]){"--print-config"};
	return read_config(line, &config) == CONFIG_DONE ? EXIT_DONE : EXIT_USAGE;
}

static size_t terminal_width(void)
{
	struct winsize size;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static int run(struct arguments_line *line)
{
	struct cli_config config;
	int status = configure(line, &config);
	if (status != EXIT_DONE)
		return status;
	struct clock_port *clock = clock_os_new(true);
	struct run run = {
		.line = line,
		.config = &config,
		.show = {.out = stdout, .width = terminal_width(), .now = clock->wall(clock)},
	};
	clock_os_free(clock);
	return run_command(&run);
}

/* What is wanted besides commands. */
static int grant(struct arguments_line *line)
{
	switch (line->wish) {
	case WISH_HELP:
		texts_help(line->command, line->family, stdout);
		break;
	case WISH_VERSION:
		printf("lendlock %s\n", LENDLOCK_VERSION);
		break;
	case WISH_CONFIG:
		return print_config(line);
	case WISH_MAN:
		texts_man(stdout);
		break;
	case WISH_COMPLETION:
		texts_completion(stdout);
		break;
	case WISH_COMMAND:
		abort();
	}
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	struct arguments_line line;
	char why[ARGUMENTS_WHY_SIZE];
	(void)argc; /* argv ends with NULL (C11 5.1.2.2.1) */
	log_set_plain("lendlock");
	log_set_level(LOG_LEVEL_WARNING);
	int status;
	if (arguments_read(argv, &line, why) < 0) {
		fprintf(stderr, "lendlock: %s\n", why);
		status = EXIT_USAGE;
	} else {
		status = line.wish == WISH_COMMAND ? run(&line) : grant(&line);
	}
	if (fflush(stdout) != 0 && status == EXIT_DONE) {
		fprintf(stderr, "lendlock: standard output: %s\n", strerror(errno));
		status = EXIT_USAGE;
	}
	/* Paho takes up to a second to end its threads, and nothing of ours is under way. */
	_exit(status);
}
