/* simulated.c as its port promises, and under doors.c as the demo uses it. */
#include "kiosk/doors/doors.h"
#include "kiosk/doors/simulated.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define START (100 * SECOND)

static const struct simulated_habits by_hand = {0};
static const struct simulated_habits person = {
	.open_after = 200 * MSEC, .close_after = 10 * SECOND};

static const struct doors_settings settings = {
	.pulse_length = 500 * MSEC,
	.cool_down = 1000 * MSEC,
	.debounce = 20 * MSEC,
	.open_within = 10 * SECOND,
	.close_within = 60 * SECOND,
	.resync = 5 * SECOND,
};

static struct bank_port *bank_new(bool sensors, struct simulated_habits habits)
{
	struct bank_port *bank = simulated_new(3, sensors, habits);
	bank->tick(bank, START);
	return bank;
}

static void expect_edge(struct bank_port *bank, int compartment, enum bank_sensor sensor,
	enum bank_level level, usec at)
{
	struct bank_edge edge;
	assert_int_equal(bank->next_edge(bank, &edge), 1);
	assert_int_equal(edge.compartment, compartment);
	assert_int_equal(edge.sensor, sensor);
	assert_int_equal(edge.level, level);
	assert_int_equal(edge.at, at);
}

static void expect_no_edge(struct bank_port *bank)
{
	struct bank_edge edge;
	assert_int_equal(bank->next_edge(bank, &edge), 0);
}

static void test_new(void **state)
{
	(void)state;
	struct bank_port *bank = bank_new(true, by_hand);
	assert_int_equal(bank->count(bank), 3);
	assert_int_equal(bank->fd(bank), -1);
	assert_true(bank->next_due(bank) == USEC_NEVER);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(bank->read(bank, i, BANK_DOOR), BANK_CLOSED);
		assert_int_equal(bank->read(bank, i, BANK_PRESENCE), BANK_UNKNOWN);
		assert_true(bank->has(bank, i, BANK_DOOR));
		assert_false(bank->has(bank, i, BANK_PRESENCE));
		assert_int_equal(simulated_pulses(bank, i), 0);
	}
	assert_null(bank->free(bank));
}

static void test_moves_by_hand(void **state)
{
	(void)state;
	struct bank_port *bank = bank_new(true, by_hand);
	assert_int_equal(simulated_move(bank, 2, BANK_OPEN), 0);
	assert_int_equal(simulated_move(bank, 2, BANK_OPEN), 0);
	assert_int_equal(bank->next_due(bank), START);
	assert_int_equal(bank->read(bank, 2, BANK_DOOR), BANK_OPEN);
	bank->tick(bank, START + SECOND);
	simulated_move(bank, 2, BANK_CLOSED);
	expect_edge(bank, 2, BANK_DOOR, BANK_OPEN, START);
	expect_edge(bank, 2, BANK_DOOR, BANK_CLOSED, START + SECOND);
	expect_no_edge(bank);
	assert_true(bank->next_due(bank) == USEC_NEVER);

	assert_int_equal(bank->drive(bank, 1, true), 0);
	bank->tick(bank, START + MINUTE);
	assert_int_equal(simulated_door(bank, 1), BANK_CLOSED);
	expect_no_edge(bank);
	bank->free(bank);
}

static void test_no_such_compartment(void **state)
{
	(void)state;
	struct bank_port *bank = bank_new(true, by_hand);
	assert_int_equal(simulated_move(bank, 0, BANK_OPEN), -EINVAL);
	assert_int_equal(simulated_move(bank, 1, BANK_UNKNOWN), -EINVAL);
	assert_int_equal(simulated_jam(bank, 4, true), -EINVAL);
	assert_int_equal(simulated_sensor(bank, 4, true), -EINVAL);
	assert_int_equal(simulated_lock(bank, 4, true), -EINVAL);
	assert_int_equal(simulated_presence(bank, 4, BANK_OPEN), -EINVAL);
	assert_int_equal(simulated_pulses(bank, 4), 0);
	assert_int_equal(simulated_door(bank, 4), BANK_UNKNOWN);
	assert_false(simulated_active(bank, 4));
	assert_int_equal(bank->drive(bank, 4, true), -EIO);
	assert_int_equal(bank->read(bank, 4, BANK_DOOR), BANK_UNKNOWN);
	assert_false(bank->has(bank, 4, BANK_DOOR));
	bank->free(bank);
}

static void test_hard_maximum(void **state)
{
	(void)state;
	struct bank_port *bank = bank_new(true, by_hand);
	assert_int_equal(bank->drive(bank, 1, true), 0);
	assert_int_equal(bank->drive(bank, 1, true), 0); /* is one pulse, and does not prolong it */
	assert_int_equal(bank->next_due(bank), START + BANK_PULSE_MAX);
	bank->tick(bank, START + BANK_PULSE_MAX - 1);
	assert_true(simulated_active(bank, 1));
	assert_int_equal(bank->drive(bank, 1, true), 0);
	bank->tick(bank, START + BANK_PULSE_MAX);
	assert_false(simulated_active(bank, 1));
	assert_int_equal(simulated_pulses(bank, 1), 1);
	bank->free(bank);
}

static void test_person_opens_and_closes(void **state)
{
	(void)state;
	struct bank_port *bank = bank_new(true, person);
	bank->drive(bank, 1, true);
	assert_int_equal(bank->next_due(bank), START + 200 * MSEC);
	bank->tick(bank, START + 200 * MSEC - 1);
	expect_no_edge(bank);
	bank->tick(bank, START + 200 * MSEC);
	expect_edge(bank, 1, BANK_DOOR, BANK_OPEN, START + 200 * MSEC);
	bank->drive(bank, 1, false);
	assert_int_equal(bank->next_due(bank), START + 200 * MSEC + 10 * SECOND);
	bank->tick(bank, START + 200 * MSEC + 10 * SECOND);
	expect_edge(bank, 1, BANK_DOOR, BANK_CLOSED, START + 200 * MSEC + 10 * SECOND);
	assert_true(bank->next_due(bank) == USEC_NEVER);
	bank->free(bank);
}

static void test_a_late_tick_keeps_the_order(void **state)
{
	(void)state;
	struct bank_port *bank = bank_new(true, person);
	bank->drive(bank, 2, true);
	bank->drive(bank, 2, false);
	bank->tick(bank, START + 100 * MSEC);
	bank->drive(bank, 1, true);
	bank->tick(bank, START + MINUTE);
	expect_edge(bank, 2, BANK_DOOR, BANK_OPEN, START + 200 * MSEC);
	expect_edge(bank, 1, BANK_DOOR, BANK_OPEN, START + 300 * MSEC);
	expect_edge(bank, 2, BANK_DOOR, BANK_CLOSED, START + 10 * SECOND + 200 * MSEC);
	expect_edge(bank, 1, BANK_DOOR, BANK_CLOSED, START + 10 * SECOND + 300 * MSEC);
	expect_no_edge(bank);
	assert_false(simulated_active(bank, 1));
	bank->free(bank);
}

static void test_a_hand_is_quicker_than_the_person(void **state)
{
	(void)state;
	struct bank_port *bank = bank_new(true, person);
	bank->drive(bank, 1, true);
	bank->drive(bank, 1, false);
	simulated_move(bank, 1, BANK_OPEN);
	simulated_move(bank, 1, BANK_CLOSED);
	bank->tick(bank, START + MINUTE);
	expect_edge(bank, 1, BANK_DOOR, BANK_OPEN, START);
	expect_edge(bank, 1, BANK_DOOR, BANK_CLOSED, START);
	expect_no_edge(bank);
	bank->free(bank);
}

static void test_jam(void **state)
{
	(void)state;
	struct bank_port *bank = bank_new(true, person);
	simulated_jam(bank, 1, true);
	bank->drive(bank, 1, true);
	bank->drive(bank, 1, false);
	bank->tick(bank, START + MINUTE);
	expect_no_edge(bank);
	assert_int_equal(simulated_pulses(bank, 1), 1);
	simulated_jam(bank, 1, false);
	bank->drive(bank, 1, true);
	simulated_jam(bank, 1, true); /* before it opened */
	bank->tick(bank, START + 2 * MINUTE);
	expect_no_edge(bank);
	bank->free(bank);
}

static void test_dead_sensor_and_lock(void **state)
{
	(void)state;
	struct bank_port *bank = bank_new(true, by_hand);
	simulated_sensor(bank, 1, false);
	simulated_move(bank, 1, BANK_OPEN);
	expect_no_edge(bank);
	assert_true(bank->has(bank, 1, BANK_DOOR));
	assert_int_equal(bank->read(bank, 1, BANK_DOOR), BANK_UNKNOWN);
	assert_int_equal(simulated_door(bank, 1), BANK_OPEN);
	simulated_sensor(bank, 1, true);
	assert_int_equal(bank->read(bank, 1, BANK_DOOR), BANK_OPEN);
	simulated_lock(bank, 1, false);
	assert_int_equal(bank->drive(bank, 1, true), -EIO);
	assert_int_equal(simulated_pulses(bank, 1), 0);
	simulated_lock(bank, 1, true);
	assert_int_equal(bank->drive(bank, 1, true), 0);
	bank->free(bank);
}

static void test_presence(void **state)
{
	(void)state;
	struct bank_port *bank = bank_new(false, by_hand);
	assert_false(bank->has(bank, 1, BANK_DOOR));
	simulated_presence(bank, 1, BANK_OPEN);
	simulated_presence(bank, 1, BANK_OPEN);
	expect_edge(bank, 1, BANK_PRESENCE, BANK_OPEN, START);
	expect_no_edge(bank);
	assert_true(bank->has(bank, 1, BANK_PRESENCE));
	assert_int_equal(bank->read(bank, 1, BANK_PRESENCE), BANK_OPEN);
	bank->free(bank);
}

static void test_too_many_edges_are_lost(void **state)
{
	(void)state;
	struct bank_port *bank = bank_new(true, by_hand);
	for (int i = 0; i < 1001; i++)
		simulated_move(bank, 1, i % 2 ? BANK_CLOSED : BANK_OPEN);
	struct bank_edge edge;
	int edges = 0;
	while (bank->next_edge(bank, &edge) == 1)
		edges++;
	assert_int_equal(edges, 64);
	assert_int_equal(bank->read(bank, 1, BANK_DOOR), BANK_OPEN);
	bank->free(bank);
}

/* The facts of a whole run, one character each. */
struct diary {
	char facts[64];
	size_t count;
};

static void note(void *context, int compartment, int64_t opening, enum door_fact fact)
{
	struct diary *diary = context;
	(void)compartment;
	(void)opening;
	assert_true(diary->count < sizeof(diary->facts) - 1);
	diary->facts[diary->count++] = "?poclju!sx"[fact];
}

static void run_until(struct doors *doors, usec at)
{
	usec due;
	while ((due = doors_next_due(doors)) <= at)
		doors_tick(doors, due);
	doors_tick(doors, at);
}

static void run_demo(struct bank_port *bank, int jammed, const char *facts)
{
	struct diary diary = {0};
	struct doors *doors = NULL;
	assert_int_equal(doors_new(bank, &settings, START, note, &diary, &doors), 0);
	if (jammed)
		simulated_jam(bank, jammed, true);
	for (int i = 1; i <= 3; i++)
		assert_int_equal(doors_open(doors, i, i, START), 0);
	run_until(doors, START + MINUTE);
	assert_string_equal(diary.facts, facts);
	for (int i = 1; i <= 3; i++)
		assert_int_equal(simulated_pulses(bank, i), 1);
	doors_free(doors);
	bank->free(bank);
}

static void test_demo(void **state)
{
	(void)state;
	run_demo(simulated_new(3, true, person), 0, "popopoccc");
	run_demo(simulated_new(3, true, person), 2, "poppocjc");
	run_demo(simulated_new(3, false, person), 0, "pupupu");
}

/* A door moved by hand is noticed without a file descriptor. */
static void test_forced_by_hand(void **state)
{
	(void)state;
	struct diary diary = {0};
	struct doors *doors = NULL;
	struct bank_port *bank = simulated_new(3, true, by_hand);
	assert_int_equal(doors_new(bank, &settings, START, note, &diary, &doors), 0);
	simulated_move(bank, 1, BANK_OPEN);
	assert_int_equal(doors_next_due(doors), START);
	run_until(doors, START + settings.debounce);
	assert_string_equal(diary.facts, "!");
	simulated_move(bank, 1, BANK_CLOSED);
	run_until(doors, START + SECOND);
	assert_string_equal(diary.facts, "!s");
	doors_free(doors);
	bank->free(bank);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_moves_by_hand),
		cmocka_unit_test(test_no_such_compartment),
		cmocka_unit_test(test_hard_maximum),
		cmocka_unit_test(test_person_opens_and_closes),
		cmocka_unit_test(test_a_late_tick_keeps_the_order),
		cmocka_unit_test(test_a_hand_is_quicker_than_the_person),
		cmocka_unit_test(test_jam),
		cmocka_unit_test(test_dead_sensor_and_lock),
		cmocka_unit_test(test_presence),
		cmocka_unit_test(test_too_many_edges_are_lost),
		cmocka_unit_test(test_demo),
		cmocka_unit_test(test_forced_by_hand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
