/* Store: the log of all events, in the order in which the hub took them. The truth. */
#ifndef LENDLOCK_HUB_STORE_LOG_H
#define LENDLOCK_HUB_STORE_LOG_H

#include "hub/event.h"
#include "lib/store/database.h"

/* Adds an event; body is its JSON. false, and nothing is added: its id is there already. */
bool hub_log_add(
	struct database *database, const struct hub_event *event, const struct json_text *body);
bool hub_log_has(struct database *database, const char *id);
int64_t hub_log_position(struct database *database); /* of the last one; 0: empty */
int64_t hub_log_count(struct database *database);

/* The events after a position: columns kiosk, body. */
struct query *hub_log_after(struct database *database, int64_t position);
/* Reads such a row; the event is cleared by the caller. Aborts if it is not what was put there. */
void hub_log_read(struct query *query, const char *hub, struct hub_event *ret_event);

/* An item's history, latest first: at most limit before the position (0: from the end) are added to
 * ret, history_records. */
void hub_log_history(struct database *database, const char *item, int64_t before, int64_t limit,
	struct list *ret);

/* The highest seq up to that position: columns kiosk, epoch, seq. */
struct query *hub_log_highest(struct database *database, int64_t position);
/* Deletes what stands up to that position. */
void hub_log_prune(struct database *database, int64_t position);

#endif
