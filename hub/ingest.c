#include "hub/ingest.h"

#include "hub/adoption.h"
#include "hub/desired.h"
#include "hub/fold.h"
#include "hub/letters.h"
#include "hub/own.h"
#include "hub/room.h"
#include "hub/store_catalogue.h"
#include "hub/store_dead_letter.h"
#include "hub/store_kiosk.h"
#include "hub/store_log.h"
#include "hub/views.h"
#include "lib/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void hub_ingest_source(const struct hub *hub, const char *kiosk, char ret[static SOURCE_SIZE])
{
	snprintf(ret, SOURCE_SIZE, "/lendlock/%s/kiosk/%s", hub->site, kiosk);
}

int hub_ingest_read(struct hub *hub, const char *kiosk, const json_t *json,
	struct hub_event *ret_event, char why[static RECORD_WHY_SIZE])
{
	char source[SOURCE_SIZE];
	int r = hub_event_read_envelope(json, ret_event, why);
	TEXT_COPY(ret_event->kiosk, kiosk);
	if (r != 0)
		return r;
	hub_ingest_source(hub, kiosk, source);
	if (strcmp(ret_event->envelope.source, source) == 0)
		return 0;
	snprintf(why, RECORD_WHY_SIZE, "source: came by way of %s", kiosk);
	return RECORD_BAD;
}

int hub_ingest_read_data(struct hub_event *event, char why[static RECORD_WHY_SIZE])
{
	/* The catalogue, the epochs and the view are the hub's: no kiosk has a say in them. */
	if (event->kind >= EVENT_CATALOGUE)
		event->kind = EVENT_OTHER;
	return hub_event_read_data(event, why);
}

/* --- taking an event ----------------------------------------------------------------- */

static void item_released(struct hub *hub, const struct hub_event *event)
{
	struct catalogue_record entry;
	hub_desired_changed(hub, hub_bank_get(hub, event->kiosk));
	/* unreachable: the fold has read it, so it is there unless the database has failed since */
	if (!hub_catalogue_get(hub->database, event->data.item.item, &entry))
		return;
	struct hub_bank *next = hub_bank_get(hub, entry.kiosk);
	hub_desired_changed(hub, next); /* it was made when the move was asked for */
	hub_views_changed(hub, next);
}

static void follow_up(struct hub *hub, const struct hub_event *event, unsigned notes)
{
	const char *item = hub_event_item(event);
	if (event->kind == EVENT_SNAPSHOT)
		return; /* many items in one; the view and the alert about lost events say it */
	if (notes & HUB_FOLD_ITEM_STRANGE)
		hub_own_alert(hub, event->kiosk, "item-unknown", item, item,
			"the catalogue does not know it");
	if (notes & HUB_FOLD_ITEM_ELSEWHERE)
		hub_own_alert(hub, event->kiosk, "item-elsewhere", item, item,
			"it belongs to another bank");
	if (notes & HUB_FOLD_ITEM_RELEASED)
		item_released(hub, event);
	if (notes & HUB_FOLD_ITEM_WITHDRAWN) /* it need not be told any longer */
		hub_desired_changed(hub, hub_bank_get(hub, event->kiosk));
}

/* What an event weighs in a transaction: one may be a whole bank. */
static size_t weight(const struct hub_event *event)
{
	const struct snapshot_record *all = &event->data.snapshot;
	if (event->kind != EVENT_SNAPSHOT)
		return 1;
	return 1 + all->items.n + all->rentals.n + all->payments.n + all->alerts.n;
}

bool hub_ingest_apply(struct hub *hub, const struct hub_event *event, const struct json_text *body)
{
	if (!hub_log_add(hub->database, event, body))
		return false;
	unsigned notes = hub_fold(hub->database, event);
	if (notes)
		follow_up(hub, event, notes);
	hub->taken += weight(event);
	return true;
}

bool hub_ingest_apply_json(struct hub *hub, const struct hub_event *event, const json_t *json)
{
	size_t size;
	char *body = json_write(json, &size);
	bool added = hub_ingest_apply(hub, event, &(struct json_text){body, size});
	free(body);
	return added;
}

/* --- where an event stands ----------------------------------------------------------- */

static void advance(struct hub *hub, struct hub_bank *bank, const struct hub_event *event)
{
	bank->row.seq = event->seq;
	TEXT_COPY(bank->row.event, event->envelope.id);
	hub_touch_cursor(hub, bank);
}

/* It comes next. What cannot be applied is kept aside, and the cursor goes on: one bad event does
 * not hold up a bank. */
static void take_next(struct hub *hub, struct hub_bank *bank, struct hub_event *event,
	const json_t *json, const char *bad)
{
	char why[RECORD_WHY_SIZE];
	if (!bad && (hub_ingest_read_data(event, why) != 0 || hub_room_lacks(hub, event, why)))
		bad = why;
	if (!bad) {
		hub_ingest_apply_json(hub, event, json);
	} else {
		hub_letter_event(hub, event, HUB_LETTER_REPLAY, bad, json);
		hub_letter_item_unknown(hub, bank->row.kiosk, json);
		hub->taken++;
	}
	advance(hub, bank, event);
}

/* It came before, or so it seems: if its id is nowhere, somebody else counts in this epoch, too.
 * False: nothing behind it is taken, so that the kiosk sees from the ack that its event there
 * differs. (What may be behind an event that is a dead letter comes again, in its turn.) */
static bool take_past(
	struct hub *hub, struct hub_bank *bank, const struct hub_event *event, const json_t *json)
{
	if (event->seq <= bank->row.pruned || hub_log_has(hub->database, event->envelope.id))
		return true;
	if (hub_letter_has_event(hub->database, event->envelope.id))
		return false;
	hub_letter_event(
		hub, event, HUB_LETTER_PERSON, "fork: another event has this number", json);
	hub_own_alert(hub, bank->row.kiosk, "fork", event->envelope.epoch, "",
		"two copies of this bank's database are about");
	return false;
}

/* The kiosk has nothing older left: its snapshot stands for all that is missing. */
static void take_snapshot(
	struct hub *hub, struct hub_bank *bank, struct hub_event *event, const json_t *json)
{
	int64_t from = bank->row.seq + 1, to = event->seq - 1;
	long long lost_count = event->seq - from;
	char lost[48];
	take_next(hub, bank, event, json, NULL);
	snprintf(lost, sizeof(lost), "%lld-%lld", (long long)from, (long long)to);
	log_warning("hub: %s: the events %s are lost", bank->row.kiosk, lost);
	hub_own_alert(hub, bank->row.kiosk, "events-lost", lost, "",
		"%lld events never came; a snapshot took their place", lost_count);
}

/* An event of an epoch that is over: for a person. Its sender hears that it is taken, and stops. */
static void take_retired(
	struct hub *hub, struct retired_row *row, const struct hub_event *event, const json_t *json)
{
	if (!hub_log_has(hub->database, event->envelope.id) &&
		!hub_letter_has_event(hub->database, event->envelope.id))
		hub_letter_event(hub, event, HUB_LETTER_PERSON, "its epoch is retired", json);
	if (event->seq > row->seq) {
		row->seq = event->seq;
		TEXT_COPY(row->event, event->envelope.id);
		hub_retired_put(hub->database, row);
	}
	hub_adoption_ack_retired(hub, row);
}

/* EPOCH_WAITS: for a manager, or for its board to take over what is open. Until then its account of
 * that is not the one that counts. */
enum epoch_standing { EPOCH_VALID, EPOCH_RETIRED, EPOCH_WAITS };

static enum epoch_standing standing(
	struct hub *hub, struct hub_bank *bank, const char *epoch, struct retired_row *ret_retired)
{
	if (strcmp(bank->row.epoch, epoch) != 0) {
		if (hub_retired_get(hub->database, bank->row.kiosk, epoch, ret_retired))
			return EPOCH_RETIRED;
		hub_adoption_claim(hub, bank, epoch);
	}
	return hub_adoption_is_valid(bank, epoch) ? EPOCH_VALID : EPOCH_WAITS;
}

/* False: the rest of the batch is not looked at. */
static bool take(struct hub *hub, struct hub_bank *bank, struct hub_event *event,
	const json_t *json, const char *bad)
{
	struct retired_row retired;
	enum epoch_standing epoch = standing(hub, bank, event->envelope.epoch, &retired);
	if (epoch == EPOCH_WAITS)
		return false;
	if (epoch == EPOCH_RETIRED) {
		take_retired(hub, &retired, event, json);
		return true;
	}
	if (event->seq == bank->row.seq + 1)
		take_next(hub, bank, event, json, bad);
	else if (event->seq <= bank->row.seq)
		return take_past(hub, bank, event, json);
	else if (!bad && event->kind == EVENT_SNAPSHOT)
		take_snapshot(hub, bank, event, json);
	else
		return false; /* a gap: the ack of the cursor makes the kiosk go back */
	return true;
}

/* --- messages ------------------------------------------------------------------------ */

static bool take_event(struct hub *hub, struct hub_bank *bank, const json_t *json)
{
	struct hub_event event;
	char why[RECORD_WHY_SIZE];
	bool more;
	int r = hub_ingest_read(hub, bank->row.kiosk, json, &event, why);
	if (r != 0 && event.seq == 0) {
		hub_letter_event(hub, &event, HUB_LETTER_REPLAY, why, json);
		more = false; /* nobody knows which one it was: the kiosk sends it singly */
	} else {
		more = take(hub, bank, &event, json, r != 0 ? why : NULL);
	}
	hub_event_clear(&event);
	return more;
}

/* Bytes that are no batch. If they name one event all the same, and it is the next one, the kiosk
 * gets past it; otherwise it is not acked, and will come again, event by event. */
static void take_unreadable(
	struct hub *hub, struct hub_bank *bank, const struct mqtt_message *message, const char *why)
{
	struct hub_event event = {0};
	struct event_record *envelope = &event.envelope;
	bool next = hub_event_scan(message->payload, message->size, envelope->id, envelope->epoch,
			    &event.seq) &&
		    hub_adoption_is_valid(bank, envelope->epoch) &&
		    event.seq == bank->row.seq + 1;
	if (!next)
		event = (struct hub_event){0};
	TEXT_COPY(event.kiosk, bank->row.kiosk);
	hub_letter_bytes(hub, &event, why, message->payload, message->size);
	if (next)
		advance(hub, bank, &event);
}

static void take_batch(struct hub *hub, struct hub_bank *bank, const json_t *batch)
{
	for (size_t i = 0; i < json_array_size(batch); i++)
		if (!take_event(hub, bank, json_array_get(batch, i)))
			return;
}

static void take_any(struct hub *hub, struct hub_bank *bank, const struct mqtt_message *message)
{
	json_t *json = NULL;
	char why[RECORD_WHY_SIZE];
	if (json_read(message->payload, message->size, EVENT_MESSAGE_BYTES, &json, why) != 0)
		take_unreadable(hub, bank, message, why);
	else if (!json_is_array(json)) /* unreachable: its NULL; there is one */
		take_unreadable(hub, bank, message, "not a batch: want an array");
	else if (json_array_size(json) > EVENT_BATCH_EVENTS)
		take_unreadable(hub, bank, message, "too many events in one batch");
	else
		take_batch(hub, bank, json);
	json_decref(json);
}

/* --- the usual message --------------------------------------------------------------- */

/* As nearly all messages are: a batch as kiosks write it, of which every event can be applied and
 * comes next. Then there is no need for a tree of it. */
struct usual_batch {
	size_t n;
	struct hub_event events[EVENT_BATCH_EVENTS];
	struct json_text bodies[EVENT_BATCH_EVENTS];
};

static bool is_usual_event(const struct hub_bank *bank, const char *source,
	const struct hub_event *event, size_t number)
{
	return event->kind < EVENT_CATALOGUE && event->seq == bank->row.seq + 1 + (int64_t)number &&
	       hub_adoption_is_valid(bank, event->envelope.epoch) &&
	       strcmp(event->envelope.source, source) == 0;
}

/* The event that begins behind *at, a bracket or comma. */
static bool read_usual_event(struct hub *hub, const struct hub_bank *bank, const char **at,
	const char *end, struct usual_batch *batch)
{
	struct hub_event *event = &batch->events[batch->n];
	const char *body = ++*at;
	char source[SOURCE_SIZE];
	hub_ingest_source(hub, bank->row.kiosk, source);
	if (!hub_event_read_text(at, end, event) || !is_usual_event(bank, source, event, batch->n))
		return false;
	TEXT_COPY(event->kiosk, bank->row.kiosk);
	batch->bodies[batch->n++] = (struct json_text){body, (size_t)(*at - body)};
	return true;
}

static bool read_usual(struct hub *hub, const struct hub_bank *bank,
	const struct mqtt_message *message, struct usual_batch *ret)
{
	const char *at = message->payload, *end = at + message->size;
	ret->n = 0;
	if (message->size > EVENT_MESSAGE_BYTES || at == end || *at != '[')
		return false;
	do {
		if (ret->n == EVENT_BATCH_EVENTS || !read_usual_event(hub, bank, &at, end, ret))
			return false;
	} while (at < end && *at == ',');
	return at + 1 == end && *at == ']';
}

static bool take_usual(struct hub *hub, struct hub_bank *bank, const struct mqtt_message *message)
{
	struct usual_batch batch;
	char why[RECORD_WHY_SIZE];
	if (!read_usual(hub, bank, message, &batch))
		return false;
	for (size_t i = 0; i < batch.n; i++) {
		if (hub_room_lacks(hub, &batch.events[i], why))
			return false; /* what was taken before it is a duplicate then */
		hub_ingest_apply(hub, &batch.events[i], &batch.bodies[i]);
		advance(hub, bank, &batch.events[i]);
	}
	return true;
}

void hub_ingest(struct hub *hub, const char *kiosk, const struct mqtt_message *message)
{
	hub_begin(hub);
	struct hub_bank *bank = hub_bank_get(hub, kiosk);
	if (!bank)
		return;
	if (!take_usual(hub, bank, message))
		take_any(hub, bank, message);
	hub_ack(hub, bank);
	hub_views_changed(hub, bank);
}
