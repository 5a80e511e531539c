/* words.c, show.c: replies and views as people read them. */
#include "cli/show.h"
#include "cli/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define NOON   (1795348800LL * SECOND) /* 2026-11-22T12:00:00Z */
#define RENTAL "01a2040e-5a10-7c3e-9a51-6f0d7e21b4c8"

static int in_utc(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

static void times(void **state)
{
	(void)state;
	char text[WORDS_SIZE];
	words_time(0, NOON, text);
	assert_string_equal(text, "");
	words_time(NOON + 90 * MINUTE, NOON, text);
	assert_string_equal(text, "13:30");
	words_time(NOON + 2 * DAY, NOON, text);
	assert_string_equal(text, "2026-11-24 12:00");
	words_duration(172800, text);
	assert_string_equal(text, "2 d");
	words_duration(129600, text);
	assert_string_equal(text, "36 h");
	words_duration(90, text);
	assert_string_equal(text, "90 s");
}

static void amounts(void **state)
{
	(void)state;
	char text[WORDS_SIZE];
	words_amount(5000, "KRW", text);
	assert_string_equal(text, "5000 KRW");
	words_amount(505, "EUR", text);
	assert_string_equal(text, "5.05 EUR");
	words_amount(5, "KWD", text);
	assert_string_equal(text, "0.005 KWD");
	words_amount(7, "RW ", text); /* no currency, and no part of one */
	assert_string_equal(text, "0.07 RW ");
}

static struct rental_record rental_in(enum rental_state state)
{
	return (struct rental_record){.rental = RENTAL,
		.item = "drill",
		.renter = "9b1c5e20f7a84d6391e0c2b7d4a5f863",
		.state = (int)state,
		.compartment = 3,
		.amount = 5000,
		.currency = "KRW",
		.reserved_at = NOON,
		.expires_at = NOON + 15 * MINUTE,
		.due_at = NOON + 2 * DAY,
		.ended_at = NOON + HOUR,
		.reason = "withdrawn"};
}

static void is_told(enum rental_state state, const char *want)
{
	char text[WORDS_SIZE];
	const struct rental_record rental = rental_in(state);
	words_rental(&rental, NOON, text);
	assert_string_equal(text, want);
}

static void rentals(void **state)
{
	(void)state;
	is_told(RENTAL_HELD, "held until 12:15");
	is_told(RENTAL_PAID, "paid until 12:15");
	is_told(RENTAL_RENTED, "rented, due 2026-11-24 12:00");
	is_told(RENTAL_OVERDUE, "overdue, was due 2026-11-24 12:00");
	is_told(RENTAL_CANCELLED, "cancelled 13:00 (withdrawn)");
	struct rental_record rental = rental_in(RENTAL_CANCELLED);
	char text[WORDS_SIZE];
	TEXT_COPY(rental.reason, "cancelled"); /* once is enough */
	words_rental(&rental, NOON, text);
	assert_string_equal(text, "cancelled 13:00");
	rental = rental_in(RENTAL_RENTED);
	rental.clock_stopped = true;
	words_rental(&rental, NOON, text);
	assert_string_equal(text, "rented, due 2026-11-24 12:00, no door was free");
	/* A long reason does not run over. */
	rental = rental_in(RENTAL_RESOLVED);
	memset(rental.reason, 'x', sizeof(rental.reason) - 1);
	words_rental(&rental, NOON, text);
	assert_true(strlen(text) < WORDS_SIZE);
}

static void shows_reply(const struct reply_record *reply, const char *want)
{
	char *out = NULL;
	size_t size;
	const struct show show = {.out = open_memstream(&out, &size), .now = NOON};
	show_reply(&show, reply);
	fclose(show.out);
	assert_string_equal(out, want);
	free(out);
}

static void one_rental(void **state)
{
	(void)state;
	struct rental_record rental = rental_in(RENTAL_PAID);
	struct payment_record payment = {.state = PAYMENT_AUTHORIZED};
	struct reply_record reply = {.code = REPLY_OK,
		.rental = &rental,
		.payment = &payment,
		.pickup_code = "40718263",
		.message = "mind \x1b the step"};
	shows_reply(&reply, "rental        " RENTAL "\n"
			    "item          drill, door 3\n"
			    "state         paid until 12:15\n"
			    "price         5000 KRW\n"
			    "payment       authorized\n"
			    "pickup code   40718263\n"
			    "              mind ? the step\n");
}

static void lists(void **state)
{
	(void)state;
	struct view_item_record items[] = {
		{.item = "drill",
			.title = "Drill",
			.kiosk = "library",
			.state = ITEM_AVAILABLE,
			.compartment = 3},
		{.item = "tent",
			.title = "Tent",
			.kiosk = "station",
			.state = ITEM_BLOCKED,
			.reason = "torn"},
	};
	struct bank_record banks[] = {
		{.kiosk = "library",
			.link = LINK_ONLINE,
			.link_since = NOON,
			.lending = true,
			.payments = PAYMENTS_OPEN,
			.items = 8,
			.available = 7},
		{.kiosk = "station", .link = LINK_LOST, .attention = 2},
	};
	struct reply_record reply = {.code = REPLY_OK, .items = {items, 2}};
	shows_reply(&reply, "KIOSK    ITEM   STATE      DOOR  DETAILS  TITLE\n"
			    "library  drill  available     3           Drill\n"
			    "station  tent   blocked          torn     Tent\n");
	reply = (struct reply_record){.code = REPLY_OK, .banks = {banks, 2}};
	shows_reply(&reply,
		"KIOSK    LINK    SINCE  LENDING  PAYMENTS  ITEMS  FREE  OUT  ATTENTION\n"
		"library  online  12:00  yes      open          8     7    0\n"
		"station  lost           no       unknown       0     0    0          2\n");
}

static void history(void **state)
{
	(void)state;
	struct history_record entries[] = {{.position = 7,
		.time = NOON,
		.type = "lendlock.item.blocked",
		.source = "/lendlock/town/kiosk/library",
		.data = json_pack("{s:s, s:s}", "by", "boss", "reason", "torn")}};
	struct reply_record reply = {.code = REPLY_OK, .history = {entries, 1}};
	shows_reply(&reply, "TIME   WHAT          BY    FROM           REASON\n"
			    "12:00  item.blocked  boss  kiosk/library  torn\n");
	json_decref(entries[0].data);
}

static void the_site(void **state)
{
	(void)state;
	struct rental_record rental = rental_in(RENTAL_RENTED);
	struct payment_record payment = {.state = PAYMENT_CAPTURED};
	struct view_item_record contents[] = {
		{.item = "drill",
			.title = "Drill",
			.kiosk = "library",
			.state = ITEM_RENTED,
			.rental = &rental,
			.payment = &payment},
		{.item = "tent",
			.title = "Tent",
			.kiosk = "library",
			.state = ITEM_RENTED,
			.rental = &rental,
			.payment = &payment,
			.user = "mina"},
	};
	struct alert_record alerts[] = {{.alert = "door-jammed:3",
		.compartment = 3,
		.message = "it was pulsed and never opened"}};
	struct view_record views[] = {
		{.bank = {.kiosk = "library",
			 .link = LINK_ONLINE,
			 .link_since = NOON,
			 .lending = true,
			 .payments = PAYMENTS_OPEN,
			 .items = 2,
			 .rented = 2,
			 .attention = 1},
			.contents = {contents, 2},
			.alerts = {alerts, 1}},
		{.bank = {.kiosk = "station", .link = LINK_LOST, .claimed_epoch = RENTAL}},
		{.bank = {.kiosk = "statoin", .items = 1}},
	};
	const struct hub_status_record hub = {.state = LINK_ONLINE};
	char *out = NULL;
	size_t size;
	const struct show show = {.out = open_memstream(&out, &size), .now = NOON};
	show_site(&show, &(struct list){views, 3}, &hub);
	show_site(&show, &(struct list){0}, NULL);
	fclose(show.out);
	assert_string_equal(out,
		"library: online since 12:00, lending, payments open; 2 items, 0 free, 2 out; 1 "
		"for a "
		"person\n"
		"ALERT          DOOR  MESSAGE\n"
		"door-jammed:3     3  it was pulsed and never opened\n"
		"ITEM   STATE   RENTER    DETAILS                                         TITLE\n"
		"drill  rented  9b1c5e20  rented, due 2026-11-24 12:00, payment captured  Drill\n"
		"tent   rented  mina      rented, due 2026-11-24 12:00, payment captured  Tent\n"
		"\n"
		"station: lost, takes returns only, payments unknown; 0 items, 0 free, 0 out\n"
		"! it waits to be adopted: lendlock adopt station " RENTAL "\n"
		"\n"
		"statoin: never seen yet; 1 items\n"
		"hub: not heard of\n"
		"no bank has been seen yet\n");
	free(out);
}

static void offers(void **state)
{
	(void)state;
	struct offer_item_record items[] = {
		{.item = "drill",
			.title = "Drill",
			.amount = 5000,
			.currency = "KRW",
			.period = 172800,
			.free = true},
		{.item = "tent",
			.title = "Tent",
			.amount = 900,
			.currency = "EUR",
			.period = 60,
			.due_at = NOON + HOUR},
		{.item = "saw", .title = "Saw", .currency = "KRW", .period = 60},
	};
	struct offer_of banks[] = {
		{.kiosk = "library", .offer = {.lending = true, .items = {items, 3}}},
		{.kiosk = "station", .offer = {.items = {items, 1}}}};
	char *out = NULL;
	size_t size;
	const struct show show = {.out = open_memstream(&out, &size), .now = NOON};
	show_offers(&show, &(struct list){banks, 2});
	fclose(show.out);
	assert_string_equal(out, "KIOSK    ITEM   WHEN          PRICE  FOR    TITLE\n"
				 "library  drill  now        5000 KRW  2 d    Drill\n"
				 "library  tent   due 13:00  9.00 EUR  1 min  Tent\n"
				 "library  saw    taken         0 KRW  1 min  Saw\n"
				 "station  drill  taken      5000 KRW  2 d    Drill\n");
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(amounts),
		cmocka_unit_test(rentals),
		cmocka_unit_test(one_rental),
		cmocka_unit_test(lists),
		cmocka_unit_test(history),
		cmocka_unit_test(the_site),
		cmocka_unit_test(offers),
	};
	return cmocka_run_group_tests(tests, in_utc, NULL);
}
