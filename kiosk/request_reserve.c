/* reserve: holds an item for whoever asks. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

#include <string.h>

static bool is_blocked(const struct kiosk *kiosk, const char *renter)
{
	const char *names = kiosk->desired->blocked.items;
	for (size_t i = 0; i < kiosk->desired->blocked.n; i++)
		if (strcmp(names + i * NAME_SIZE, renter) == 0)
			return true;
	return false;
}

static bool may_reserve(struct kiosk *kiosk, const char *renter, struct reply_record *reply)
{
	if (is_blocked(kiosk, renter)) {
		reply_set(reply, REPLY_BLOCKED, "you may not reserve; ask the managers");
		return false;
	}
	if (store_rentals_all_count(kiosk->database) >= BANK_RENTALS_MAX) {
		reply_set(reply, REPLY_LIMIT, "this bank has %d open rentals, as many as it takes",
			BANK_RENTALS_MAX);
		return false;
	}
	int64_t most = kiosk->settings.rentals_max;
	if (store_rentals_open(kiosk->database, renter) >= most) {
		reply_set(reply, REPLY_LIMIT, "you have %lld open rentals here, as many as allowed",
			(long long)most);
		return false;
	}
	return true;
}

static bool is_available(
	struct kiosk *kiosk, const struct item_row *item, struct reply_record *reply)
{
	if (item->state != ITEM_AVAILABLE || item_leaves(item) || item->block_wanted) {
		reply_set(reply, REPLY_NOT_AVAILABLE, "%s is %s", item->entry.item,
			item_state_names[item->state]);
		return false;
	}
	if (!store_compartment_works(kiosk->database, item->compartment)) {
		reply_set(reply, REPLY_NOT_AVAILABLE, "its door is out of order");
		return false;
	}
	if (store_opening_at(kiosk->database, item->compartment)) {
		reply_set(reply, REPLY_NOT_AVAILABLE, "a manager is at its door");
		return false;
	}
	if (doors_level(kiosk->doors, (int)item->compartment) == BANK_OPEN) {
		reply_set(reply, REPLY_NOT_AVAILABLE, "its door stands open");
		return false;
	}
	return true;
}

void request_reserve(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct item_row item;
	struct rental_row rental;
	char renter[NAME_SIZE];
	if (!kiosk_lends(kiosk)) {
		reply_set(reply, REPLY_RETURNS_ONLY, "this bank takes returns only");
		return;
	}
	if (!request_item(kiosk, request, reply, &item) ||
		!kiosk_renter(kiosk, request->user, renter) || !is_available(kiosk, &item, reply) ||
		!may_reserve(kiosk, renter, reply))
		return;
	rentals_reserve(kiosk, &item, renter, request_by(kiosk, request), &rental);
	reply_with_rental(kiosk, request->user, &rental, reply);
}
