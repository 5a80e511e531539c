#include "hub/store_rentals.h"

#include "hub/conditions.h"

#include <string.h>

#define FILTERED                                                              \
	"(?1='' OR kiosk=?1) AND (?2='' OR renter=?2) AND (?3='' OR item=?3)" \
	" AND (?4='' OR state=?4 OR (?4='open' AND " HUB_OPEN_RENTAL "))"
#define NEWEST " AND (?5='' OR rental<?5) ORDER BY rental DESC LIMIT ?6"
#define OLDEST " AND rental>?5 ORDER BY rental LIMIT ?6"

/* Each way in by an index of its own. That of the open ones must be named: the planner would rather
 * have the order for nothing, and go through all that ever was. */
#define BY_ITEM   "WHERE item=?3 AND " FILTERED
#define BY_RENTER "WHERE renter=?2 AND " FILTERED
#define BY_OPEN   "INDEXED BY rental_open WHERE " HUB_OPEN_RENTAL " AND " FILTERED
#define BY_KEY    "WHERE " FILTERED

static const char *const tails[4][2] = {
	{BY_ITEM NEWEST, BY_ITEM OLDEST},
	{BY_RENTER NEWEST, BY_RENTER OLDEST},
	{BY_OPEN NEWEST, BY_OPEN OLDEST},
	{BY_KEY NEWEST, BY_KEY OLDEST},
};

static bool is_open(const char *state)
{
	int found = choice_find(rental_state_names, state);
	return strcmp(state, "open") == 0 ||
	       (found > 0 && !rental_is_final((enum rental_state)found));
}

void hub_rentals_list(
	struct database *database, const struct hub_rentals_filter *filter, struct list *ret)
{
	int way = filter->item[0] ? 0 : filter->renter[0] ? 1 : is_open(filter->state) ? 2 : 3;
	struct query *query = database_select(database, "rental", &rental_record_type,
		tails[way][filter->oldest_first], "ttttti", filter->kiosk, filter->renter,
		filter->item, filter->state, filter->cursor, filter->limit);
	while (query_next(query))
		query_record(
			query, &rental_record_type, list_add(ret, sizeof(struct rental_record)));
}
