#include "lib/ports/loop.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* A daemon of two eventfds that writes down what it is called for. */
struct daemon {
	struct loop_handler handler;
	struct loop *loop;
	int fds[2];
	struct loop_fd *watched[2];
	char record[64];
	usec due;
	int ready_result;
	int rounds_left; /* until it ends the loop */
	bool clears;     /* its fds when served */
	bool healthy;
	int ticks_left;
};

static void record(struct daemon *daemon, char what)
{
	size_t length = strlen(daemon->record);
	assert_true(length + 1 < sizeof(daemon->record));
	daemon->record[length] = what;
}

static int on_ready(struct daemon *daemon, int which, uint32_t events)
{
	assert_int_equal(events, EPOLLIN);
	record(daemon, which == 0 ? 'a' : 'b');
	uint64_t count;
	if (daemon->clears)
		assert_int_equal(read(daemon->fds[which], &count, sizeof(count)), sizeof(count));
	return daemon->ready_result;
}

static int on_ready_a(void *context, uint32_t events)
{
	return on_ready(context, 0, events);
}

static int on_ready_b(void *context, uint32_t events)
{
	return on_ready(context, 1, events);
}

static int on_after(void *context)
{
	struct daemon *daemon = context;
	record(daemon, '|');
	if (--daemon->rounds_left == 0)
		loop_end(daemon->loop);
	return 0;
}

static usec on_next_due(void *context)
{
	return ((struct daemon *)context)->due;
}

static usec boottime(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (usec)ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}

static int on_tick(void *context)
{
	struct daemon *daemon = context;
	assert_true(boottime() >= daemon->due);
	record(daemon, 't');
	daemon->due = --daemon->ticks_left > 0 ? boottime() + 5 * MSEC : USEC_NEVER;
	return 0;
}

static bool on_healthy(void *context)
{
	return ((struct daemon *)context)->healthy;
}

static int set_up(void **state)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));
	*daemon = (struct daemon){
		.handler = {.context = daemon,
			.next_due = on_next_due,
			.tick = on_tick,
			.after = on_after,
			.healthy = on_healthy},
		.due = USEC_NEVER,
		.rounds_left = 1,
		.clears = true,
		.healthy = true,
	};
	assert_int_equal(loop_new(&daemon->handler, &daemon->loop), 0);
	for (int i = 0; i < 2; i++) {
		daemon->fds[i] = eventfd(0, EFD_CLOEXEC);
		assert_int_equal(
			loop_fd_new(daemon->loop, daemon->fds[i], EPOLLIN,
				i == 0 ? on_ready_a : on_ready_b, daemon, &daemon->watched[i]),
			0);
	}
	*state = daemon;
	return 0;
}

static int tear_down(void **state)
{
	struct daemon *daemon = *state;
	for (int i = 0; i < 2; i++) {
		loop_fd_free(daemon->watched[i]);
		close(daemon->fds[i]);
	}
	loop_free(daemon->loop);
	free(daemon);
	return 0;
}

static void make_ready(struct daemon *daemon, int which)
{
	assert_int_equal(eventfd_write(daemon->fds[which], 1), 0);
}

static void all_that_is_ready_comes_before_after(void **state)
{
	struct daemon *daemon = *state;
	make_ready(daemon, 0);
	make_ready(daemon, 1);
	assert_int_equal(loop_run(daemon->loop), 0);
	assert_int_equal(strlen(daemon->record), 3);
	assert_non_null(strchr(daemon->record, 'a'));
	assert_non_null(strchr(daemon->record, 'b'));
	assert_int_equal(daemon->record[2], '|');
}

static void what_stays_ready_does_not_put_off_after(void **state)
{
	struct daemon *daemon = *state;
	daemon->clears = false;
	daemon->rounds_left = 3;
	make_ready(daemon, 0);
	assert_int_equal(loop_run(daemon->loop), 0);
	assert_string_equal(daemon->record, "a|a|a|");
}

static void both_get_their_turn_under_load(void **state)
{
	struct daemon *daemon = *state;
	daemon->clears = false;
	daemon->rounds_left = 5;
	make_ready(daemon, 0);
	make_ready(daemon, 1);
	assert_int_equal(loop_run(daemon->loop), 0);
	for (char *round = daemon->record; *round; round += 3) {
		assert_int_equal(round[0] + round[1], 'a' + 'b');
		assert_int_equal(round[2], '|');
	}
}

static void error_of_a_callback_ends_the_loop(void **state)
{
	struct daemon *daemon = *state;
	daemon->ready_result = -EIO;
	make_ready(daemon, 0);
	assert_int_equal(loop_run(daemon->loop), -EIO);
	assert_string_equal(daemon->record, "a");
}

static void timer_is_set_again_after_each_tick(void **state)
{
	struct daemon *daemon = *state;
	daemon->due = 0; /* at once */
	daemon->ticks_left = 3;
	daemon->rounds_left = 3;
	assert_int_equal(loop_run(daemon->loop), 0);
	assert_string_equal(daemon->record, "t|t|t|");
}

static int on_ready_set_due(void *context, uint32_t events)
{
	struct daemon *daemon = context;
	daemon->due = boottime() + 5 * MSEC;
	return on_ready(daemon, 0, events);
}

static void timer_follows_what_an_fd_did(void **state)
{
	struct daemon *daemon = *state;
	daemon->due = boottime() + DAY;
	daemon->rounds_left = 2;
	loop_fd_free(daemon->watched[0]);
	assert_int_equal(loop_fd_new(daemon->loop, daemon->fds[0], EPOLLIN, on_ready_set_due,
				 daemon, &daemon->watched[0]),
		0);
	make_ready(daemon, 0);
	assert_int_equal(loop_run(daemon->loop), 0);
	assert_string_equal(daemon->record, "a|t|");
}

static int on_ready_free_both(void *context, uint32_t events)
{
	struct daemon *daemon = context;
	daemon->watched[1] = loop_fd_free(daemon->watched[1]);
	daemon->watched[0] = loop_fd_free(daemon->watched[0]);
	return on_ready(daemon, 0, events);
}

/* Both are ready, both would free both: the second must not be served any more. */
static void callback_may_free_itself_and_others(void **state)
{
	struct daemon *daemon = *state;
	for (int i = 0; i < 2; i++) {
		loop_fd_free(daemon->watched[i]);
		assert_int_equal(loop_fd_new(daemon->loop, daemon->fds[i], EPOLLIN,
					 on_ready_free_both, daemon, &daemon->watched[i]),
			0);
		make_ready(daemon, i);
	}
	assert_int_equal(loop_run(daemon->loop), 0);
	assert_string_equal(daemon->record, "a|");
}

static void events_may_be_changed(void **state)
{
	struct daemon *daemon = *state;
	make_ready(daemon, 0);
	make_ready(daemon, 1);
	assert_int_equal(loop_fd_set_events(daemon->watched[0], 0), 0);
	assert_int_equal(loop_run(daemon->loop), 0);
	assert_string_equal(daemon->record, "b|");
}

static void signals_end_the_loop_in_order(void **state)
{
	struct daemon *daemon = *state;
	int signals[] = {SIGTERM, SIGINT};
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(raise(signals[i]), 0);
		assert_int_equal(loop_run(daemon->loop), 0);
		tear_down(state);
		set_up(state);
		daemon = *state;
	}
}

/* What systemd would hear. The name is abstract, so that nothing is left behind. */
static int open_notify_socket(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1,
		"lendlock-test-loop-%d", getpid());
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(fd >= 0);
	assert_int_equal(
		bind(fd, (struct sockaddr *)&address,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)),
		0);
	char name[sizeof(address.sun_path) + 1];
	(void)snprintf(name, sizeof(name), "@%s", address.sun_path + 1);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void close_notify_socket(int fd)
{
	close(fd);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
}

/* All that has arrived, with blanks between. */
static void read_notifications(int fd, char *buffer, size_t size)
{
	size_t length = 0;
	ssize_t r;
	while ((r = recv(fd, buffer + length, size - length - 2, 0)) > 0) {
		length += (size_t)r;
		buffer[length++] = ' ';
	}
	buffer[length] = '\0';
}

static void systemd_hears_of_the_life(void **state)
{
	struct daemon *daemon = *state;
	int fd = open_notify_socket();
	make_ready(daemon, 0);
	assert_int_equal(loop_run(daemon->loop), 0);
	loop_status("%d doors", 12);
	char heard[256];
	read_notifications(fd, heard, sizeof(heard));
	assert_string_equal(heard, "READY=1 STOPPING=1 STATUS=12 doors ");
	close_notify_socket(fd);
}

/* Runs for 20 ms at least, with a watchdog interval of 40 ms. */
static void run_with_watchdog(void **state, bool healthy, char *heard, size_t size)
{
	int fd = open_notify_socket();
	setenv("WATCHDOG_USEC", "40000", 1);
	tear_down(state);
	set_up(state);
	struct daemon *daemon = *state;
	daemon->healthy = healthy;
	daemon->ticks_left = 5;
	daemon->rounds_left = 5;
	daemon->due = 0;
	assert_int_equal(loop_run(daemon->loop), 0);
	read_notifications(fd, heard, size);
	close_notify_socket(fd);
}

static void watchdog_is_fed_in_health_only(void **state)
{
	char heard[4096];
	run_with_watchdog(state, true, heard, sizeof(heard));
	assert_non_null(strstr(heard, "WATCHDOG=1 WATCHDOG=1"));
	run_with_watchdog(state, false, heard, sizeof(heard));
	assert_null(strstr(heard, "WATCHDOG=1"));
	assert_non_null(strstr(heard, "READY=1"));
}

int main(void)
{
#define LOOP_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		LOOP_TEST(all_that_is_ready_comes_before_after),
		LOOP_TEST(what_stays_ready_does_not_put_off_after),
		LOOP_TEST(both_get_their_turn_under_load),
		LOOP_TEST(error_of_a_callback_ends_the_loop),
		LOOP_TEST(timer_is_set_again_after_each_tick),
		LOOP_TEST(timer_follows_what_an_fd_did),
		LOOP_TEST(callback_may_free_itself_and_others),
		LOOP_TEST(events_may_be_changed),
		LOOP_TEST(signals_end_the_loop_in_order),
		LOOP_TEST(systemd_hears_of_the_life),
		LOOP_TEST(watchdog_is_fed_in_health_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
