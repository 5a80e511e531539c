/* stock, collect: a manager puts an item behind a door, or takes it out. Both are done when the
 * door was opened and closed. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

#include <stdio.h>

static void reply_door(struct reply_record *reply, const struct item_row *item, int64_t compartment)
{
	struct item_record record = {.state = item->state, .compartment = compartment};
	TEXT_COPY(record.item, item->entry.item);
	reply_set(reply, REPLY_OK, "door %lld opens; close it when you are done",
		(long long)compartment);
	reply_item(reply, &record);
}

static bool is_with_a_renter(
	struct kiosk *kiosk, const struct item_row *item, struct reply_record *reply)
{
	struct rental_row rental;
	if (!store_rental_of_item(kiosk->database, item->entry.item, &rental))
		return false;
	reply_wrong_state(reply, &rental);
	return true;
}

/* As long as nobody has said what lies behind the doors, the books may name the wrong one. */
static bool knows_its_doors(const struct kiosk *kiosk, struct reply_record *reply)
{
	bool knows = adoption_is_over(kiosk);
	if (!knows)
		reply_set(reply, REPLY_RETURNS_ONLY, "this bank takes returns only");
	return knows;
}

void request_stock(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct item_row item;
	if (!knows_its_doors(kiosk, reply) || !request_item(kiosk, request, reply, &item) ||
		is_with_a_renter(kiosk, &item, reply))
		return;
	if (item.compartment || item_leaves(&item)) {
		reply_set(reply, REPLY_WRONG_STATE, "%s is %s", item.entry.item,
			item.compartment ? "behind a door already" : "leaving this bank");
		return;
	}
	/* Nobody can put one thing behind two doors, but a second manager may try. */
	if (store_opening_stocks(kiosk->database, item.entry.item)) {
		reply_set(reply, REPLY_BUSY, "a door is open for %s already", item.entry.item);
		reply->retry_after = 5000;
		return;
	}
	int wanted = (int)request->args.compartment;
	int compartment = item_find_compartment(kiosk, wanted);
	if (compartment == 0 || (wanted && compartment != wanted)) {
		reply_set(reply, REPLY_NO_DOOR, "no such door is free and works");
		return;
	}
	opening_begin(
		kiosk, OPENING_STOCK, compartment, "", item.entry.item, request_by(kiosk, request));
	reply_door(reply, &item, compartment);
}

void request_collect(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct item_row item;
	if (!knows_its_doors(kiosk, reply) || !request_item(kiosk, request, reply, &item) ||
		is_with_a_renter(kiosk, &item, reply))
		return;
	if (item.compartment == 0) {
		reply_set(reply, REPLY_WRONG_STATE, "%s lies behind no door here", item.entry.item);
		return;
	}
	if (store_opening_at(kiosk->database, item.compartment) ||
		doors_level(kiosk->doors, (int)item.compartment) == BANK_OPEN) {
		reply_set(reply, REPLY_BUSY, "its door is being opened, or stands open");
		reply->retry_after = 2000;
		return;
	}
	opening_begin(kiosk, OPENING_COLLECT, item.compartment, "", item.entry.item,
		request_by(kiosk, request));
	reply_door(reply, &item, item.compartment);
}
