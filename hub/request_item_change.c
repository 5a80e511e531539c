#include "hub/core.h"
#include "hub/items.h"
#include "hub/request.h"

#include <string.h>

#define CHANGE_TEXT(field)                \
	if (request_has(request, #field)) \
	TEXT_COPY(entry->field, request->args.field)
#define CHANGE(field)                     \
	if (request_has(request, #field)) \
	entry->field = request->args.field

static void change(const struct request *request, struct catalogue_record *entry)
{
	CHANGE_TEXT(title);
	CHANGE_TEXT(description);
	CHANGE_TEXT(category);
	CHANGE_TEXT(currency);
	CHANGE(amount);
	CHANGE(period);
	CHANGE(inspect);
}

static size_t length_of_texts(const struct catalogue_record *entry)
{
	return strlen(entry->title) + strlen(entry->description);
}

void hub_request_item_change(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	struct catalogue_record entry;
	if (!hub_items_find(hub, request->args.item, &entry, reply))
		return;
	size_t before = length_of_texts(&entry);
	change(request, &entry);
	bool fits = length_of_texts(&entry) <= before || hub_items_room(hub, entry.kiosk, 0, reply);
	if (fits && hub_items_currency(&entry, reply) &&
		hub_items_put(hub, request, "changed", &entry, reply))
		reply_set(reply, REPLY_OK, "%s", "");
}
