/* Store: items as managers see them, the view and the catalogue and the renter's name together. */
#ifndef LENDLOCK_HUB_STORE_ITEMS_H
#define LENDLOCK_HUB_STORE_ITEMS_H

#include "lib/store/database.h"
#include "lib/wire/records.h"

/* "" : any. */
struct hub_items_filter {
	const char *kiosk, *state, *category;
	const char *search; /* in name or title, whatever the case of ASCII letters */
	const char *sort;   /* item (or ""), title, state or kiosk; see hub_items_sortable() */
	const char *cursor; /* the item that the page before ended with */
	int64_t limit;
};

bool hub_items_sortable(const char *sort);
/* view_item_records are added to ret; cleared with the record that holds the list. */
void hub_items_list(
	struct database *database, const struct hub_items_filter *filter, struct list *ret);
/* All that is at one bank, or on its way out of it. */
void hub_items_of_bank(
	struct database *database, const char *kiosk, int64_t limit, struct list *ret);
bool hub_items_get(struct database *database, const char *item, struct list *ret);

#endif
