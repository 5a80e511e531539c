/* text.c and uuid.c: rules for text from outside, times, identifiers. */
#include "lib/base/text.h"
#include "lib/base/uuid.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void names(void **state)
{
	(void)state;
	assert_true(name_is_valid("a"));
	assert_true(name_is_valid("-"));
	assert_true(name_is_valid("library-2"));
	assert_true(name_is_valid("abcdefghijklmnopqrstuvwxyz-01234"));
	assert_false(name_is_valid("abcdefghijklmnopqrstuvwxyz-012345"));
	assert_false(name_is_valid(""));
	assert_false(name_is_valid("Library"));
	assert_false(name_is_valid("a b"));
	assert_false(name_is_valid("a/b"));
	assert_false(name_is_valid("#"));
	assert_false(name_is_valid("+"));
	assert_false(name_is_valid("a_b"));
	assert_false(name_is_valid("\xc3\xa4"));
	assert_false(name_is_valid("a\n"));
}

static bool printable(const char *text)
{
	return text_is_printable(text, strlen(text));
}

static void printable_text(void **state)
{
	(void)state;
	assert_true(printable(""));
	assert_true(printable(
		"Bohrmaschine, 18 V \xe2\x80\x93 \xeb\x93\x9c\xeb\xa6\xb4 \xf0\x9f\x94\xa7"));
	assert_true(printable("\xf4\x8f\xbf\xbf")); /* U+10FFFF */
	assert_true(printable("\xc2\xa0"));         /* the first after C1 */
	assert_false(printable("\xc2\x9f"));        /* C1 */
	assert_false(printable("\x7f"));
	assert_false(printable("a\tb"));
	assert_false(text_is_printable("a\0b", 3));
	assert_false(printable("\x80"));     /* a continuation alone */
	assert_false(printable("\xc0\xaf")); /* too long a form of "/" */
	assert_false(printable("\xc1\xbf"));
	assert_false(printable("\xe0\x80\xaf"));
	assert_false(printable("\xe0\x9f\xbf"));
	assert_false(printable("\xf0\x8f\xbf\xbf"));
	assert_false(printable("\xed\xa0\x80")); /* surrogates */
	assert_false(printable("\xed\xbf\xbf"));
	assert_false(printable("\xf4\x90\x80\x80")); /* past U+10FFFF */
	assert_false(printable("\xf8\x88\x80\x80\x80"));
	assert_false(printable("\xff"));
	assert_false(printable("\xea\xb0")); /* cut */
	assert_false(printable("\xea\xb0 x"));
	assert_false(text_is_printable("\xea\xb0\x80", 2)); /* size ends it, not NUL */
}

static void copies_are_cut_at_characters(void **state)
{
	(void)state;
	char small[5];
	TEXT_COPY(small, "abcd");
	assert_string_equal(small, "abcd");
	TEXT_COPY(small, "abcdefg");
	assert_string_equal(small, "abcd");
	TEXT_COPY(small, "");
	assert_string_equal(small, "");
	TEXT_COPY(small, "ab\xc3\xa9");
	assert_string_equal(small, "ab\xc3\xa9");
	TEXT_COPY(small, "abc\xc3\xa9");
	assert_string_equal(small, "abc");
	TEXT_COPY(small, "ab\xea\xb0\x80");
	assert_string_equal(small, "ab");
	TEXT_COPY(small, "a\xf0\x9f\x94\xa7");
	assert_string_equal(small, "a");
	TEXT_COPY(small, "\xf0\x9f\x94\xa7");
	assert_string_equal(small, "\xf0\x9f\x94\xa7");
	TEXT_COPY(small, "\x80\x80\x80\x80\x80\x80"); /* never was text: no endless search */
	assert_true(strlen(small) <= 4);
	/* Onto itself, one character on. */
	char self[] = "xdrill";
	text_copy(self, sizeof(self), self + 1);
	assert_string_equal(self, "drill");
	char one[1] = {'x'};
	TEXT_COPY(one, "abc");
	assert_string_equal(one, "");
}

static void mended(void **state)
{
	(void)state;
	char text[] = "a\xea\xb0z\n\xff\xc3\xa9\xed\xa0\x80";
	text_mend(text);
	assert_string_equal(text, "a??z??\xc3\xa9???");
	char cut[] = "ab\xea\xb0";
	text_trim(cut);
	assert_string_equal(cut, "ab");
	char whole[] = "ab\xea\xb0\x80";
	text_trim(whole);
	assert_string_equal(whole, "ab\xea\xb0\x80");
	char none[] = "\x80\x80\x80\x80\x80";
	text_trim(none);
	assert_true(strlen(none) <= 5);
	char empty[] = "";
	text_trim(empty);
	text_mend(empty);
	assert_string_equal(empty, "");
}

static void formats(usec wall, const char *want)
{
	char text[TIME_SIZE];
	time_format(wall, text);
	assert_string_equal(text, want);
}

static void times_as_text(void **state)
{
	(void)state;
	formats(0, "1970-01-01T00:00:00.000000Z");
	formats(1795368557LL * SECOND + 123456, "2026-11-22T17:29:17.123456Z");
	formats(951826332LL * SECOND + 1, "2000-02-29T12:12:12.000001Z");
	formats(-1, "1970-01-01T00:00:00.000000Z");
	formats(253402300799LL * SECOND, "9999-12-31T23:59:59.000000Z");
	formats(USEC_NEVER, "9999-12-31T23:59:59.000000Z");
}

static void parses(const char *text, usec want)
{
	usec wall = -1;
	if (time_parse(text, &wall) != 0)
		fail_msg("%s was refused", text);
	assert_int_equal(wall, want);
}

static void refuses(const char *text)
{
	usec wall = -7;
	if (time_parse(text, &wall) != -EINVAL)
		fail_msg("%s was taken as %lld", text, (long long)wall);
	assert_int_equal(wall, -7);
}

static void times_from_text(void **state)
{
	(void)state;
	const usec at = 1795368557LL * SECOND;
	parses("2026-11-22T17:29:17Z", at);
	parses("2026-11-22t17:29:17z", at); /* RFC 3339, 5.6: may be lower case */
	parses("2026-11-22T17:29:17.5Z", at + 500000);
	parses("2026-11-22T17:29:17.123456Z", at + 123456);
	parses("2026-11-22T17:29:17.123456789Z", at + 123456);
	parses("2026-11-23T02:29:17+09:00", at);
	parses("2026-11-22T13:59:17-03:30", at);
	parses("2026-11-22T17:29:17-00:00", at);
	parses("1970-01-01T00:00:00Z", 0);
	parses("1970-01-01T01:00:00+01:00", 0);
	parses("9999-12-31T23:59:59Z", 253402300799LL * SECOND);
	parses("2024-02-29T00:00:00Z", 1709164800LL * SECOND);

	refuses("");
	refuses("2026-11-22");
	refuses("2026-11-22T17:29:17");
	refuses("2026-11-22 17:29:17Z");
	refuses("2026-11-22T17:29:17.Z");
	refuses("2026-11-22T17:29:17.1234567890Z");
	refuses("2026-11-22T17:29:17Zx");
	refuses("2026-11-22T17:29:17+09");
	refuses("2026-11-22T17:29:17+0900");
	refuses("2026-11-22T17:29:17+24:00");
	refuses("2026-11-22T17:29:17+09:60");
	refuses("2026-11-22T17:29:17*09:00");
	refuses("2026-13-01T00:00:00Z");
	refuses("2026-00-01T00:00:00Z");
	refuses("2026-01-00T00:00:00Z");
	refuses("2026-01-32T00:00:00Z");
	refuses("2026-02-29T00:00:00Z");
	refuses("2026-04-31T00:00:00Z");
	refuses("2026-11-22T24:00:00Z");
	refuses("2026-11-22T17:60:00Z");
	refuses("2026-11-22T17:29:61Z");
	refuses("2016-12-31T23:59:60Z"); /* leap seconds are not told apart from their neighbours */
	refuses("1969-12-31T23:59:59Z");
	refuses("1970-01-01T00:00:00+01:00");
	refuses("9999-12-31T23:59:59-01:00"); /* year 10000 */
	refuses("+026-11-22T17:29:17Z");
	refuses("2026-1-22T17:29:17Z");
}

static void times_there_and_back(void **state)
{
	(void)state;
	uint64_t mix = 1;
	for (int i = 0; i < 20000; i++) {
		mix = mix * UINT64_C(6364136223846793005) + 1442695040888963407;
		usec wall = (usec)(mix >> 1) % (253402300799LL * SECOND);
		char text[TIME_SIZE];
		time_format(wall, text);
		parses(text, wall);
	}
}

struct counting {
	struct random_port port;
	uint8_t next;
};

static void counting_fill(struct random_port *random, void *bytes, size_t size)
{
	struct counting *counting = (struct counting *)random;
	for (size_t i = 0; i < size; i++)
		((uint8_t *)bytes)[i] = counting->next++;
}

static void uuids(void **state)
{
	(void)state;
	struct counting counting = {.port = {.fill = counting_fill}, .next = 0xf0};
	char uuid[UUID_SIZE];
	uuid_make(1645557742000LL * MSEC, &counting.port, uuid); /* the instant of RFC 9562, A.6 */
	assert_memory_equal(uuid, "017f22e2-79b0-7", 15);
	assert_non_null(strchr("89ab", uuid[19]));
	assert_true(uuid_is_valid(uuid));

	char later[UUID_SIZE];
	uuid_make(1645557742001LL * MSEC, &counting.port, later);
	assert_true(strcmp(uuid, later) < 0);
	uuid_make(-5, &counting.port, later);
	assert_memory_equal(later, "00000000-0000-7", 15);

	assert_false(uuid_is_valid(""));
	assert_false(uuid_is_valid("017f22e2-79b0-7cc3-98c4-dc0c0c07398"));
	assert_false(uuid_is_valid("017f22e2-79b0-7cc3-98c4-dc0c0c07398f0"));
	assert_false(uuid_is_valid("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"));
	assert_false(uuid_is_valid("017f22e2079b0-7cc3-98c4-dc0c0c07398f"));
	assert_false(uuid_is_valid("017f22e2-79b0-7cc3-98c4-dc0c0c07398g"));
}

struct script {
	struct random_port port;
	const uint64_t *values;
};

static void script_fill(struct random_port *random, void *bytes, size_t size)
{
	struct script *script = (struct script *)random;
	memcpy(bytes, script->values++, size);
}

static void even_numbers_below(void **state)
{
	(void)state;
	/* The incomplete last turn of a bound that does not divide 2^64 is thrown away. */
	static const uint64_t values[] = {UINT64_MAX, UINT64_MAX - 5, 25};
	struct script script = {.port = {.fill = script_fill}, .values = values};
	assert_int_equal(random_below(&script.port, 10), 5);
	assert_ptr_equal(script.values, values + 3);
	script.values = values + 2;
	assert_int_equal(random_below(&script.port, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(printable_text),
		cmocka_unit_test(copies_are_cut_at_characters),
		cmocka_unit_test(mended),
		cmocka_unit_test(times_as_text),
		cmocka_unit_test(times_from_text),
		cmocka_unit_test(times_there_and_back),
		cmocka_unit_test(uuids),
		cmocka_unit_test(even_numbers_below),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
