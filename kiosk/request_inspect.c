/* inspect, block: a manager says whether an item can be lent. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

static void reply_with_item(struct reply_record *reply, const struct item_row *item)
{
	struct item_record record = {.state = item->state, .compartment = item->compartment};
	TEXT_COPY(record.item, item->entry.item);
	TEXT_COPY(record.reason, item->reason);
	reply->code = REPLY_OK;
	reply_item(reply, &record);
}

static bool is_open_rental(struct kiosk *kiosk, const struct item_row *item)
{
	struct rental_row rental;
	return store_rental_of_item(kiosk->database, item->entry.item, &rental);
}

/* Whoever looked went by a view that may have been late: what they say of another place says
 * nothing of where the item is now. */
static bool is_its_place(
	const struct arguments *args, const struct item_row *item, struct reply_record *reply)
{
	if (args->taken && !args->compartment)
		reply_set(reply, REPLY_MALFORMED, "taken needs a compartment");
	else if (args->compartment && args->compartment != item->compartment)
		reply_set(reply, REPLY_WRONG_STATE,
			item->compartment ? "%s is behind door %lld" : "%s is behind no door",
			item->entry.item, (long long)item->compartment);
	else
		return true;
	return false;
}

/* What goes on at an open door is known when it is shut: until then it may be put in, or taken. If
 * nobody asked for the door, whoever says that they have taken it out is the one who knows. */
static bool is_at_an_open_door(struct kiosk *kiosk, const struct arguments *args,
	const struct item_row *item, struct reply_record *reply)
{
	bool stands_open = item->compartment && !args->taken &&
			   doors_level(kiosk->doors, (int)item->compartment) == BANK_OPEN;
	if (!stands_open && !store_opening_for(kiosk->database, item->entry.item))
		return false;
	reply_set(reply, REPLY_BUSY, "a door is open for %s", item->entry.item);
	reply->retry_after = 5000;
	return true;
}

void request_inspect(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct item_row item;
	if (!request_item(kiosk, request, reply, &item))
		return;
	bool looked_at = item.state == ITEM_INSPECTION || item.state == ITEM_BLOCKED ||
			 item.state == ITEM_AVAILABLE;
	if (!looked_at || is_open_rental(kiosk, &item)) {
		reply_set(reply, REPLY_WRONG_STATE, "%s is %s", item.entry.item,
			item_state_names[item.state]);
		return;
	}
	if (!is_its_place(&request->args, &item, reply) ||
		is_at_an_open_door(kiosk, &request->args, &item, reply))
		return;
	const struct change change = {
		.by = request_by(kiosk, request), .reason = request->args.reason};
	item.block_wanted = !request->args.fit;
	if (request->args.taken)
		item.compartment = 0;
	item_enter(kiosk, &item, item_free_state(&item, false, false), &change);
	item_settle(kiosk, &item, &change);
	alert_clear(kiosk, "reported", item.entry.item);
	reply_with_item(reply, &item);
}

void request_block(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct item_row item;
	if (!request_item(kiosk, request, reply, &item))
		return;
	if (item.state == ITEM_WITHDRAWN || item.state == ITEM_MOVING) {
		reply_set(reply, REPLY_WRONG_STATE, "%s is %s", item.entry.item,
			item_state_names[item.state]);
		return;
	}
	const struct change change = {
		.by = request_by(kiosk, request), .reason = request->args.reason};
	item.block_wanted = true;
	if (is_open_rental(kiosk, &item)) {
		store_item_write(kiosk->database, &item);
		reply_with_item(reply, &item);
		reply_set(reply, REPLY_OK, "it will be blocked when its rental ends");
		return;
	}
	item_enter(kiosk, &item, ITEM_BLOCKED, &change);
	reply_with_item(reply, &item);
}
