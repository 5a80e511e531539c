/*
 * What a daemon is told at its start: the first line is the daemon's name, then comes its
 * configuration file, and behind each NUL a word of the command line, or, if it begins with
 * LENDLOCK_, of the environment. What is taken is the same once it is printed and read again.
 */
#include "cli/config.h"
#include "hub/config.h"
#include "kiosk/config.h"
#include "lib/config/config.h"
#include "payment-adapter/config.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WORDS_MAX 16

static const struct config_table *const tables[] = {
	&kiosk_config_table, &hub_config_table, &adapter_config_table, &cli_config_table};

void fuzz_set_up(const char *target)
{
	(void)target;
}

static const struct config_table *find(const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		if (strcmp(tables[i]->name, name) == 0)
			return tables[i];
	return NULL;
}

/* An output that is kept as text. */
struct output {
	FILE *file;
	char *text;
	size_t size;
};

static void begin(struct output *output)
{
	*output = (struct output){.text = NULL};
	output->file = open_memstream(&output->text, &output->size);
	FUZZ_CHECK(output->file);
}

/* A file's name for some bytes, as long as the descriptor that is returned is open. */
static int make_file(const char *bytes, size_t size, char *ret_path, size_t room)
{
	int fd = memfd_create("configuration", MFD_CLOEXEC);
	FUZZ_CHECK(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	snprintf(ret_path, room, "/proc/self/fd/%d", fd);
	return fd;
}

/* Reads one; what it says is added to out and err. */
static int read_one(const struct config_table *table, const char *file, size_t size, char **argv,
	char **environment, void *config)
{
	char path[64];
	struct output out, err;
	int fd = make_file(file, size, path, sizeof(path));
	begin(&out);
	begin(&err);
	const struct config_sources sources = {.argv = argv,
		.environ = environment,
		.file = path,
		.out = out.file,
		.err = err.file};
	memset(config, 0, table->size);
	int r = config_read(table, &sources, config);
	fclose(out.file);
	fclose(err.file);
	close(fd);
	FUZZ_CHECK(r == CONFIG_GO || r == CONFIG_DONE || r == CONFIG_WRONG);
	FUZZ_CHECK((r == CONFIG_WRONG) == (err.size > 0));
	FUZZ_CHECK((r == CONFIG_DONE) == (out.size > 0));
	free(out.text);
	free(err.text);
	return r;
}

static struct output print(const struct config_table *table, const void *config)
{
	struct output output;
	begin(&output);
	config_print_file(table, config, output.file);
	fclose(output.file);
	/* Passwords are not printed, but that there are some is. */
	for (char *at; (at = strstr(output.text, "# It is set, and not shown here.\n"));) {
		char *end = strchr(at, '\n') + 1;
		memmove(at, end, strlen(end) + 1);
	}
	output.size = strlen(output.text);
	return output;
}

static void check_same(const struct config_table *table, const void *config)
{
	char *nothing[] = {(char[]){"fuzz"}, NULL};
	void *again = malloc(table->size);
	struct output once = print(table, config);
	FUZZ_CHECK(again);
	if (read_one(table, once.text, once.size, nothing, NULL, again) != CONFIG_GO)
		FUZZ_FAIL("it is printed, and not taken:\n%s", once.text);
	struct output twice = print(table, again);
	if (strcmp(once.text, twice.text) != 0)
		FUZZ_FAIL("printed once:\n%s\nand again:\n%s", once.text, twice.text);
	free(once.text);
	free(twice.text);
	free(again);
}

/* The text up to the next NUL; moves on behind it. */
static char *take(const uint8_t **at, const uint8_t *end)
{
	const uint8_t *stop = memchr(*at, '\0', (size_t)(end - *at));
	stop = stop ? stop : end;
	char *text = fuzz_text(*at, (size_t)(stop - *at));
	*at = stop < end ? stop + 1 : end;
	return text;
}

void fuzz_try(const uint8_t *bytes, size_t size)
{
	const uint8_t *at = bytes, *end = bytes + size;
	char *file = take(&at, end), *rest = file, *name = strsep(&rest, "\n");
	char *argv[WORDS_MAX + 2] = {(char[]){"fuzz"}}, *environment[WORDS_MAX + 1] = {NULL};
	size_t args = 1, variables = 0;
	while (at < end && args + variables <= WORDS_MAX) {
		char *word = take(&at, end);
		if (strncmp(word, "LENDLOCK_", 9) == 0)
			environment[variables++] = word;
		else
			argv[args++] = word;
	}
	const struct config_table *table = find(name);
	void *config = table ? malloc(table->size) : NULL;
	rest = rest ? rest : name + strlen(name);
	if (config && read_one(table, rest, strlen(rest), argv, environment, config) == CONFIG_GO)
		check_same(table, config);
	free(config);
	free(file);
	while (args > 1)
		free(argv[--args]);
	while (variables > 0)
		free(environment[--variables]);
}
