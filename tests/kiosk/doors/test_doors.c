/* doors.c on a made-up bank: every test moves lines, lets time pass and reads the facts. */
#include "kiosk/doors/doors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COMPARTMENTS 4
#define START        (100 * SECOND)

static const struct doors_settings settings = {
	.pulse_length = 500 * MSEC,
	.cool_down = 1000 * MSEC,
	.debounce = 20 * MSEC,
	.open_within = 10 * SECOND,
	.close_within = 60 * SECOND,
	.resync = 5 * SECOND,
};

struct told {
	usec at;
	int compartment;
	int64_t opening;
	enum door_fact fact;
};

struct made_up {
	struct bank_port port; /* first: the port is the object */
	struct doors *doors;
	usec now;
	bool no_sensor[COMPARTMENTS + 1];
	enum bank_level door[COMPARTMENTS + 1];
	enum bank_level presence[COMPARTMENTS + 1];
	int cannot_drive[COMPARTMENTS + 1]; /* how many calls of drive() fail from now on */
	bool active[COMPARTMENTS + 1];
	usec active_since;
	usec pulse_length; /* of the last one */
	int pulses[COMPARTMENTS + 1];
	int idles[COMPARTMENTS + 1];
	struct bank_edge edges[64];
	int edge_first, edge_count;
	int edge_error;
	usec due; /* of the bank */
	struct told told[64];
	int told_first, told_count;
	int64_t ask_again; /* what is told asks for compartment 1 with this number, once */
};

static int made_up_count(struct bank_port *bank)
{
	(void)bank;
	return COMPARTMENTS;
}

static int made_up_drive(struct bank_port *bank, int compartment, bool active)
{
	struct made_up *m = (struct made_up *)bank;
	if (m->cannot_drive[compartment] > 0) {
		m->cannot_drive[compartment]--;
		return -EIO;
	}
	if (!active) {
		m->idles[compartment]++;
		if (m->active[compartment])
			m->pulse_length = m->now - m->active_since;
	}
	for (int i = 1; active && i <= COMPARTMENTS; i++)
		assert_true(!m->active[i] || m->cannot_drive[i] > 0);
	m->active[compartment] = active;
	m->active_since = m->now;
	m->pulses[compartment] += active;
	return 0;
}

static enum bank_level made_up_read(
	struct bank_port *bank, int compartment, enum bank_sensor sensor)
{
	struct made_up *m = (struct made_up *)bank;
	if (sensor == BANK_PRESENCE)
		return m->presence[compartment];
	return m->no_sensor[compartment] ? BANK_UNKNOWN : m->door[compartment];
}

static bool made_up_has(struct bank_port *bank, int compartment, enum bank_sensor sensor)
{
	struct made_up *m = (struct made_up *)bank;
	return sensor == BANK_PRESENCE || !m->no_sensor[compartment];
}

static int made_up_next_edge(struct bank_port *bank, struct bank_edge *ret_edge)
{
	struct made_up *m = (struct made_up *)bank;
	if (m->edge_error) {
		int error = m->edge_error;
		m->edge_error = 0;
		return error;
	}
	if (m->edge_first == m->edge_count)
		return 0;
	*ret_edge = m->edges[m->edge_first++];
	return 1;
}

static usec made_up_next_due(struct bank_port *bank)
{
	return ((struct made_up *)bank)->due;
}

static void made_up_tick(struct bank_port *bank, usec boottime)
{
	struct made_up *m = (struct made_up *)bank;
	m->now = boottime;
	if (boottime >= m->due)
		m->due = USEC_NEVER;
}

static void on_told(void *context, int compartment, int64_t opening, enum door_fact fact)
{
	struct made_up *m = context;
	assert_true(m->told_count < 64);
	m->told[m->told_count++] = (struct told){m->now, compartment, opening, fact};
	if (m->ask_again) {
		int64_t again = m->ask_again;
		m->ask_again = 0;
		assert_int_equal(doors_open(m->doors, 1, again, m->now), 0);
	}
}

/* Lets time pass until at, with a tick at each moment that is due, as a loop does. */
static void until(struct made_up *m, usec at)
{
	for (int ticks = 0;; ticks++) {
		assert_true(ticks < 1000);
		usec due = doors_next_due(m->doors);
		if (due > at)
			break;
		m->now = due > m->now ? due : m->now;
		doors_tick(m->doors, m->now);
	}
	m->now = at;
	doors_tick(m->doors, at);
}

static void after(struct made_up *m, usec duration)
{
	until(m, m->now + duration);
}

static void edge_at(struct made_up *m, int compartment, enum bank_level level, usec at)
{
	m->edges[m->edge_count++] = (struct bank_edge){compartment, BANK_DOOR, level, at};
}

/* The door moves now, and its edge is seen. */
static void move(struct made_up *m, int compartment, enum bank_level level)
{
	m->door[compartment] = level;
	edge_at(m, compartment, level, m->now);
	doors_edges(m->doors, m->now);
}

static void expect(struct made_up *m, int compartment, int64_t opening, enum door_fact fact)
{
	assert_true(m->told_first < m->told_count);
	struct told *told = &m->told[m->told_first++];
	assert_int_equal(told->fact, fact);
	assert_int_equal(told->compartment, compartment);
	assert_int_equal(told->opening, opening);
}

static void expect_nothing(struct made_up *m)
{
	assert_int_equal(m->told_first, m->told_count);
}

static void start(struct made_up *m, const struct doors_settings *with)
{
	assert_int_equal(doors_new(&m->port, with, START, on_told, m, &m->doors), 0);
}

/* Opens compartment 1 with opening 7 until its pulse is over. */
static void pulse(struct made_up *m)
{
	assert_int_equal(doors_open(m->doors, 1, 7, m->now), 0);
	after(m, settings.pulse_length);
	expect(m, 1, 7, DOOR_PULSED);
}

static int set_up_stopped(void **state)
{
	struct made_up *m = calloc(1, sizeof(*m));
	m->port = (struct bank_port){
		.count = made_up_count,
		.drive = made_up_drive,
		.read = made_up_read,
		.has = made_up_has,
		.next_edge = made_up_next_edge,
		.next_due = made_up_next_due,
		.tick = made_up_tick,
	};
	for (int i = 1; i <= COMPARTMENTS; i++) {
		m->door[i] = BANK_CLOSED;
		m->presence[i] = BANK_CLOSED;
	}
	m->now = START;
	m->due = USEC_NEVER;
	*state = m;
	return 0;
}

static int set_up(void **state)
{
	set_up_stopped(state);
	start(*state, &settings);
	return 0;
}

static int tear_down(void **state)
{
	struct made_up *m = *state;
	doors_free(m->doors);
	free(m);
	return 0;
}

static void test_opens_and_closes(void **state)
{
	struct made_up *m = *state;
	pulse(m);
	assert_int_equal(m->pulse_length, settings.pulse_length);
	after(m, SECOND);
	move(m, 1, BANK_OPEN);
	after(m, settings.debounce - 1);
	expect_nothing(m);
	after(m, 1);
	expect(m, 1, 7, DOOR_OPENED);
	assert_int_equal(doors_level(m->doors, 1), BANK_OPEN);
	after(m, 30 * SECOND);
	move(m, 1, BANK_CLOSED);
	after(m, settings.debounce);
	expect(m, 1, 7, DOOR_CLOSED);
	assert_int_equal(doors_level(m->doors, 1), BANK_CLOSED);
	after(m, HOUR);
	expect_nothing(m);
	assert_int_equal(m->pulses[1], 1);
}

static void test_one_after_another_with_cool_down(void **state)
{
	struct made_up *m = *state;
	assert_int_equal(doors_open(m->doors, 3, 30, m->now), 0);
	assert_int_equal(doors_open(m->doors, 1, 10, m->now), 0);
	assert_int_equal(doors_open(m->doors, 2, 20, m->now), 0);
	until(m, START + 5 * SECOND); /* the bank asserts that one lock is driven at a time */
	expect(m, 3, 30, DOOR_PULSED);
	expect(m, 1, 10, DOOR_PULSED);
	expect(m, 2, 20, DOOR_PULSED);
	usec step = settings.pulse_length + settings.cool_down;
	assert_int_equal(m->told[0].at, START + settings.pulse_length);
	assert_int_equal(m->told[1].at, START + settings.pulse_length + step);
	assert_int_equal(m->told[2].at, START + settings.pulse_length + 2 * step);
}

static void test_cool_down_counts_from_a_late_end(void **state)
{
	struct made_up *m = *state;
	doors_open(m->doors, 1, 7, m->now);
	doors_open(m->doors, 2, 8, m->now);
	doors_tick(m->doors, START);
	doors_tick(m->doors, START + 3 * SECOND); /* the caller was busy */
	assert_false(m->active[1]);
	expect(m, 1, 7, DOOR_PULSED);
	doors_tick(m->doors, START + 3 * SECOND + settings.cool_down - 1);
	assert_int_equal(m->pulses[2], 0);
	doors_tick(m->doors, START + 3 * SECOND + settings.cool_down);
	assert_int_equal(m->pulses[2], 1);
}

static void test_settings_have_bounds(void **state)
{
	struct made_up *m = *state;
	struct doors *doors = NULL;
	struct doors_settings wrong = settings;
	wrong.pulse_length = BANK_PULSE_MAX + 1;
	assert_int_equal(doors_new(&m->port, &wrong, START, on_told, m, &doors), -EINVAL);
	wrong = settings;
	wrong.pulse_length = 50 * MSEC - 1;
	assert_int_equal(doors_new(&m->port, &wrong, START, on_told, m, &doors), -EINVAL);
	wrong = settings;
	wrong.open_within = wrong.debounce - 1;
	assert_int_equal(doors_new(&m->port, &wrong, START, on_told, m, &doors), -EINVAL);
	wrong = settings;
	wrong.resync = 0;
	assert_int_equal(doors_new(&m->port, &wrong, START, on_told, m, &doors), -EINVAL);
	assert_null(doors);
}

static void test_start_drives_all_locks_idle(void **state)
{
	struct made_up *m = *state;
	m->active[2] = true; /* left by a crash */
	start(m, &settings);
	assert_false(m->active[2]);
	for (int i = 1; i <= COMPARTMENTS; i++)
		assert_int_equal(m->idles[i], 1);
	assert_int_equal(doors_count(m->doors), COMPARTMENTS);
}

static void test_start_with_a_lock_that_cannot_be_idled(void **state)
{
	struct made_up *m = *state;
	m->cannot_drive[2] = 1000;
	start(m, &settings);
	assert_int_equal(m->idles[3], 1); /* the others are idle all the same */
	assert_int_equal(m->idles[4], 1);
	doors_open(m->doors, 1, 7, m->now);
	doors_open(m->doors, 2, 8, m->now);
	after(m, BANK_PULSE_MAX - MSEC);
	expect_nothing(m);
	after(m, 3 * SECOND);
	expect(m, 2, 0, DOOR_STUCK);
	expect(m, 1, 7, DOOR_PULSED);
	expect(m, 2, 8, DOOR_JAMMED);
	after(m, MINUTE);
	expect(m, 1, 7, DOOR_JAMMED);
	expect_nothing(m);
	m->cannot_drive[2] = 0;
	after(m, 3 * SECOND);
	assert_int_equal(m->idles[2], 1);
	doors_open(m->doors, 2, 9, m->now);
	after(m, SECOND);
	expect(m, 2, 9, DOOR_PULSED);
}

static void test_free_ends_the_pulse(void **state)
{
	struct made_up *m = *state;
	doors_open(m->doors, 1, 7, m->now);
	doors_tick(m->doors, m->now);
	assert_true(m->active[1]);
	m->doors = doors_free(m->doors);
	assert_false(m->active[1]);
}

static void test_give_up_before_the_pulse_only(void **state)
{
	struct made_up *m = *state;
	doors_open(m->doors, 1, 7, m->now);
	doors_open(m->doors, 2, 8, m->now);
	doors_tick(m->doors, m->now);
	assert_false(doors_give_up(m->doors, 7)); /* is being pulsed */
	assert_true(doors_give_up(m->doors, 8));
	assert_false(doors_give_up(m->doors, 8));
	assert_false(doors_give_up(m->doors, 0));
	after(m, 5 * SECOND);
	expect(m, 1, 7, DOOR_PULSED);
	expect_nothing(m);
	assert_int_equal(m->pulses[2], 0);
	assert_int_equal(doors_open(m->doors, 2, 9, m->now), 0);
}

static void test_jam(void **state)
{
	struct made_up *m = *state;
	pulse(m);
	after(m, settings.open_within - 1);
	expect_nothing(m);
	after(m, 1);
	expect(m, 1, 7, DOOR_JAMMED);
	/* The opening is over; another may try. */
	assert_int_equal(doors_open(m->doors, 1, 8, m->now), 0);
	after(m, settings.pulse_length);
	expect(m, 1, 8, DOOR_PULSED);
}

static void test_opening_after_the_jam_is_forced(void **state)
{
	struct made_up *m = *state;
	pulse(m);
	after(m, settings.open_within);
	expect(m, 1, 7, DOOR_JAMMED);
	move(m, 1, BANK_OPEN);
	after(m, SECOND);
	expect(m, 1, 0, DOOR_FORCED);
}

static void test_left_open_then_closed(void **state)
{
	struct made_up *m = *state;
	pulse(m);
	move(m, 1, BANK_OPEN);
	after(m, settings.close_within - 1);
	expect(m, 1, 7, DOOR_OPENED);
	expect_nothing(m);
	after(m, 1);
	expect(m, 1, 7, DOOR_LEFT_OPEN);
	after(m, HOUR);
	assert_int_equal(doors_open(m->doors, 1, 8, m->now), -EBUSY);
	move(m, 1, BANK_CLOSED);
	after(m, SECOND);
	expect(m, 1, 7, DOOR_CLOSED);
	expect_nothing(m);
}

static void test_forced(void **state)
{
	struct made_up *m = *state;
	move(m, 2, BANK_OPEN);
	after(m, SECOND);
	expect(m, 2, 0, DOOR_FORCED);
	assert_int_equal(doors_open(m->doors, 2, 8, m->now), -EBUSY);
	move(m, 2, BANK_CLOSED);
	after(m, SECOND);
	expect(m, 2, 0, DOOR_SHUT);
	assert_int_equal(doors_open(m->doors, 2, 8, m->now), 0);
}

static void test_forced_while_waiting_is_pulsed_and_taken_over(void **state)
{
	struct made_up *m = *state;
	doors_open(m->doors, 2, 8, m->now);
	doors_open(m->doors, 1, 7, m->now);
	doors_tick(m->doors, m->now);
	move(m, 1, BANK_OPEN);
	after(m, 100 * MSEC);
	expect(m, 1, 0, DOOR_FORCED);
	after(m, 3 * SECOND);
	expect(m, 2, 8, DOOR_PULSED);
	expect(m, 1, 7, DOOR_PULSED);
	expect(m, 1, 7, DOOR_OPENED);
	move(m, 1, BANK_CLOSED);
	after(m, SECOND);
	expect(m, 1, 7, DOOR_CLOSED);
	expect_nothing(m);
}

static void test_forced_and_shut_while_waiting(void **state)
{
	struct made_up *m = *state;
	doors_open(m->doors, 2, 8, m->now);
	doors_open(m->doors, 1, 7, m->now);
	doors_tick(m->doors, m->now);
	move(m, 1, BANK_OPEN);
	after(m, 100 * MSEC);
	expect(m, 1, 0, DOOR_FORCED);
	move(m, 1, BANK_CLOSED);
	after(m, 100 * MSEC);
	expect(m, 1, 0, DOOR_SHUT);
	after(m, 5 * SECOND);
	expect(m, 2, 8, DOOR_PULSED);
	expect(m, 1, 7, DOOR_PULSED);
	expect_nothing(m);
}

static void test_given_up_while_forced(void **state)
{
	struct made_up *m = *state;
	doors_open(m->doors, 2, 8, m->now);
	doors_open(m->doors, 1, 7, m->now);
	doors_tick(m->doors, m->now);
	move(m, 1, BANK_OPEN);
	after(m, 100 * MSEC);
	expect(m, 1, 0, DOOR_FORCED);
	assert_true(doors_give_up(m->doors, 7));
	move(m, 1, BANK_CLOSED);
	after(m, 100 * MSEC);
	expect(m, 1, 0, DOOR_SHUT);
}

static void test_open_at_start(void **state)
{
	struct made_up *m = *state;
	m->door[3] = BANK_OPEN;
	start(m, &settings);
	after(m, MINUTE);
	expect_nothing(m);
	assert_int_equal(doors_level(m->doors, 3), BANK_OPEN);
	assert_int_equal(doors_open(m->doors, 3, 7, m->now), -EBUSY);
	move(m, 3, BANK_CLOSED);
	after(m, SECOND);
	expect(m, 3, 0, DOOR_SHUT);
}

static void test_bounce(void **state)
{
	struct made_up *m = *state;
	pulse(m);
	for (int i = 0; i < 9; i++) {
		move(m, 1, i % 2 ? BANK_CLOSED : BANK_OPEN);
		after(m, settings.debounce - MSEC);
	}
	expect_nothing(m);
	usec last = m->now - settings.debounce + MSEC;
	after(m, SECOND);
	expect(m, 1, 7, DOOR_OPENED);
	assert_int_equal(m->told[1].at, last + settings.debounce);
	expect_nothing(m);
}

static void test_glitch_is_nothing(void **state)
{
	struct made_up *m = *state;
	move(m, 1, BANK_OPEN);
	after(m, 5 * MSEC);
	move(m, 1, BANK_CLOSED);
	after(m, MINUTE);
	expect_nothing(m);
}

/* The caller was busy while the door opened and closed: the edges' own time tells it all. */
static void test_edges_that_come_late_count_by_their_own_time(void **state)
{
	struct made_up *m = *state;
	pulse(m);
	edge_at(m, 1, BANK_OPEN, m->now + 1 * SECOND);
	edge_at(m, 1, BANK_CLOSED, m->now + 4 * SECOND);
	doors_tick(m->doors, m->now + 30 * SECOND); /* later than open_within */
	expect(m, 1, 7, DOOR_OPENED);
	expect(m, 1, 7, DOOR_CLOSED);
	expect_nothing(m);
}

static void test_edges_of_several_doors_in_any_order(void **state)
{
	struct made_up *m = *state;
	m->door[2] = BANK_OPEN;
	edge_at(m, 2, BANK_OPEN, m->now + 300 * MSEC);
	edge_at(m, 1, BANK_OPEN, m->now + 100 * MSEC);
	edge_at(m, 1, BANK_CLOSED, m->now + 200 * MSEC);
	doors_tick(m->doors, m->now + SECOND);
	expect(m, 1, 0, DOOR_FORCED);
	expect(m, 1, 0, DOOR_SHUT);
	expect(m, 2, 0, DOOR_FORCED);
	expect_nothing(m);
}

/* Two edges of one door, swapped: their own time says which was the last. */
static void test_edges_of_one_door_in_another_order(void **state)
{
	struct made_up *m = *state;
	m->door[1] = BANK_OPEN;
	edge_at(m, 1, BANK_OPEN, m->now + 2 * MSEC);
	edge_at(m, 1, BANK_CLOSED, m->now + 1 * MSEC);
	doors_edges(m->doors, m->now);
	after(m, 2 * MSEC + settings.debounce);
	expect(m, 1, 0, DOOR_FORCED);
	expect_nothing(m);
}

/* A short opening whose second edge was lost: the line has the last word before anybody is told. */
static void test_lost_edge_makes_no_false_fact(void **state)
{
	struct made_up *m = *state;
	edge_at(m, 1, BANK_OPEN, m->now);
	doors_edges(m->doors, m->now);
	after(m, SECOND);
	expect_nothing(m);
}

static void test_edge_before_the_opening_is_asked_for(void **state)
{
	struct made_up *m = *state;
	move(m, 1, BANK_OPEN); /* pulled, not yet settled */
	assert_int_equal(doors_open(m->doors, 1, 7, m->now), 0);
	after(m, 5 * SECOND);
	expect(m, 1, 7, DOOR_PULSED);
	expect(m, 1, 7, DOOR_OPENED);
	expect_nothing(m);
}

static void test_own_pulse_is_noise_and_level_is_read_afterwards(void **state)
{
	struct made_up *m = *state;
	doors_open(m->doors, 1, 7, m->now);
	doors_tick(m->doors, m->now);
	for (int i = 0; i < 10; i++) {
		after(m, 30 * MSEC);
		move(m, 1, i % 2 ? BANK_OPEN : BANK_CLOSED);
		assert_int_equal(doors_level(m->doors, 1), BANK_CLOSED);
	}
	edge_at(m, 1, BANK_CLOSED, START + 400 * MSEC); /* seen only after the pulse */
	until(m, START + settings.pulse_length);
	expect(m, 1, 7, DOOR_PULSED);
	after(m, settings.debounce);
	expect(m, 1, 7, DOOR_OPENED);
	expect_nothing(m);
}

static void test_pulse_noise_that_ends_closed_opens_nothing(void **state)
{
	struct made_up *m = *state;
	doors_open(m->doors, 1, 7, m->now);
	doors_tick(m->doors, m->now);
	after(m, 100 * MSEC);
	move(m, 1, BANK_OPEN);
	after(m, 300 * MSEC);
	move(m, 1, BANK_CLOSED);
	after(m, 20 * SECOND);
	expect(m, 1, 7, DOOR_PULSED);
	expect(m, 1, 7, DOOR_JAMMED);
	expect_nothing(m);
}

static void test_pulse_does_not_deafen_the_other_doors(void **state)
{
	struct made_up *m = *state;
	doors_open(m->doors, 1, 7, m->now);
	doors_tick(m->doors, m->now);
	move(m, 2, BANK_OPEN);
	after(m, 100 * MSEC);
	expect(m, 2, 0, DOOR_FORCED);
}

static void test_resync_finds_lost_edges(void **state)
{
	struct made_up *m = *state;
	pulse(m);
	m->door[1] = BANK_OPEN; /* no edge */
	after(m, settings.resync + settings.debounce);
	expect(m, 1, 7, DOOR_OPENED);
	m->door[1] = BANK_CLOSED;
	after(m, settings.resync + settings.debounce);
	expect(m, 1, 7, DOOR_CLOSED);
	m->presence[2] = BANK_OPEN;
	after(m, settings.resync + settings.debounce);
	assert_int_equal(doors_presence(m->doors, 2), BANK_OPEN);
}

static void test_bank_error_reads_all_levels_again(void **state)
{
	struct made_up *m = *state;
	m->door[2] = BANK_OPEN;
	m->edge_error = -EIO;
	doors_edges(m->doors, m->now);
	after(m, settings.debounce);
	expect(m, 2, 0, DOOR_FORCED);
}

/* An edge after the last one that was kept: nobody knows how long the door was closed. */
static void test_lost_edges_after_some_that_were_kept(void **state)
{
	struct made_up *m = *state;
	pulse(m);
	m->edge_error = -ENOBUFS;
	edge_at(m, 1, BANK_OPEN, m->now + 1 * SECOND);
	edge_at(m, 1, BANK_CLOSED, m->now + 3 * SECOND);
	m->door[1] = BANK_OPEN;
	doors_tick(m->doors, m->now + 4 * SECOND);
	after(m, settings.debounce);
	expect(m, 1, 7, DOOR_OPENED);
	expect_nothing(m);
	assert_int_equal(doors_level(m->doors, 1), BANK_OPEN);
	move(m, 1, BANK_CLOSED);
	after(m, settings.debounce);
	expect(m, 1, 7, DOOR_CLOSED);
}

static void test_last_look_before_jam_and_left_open(void **state)
{
	struct made_up *m = *state;
	struct doors_settings never = settings;
	never.resync = USEC_NEVER;
	start(m, &never);
	pulse(m);
	m->door[1] = BANK_OPEN;
	after(m, settings.open_within);
	expect(m, 1, 7, DOOR_OPENED);
	assert_int_equal(doors_level(m->doors, 1), BANK_OPEN);
	m->door[1] = BANK_CLOSED;
	after(m, settings.close_within);
	expect(m, 1, 7, DOOR_CLOSED);
	assert_int_equal(doors_level(m->doors, 1), BANK_CLOSED);
	expect_nothing(m);
}

static void test_edge_from_the_future_counts_from_now(void **state)
{
	struct made_up *m = *state;
	m->door[1] = BANK_OPEN;
	edge_at(m, 1, BANK_OPEN, m->now + DAY);
	doors_edges(m->doors, m->now);
	after(m, settings.debounce);
	expect(m, 1, 0, DOOR_FORCED);
}

static void test_no_sensor_is_unconfirmed_after_the_pulse(void **state)
{
	struct made_up *m = *state;
	m->no_sensor[1] = true;
	start(m, &settings);
	pulse(m);
	expect(m, 1, 7, DOOR_UNCONFIRMED);
	assert_int_equal(m->told[1].at, START + settings.pulse_length);
	assert_int_equal(doors_level(m->doors, 1), BANK_UNKNOWN);
	after(m, MINUTE);
	expect_nothing(m);
	assert_int_equal(doors_open(m->doors, 1, 8, m->now), 0);
}

static void test_sensor_dead_before_the_pulse(void **state)
{
	struct made_up *m = *state;
	m->door[1] = BANK_UNKNOWN;
	after(m, MINUTE);
	assert_int_equal(doors_level(m->doors, 1), BANK_UNKNOWN);
	expect_nothing(m);
	pulse(m);
	after(m, settings.open_within - 1);
	expect_nothing(m);
	after(m, 1);
	expect(m, 1, 7, DOOR_UNCONFIRMED);
}

static void test_sensor_dead_for_a_part_of_the_time_cannot_say_jammed(void **state)
{
	struct made_up *m = *state;
	pulse(m);
	m->door[1] = BANK_UNKNOWN;
	after(m, settings.open_within - 10 * MSEC);
	m->door[1] = BANK_CLOSED;
	after(m, SECOND);
	expect(m, 1, 7, DOOR_UNCONFIRMED);
}

static void test_flapping_sensor_cannot_say_jammed(void **state)
{
	struct made_up *m = *state;
	pulse(m);
	after(m, settings.open_within - 10 * MSEC);
	move(m, 1, BANK_OPEN);
	after(m, 5 * MSEC);
	move(m, 1, BANK_CLOSED);
	after(m, SECOND);
	expect(m, 1, 7, DOOR_UNCONFIRMED);
}

static void test_sensor_dies_while_open(void **state)
{
	struct made_up *m = *state;
	pulse(m);
	move(m, 1, BANK_OPEN);
	after(m, SECOND);
	expect(m, 1, 7, DOOR_OPENED);
	m->door[1] = BANK_UNKNOWN;
	after(m, settings.close_within - SECOND - 1);
	expect_nothing(m);
	after(m, 1);
	expect(m, 1, 7, DOOR_LEFT_OPEN);
	after(m, settings.resync + settings.close_within);
	expect(m, 1, 7, DOOR_UNCONFIRMED);
	assert_int_equal(doors_open(m->doors, 1, 8, m->now), 0);
}

static void test_sensor_dies_while_left_open(void **state)
{
	struct made_up *m = *state;
	pulse(m);
	move(m, 1, BANK_OPEN);
	after(m, settings.close_within);
	expect(m, 1, 7, DOOR_OPENED);
	expect(m, 1, 7, DOOR_LEFT_OPEN);
	m->door[1] = BANK_UNKNOWN;
	after(m, settings.resync + settings.debounce);
	m->door[1] = BANK_OPEN; /* only for a while: nothing is over */
	after(m, 2 * settings.close_within);
	expect_nothing(m);
	m->door[1] = BANK_UNKNOWN;
	after(m, 2 * settings.close_within);
	expect(m, 1, 7, DOOR_UNCONFIRMED);
}

static void test_forced_door_whose_sensor_died_can_be_opened(void **state)
{
	struct made_up *m = *state;
	move(m, 1, BANK_OPEN);
	after(m, SECOND);
	expect(m, 1, 0, DOOR_FORCED);
	m->door[1] = BANK_UNKNOWN;
	after(m, MINUTE);
	pulse(m);
	after(m, settings.open_within);
	expect(m, 1, 7, DOOR_UNCONFIRMED);
}

static void test_lock_that_cannot_be_driven_is_jammed(void **state)
{
	struct made_up *m = *state;
	m->cannot_drive[1] = 1;
	doors_open(m->doors, 1, 7, m->now);
	doors_open(m->doors, 2, 8, m->now);
	after(m, 3 * SECOND);
	expect(m, 1, 7, DOOR_JAMMED);
	expect(m, 2, 8, DOOR_PULSED);
	assert_int_equal(m->pulses[1], 0);
}

static void test_lock_that_cannot_be_let_go_keeps_the_others_waiting(void **state)
{
	struct made_up *m = *state;
	doors_open(m->doors, 1, 7, m->now);
	doors_open(m->doors, 2, 8, m->now);
	doors_open(m->doors, 3, 9, m->now);
	doors_tick(m->doors, m->now);
	m->cannot_drive[1] = 1; /* at the pulse's end */
	after(m, BANK_PULSE_MAX);
	expect(m, 1, 7, DOOR_PULSED);
	expect_nothing(m);
	assert_int_equal(m->pulses[2], 0);
	after(m, 3 * SECOND);
	assert_false(m->active[1]);
	expect(m, 2, 8, DOOR_PULSED);
	expect(m, 3, 9, DOOR_PULSED);
}

static void test_resume_of_an_open_door(void **state)
{
	struct made_up *m = *state;
	m->door[1] = BANK_OPEN;
	start(m, &settings);
	assert_int_equal(doors_resume(m->doors, 1, 7, m->now), 0);
	after(m, 10 * SECOND);
	expect_nothing(m);
	assert_int_equal(doors_level(m->doors, 1), BANK_OPEN);
	after(m, settings.close_within - 10 * SECOND);
	expect(m, 1, 7, DOOR_LEFT_OPEN);
	move(m, 1, BANK_CLOSED);
	after(m, SECOND);
	expect(m, 1, 7, DOOR_CLOSED);
	assert_int_equal(m->pulses[1], 0);
}

static void test_resume_of_a_closed_door(void **state)
{
	struct made_up *m = *state;
	assert_int_equal(doors_resume(m->doors, 1, 7, m->now), 0);
	expect_nothing(m);
	after(m, settings.debounce);
	expect(m, 1, 7, DOOR_CLOSED);
	assert_int_equal(doors_resume(m->doors, 0, 7, m->now), -EINVAL);
}

static void test_resume_without_sensor(void **state)
{
	struct made_up *m = *state;
	m->no_sensor[1] = true;
	start(m, &settings);
	assert_int_equal(doors_resume(m->doors, 1, 7, m->now), 0);
	doors_tick(m->doors, m->now);
	expect(m, 1, 7, DOOR_UNCONFIRMED);
}

static void test_busy_and_invalid(void **state)
{
	struct made_up *m = *state;
	assert_int_equal(doors_open(m->doors, 0, 7, m->now), -EINVAL);
	assert_int_equal(doors_open(m->doors, COMPARTMENTS + 1, 7, m->now), -EINVAL);
	assert_int_equal(doors_open(m->doors, 1, 0, m->now), -EINVAL);
	assert_int_equal(doors_level(m->doors, 0), BANK_UNKNOWN);
	assert_int_equal(doors_presence(m->doors, COMPARTMENTS + 1), BANK_UNKNOWN);

	assert_int_equal(doors_open(m->doors, 1, 7, m->now), 0);
	assert_int_equal(doors_open(m->doors, 1, 8, m->now), -EBUSY); /* waits */
	assert_int_equal(doors_resume(m->doors, 1, 8, m->now), -EBUSY);
	doors_tick(m->doors, m->now);
	assert_int_equal(doors_open(m->doors, 1, 8, m->now), -EBUSY); /* is pulsed */
	after(m, SECOND);
	assert_int_equal(doors_open(m->doors, 1, 8, m->now), -EBUSY); /* is expected to open */
	move(m, 1, BANK_OPEN);
	after(m, SECOND);
	assert_int_equal(doors_open(m->doors, 1, 8, m->now), -EBUSY); /* is open */
	move(m, 1, BANK_CLOSED);
	after(m, SECOND);
	assert_int_equal(doors_open(m->doors, 1, 8, m->now), 0);
}

static void test_what_is_told_may_ask_again(void **state)
{
	struct made_up *m = *state;
	pulse(m);
	m->ask_again = 8;
	after(m, settings.open_within);
	expect(m, 1, 7, DOOR_JAMMED);
	after(m, settings.pulse_length);
	expect(m, 1, 8, DOOR_PULSED);
}

static void test_presence_is_debounced(void **state)
{
	struct made_up *m = *state;
	m->presence[1] = BANK_OPEN;
	m->edges[m->edge_count++] = (struct bank_edge){1, BANK_PRESENCE, BANK_OPEN, m->now};
	doors_edges(m->doors, m->now);
	after(m, settings.debounce - 1);
	assert_int_equal(doors_presence(m->doors, 1), BANK_CLOSED);
	after(m, 1);
	assert_int_equal(doors_presence(m->doors, 1), BANK_OPEN);
	expect_nothing(m);
}

static void test_nothing_due_never(void **state)
{
	struct made_up *m = *state;
	struct doors_settings never = settings;
	never.resync = USEC_NEVER;
	never.open_within = USEC_NEVER;
	never.close_within = USEC_NEVER;
	start(m, &never);
	assert_true(doors_next_due(m->doors) == USEC_NEVER);
	doors_open(m->doors, 1, 7, m->now);
	assert_int_equal(doors_next_due(m->doors), m->now);
	after(m, settings.pulse_length);
	expect(m, 1, 7, DOOR_PULSED);
	after(m, MINUTE);
	assert_true(doors_next_due(m->doors) == USEC_NEVER);
	move(m, 1, BANK_OPEN);
	assert_int_equal(doors_next_due(m->doors), m->now + settings.debounce);
	after(m, DAY);
	expect(m, 1, 7, DOOR_OPENED);
	expect_nothing(m);
	assert_true(doors_next_due(m->doors) == USEC_NEVER);
}

static void test_bank_gets_its_ticks(void **state)
{
	struct made_up *m = *state;
	m->due = m->now + SECOND;
	assert_int_equal(doors_next_due(m->doors), m->now + SECOND);
	after(m, SECOND);
	assert_true(m->due == USEC_NEVER);
}

int main(void)
{
#define TEST(f)    cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define STOPPED(f) cmocka_unit_test_setup_teardown(f, set_up_stopped, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_opens_and_closes),
		TEST(test_one_after_another_with_cool_down),
		TEST(test_cool_down_counts_from_a_late_end),
		STOPPED(test_settings_have_bounds),
		STOPPED(test_start_drives_all_locks_idle),
		STOPPED(test_start_with_a_lock_that_cannot_be_idled),
		TEST(test_free_ends_the_pulse),
		TEST(test_give_up_before_the_pulse_only),
		TEST(test_jam),
		TEST(test_opening_after_the_jam_is_forced),
		TEST(test_left_open_then_closed),
		TEST(test_forced),
		TEST(test_forced_while_waiting_is_pulsed_and_taken_over),
		TEST(test_forced_and_shut_while_waiting),
		TEST(test_given_up_while_forced),
		STOPPED(test_open_at_start),
		TEST(test_bounce),
		TEST(test_glitch_is_nothing),
		TEST(test_edges_that_come_late_count_by_their_own_time),
		TEST(test_edges_of_several_doors_in_any_order),
		TEST(test_edges_of_one_door_in_another_order),
		TEST(test_lost_edge_makes_no_false_fact),
		TEST(test_edge_before_the_opening_is_asked_for),
		TEST(test_own_pulse_is_noise_and_level_is_read_afterwards),
		TEST(test_pulse_noise_that_ends_closed_opens_nothing),
		TEST(test_pulse_does_not_deafen_the_other_doors),
		TEST(test_resync_finds_lost_edges),
		TEST(test_bank_error_reads_all_levels_again),
		TEST(test_lost_edges_after_some_that_were_kept),
		STOPPED(test_last_look_before_jam_and_left_open),
		TEST(test_edge_from_the_future_counts_from_now),
		STOPPED(test_no_sensor_is_unconfirmed_after_the_pulse),
		TEST(test_sensor_dead_before_the_pulse),
		TEST(test_sensor_dead_for_a_part_of_the_time_cannot_say_jammed),
		TEST(test_flapping_sensor_cannot_say_jammed),
		TEST(test_sensor_dies_while_open),
		TEST(test_sensor_dies_while_left_open),
		TEST(test_forced_door_whose_sensor_died_can_be_opened),
		TEST(test_lock_that_cannot_be_driven_is_jammed),
		TEST(test_lock_that_cannot_be_let_go_keeps_the_others_waiting),
		STOPPED(test_resume_of_an_open_door),
		TEST(test_resume_of_a_closed_door),
		STOPPED(test_resume_without_sensor),
		TEST(test_busy_and_invalid),
		TEST(test_what_is_told_may_ask_again),
		TEST(test_presence_is_debounced),
		STOPPED(test_nothing_due_never),
		TEST(test_bank_gets_its_ticks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
