#include "kiosk/store.h"

static const char table[] = "opening";

int64_t store_opening_next_id(struct database *database)
{
	return database_number(database, 1, "SELECT ifnull(max(opening), 0) + 1 FROM opening", "");
}

bool store_opening_read(struct database *database, int64_t opening, struct opening_row *ret_row)
{
	return database_get(
		database, table, &opening_row_type, ret_row, "WHERE opening=?", "i", opening);
}

bool store_opening_first(struct database *database, int64_t after, struct opening_row *ret_row)
{
	return database_get(database, table, &opening_row_type, ret_row,
		"WHERE opening>? ORDER BY opening LIMIT 1", "i", after);
}

bool store_opening_of(struct database *database, const char *rental, struct opening_row *ret_row)
{
	return database_get(database, table, &opening_row_type, ret_row,
		"WHERE rental=? AND purpose<>'done'", "t", rental);
}

bool store_opening_at(struct database *database, int64_t compartment)
{
	return database_number(database, 0, "SELECT count(*) FROM opening WHERE compartment=?", "i",
		       compartment) > 0;
}

bool store_opening_standing_at(
	struct database *database, int64_t compartment, struct opening_row *ret_row)
{
	return database_get(database, table, &opening_row_type, ret_row,
		"WHERE compartment=? AND stage='opened' ORDER BY opening LIMIT 1", "i",
		compartment);
}

bool store_opening_by_another(struct database *database, int64_t compartment, const char *rental)
{
	return database_number(database, 0,
		       "SELECT count(*) FROM opening"
		       " WHERE compartment=? AND rental<>? AND purpose<>'done'",
		       "it", compartment, rental) > 0;
}

bool store_opening_stocks(struct database *database, const char *item)
{
	return database_number(database, 0,
		       "SELECT count(*) FROM opening WHERE item=? AND purpose='stock'", "t",
		       item) > 0;
}

bool store_opening_for(struct database *database, const char *item)
{
	return database_number(
		       database, 0, "SELECT count(*) FROM opening WHERE item=?", "t", item) > 0;
}

bool store_openings(struct database *database)
{
	return database_number(database, 0, "SELECT count(*) FROM opening", "") > 0;
}

void store_opening_write(struct database *database, const struct opening_row *row)
{
	database_put(database, table, &opening_row_type, row);
}

void store_opening_delete(struct database *database, int64_t opening)
{
	database_run(database, "DELETE FROM opening WHERE opening=?", "i", opening);
}
