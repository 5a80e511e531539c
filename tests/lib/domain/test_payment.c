/* payment.c: the table is written down a second time here, and walked for what must hold for all of
 * it. */
#include "lib/base/text.h"
#include "lib/domain/payment.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STATES (PAYMENT_REFUNDED + 1)

/* Each state with all that is legal in it: input>next state; what is not here must be refused. */
static const char *const specification[STATES] = {
	[PAYMENT_NONE] = "",
	[PAYMENT_NEW] = "send>sent want-back>voided",
	[PAYMENT_SENT] = "send>sent want-back>void-owed is-authorized>authorized "
			 "is-declined>declined is-voided>voided "
			 "is-refunded>refunded",
	[PAYMENT_AUTHORIZED] = "want-capture>capture-owed want-back>void-owed "
			       "is-authorized>authorized "
			       "is-voided>voided is-refunded>refunded",
	[PAYMENT_DECLINED] = "want-back>declined is-declined>declined is-voided>declined",
	[PAYMENT_CAPTURE_OWED] = "want-capture>capture-owed want-back>refund-owed "
				 "is-authorized>capture-owed is-declined>declined "
				 "is-captured>captured is-voided>voided "
				 "is-refunded>refunded",
	[PAYMENT_CAPTURED] = "want-capture>captured want-back>refund-owed is-authorized>captured "
			     "is-captured>captured is-refunded>refunded",
	[PAYMENT_VOID_OWED] = "want-capture>capture-owed want-back>void-owed is-authorized>void-owed is-declined>voided "
			      "is-captured>captured is-voided>voided "
			      "is-refunded>refunded",
	[PAYMENT_VOIDED] = "want-capture>voided want-back>voided is-authorized>voided "
			   "is-declined>voided is-voided>voided",
	[PAYMENT_REFUND_OWED] = "want-back>refund-owed is-authorized>refund-owed "
				"is-declined>voided is-captured>refund-owed is-voided>voided "
				"is-refunded>refunded",
	[PAYMENT_REFUNDED] = "want-capture>refunded want-back>refunded is-authorized>refunded "
			     "is-captured>refunded is-refunded>refunded",
};

static void specified(enum payment_state state, enum payment_input input, char *ret, size_t size)
{
	char copy[512], *at = copy;
	TEXT_COPY(copy, specification[state]);
	size_t length = strlen(payment_input_names[input]);
	ret[0] = '\0';
	for (char *word; (word = strsep(&at, " "));)
		if (strncmp(word, payment_input_names[input], length) == 0 && word[length] == '>')
			text_copy(ret, size, word + length + 1);
}

static void every_pair_is_as_specified(void **state)
{
	(void)state;
	for (int s = PAYMENT_NONE; s < STATES; s++)
		for (int i = 0; i < PAYMENT_INPUTS; i++) {
			char want[80];
			enum payment_state next = PAYMENT_NONE;
			specified((enum payment_state)s, (enum payment_input)i, want, sizeof(want));
			int r = payment_step((enum payment_state)s, (enum payment_input)i, &next);
			assert_int_equal(r, want[0] ? 0 : -EPERM);
			if (r == 0)
				assert_string_equal(payment_state_names[next], want);
			else
				assert_int_equal(next, PAYMENT_NONE); /* untouched */
		}
}

static void names_can_be_said(void **state)
{
	(void)state;
	for (int s = PAYMENT_NEW; s < STATES; s++)
		assert_true(name_is_valid(payment_state_names[s]));
	assert_null(payment_state_names[PAYMENT_NONE]);
	assert_null(payment_state_names[STATES]);
	for (int i = 0; i < PAYMENT_INPUTS; i++)
		assert_true(name_is_valid(payment_input_names[i]));
	assert_null(payment_input_names[PAYMENT_INPUTS]);
}

static void reach(int from, bool answers_only, bool seen[STATES])
{
	seen[from] = true;
	for (int i = answers_only ? PAYMENT_IS_AUTHORIZED : 0; i < PAYMENT_INPUTS; i++) {
		enum payment_state next;
		if (payment_step((enum payment_state)from, (enum payment_input)i, &next) == 0 &&
			!seen[next])
			reach((int)next, answers_only, seen);
	}
}

static void every_state_can_be_reached(void **state)
{
	(void)state;
	bool seen[STATES] = {false};
	reach(PAYMENT_NEW, false, seen);
	for (int s = PAYMENT_NEW; s < STATES; s++)
		if (!seen[s])
			fail_msg("nothing leads to %s", payment_state_names[s]);
}

/* What is asked for downstream again and again ends by an answer; what is final, no answer moves,
 * but for money that is found to have gone back; authorized ends with the rental. */
static void answers_end_what_is_open(void **state)
{
	(void)state;
	for (int s = PAYMENT_NEW; s < STATES; s++) {
		bool seen[STATES] = {false};
		reach(s, true, seen);
		bool ends = seen[PAYMENT_DECLINED] || seen[PAYMENT_CAPTURED] ||
			    seen[PAYMENT_VOIDED] || seen[PAYMENT_REFUNDED];
		if (payment_is_open((enum payment_state)s))
			assert_true(ends);
		for (int i = PAYMENT_IS_AUTHORIZED; i < PAYMENT_INPUTS; i++) {
			enum payment_state next;
			if (!payment_is_final((enum payment_state)s) ||
				payment_step((enum payment_state)s, (enum payment_input)i, &next) <
					0)
				continue;
			assert_true((int)next == s ||
				    (s == PAYMENT_CAPTURED && next == PAYMENT_REFUNDED));
		}
	}
}

/* Whoever wants the money back gets it from everywhere, and no answer, late or twice, undoes that;
 * but a void does not take back what downstream has captured, which only an old copy of a database
 * can come to. */
static void back_means_back(void **state)
{
	(void)state;
	for (int s = PAYMENT_NEW; s < STATES; s++) {
		enum payment_state owed;
		assert_int_equal(payment_step((enum payment_state)s, PAYMENT_WANT_BACK, &owed), 0);
		bool seen[STATES] = {false};
		reach((int)owed, true, seen);
		assert_false(seen[PAYMENT_AUTHORIZED]);
		assert_true(!seen[PAYMENT_CAPTURED] || owed == PAYMENT_VOID_OWED);
		assert_false(seen[PAYMENT_CAPTURE_OWED]);
		assert_true(
			seen[PAYMENT_DECLINED] || seen[PAYMENT_VOIDED] || seen[PAYMENT_REFUNDED]);
	}
}

/* Each answer twice is the answer once. */
static void answers_twice(void **state)
{
	(void)state;
	for (int s = PAYMENT_NEW; s < STATES; s++)
		for (int i = PAYMENT_IS_AUTHORIZED; i < PAYMENT_INPUTS; i++) {
			enum payment_state once, twice;
			if (payment_step((enum payment_state)s, (enum payment_input)i, &once) < 0)
				continue;
			/* A refusal of the second one changes nothing either. */
			if (payment_step(once, (enum payment_input)i, &twice) == 0)
				assert_int_equal(once, twice);
		}
}

static void what_each_state_is(void **state)
{
	(void)state;
	for (int s = PAYMENT_NEW; s < STATES; s++) {
		int is = payment_is_final((enum payment_state)s) +
			 payment_is_open((enum payment_state)s);
		/* Two are neither: the one not yet sent, and the one that waits for the rental. */
		assert_int_equal(is, s == PAYMENT_NEW || s == PAYMENT_AUTHORIZED ? 0 : 1);
		if (payment_is_unresolved((enum payment_state)s))
			assert_false(payment_is_final((enum payment_state)s));
	}
	assert_true(payment_is_unresolved(PAYMENT_NEW));
	assert_true(payment_is_unresolved(PAYMENT_SENT));
	assert_true(payment_is_unresolved(PAYMENT_VOID_OWED));
	assert_false(payment_is_unresolved(PAYMENT_AUTHORIZED));
	assert_false(payment_is_unresolved(PAYMENT_REFUND_OWED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_is_as_specified),
		cmocka_unit_test(names_can_be_said),
		cmocka_unit_test(every_state_can_be_reached),
		cmocka_unit_test(answers_end_what_is_open),
		cmocka_unit_test(back_means_back),
		cmocka_unit_test(answers_twice),
		cmocka_unit_test(what_each_state_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
