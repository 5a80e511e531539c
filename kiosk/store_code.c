#include "kiosk/store.h"

#include <string.h>

void store_code_guard_read(
	struct database *database, const char *source, struct code_guard_row *ret_row)
{
	*ret_row = (struct code_guard_row){0};
	TEXT_COPY(ret_row->source, source);
	struct query *query = database_query(
		database, "SELECT wrong, until FROM code_guard WHERE source=?", "t", source);
	if (!query_next(query))
		return;
	ret_row->wrong = query_int(query, 0);
	ret_row->until = query_int(query, 1);
	query_end(query);
}

void store_code_guard_write(struct database *database, const struct code_guard_row *row)
{
	database_run(database,
		"INSERT INTO code_guard(source, wrong, until) VALUES(?, ?, ?)"
		" ON CONFLICT(source) DO UPDATE SET wrong=excluded.wrong, until=excluded.until",
		"tii", row->source, row->wrong, row->until);
}

void store_code_guard_delete(struct database *database, const char *source)
{
	database_run(database, "DELETE FROM code_guard WHERE source=?", "t", source);
}
