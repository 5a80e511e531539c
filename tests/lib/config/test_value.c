#include "lib/config/name.h"
#include "lib/config/text.h"
#include "lib/config/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

union field {
	char text[64];
	int integer;
	int64_t large;
	usec duration;
	bool boolean;
	struct config_names names;
};

/* What text becomes when it is stored and printed again, or what would be right instead. */
static const char *parse(const struct config_key *key, const char *text, char *ret_text)
{
	union field field = {0};
	if (config_value_parse(key, text, &field, ret_text) == 0)
		config_value_format(key, &field, ret_text);
	else
		memmove(ret_text + 5, ret_text, strlen(ret_text) + 1), memcpy(ret_text, "want ", 5);
	return ret_text;
}

struct row {
	const char *text, *becomes;
};

static void check(const struct config_key *key, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char text[CONFIG_VALUE_SIZE + 8];
		assert_string_equal(parse(key, rows[i].text, text), rows[i].becomes);
	}
}
#define CHECK(key, rows) check((key), (rows), sizeof(rows) / sizeof((rows)[0]))

static void test_duration(void **state)
{
	(void)state;
	const struct config_key key = {.key = "hold_time",
		.type = CONFIG_DURATION,
		.size = sizeof(usec),
		.min = MINUTE,
		.max = DAY,
		.value = "15 min"};
	const char *want = "want a duration from 1 min to 1 d, such as 15 min";
	const struct row rows[] = {
		{"15 min", "15 min"},
		{"60 min", "1 h"},
		{"90 min", "90 min"},
		{"60000 ms", "1 min"},
		{"60000000us", "1 min"},
		{"24 h", "1 d"},
		{"1d", "1 d"},
		{"90 s", "90 s"},
		{"59 s", want},
		{"25 h", want},
		{"5 parsecs", want},
		{"15", want},
		{"min", want},
		{"", want},
		{"-5 min", want},
		{"+5 min", want},
		{" 5 min", want},
		{"1.5 h", want},
		{"5 min x", want},
		{"99999999999999 d", want},
		{"99999999999999999999 s", want},
	};
	CHECK(&key, rows);

	const struct config_key any = {
		.key = "wait", .type = CONFIG_DURATION, .size = sizeof(usec), .value = "0 s"};
	const struct row any_rows[] = {
		{"0 d", "0 s"},
		{"1 us", "1 us"},
		{"400000 d", "400000 d"},
		{"-1 s", "want a duration, such as 0 s"},
	};
	CHECK(&any, any_rows);
}

static void test_integer(void **state)
{
	(void)state;
	const struct config_key key = {.key = "limit",
		.type = CONFIG_INTEGER,
		.size = sizeof(int),
		.min = -5,
		.max = 10,
		.value = "3",
		.unit = "rentals"};
	const char *want = "want a whole number of rentals from -5 to 10, such as 3";
	const struct row rows[] = {
		{"10", "10"},
		{"-5", "-5"},
		{"0", "0"},
		{"11", want},
		{"-6", want},
		{"3x", want},
		{"0x3", want},
		{"", want},
		{"-", want},
		{"99999999999999999999999", want},
	};
	CHECK(&key, rows);

	const struct config_key large = {
		.key = "large", .type = CONFIG_INTEGER, .size = sizeof(int64_t)};
	const struct config_key small = {
		.key = "small", .type = CONFIG_INTEGER, .size = sizeof(int)};
	const struct row large_rows[] = {
		{"9223372036854775807", "9223372036854775807"},
		{"-9223372036854775808", "-9223372036854775808"},
		{"9223372036854775808", "want a whole number"},
	};
	const struct row small_rows[] = {
		{"2147483647", "2147483647"}, {"2147483648", "want a whole number"}};
	CHECK(&large, large_rows);
	CHECK(&small, small_rows);
}

static void test_boolean_and_choice(void **state)
{
	(void)state;
	const char *const words[] = {"simulated", "gpiod", "none", NULL};
	const struct config_key boolean = {
		.key = "trusted", .type = CONFIG_BOOLEAN, .size = sizeof(bool), .value = "no"};
	const struct config_key choice = {.key = "driver",
		.type = CONFIG_CHOICE,
		.size = sizeof(int),
		.choices = words,
		.value = "gpiod"};
	const struct row boolean_rows[] = {
		{"yes", "yes"},
		{"no", "no"},
		{"true", "want yes or no, such as no"},
		{"", "want yes or no, such as no"},
		{"Yes", "want yes or no, such as no"},
	};
	const char *want = "want simulated, gpiod or none, such as gpiod";
	const struct row choice_rows[] = {
		{"simulated", "simulated"}, {"none", "none"}, {"gpio", want}, {"", want}};
	CHECK(&boolean, boolean_rows);
	CHECK(&choice, choice_rows);
}

static void test_names(void **state)
{
	(void)state;
	const struct config_key key = {.key = "kiosks",
		.type = CONFIG_NAMES,
		.size = sizeof(struct config_names),
		.min = 1,
		.max = 3,
		.value = "a, b"};
	const char *want =
		"want 1 to 3 different names of letters a-z, digits and '-', with commas "
		"between them, such as a, b";
	const struct row rows[] = {
		{"lobby", "lobby"},
		{"lobby,yard-2", "lobby, yard-2"},
		{"lobby , yard ,x", "lobby, yard, x"},
		{"abcdefghijklmnopqrstuvwxyz012345", "abcdefghijklmnopqrstuvwxyz012345"},
		{"abcdefghijklmnopqrstuvwxyz0123456", want},
		{"a,b,c,d", want},
		{"a,a", want},
		{"a,,b", want},
		{"a,", want},
		{",a", want},
		{"a b", want},
		{"A", want},
		{"", want},
	};
	CHECK(&key, rows);
	char many[4 * CONFIG_NAMES_MAX + 8] = "";
	for (int i = 0; i <= CONFIG_NAMES_MAX; i++)
		sprintf(many + strlen(many), "%s%d", i > 0 ? "," : "", i + 10);
	const struct config_key open = {
		.key = "n", .type = CONFIG_NAMES, .size = sizeof(struct config_names), .value = ""};
	char text[CONFIG_VALUE_SIZE + 8];
	assert_memory_equal(parse(&open, many, text), "want ", 5);
	*strrchr(many, ',') = '\0';
	assert_memory_equal(parse(&open, many, text), "10, 11", 6);
	assert_string_equal(parse(&open, "", text), "");
}

static void test_texts(void **state)
{
	(void)state;
	const struct config_key name = {
		.key = "site", .type = CONFIG_NAME, .size = NAME_SIZE, .example = "town"};
	const struct config_key text = {.key = "greeting",
		.type = CONFIG_TEXT,
		.size = 64,
		.min = 2,
		.max = 10,
		.value = "Hello"};
	const struct config_key path = {
		.key = "state", .type = CONFIG_PATH, .size = 64, .value = ""};
	const char *want_name = "want a name of 1 to 32 letters a-z, digits and '-', such as town";
	const char *want_text = "want a text of 2 to 10 printable bytes, such as Hello";
	const char *want_path = "want a path that begins with '/', or nothing";
	const struct row name_rows[] = {{"town-7", "town-7"}, {"", want_name}, {"Town", want_name},
		{"a_b", want_name}, {"abcdefghijklmnopqrstuvwxyz0123456", want_name}};
	const struct row text_rows[] = {{"Grüße", "Grüße"}, {"x", want_text}, {"", want_text},
		{"12345678901", want_text}, {"a\nb", want_text}, {"a ;b", want_text},
		{"a;b", "a;b"}, {"ab ", want_text}};
	const struct row path_rows[] = {
		{"/var/lib", "/var/lib"}, {"", ""}, {"lib", want_path}, {"/a\tb", want_path}};
	CHECK(&name, name_rows);
	CHECK(&text, text_rows);
	CHECK(&path, path_rows);
}

static void test_uri(void **state)
{
	(void)state;
	const char *const schemes[] = {"mqtt", "mqtts", NULL};
	const struct config_key key = {.key = "broker_uri",
		.type = CONFIG_URI,
		.size = 64,
		.choices = schemes,
		.value = "mqtt://127.0.0.1:1883"};
	const char *want =
		"want mqtt://host:port or mqtts://host:port, without user or password, such "
		"as mqtt://127.0.0.1:1883";
	const struct row rows[] = {
		{"mqtts://broker.example:8883", "mqtts://broker.example:8883"},
		{"mqtt://broker", "mqtt://broker"},
		{"mqtt://[::1]:1883", "mqtt://[::1]:1883"},
		{"mqtt://[::1]", "mqtt://[::1]"},
		{"mqtt://host:1/path", "mqtt://host:1/path"},
		{"mqtt://host:65535", "mqtt://host:65535"},
		{"mqtt://host:65536", want},
		{"mqtt://host:0", want},
		{"mqtt://host:", want},
		{"mqtt://host:1883x", want},
		{"mqtt://:1883", want},
		{"mqtt://", want},
		{"mqtt://[::1", want},
		{"mqtt://[]:1", want},
		{"http://host", want},
		{"mqt://host", want},
		{"host:1883", want},
		{"mqtt://me:secret@host", want},
		{"mqtt://a host", want},
		{"", want},
	};
	CHECK(&key, rows);
}

static void write_file(char *path, const char *bytes, size_t size)
{
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	close(fd);
}

static void test_password(void **state)
{
	(void)state;
	const struct config_key key = {
		.key = "password", .type = CONFIG_PASSWORD, .size = 9, .value = ""};
	const struct {
		const char *bytes;
		size_t size;
		bool right;
	} files[] = {
		{"s3cret", 6, true},
		{"s3cret\n", 7, true},
		{"12345678\n", 9, true},
		{"123456789", 9, false},
		{"two\nlines\n", 10, false},
		{"nul\0x", 5, false},
		{"\n", 1, false},
		{"", 0, false},
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[] = "/tmp/lendlock-password-XXXXXX", text[64], field[9] = "before";
		char want[CONFIG_VALUE_SIZE];
		write_file(path, files[i].bytes, files[i].size);
		snprintf(text, sizeof(text), "file:%s", path);
		assert_int_equal(
			config_value_parse(&key, text, field, want), files[i].right ? 0 : 1);
		if (files[i].right)
			assert_memory_equal(field, files[i].bytes, strcspn(files[i].bytes, "\n"));
		else
			assert_string_equal(field, "before");
		unlink(path);
	}
	char field[9] = "", want[CONFIG_VALUE_SIZE], text[CONFIG_VALUE_SIZE];
	assert_int_equal(config_value_parse(&key, "file:/nowhere/at/all", field, want), 1);
	assert_string_equal(want, "a file with one line, the password, at /nowhere/at/all: No such "
				  "file or directory");
	assert_int_equal(config_value_parse(&key, "too long by far", field, want), 1);
	assert_null(strstr(want, "too long"));
	assert_int_equal(config_value_parse(&key, "1 ;\x01 2", field, want), 0);
	config_value_format(&key, field, text);
	assert_string_equal(text, "");
}

static void test_nearest_name(void **state)
{
	(void)state;
	assert_int_equal(config_name_distance("", "abc"), 3);
	assert_int_equal(config_name_distance("kitten", "sitting"), 3);
	assert_int_equal(config_name_distance("hold_time", "hold_time"), 0);
	assert_int_equal(config_name_distance("ab", "ba"), 2);
	char large[CONFIG_KEY_SIZE + 1];
	memset(large, 'x', sizeof(large));
	large[CONFIG_KEY_SIZE] = '\0';
	assert_int_equal(config_name_distance(large, "x"), CONFIG_KEY_SIZE);
	size_t distance = SIZE_MAX;
	assert_false(config_name_is_nearer("hold_tme", "cool_down", &distance));
	assert_true(config_name_is_nearer("hold_tme", "hold_times", &distance));
	assert_true(config_name_is_nearer("hold_tme", "hold_time", &distance));
	assert_false(config_name_is_nearer("hold_tme", "hold_time", &distance));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_integer),
		cmocka_unit_test(test_boolean_and_choice),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_uri),
		cmocka_unit_test(test_password),
		cmocka_unit_test(test_nearest_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
