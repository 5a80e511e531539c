#include "lib/domain/breaker.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * A scenario is a line of words. Calls are made and end at once unless a digit names a slot:
 *   +  a call that succeeds    -  one that fails    ~  one that succeeds slowly
 *   x  a call that is shed
 *   w  a watched call that fails (made whatever the breaker says)
 *   b1 begin a call, keep its ticket in slot 1 (must be admitted)
 *   g1 the call of slot 1 succeeds   f1 it fails   s1 it succeeds slowly   n1 it was never made
 *   t500 half a second passes
 *   C O H   expect closed, open, half-open
 */
struct scenario {
	const char *name;
	const char *words;
	struct breaker_settings settings;
};

#define USUAL                                                                               \
	{                                                                                   \
		.window = 4, .minimum_calls = 4, .failure_percent = 50, .slow_percent = 75, \
		.slow_call = 2 * SECOND, .open_for = SECOND, .open_for_max = 4 * SECOND,    \
		.probes = 2                                                                 \
	}

static const struct scenario scenarios[] = {
	{"starts closed", "C", USUAL},
	{"good calls keep it closed", "+ + + + + + C", USUAL},
	{"no verdict on too few calls", "- - - C", USUAL},
	{"opens at the rate", "+ + - C - O", USUAL},
	{"stays below the rate", "+ + + - C + + + - C", USUAL},
	{"the window slides: old failures leave", "- + + + - + + + - C + - O", USUAL},
	{"the window slides: they count until then", "- + + C - O", USUAL},
	{"minimum below the window", "- - O",
		{.window = 10,
			.minimum_calls = 2,
			.failure_percent = 100,
			.open_for = SECOND,
			.slow_call = SECOND,
			.probes = 1}},
	{"slow calls open it", "~ ~ + C ~ O", USUAL},
	{"slow calls are no reason when told so", "~ ~ ~ ~ ~ C",
		{.window = 4,
			.minimum_calls = 4,
			.failure_percent = 50,
			.slow_call = SECOND,
			.open_for = SECOND,
			.probes = 1}},
	{"open sheds all", "- - - - O x x x", USUAL},
	{"open sheds until its time is over", "- - - - t999 x O t1 b1 H", USUAL},
	{"time alone makes it half-open", "- - - - t1000 H", USUAL},
	{"half-open sheds but the probes", "- - - - t1000 b1 b2 x H", USUAL},
	{"all probes good close it", "- - - - t1000 + H + C", USUAL},
	{"after closing nothing is remembered", "- - - - t1000 + + C - - - C - O", USUAL},
	{"one bad probe opens it", "- - - - t1000 - O", USUAL},
	{"one bad probe after a good one opens it", "- - - - t1000 + - O", USUAL},
	{"a slow probe is a bad one", "- - - - t1000 ~ O", USUAL},
	{"a slow probe is good when slow is no reason", "- - - - t1000 b1 s1 C",
		{.window = 4,
			.minimum_calls = 4,
			.failure_percent = 50,
			.slow_call = SECOND,
			.open_for = SECOND,
			.probes = 1}},
	{"the wait doubles up to its cap",
		"- - - - t999 O t1 H - t1999 O t1 H - t3999 O t1 H - t3999 O t1 H", USUAL},
	{"closing resets the wait", "- - - - t1000 - t2000 + + C - - - - t999 O t1 H", USUAL},
	{"without a cap the wait stays", "- - - - t1000 - t999 O t1 H",
		{.window = 4,
			.minimum_calls = 4,
			.failure_percent = 50,
			.slow_call = SECOND,
			.open_for = SECOND,
			.probes = 1}},
	{"a probe never made makes room for another", "- - - - t1000 b1 b2 x n1 b1 x g1 g2 C",
		USUAL},
	{"late results of before count for nothing while open", "b1 - - - - O f1 O t1000 H", USUAL},
	{"late results of before are no probes", "b1 b2 - - - - t1000 H g1 g2 H f1 H + + C", USUAL},
	{"late results of before do not count when closed again",
		"b1 b2 - - - - t1000 + + C f1 f2 - - C + C - O", USUAL},
	{"a late probe does not close the next half-open",
		"- - - - t1000 b1 b2 f1 O t2000 H g2 H + + C", USUAL},
	{"a late never-made probe makes no room in the next half-open",
		"- - - - t1000 b1 b2 f1 t2000 b3 b4 x n2 x", USUAL},
	{"watched calls count while closed", "w w w C w O", USUAL},
	{"watched calls count for nothing else", "- - - - w w O t1000 w H + + C", USUAL},
};

static void check_word(struct breaker *breaker, struct breaker_ticket *slots, const char *word,
	usec *now, const struct scenario *scenario)
{
	struct breaker_ticket ticket;
	struct breaker_ticket *slot = &slots[word[1] ? word[1] - '0' : 0];
	bool admitted;
	switch (word[0]) {
	case '+':
	case '-':
	case '~':
		admitted = breaker_admit(breaker, *now, &ticket);
		if (!admitted)
			fail_msg("%s: %s was shed", scenario->name, word);
		breaker_report(
			breaker, ticket, word[0] != '-', word[0] == '~' ? 2 * SECOND : 1, *now);
		return;
	case 'x':
		if (breaker_admit(breaker, *now, &ticket))
			fail_msg("%s: was not shed", scenario->name);
		return;
	case 'w':
		breaker_report(breaker, breaker_watch(breaker), false, 1, *now);
		return;
	case 'b':
		if (!breaker_admit(breaker, *now, slot))
			fail_msg("%s: %s was shed", scenario->name, word);
		return;
	case 'g':
	case 'f':
	case 's':
		breaker_report(
			breaker, *slot, word[0] != 'f', word[0] == 's' ? 2 * SECOND : 1, *now);
		return;
	case 'n':
		breaker_forget(breaker, *slot);
		return;
	case 't':
		*now += atoi(word + 1) * MSEC;
		breaker_tick(breaker, *now);
		return;
	default:
		if (toupper(breaker_state_names[breaker->state][0]) != word[0])
			fail_msg("%s: expected %s, is %s", scenario->name, word,
				breaker_state_names[breaker->state]);
	}
}

static void test_scenarios(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		struct breaker breaker;
		struct breaker_ticket slots[10] = {0};
		usec now = 123456789;
		breaker_start(&breaker, &scenarios[i].settings);
		char words[256];
		snprintf(words, sizeof(words), "%s", scenarios[i].words);
		for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
			check_word(&breaker, slots, word, &now, &scenarios[i]);
	}
}

static void open_it(struct breaker *breaker, const struct breaker_settings *settings)
{
	breaker_start(breaker, settings);
	for (int i = 0; i < settings->minimum_calls; i++)
		breaker_report(breaker, breaker_watch(breaker), false, 0, 0);
	assert_int_equal(breaker->state, BREAKER_OPEN);
}

static void test_due_and_retry_after(void **state)
{
	(void)state;
	struct breaker_settings settings = USUAL;
	struct breaker breaker;
	settings.open_for = 90 * SECOND;
	breaker_start(&breaker, &settings);
	assert_int_equal(breaker_next_due(&breaker), USEC_NEVER);
	assert_int_equal(breaker_retry_after(&breaker, 0), BREAKER_RETRY_MIN);
	open_it(&breaker, &settings);
	assert_int_equal(breaker_next_due(&breaker), 90 * SECOND);
	assert_int_equal(breaker_retry_after(&breaker, 0), 60 * SECOND);
	assert_int_equal(breaker_retry_after(&breaker, 80 * SECOND), 10 * SECOND);
	assert_int_equal(breaker_retry_after(&breaker, 89900 * MSEC), SECOND);
	assert_int_equal(breaker_retry_after(&breaker, 95 * SECOND), SECOND);
	uint64_t era = breaker.era;
	breaker_tick(&breaker, 90 * SECOND);
	assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
	assert_int_equal(breaker.era, era + 1);
	assert_int_equal(breaker_next_due(&breaker), USEC_NEVER);
	assert_int_equal(breaker_retry_after(&breaker, 90 * SECOND), 2 * SECOND);
}

/* What the counters say is what a plain count over the ring says, whatever happens. */
static void test_counts_agree_with_ring(void **state)
{
	(void)state;
	struct breaker_settings settings = USUAL;
	settings.window = BREAKER_WINDOW_MAX;
	settings.minimum_calls = BREAKER_WINDOW_MAX;
	settings.failure_percent = settings.slow_percent = 100;
	struct breaker breaker;
	breaker_start(&breaker, &settings);
	unsigned seed = 7;
	for (int i = 0; i < 1000; i++) {
		seed = seed * 1103515245 + 12345;
		breaker_report(&breaker, breaker_watch(&breaker), seed & 0x10000,
			seed & 0x20000 ? 2 * SECOND : 0, i);
		int failures = 0, slow = 0;
		for (int c = 0; c < breaker.count; c++) {
			failures += breaker.calls[c] & 1;
			slow += breaker.calls[c] >> 1;
		}
		assert_int_equal(breaker.failures, failures);
		assert_int_equal(breaker.slow, slow);
		assert_int_equal(breaker.count, i < 128 ? i + 1 : 128);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenarios),
		cmocka_unit_test(test_due_and_retry_after),
		cmocka_unit_test(test_counts_agree_with_ring),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
