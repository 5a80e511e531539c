/* Store: rentals, for those who look for them. */
#ifndef LENDLOCK_HUB_STORE_RENTALS_H
#define LENDLOCK_HUB_STORE_RENTALS_H

#include "lib/store/database.h"
#include "lib/wire/records.h"

/* "": any. */
struct hub_rentals_filter {
	const char *kiosk, *renter, *item;
	const char *state; /* or "open": not final */
	bool oldest_first;
	const char *cursor; /* the rental that the page before ended with */
	int64_t limit;
};

/* rental_records are added to ret, in the order of their ids. */
void hub_rentals_list(
	struct database *database, const struct hub_rentals_filter *filter, struct list *ret);

#endif
