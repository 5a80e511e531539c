#include "hub/store_catalogue.h"

#include "hub/conditions.h"

bool hub_catalogue_get(
	struct database *database, const char *item, struct catalogue_record *ret_entry)
{
	return database_get(database, "catalogue", &catalogue_record_type, ret_entry,
		"WHERE item=?", "t", item);
}

void hub_catalogue_put(struct database *database, const struct catalogue_record *entry)
{
	database_put(database, "catalogue", &catalogue_record_type, entry);
}

/* What is withdrawn stays in it for as long as it may lie behind a door. The index on rental(item,
 * rental) serves the inner query. */
#define DESIRED_ITEMS                                                                            \
	"WHERE kiosk=?1 AND (NOT withdrawn"                                                      \
	" OR NOT EXISTS(SELECT 1 FROM item i WHERE i.item=catalogue.item AND i.said='withdrawn'" \
	"  AND i.compartment=0)"                                                                 \
	" OR EXISTS(SELECT 1 FROM rental r WHERE r.item=catalogue.item AND +r.kiosk=?1"          \
	"  AND " HUB_OPEN_RENTAL "))"

struct query *hub_catalogue_desired(struct database *database, const char *kiosk, int64_t limit)
{
	return database_select(database, "catalogue", &catalogue_record_type,
		DESIRED_ITEMS " ORDER BY item LIMIT ?2", "ti", kiosk, limit);
}

void hub_catalogue_size(
	struct database *database, const char *kiosk, int64_t *ret_items, int64_t *ret_bytes)
{
	/* 320: all other fields at their longest, with their names. */
	struct query *query = database_query(database,
		"SELECT count(*), ifnull(sum(320 + length(CAST(json_quote(title) AS BLOB))"
		" + length(CAST(json_quote(description) AS BLOB))), 0) FROM "
		"catalogue " DESIRED_ITEMS,
		"t", kiosk);
	*ret_items = *ret_bytes = 0;
	if (!query_next(query))
		return;
	*ret_items = query_int(query, 0);
	*ret_bytes = query_int(query, 1);
	query_end(query);
}

bool hub_catalogue_in_use(struct database *database, const char *kiosk)
{
	return database_number(database, 0,
		       "SELECT 1 FROM catalogue WHERE (kiosk=?1 OR moving=?1) AND NOT withdrawn"
		       " LIMIT 1",
		       "t", kiosk) != 0;
}
