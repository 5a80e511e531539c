/* log.c: lines for the journal, and for who sits at a terminal. */
#include "lib/base/log.h"

#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What a process writes to fds[1] as its stderr. */
static void writes(int fds[2], const char *want)
{
	char line[100] = "";
	size_t n = 0;
	pid_t child = fork();
	if (child == 0) {
		dup2(fds[1], STDERR_FILENO);
		log_set_plain_on_terminal("lendlock-hub");
		log_warning("mind %s", "the\x1bstep");
		log_debug("not that loud");
		_exit(0);
	}
	while (!memchr(line, '\n', n))
		n += (size_t)read(fds[0], line + n, sizeof(line) - 1 - n);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(fds[0]);
	close(fds[1]);
	assert_string_equal(line, want);
}

static void to_the_journal(void **state)
{
	(void)state;
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	writes(fds, "<4>mind the?step\n");
}

static void to_a_terminal(void **state)
{
	(void)state;
	int fds[2];
	assert_int_equal(openpty(&fds[0], &fds[1], NULL, NULL, NULL), 0);
	writes(fds, "lendlock-hub: mind the?step\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_the_journal),
		cmocka_unit_test(to_a_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
