#include "lib/config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct compartment {
	bool given;
	char lock[40];
	usec pulse;
};

enum driver { DRIVER_SIMULATED, DRIVER_GPIOD };

struct bank {
	char site[NAME_SIZE];
	usec hold_time;
	int64_t limit;
	enum driver driver;
	bool trusted;
	struct config_names friends;
	char broker_uri[128];
	char broker_password[64];
	struct compartment compartments[12];
};

static const char *const drivers[] = {"simulated", "gpiod", NULL};
static const char *const schemes[] = {"mqtt", "mqtts", NULL};

static const struct config_key keys[] = {
	{.key = "site",
		.type = CONFIG_NAME,
		CONFIG_FIELD(struct bank, site),
		.example = "town",
		.help = "Which site this is."},
	{.key = "hold_time",
		.type = CONFIG_DURATION,
		CONFIG_FIELD(struct bank, hold_time),
		.min = MINUTE,
		.max = DAY,
		.value = "15 min",
		.help = "How long an unpaid reservation lasts."},
	{.key = "limit",
		.type = CONFIG_INTEGER,
		CONFIG_FIELD(struct bank, limit),
		.min = 1,
		.max = 100,
		.value = "3",
		.unit = "rentals",
		.help = "How many rentals a renter may have."},
	{.key = "driver",
		.type = CONFIG_CHOICE,
		CONFIG_FIELD(struct bank, driver),
		.choices = drivers,
		.value = "simulated",
		.help = "What drives the locks."},
	{.key = "trusted",
		.type = CONFIG_BOOLEAN,
		CONFIG_FIELD(struct bank, trusted),
		.value = "no",
		.help = "Whether the clock is good whatever the kernel says."},
	{.key = "friends",
		.type = CONFIG_NAMES,
		CONFIG_FIELD(struct bank, friends),
		.value = "",
		.example = "lobby, yard",
		.help = "Other banks."},
	{.section = "broker",
		.key = "uri",
		.type = CONFIG_URI,
		CONFIG_FIELD(struct bank, broker_uri),
		.choices = schemes,
		.value = "mqtt://127.0.0.1:1883",
		.help = "Where the broker is."},
	{.section = "broker",
		.key = "password",
		.type = CONFIG_PASSWORD,
		CONFIG_FIELD(struct bank, broker_password),
		.value = "",
		.example = "file:/etc/lendlock/broker-password",
		.help = "What the broker is told."},
};

static const struct config_key compartment_keys[] = {
	{.key = "lock",
		.type = CONFIG_TEXT,
		CONFIG_FIELD(struct compartment, lock),
		.example = "gpiochip0:17",
		.help = "The line of its lock."},
	{.key = "pulse",
		.type = CONFIG_DURATION,
		CONFIG_FIELD(struct compartment, pulse),
		.min = 50 * MSEC,
		.max = 2 * SECOND,
		.value = "400 ms",
		.help = "How long its lock is driven."},
};

static const struct config_section sections[] = {
	{.prefix = "compartment",
		.help = "The wiring of one compartment.",
		.offset = offsetof(struct bank, compartments),
		.stride = sizeof(struct compartment),
		.count = 12,
		.given = offsetof(struct compartment, given),
		.keys = compartment_keys,
		.keys_count = 2},
};

static const struct config_table table = {
	.program = "lendlock-bank",
	.name = "bank",
	.summary = "the locker bank daemon's table, for a test",
	.description = "Lends.\n\n.Begins with a dot, and \\ is in here.",
	.size = sizeof(struct bank),
	.option = "--count-doors",
	.option_help = "Count the doors, and exit.",
	.keys = keys,
	.keys_count = sizeof(keys) / sizeof(keys[0]),
	.sections = sections,
	.sections_count = 1,
};

/* One run: what goes in, and what comes out. */
struct run {
	char *argv[16];
	char *environment[16];
	const char *file; /* text of it; NULL: there is none */
	struct bank bank;
	char *out, *err;
	int status;
};

static void replace(char *text, const char *path)
{
	for (char *at; (at = strstr(text, path));) {
		at[0] = 'F', at[1] = 'I', at[2] = 'L', at[3] = 'E';
		memmove(at + 4, at + strlen(path), strlen(at + strlen(path)) + 1);
	}
}

static void run(struct run *run)
{
	char path[] = "/tmp/lendlock-config-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	if (run->file)
		assert_int_equal(write(fd, run->file, strlen(run->file)), strlen(run->file));
	else
		unlink(path);
	close(fd);
	size_t out_size, err_size;
	free(run->out);
	free(run->err);
	struct config_sources sources = {
		.argv = run->argv,
		.environ = run->environment,
		.file = path,
		.out = open_memstream(&run->out, &out_size),
		.err = open_memstream(&run->err, &err_size),
	};
	run->argv[0] = (char *)"lendlock-bank";
	run->status = config_read(&table, &sources, &run->bank);
	fclose(sources.out);
	fclose(sources.err);
	unlink(path);
	replace(run->err, path);
}

static void finish(struct run *run)
{
	free(run->out);
	free(run->err);
}

static void test_table(void **state)
{
	(void)state;
	assert_int_equal(config_check_table(&table, stderr), 0);
}

static void test_defaults(void **state)
{
	(void)state;
	struct run r = {.file = "site = town\n"};
	run(&r);
	assert_string_equal(r.err, "");
	assert_int_equal(r.status, CONFIG_GO);
	assert_string_equal(r.bank.site, "town");
	assert_int_equal(r.bank.hold_time, 15 * MINUTE);
	assert_int_equal(r.bank.limit, 3);
	assert_int_equal(r.bank.driver, DRIVER_SIMULATED);
	assert_false(r.bank.trusted);
	assert_int_equal(r.bank.friends.count, 0);
	assert_string_equal(r.bank.broker_uri, "mqtt://127.0.0.1:1883");
	assert_false(r.bank.compartments[0].given);
	assert_int_equal(r.bank.compartments[11].pulse, 400 * MSEC);
	finish(&r);
}

static void test_file(void **state)
{
	(void)state;
	struct run r = {.file = "\xEF\xBB\xBFsite = town\r\n"
				"# comment\n"
				"   hold_time = 2 h ; comment\n"
				"\ttrusted=yes\n"
				"driver: gpiod\n"
				"friends = lobby, yard\n"
				"[broker]\n"
				"uri = mqtts://[::1]:8883\n"
				"password = a;b\n"
				"[ compartment 12 ] ; the last\n"
				"lock = gpiochip0:17\n"
				"[compartment 1]\n"
				"lock = gpiochip0:4\n"
				"pulse = 1 s\n"
				"[broker]\n"};
	run(&r);
	assert_string_equal(r.err, "");
	assert_int_equal(r.status, CONFIG_GO);
	assert_int_equal(r.bank.hold_time, 2 * HOUR);
	assert_true(r.bank.trusted);
	assert_int_equal(r.bank.driver, DRIVER_GPIOD);
	assert_int_equal(r.bank.friends.count, 2);
	assert_string_equal(r.bank.friends.name[1], "yard");
	assert_string_equal(r.bank.broker_uri, "mqtts://[::1]:8883");
	assert_string_equal(r.bank.broker_password, "a;b");
	assert_true(r.bank.compartments[11].given);
	assert_string_equal(r.bank.compartments[11].lock, "gpiochip0:17");
	assert_int_equal(r.bank.compartments[11].pulse, 400 * MSEC);
	assert_int_equal(r.bank.compartments[0].pulse, SECOND);
	assert_false(r.bank.compartments[1].given);
	finish(&r);
}

static void test_precedence(void **state)
{
	(void)state;
	struct run r = {
		.argv = {NULL, (char *)"--hold-time=4 min", (char *)"--broker_uri=mqtt://flag"},
		.environment = {(char *)"LENDLOCK_HOLD_TIME=3 min", (char *)"LENDLOCK_LIMIT=9",
			(char *)"LENDLOCK_BROKER_PASSWORD=open sesame", (char *)"LENDLOCK_LOG=7"},
		.file = "site=town\nhold_time = 2 min\nlimit = 8\ntrusted = yes\n",
	};
	run(&r);
	assert_string_equal(r.err, "");
	assert_int_equal(r.bank.hold_time, 4 * MINUTE);
	assert_int_equal(r.bank.limit, 9);
	assert_true(r.bank.trusted);
	assert_string_equal(r.bank.broker_uri, "mqtt://flag");
	assert_string_equal(r.bank.broker_password, "open sesame");
	finish(&r);
}

static void test_all_errors_of_a_file(void **state)
{
	(void)state;
	struct run r = {.file = "hold_time = 5 parsecs\n"
				"hold_tme = 5 min\n"
				"limit = 3\n"
				"\n"
				"limit = 4\n"
				"what is this\n"
				"  nor this\n"
				"lock = gpiochip0:4\n"
				"quux = 5\n"
				"[broker]\n"
				"password = "
				"0123456789012345678901234567890123456789012345678901234567890123\n"
				"url = x\n"
				"site = town\n"
				"[compartment 13]\n"
				"lock = x\n"
				"[compartment 01]\n"
				"[compartmnt 2]\n"
				"[brokr]\n"
				"uri = mqtt://nobody-reads-this\n"
				"[elsewhere\n"
				"[compartment 2]\n"
				"pulse = 3 s\n"
				"trusted = no\n"
				"= 5\n"};
	run(&r);
	assert_int_equal(r.status, CONFIG_WRONG);
	assert_string_equal(r.err,
		"FILE:1: hold_time = 5 parsecs: want a duration from 1 min to 1 d, such as 15 min\n"
		"FILE:2: hold_tme is not known: did you mean hold_time?\n"
		"FILE:5: limit is set a second time; line 3 has it already\n"
		"FILE:6: want key = value\n"
		"FILE:7: want key = value\n"
		"FILE:8: lock does not belong here, but in a section as [compartment 1]\n"
		"FILE:9: quux is not known\n"
		"FILE:11: password: want a password of 1 to 63 bytes, or file:PATH to read it "
		"from, or "
		"nothing\n"
		"FILE:12: url is not known: did you mean uri?\n"
		"FILE:13: site does not belong here, but before the first section\n"
		"FILE:14: [compartment 13] is not known: want a section from [compartment 1] to "
		"[compartment 12]\n"
		"FILE:16: [compartment 01] is not known: want a section from [compartment 1] to "
		"[compartment 12]\n"
		"FILE:17: [compartmnt 2] is not known: want a section from [compartment 1] to "
		"[compartment 12]\n"
		"FILE:18: [brokr] is not known: did you mean [broker]?\n"
		"FILE:20: want a section as in [section], or key = value\n"
		"FILE:22: pulse = 3 s: want a duration from 50 ms to 2 s, such as 400 ms\n"
		"FILE:23: trusted does not belong here, but before the first section\n"
		"FILE:24: want key = value\n"
		"FILE: site is not set: want a name of 1 to 32 letters a-z, digits and '-', such "
		"as town\n"
		"FILE: lock is not set in [compartment 2]: want a text of 1 to 39 printable "
		"bytes, such as gpiochip0:17\n");
	finish(&r);
}

static void test_lines_of_any_kind(void **state)
{
	(void)state;
	char line[501], file[1000];
	memset(line, 'x', sizeof(line));
	line[500] = '\0';
	snprintf(file, sizeof(file), "site = town\nhold_time = %s\nlimit = 7 \x1b[2J\nlimit", line);
	struct run r = {.file = file};
	run(&r);
	assert_string_equal(r.err,
		"FILE:2: the line is longer than 198 bytes\n"
		"FILE:3: limit = 7 ?[2J: want a whole number of rentals from 1 to 100, such as 3\n"
		"FILE:4: want key = value\n");
	finish(&r);
}

static void test_errors_of_environment_and_options(void **state)
{
	(void)state;
	struct run r = {
		.argv = {NULL, (char *)"--hold-tiem=5 min", (char *)"--limit", (char *)"town",
			(char *)"--limit=5", (char *)"--limit=6", (char *)"--trusted=maybe",
			(char *)"--broker-password=secret", (char *)"--zzz=1", (char *)"--config"},
		.environment = {(char *)"LENDLOCK_LIMIT=many"},
		.file = "site = town\n",
	};
	run(&r);
	assert_int_equal(r.status, CONFIG_WRONG);
	assert_string_equal(r.err,
		"environment: LENDLOCK_LIMIT = many: want a whole number of rentals from 1 to 100, "
		"such as 3\n"
		"command line: --hold-tiem is not known: did you mean --hold-time?\n"
		"command line: --limit: want --limit=VALUE\n"
		"command line: town: want --key=value\n"
		"command line: --limit is set a second time\n"
		"command line: --trusted = maybe: want yes or no, such as no\n"
		"command line: --broker-password: everybody on this machine can see it here: want "
		"file:PATH\n"
		"command line: --zzz is not known; --help lists what is\n"
		"command line: --config: want a file after it\n");
	finish(&r);
}

static void test_which_file(void **state)
{
	(void)state;
	struct run r = {.argv = {NULL, (char *)"--site=town"}};
	run(&r);
	assert_int_equal(r.status, CONFIG_GO); /* that of /etc need not exist */
	r.argv[2] = (char *)"--config";
	r.argv[3] = (char *)"/nowhere/bank.conf";
	run(&r);
	assert_int_equal(r.status, CONFIG_WRONG);
	assert_string_equal(
		r.err, "/nowhere/bank.conf: cannot be read: No such file or directory\n");
	r.argv[1] = (char *)"--limit=3"; /* what the file might have set is not missing */
	run(&r);
	assert_string_equal(
		r.err, "/nowhere/bank.conf: cannot be read: No such file or directory\n");
	r.argv[1] = (char *)"--site=town";
	r.argv[2] = (char *)"--config=/tmp";
	r.argv[3] = NULL;
	run(&r);
	assert_string_equal(r.err, "/tmp: cannot be read: Is a directory\n");

	char path[] = "/tmp/lendlock-named-XXXXXX", option[64];
	int fd = mkstemp(path);
	assert_int_equal(write(fd, "limit = 42\n", 11), 11);
	close(fd);
	snprintf(option, sizeof(option), "--config=%s", path);
	r.argv[2] = option;
	r.file = "limit = not read\n";
	run(&r);
	assert_int_equal(r.status, CONFIG_GO);
	assert_int_equal(r.bank.limit, 42);
	unlink(path);
	finish(&r);
}

static void print_config(struct run *r)
{
	r->argv[1] = (char *)"--print-config";
	run(r);
	assert_string_equal(r->err, "");
	assert_int_equal(r->status, CONFIG_DONE);
	r->argv[1] = NULL;
}

static void test_sample_loads_to_defaults(void **state)
{
	(void)state;
	struct run plain = {.file = "site = town\n"}, sample = {0}, loaded = {0};
	run(&plain);
	print_config(&sample);
	loaded.file = sample.out;
	run(&loaded);
	assert_string_equal(loaded.err, "");
	assert_int_equal(loaded.status, CONFIG_GO);
	assert_memory_equal(&loaded.bank, &plain.bank, sizeof(plain.bank));

	/* What is commented out is right too, and the same, but for examples. */
	char *text = strdup(sample.out);
	*strstr(text, "\n#[compartment 1]") = '\0';
	for (char *at = text; (at = strstr(at, "\n#"));)
		if (*(at += 2) != ' ' && strncmp(at, "password", 8) != 0 &&
			strncmp(at, "friends", 7) != 0)
			at[-1] = ' ';
	loaded.file = text;
	run(&loaded);
	assert_string_equal(loaded.err, "");
	assert_memory_equal(&loaded.bank, &plain.bank, sizeof(plain.bank));
	assert_non_null(strstr(text, "\n hold_time = 15 min"));
	free(text);
	finish(&plain);
	finish(&sample);
	finish(&loaded);
}

static void test_print_config_loads_back(void **state)
{
	(void)state;
	struct run set = {
		.file = "site = town\nhold_time=90 min\nlimit=4\ndriver=gpiod\ntrusted=yes\n"
			"friends=a,b\n[broker]\nuri=mqtts://x:1\npassword=hush\n"
			"[compartment 2]\nlock=gpiochip0:4\npulse=1 s\n[compartment 5]\nlock=x\n"};
	struct run printed = {.file = set.file}, loaded = {0};
	run(&set);
	print_config(&printed);
	assert_null(strstr(printed.out, "hush"));
	loaded.file = printed.out;
	run(&loaded);
	assert_string_equal(loaded.err, "");
	memset(set.bank.broker_password, 0, sizeof(set.bank.broker_password));
	assert_memory_equal(&loaded.bank, &set.bank, sizeof(set.bank));
	finish(&set);
	finish(&printed);
	finish(&loaded);
}

static void test_print_config_tells_errors(void **state)
{
	(void)state;
	struct run r = {.argv = {NULL, (char *)"--print-config"}, .file = "limit = x\n"};
	run(&r);
	assert_int_equal(r.status, CONFIG_WRONG);
	assert_string_equal(r.out, "");
	finish(&r);
}

static void test_help_version_man(void **state)
{
	(void)state;
	struct run r = {.argv = {NULL, (char *)"--help"}, .file = "limit = x\n"};
	run(&r);
	assert_int_equal(r.status, CONFIG_DONE);
	assert_int_equal(config_exit_status(r.status), 0);
	assert_int_equal(config_exit_status(CONFIG_WRONG), 78);
	assert_string_equal(r.err, "");
	assert_non_null(strstr(r.out, "  --broker-uri=URI\n        Where the broker is. "));
	assert_non_null(
		strstr(r.out, "  --hold-time=DURATION\n        How long an unpaid reservation "
			      "lasts. (a duration from 1 min to 1 d; default: 15\n        min)\n"));
	assert_non_null(strstr(r.out, "  lock = TEXT\n"));
	assert_non_null(strstr(r.out, "\n  --count-doors    count the doors, and exit\n"));
	r.argv[1] = (char *)"--version";
	run(&r);
	assert_string_equal(r.out, "lendlock-bank " LENDLOCK_VERSION "\n");
	r.argv[1] = (char *)"--print-man";
	run(&r);
	assert_int_equal(r.status, CONFIG_DONE);
	assert_memory_equal(r.out, ".TH lendlock-bank 8", 19);
	assert_non_null(strstr(r.out, "\n\\&.Begins with a dot, and \\e is in here.\n"));
	assert_non_null(strstr(r.out, "\nLENDLOCK_BROKER_PASSWORD\n"));
	assert_non_null(strstr(r.out, "\\-\\-count\\-doors\\fR\nCount the doors, and exit.\n"));
	assert_non_null(strstr(r.out, ".TP\n\\fBhold_time\\fR\n"));
	finish(&r);
}

/* roff itself has nothing to say against the page. */
static void test_man_page_is_roff(void **state)
{
	(void)state;
	if (system("groff --version >/dev/null 2>&1") != 0)
		skip();
	struct run r = {.argv = {NULL, (char *)"--print-man"}};
	run(&r);
	FILE *groff =
		popen("groff -man -Tutf8 -ww -z 2>&1 >/dev/null | grep -c . | grep -qx 0", "w");
	assert_non_null(groff);
	fputs(r.out, groff);
	assert_int_equal(pclose(groff), 0);
	finish(&r);
}

static void expect_bad_table(struct config_table *bad, const char *message)
{
	char *err = NULL;
	size_t size;
	FILE *stream = open_memstream(&err, &size);
	assert_int_not_equal(config_check_table(bad, stream), 0);
	fclose(stream);
	if (!strstr(err, message))
		fail_msg("%s instead of %s", err, message);
	free(err);
}

static void test_bad_tables(void **state)
{
	(void)state;
	const struct config_key good = keys[1];
	struct config_key twice[] = {good, good};
	struct config_table bad = {.size = sizeof(struct bank), .keys = twice, .keys_count = 2};
	expect_bad_table(&bad, "--hold-time: twice");
	bad.keys_count = 1;
	twice[0].value = "1 s";
	expect_bad_table(&bad, "hold_time: 1 s: want a duration");
	twice[0] = good;
	twice[0].size = 4;
	expect_bad_table(&bad, "hold_time: its field does not fit");
	twice[0] = good;
	twice[0].key = "config";
	expect_bad_table(&bad, "--config: taken");
	twice[0].key = "hold-time";
	expect_bad_table(&bad, "hold-time: not a name");
	twice[0] = good;
	twice[0].offset = sizeof(struct bank);
	expect_bad_table(&bad, "hold_time: outside");
	twice[0] = good;
	twice[0].help = "";
	expect_bad_table(&bad, "hold_time: no help");
	twice[0] = keys[3];
	twice[0].choices = NULL;
	expect_bad_table(&bad, "driver: no choices");
	struct config_key torn[] = {keys[6], good, keys[7]};
	bad = (struct config_table){.size = sizeof(struct bank), .keys = torn, .keys_count = 3};
	expect_bad_table(&bad, "hold_time: its section is torn apart");
	struct config_section array = sections[0];
	array.count = 13;
	bad = table;
	bad.sections = &array;
	expect_bad_table(&bad, "[compartment]: outside");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_all_errors_of_a_file),
		cmocka_unit_test(test_lines_of_any_kind),
		cmocka_unit_test(test_errors_of_environment_and_options),
		cmocka_unit_test(test_which_file),
		cmocka_unit_test(test_sample_loads_to_defaults),
		cmocka_unit_test(test_print_config_loads_back),
		cmocka_unit_test(test_print_config_tells_errors),
		cmocka_unit_test(test_help_version_man),
		cmocka_unit_test(test_man_page_is_roff),
		cmocka_unit_test(test_bad_tables),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
