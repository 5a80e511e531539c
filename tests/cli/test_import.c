/* import.c: items out of CSV; every mistake is told with its line, and none hides another. */
#include "cli/import.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEADER "item,title,description,category,amount,currency,period,kiosk,inspect\n"
#define DRILL  "drill,Drill,,tools,5000,KRW,2d,library,no\n"

static size_t reads(const char *text, const char *kiosk, struct list *ret_items, char **ret_told)
{
	size_t size;
	FILE *err = open_memstream(ret_told, &size);
	size_t mistakes = import_read(text, strlen(text), "items.csv", kiosk, ret_items, err);
	fclose(err);
	return mistakes;
}

static void tells(const char *text, size_t mistakes, const char *want)
{
	struct list items;
	char *told;
	size_t n = reads(text, "", &items, &told);
	assert_string_equal(told, want);
	assert_int_equal(n, mistakes);
	free(told);
	free(items.items);
}

static void items(void **state)
{
	(void)state;
	struct list list;
	char *told;
	assert_int_equal(
		reads(HEADER DRILL "tent,\"Tent, three\",Blue.,,900,EUR,36 h,station,yes\n", "",
			&list, &told),
		0);
	assert_string_equal(told, "");
	assert_int_equal(list.n, 2);
	const struct import_item *item = list.items;
	assert_int_equal(item[0].line, 2);
	assert_string_equal(item[0].entry.item, "drill");
	assert_string_equal(item[0].entry.category, "tools");
	assert_int_equal(item[0].entry.amount, 5000);
	assert_int_equal(item[0].entry.period, 172800);
	assert_false(item[0].entry.inspect);
	assert_string_equal(item[1].entry.title, "Tent, three");
	assert_string_equal(item[1].entry.description, "Blue.");
	assert_string_equal(item[1].entry.kiosk, "station");
	assert_int_equal(item[1].entry.period, 129600);
	assert_true(item[1].entry.inspect);
	free(told);
	free(list.items);
}

static void columns_in_any_order(void **state)
{
	(void)state;
	struct list list;
	char *told;
	/* The bank may be that of --kiosk. */
	assert_int_equal(reads("period,item,currency,amount,title\n60,drill,KRW,0,Drill\n",
				 "library", &list, &told),
		0);
	const struct import_item *item = list.items;
	assert_string_equal(item[0].entry.kiosk, "library");
	assert_int_equal(item[0].entry.period, 60);
	assert_int_equal(item[0].entry.amount, 0);
	free(told);
	free(list.items);
}

static void wrong_headers(void **state)
{
	(void)state;
	tells("", 1, "items.csv:1: nothing is in it: want a first row with the names of columns\n");
	tells("item,title,price,currency,period\n", 2,
		"items.csv:1: price: no such column\n"
		"items.csv:1: amount: this column is missing\n");
	tells("item,item,title,amount,currency,period\n", 1, "items.csv:1: item: named twice\n");
	tells("item;title;amount\ndrill;Drill;5000\n", 1,
		"items.csv:1: want commas between the columns, not semicolons or tabs\n");
}

static void wrong_rows(void **state)
{
	(void)state;
	tells(HEADER "Drill,Drill,,,5000,KRW,2d,library,no\n", 1,
		"items.csv:2: item: want a name, [a-z0-9-]{1,32}\n");
	tells(HEADER "drill,,,,5000,KRW,2d,library,no\n", 1, "items.csv:2: title: is missing\n");
	tells(HEADER "drill,Drill,,,5000,KRW,2d,,no\n", 1, "items.csv:2: kiosk: is missing\n");
	tells(HEADER "drill,Drill,,,5 000,KRW,2d,library,no\n", 1,
		"items.csv:2: amount: 5 000: want a whole number\n");
	tells(HEADER "drill,Drill,,,-5,KRW,2d,library,no\n", 1,
		"items.csv:2: amount: want 0 to 1000000000000\n");
	tells(HEADER "drill,Drill,,,5,KRW,soon,library,maybe\n", 2,
		"items.csv:2: period: soon: want a time, as 36h or 2d\n"
		"items.csv:2: inspect: maybe: want yes or no\n");
	tells(HEADER "drill,Drill,,,5,KRW,30,library,no\n", 1,
		"items.csv:2: period: want 60 to 31622400\n");
	tells(HEADER "drill,Drill\n", 1, "items.csv:2: 2 fields; the first row has 9\n");
	tells(HEADER "drill,Dr\xffll,,,5,KRW,2d,library,no\n", 1,
		"items.csv:2: title: Dr?ll: want UTF-8\n");
}

static void one_mistake_hides_no_other(void **state)
{
	(void)state;
	tells(HEADER DRILL "\"a\"b\n" DRILL "x,,,,5,KRW,2d,library,no\n", 3,
		"items.csv:3: text behind a closing quote\n"
		"items.csv:4: item: drill stands in line 2, too\n"
		"items.csv:5: title: is missing\n");
	/* Lines are those of the file, also behind a field of several lines. */
	tells(HEADER
		"drill,\"Drill\nof two lines\",,,5,KRW,2d,library,no\nx,,,,5,KRW,2d,library,no\n",
		2,
		"items.csv:2: title: control characters\n"
		"items.csv:4: title: is missing\n");
}

static void the_example(void **state)
{
	(void)state;
	char text[8192];
	FILE *file = fopen(SOURCE_FOLDER "/examples/items.csv", "r");
	assert_non_null(file);
	size_t size = fread(text, 1, sizeof(text), file);
	assert_true(size > 0 && size < sizeof(text));
	fclose(file);
	struct list list;
	size_t mistakes = import_read(text, size, "items.csv", "", &list, stderr);
	assert_int_equal(mistakes, 0);
	assert_true(list.n >= 25);
	free(list.items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items),
		cmocka_unit_test(columns_in_any_order),
		cmocka_unit_test(wrong_headers),
		cmocka_unit_test(wrong_rows),
		cmocka_unit_test(one_mistake_hides_no_other),
		cmocka_unit_test(the_example),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
