/*
 * gpiod.c on made-up lines: this file stands in for gpiod_v1.c and gpiod_v2.c, whose turn comes on
 * a real kernel in hardware_gpio.c.
 */
#include "kiosk/doors/gpio_line.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define LINES 16

struct gpio_line {
	bool taken, output, active, dead, active_low;
	enum gpiod_wiring_bias bias;
	int turn; /* in which order it was taken */
	int fd;
	struct gpio_edge edges[64];
	size_t first, count;
};

/* One chip; gpio_chips_new() has no way to be handed one. */
struct gpio_chips {
	struct gpio_line lines[LINES];
	int turns;
	int chips_open;
};

static struct gpio_chips chip;

struct gpio_chips *gpio_chips_new(void)
{
	chip.chips_open++;
	return &chip;
}

struct gpio_chips *gpio_chips_free(struct gpio_chips *chips)
{
	for (int i = 0; i < LINES; i++)
		assert_false(chips->lines[i].taken);
	chips->chips_open--;
	return NULL;
}

static int take(
	struct gpio_chips *chips, const struct gpiod_wire *wire, struct gpio_line **ret_line)
{
	if (strcmp(wire->chip, "locks") != 0)
		return -ENOENT;
	if (wire->line >= LINES)
		return -EINVAL;
	struct gpio_line *line = &chips->lines[wire->line];
	if (line->taken)
		return -EBUSY;
	line->taken = true;
	line->turn = ++chips->turns;
	line->active_low = wire->active_low;
	line->fd = -1;
	*ret_line = line;
	return 0;
}

int gpio_output_open(
	struct gpio_chips *chips, const struct gpiod_wire *wire, struct gpio_line **ret_line)
{
	int r = take(chips, wire, ret_line);
	if (r < 0)
		return r;
	(*ret_line)->output = true;
	(*ret_line)->active = false;
	return 0;
}

int gpio_input_open(struct gpio_chips *chips, const struct gpiod_wire *wire,
	enum gpiod_wiring_bias bias, struct gpio_line **ret_line)
{
	int r = take(chips, wire, ret_line);
	if (r < 0)
		return r;
	(*ret_line)->bias = bias;
	(*ret_line)->fd = eventfd(0, EFD_CLOEXEC);
	return 0;
}

struct gpio_line *gpio_line_free(struct gpio_line *line)
{
	if (line) {
		line->taken = false;
		if (line->fd >= 0)
			close(line->fd);
	}
	return NULL;
}

int gpio_line_set(struct gpio_line *line, bool active)
{
	assert_true(line->output);
	if (line->dead)
		return -EIO;
	line->active = active;
	return 0;
}

int gpio_line_get(struct gpio_line *line)
{
	assert_false(line->output);
	return line->dead ? -EIO : line->active;
}

int gpio_line_fd(struct gpio_line *line)
{
	return line->fd;
}

int gpio_line_edges(struct gpio_line *line, struct gpio_edge edges[GPIO_EDGES_MAX])
{
	if (line->dead)
		return -EIO;
	int count = 0;
	while (count < GPIO_EDGES_MAX && line->first < line->count)
		edges[count++] = line->edges[line->first++];
	eventfd_t value;
	if (line->first == line->count) {
		/* Would block, were the descriptor not told otherwise. */
		eventfd_read(line->fd, &value);
		assert_int_equal(eventfd_read(line->fd, &value), -1);
		assert_int_equal(errno, EAGAIN);
	}
	return count;
}

/* Locks at lines 0, 1; doors at 4, 5; presence at 9 for the second compartment. */
static const struct gpiod_compartment compartments[] = {
	{.lock = {"locks", 0, false}, .door = {"locks", 4, false}, .presence = {NULL, -1, false}},
	{
		.lock = {"locks", 1, true},
		.door = {"locks", 5, true},
		.presence = {"locks", 9, false},
		.door_bias = GPIOD_WIRING_PULL_UP,
	},
};
static const struct gpiod_wiring wiring = {compartments, 2};

static usec boottime_now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (usec)ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}

static uint64_t nanoseconds_now(clockid_t which)
{
	struct timespec ts;
	clock_gettime(which, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void edge(int line, bool active, uint64_t nanoseconds)
{
	struct gpio_line *l = &chip.lines[line];
	l->active = active;
	l->edges[l->count++] = (struct gpio_edge){active, nanoseconds};
	eventfd_write(l->fd, 1);
}

static bool readable(struct bank_port *bank)
{
	struct pollfd fd = {.fd = bank->fd(bank), .events = POLLIN};
	return poll(&fd, 1, 0) == 1;
}

static int set_up(void **state)
{
	chip = (struct gpio_chips){0};
	struct bank_port *bank = NULL;
	assert_int_equal(gpiod_open(&wiring, &bank), 0);
	*state = bank;
	return 0;
}

static int tear_down(void **state)
{
	struct bank_port *bank = *state;
	if (bank)
		assert_null(bank->free(bank));
	assert_int_equal(chip.chips_open, 0);
	return 0;
}

static void test_takes_the_locks_first(void **state)
{
	struct bank_port *bank = *state;
	assert_int_equal(bank->count(bank), 2);
	assert_int_equal(chip.turns, 5);
	assert_true(chip.lines[0].output && chip.lines[0].turn <= 2);
	assert_true(chip.lines[1].output && chip.lines[1].turn <= 2);
	assert_true(chip.lines[1].active_low);
	assert_false(chip.lines[4].output);
	assert_int_equal(chip.lines[4].bias, GPIOD_WIRING_AS_IS);
	assert_int_equal(chip.lines[5].bias, GPIOD_WIRING_PULL_UP);
	assert_true(bank->has(bank, 1, BANK_DOOR));
	assert_false(bank->has(bank, 1, BANK_PRESENCE));
	assert_true(bank->has(bank, 2, BANK_PRESENCE));
	assert_false(bank->has(bank, 3, BANK_DOOR));
}

static void test_wiring_that_is_wrong(void **state)
{
	struct bank_port *bank = *state;
	*state = bank = bank->free(bank);

	struct gpiod_compartment wrong[2] = {compartments[0], compartments[1]};
	const struct gpiod_wiring wrong_wiring = {wrong, 2};
	assert_int_equal(gpiod_open(&(struct gpiod_wiring){wrong, 0}, &bank), -EINVAL);
	wrong[1].lock.chip = "elsewhere";
	assert_int_equal(gpiod_open(&wrong_wiring, &bank), -ENOENT);
	wrong[1] = compartments[1];
	wrong[1].lock.line = -1;
	assert_int_equal(gpiod_open(&wrong_wiring, &bank), -EINVAL);
	wrong[1] = compartments[1];
	wrong[1].presence.line = 4; /* the other one's door */
	assert_int_equal(gpiod_open(&wrong_wiring, &bank), -EBUSY);
	wrong[1] = compartments[1];
	wrong[1].door.chip = NULL;
	assert_int_equal(gpiod_open(&wrong_wiring, &bank), -EINVAL);
	assert_null(bank);
}

static void test_drives(void **state)
{
	struct bank_port *bank = *state;
	assert_int_equal(bank->drive(bank, 2, true), 0);
	assert_true(chip.lines[1].active);
	assert_false(chip.lines[0].active);
	assert_int_equal(bank->drive(bank, 2, false), 0);
	assert_false(chip.lines[1].active);
	assert_true(bank->next_due(bank) == USEC_NEVER);
	assert_int_equal(bank->drive(bank, 3, true), -EIO);
	assert_int_equal(bank->drive(bank, 0, true), -EIO);
}

static void test_hard_maximum(void **state)
{
	struct bank_port *bank = *state;
	usec before = boottime_now();
	bank->drive(bank, 1, true);
	usec due = bank->next_due(bank);
	assert_in_range(due, before + BANK_PULSE_MAX, boottime_now() + BANK_PULSE_MAX);
	bank->drive(bank, 1, true); /* does not prolong it */
	assert_int_equal(bank->next_due(bank), due);
	bank->tick(bank, due - 1);
	assert_true(chip.lines[0].active);
	bank->tick(bank, due);
	assert_false(chip.lines[0].active);
	assert_true(bank->next_due(bank) == USEC_NEVER);
}

static void test_lock_that_fails_is_driven_idle_until_it_is(void **state)
{
	struct bank_port *bank = *state;
	chip.lines[0].dead = true;
	assert_int_equal(bank->drive(bank, 1, true), -EIO);
	usec due = bank->next_due(bank);
	bank->tick(bank, due);
	assert_int_equal(bank->next_due(bank), due + SECOND);
	chip.lines[0].dead = false;
	chip.lines[0].active = true;
	bank->tick(bank, due + SECOND);
	assert_false(chip.lines[0].active);
	assert_true(bank->next_due(bank) == USEC_NEVER);
}

static void test_free_drives_idle(void **state)
{
	struct bank_port *bank = *state;
	bank->drive(bank, 1, true);
	*state = bank->free(bank);
	assert_false(chip.lines[0].active);
}

static void test_levels(void **state)
{
	struct bank_port *bank = *state;
	assert_int_equal(bank->read(bank, 1, BANK_DOOR), BANK_CLOSED);
	chip.lines[4].active = true;
	assert_int_equal(bank->read(bank, 1, BANK_DOOR), BANK_OPEN);
	chip.lines[4].dead = true;
	assert_int_equal(bank->read(bank, 1, BANK_DOOR), BANK_UNKNOWN);
	assert_int_equal(bank->read(bank, 1, BANK_PRESENCE), BANK_UNKNOWN);
	chip.lines[9].active = true;
	assert_int_equal(bank->read(bank, 2, BANK_PRESENCE), BANK_OPEN);
	assert_int_equal(bank->read(bank, 7, BANK_DOOR), BANK_UNKNOWN);
}

static void expect_edge(struct bank_port *bank, int compartment, enum bank_sensor sensor,
	enum bank_level level, struct bank_edge *ret_edge)
{
	assert_int_equal(bank->next_edge(bank, ret_edge), 1);
	assert_int_equal(ret_edge->compartment, compartment);
	assert_int_equal(ret_edge->sensor, sensor);
	assert_int_equal(ret_edge->level, level);
}

static void test_edges_come_in_the_order_of_their_time(void **state)
{
	struct bank_port *bank = *state;
	struct bank_edge first, e;
	assert_int_equal(bank->next_edge(bank, &e), 0);
	assert_false(readable(bank));

	uint64_t now = nanoseconds_now(CLOCK_MONOTONIC);
	edge(4, true, now - 3000000);
	edge(4, false, now - 1000000);
	edge(9, true, now - 2000000);
	edge(5, true, now - 4000000);
	assert_true(readable(bank));
	expect_edge(bank, 2, BANK_DOOR, BANK_OPEN, &first);
	assert_int_equal(bank->next_due(bank), 0); /* the rest is here, not in the fd */
	expect_edge(bank, 1, BANK_DOOR, BANK_OPEN, &e);
	assert_in_range(e.at - first.at, 999, 1001);
	expect_edge(bank, 2, BANK_PRESENCE, BANK_OPEN, &e);
	expect_edge(bank, 1, BANK_DOOR, BANK_CLOSED, &e);
	assert_int_equal(bank->next_edge(bank, &e), 0);
	assert_true(bank->next_due(bank) == USEC_NEVER);
	assert_false(readable(bank));
}

static void test_edges_of_one_instant_stay_as_they_came(void **state)
{
	struct bank_port *bank = *state;
	struct bank_edge e;
	uint64_t now = nanoseconds_now(CLOCK_MONOTONIC);
	edge(4, true, now);
	edge(4, false, now + 1);
	edge(4, true, now + 2);
	expect_edge(bank, 1, BANK_DOOR, BANK_OPEN, &e);
	expect_edge(bank, 1, BANK_DOOR, BANK_CLOSED, &e);
	expect_edge(bank, 1, BANK_DOOR, BANK_OPEN, &e);
}

static void test_more_edges_than_are_taken_at_once(void **state)
{
	struct bank_port *bank = *state;
	struct bank_edge e;
	uint64_t now = nanoseconds_now(CLOCK_MONOTONIC);
	for (unsigned int i = 0; i < 40; i++)
		edge(4, i % 2 == 0, now + i);
	for (int i = 0; i < 40; i++) {
		/* A full load: as many as a kernel keeps, which may have had no place for more. */
		if (i == 0 || i == GPIO_EDGES_MAX)
			assert_int_equal(bank->next_edge(bank, &e), -ENOBUFS);
		expect_edge(bank, 1, BANK_DOOR, i % 2 == 0 ? BANK_OPEN : BANK_CLOSED, &e);
	}
	assert_int_equal(bank->next_edge(bank, &e), 0);
}

static void test_edge_times_become_boottime(void **state)
{
	struct bank_port *bank = *state;
	struct bank_edge e;
	usec before = boottime_now();
	edge(4, true, nanoseconds_now(CLOCK_MONOTONIC));
	expect_edge(bank, 1, BANK_DOOR, BANK_OPEN, &e);
	/* Both clocks are read one after the other, so a little apart. */
	assert_in_range(e.at, before - MSEC, boottime_now() + MSEC);

	/* An old kernel's stamp. */
	before = boottime_now();
	edge(4, false, nanoseconds_now(CLOCK_REALTIME));
	expect_edge(bank, 1, BANK_DOOR, BANK_CLOSED, &e);
	assert_in_range(e.at, before, boottime_now());
}

static void test_sensor_that_dies_is_said_once(void **state)
{
	struct bank_port *bank = *state;
	struct bank_edge e;
	edge(4, true, nanoseconds_now(CLOCK_MONOTONIC));
	edge(5, true, nanoseconds_now(CLOCK_MONOTONIC));
	chip.lines[4].dead = true;
	assert_int_equal(bank->next_edge(bank, &e), -EIO);
	expect_edge(bank, 2, BANK_DOOR, BANK_OPEN, &e); /* the others go on */
	assert_int_equal(bank->next_edge(bank, &e), 0);
	assert_false(readable(bank));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_takes_the_locks_first),
		TEST(test_wiring_that_is_wrong),
		TEST(test_drives),
		TEST(test_hard_maximum),
		TEST(test_lock_that_fails_is_driven_idle_until_it_is),
		TEST(test_free_drives_idle),
		TEST(test_levels),
		TEST(test_edges_come_in_the_order_of_their_time),
		TEST(test_edges_of_one_instant_stay_as_they_came),
		TEST(test_more_edges_than_are_taken_at_once),
		TEST(test_edge_times_become_boottime),
		TEST(test_sensor_that_dies_is_said_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
