/*
 * Ingest: events of kiosks into the log and the view. Each kiosk has one valid epoch and in it a
 * cursor; the event behind the cursor is taken, those before it are duplicates, what lies further
 * ahead waits until the kiosk has sent what is missing. Whatever it was, the cursor is acked after
 * the commit.
 */
#ifndef LENDLOCK_HUB_INGEST_H
#define LENDLOCK_HUB_INGEST_H

#include "hub/core.h"
#include "hub/event.h"

/* A message on a kiosk's event topic. */
void hub_ingest(struct hub *hub, const char *kiosk, const struct mqtt_message *message);

/* Takes one event into the log and the view, and does what follows. false: its id was there
 * already. The event is complete, and of a kiosk; body is its JSON. */
bool hub_ingest_apply(struct hub *hub, const struct hub_event *event, const struct json_text *body);
/* The same with its JSON as a tree. */
bool hub_ingest_apply_json(struct hub *hub, const struct hub_event *event, const json_t *json);

/* The source that this kiosk's events must name. */
void hub_ingest_source(const struct hub *hub, const char *kiosk, char ret[static SOURCE_SIZE]);

/* Reads and judges an event of a kiosk. 0, or RECORD_BAD and why. */
int hub_ingest_read(struct hub *hub, const char *kiosk, const json_t *json,
	struct hub_event *ret_event, char why[static RECORD_WHY_SIZE]);
/* The second half, for those that come next: their data. */
int hub_ingest_read_data(struct hub_event *event, char why[static RECORD_WHY_SIZE]);

#endif
