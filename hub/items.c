#include "hub/items.h"

#include "hub/desired.h"
#include "hub/own.h"
#include "hub/store_catalogue.h"
#include "hub/store_view.h"

#include <stdlib.h>
#include <string.h>

bool hub_items_currency(const struct catalogue_record *entry, struct reply_record *reply)
{
	if (strlen(entry->currency) == 3 &&
		strspn(entry->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3)
		return true;
	reply_set(reply, REPLY_MALFORMED, "currency: want three capital letters");
	return false;
}

bool hub_items_room(struct hub *hub, const char *kiosk, int more, struct reply_record *reply)
{
	int64_t items, bytes;
	hub_catalogue_size(hub->database, kiosk, &items, &bytes);
	if (items + more <= HUB_BANK_ITEMS_MAX && bytes < HUB_BANK_BYTES_MAX)
		return true;
	reply_set(reply, REPLY_LIMIT, "%s has %lld items in %lld bytes, all that can be told to it",
		kiosk, (long long)items, (long long)bytes);
	return false;
}

bool hub_items_find(struct hub *hub, const char *item, struct catalogue_record *ret_entry,
	struct reply_record *reply)
{
	if (!hub_catalogue_get(hub->database, item, ret_entry)) {
		reply_set(reply, REPLY_NOT_FOUND, "the catalogue has no %s", item);
		return false;
	}
	if (ret_entry->withdrawn) {
		reply_set(reply, REPLY_WRONG_STATE, "%s is withdrawn", item);
		return false;
	}
	return true;
}

bool hub_items_put(struct hub *hub, const struct request *request, const char *fact,
	const struct catalogue_record *entry, struct reply_record *reply)
{
	struct catalogue_change_record change = {.entry = *entry};
	struct hub_bank *bank = hub_bank_get(hub, entry->kiosk);
	if (!bank) {
		reply_set(reply, REPLY_LIMIT, "there are as many banks as one hub takes");
		return false;
	}
	TEXT_COPY(change.by, request->user);
	hub_own_event(hub, EVENT_CATALOGUE, fact, entry->item, entry->kiosk, &change);
	hub_desired_changed(hub, bank);
	reply->entry = malloc(sizeof(*reply->entry));
	if (!reply->entry)
		abort();
	*reply->entry = *entry;
	return true;
}

void hub_items_known(struct hub *hub, const char *item)
{
	struct item_row row;
	if (hub_view_item(hub->database, item, &row))
		hub_own_alert_clear(hub, row.kiosk, "item-unknown", item);
}
