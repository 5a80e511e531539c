#include "hub/store_view.h"

#include "hub/conditions.h"

/* What a kiosk began, only that kiosk goes on with; and a row of a later event of the same epoch
 * stays. */
#define UNLESS_LATER "WHERE kiosk=excluded.kiosk AND NOT(epoch=excluded.epoch AND seq>excluded.seq)"

bool hub_view_put_rental(struct database *database, const struct rental_row *row)
{
	return database_put_if(database, "rental", &hub_rental_row_type, row, UNLESS_LATER);
}

bool hub_view_put_payment(struct database *database, const struct payment_row *row)
{
	return database_put_if(database, "payment", &hub_payment_row_type, row, UNLESS_LATER);
}

bool hub_view_put_alert(struct database *database, const struct alert_row *row)
{
	return database_put_if(database, "alert", &hub_alert_row_type, row, UNLESS_LATER);
}

void hub_view_clear_alert(
	struct database *database, const char *kiosk, const char *alert, bool by_hub)
{
	database_run(database, "DELETE FROM alert WHERE kiosk=? AND alert=? AND own<=?", "tti",
		kiosk, alert, (int64_t)by_hub);
}

void hub_view_put_item(struct database *database, const struct item_row *row)
{
	database_put(database, "item", &hub_item_row_type, row);
}

bool hub_view_item_says(struct database *database, const struct item_row *row, const char *rental)
{
	const struct item_record *item = &row->item;
	const char *state = item_state_names[item->state];
	return database_run(database,
		       "UPDATE item SET state=?1, said=?1, compartment=?2, reason=?3, by=?4,"
		       " rental=ifnull(?5, rental), changed=?6, epoch=?7, seq=?8"
		       " WHERE item=?9 AND kiosk=?10 AND NOT(epoch=?7 AND seq>?8)",
		       "titttititt", state, item->compartment, item->reason, item->by, rental,
		       row->changed, row->epoch, row->seq, item->item, row->kiosk) > 0;
}

void hub_view_item_unknown(struct database *database, const struct item_record *item, usec when)
{
	database_run(database, "UPDATE item SET state='unknown', reason=?, changed=? WHERE item=?",
		"tit", item->reason, when, item->item);
}

void hub_view_forget_bank(
	struct database *database, const char *kiosk, const char *reason, usec when)
{
	database_run(database,
		"UPDATE rental SET state='resolved', reason=?, ended_at=?, changed=?"
		" WHERE kiosk=? AND " HUB_OPEN_RENTAL,
		"tiit", reason, when, when, kiosk);
	database_run(
		database, "DELETE FROM payment WHERE kiosk=? AND " HUB_OPEN_PAYMENT, "t", kiosk);
	database_run(database, "DELETE FROM alert WHERE kiosk=? AND NOT own", "t", kiosk);
	database_run(database,
		"UPDATE item SET state='unknown', reason=?, changed=? WHERE kiosk=?"
		" AND state NOT IN ('registered','moving','withdrawn')",
		"tit", reason, when, kiosk);
}

void hub_view_forget_alerts(struct database *database, const char *kiosk)
{
	database_run(database, "DELETE FROM alert WHERE kiosk=?", "t", kiosk);
}

#define OLD_RENTAL "FROM rental WHERE " HUB_FINAL_RENTAL " AND changed<?1"
/* A rental that is out may be older than all this, and have its money given back yet. */
#define OLD_PAYMENT                                               \
	"FROM payment WHERE " HUB_FINAL_PAYMENT " AND changed<?1" \
	" AND NOT EXISTS(SELECT 1 FROM rental r WHERE r.rental=payment.rental)"

void hub_view_prune(struct database *database, const struct pruned_record *what)
{
	database_run(database,
		"DELETE FROM rental WHERE rental IN (SELECT rental " OLD_RENTAL
		" ORDER BY changed, rental LIMIT ?2)",
		"ii", what->before, what->rows);
	database_run(database,
		"DELETE FROM payment WHERE payment IN (SELECT payment " OLD_PAYMENT
		" ORDER BY changed, payment LIMIT ?2)",
		"ii", what->before, what->rows);
}

bool hub_view_is_old(struct database *database, usec before)
{
	return database_number(database, 0,
		       "SELECT EXISTS(SELECT 1 " OLD_RENTAL ") OR EXISTS(SELECT 1 " OLD_PAYMENT ")",
		       "i", before) != 0;
}

bool hub_view_item(struct database *database, const char *item, struct item_row *ret_row)
{
	return database_get(
		database, "item", &hub_item_row_type, ret_row, "WHERE item=?", "t", item);
}

bool hub_view_rental(struct database *database, const char *rental, struct rental_row *ret_row)
{
	return database_get(
		database, "rental", &hub_rental_row_type, ret_row, "WHERE rental=?", "t", rental);
}

bool hub_view_payment(struct database *database, const char *payment, struct payment_row *ret_row)
{
	return database_get(database, "payment", &hub_payment_row_type, ret_row, "WHERE payment=?",
		"t", payment);
}

bool hub_view_alert(struct database *database, const char *kiosk, const char *alert, bool own,
	struct alert_row *ret_row)
{
	return database_get(database, "alert", &hub_alert_row_type, ret_row,
		"WHERE kiosk=? AND alert=? AND own=?", "tti", kiosk, alert, (int64_t)own);
}

bool hub_view_item_is_let(struct database *database, const char *item)
{
	return database_number(database, 0,
		       "SELECT 1 FROM rental WHERE item=? AND " HUB_OPEN_RENTAL " LIMIT 1", "t",
		       item) != 0;
}

struct query *hub_view_open_rentals(struct database *database, const char *kiosk, int64_t limit)
{
	return database_select(database, "rental", &hub_rental_row_type,
		"WHERE kiosk=? AND " HUB_OPEN_RENTAL " ORDER BY rental LIMIT ?", "ti", kiosk,
		limit);
}

struct query *hub_view_open_payments(struct database *database, const char *kiosk, int64_t limit)
{
	return database_select(database, "payment", &hub_payment_row_type,
		"WHERE payment IN (SELECT payment FROM payment WHERE kiosk=?1 AND " HUB_OPEN_PAYMENT
		" UNION SELECT payment FROM rental WHERE kiosk=?1 AND " HUB_OPEN_RENTAL
		") ORDER BY payment LIMIT ?2",
		"ti", kiosk, limit);
}

struct query *hub_view_failed_rentals(struct database *database, const char *kiosk, int64_t limit)
{
	return database_select(database, "rental", &hub_rental_row_type,
		"WHERE kiosk=?1 AND state='failed' AND payment IN (SELECT payment FROM payment"
		" WHERE state='captured') ORDER BY rental LIMIT ?2",
		"ti", kiosk, limit);
}

struct query *hub_view_failed_payments(struct database *database, const char *kiosk, int64_t limit)
{
	return database_select(database, "payment", &hub_payment_row_type,
		"WHERE state='captured' AND payment IN (SELECT payment FROM rental WHERE kiosk=?1"
		" AND state='failed') ORDER BY payment LIMIT ?2",
		"ti", kiosk, limit);
}

struct query *hub_view_alerts(struct database *database, const char *kiosk, int64_t limit)
{
	return database_select(database, "alert", &hub_alert_row_type,
		"WHERE kiosk=? ORDER BY alert LIMIT ?", "ti", kiosk, limit);
}

int64_t hub_view_count_open(struct database *database, const char *kiosk, enum hub_view_kind kind)
{
	static const char *const counts[] = {
		[HUB_VIEW_RENTALS] =
			"SELECT count(*) FROM rental WHERE kiosk=? AND " HUB_OPEN_RENTAL,
		[HUB_VIEW_PAYMENTS] =
			"SELECT count(*) FROM payment WHERE kiosk=? AND " HUB_OPEN_PAYMENT,
		[HUB_VIEW_ALERTS] = "SELECT count(*) FROM alert WHERE kiosk=? AND NOT own",
		[HUB_VIEW_OWN_ALERTS] = "SELECT count(*) FROM alert WHERE kiosk=? AND own",
		[HUB_VIEW_STRANGE_ITEMS] =
			"SELECT count(*) FROM item i WHERE kiosk=? AND"
			" NOT EXISTS(SELECT 1 FROM catalogue c WHERE c.item=i.item)",
	};
	return database_number(database, 0, counts[kind], "t", kiosk);
}

void hub_view_count(
	struct database *database, const char *kiosk, struct hub_view_counts *ret_counts)
{
	struct query *query = database_query(database,
		"SELECT count(*), ifnull(sum(state='available'), 0), ifnull(sum(state='rented'), 0)"
		" FROM item WHERE kiosk=? AND state<>'withdrawn'",
		"t", kiosk);
	if (!query_next(query))
		return;
	*ret_counts = (struct hub_view_counts){
		query_int(query, 0), query_int(query, 1), query_int(query, 2)};
	query_end(query);
}
