/* Items: where each one stands, and what follows when it is free again. */
#include "kiosk/internal.h"

#include <string.h>

static void item_event(struct kiosk *kiosk, const struct item_row *item, const char *fact,
	const struct change *change)
{
	struct item_record record = {.state = item->state, .compartment = item->compartment};
	TEXT_COPY(record.item, item->entry.item);
	TEXT_COPY(record.reason, item->reason);
	TEXT_COPY(record.by, change->by);
	if (item->state == ITEM_MOVING)
		TEXT_COPY(record.move, item->entry.move);
	outbox_add(kiosk, EVENT_ITEM, fact, item->entry.item, &record);
	offer_changed(kiosk);
}

void item_enter(struct kiosk *kiosk, struct item_row *item, enum item_state state,
	const struct change *change)
{
	item->state = (int)state;
	TEXT_COPY(item->reason, change->reason);
	store_item_write(kiosk->database, item);
	item_event(kiosk, item, item_state_names[state], change);
}

void item_put(struct kiosk *kiosk, struct item_row *item, int64_t compartment)
{
	struct item_row other;
	bool anothers = compartment && store_item_in(kiosk->database, compartment, &other) &&
			strcmp(other.entry.item, item->entry.item) != 0;
	item->compartment = anothers ? 0 : compartment;
}

bool item_leaves(const struct item_row *item)
{
	return item->entry.withdrawn || item->entry.moving[0];
}

enum item_state item_free_state(const struct item_row *item, bool from_return, bool doubtful)
{
	if (item->entry.withdrawn)
		return ITEM_WITHDRAWN;
	if (item->entry.moving[0]) /* somebody takes it out, and looks at it then */
		return ITEM_MOVING;
	if (item->block_wanted)
		return ITEM_BLOCKED;
	if (doubtful || (from_return && item->entry.inspect))
		return ITEM_INSPECTION;
	return item->compartment ? ITEM_AVAILABLE : ITEM_REGISTERED;
}

/* A board that waits to be adopted does not know where the thing is, and must not say that it is
 * gone: that follows from what a person finds behind the doors (confirmation.c). */
void item_settle(struct kiosk *kiosk, struct item_row *item, const struct change *change)
{
	bool gone = item->compartment == 0;
	if (item->state == ITEM_WITHDRAWN || item->state == ITEM_MOVING) {
		if (gone && adoption_is_over(kiosk))
			item_collected(kiosk, item, change);
		else if (!gone)
			alert_raise(kiosk, "collect", item->entry.item,
				&(struct alert_about){.compartment = item->compartment,
					.item = item->entry.item,
					.message = item->state == ITEM_WITHDRAWN
							   ? "withdrawn: take it out"
							   : "moves to another bank: take it out"});
	}
}

void item_collected(struct kiosk *kiosk, struct item_row *item, const struct change *change)
{
	alert_clear(kiosk, "collect", item->entry.item);
	alert_clear(kiosk, "reported", item->entry.item);
	item->compartment = 0;
	if (item->entry.moving[0] && !item->entry.withdrawn) {
		item->state = ITEM_MOVING;
		TEXT_COPY(item->reason, change->reason);
		item_event(kiosk, item, "released", change);
		store_item_delete(kiosk->database, item->entry.item);
	} else {
		item_enter(kiosk, item, item_free_state(item, false, false), change);
	}
}

/* The state that the catalogue leads to, for an item that is in nobody's hands. */
static enum item_state wanted_state(const struct item_row *item)
{
	if (item->entry.withdrawn)
		return ITEM_WITHDRAWN;
	if (item->entry.moving[0])
		return ITEM_MOVING;
	if (item->state == ITEM_MOVING || item->state == ITEM_WITHDRAWN) /* that was taken back */
		return item_free_state(item, false, false);
	return (enum item_state)item->state;
}

void item_follow(struct kiosk *kiosk, struct item_row *item, const struct change *change)
{
	struct rental_row rental;
	enum item_state wanted = wanted_state(item);
	if (!adoption_is_over(kiosk) || (int)wanted == item->state ||
		store_rental_of_item(kiosk->database, item->entry.item, &rental) ||
		store_opening_stocks(kiosk->database, item->entry.item))
		return;
	alert_clear(kiosk, "collect", item->entry.item);
	item_enter(kiosk, item, wanted, change);
	item_settle(kiosk, item, change);
}

static bool compartment_opens(struct kiosk *kiosk, int compartment)
{
	return store_compartment_works(kiosk->database, compartment) &&
	       !store_opening_at(kiosk->database, compartment) &&
	       doors_level(kiosk->doors, compartment) != BANK_OPEN;
}

static bool compartment_is_free(struct kiosk *kiosk, int compartment)
{
	struct item_row item;
	return compartment_opens(kiosk, compartment) &&
	       !store_item_in(kiosk->database, compartment, &item) &&
	       doors_presence(kiosk->doors, compartment) != BANK_OPEN;
}

int item_find_compartment(struct kiosk *kiosk, int wanted)
{
	int count = doors_count(kiosk->doors);
	if (wanted >= 1 && wanted <= count && compartment_is_free(kiosk, wanted))
		return wanted;
	for (int compartment = 1; compartment <= count; compartment++)
		if (compartment_is_free(kiosk, compartment))
			return compartment;
	return 0;
}

int item_find_way_back(struct kiosk *kiosk, const struct rental_row *rental)
{
	struct item_row item;
	if (store_item_read(kiosk->database, rental->fact.item, &item) && item.compartment &&
		compartment_opens(kiosk, (int)item.compartment))
		return (int)item.compartment;
	return item_find_compartment(kiosk, (int)rental->lent_from);
}
