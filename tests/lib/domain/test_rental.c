/* rental.c: the table is written down a second time here, and walked for what must hold for all of
 * it. */
#include "lib/base/text.h"
#include "lib/domain/rental.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Each state with all that is legal in it: input>next state, and a letter for the money when it
 * moves (A authorize, C capture, B back). What is not here must be refused. */
static const char *const specification[RENTAL_STATES] = {
	[RENTAL_NONE] = "",
	[RENTAL_HELD] = "pay>paying:A pay-nothing>paid cancel>cancelled extend>held timer>expired "
			"resolve>resolved resolve-refund>resolved",
	[RENTAL_PAYING] =
		"extend>paying authorized>paid declined>held voided>held cancel-payment>paying:B "
		"cancel>cancelled:B timer>expired:B resolve>resolved:B "
		"resolve-refund>resolved:B",
	[RENTAL_PAID] = "open>opening voided>held cancel-payment>cancelled:B cancel>cancelled:B "
			"timer>expired:B resolve>resolved:B resolve-refund>resolved:B",
	[RENTAL_OPENING] = "door-opened>taking door-jammed>failed:B door-unsensed>unconfirmed "
			   "interrupted>paid give-up>cancelled:B resolve>resolved:B "
			   "resolve-refund>resolved:B",
	[RENTAL_TAKING] = "door-closed>rented:C door-left-open>rented:C report>failed:B "
			  "resolve>resolved:C resolve-refund>resolved:B",
	[RENTAL_UNCONFIRMED] = "confirm-taken>rented:C confirm-not-taken>failed:B "
			       "resolve>resolved:C resolve-refund>resolved:B",
	[RENTAL_RENTED] = "return>returning return-refused>rented timer>overdue report>failed:B "
			  "resolve>resolved resolve-refund>resolved:B",
	[RENTAL_OVERDUE] = "return>returning return-refused>overdue timer>lost resolve>resolved "
			   "resolve-refund>resolved:B",
	[RENTAL_LOST] = "return>returning return-refused>lost resolve>resolved "
			"resolve-refund>resolved:B",
	[RENTAL_RETURNING] = "door-opened>returning door-closed>returned door-left-open>returning "
			     "door-jammed>rented door-unsensed>unconfirmed-return give-up>rented "
			     "interrupted>rented resolve>resolved resolve-refund>resolved:B",
	[RENTAL_UNCONFIRMED_RETURN] = "confirm-returned>returned confirm-not-returned>rented "
				      "resolve>resolved resolve-refund>resolved:B",
	[RENTAL_RETURNED] = "",
	[RENTAL_CANCELLED] = "",
	[RENTAL_EXPIRED] = "",
	[RENTAL_FAILED] = "",
	[RENTAL_RESOLVED] = "",
};

/* What the rest of the kiosk sees to without anybody doing anything: a timer of its own, an answer
 * that is asked for until it comes, a door that reports within bounded time. */
static bool is_automatic(enum rental_input input)
{
	switch (input) {
	case RENTAL_AUTHORIZED:
	case RENTAL_DECLINED:
	case RENTAL_VOIDED:
	case RENTAL_TIMER:
	case RENTAL_DOOR_OPENED:
	case RENTAL_DOOR_CLOSED:
	case RENTAL_DOOR_LEFT_OPEN:
	case RENTAL_DOOR_JAMMED:
	case RENTAL_DOOR_UNSENSED:
	case RENTAL_INTERRUPTED:
		return true;
	default:
		return false;
	}
}

static void describe(const struct rental_move *move, char *ret, size_t size)
{
	static const char *const money[] = {"", ":A", ":C", ":B"};
	if (!move)
		text_copy(ret, size, "");
	else
		snprintf(ret, size, "%s>%s%s", rental_input_names[move->input],
			rental_state_names[move->to], money[move->money]);
}

/* The word of a specification that begins with the input's name, or "". */
static void specified(enum rental_state state, enum rental_input input, char *ret, size_t size)
{
	char copy[512], *at = copy;
	TEXT_COPY(copy, specification[state]);
	size_t length = strlen(rental_input_names[input]);
	ret[0] = '\0';
	for (char *word; (word = strsep(&at, " "));)
		if (strncmp(word, rental_input_names[input], length) == 0 && word[length] == '>')
			text_copy(ret, size, word);
}

static void every_pair_is_as_specified(void **state)
{
	(void)state;
	int legal = 0;
	for (int s = RENTAL_NONE; s < RENTAL_STATES; s++)
		for (int i = 0; i < RENTAL_INPUTS; i++) {
			char is[80], want[80];
			const struct rental_move *move =
				rental_step((enum rental_state)s, (enum rental_input)i);
			describe(move, is, sizeof(is));
			specified((enum rental_state)s, (enum rental_input)i, want, sizeof(want));
			assert_string_equal(is, want);
			legal += move != NULL;
		}
	int listed = 0;
	for (const struct rental_move *move = rental_moves; move->fact; move++)
		listed++;
	assert_int_equal(legal, listed); /* no pair stands twice in the table */
}

static void names_and_facts_can_be_said(void **state)
{
	(void)state;
	for (int s = RENTAL_HELD; s < RENTAL_STATES; s++)
		assert_true(name_is_valid(rental_state_names[s]));
	assert_null(rental_state_names[RENTAL_NONE]);
	assert_null(rental_state_names[RENTAL_STATES]);
	for (int i = 0; i < RENTAL_INPUTS; i++)
		assert_true(name_is_valid(rental_input_names[i]));
	assert_null(rental_input_names[RENTAL_INPUTS]);
	for (const struct rental_move *move = rental_moves; move->fact; move++)
		assert_true(name_is_valid(move->fact));
}

static void final_states_stay(void **state)
{
	(void)state;
	for (int s = RENTAL_HELD; s < RENTAL_STATES; s++) {
		bool ends = true;
		for (int i = 0; i < RENTAL_INPUTS; i++)
			if (rental_step((enum rental_state)s, (enum rental_input)i))
				ends = false;
		assert_int_equal(rental_is_final((enum rental_state)s), ends);
	}
	assert_false(rental_is_final(RENTAL_NONE));
}

/* Marks what can be reached from `from` by moves whose input is allowed. */
static void reach(int from, bool (*allowed)(enum rental_input), bool seen[RENTAL_STATES])
{
	seen[from] = true;
	for (const struct rental_move *move = rental_moves; move->fact; move++)
		if ((int)move->from == from && !seen[move->to] && allowed(move->input))
			reach((int)move->to, allowed, seen);
}

static bool any(enum rental_input input)
{
	(void)input;
	return true;
}

static bool manager(enum rental_input input)
{
	return input == RENTAL_RESOLVE;
}

static bool manager_refunds(enum rental_input input)
{
	return input == RENTAL_RESOLVE_REFUND;
}

static void every_state_can_be_reached(void **state)
{
	(void)state;
	bool seen[RENTAL_STATES] = {false};
	reach(RENTAL_HELD, any, seen);
	for (int s = RENTAL_HELD; s < RENTAL_STATES; s++)
		if (!seen[s])
			fail_msg("nothing leads to %s", rental_state_names[s]);
}

static void a_manager_can_end_each(void **state)
{
	(void)state;
	for (int s = RENTAL_HELD; s < RENTAL_STATES; s++) {
		bool seen[RENTAL_STATES] = {false}, refunded[RENTAL_STATES] = {false};
		reach(s, manager, seen);
		reach(s, manager_refunds, refunded);
		assert_int_equal(seen[RENTAL_RESOLVED],
			!rental_is_final((enum rental_state)s) || s == RENTAL_RESOLVED);
		assert_int_equal(refunded[RENTAL_RESOLVED], seen[RENTAL_RESOLVED]);
	}
}

/* Where nobody does anything, each state is left by something automatic, or is one of those that
 * the header gives to a person. */
static void who_ends_each(void **state)
{
	(void)state;
	for (int s = RENTAL_HELD; s < RENTAL_RETURNED; s++) {
		bool left = false;
		for (int i = 0; i < RENTAL_INPUTS; i++) {
			const struct rental_move *move =
				rental_step((enum rental_state)s, (enum rental_input)i);
			if (move && is_automatic((enum rental_input)i) && (int)move->to != s)
				left = true;
		}
		bool person = s == RENTAL_LOST || s == RENTAL_UNCONFIRMED ||
			      s == RENTAL_UNCONFIRMED_RETURN;
		if (left == person)
			fail_msg("%s: left by itself: %d", rental_state_names[s], left);
	}
}

/* Whether what happens by itself can lead from s back to target. */
static bool comes_back(int s, int target, bool seen[RENTAL_STATES])
{
	for (const struct rental_move *move = rental_moves; move->fact; move++) {
		if ((int)move->from != s || (int)move->to == s || !is_automatic(move->input))
			continue;
		if ((int)move->to == target)
			return true;
		if (!seen[move->to]) {
			seen[move->to] = true;
			if (comes_back((int)move->to, target, seen))
				return true;
		}
	}
	return false;
}

/* A rental that went round by itself would hold an item, and money, with nobody to notice. */
static void nothing_goes_round_by_itself(void **state)
{
	(void)state;
	for (int s = RENTAL_HELD; s < RENTAL_STATES; s++) {
		bool seen[RENTAL_STATES] = {false};
		if (comes_back(s, s, seen))
			fail_msg("%s comes back by itself", rental_state_names[s]);
	}
}

/* An item leaves the shelf when the door is seen open, not before, and not without
 * money asked for. */
static void what_happens_to_the_item(void **state)
{
	(void)state;
	for (const struct rental_move *move = rental_moves; move->fact; move++) {
		bool was_out = rental_is_out(move->from), is_out = rental_is_out(move->to);
		if (!was_out && is_out)
			assert_true(move->input == RENTAL_DOOR_OPENED ||
				    move->input == RENTAL_DOOR_UNSENSED);
		if (!was_out && rental_is_final(move->to)) /* it never left its door */
			assert_true(move->item == RENTAL_ITEM_FREE ||
				    move->item == RENTAL_ITEM_INSPECT ||
				    move->item == RENTAL_ITEM_BLOCK);
		if (was_out && rental_is_final(move->to)) /* nobody lends it before it was seen */
			assert_true(move->item == RENTAL_ITEM_BACK ||
				    move->item == RENTAL_ITEM_INSPECT ||
				    move->item == RENTAL_ITEM_BLOCK);
		if (move->item == RENTAL_ITEM_OUT)
			assert_true(is_out);
	}
}

/* Said in so many words, because each of them would be a theft or a double lending. */
static void what_must_never_be_legal(void **state)
{
	(void)state;
	assert_null(rental_step(RENTAL_HELD, RENTAL_OPEN));
	assert_null(rental_step(RENTAL_PAYING, RENTAL_OPEN));
	assert_null(rental_step(RENTAL_HELD, RENTAL_DOOR_OPENED));
	assert_null(rental_step(RENTAL_PAID, RENTAL_DOOR_OPENED));
	assert_null(rental_step(RENTAL_PAYING, RENTAL_PAY));
	assert_null(rental_step(RENTAL_PAID, RENTAL_PAY));
	assert_null(rental_step(RENTAL_OPENING, RENTAL_TIMER));
	assert_null(rental_step(RENTAL_OPENING, RENTAL_CANCEL));
	assert_null(rental_step(RENTAL_TAKING, RENTAL_CANCEL));
	assert_null(rental_step(RENTAL_RENTED, RENTAL_CANCEL));
	assert_null(rental_step(RENTAL_RENTED, RENTAL_OPEN));
	assert_null(rental_step(RENTAL_TAKING, RENTAL_INTERRUPTED));
	assert_null(rental_step(RENTAL_RENTED, RENTAL_CONFIRM_RETURNED));
	assert_null(rental_step(RENTAL_LOST, RENTAL_TIMER));
	assert_null(rental_step(RENTAL_NONE, RENTAL_PAY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_is_as_specified),
		cmocka_unit_test(names_and_facts_can_be_said),
		cmocka_unit_test(final_states_stay),
		cmocka_unit_test(every_state_can_be_reached),
		cmocka_unit_test(a_manager_can_end_each),
		cmocka_unit_test(who_ends_each),
		cmocka_unit_test(nothing_goes_round_by_itself),
		cmocka_unit_test(what_happens_to_the_item),
		cmocka_unit_test(what_must_never_be_legal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
