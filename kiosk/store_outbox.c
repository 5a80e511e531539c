#include "kiosk/store.h"

#include <stdio.h>

static const char table[] = "outbox";

void store_outbox_add(struct database *database, const struct outbox_row *row, const char *data)
{
	database_run(database,
		"INSERT INTO outbox(seq, id, type, subject, time, clock, acked_at, data)"
		" VALUES(?,?,?,?,?,?,?,?)",
		"rt", &outbox_row_type, row, data);
}

struct query *store_outbox_from(struct database *database, int64_t seq)
{
	return database_query(database,
		"SELECT seq, id, type, subject, time, clock, acked_at, data FROM outbox"
		" WHERE seq>=? ORDER BY seq",
		"i", seq);
}

bool store_outbox_next(struct query *query, struct outbox_row *ret_row, const char **ret_data)
{
	if (!query_next(query))
		return false;
	query_record(query, &outbox_row_type, ret_row);
	*ret_data = query_text(query, 7);
	return true;
}

bool store_outbox_id(struct database *database, int64_t seq, char ret_id[static UUID_SIZE])
{
	struct outbox_row row;
	if (!database_get(database, table, &outbox_row_type, &row, "WHERE seq=?", "i", seq))
		return false;
	text_copy(ret_id, UUID_SIZE, row.id);
	return true;
}

void store_outbox_acked(struct database *database, int64_t after, int64_t up_to, usec elapsed)
{
	database_run(database, "UPDATE outbox SET acked_at=? WHERE seq>? AND seq<=?", "iii",
		elapsed, after, up_to);
}

void store_outbox_unacked(struct database *database, int64_t seq)
{
	database_run(database, "UPDATE outbox SET acked_at=0 WHERE seq>=?", "i", seq);
}

int64_t store_outbox_snapshot(struct database *database, int64_t seq)
{
	return database_number(database, 0,
		"SELECT seq FROM outbox WHERE seq>? AND type='lendlock.snapshot.taken'"
		" ORDER BY seq LIMIT 1",
		"i", seq);
}

bool store_outbox_released(struct database *database, int64_t seq, const char *item)
{
	return database_number(database, 0,
		       "SELECT count(*) FROM outbox WHERE seq>? AND subject=?"
		       " AND type='lendlock.item.released'",
		       "it", seq, item) > 0;
}

int64_t store_outbox_first(struct database *database)
{
	return database_number(database, 0, "SELECT seq FROM outbox ORDER BY seq LIMIT 1", "");
}

void store_outbox_forget(struct database *database, usec acked_before)
{
	database_run(
		database, "DELETE FROM outbox WHERE acked_at>0 AND acked_at<?", "i", acked_before);
}

int64_t store_outbox_renumber(struct database *database)
{
	database_run(database, "DELETE FROM outbox WHERE acked_at>0", "");
	/* What is left is gapless. Through the negative numbers, so that no row meets another. */
	int64_t first = store_outbox_first(database);
	database_run(database, "UPDATE outbox SET seq=-(seq-?)", "i", first - 1);
	return database_run(database, "UPDATE outbox SET seq=-seq WHERE seq<0", "");
}

bool store_outbox_waits(struct database *database, const char *type_pattern, const char *subject,
	const char *rental)
{
	return database_number(database, 0,
		       "SELECT count(*) FROM outbox WHERE acked_at=0 AND type LIKE ? AND subject=?"
		       " AND data->>'$.rental'=?",
		       "ttt", type_pattern, subject, rental) > 0;
}
