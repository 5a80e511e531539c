#include "hub/store_log.h"

#include "hub/store_view.h"
#include "lib/base/log.h"

#include <stdlib.h>
#include <string.h>

/* The item whose history the event belongs to, or "": of a payment that of its rental, as far as
 * that is known by then. */
static void find_item(
	struct database *database, const struct hub_event *event, char ret[static NAME_SIZE])
{
	struct rental_row rental;
	text_copy(ret, NAME_SIZE, hub_event_item(event));
	if (event->kind == EVENT_PAYMENT &&
		hub_view_rental(database, event->data.payment.rental, &rental))
		text_copy(ret, NAME_SIZE, rental.rental.item);
}

bool hub_log_add(
	struct database *database, const struct hub_event *event, const struct json_text *body)
{
	char item[NAME_SIZE];
	find_item(database, event, item);
	return database_run(database,
		       "INSERT INTO log(kiosk, epoch, seq, id, item, body) VALUES(?,?,?,?,?,?)"
		       " ON CONFLICT(id) DO NOTHING",
		       "ttitts", event->kiosk, event->envelope.epoch, event->seq,
		       event->envelope.id, item, body->bytes, body->size) > 0;
}

bool hub_log_has(struct database *database, const char *id)
{
	return database_number(database, 0, "SELECT 1 FROM log WHERE id=?", "t", id) != 0;
}

int64_t hub_log_position(struct database *database)
{
	return database_number(database, 0, "SELECT max(position) FROM log", "");
}

int64_t hub_log_count(struct database *database)
{
	/* Positions are gapless but for what was pruned at the front. */
	return database_number(
		database, 0, "SELECT ifnull(max(position)-min(position)+1, 0) FROM log", "");
}

struct query *hub_log_after(struct database *database, int64_t position)
{
	return database_query(database,
		"SELECT kiosk, body FROM log WHERE position>? ORDER BY position", "i", position);
}

/* What was taken can be read. */
static void read_event(const char *body, struct hub_event *ret_event)
{
	char why[RECORD_WHY_SIZE];
	const char *at = body, *end = body + strlen(body);
	if (hub_event_read_text(&at, end, ret_event) && at == end)
		return;
	json_t *json = json_loads(body, 0, NULL);
	if (!json || hub_event_read_envelope(json, ret_event, why) != 0 ||
		hub_event_read_data(ret_event, why) != 0) {
		log_error("log: an event that was taken cannot be read: %.200s", body);
		abort();
	}
	json_decref(json);
}

void hub_log_read(struct query *query, const char *hub, struct hub_event *ret_event)
{
	read_event(query_text(query, 1), ret_event);
	TEXT_COPY(ret_event->kiosk, query_text(query, 0));
	ret_event->own = strcmp(ret_event->envelope.epoch, hub) == 0;
}

static void read_history(struct query *query, struct history_record *ret)
{
	struct event_record event;
	char why[RECORD_WHY_SIZE];
	ret->position = query_int(query, 0);
	json_t *json = json_loads(query_text(query, 1), 0, NULL);
	if (json && record_decode(&event_record_type, json, &event, why) == 0) {
		ret->time = event.time;
		TEXT_COPY(ret->type, event.type);
		TEXT_COPY(ret->source, event.source);
		ret->data = json_incref(event.data);
		record_clear(&event_record_type, &event);
	}
	json_decref(json);
}

void hub_log_history(struct database *database, const char *item, int64_t before, int64_t limit,
	struct list *ret)
{
	struct query *query = database_query(database,
		"SELECT position, body FROM log WHERE item=?1 AND item<>'' AND position<?2"
		" ORDER BY position DESC LIMIT ?3",
		"tii", item, before > 0 ? before : INT64_MAX, limit);
	while (query_next(query))
		read_history(query, list_add(ret, sizeof(struct history_record)));
}

struct query *hub_log_highest(struct database *database, int64_t position)
{
	return database_query(database,
		"SELECT kiosk, epoch, max(seq) FROM log WHERE position<=? GROUP BY kiosk, epoch",
		"i", position);
}

void hub_log_prune(struct database *database, int64_t position)
{
	database_run(database, "DELETE FROM log WHERE position<=?", "i", position);
}
