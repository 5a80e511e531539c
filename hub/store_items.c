#include "hub/store_items.h"

#include "hub/store_view.h"

#include <stdlib.h>
#include <string.h>

#define ITEMS                                                                                      \
	"SELECT i.item, c.title, c.category, i.kiosk, c.moving, i.state, i.compartment, i.reason," \
	" i.rental, n.user, n.name FROM item i LEFT JOIN catalogue c ON c.item=i.item"             \
	" LEFT JOIN rental r ON r.rental=i.rental LEFT JOIN renter n ON n.renter=r.renter "

#define FILTERED                                                \
	"WHERE (?1='' OR i.kiosk=?1) AND (?2='' OR i.state=?2)" \
	" AND (?3='' OR c.category=?3)"                         \
	" AND (?4='' OR instr(i.item || ' ' || lower(ifnull(c.title,'')), lower(?4))>0) "

#define FROM_THERE "FROM item i LEFT JOIN catalogue c ON c.item=i.item WHERE i.item=?5"

/* A page in the order of a column, behind the row where the last one ended. */
#define BY(column)                                                            \
	ITEMS FILTERED "AND (?5='' OR (" column ", i.item) > (SELECT " column \
		       ", i.item " FROM_THERE ")) ORDER BY " column ", i.item LIMIT ?6"

static const struct {
	const char *sort, *sql;
} orders[] = {
	{"", ITEMS FILTERED "AND i.item>?5 ORDER BY i.item LIMIT ?6"},
	{"item", ITEMS FILTERED "AND i.item>?5 ORDER BY i.item LIMIT ?6"},
	{"title", BY("ifnull(c.title,'')")},
	{"state", BY("i.state")},
	{"kiosk", BY("i.kiosk")},
};

static const char *order(const char *sort)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (strcmp(orders[i].sort, sort) == 0)
			return orders[i].sql;
	return NULL;
}

bool hub_items_sortable(const char *sort)
{
	return order(sort) != NULL;
}

static void *copy(const void *record, size_t size)
{
	void *result = malloc(size);
	if (!result)
		abort();
	return memcpy(result, record, size);
}

static void add_rental(struct database *database, const char *id, struct view_item_record *ret)
{
	struct rental_row rental;
	struct payment_row payment;
	if (!hub_view_rental(database, id, &rental) ||
		rental_is_final((enum rental_state)rental.rental.state))
		return;
	ret->rental = copy(&rental.rental, sizeof(rental.rental));
	if (rental.rental.payment[0] && hub_view_payment(database, rental.rental.payment, &payment))
		ret->payment = copy(&payment.payment, sizeof(payment.payment));
}

static void read_item(struct database *database, struct query *query, struct list *list)
{
	struct view_item_record *ret = list_add(list, sizeof(*ret));
	TEXT_COPY(ret->item, query_text(query, 0));
	TEXT_COPY(ret->title, query_text(query, 1));
	TEXT_COPY(ret->category, query_text(query, 2));
	TEXT_COPY(ret->kiosk, query_text(query, 3));
	TEXT_COPY(ret->moving, query_text(query, 4));
	ret->state = choice_find(item_state_names, query_text(query, 5));
	ret->compartment = query_int(query, 6);
	TEXT_COPY(ret->reason, query_text(query, 7));
	add_rental(database, query_text(query, 8), ret);
	if (ret->rental) {
		TEXT_COPY(ret->user, query_text(query, 9));
		TEXT_COPY(ret->name, query_text(query, 10));
	}
}

static void read_items(struct database *database, struct query *query, struct list *ret)
{
	while (query_next(query))
		read_item(database, query, ret);
}

void hub_items_list(
	struct database *database, const struct hub_items_filter *filter, struct list *ret)
{
	const char *sql = order(filter->sort);
	if (!sql)
		return;
	read_items(database,
		database_query(database, sql, "ttttti", filter->kiosk, filter->state,
			filter->category, filter->search, filter->cursor, filter->limit),
		ret);
}

void hub_items_of_bank(
	struct database *database, const char *kiosk, int64_t limit, struct list *ret)
{
	read_items(database,
		database_query(database,
			ITEMS "WHERE i.kiosk=? AND NOT(i.state='withdrawn' AND i.said='withdrawn'"
			      " AND i.compartment=0) ORDER BY i.item LIMIT ?",
			"ti", kiosk, limit),
		ret);
}

bool hub_items_get(struct database *database, const char *item, struct list *ret)
{
	read_items(database, database_query(database, ITEMS "WHERE i.item=?", "t", item), ret);
	return ret->n > 0;
}
