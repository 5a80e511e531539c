#include "hub/store_renter.h"

bool hub_renter_get(struct database *database, const char *renter, struct renter_record *ret_renter)
{
	return database_get(
		database, "renter", &renter_record_type, ret_renter, "WHERE renter=?", "t", renter);
}

void hub_renter_put(struct database *database, const struct renter_record *renter)
{
	database_put(database, "renter", &renter_record_type, renter);
}

void hub_renter_delete(struct database *database, const char *renter)
{
	database_run(database, "DELETE FROM renter WHERE renter=?", "t", renter);
}

struct query *hub_renter_blocked(struct database *database, int64_t limit)
{
	return database_query(database,
		"SELECT renter FROM renter WHERE blocked ORDER BY renter LIMIT ?", "i", limit);
}

int64_t hub_renter_count_blocked(struct database *database)
{
	return database_number(database, 0, "SELECT count(*) FROM renter WHERE blocked", "");
}
