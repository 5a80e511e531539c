/* table.c: widths as a terminal counts them, columns, cuts. */
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
		"abcde  6  \n");
}

static void what_is_empty_is_left_out(void **state)
{
	(void)state;
	prints(three((const char *const[]){NULL}), 0, "");
	prints(three((const char *const[]){"drill", "", "x", NULL}), 0, "NAME   TEXT\ndrill  x\n");
	prints(three((const char *const[]){"drill", "1", "", NULL}), 0, "NAME   N\ndrill  1\n");
	prints(three((const char *const[]){"", "", "x", NULL}), 0, "TEXT\nx\n");
}

static void the_last_column_is_cut(void **state)
{
	(void)state;
	prints(three((const char *const[]){"drill", "1", "abcdefgh", NULL}), 14,
		"NAME   N  TEXT\n"
		"drill  1  abcd\n");
	/* Not within a character that is two wide. */
	prints(three((const char *const[]){"drill", "1", "a\xeb\x93\x9c\xeb\xa6\xb4", NULL}), 14,
		"NAME   N  TEXT\n"
		"drill  1  a\xeb\x93\x9c\n");
	prints(three((const char *const[]){"drill", "1", "abc", NULL}), 3,
		"NAME   N  T\n"
		"drill  1  a\n");
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
		cmocka_unit_test(the_last_column_is_cut),
		cmocka_unit_test(nothing_steers_the_terminal),
		cmocka_unit_test(many_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
