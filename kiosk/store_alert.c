#include "kiosk/store.h"

static const char table[] = "alert";

bool store_alert_read(struct database *database, const char *key, struct alert_record *ret_alert)
{
	return database_get(
		database, table, &alert_record_type, ret_alert, "WHERE alert=?", "t", key);
}

void store_alert_write(struct database *database, const struct alert_record *alert)
{
	database_put(database, table, &alert_record_type, alert);
}

void store_alert_delete(struct database *database, const char *key)
{
	database_run(database, "DELETE FROM alert WHERE alert=?", "t", key);
}

struct query *store_alerts(struct database *database)
{
	return database_select(database, table, &alert_record_type, "ORDER BY alert", "");
}

bool store_alert_next(struct query *query, struct alert_record *ret_alert)
{
	if (!query_next(query))
		return false;
	query_record(query, &alert_record_type, ret_alert);
	return true;
}
