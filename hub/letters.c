#include "hub/letters.h"

#include "hub/ingest.h"
#include "hub/own.h"
#include "hub/room.h"
#include "hub/store_dead_letter.h"
#include "hub/store_log.h"
#include "hub/store_view.h"
#include "hub/views.h"
#include "lib/base/log.h"

#include <stdlib.h>
#include <string.h>

static void add(struct hub *hub, struct hub_letter *letter)
{
	int64_t dropped;
	letter->record.received_at = hub->now.wall;
	hub_begin(hub);
	if (!hub_letter_add(hub->database, letter, &dropped))
		return;
	log_warning("hub: %s: a dead letter: %s", letter->record.kiosk, letter->record.reason);
	if (dropped > 0) {
		hub->node.letters_dropped += dropped;
		hub_own_alert(hub, "", "dead-letters-dropped", "hub", "",
			"more dead letters than are kept; the oldest are gone");
	}
	hub_views_changed(hub, hub_bank_find(hub, letter->record.kiosk));
}

static struct hub_letter name_letter(const struct hub_event *event, const char *reason)
{
	struct hub_letter letter = {.record.seq = event->seq};
	TEXT_COPY(letter.record.kiosk, event->kiosk);
	TEXT_COPY(letter.record.reason, reason);
	TEXT_COPY(letter.record.epoch, event->envelope.epoch);
	TEXT_COPY(letter.event, event->envelope.id);
	return letter;
}

void hub_letter_bytes(struct hub *hub, const struct hub_event *event, const char *reason,
	const void *bytes, size_t size)
{
	struct hub_letter letter = name_letter(event, reason);
	letter.bytes = bytes;
	letter.size = size;
	add(hub, &letter);
}

void hub_letter_event(struct hub *hub, const struct hub_event *event, enum hub_letter_for whom,
	const char *reason, const json_t *json)
{
	struct hub_letter letter = name_letter(event, reason);
	letter.for_person = whom == HUB_LETTER_PERSON;
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
	if (!text)
		abort();
	letter.bytes = text;
	letter.size = strlen(text);
	add(hub, &letter);
	free(text);
}

void hub_letter_item_unknown(struct hub *hub, const char *kiosk, const json_t *json)
{
	struct item_record item = {.state = ITEM_UNKNOWN};
	struct item_row row;
	const char *subject = json_string_value(json_object_get(json, "subject"));
	if (!subject || !name_is_valid(subject) || !hub_view_item(hub->database, subject, &row) ||
		strcmp(row.kiosk, kiosk) != 0)
		return;
	TEXT_COPY(item.item, subject);
	TEXT_COPY(item.reason, "an event about it could not be read");
	hub_own_event(hub, EVENT_ITEM, "unreadable", subject, kiosk, &item);
}

/* --- replay -------------------------------------------------------------------------- */

/* A letter that names its event: the cursor went past it, so nobody will send it again. */
static bool replay_named(struct hub *hub, const struct hub_bank *bank, const char *id,
	const json_t *json, int64_t *taken)
{
	struct hub_event event;
	char why[RECORD_WHY_SIZE];
	bool done = false;
	if (hub_ingest_read(hub, bank->row.kiosk, json, &event, why) == 0 &&
		strcmp(event.envelope.id, id) == 0 &&
		strcmp(event.envelope.epoch, bank->row.epoch) == 0 && event.seq <= bank->row.seq &&
		hub_ingest_read_data(&event, why) == 0 && !hub_room_lacks(hub, &event, why)) {
		*taken += hub_ingest_apply_json(hub, &event, json);
		done = true;
	}
	hub_event_clear(&event);
	return done;
}

/* A letter that names none was not acked: its kiosk has sent, or sends, all that is in it again. It
 * is done with as soon as it can be read. */
static bool is_readable(struct hub *hub, const struct hub_bank *bank, const json_t *json)
{
	struct hub_event event;
	char why[RECORD_WHY_SIZE];
	int r = hub_ingest_read(hub, bank->row.kiosk, json, &event, why);
	hub_event_clear(&event);
	return r == 0;
}

static bool replay_json(struct hub *hub, const struct hub_bank *bank, const char *id,
	const json_t *json, int64_t *taken)
{
	if (!json_is_array(json))
		return id[0] ? replay_named(hub, bank, id, json, taken)
			     : is_readable(hub, bank, json);
	if (id[0])
		return json_array_size(json) == 1 &&
		       replay_named(hub, bank, id, json_array_get(json, 0), taken);
	for (size_t i = 0; i < json_array_size(json); i++)
		if (!is_readable(hub, bank, json_array_get(json, i)))
			return false;
	return true;
}

/* True if the letter is done with. */
static bool replay(struct hub *hub, int64_t position, int64_t *taken)
{
	struct hub_letter_body letter;
	char why[RECORD_WHY_SIZE];
	json_t *json = NULL;
	if (!hub_letter_open(hub->database, position, &letter))
		return false;
	const struct hub_bank *bank = hub_bank_find(hub, letter.kiosk);
	bool done = bank &&
		    json_read(letter.bytes, letter.size, HUB_LETTER_BYTES, &json, why) == 0 &&
		    replay_json(hub, bank, letter.event, json, taken);
	json_decref(json);
	hub_letter_close(&letter);
	return done;
}

void hub_letter_replay(struct hub *hub, int64_t limit, int64_t *ret_taken, int64_t *ret_waiting)
{
	struct list positions = {0};
	int64_t taken = 0;
	hub_letter_waiting(hub->database, hub->replayed, limit, &positions);
	if (positions.n == 0)
		hub_letter_waiting(hub->database, 0, limit, &positions);
	const int64_t *position = positions.items;
	/* What stays unreadable must not stand before the rest for ever. */
	hub->replayed = (int64_t)positions.n == limit ? position[limit - 1] : 0;
	for (size_t i = 0; i < positions.n; i++)
		if (replay(hub, position[i], &taken))
			hub_letter_done(hub->database, position[i]);
	free(positions.items);
	hub_views_all_changed(hub);
	*ret_taken = taken;
	*ret_waiting = hub_letter_count_open(hub->database);
}
