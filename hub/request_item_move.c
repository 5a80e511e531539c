#include "hub/core.h"
#include "hub/desired.h"
#include "hub/items.h"
#include "hub/request.h"
#include "hub/views.h"

#include <string.h>

/* A bank that never spoke has never had anything, and will not release it either. */
static bool is_mute(struct hub *hub, const char *kiosk)
{
	const struct hub_bank *bank = hub_bank_find(hub, kiosk);
	return !bank || bank->row.epoch[0] == '\0';
}

static bool move_now(struct hub *hub, const struct request *request, struct catalogue_record *entry,
	const char *kiosk, struct reply_record *reply)
{
	struct hub_bank *from = hub_bank_find(hub, entry->kiosk);
	TEXT_COPY(entry->kiosk, kiosk);
	entry->moving[0] = entry->move[0] = '\0';
	if (!hub_items_put(hub, request, "moved", entry, reply))
		return false;
	if (from) {
		hub_desired_changed(hub, from);
		hub_views_changed(hub, from);
	}
	return true;
}

/* The item moves on when its kiosk has released it, and not before; until then the order may be
 * taken back by moving it to where it is. */
void hub_request_item_move(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	struct catalogue_record entry;
	const char *kiosk = request->args.kiosk;
	if (!hub_items_find(hub, request->args.item, &entry, reply))
		return;
	bool back = strcmp(entry.kiosk, kiosk) == 0;
	if (back && entry.moving[0] == '\0') {
		reply_set(reply, REPLY_OK, "it is there already");
		return;
	}
	if (!back && !hub_items_room(hub, kiosk, 1, reply))
		return;
	if (!back && !hub_bank_get(hub, kiosk)) {
		reply_set(reply, REPLY_LIMIT, "there are as many banks as one hub takes");
		return;
	}
	if (!back && is_mute(hub, entry.kiosk)) {
		if (move_now(hub, request, &entry, kiosk, reply))
			reply_set(reply, REPLY_OK, "its bank never spoke: it is there now");
		return;
	}
	TEXT_COPY(entry.moving, back ? "" : kiosk);
	entry.move[0] = '\0';
	/* A release that is on its way for an earlier order does not count for this one. */
	if (!back)
		uuid_make(hub->now.wall, hub->random, entry.move);
	if (hub_items_put(hub, request, back ? "staying" : "moving", &entry, reply))
		reply_set(reply, REPLY_OK, "%s", back ? "" : "it moves when its kiosk released it");
}
