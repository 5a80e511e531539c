#include "kiosk/store.h"

static const char table[] = "payment";

bool store_payment_read(struct database *database, const char *payment, struct payment_row *ret_row)
{
	return database_get(
		database, table, &payment_row_type, ret_row, "WHERE payment=?", "t", payment);
}

void store_payment_write(struct database *database, const struct payment_row *row)
{
	database_put(database, table, &payment_row_type, row);
}

bool store_payment_due(struct database *database, usec elapsed, struct payment_row *ret_row)
{
	return database_get(database, table, &payment_row_type, ret_row,
		"WHERE next_try<=? ORDER BY next_try LIMIT 1", "i", elapsed);
}

usec store_payment_next_due(struct database *database)
{
	return database_number(
		database, USEC_NEVER, "SELECT next_try FROM payment ORDER BY next_try LIMIT 1", "");
}

void store_payments_ask_now(struct database *database, usec elapsed)
{
	database_run(database,
		"UPDATE payment SET next_try=? WHERE next_try>? AND next_try<9223372036854775807",
		"ii", elapsed, elapsed);
}

#define UNFINISHED "WHERE state NOT IN ('declined', 'captured', 'voided', 'refunded')"

struct query *store_payments_unfinished(struct database *database)
{
	return database_select(
		database, table, &payment_row_type, UNFINISHED " ORDER BY payment", "");
}

int64_t store_payments_count(struct database *database)
{
	return database_number(database, 0, "SELECT count(*) FROM payment " UNFINISHED, "");
}

bool store_payment_next(struct query *query, struct payment_row *ret_row)
{
	if (!query_next(query))
		return false;
	query_record(query, &payment_row_type, ret_row);
	return true;
}
