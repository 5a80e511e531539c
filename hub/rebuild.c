#include "hub/core.h"
#include "hub/fold.h"
#include "hub/store_log.h"
#include "hub/store_snapshot.h"
#include "lib/base/log.h"

#include <string.h>

static void refold(struct hub *hub)
{
	struct hub_event event;
	hub_snapshot_restore(hub->database);
	struct query *query = hub_log_after(hub->database, hub->node.snapshot);
	while (query_next(query)) {
		hub_log_read(query, hub->node.hub, &event);
		hub_fold(hub->database, &event);
		hub_event_clear(&event);
	}
}

int hub_rebuild_view(struct hub *hub, bool apply, bool *ret_same)
{
	char before[CONTENT_HASH_SIZE], after[CONTENT_HASH_SIZE];
	int r = hub_flush(hub);
	if (r < 0)
		return r;
	database_begin(hub->database);
	hub_snapshot_hash(hub->database, before);
	refold(hub);
	hub_snapshot_hash(hub->database, after);
	if (apply)
		r = database_commit(hub->database);
	else
		database_rollback(hub->database);
	if (r < 0 || database_error(hub->database) < 0)
		return database_error(hub->database);
	*ret_same = strcmp(before, after) == 0;
	log_info("hub: the view, folded anew, %s", *ret_same ? "is the same" : "differs");
	return 0;
}
