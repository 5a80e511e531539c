#include "kiosk/store.h"

static const char table[] = "item";

bool store_item_read(struct database *database, const char *item, struct item_row *ret_row)
{
	return database_get(database, table, &item_row_type, ret_row, "WHERE item=?", "t", item);
}

void store_item_write(struct database *database, const struct item_row *row)
{
	database_put(database, table, &item_row_type, row);
}

void store_item_delete(struct database *database, const char *item)
{
	database_run(database, "DELETE FROM item WHERE item=?", "t", item);
}

bool store_item_in(struct database *database, int64_t compartment, struct item_row *ret_row)
{
	return database_get(database, table, &item_row_type, ret_row,
		"WHERE compartment=? AND compartment>0", "i", compartment);
}

struct query *store_items(struct database *database)
{
	return database_select(database, table, &item_row_type, "ORDER BY item", "");
}

bool store_item_next(struct query *query, struct item_row *ret_row)
{
	if (!query_next(query))
		return false;
	query_record(query, &item_row_type, ret_row);
	return true;
}

bool store_compartment_works(struct database *database, int64_t compartment)
{
	return database_number(database, 1, "SELECT works FROM compartment WHERE compartment=?",
		       "i", compartment) != 0;
}

void store_compartment_write(struct database *database, int64_t compartment, bool works)
{
	database_run(database,
		"INSERT INTO compartment(compartment, works) VALUES(?, ?)"
		" ON CONFLICT(compartment) DO UPDATE SET works=excluded.works",
		"ii", compartment, (int64_t)works);
}

void store_compartments_clear(struct database *database)
{
	database_run(database, "UPDATE item SET compartment=0", "");
}

void store_items_forget_passed(struct database *database)
{
	database_run(database, "UPDATE item SET passed=0 WHERE passed", "");
}
