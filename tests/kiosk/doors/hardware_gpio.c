/*
 * The gpio driver and doors.c on a real kernel's chip: gpio-sim, set up through configfs, whose
 * `pull` files move inputs and whose `value` files show outputs. Needs root and the gpio-sim
 * module; scripts/check-gpio runs it in a virtual machine. Bounds on time are wide: such machines
 * are slow.
 */
#include "kiosk/doors/doors.h"
#include "kiosk/doors/gpiod.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define CONFIG   "/sys/kernel/config/gpio-sim/lendlock"
#define LABEL    "lendlock-bank"
#define PATIENCE (20 * SECOND)

/* Lines of the chip. */
enum {
	LOCK_1,
	LOCK_2,
	DOOR_1,
	DOOR_2,
	PRESENCE_1,
	LINES = 8,
};

static const struct gpiod_compartment compartments[] = {
	{
		.lock = {LABEL, LOCK_1, false},
		.door = {LABEL, DOOR_1, false},
		.presence = {LABEL, PRESENCE_1, false},
		.door_bias = GPIOD_WIRING_PULL_DOWN,
		.presence_bias = GPIOD_WIRING_PULL_DOWN,
	},
	{
		/* Wired the other way round: low is active, and low is open. */
		.lock = {LABEL, LOCK_2, true},
		.door = {LABEL, DOOR_2, true},
		.presence = {NULL, -1, false},
		.door_bias = GPIOD_WIRING_PULL_UP,
	},
};
static const struct gpiod_wiring wiring = {compartments, 2};

static const struct doors_settings settings = {
	.pulse_length = 300 * MSEC,
	.cool_down = 100 * MSEC,
	.debounce = 250 * MSEC,
	.open_within = PATIENCE,
	.close_within = PATIENCE,
	.resync = HOUR, /* edges alone must do */
};

struct told {
	int compartment;
	int64_t opening;
	enum door_fact fact;
};

struct hardware {
	char chip[32];   /* gpiochipN */
	char lines[128]; /* folder of its sim_gpioN */
	struct bank_port *bank;
	struct doors *doors;
	struct told told[32];
	int first, count;
};

static usec now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (usec)ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	ssize_t length = read(fd, text, size - 1);
	assert_true(length >= 0);
	text[length] = '\0';
	text[strcspn(text, "\n")] = '\0';
	close(fd);
}

/* Moves an input, as a contact to the supply or to ground does. */
static void pull(struct hardware *h, int line, bool up)
{
	char path[200];
	snprintf(path, sizeof(path), "%s/sim_gpio%d/pull", h->lines, line);
	write_file(path, up ? "pull-up" : "pull-down");
}

/* What a voltmeter shows. */
static bool high(struct hardware *h, int line)
{
	char path[200], text[8];
	snprintf(path, sizeof(path), "%s/sim_gpio%d/value", h->lines, line);
	read_file(path, text, sizeof(text));
	return text[0] == '1';
}

static void make_chip(struct hardware *h)
{
	char device[64], lines[8];
	assert_int_equal(mkdir(CONFIG, 0755), 0);
	assert_int_equal(mkdir(CONFIG "/bank0", 0755), 0);
	snprintf(lines, sizeof(lines), "%d", LINES);
	write_file(CONFIG "/bank0/num_lines", lines);
	write_file(CONFIG "/bank0/label", LABEL);
	write_file(CONFIG "/live", "1");
	read_file(CONFIG "/bank0/chip_name", h->chip, sizeof(h->chip));
	read_file(CONFIG "/dev_name", device, sizeof(device));
	snprintf(h->lines, sizeof(h->lines), "/sys/devices/platform/%s/%s", device, h->chip);
	pull(h, LOCK_2, true); /* the resistor that keeps it idle while nobody has it */
	pull(h, DOOR_2, true);
}

static void remove_chip(void)
{
	char live[8];
	read_file(CONFIG "/live", live, sizeof(live));
	if (live[0] == '1')
		write_file(CONFIG "/live", "0");
	assert_int_equal(rmdir(CONFIG "/bank0"), 0);
	assert_int_equal(rmdir(CONFIG), 0);
}

static void on_told(void *context, int compartment, int64_t opening, enum door_fact fact)
{
	struct hardware *h = context;
	assert_true(h->count < 32);
	h->told[h->count++] = (struct told){compartment, opening, fact};
}

static void open_bank(struct hardware *h)
{
	assert_int_equal(gpiod_open(&wiring, &h->bank), 0);
	assert_int_equal(doors_new(h->bank, &settings, now(), on_told, h, &h->doors), 0);
}

static int set_up(void **state)
{
	struct hardware *h = calloc(1, sizeof(*h));
	make_chip(h);
	open_bank(h);
	*state = h;
	return 0;
}

static void close_bank(struct hardware *h)
{
	h->doors = doors_free(h->doors);
	if (h->bank)
		h->bank = h->bank->free(h->bank);
}

static int tear_down(void **state)
{
	struct hardware *h = *state;
	close_bank(h);
	remove_chip();
	free(h);
	return 0;
}

/* One turn of a daemon's loop: waits for an edge, or for what is due, but not past until. */
static void turn(struct hardware *h, usec until)
{
	usec wait = usec_min(doors_next_due(h->doors), until) - now();
	struct pollfd fd = {.fd = h->bank->fd(h->bank), .events = POLLIN};
	struct timespec ts = {0};
	if (wait > 0)
		ts = (struct timespec){wait / SECOND, wait % SECOND * 1000};
	assert_true(ppoll(&fd, 1, &ts, NULL) >= 0);
	if (fd.revents)
		doors_edges(h->doors, now());
	doors_tick(h->doors, now());
}

static void run_for(struct hardware *h, usec duration)
{
	usec until = now() + duration;
	while (now() < until)
		turn(h, until);
}

static void expect(struct hardware *h, int compartment, int64_t opening, enum door_fact fact)
{
	usec until = now() + PATIENCE;
	while (h->first == h->count && now() < until)
		turn(h, until);
	assert_true(h->first < h->count);
	struct told *told = &h->told[h->first++];
	assert_int_equal(told->fact, fact);
	assert_int_equal(told->compartment, compartment);
	assert_int_equal(told->opening, opening);
}

static void expect_nothing(struct hardware *h)
{
	assert_int_equal(h->first, h->count);
}

static void test_locks_are_idle_at_start(void **state)
{
	struct hardware *h = *state;
	close_bank(h);
	pull(h, LOCK_1, true); /* as a board may leave its lines */
	pull(h, LOCK_2, false);
	assert_true(high(h, LOCK_1));
	assert_false(high(h, LOCK_2));
	open_bank(h);
	assert_false(high(h, LOCK_1));
	assert_true(high(h, LOCK_2));
}

static void test_pulse_is_on_the_line(void **state)
{
	struct hardware *h = *state;
	assert_int_equal(doors_open(h->doors, 1, 7, now()), 0);
	assert_int_equal(doors_open(h->doors, 2, 8, now()), 0);
	usec begin = now();
	doors_tick(h->doors, begin);
	assert_true(high(h, LOCK_1));
	assert_true(high(h, LOCK_2));
	while (high(h, LOCK_1))
		turn(h, USEC_NEVER);
	assert_true(now() - begin >= settings.pulse_length);
	expect(h, 1, 7, DOOR_PULSED);
	assert_true(high(h, LOCK_2)); /* cool-down */
	while (high(h, LOCK_2))
		turn(h, USEC_NEVER);
	assert_false(high(h, LOCK_1));
	expect(h, 2, 8, DOOR_PULSED);
	assert_true(high(h, LOCK_2));
}

static void test_opens_and_closes(void **state)
{
	struct hardware *h = *state;
	doors_open(h->doors, 1, 7, now());
	doors_open(h->doors, 2, 8, now());
	expect(h, 1, 7, DOOR_PULSED);
	expect(h, 2, 8, DOOR_PULSED);
	pull(h, DOOR_1, true);
	expect(h, 1, 7, DOOR_OPENED);
	pull(h, DOOR_2, false);
	expect(h, 2, 8, DOOR_OPENED);
	pull(h, PRESENCE_1, true);
	run_for(h, 2 * settings.debounce);
	assert_int_equal(doors_presence(h->doors, 1), BANK_OPEN);
	pull(h, DOOR_1, false);
	expect(h, 1, 7, DOOR_CLOSED);
	pull(h, DOOR_2, true);
	expect(h, 2, 8, DOOR_CLOSED);
	assert_int_equal(doors_presence(h->doors, 2), BANK_UNKNOWN);
}

static void test_edges_during_the_own_pulse(void **state)
{
	struct hardware *h = *state;
	doors_open(h->doors, 1, 7, now());
	doors_tick(h->doors, now());
	for (int i = 0; i < 4; i++)
		pull(h, DOOR_1, i % 2 == 0);
	pull(h, DOOR_1, true);
	expect(h, 1, 7, DOOR_PULSED);
	expect(h, 1, 7, DOOR_OPENED); /* the level is read afterwards */
	expect_nothing(h);
}

static void test_debounce(void **state)
{
	struct hardware *h = *state;
	for (int i = 0; i < 10; i++)
		pull(h, DOOR_1, i % 2 == 0);
	run_for(h, 3 * settings.debounce);
	expect_nothing(h);
	for (int i = 0; i < 11; i++)
		pull(h, DOOR_1, i % 2 == 0);
	expect(h, 1, 0, DOOR_FORCED);
	run_for(h, 3 * settings.debounce);
	expect_nothing(h);
}

static void test_more_edges_than_the_kernel_keeps(void **state)
{
	struct hardware *h = *state;
	for (int i = 0; i < 201; i++)
		pull(h, DOOR_1, i % 2 == 0);
	expect(h, 1, 0, DOOR_FORCED);
	for (int i = 0; i < 201; i++)
		pull(h, DOOR_1, i % 2 != 0);
	expect(h, 1, 0, DOOR_SHUT);
	run_for(h, 3 * settings.debounce);
	expect_nothing(h);
}

static void test_edges_have_their_own_time(void **state)
{
	struct hardware *h = *state;
	struct bank_edge edge;
	usec before = now();
	pull(h, DOOR_2, false);
	usec after = now();
	usleep(100000); /* read late */
	struct pollfd fd = {.fd = h->bank->fd(h->bank), .events = POLLIN};
	assert_int_equal(poll(&fd, 1, (int)(PATIENCE / MSEC)), 1);
	assert_int_equal(h->bank->next_edge(h->bank, &edge), 1);
	assert_int_equal(edge.compartment, 2);
	assert_int_equal(edge.sensor, BANK_DOOR);
	assert_int_equal(edge.level, BANK_OPEN);
	/* The interrupt may come a little later than the write to the file. */
	assert_in_range(edge.at, before - MSEC, after + 50 * MSEC);
	assert_int_equal(h->bank->next_edge(h->bank, &edge), 0);
	assert_int_equal(poll(&fd, 1, 0), 0);
}

static void test_hard_maximum(void **state)
{
	struct hardware *h = *state;
	assert_int_equal(h->bank->drive(h->bank, 1, true), 0);
	usec due = h->bank->next_due(h->bank);
	assert_true(due <= now() + BANK_PULSE_MAX);
	h->bank->tick(h->bank, due - 1);
	assert_true(high(h, LOCK_1));
	h->bank->tick(h->bank, due);
	assert_false(high(h, LOCK_1));
}

/* A kiosk that dies in the middle of a pulse. */
static void test_crash_lets_the_lock_go(void **state)
{
	struct hardware *h = *state;
	close_bank(h);
	int ready[2];
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		struct bank_port *bank = NULL;
		bool driven = gpiod_open(&wiring, &bank) == 0 && bank->drive(bank, 1, true) == 0 &&
			      bank->drive(bank, 2, true) == 0;
		if (driven && write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	char byte;
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	assert_true(high(h, LOCK_1));
	assert_false(high(h, LOCK_2));
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_false(high(h, LOCK_1));
	assert_true(high(h, LOCK_2));
	open_bank(h); /* and the next one gets the lines */
}

static void test_chips_have_several_names(void **state)
{
	struct hardware *h = *state;
	close_bank(h);
	char path[64];
	snprintf(path, sizeof(path), "/dev/%s", h->chip);
	const char *const names[] = {LABEL, h->chip, path};
	for (size_t i = 0; i < 3; i++) {
		struct gpiod_compartment one = compartments[0];
		one.lock.chip = names[i];
		assert_int_equal(gpiod_open(&(struct gpiod_wiring){&one, 1}, &h->bank), 0);
		assert_int_equal(h->bank->read(h->bank, 1, BANK_DOOR), BANK_CLOSED);
		h->bank = h->bank->free(h->bank);
	}
}

static void test_lines_that_cannot_be_had(void **state)
{
	struct hardware *h = *state;
	struct bank_port *second = NULL;
	assert_int_equal(gpiod_open(&wiring, &second), -EBUSY);
	close_bank(h);

	struct gpiod_compartment wrong = compartments[0];
	const struct gpiod_wiring wrong_wiring = {&wrong, 1};
	wrong.door.line = LOCK_1; /* twice */
	assert_int_equal(gpiod_open(&wrong_wiring, &second), -EBUSY);
	wrong.door.line = LINES;
	assert_int_equal(gpiod_open(&wrong_wiring, &second), -EINVAL);
	wrong.door.line = DOOR_1;
	wrong.lock.chip = "no-such-chip";
	int r = gpiod_open(&wrong_wiring, &second);
	assert_true(r == -ENOENT || r == -ENODEV);
	assert_null(second);
	assert_int_equal(gpiod_open(&wiring, &second), 0); /* what failed has left nothing behind */
	second->free(second);
}

/* An expander on a loose plug. */
static void test_chip_that_is_pulled_out(void **state)
{
	struct hardware *h = *state;
	write_file(CONFIG "/live", "0");
	assert_int_equal(h->bank->drive(h->bank, 1, true), -EIO);
	assert_int_equal(h->bank->read(h->bank, 1, BANK_DOOR), BANK_UNKNOWN);
	doors_open(h->doors, 1, 7, now());
	expect(h, 1, 7, DOOR_JAMMED);
	usec until = now() + SECOND;
	int turns = 0;
	for (; now() < until; turns++)
		turn(h, until);
	assert_true(turns < 20); /* nothing stays readable for ever */
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_locks_are_idle_at_start),
		TEST(test_pulse_is_on_the_line),
		TEST(test_opens_and_closes),
		TEST(test_edges_during_the_own_pulse),
		TEST(test_debounce),
		TEST(test_more_edges_than_the_kernel_keeps),
		TEST(test_edges_have_their_own_time),
		TEST(test_hard_maximum),
		TEST(test_crash_lets_the_lock_go),
		TEST(test_chips_have_several_names),
		TEST(test_lines_that_cannot_be_had),
		TEST(test_chip_that_is_pulled_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
