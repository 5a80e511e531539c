/* Rentals through the whole bank: every operation, every ending, and a crash in between. */
#include "tests/kiosk/bank.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void test_whole_rental(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	assert_string_equal(bank_state(bank, rental), "rented");
	assert_int_equal(strlen(bank_text(bank, "return_code", NULL)), 8);
	assert_string_equal(bank_text(bank, "payment", "state"), "captured");

	assert_string_equal(bank_ask(bank, "mina", "return", rental_args(rental)), "");
	bank_pass(bank, 2 * SECOND);
	assert_string_equal(bank_reply(bank, "mina"), "ok");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
	assert_int_equal(simulated_pulses(bank->doors, 1), 3); /* stocked, taken, returned */
}

static void test_item_is_lent_once(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	assert_string_equal(bank_ask(bank, "joon", "reserve", json_pack("{s:s}", "item", "drill")),
		"not-available");
	assert_string_equal(bank_ask(bank, "mina", "cancel", rental_args(rental)), "ok");
	assert_string_equal(
		bank_ask(bank, "joon", "reserve", json_pack("{s:s}", "item", "drill")), "ok");
}

static void test_free_item_needs_no_payment(void **state)
{
	struct bank *bank = *state;
	assert_string_equal(
		bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "free")), "ok");
	char rental[UUID_SIZE];
	text_copy(rental, UUID_SIZE, bank_text(bank, "rental", "rental"));
	assert_string_equal(bank_ask(bank, "mina", "pay",
				    json_pack("{s:s, s:s}", "rental", rental, "method", "none")),
		"ok");
	assert_string_equal(bank_state(bank, rental), "paid");
	assert_string_equal(bank_asked(bank), "");
}

static void test_declined(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_ask(bank, "mina", "pay", json_pack("{s:s, s:s}", "rental", rental, "method", "tok-x"));
	bank_ledger(bank, "declined");
	assert_string_equal(bank_reply(bank, "mina"), "declined");
	assert_string_equal(bank_state(bank, rental), "held");
}

static void test_cancelled_while_paying_gives_money_back(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_ask(
		bank, "mina", "pay", json_pack("{s:s, s:s}", "rental", rental, "method", "tok-ok"));
	assert_string_equal(bank_ask(bank, "mina", "cancel", rental_args(rental)), "ok");
	assert_string_equal(bank_asked(bank), "void");
	bank_ledger(bank, "authorized"); /* late: changes nothing */
	assert_string_equal(bank_state(bank, rental), "cancelled");
	assert_string_equal(bank_text(bank, "payment", "state"), "void-owed");
	bank_pass(bank, MINUTE);
	bank_ledger(bank, "voided");
	bank_state(bank, rental);
	assert_string_equal(bank_text(bank, "payment", "state"), "voided");
}

static void test_cancel_payment_keeps_the_hold(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_ask(
		bank, "mina", "pay", json_pack("{s:s, s:s}", "rental", rental, "method", "tok-ok"));
	assert_string_equal(bank_ask(bank, "mina", "cancel-payment", rental_args(rental)), "");
	bank_ledger(bank, "voided");
	assert_string_equal(bank_reply(bank, "mina"), "ok");
	assert_string_equal(bank_state(bank, rental), "held");
}

static void test_cancel_payment_of_what_is_paid(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	assert_string_equal(bank_ask(bank, "mina", "cancel-payment", rental_args(rental)), "");
	assert_string_equal(bank_asked(bank), "void");
	assert_string_equal(bank_reply(bank, "mina"), "");
	bank_ledger(bank, "voided");
	assert_string_equal(bank_reply(bank, "mina"), "ok");
	assert_string_equal(bank_text(bank, "payment", "state"), "voided");
	assert_string_equal(bank_state(bank, rental), "cancelled");
}

static void test_jam_gives_money_back(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	simulated_jam(bank->doors, 1, true);
	assert_string_equal(bank_ask(bank, "mina", "open", rental_args(rental)), "");
	bank_pass(bank, 8 * SECOND);
	assert_string_equal(bank_reply(bank, "mina"), "failed");
	assert_string_equal(bank_asked(bank), "void");
	bank_ledger(bank, "voided");
	assert_string_equal(bank_state(bank, rental), "failed");
	assert_string_equal(bank_text(bank, "rental", "item_state"), "blocked");
}

static void test_give_up_before_the_pulse(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	/* Another door is first in the queue, so this one's pulse waits. */
	assert_string_equal(
		bank_ask(bank, "boss", "collect", json_pack("{s:s}", "item", "tent")), "ok");
	assert_string_equal(bank_ask(bank, "mina", "open", rental_args(rental)), "");
	assert_string_equal(bank_ask(bank, "mina", "give-up", rental_args(rental)), "ok");
	bank_pass(bank, 20 * SECOND);
	assert_int_equal(simulated_pulses(bank->doors, 1), 1);
	assert_string_equal(bank_asked(bank), "void");
}

static void test_report_empty(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	assert_string_equal(bank_ask(bank, "mina", "report",
				    json_pack("{s:s, s:s}", "rental", rental, "problem", "empty")),
		"ok");
	assert_string_equal(bank_asked(bank), "refund");
	bank_ledger(bank, "refunded");
	assert_string_equal(bank_state(bank, rental), "failed");
	assert_string_equal(bank_text(bank, "payment", "state"), "refunded");
}

static void test_report_too_late(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_take(bank, rental);
	bank_pass(bank, 6 * MINUTE);
	assert_string_equal(bank_ask(bank, "mina", "report",
				    json_pack("{s:s, s:s}", "rental", rental, "problem", "empty")),
		"wrong-state");
}

static void test_timers(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_pass(bank, 16 * MINUTE);
	assert_string_equal(bank_state(bank, rental), "expired");
	bank_pay(bank, rental);
	bank_pass(bank, 2 * HOUR + SECOND);
	assert_string_equal(bank_state(bank, rental), "expired");
	assert_string_equal(bank_asked(bank), "void");
	bank_ledger(bank, "voided");
	bank_take(bank, rental);
	fake_clock_pass(&bank->clock, 3 * DAY);
	bank_pass(bank, SECOND);
	assert_string_equal(bank_state(bank, rental), "overdue");
	fake_clock_pass(&bank->clock, 14 * DAY);
	bank_pass(bank, SECOND);
	assert_string_equal(bank_state(bank, rental), "lost");
	bank_ask(bank, "mina", "return", rental_args(rental));
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
}

static void test_repeat_is_answered_from_the_store(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_pass(bank, SECOND);
	int pulses = simulated_pulses(bank->doors, 1);
	bank->requests--; /* the same id and payload again */
	fake_mqtt_clear(&bank->mqtt);
	bank->clock.wall -= SECOND; /* so that expires_at is the same text */
	assert_string_equal(bank_ask(bank, "mina", "open", rental_args(rental)), "ok");
	bank->clock.wall += SECOND;
	bank->requests--;
	assert_string_equal(bank_ask(bank, "mina", "open", rental_args(rental)), "conflict");
	bank_pass(bank, 10 * SECOND);
	assert_int_equal(simulated_pulses(bank->doors, 1), pulses);
}

static void test_crash_while_opening_does_not_pulse_again(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	simulated_jam(bank->doors, 1, true);
	bank_ask(bank, "mina", "open", rental_args(rental));
	int pulses = simulated_pulses(bank->doors, 1);
	bank_crash(bank);
	bank_pass(bank, MINUTE);
	assert_string_equal(bank_state(bank, rental), "paid");
	assert_int_equal(simulated_pulses(bank->doors, 1), pulses);
}

/* The pulse is under way, and nothing of it is stored: the door may have been opened
 * all the same. */
static void test_crash_within_the_pulse_leaves_a_doubt(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "open", rental_args(rental));
	assert_true(simulated_active(bank->doors, 1));
	bank_crash(bank);
	assert_string_equal(bank_state(bank, rental), "paid");
	assert_string_equal(bank_ask(bank, "mina", "cancel", rental_args(rental)), "ok");
	assert_string_equal(bank_text(bank, "rental", "item_state"), "inspection");
}

/* The ledger takes the money's reservation back while the door is asked for, and then the power
 * goes: the rental is unpaid again, not paid with nothing. */
static void test_voided_while_opening_and_interrupted(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	simulated_jam(bank->doors, 1, true);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_ledger(bank, "voided");
	assert_string_equal(bank_state(bank, rental), "opening");
	bank_crash(bank);
	assert_string_equal(bank_state(bank, rental), "held");
}

static void test_crash_with_the_door_open(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank_ask(bank, "mina", "open", rental_args(rental));
	bank_pass(bank, SECOND); /* open now */
	bank_crash(bank);
	assert_string_equal(bank_state(bank, rental), "taking");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "rented");
	assert_string_equal(bank_asked(bank), "capture");
}

static void test_crash_while_paying_asks_again(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_ask(
		bank, "mina", "pay", json_pack("{s:s, s:s}", "rental", rental, "method", "tok-ok"));
	bank_crash(bank);
	fake_mqtt_clear(&bank->mqtt);
	bank_pass(bank, 5 * SECOND);
	assert_string_equal(bank_asked(bank), "authorize");
	bank_ledger(bank, "authorized");
	assert_string_equal(bank_state(bank, rental), "paid");
}

static void test_withdrawn_while_reserved(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank_desire(bank, bank_withdraw_drill);
	assert_string_equal(bank_asked(bank), "void");
	assert_string_equal(bank_state(bank, rental), "cancelled");
	assert_string_equal(bank_text(bank, "rental", "item_state"), "withdrawn");
	assert_string_equal(
		bank_ask(bank, "boss", "collect", json_pack("{s:s}", "item", "drill")), "ok");
}

static void test_foreign_rental_is_not_found(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	assert_string_equal(bank_ask(bank, "joon", "cancel", rental_args(rental)), "not-found");
	assert_string_equal(
		bank_ask(bank, "joon", "stock", json_pack("{s:s}", "item", "drill")), "forbidden");
	assert_string_equal(bank_ask(bank, "boss", "rental", rental_args(rental)), "ok");
	assert_string_equal(bank_text(bank, "pickup_code", NULL), ""); /* the renter's alone */
}

static void test_codes(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE], code[CODE_SIZE];
	bank_pay(bank, rental);
	text_copy(code, CODE_SIZE, bank_text(bank, "pickup_code", NULL));
	for (int i = 0; i < 5; i++)
		assert_string_equal(
			bank_ask(bank, "touch", "open", json_pack("{s:s}", "code", "00000000")),
			"wrong-code");
	assert_string_equal(
		bank_ask(bank, "touch", "open", json_pack("{s:s}", "code", code)), "wait");
	bank_crash(bank); /* the wait survives */
	assert_string_equal(
		bank_ask(bank, "touch", "open", json_pack("{s:s}", "code", code)), "wait");
	bank_pass(bank, 31 * SECOND);
	assert_string_equal(bank_ask(bank, "touch", "open", json_pack("{s:s}", "code", code)), "");
	bank_pass(bank, 2 * SECOND);
	assert_string_equal(bank_reply(bank, "touch"), "ok");
}

static void test_outbox_sends_until_acked(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_ack(bank);
	bank_reserve(bank, rental);
	for (int i = 0; i < 20; i++)
		bank_ack(bank);
	assert_string_equal(bank_event(bank, 0), "lendlock.rental.reserved");
	fake_mqtt_clear(&bank->mqtt);
	bank_pass(bank, 10 * MINUTE);
	assert_null(fake_mqtt_last(&bank->mqtt, "lendlock/v1/town/kiosk/library/event"));
	assert_string_equal(bank_ask(bank, "mina", "cancel", rental_args(rental)), "ok");
	assert_int_equal(fake_mqtt_count(&bank->mqtt, "lendlock/v1/town/kiosk/library/event"), 1);
	bank_pass(bank, 10 * SECOND);
	assert_true(fake_mqtt_count(&bank->mqtt, "lendlock/v1/town/kiosk/library/event") > 1);
}

static void test_fork_stops_lending(void **state)
{
	struct bank *bank = *state;
	bank_send(bank, "lendlock/v1/town/kiosk/library/ack",
		json_pack("{s:s, s:i, s:s, s:i, s:s}", "hub", BANK_HUB, "generation", 1, "epoch",
			bank->epoch, "seq", 100000, "event", BANK_HUB));
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")),
		"returns-only");
	bank_connect(bank); /* learns the new epoch */
	bank_desire(bank, NULL);
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")),
		"returns-only");
	assert_string_equal(
		bank_ask(bank, "boss", "confirm-bank",
			json_pack("{s:[{s:i, s:s}, {s:i, s:s}]}", "compartments", "compartment", 1,
				"item", "drill", "compartment", 2, "item", "tent")),
		"ok");
	assert_string_equal(
		bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")), "ok");
	assert_string_equal(bank_ask(bank, "mina", "reserve", json_pack("{s:s}", "item", "free")),
		"not-available");
	bank_pass(bank, SECOND);
	assert_string_equal(bank_asked(bank), "reconcile");
}

static void test_payments_closed(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
	bank_send(bank, "lendlock/v1/town/payment/till/status",
		json_pack("{s:s, s:s, s:s, s:i}", "state", "online", "session",
			"01936a00-0000-7000-8000-0000000000aa", "payments", "closed", "retry_after",
			30000));
	assert_string_equal(bank_ask(bank, "mina", "pay",
				    json_pack("{s:s, s:s}", "rental", rental, "method", "tok-ok")),
		"payments-closed");
	bank_pass(bank, 20 * SECOND);
	assert_string_equal(bank_state(bank, rental), "held");
}

static void test_unsure_clock(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	bank->clock.synchronised = false;
	assert_string_equal(bank_ask(bank, "mina", "open", rental_args(rental)), "clock");
	bank_pass(bank, 3 * HOUR);
	bank->clock.synchronised = true;
	assert_string_equal(bank_state(bank, rental), "paid");
}

static void test_touch(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	kiosk_disconnected(bank->kiosk); /* reserving needs no network */
	assert_string_equal(
		bank_touch(bank, "mina", "reserve", json_pack("{s:s}", "item", "drill")), "ok");
	text_copy(rental, UUID_SIZE,
		json_string_value(
			json_object_get(json_object_get(bank->touched, "rental"), "rental")));
	assert_string_equal(bank_touch(bank, "mina", "pay",
				    json_pack("{s:s, s:s}", "rental", rental, "method", "tok-ok")),
		"payments-closed");
	bank_connect(bank);
	assert_string_equal(bank_touch(bank, "mina", "pay",
				    json_pack("{s:s, s:s}", "rental", rental, "method", "tok-ok")),
		"");
	bank_ledger(bank, "authorized");
	assert_string_equal(bank_touched(bank), "ok");
	bank->clock.synchronised = false; /* who stands there needs no clock */
	assert_string_equal(bank_touch(bank, "mina", "open", rental_args(rental)), "");
	bank_pass(bank, SECOND);
	assert_string_equal(bank_touched(bank), "ok");
	bank->clock.synchronised = true;
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_touch(bank, "mina", "return", rental_args(rental)), "");
	bank_pass(bank, 10 * SECOND);
	assert_string_equal(bank_state(bank, rental), "returned");
}

static void test_bad_bytes(void **state)
{
	struct bank *bank = *state;
	static const char *const topics[] = {"kiosk/library/ack", "kiosk/library/desired",
		"hub/status", "payment/till/status", "payment/till/reply/library",
		"kiosk/library/request/mina/reserve", "kiosk/library/request/mina/nonsense",
		"kiosk/other/desired"};
	static const char *const payloads[] = {"", "{", "[]", "null", "{\"a\":1,\"a\":2}",
		"\xff\xfe", "{\"item\":\"\\u0000\"}",
		"{\"item\":\"drill\",\"expires_at\":\"never\"}",
		"{\"state\":\"online\",\"session\":5}", "[[[[[[[[[[[[[[[[[[[[[[[[[[[["};
	for (size_t i = 0; i < sizeof(topics) / sizeof(*topics); i++)
		for (size_t j = 0; j < sizeof(payloads) / sizeof(*payloads); j++) {
			char topic[MQTT_TOPIC_MAX];
			snprintf(topic, sizeof(topic), "lendlock/v1/town/%s", topics[i]);
			const struct mqtt_message message = {.topic = topic,
				.payload = payloads[j],
				.size = strlen(payloads[j]),
				.correlation = "x",
				.correlation_size = 1};
			assert_int_equal(kiosk_message(bank->kiosk, &message), 0);
		}
	char rental[UUID_SIZE];
	bank_reserve(bank, rental);
}

/* The answer at the touchscreen waits for the commit, as the messages do that say the same. */
static void test_touch_is_answered_after_the_commit(void **state)
{
	struct bank *bank = *state;
	char rental[UUID_SIZE];
	bank_pay(bank, rental);
	assert_string_equal(bank_touch(bank, "mina", "cancel", rental_args(rental)), "ok");
	assert_string_equal(bank_asked(bank), "void");
	const struct fake_publication *asked =
		fake_mqtt_last(&bank->mqtt, "lendlock/v1/town/payment/till/request/library/void");
	assert_true(bank->touched_after > (size_t)(asked - bank->mqtt.publications));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BANK_TEST(test_whole_rental),
		BANK_TEST(test_item_is_lent_once),
		BANK_TEST(test_free_item_needs_no_payment),
		BANK_TEST(test_declined),
		BANK_TEST(test_cancelled_while_paying_gives_money_back),
		BANK_TEST(test_cancel_payment_keeps_the_hold),
		BANK_TEST(test_cancel_payment_of_what_is_paid),
		BANK_TEST(test_jam_gives_money_back),
		BANK_TEST(test_give_up_before_the_pulse),
		BANK_TEST(test_report_empty),
		BANK_TEST(test_report_too_late),
		BANK_TEST(test_timers),
		BANK_TEST(test_repeat_is_answered_from_the_store),
		BANK_TEST(test_crash_while_opening_does_not_pulse_again),
		BANK_TEST(test_crash_within_the_pulse_leaves_a_doubt),
		BANK_TEST(test_voided_while_opening_and_interrupted),
		BANK_TEST(test_crash_with_the_door_open),
		BANK_TEST(test_crash_while_paying_asks_again),
		BANK_TEST(test_withdrawn_while_reserved),
		BANK_TEST(test_foreign_rental_is_not_found),
		BANK_TEST(test_codes),
		BANK_TEST(test_outbox_sends_until_acked),
		BANK_TEST(test_fork_stops_lending),
		BANK_TEST(test_payments_closed),
		BANK_TEST(test_unsure_clock),
		BANK_TEST(test_touch),
		BANK_TEST(test_touch_is_answered_after_the_commit),
		BANK_TEST(test_bad_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
