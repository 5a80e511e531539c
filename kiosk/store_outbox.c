#include "kiosk/store.h"

#include <stdio.h>

#define FAR             ((int64_t)1 << 60) /* more events than there will ever be */
#define PAST_EPOCHS_MAX 64

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

bool store_outbox_released(struct database *database, const char *item, const char *move)
{
	return database_number(database, 0,
		       "SELECT count(*) FROM outbox WHERE type='lendlock.item.released'"
		       " AND subject=? AND json_extract(data, '$.move')=?",
		       "tt", item, move) > 0;
}

int64_t store_outbox_first(struct database *database)
{
	return database_number(
		database, 0, "SELECT seq FROM outbox WHERE seq>0 ORDER BY seq LIMIT 1", "");
}

void store_outbox_forget(struct database *database, usec acked_before)
{
	database_run(
		database, "DELETE FROM outbox WHERE acked_at>0 AND acked_at<?", "i", acked_before);
}

/* By way of where no number is, so that no row meets another. */
static void move(struct database *database, int64_t by)
{
	database_run(database, "UPDATE outbox SET seq=seq+?", "i", FAR);
	database_run(database, "UPDATE outbox SET seq=seq-?", "i", FAR + by);
	database_run(database, "UPDATE past_epoch SET shift=shift+?", "i", by);
}

void store_outbox_leave(struct database *database, const char *epoch, int64_t acked)
{
	if (acked)
		move(database, acked);
	database_run(database, "INSERT INTO past_epoch(epoch, acked, shift) VALUES(?,?,?)", "tii",
		epoch, acked, acked);
	database_run(database,
		"DELETE FROM past_epoch WHERE rowid<=(SELECT max(rowid) FROM"
		" past_epoch)-?",
		"i", (int64_t)PAST_EPOCHS_MAX);
}

int64_t store_outbox_forgotten(struct database *database, const char *epoch, int64_t seq)
{
	return database_number(database, 0,
		"SELECT count(*) FROM outbox JOIN past_epoch WHERE epoch=? AND acked>?"
		" AND seq>?-shift AND seq<=0",
		"tii", epoch, seq, seq);
}

void store_outbox_past(
	struct database *database, char ret_epoch[static UUID_SIZE], int64_t *ret_acked)
{
	struct query *query = database_query(database,
		"SELECT epoch, acked FROM past_epoch WHERE EXISTS(SELECT 1 FROM outbox"
		" WHERE seq>-shift AND seq<=acked-shift) ORDER BY rowid DESC LIMIT 1",
		"");
	ret_epoch[0] = '\0';
	*ret_acked = 0;
	if (query_next(query)) {
		text_copy(ret_epoch, UUID_SIZE, query_text(query, 0));
		*ret_acked = query_int(query, 1);
	}
	query_end(query);
}

void store_outbox_drop_past(struct database *database)
{
	database_run(database, "DELETE FROM past_epoch", "");
}

void store_outbox_recall(struct database *database, int64_t n)
{
	move(database, -n);
	database_run(database, "UPDATE past_epoch SET acked=max(0, min(acked, shift))", "");
	store_outbox_unacked(database, 1);
}

bool store_outbox_waits(struct database *database, const char *type_pattern, const char *subject,
	const char *rental)
{
	return database_number(database, 0,
		       "SELECT count(*) FROM outbox WHERE acked_at=0 AND type LIKE ? AND subject=?"
		       " AND data->>'$.rental'=?",
		       "ttt", type_pattern, subject, rental) > 0;
}
