/* Managers' acts upon the catalogue have this in common. */
#ifndef LENDLOCK_HUB_ITEMS_H
#define LENDLOCK_HUB_ITEMS_H

#include "hub/core.h"
#include "lib/requests/request.h"

/* Whether the currency is three capital letters; else the reply says so. */
bool hub_items_currency(const struct catalogue_record *entry, struct reply_record *reply);
/* Whether that many items more, or longer texts, can be told to that kiosk; else the reply says so.
 */
bool hub_items_room(struct hub *hub, const char *kiosk, int more, struct reply_record *reply);
/* Finds the entry of an item that is not withdrawn; else the reply says so. */
bool hub_items_find(struct hub *hub, const char *item, struct catalogue_record *ret_entry,
	struct reply_record *reply);
/* Logs the entry as lendlock.catalogue.{fact}, by whoever asks, and puts it into the reply; its
 * bank, made if need be, hears of it. False if there are too many banks; the reply says so. */
bool hub_items_put(struct hub *hub, const struct request *request, const char *fact,
	const struct catalogue_record *entry, struct reply_record *reply);
/* The catalogue knows it now: clears what alerted about that. */
void hub_items_known(struct hub *hub, const char *item);

#endif
