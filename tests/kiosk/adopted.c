#include "tests/kiosk/adopted.h"

#include "lib/domain/renter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

json_t *handed_rental, *handed_payment;
char rental_handed[UUID_SIZE], payment_handed[UUID_SIZE];

void read_epoch(struct bank *bank)
{
	bank_pass(bank, SECOND);
	json_t *status = fake_mqtt_last_json(&bank->mqtt, STATUS);
	TEXT_COPY(bank->epoch, json_string_value(json_object_get(status, "epoch")));
	json_decref(status);
}

void wait_for_adoption(struct bank *bank)
{
	assert_int_equal(kiosk_taken_over(bank->kiosk), 0);
	read_epoch(bank);
}

void ack_epoch(struct bank *bank, const char *epoch, int seq)
{
	bank_send(bank, ACKS,
		json_pack("{s:s, s:i, s:s, s:i, s:s}", "hub", BANK_HUB, "generation", 1, "epoch",
			epoch, "seq", seq, "event", BANK_HUB));
}

void fork_off(struct bank *bank)
{
	bank_ack_all(bank);
	ack_epoch(bank, bank->epoch, 100000);
	read_epoch(bank);
}

void adopt_with_the_drill_out(struct bank *bank, char *ret_rental)
{
	bank_take(bank, ret_rental);
	bank_ack_all(bank);
	wait_for_adoption(bank);
	bank_desire(bank, NULL);
}

void hand_over(json_t *desired)
{
	if (handed_rental)
		json_array_append_new(json_object_get(desired, "rentals"), handed_rental);
	if (handed_payment)
		json_array_append_new(json_object_get(desired, "payments"), handed_payment);
	handed_rental = handed_payment = NULL;
}

json_t *record_of(const char *state, const char *item_state)
{
	static int handed_n;
	char renter[NAME_SIZE], now[TIME_SIZE];
	handed_n++;
	snprintf(rental_handed, sizeof(rental_handed), "01936a00-0000-7000-8000-%012d",
		2 * handed_n);
	snprintf(payment_handed, sizeof(payment_handed), "01936a00-0000-7000-8000-%012d",
		2 * handed_n + 1);
	renter_opaque(KEY, "mina", renter);
	time_format(FAKE_CLOCK_WALL, now);
	handed_payment = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s}", "payment", MONEY, "rental",
		RENTAL, "ledger", "till", "state", "authorized", "amount", 3000, "currency", "KRW");
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s}", "rental", RENTAL,
		"item", "drill", "renter", renter, "state", state, "item_state", item_state,
		"compartment", 1, "amount", 3000, "currency", "KRW", "payment", MONEY,
		"reserved_at", now);
}

void set_time(json_t *record, const char *key, struct bank *bank, usec from_now)
{
	char text[TIME_SIZE];
	time_format(bank->clock.wall + from_now, text);
	json_object_set_new(record, key, json_string(text));
}

void hand_over_rented(struct bank *bank, const char *rental)
{
	handed_rental = record_of("rented", "rented");
	json_object_set_new(handed_rental, "rental", json_string(rental));
	set_time(handed_rental, "due_at", bank, DAY);
	bank_desire(bank, hand_over);
}

void hand_over_ended(struct bank *bank, const char *rental, const char *state)
{
	handed_rental = record_of(state, "available");
	json_object_set_new(handed_rental, "rental", json_string(rental));
	json_object_del(handed_rental, "payment");
	json_decref(handed_payment);
	handed_payment = NULL;
	bank_desire(bank, hand_over);
}

json_t *contents(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	json_t *list = json_vpack_ex(NULL, 0, format, args);
	va_end(args);
	assert_non_null(list);
	return json_pack("{s:o}", "compartments", list);
}

const char *confirm_all(struct bank *bank)
{
	return bank_ask(bank, "boss", "confirm-bank",
		contents("[{s:i, s:s}, {s:i, s:s}, {s:i, s:s}]", "compartment", 1, "item", "drill",
			"compartment", 2, "item", "free", "compartment", 3, "item", "tent"));
}

const char *confirm_without_drill(struct bank *bank)
{
	return bank_ask(bank, "boss", "confirm-bank",
		contents("[{s:i, s:s}, {s:i, s:s}]", "compartment", 2, "item", "free",
			"compartment", 3, "item", "tent"));
}
