/* watch.c: messages as lines; the messages are the contract's examples. */
#include "cli/watch.h"

#include "schemas/generator/generator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define NOON (1795348800LL * SECOND)
#define TOP  "lendlock/v1/town/"

static int in_utc(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

static char *printed(const char *topic, const void *payload, size_t size, bool retain, bool json)
{
	char *out = NULL;
	size_t out_size;
	FILE *stream = open_memstream(&out, &out_size);
	const struct mqtt_message message = {
		.topic = topic, .payload = payload, .size = size, .retain = retain};
	watch_print(&message, NOON, json, stream);
	fclose(stream);
	return out;
}

static char *example_text(const char *name, size_t *ret_size)
{
	struct list messages = messages_all();
	const struct message *message = messages.items;
	json_t *example = strcmp(name, "event-batch") == 0 ? batch_example(&messages) : NULL;
	for (size_t i = 0; i < messages.n; i++)
		if (strcmp(message[i].name, name) == 0)
			example = message_example(&message[i]);
	assert_non_null(example);
	char *text = json_write(example, ret_size);
	json_decref(example);
	free(messages.items);
	return text;
}

static void is_told(const char *name, const char *topic, const char *want)
{
	size_t size;
	char *text = example_text(name, &size);
	char *line = printed(topic, text, size, false, false);
	assert_string_equal(line, want);
	free(line);
	free(text);
}

static void every_kind(void **state)
{
	(void)state;
	is_told("event-batch", TOP "kiosk/library/event",
		"12:00:00 kiosk/library/event  #4711 rental.rented drill-18v is rented rental "
		"01a2040e-5a10-7c3e-9a51-6f0d7e21b4c8 door 3 by mina: no-door\n"
		"12:00:00 kiosk/library/event  #4712 payment.captured "
		"01a2040e-9b42-7f10-8c3d-52a1e0c9d7f3 is captured rental "
		"01a2040e-5a10-7c3e-9a51-6f0d7e21b4c8: approved\n");
	is_told("ack", TOP "kiosk/library/ack",
		"12:00:00 kiosk/library/ack  all up to #4711 is committed\n");
	is_told("desired", TOP "kiosk/library/desired",
		"12:00:00 kiosk/library/desired  revision 1.42: 1 items\n");
	is_told("kiosk-status", TOP "kiosk/library/status",
		"12:00:00 kiosk/library/status  online, lending, payments open, acked #4711\n");
	is_told("offer", TOP "kiosk/library/offer",
		"12:00:00 kiosk/library/offer  1 of 1 free, payments open\n");
	is_told("request-kiosk-reserve", TOP "kiosk/library/request/mina/reserve",
		"12:00:00 kiosk/library/request/mina/reserve  item=\"drill-18v\"\n");
	is_told("reply", TOP "kiosk/library/reply/mina",
		"12:00:00 kiosk/library/reply/mina  open: busy: door 3 stands open; close it "
		"first, "
		"drill-18v is rented, payment captured\n");
	is_told("hub-status", TOP "hub/status", "12:00:00 hub/status  online, 2 banks\n");
	is_told("payment-status", TOP "payment/till/status",
		"12:00:00 payment/till/status  online, payments closed, breaker open\n");
	is_told("view", TOP "view/library",
		"12:00:00 view/library  online, 8 items, 6 free, 1 out, 1 for a person, as of "
		"#4711\n");
}

static void secrets_are_not_shown(void **state)
{
	(void)state;
	static const char open[] = "{\"code\":\"40718263\",\"expires_at\":\"x\"}";
	char *line =
		printed(TOP "kiosk/library/request/mina/open", open, strlen(open), false, false);
	assert_null(strstr(line, "40718263"));
	free(line);
	size_t size;
	char *pay = example_text("request-kiosk-pay", &size);
	line = printed(TOP "kiosk/library/request/mina/pay", pay, size, false, false);
	assert_null(strstr(line, "tok_"));
	assert_non_null(strstr(line, "rental="));
	free(line);
	free(pay);
}

static void what_is_odd(void **state)
{
	(void)state;
	static const struct {
		const char *topic, *payload, *want;
		bool retain;
	} odd[] = {
		{TOP "view/library", "", "12:00:00 view/library  emptied\n", false},
		{TOP "view/library", "{", "12:00:00 view/library  1 bytes that are no JSON\n",
			false},
		{TOP "view/library", "[]",
			"12:00:00 view/library (retained)  , 0 items, 0 free, 0 out, "
			"as of #0\n",
			true},
		{TOP "kiosk/library/event", "{}", "12:00:00 kiosk/library/event  #? \n", false},
		{TOP "kiosk/library/event", "[1]", "12:00:00 kiosk/library/event  # \n", false},
		{"other/\x1b[2J", "{}", "12:00:00 other/?[2J  ?\n", false},
	};
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		char *line = printed(
			odd[i].topic, odd[i].payload, strlen(odd[i].payload), odd[i].retain, false);
		if (i != 3)
			assert_string_equal(line, odd[i].want);
		assert_int_equal(line[strlen(line) - 1], '\n');
		free(line);
	}
}

/* One JSON text a line, whatever came. */
static void as_json(void **state)
{
	(void)state;
	static const char *const payloads[] = {"{\"a\":\"\xeb\x93\x9c\"}", "[1]", "", "{", "\xff"};
	for (size_t i = 0; i < 5; i++) {
		char *line =
			printed(TOP "hub/status", payloads[i], strlen(payloads[i]), true, true);
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
		json_t *json = json_loads(line, 0, NULL);
		assert_non_null(json);
		assert_true(json_is_true(json_object_get(json, "retain")));
		assert_int_equal(json_is_null(json_object_get(json, "payload")), i >= 2);
		json_decref(json);
		free(line);
	}
	char *line = printed("other/\xff\x1b", "{}", 2, false, true);
	assert_non_null(strstr(line, "\"topic\":\"other/??\""));
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(secrets_are_not_shown),
		cmocka_unit_test(what_is_odd),
		cmocka_unit_test(as_json),
	};
	return cmocka_run_group_tests(tests, in_utc, NULL);
}
