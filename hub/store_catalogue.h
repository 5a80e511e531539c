/* Store: the catalogue. Written by the fold alone, as the view is. */
#ifndef LENDLOCK_HUB_STORE_CATALOGUE_H
#define LENDLOCK_HUB_STORE_CATALOGUE_H

#include "lib/store/database.h"
#include "lib/wire/records.h"

bool hub_catalogue_get(
	struct database *database, const char *item, struct catalogue_record *ret_entry);
void hub_catalogue_put(struct database *database, const struct catalogue_record *entry);

/* What a kiosk is told of: its items, those on their way out and those withdrawn included, until it
 * has said itself that they are withdrawn and nothing is open. catalogue_records. */
struct query *hub_catalogue_desired(struct database *database, const char *kiosk, int64_t limit);
/* How many those are, and at most how many bytes of JSON. */
void hub_catalogue_size(
	struct database *database, const char *kiosk, int64_t *ret_items, int64_t *ret_bytes);

/* Whether something belongs there that is not withdrawn, or is to. */
bool hub_catalogue_in_use(struct database *database, const char *kiosk);

#endif
