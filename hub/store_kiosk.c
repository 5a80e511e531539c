#include "hub/store_kiosk.h"

struct query *hub_kiosk_all(struct database *database)
{
	return database_select(database, "bank", &hub_bank_row_type, "ORDER BY kiosk", "");
}

struct query *hub_kiosk_page(struct database *database, const char *after, int64_t limit)
{
	return database_select(database, "bank", &hub_bank_row_type,
		"WHERE kiosk>? ORDER BY kiosk LIMIT ?", "ti", after, limit);
}

void hub_kiosk_put(struct database *database, const struct bank_row *row)
{
	database_put(database, "bank", &hub_bank_row_type, row);
}

void hub_kiosk_put_cursor(struct database *database, const struct bank_row *row)
{
	database_run(database, "UPDATE bank SET seq=?, event=? WHERE kiosk=?", "itt", row->seq,
		row->event, row->kiosk);
}

void hub_kiosk_delete(struct database *database, const char *kiosk)
{
	database_run(database, "DELETE FROM bank WHERE kiosk=?", "t", kiosk);
}

bool hub_retired_get(struct database *database, const char *kiosk, const char *epoch,
	struct retired_row *ret_row)
{
	return database_get(database, "retired", &hub_retired_row_type, ret_row,
		"WHERE kiosk=? AND epoch=?", "tt", kiosk, epoch);
}

void hub_retired_put(struct database *database, const struct retired_row *row)
{
	database_put(database, "retired", &hub_retired_row_type, row);
}

bool hub_node_get(struct database *database, struct node_row *ret_row)
{
	return database_get(database, "node", &hub_node_row_type, ret_row, "", "");
}

void hub_node_put(struct database *database, const struct node_row *row)
{
	database_put(database, "node", &hub_node_row_type, row);
}
