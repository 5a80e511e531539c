#include "hub/store_dead_letter.h"

#include "hub/rows.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void hash_of(const void *bytes, size_t size, char ret[static CONTENT_HASH_SIZE])
{
	unsigned char hash[16];
	crypto_generichash(hash, sizeof(hash), bytes, size, NULL, 0);
	sodium_bin2hex(ret, CONTENT_HASH_SIZE, hash, sizeof(hash));
}

/* The oldest of what is too much. */
static int64_t drop(struct database *database, const char *kiosk)
{
	int64_t dropped = database_run(database,
		"DELETE FROM dead_letter WHERE kiosk=?1 AND position<=(SELECT position FROM "
		"dead_letter WHERE kiosk=?1 ORDER BY position DESC LIMIT 1 OFFSET ?2)",
		"ti", kiosk, (int64_t)HUB_LETTERS_BANK_MAX);
	if (database_number(database, 0, "SELECT count(*) FROM dead_letter", "") > HUB_LETTERS_MAX)
		dropped += database_run(database,
			"DELETE FROM dead_letter WHERE position=(SELECT min(position) FROM "
			"dead_letter)",
			"");
	return dropped;
}

bool hub_letter_add(
	struct database *database, const struct hub_letter *letter, int64_t *ret_dropped)
{
	const struct dead_letter_record *record = &letter->record;
	char hash[CONTENT_HASH_SIZE];
	hash_of(letter->bytes, letter->size, hash);
	size_t kept = letter->size < HUB_LETTER_BYTES ? letter->size : HUB_LETTER_BYTES;
	*ret_dropped = 0;
	if (database_run(database,
		    "INSERT INTO dead_letter(kiosk, received_at, reason, epoch, seq, size, "
		    "replayed,"
		    " for_person, event, hash, body) VALUES(?,?,?,?,?,?,0,?,?,?,?) ON CONFLICT DO "
		    "NOTHING",
		    "tittiiittb", record->kiosk, record->received_at, record->reason, record->epoch,
		    record->seq, (int64_t)letter->size, (int64_t)letter->for_person, letter->event,
		    hash, letter->bytes ? letter->bytes : "", kept) == 0)
		return false;
	*ret_dropped = drop(database, record->kiosk);
	return true;
}

bool hub_letter_has_event(struct database *database, const char *id)
{
	return database_number(database, 0,
		       "SELECT 1 FROM dead_letter WHERE event=?1 AND event<>'' LIMIT 1", "t",
		       id) != 0;
}

int64_t hub_letter_count_open(struct database *database)
{
	return database_number(
		database, 0, "SELECT count(*) FROM dead_letter WHERE replayed=0", "");
}

void hub_letter_waiting(struct database *database, int64_t after, int64_t limit, struct list *ret)
{
	struct query *query = database_query(database,
		"SELECT position FROM dead_letter WHERE replayed=0 AND NOT for_person"
		" AND position>? ORDER BY position LIMIT ?",
		"ii", after, limit);
	while (query_next(query))
		*(int64_t *)list_add(ret, sizeof(int64_t)) = query_int(query, 0);
}

bool hub_letter_open(struct database *database, int64_t position, struct hub_letter_body *ret_body)
{
	struct query *query = database_query(database,
		"SELECT kiosk, event, body FROM dead_letter WHERE position=?", "i", position);
	if (!query_next(query))
		return false;
	*ret_body = (struct hub_letter_body){0};
	TEXT_COPY(ret_body->kiosk, query_text(query, 0));
	TEXT_COPY(ret_body->event, query_text(query, 1));
	const void *bytes = query_blob(query, 2, &ret_body->size);
	ret_body->bytes = malloc(ret_body->size + 1);
	if (!ret_body->bytes)
		abort();
	if (ret_body->size)
		memcpy(ret_body->bytes, bytes, ret_body->size);
	query_end(query);
	return true;
}

void hub_letter_close(struct hub_letter_body *body)
{
	free(body->bytes);
	body->bytes = NULL;
}

void hub_letter_done(struct database *database, int64_t position)
{
	database_run(database, "UPDATE dead_letter SET replayed=1 WHERE position=?", "i", position);
}

bool hub_letter_get(
	struct database *database, int64_t position, struct dead_letter_record *ret_letter)
{
	return database_get(database, "dead_letter", &dead_letter_record_type, ret_letter,
		"WHERE position=?", "i", position);
}

struct query *hub_letter_list(struct database *database, int64_t before, int64_t limit)
{
	return database_select(database, "dead_letter", &dead_letter_record_type,
		"WHERE position<? ORDER BY position DESC LIMIT ?", "ii",
		before > 0 ? before : INT64_MAX, limit);
}
