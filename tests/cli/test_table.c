/* table.c: widths as a terminal counts them, columns, and what becomes of them in
 * narrow terminals. */
#include "cli/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void widths(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("drill"), 5);
	assert_int_equal(text_width("\xc3\xa9"), 1);                 /* e with acute */
	assert_int_equal(text_width("e\xcc\x81"), 1);                /* e, combining acute */
	assert_int_equal(text_width("\xeb\x93\x9c\xeb\xa6\xb4"), 4); /* two Hangul syllables */
	assert_int_equal(text_width("\xe5\xb7\xa5\xe5\x85\xb7"), 4); /* two Han characters */
	assert_int_equal(text_width("\xf0\x9f\x94\xa7"), 2);         /* a wrench */
	assert_int_equal(text_width("180 \xc3\x97 75"), 8);
	assert_int_equal(
		text_width("\xff\xc3"), 2); /* no text: bytes of their own, and no reading on */
}

static void prints(struct table *table, size_t width, const char *want)
{
	char *out = NULL;
	size_t size;
	FILE *stream = open_memstream(&out, &size);
	table_print(table, width, stream);
	fclose(stream);
	assert_string_equal(out, want);
	free(out);
	table_free(table);
}

static struct table *three(const char *const *cells)
{
	struct table *table = table_new("NAME|>N|TEXT");
	for (; *cells; cells++)
		table_cell(table, *cells);
	return table;
}

static void columns(void **state)
{
	(void)state;
	prints(three((const char *const[]){"drill", "5", "x", "a", "100", "yz", NULL}), 0,
		"NAME     N  TEXT\n"
		"drill    5  x\n"
		"a      100  yz\n");
	prints(three((const char *const[]){
		       "\xeb\x93\x9c\xeb\xa6\xb4", "5", "x", "abcde", "6", "", NULL}),
		0,
		"NAME   N  TEXT\n"
		"\xeb\x93\x9c\xeb\xa6\xb4   5  x\n"
		"abcde  6\n");
}

static void what_is_empty_is_left_out(void **state)
{
	(void)state;
	prints(three((const char *const[]){NULL}), 0, "");
	prints(three((const char *const[]){"drill", "", "x", NULL}), 0, "NAME   TEXT\ndrill  x\n");
	prints(three((const char *const[]){"drill", "1", "", NULL}), 0, "NAME   N\ndrill  1\n");
	prints(three((const char *const[]){"", "", "x", NULL}), 0, "TEXT\nx\n");
}

/* Fills a table with two rows and prints it. */
static void two_rows(const char *headings, const char *const *cells, size_t width, const char *want)
{
	struct table *table = table_new(headings);
	for (; *cells; cells++)
		table_cell(table, *cells);
	prints(table, width, want);
}

#define ITEM_CELLS                                                                                 \
	(const char *const[])                                                                      \
	{                                                                                          \
		"drill", "3", "held until 12:15, authorized", "", "tent", "", "torn at the seams", \
			"two poles are missing", NULL                                              \
	}

static void what_is_wide_is_wrapped(void **state)
{
	(void)state;
	static const char headings[] = "ITEM|>DOOR|~DETAILS|~TITLE";
	const char *const *cells = ITEM_CELLS;
	two_rows(headings, cells, 64,
		"ITEM   DOOR  DETAILS                       TITLE\n"
		"drill     3  held until 12:15, authorized\n"
		"tent         torn at the seams             two poles are missing\n");
	two_rows(headings, cells, 50,
		"ITEM   DOOR  DETAILS            TITLE\n"
		"drill     3  held until 12:15,\n"
		"             authorized\n"
		"tent         torn at the seams  two poles are\n"
		"                                missing\n");
}

static void wide_characters_are_wrapped(void **state)
{
	(void)state;
	/* Seven syllables and a blank take 15 columns; 13 do for the first of two lines. */
	two_rows("N|~TITLE",
		(const char *const[]){"1",
			"\xea\xb9\x80\xec\xb9\x98\xeb\x83\x89\xec\x9e\xa5\xea\xb3\xa0 "
			"\xec\x86\x8c\xed\x98\x95",
			NULL},
		16,
		"N  TITLE\n"
		"1  \xea\xb9\x80\xec\xb9\x98\xeb\x83\x89\xec\x9e\xa5\xea\xb3\xa0\n"
		"   \xec\x86\x8c\xed\x98\x95\n");
	/* A word that is longer than its column is broken, and not within a character. */
	two_rows("N|~TITLE",
		(const char *const[]){"1",
			"a\xea\xb9\x80\xec\xb9\x98\xeb\x83\x89\xec\x9e\xa5\xea\xb3\xa0"
			"\xec\x86\x8c\xed\x98\x95",
			NULL},
		15,
		"N  TITLE\n"
		"1  a\xea\xb9\x80\xec\xb9\x98\xeb\x83\x89\xec\x9e\xa5\xea\xb3\xa0\n"
		"   \xec\x86\x8c\xed\x98\x95\n");
}

static void what_does_not_fit_at_all_is_left_out(void **state)
{
	(void)state;
	const char *const *cells = ITEM_CELLS;
	two_rows("ITEM|?>DOOR|~DETAILS|?TITLE", cells, 40,
		"ITEM   DOOR  DETAILS\n"
		"drill     3  held until 12:15,\n"
		"             authorized\n"
		"tent         torn at the seams\n"
		"(TITLE is left out: the terminal is too narrow)\n");
	/* What has no mark is shown all the same. */
	two_rows("ITEM|>DOOR|DETAILS|?TITLE", cells, 10,
		"ITEM   DOOR  DETAILS\n"
		"drill     3  held until 12:15, authorized\n"
		"tent         torn at the seams\n"
		"(TITLE is left out: the terminal is too narrow)\n");
}

static void nothing_steers_the_terminal(void **state)
{
	(void)state;
	prints(three((const char *const[]){"\x1b[2J", "1", "a\nb", NULL}), 0,
		"NAME  N  TEXT\n"
		"?[2J  1  a?b\n");
}

static void many_rows(void **state)
{
	(void)state;
	struct table *table = table_new(">N|TEXT");
	for (int i = 0; i < 1000; i++) {
		table_cellf(table, "%d", i);
		table_cell(table, i % 2 ? "odd" : NULL);
	}
	assert_int_equal(table_rows(table), 1000);
	table_free(table);
	assert_null(table_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths),
		cmocka_unit_test(columns),
		cmocka_unit_test(what_is_empty_is_left_out),
		cmocka_unit_test(what_is_wide_is_wrapped),
		cmocka_unit_test(wide_characters_are_wrapped),
		cmocka_unit_test(what_does_not_fit_at_all_is_left_out),
		cmocka_unit_test(nothing_steers_the_terminal),
		cmocka_unit_test(many_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
