/* csv.c: RFC 4180 as it is, and as spreadsheets write it. */
#include "cli/csv.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* All rows of a text with '|' between fields, "#line:" in front of each and "!why" for what is
 * wrong. */
static char *parsed(const char *text, size_t size)
{
	/* A copy of exactly that size, so that a sanitizer sees whoever reads on. */
	char *copy = malloc(size ? size : 1);
	char *out = NULL;
	size_t out_size;
	FILE *stream = open_memstream(&out, &out_size);
	struct csv csv;
	struct csv_row row;
	char why[CSV_WHY_SIZE];
	memcpy(copy, text, size);
	csv_begin(&csv, copy, size);
	for (int r; (r = csv_next(&csv, &row, why)) != CSV_END;) {
		fprintf(stream, "#%zu:", row.line);
		if (r < 0) {
			assert_int_equal(r, -EINVAL);
			fprintf(stream, "!%s", why);
			continue;
		}
		for (size_t i = 0; i < row.n; i++)
			fprintf(stream, "%s%s", i ? "|" : "", row.fields[i]);
		csv_row_clear(&row);
	}
	fclose(stream);
	free(copy);
	return out;
}

static void parses_bytes(const char *text, size_t size, const char *want)
{
	char *is = parsed(text, size);
	assert_string_equal(is, want);
	free(is);
}

#define PARSES(text, want) parses_bytes(text, sizeof(text) - 1, want)

static void plain(void **state)
{
	(void)state;
	PARSES("", "");
	PARSES("a,b,c\n", "#1:a|b|c");
	PARSES("a,b,c", "#1:a|b|c");
	PARSES("a,b\nc,d\n", "#1:a|b#2:c|d");
	PARSES("a,b\r\nc,d\r\n", "#1:a|b#2:c|d");
	PARSES(",\n", "#1:|");
	PARSES("a,", "#1:a|");
	PARSES(",,", "#1:||");
	PARSES(" a , b \n", "#1: a | b ");
	PARSES("\xef\xbb\xbf"
	       "a,b\n",
		"#1:a|b");
	PARSES("\xeb\x93\x9c\xeb\xa6\xb4,1\n", "#1:\xeb\x93\x9c\xeb\xa6\xb4|1");
}

static void empty_lines(void **state)
{
	(void)state;
	PARSES("\n\na\n\n\nb\n\n", "#3:a#6:b");
	PARSES("\r\n\r\n", "");
	PARSES("\"\"\n", "#1:");
}

static void quoted(void **state)
{
	(void)state;
	PARSES("\"a\",\"b\"\n", "#1:a|b");
	PARSES("\"a,b\",c\n", "#1:a,b|c");
	PARSES("\"say \"\"hi\"\"\"\n", "#1:say \"hi\"");
	PARSES("\"\"\"\"", "#1:\"");
	PARSES("\"a\nb\",c\nd,e\n", "#1:a\nb|c#3:d|e");
	PARSES("\"a\r\nb\"\r\nc\r\n", "#1:a\r\nb#3:c");
	PARSES("\"\",\"\"", "#1:|");
}

static void wrong(void **state)
{
	(void)state;
	PARSES("a\"b,c\nd\n", "#1:!a quote within a field that is not quoted#2:d");
	PARSES("\"a\"b,c\nd\n", "#1:!text behind a closing quote#2:d");
	PARSES("x\n\"a,b\nc\n", "#1:x#2:!a quote that is not closed");
	PARSES("a\0b\nc\n", "#1:!a control character#2:c");
	PARSES("\"a\0b\"\nc\n", "#1:!a NUL byte#2:c");
	PARSES("a\rb\nc\n", "#1:!a control character#2:c");
	PARSES("\"", "#1:!a quote that is not closed");
}

static void too_many(void **state)
{
	(void)state;
	char text[CSV_FIELDS_MAX + 8];
	memset(text, ',', sizeof(text));
	struct csv csv;
	struct csv_row row;
	char why[CSV_WHY_SIZE];
	csv_begin(&csv, text, CSV_FIELDS_MAX - 1);
	assert_int_equal(csv_next(&csv, &row, why), CSV_ROW);
	assert_int_equal(row.n, CSV_FIELDS_MAX);
	csv_row_clear(&row);
	csv_begin(&csv, text, CSV_FIELDS_MAX);
	assert_int_equal(csv_next(&csv, &row, why), -EINVAL);
	assert_int_equal(csv_next(&csv, &row, why), CSV_END);
}

/* Whatever the bytes are, it ends, and every row has a later line than the one before. */
static void any_bytes(void **state)
{
	(void)state;
	static const char alphabet[] = "a,\"\n\r\0";
	uint64_t mix = 1;
	for (int round = 0; round < 20000; round++) {
		char text[24];
		for (size_t i = 0; i < sizeof(text); i++) {
			mix = mix * UINT64_C(6364136223846793005) + 1442695040888963407;
			text[i] = alphabet[(mix >> 40) % (sizeof(alphabet) - 1)];
		}
		size_t size = (size_t)round % (sizeof(text) + 1), line = 0;
		struct csv csv;
		struct csv_row row;
		char why[CSV_WHY_SIZE];
		csv_begin(&csv, text, size);
		for (int r; (r = csv_next(&csv, &row, why)) != CSV_END;) {
			assert_true(row.line > line);
			line = row.line;
			if (r == CSV_ROW)
				csv_row_clear(&row);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(empty_lines),
		cmocka_unit_test(quoted),
		cmocka_unit_test(wrong),
		cmocka_unit_test(too_many),
		cmocka_unit_test(any_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
