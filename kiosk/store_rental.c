#include "kiosk/store.h"

static const char table[] = "rental";

#define FINAL "('returned', 'cancelled', 'expired', 'failed', 'resolved')"
/* Whose timers move a fee or a paid hold, and so wait for a good clock. */
#define NEEDS_CLOCK "('paid', 'rented', 'overdue')"

bool store_rental_read(struct database *database, const char *rental, struct rental_row *ret_row)
{
	return database_get(
		database, table, &rental_row_type, ret_row, "WHERE rental=?", "t", rental);
}

void store_rental_write(struct database *database, const struct rental_row *row)
{
	database_put(database, table, &rental_row_type, row);
}

bool store_rental_of_item(struct database *database, const char *item, struct rental_row *ret_row)
{
	return database_get(database, table, &rental_row_type, ret_row,
		"WHERE item=? AND state NOT IN " FINAL, "t", item);
}

int64_t store_rentals_open(struct database *database, const char *renter)
{
	return database_number(database, 0,
		"SELECT count(*) FROM rental WHERE renter=? AND state NOT IN " FINAL, "t", renter);
}

struct query *store_rentals_all_open(struct database *database)
{
	return database_select(database, table, &rental_row_type,
		"WHERE state NOT IN " FINAL " ORDER BY rental", "");
}

int64_t store_rentals_all_count(struct database *database)
{
	return database_number(
		database, 0, "SELECT count(*) FROM rental WHERE state NOT IN " FINAL, "");
}

struct query *store_rentals_of(struct database *database, const char *renter)
{
	return database_select(database, table, &rental_row_type,
		"WHERE renter=? ORDER BY state IN " FINAL ", reserved_at DESC LIMIT 50", "t",
		renter);
}

bool store_rental_next(struct query *query, struct rental_row *ret_row)
{
	if (!query_next(query))
		return false;
	query_record(query, &rental_row_type, ret_row);
	return true;
}

bool store_rental_due(
	struct database *database, usec elapsed, bool sure, struct rental_row *ret_row)
{
	return database_get(database, table, &rental_row_type, ret_row,
		"WHERE deadline<=? AND (? OR state NOT IN " NEEDS_CLOCK
		") ORDER BY deadline LIMIT 1",
		"ii", elapsed, (int64_t)sure);
}

usec store_rental_next_due(struct database *database, bool sure)
{
	return database_number(database, USEC_NEVER,
		"SELECT deadline FROM rental WHERE ? OR state NOT IN " NEEDS_CLOCK
		" ORDER BY deadline LIMIT 1",
		"i", (int64_t)sure);
}

void store_rentals_forget(struct database *database, usec before_wall)
{
	int64_t gone = database_run(database,
		"DELETE FROM rental WHERE ended_at>0 AND ended_at<? AND state IN " FINAL
		" AND NOT EXISTS (SELECT 1 FROM payment WHERE payment.rental=rental.rental"
		" AND payment.next_try<9223372036854775807)",
		"i", before_wall);
	if (gone == 0)
		return;
	database_run(database,
		"DELETE FROM payment WHERE next_try=9223372036854775807"
		" AND NOT EXISTS (SELECT 1 FROM rental WHERE rental.rental=payment.rental)",
		"");
}
