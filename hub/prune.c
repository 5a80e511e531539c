#include "hub/prune.h"

#include "hub/own.h"
#include "hub/store_kiosk.h"
#include "hub/store_log.h"
#include "hub/store_snapshot.h"
#include "hub/store_view.h"
#include "lib/base/log.h"

#include <string.h>

#define PRUNE_INTERVAL HOUR
#define VIEW_INTERVAL  MINUTE
#define VIEW_ROWS      512 /* rentals, and payments, at once: a small commit */

/* Whose events will be missed: below that, nobody can tell a duplicate from a fork. */
static void note_pruned(struct hub *hub, int64_t position)
{
	struct query *query = hub_log_highest(hub->database, position);
	while (query_next(query)) {
		struct hub_bank *bank = hub_bank_find(hub, query_text(query, 0));
		int64_t seq = query_int(query, 2);
		if (bank && strcmp(bank->row.epoch, query_text(query, 1)) == 0 &&
			seq > bank->row.pruned) {
			bank->row.pruned = seq;
			hub_touch(hub, bank);
		}
	}
}

static int prune(struct hub *hub)
{
	int64_t last = hub_log_position(hub->database);
	log_info("hub: the log has more than %lld events; the older ones go",
		(long long)hub->log_keep);
	hub_begin(hub);
	hub_snapshot_take(hub->database);
	hub->node.snapshot = last;
	note_pruned(hub, last - hub->log_keep);
	hub_log_prune(hub->database, last - hub->log_keep);
	return hub_flush(hub);
}

static int prune_log(struct hub *hub)
{
	if (hub->log_keep == 0 || hub->now.elapsed < hub->prune_due)
		return database_error(hub->database);
	hub->prune_due = hub->now.elapsed + PRUNE_INTERVAL;
	if (hub_log_count(hub->database) <= hub->log_keep + hub->log_keep / 10)
		return database_error(hub->database);
	return prune(hub);
}

/* In small steps, so that the events of banks do not wait; and by an event in the log, so that who
 * folds it anew prunes the same. */
static int prune_view(struct hub *hub)
{
	if (hub->view_keep == 0 || !hub->now.sure || hub->now.elapsed < hub->view_prune_due)
		return database_error(hub->database);
	hub->view_prune_due = hub->now.elapsed + VIEW_INTERVAL;
	const struct pruned_record what = {
		.before = hub->now.wall - hub->view_keep, .rows = VIEW_ROWS};
	if (!hub_view_is_old(hub->database, what.before))
		return database_error(hub->database);
	hub_own_event(hub, EVENT_PRUNED, "view", "view", "", &what);
	return hub_flush(hub);
}

int hub_prune_tick(struct hub *hub)
{
	int r = prune_view(hub);
	return r < 0 ? r : prune_log(hub);
}
