#include "tests/bench/stream.h"

#include "tests/support/fake_random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_INTERVAL (20 * SECOND) /* between two events of a kiosk */
#define PERIOD         (3 * DAY)     /* how long a thing may be out */

/* What lies in one compartment, and the rental and payment that it is at. */
struct slot {
	size_t step;
	struct rental_record rental;
	struct payment_record payment;
};

struct bank {
	char name[NAME_SIZE], epoch[UUID_SIZE];
	int64_t seq;
	usec now;
	struct fake_random random;
	struct slot *slots;
};

struct stream {
	int kiosks, items;
	struct bank banks[];
};

/* The events of one rental, as a kiosk tells of them. */
static const struct step {
	enum event_kind kind;
	const char *fact;
	int state, item_state;
} steps[] = {
	{EVENT_RENTAL, "reserved", RENTAL_HELD, ITEM_RESERVED},
	{EVENT_PAYMENT, "sent", PAYMENT_SENT, 0},
	{EVENT_RENTAL, "paying", RENTAL_PAYING, ITEM_RESERVED},
	{EVENT_PAYMENT, "authorized", PAYMENT_AUTHORIZED, 0},
	{EVENT_RENTAL, "paid", RENTAL_PAID, ITEM_RESERVED},
	{EVENT_RENTAL, "opening", RENTAL_OPENING, ITEM_RESERVED},
	{EVENT_RENTAL, "taking", RENTAL_TAKING, ITEM_RENTED},
	{EVENT_RENTAL, "rented", RENTAL_RENTED, ITEM_RENTED},
	{EVENT_PAYMENT, "capture-owed", PAYMENT_CAPTURE_OWED, 0},
	{EVENT_PAYMENT, "captured", PAYMENT_CAPTURED, 0},
	{EVENT_RENTAL, "returning", RENTAL_RETURNING, ITEM_RENTED},
	{EVENT_RENTAL, "return-opened", RENTAL_RETURNING, ITEM_RENTED},
	{EVENT_RENTAL, "returned", RENTAL_RETURNED, ITEM_AVAILABLE},
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

void stream_kiosk(int kiosk, char ret[static NAME_SIZE])
{
	snprintf(ret, NAME_SIZE, "bank-%03d", kiosk);
}

void stream_item(int kiosk, int item, char ret[static NAME_SIZE])
{
	snprintf(ret, NAME_SIZE, "thing-%03d-%03d", kiosk, item);
}

struct stream *stream_new(int kiosks, int items, usec start)
{
	struct stream *stream = calloc(1, sizeof(*stream) + (size_t)kiosks * sizeof(struct bank));
	if (!stream)
		abort();
	stream->kiosks = kiosks;
	stream->items = items;
	for (int i = 0; i < kiosks; i++) {
		struct bank *bank = &stream->banks[i];
		stream_kiosk(i, bank->name);
		bank->now = start + i * MSEC;
		bank->slots = calloc((size_t)items, sizeof(*bank->slots));
		if (!bank->slots)
			abort();
		fake_random_init(&bank->random, (uint64_t)i + 2); /* the hub's is 1 */
		uuid_make(bank->now, &bank->random.port, bank->epoch);
	}
	return stream;
}

struct stream *stream_free(struct stream *stream)
{
	for (int i = 0; stream && i < stream->kiosks; i++)
		free(stream->banks[i].slots);
	free(stream);
	return NULL;
}

/* As the outbox writes it. */
static char *write_event(struct bank *bank, enum event_kind kind, const char *fact,
	const char *subject, const void *record)
{
	char id[UUID_SIZE], time[TIME_SIZE], *text;
	uuid_make(bank->now, &bank->random.port, id);
	time_format(bank->now, time);
	json_t *json = record_encode(event_data_type(kind), record);
	char *data = json_write(json, NULL);
	json_decref(json);
	if (asprintf(&text,
		    "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/lendlock/town/kiosk/%s\","
		    "\"type\":\"lendlock.%s.%s\",\"subject\":\"%s\",\"time\":\"%s\",\"epoch\":\"%"
		    "s\","
		    "\"sequence\":\"%020lld\",\"datacontenttype\":\"application/"
		    "json\",\"data\":%s}",
		    id, bank->name, event_kind_names[kind], fact, subject, time, bank->epoch,
		    (long long)++bank->seq, data) < 0)
		abort();
	free(data);
	return text;
}

static void reserve(struct bank *bank, struct slot *slot, const char *item, int compartment)
{
	slot->rental = (struct rental_record){.compartment = compartment,
		.amount = 3000,
		.currency = "KRW",
		.reserved_at = bank->now,
		.expires_at = bank->now + 15 * MINUTE,
		.by = "renter"};
	slot->payment = (struct payment_record){
		.ledger = "ledger", .amount = slot->rental.amount, .currency = "KRW"};
	uuid_make(bank->now, &bank->random.port, slot->rental.rental);
	uuid_make(bank->now, &bank->random.port, slot->payment.payment);
	TEXT_COPY(slot->rental.item, item);
	TEXT_COPY(slot->payment.rental, slot->rental.rental);
	snprintf(slot->rental.renter, NAME_SIZE, "%016llx%016llx",
		(unsigned long long)fake_random_next(&bank->random),
		(unsigned long long)fake_random_next(&bank->random));
}

static void change_rental(struct bank *bank, struct slot *slot, const struct step *step)
{
	struct rental_record *rental = &slot->rental;
	rental->state = step->state;
	rental->item_state = step->item_state;
	if (step->state == RENTAL_PAYING)
		TEXT_COPY(rental->payment, slot->payment.payment);
	if (step->state == RENTAL_TAKING) {
		rental->expires_at = 0;
		rental->taken_at = bank->now;
		rental->due_at = bank->now + PERIOD;
	}
	if (step->state == RENTAL_RETURNED)
		rental->ended_at = bank->now;
}

static char *lend(struct bank *bank, struct slot *slot, const char *item, int compartment)
{
	const struct step *step = &steps[slot->step % STEPS];
	if (slot->step++ % STEPS == 0)
		reserve(bank, slot, item, compartment);
	if (step->kind == EVENT_PAYMENT) {
		slot->payment.state = step->state;
		return write_event(
			bank, step->kind, step->fact, slot->payment.payment, &slot->payment);
	}
	change_rental(bank, slot, step);
	return write_event(bank, step->kind, step->fact, item, &slot->rental);
}

static char *stock(struct bank *bank, const char *item, int compartment)
{
	struct item_record record = {
		.state = ITEM_AVAILABLE, .compartment = compartment, .by = "manager"};
	TEXT_COPY(record.item, item);
	return write_event(bank, EVENT_ITEM, "available", item, &record);
}

char *stream_next(struct stream *stream, int kiosk)
{
	struct bank *bank = &stream->banks[kiosk];
	bool stocked = bank->seq >= stream->items;
	int number = stocked ? (int)(fake_random_next(&bank->random) % (uint64_t)stream->items)
			     : (int)bank->seq;
	char item[NAME_SIZE];
	stream_item(kiosk, number, item);
	bank->now += EVENT_INTERVAL;
	return stocked ? lend(bank, &bank->slots[number], item, number + 1)
		       : stock(bank, item, number + 1);
}
