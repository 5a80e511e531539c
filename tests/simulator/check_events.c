/* Each event that a bank has stored is in the log, once. */
#include "tests/simulator/check_parts.h"

/* ... or, after its bank was put back, with a person. */
static void check_known(struct check *check, size_t k)
{
	const struct node *node = &check->world->kiosks[k];
	struct query *query = database_query(check->kiosks[k], "SELECT seq, id FROM outbox", "");
	while (query_next(query)) {
		const char *id = query_text(query, 1);
		if (database_number(check->hub, 0, "SELECT count(*) FROM log WHERE id=?", "t", id) +
				database_number(check->hub, 0,
					"SELECT count(*) FROM dead_letter"
					" WHERE for_person AND event=?",
					"t", id) ==
			0)
			world_wrong(check->world, "applied-once", node->name,
				"%s: its event %lld is nowhere", node->name,
				(long long)query_int(query, 0));
	}
}

/* Each event that the kiosk stored is in the log once, at its place. */
void check_events(struct check *check, size_t k)
{
	if (check->world->witness.banks[k].put_back) {
		check_known(check, k);
		return;
	}
	const struct node *node = &check->world->kiosks[k];
	struct query *query = database_query(check->kiosks[k],
		"SELECT seq, id, (SELECT epoch FROM node) FROM outbox ORDER BY seq", "");
	while (query_next(query)) {
		int64_t found = database_number(check->hub, -1,
			"SELECT seq FROM log WHERE id=? AND kiosk=? AND epoch=?", "ttt",
			query_text(query, 1), node->name, query_text(query, 2));
		if (found != query_int(query, 0))
			world_wrong(check->world, "applied-once", node->name,
				"%s: its event %lld stands at %lld of the log", node->name,
				(long long)query_int(query, 0), (long long)found);
	}
	int64_t told = database_number(check->hub, 0,
		"SELECT count(*) FROM log WHERE kiosk=?"
		" AND json_extract(body,'$.source') LIKE '%/kiosk/%'",
		"t", node->name);
	int64_t made = database_number(check->kiosks[k], 0, "SELECT seq FROM node", "");
	if (told != made)
		world_wrong(check->world, "applied-once", node->name,
			"%s: %lld events made, %lld in the log", node->name, (long long)made,
			(long long)told);
}
