/* One who hears everything the bank says, and holds each word against those before. */
#include "tests/kiosk/walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void check_rental(struct walk *walk, const json_t *event, const char *fact)
{
	struct rental_record rental;
	char why[RECORD_WHY_SIZE];
	assert_int_equal(
		record_decode(&rental_record_type, json_object_get(event, "data"), &rental, why),
		0);
	const struct rental_record *before = walk_view_rental(&walk->truth, rental.rental);
	if (!before) {
		for (size_t i = 0; i < walk->truth.rentals_n; i++) {
			const struct rental_record *other = &walk->truth.rentals[i];
			if (strcmp(other->item, rental.item) == 0 &&
				!rental_is_final((enum rental_state)other->state))
				fail_msg("%s is lent twice", rental.item);
		}
		return;
	}
	for (const struct rental_move *move = rental_moves; move->fact; move++)
		if ((int)move->from == before->state && (int)move->to == rental.state &&
			strcmp(move->fact, fact) == 0)
			return;
	fail_msg("%s: %s -> %s (%s)", rental.rental, rental_state_names[before->state],
		rental_state_names[rental.state], fact);
}

static void check_payment(struct walk *walk, const json_t *event)
{
	struct payment_record payment;
	char why[RECORD_WHY_SIZE];
	enum payment_state next;
	assert_int_equal(
		record_decode(&payment_record_type, json_object_get(event, "data"), &payment, why),
		0);
	if (strcmp(payment.reason, WALK_PRESENT) == 0)
		walk_ledger_find(walk, payment.payment)->present = true;
	int before = PAYMENT_NEW;
	for (size_t i = 0; i < walk->truth.payments_n; i++) {
		const struct payment_record *other = &walk->truth.payments[i];
		if (strcmp(other->payment, payment.payment) == 0)
			before = other->state;
		else if (strcmp(other->rental, payment.rental) == 0 &&
			 payment.state == PAYMENT_SENT &&
			 payment_is_unresolved((enum payment_state)other->state))
			fail_msg("rental %s pays twice at a time", payment.rental);
	}
	for (int i = 0; i < PAYMENT_INPUTS; i++)
		if (payment_step((enum payment_state)before, (enum payment_input)i, &next) == 0 &&
			(int)next == payment.state)
			return;
	fail_msg("payment %s: %s -> %s", payment.payment, payment_state_names[before],
		payment_state_names[payment.state]);
}

/* A new epoch begins with what was not acked in the one before. */
static bool is_new(struct walk *walk, const char *id)
{
	for (size_t i = walk->known_n; i > 0; i--)
		if (strcmp(walk->known[i - 1], id) == 0)
			return false;
	assert_true(walk->known_n < 4 * WALK_MANY);
	TEXT_COPY(walk->known[walk->known_n++], id);
	return true;
}

/* A snapshot says nothing new of rentals. */
static void check_snapshot(struct walk *walk, const json_t *event)
{
	struct snapshot_record snapshot;
	char why[RECORD_WHY_SIZE];
	size_t open = 0;
	assert_int_equal(record_decode(&snapshot_record_type, json_object_get(event, "data"),
				 &snapshot, why),
		0);
	const struct rental_record *rentals = snapshot.rentals.items;
	for (size_t i = 0; i < snapshot.rentals.n; i++) {
		const struct rental_record *known =
			walk_view_rental(&walk->truth, rentals[i].rental);
		assert_true(known && known->state == rentals[i].state);
	}
	for (size_t i = 0; i < walk->truth.rentals_n; i++)
		open += !rental_is_final((enum rental_state)walk->truth.rentals[i].state);
	assert_int_equal(open, snapshot.rentals.n);
	record_clear(&snapshot_record_type, &snapshot);
}

static void observe(struct walk *walk, const json_t *event)
{
	const char *epoch = json_string_value(json_object_get(event, "epoch"));
	const char *id = json_string_value(json_object_get(event, "id"));
	const char *type = json_string_value(json_object_get(event, "type"));
	int64_t seq = atoll(json_string_value(json_object_get(event, "sequence")));
	if (strcmp(epoch, walk->epoch) != 0) {
		TEXT_COPY(walk->epoch, epoch);
		walk->last = 0;
		walk->forks++;
	}
	assert_true(seq < 4 * WALK_MANY);
	if (seq <= walk->last && !walk->old_copy) {
		assert_string_equal(walk->ids[seq], id);
		return;
	}
	assert_true(seq == walk->last + 1 || walk->old_copy);
	walk->last = seq;
	TEXT_COPY(walk->ids[seq], id);
	if (!is_new(walk, id))
		return;
	if (!walk->old_copy && event_kind_of(type) == EVENT_RENTAL)
		check_rental(walk, event, strrchr(type, '.') + 1);
	if (!walk->old_copy && event_kind_of(type) == EVENT_PAYMENT)
		check_payment(walk, event);
	if (!walk->old_copy && event_kind_of(type) == EVENT_SNAPSHOT)
		check_snapshot(walk, event);
	walk_view_fold(&walk->truth, event);
}

static void take_events(struct walk *walk, const struct fake_publication *publication)
{
	json_t *events = json_loadb(publication->payload, publication->size, 0, NULL);
	bool lost = walk_chance(walk, 10);
	for (size_t i = 0; i < json_array_size(events); i++) {
		observe(walk, json_array_get(events, i));
		if (!lost)
			walk_hub_take(walk, json_array_get(events, i));
	}
	json_decref(events);
}

static void take_status(struct walk *walk, const struct fake_publication *publication)
{
	json_t *status = json_loadb(publication->payload, publication->size, 0, NULL);
	const char *epoch = json_string_value(json_object_get(status, "epoch"));
	int64_t revision = json_integer_value(json_object_get(status, "revision"));
	json_t *open = json_object_get(status, "open_rentals");
	if (epoch && walk->hub.epoch[0] && strcmp(epoch, walk->hub.epoch) != 0)
		TEXT_COPY(walk->hub.claimed, epoch);
	else if (walk->hand_over && revision >= walk->handed_at && !open)
		walk->hand_over = false;
	json_decref(walk->bank.open_rentals);
	walk->bank.open_rentals = json_incref(open);
	json_decref(status);
	if (walk->hand_over && open)
		walk_hub_desire(walk);
}

void walk_listen(struct walk *walk)
{
	struct fake_mqtt heard = walk->bank.mqtt;
	walk->bank.mqtt.publications = NULL;
	walk->bank.mqtt.n = walk->bank.mqtt.room = 0;
	for (size_t i = 0; i < heard.n; i++) {
		const struct fake_publication *publication = &heard.publications[i];
		if (strcmp(publication->topic, WALK_PREFIX "kiosk/library/event") == 0)
			take_events(walk, publication);
		else if (strcmp(publication->topic, WALK_PREFIX "kiosk/library/status") == 0)
			take_status(walk, publication);
		else if (strstr(publication->topic, "/payment/till/request/"))
			walk_ledger_take(walk, publication);
	}
	fake_mqtt_clear(&heard);
}
