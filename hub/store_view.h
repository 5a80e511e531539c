/* Store: the status view. Only fold.c writes it; all others read. */
#ifndef LENDLOCK_HUB_STORE_VIEW_H
#define LENDLOCK_HUB_STORE_VIEW_H

#include "hub/rows.h"
#include "lib/store/database.h"

/* --- for the fold --- */

/* Put a row unless the one there is of a later event, or of another kiosk. Whether it was put. */
bool hub_view_put_rental(struct database *database, const struct rental_row *row);
bool hub_view_put_payment(struct database *database, const struct payment_row *row);
bool hub_view_put_alert(struct database *database, const struct alert_row *row);
/* The bank's own one; by the hub, or a manager there: the hub's, too. */
void hub_view_clear_alert(
	struct database *database, const char *kiosk, const char *alert, bool by_hub);

void hub_view_put_item(struct database *database, const struct item_row *row);
/* What its kiosk says of an item: changes its row if it stands at that kiosk and the row is not of
 * a later event. rental: the one it is for, or NULL to keep it. Whether it changed. */
bool hub_view_item_says(struct database *database, const struct item_row *row, const char *rental);
void hub_view_item_unknown(struct database *database, const struct item_record *item, usec when);

/* Before a snapshot of a bank: what it had open and does not mention any more is over, its items
 * are unknown until mentioned, its own alerts are gone. */
void hub_view_forget_bank(
	struct database *database, const char *kiosk, const char *reason, usec when);

/* The bank is one no longer: so are the alerts about it. */
void hub_view_forget_alerts(struct database *database, const char *kiosk);
/* Deletes the oldest of what is final and older than that; a payment as long as its
 * rental stays. */
void hub_view_prune(struct database *database, const struct pruned_record *what);

/* --- for all --- */

/* Whether there is something to prune. */
bool hub_view_is_old(struct database *database, usec before);

bool hub_view_item(struct database *database, const char *item, struct item_row *ret_row);
bool hub_view_rental(struct database *database, const char *rental, struct rental_row *ret_row);
bool hub_view_payment(struct database *database, const char *payment, struct payment_row *ret_row);
/* own: the hub's, not the bank's. */
bool hub_view_alert(struct database *database, const char *kiosk, const char *alert, bool own,
	struct alert_row *ret_row);
/* A rental of that item that is not final. */
bool hub_view_item_is_let(struct database *database, const char *item);

/* The open rentals of a bank, rental_rows; and its payments that are not final or belong to one of
 * them, payment_rows. At most limit. */
struct query *hub_view_open_rentals(struct database *database, const char *kiosk, int64_t limit);
/* Rentals that failed, and whose money, as far as this hub knows, is still taken; and
 * that money. */
struct query *hub_view_failed_rentals(struct database *database, const char *kiosk, int64_t limit);
struct query *hub_view_failed_payments(struct database *database, const char *kiosk, int64_t limit);
struct query *hub_view_open_payments(struct database *database, const char *kiosk, int64_t limit);
struct query *hub_view_alerts(struct database *database, const char *kiosk, int64_t limit);

/* Of a bank: what is open, the alerts it has raised, and items that no catalogue knows. */
enum hub_view_kind {
	HUB_VIEW_RENTALS,
	HUB_VIEW_PAYMENTS,
	HUB_VIEW_ALERTS,
	HUB_VIEW_OWN_ALERTS, /* raised by the hub against it */
	HUB_VIEW_STRANGE_ITEMS,
	HUB_VIEW_KINDS
};
int64_t hub_view_count_open(struct database *database, const char *kiosk, enum hub_view_kind kind);

/* How many items of a bank there are, are available, are rented. */
struct hub_view_counts {
	int64_t items, available, rented;
};
void hub_view_count(
	struct database *database, const char *kiosk, struct hub_view_counts *ret_counts);

#endif
