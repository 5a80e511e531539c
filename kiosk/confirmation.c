/* Confirmation: after an adoption a person says what lies behind each door. It settles what two
 * databases could not, and then the bank lends again. What went through a door meanwhile, and is
 * not where that person says, is looked at once more. */
#include "kiosk/internal.h"

#include <stdlib.h>
#include <string.h>

/* What not being found behind any door says of the item's rental; nothing if it is out. */
static enum rental_input missing_input(enum rental_state state)
{
	switch (state) {
	case RENTAL_UNCONFIRMED:
		return RENTAL_CONFIRM_TAKEN;
	case RENTAL_UNCONFIRMED_RETURN:
		return RENTAL_CONFIRM_NOT_RETURNED;
	default:
		return rental_is_out(state) ? RENTAL_INPUTS : RENTAL_RESOLVE_REFUND;
	}
}

/* One item was not found behind any door. */
static void not_found(struct kiosk *kiosk, struct item_row *item, const struct change *change)
{
	char name[NAME_SIZE];
	TEXT_COPY(name, item->entry.item);
	struct rental_row rental;
	if (store_rental_of_item(kiosk->database, name, &rental)) {
		enum rental_input input = missing_input((enum rental_state)rental.fact.state);
		if (input != RENTAL_INPUTS)
			rental_apply(kiosk, &rental, input, change);
		alert_clear(kiosk, "unconfirmed", rental.fact.rental);
		if (!rental_is_final((enum rental_state)rental.fact.state) ||
			!store_item_read(kiosk->database, name, item))
			return;
	}
	item_collected(kiosk, item, change);
}

static void found(
	struct kiosk *kiosk, const struct content_record *content, const struct change *change)
{
	struct item_row item;
	struct rental_row rental;
	if (!content->item[0] || !store_item_read(kiosk->database, content->item, &item))
		return;
	item.compartment = content->compartment;
	/* Whoever looked may have done so before that. */
	bool forced = door_alert_is_raised(kiosk, "door-forced", content->compartment);
	alert_clear(kiosk, "collect", content->item); /* it may lie elsewhere, or stay */
	if (store_rental_of_item(kiosk->database, content->item, &rental)) {
		rental.fact.compartment = rental.lent_from = content->compartment;
		rental.doubtful |= forced;
		store_rental_write(kiosk->database, &rental);
		item_enter(kiosk, &item, ITEM_RESERVED, change);
	} else {
		item_enter(kiosk, &item, item_free_state(&item, false, forced), change);
		item_settle(kiosk, &item, change);
	}
}

/* What being found behind a door says of the item's rental. */
static enum rental_input found_input(enum rental_state state)
{
	switch (state) {
	case RENTAL_UNCONFIRMED:
		return RENTAL_CONFIRM_NOT_TAKEN;
	case RENTAL_UNCONFIRMED_RETURN:
		return RENTAL_CONFIRM_RETURNED;
	default:
		return rental_is_out(state) ? RENTAL_RESOLVE : RENTAL_INPUTS;
	}
}

static void end_found_rentals(
	struct kiosk *kiosk, const struct content_record *content, const struct change *change)
{
	struct rental_row rental;
	if (!content->item[0] || !store_rental_of_item(kiosk->database, content->item, &rental))
		return;
	enum rental_input input = found_input((enum rental_state)rental.fact.state);
	if (input != RENTAL_INPUTS)
		rental_apply(kiosk, &rental, input, change);
}

/* --- what went through a door since that was looked at --------------------------------------- */

static int64_t listed_place(const struct list *contents, const char *item)
{
	const struct content_record *content = contents->items;
	for (size_t i = 0; i < contents->n; i++)
		if (strcmp(content[i].item, item) == 0)
			return content[i].compartment;
	return 0;
}

/* Items of which the bank has seen since that they are somewhere else; each with the place where
 * somebody saw it, or else where the bank saw it last. */
static struct list list_overtaken(struct kiosk *kiosk, const struct list *contents)
{
	struct list overtaken = {0};
	struct query *query = store_items(kiosk->database);
	struct item_row item;
	while (store_item_next(query, &item)) {
		int64_t listed = listed_place(contents, item.entry.item);
		if (!item.passed || listed == item.compartment)
			continue;
		item.compartment = listed ? listed : item.compartment;
		*(struct item_row *)list_add(&overtaken, sizeof(item)) = item;
	}
	return overtaken;
}

static bool is_overtaken(const struct list *overtaken, const char *item)
{
	const struct item_row *row = overtaken->items;
	for (size_t i = 0; i < overtaken->n; i++)
		if (strcmp(row[i].entry.item, item) == 0)
			return true;
	return false;
}

/* It is believed to be there, and a person looks once more. */
static void keep_place(
	struct kiosk *kiosk, const struct item_row *overtaken, const struct change *change)
{
	struct item_row item;
	struct rental_row rental;
	if (!store_item_read(kiosk->database, overtaken->entry.item, &item))
		return;
	item_put(kiosk, &item, overtaken->compartment);
	alert_clear(kiosk, "collect", item.entry.item); /* it may lie elsewhere */
	if (store_rental_of_item(kiosk->database, item.entry.item, &rental)) {
		store_item_write(kiosk->database, &item);
	} else if (!item.compartment && item_leaves(&item)) {
		item_collected(kiosk, &item, change);
	} else {
		item_enter(kiosk, &item, item_free_state(&item, false, true), change);
		item_settle(kiosk, &item, change);
	}
}

/* --- the list -------------------------------------------------------------------------------- */

static struct list list_agreed(const struct list *contents, const struct list *overtaken)
{
	struct list agreed = {0};
	const struct content_record *content = contents->items;
	for (size_t i = 0; i < contents->n; i++)
		if (!is_overtaken(overtaken, content[i].item))
			*(struct content_record *)list_add(&agreed, sizeof(*content)) = content[i];
	return agreed;
}

static void take_found(struct kiosk *kiosk, const struct list *agreed, const struct change *change)
{
	const struct content_record *content = agreed->items;
	for (size_t i = 0; i < agreed->n; i++)
		end_found_rentals(kiosk, &content[i], change);
	store_compartments_clear(kiosk->database);
	for (size_t i = 0; i < agreed->n; i++)
		found(kiosk, &content[i], change);
}

static void take_missing(struct kiosk *kiosk, const struct list *agreed,
	const struct list *overtaken, const struct change *change)
{
	struct list names = {0};
	struct query *query = store_items(kiosk->database);
	struct item_row item;
	while (store_item_next(query, &item))
		if (!listed_place(agreed, item.entry.item) &&
			!is_overtaken(overtaken, item.entry.item))
			text_copy(list_add(&names, NAME_SIZE), NAME_SIZE, item.entry.item);
	for (size_t i = 0; i < names.n; i++)
		if (store_item_read(
			    kiosk->database, (const char *)names.items + i * NAME_SIZE, &item))
			not_found(kiosk, &item, change);
	free(names.items);
}

static void take_list(struct kiosk *kiosk, const struct list *contents, const struct change *change)
{
	struct list overtaken = list_overtaken(kiosk, contents);
	struct list agreed = list_agreed(contents, &overtaken);
	const struct item_row *kept = overtaken.items;
	take_found(kiosk, &agreed, change);
	take_missing(kiosk, &agreed, &overtaken, change);
	for (size_t i = 0; i < overtaken.n; i++)
		keep_place(kiosk, &kept[i], change);
	store_items_forget_passed(kiosk->database);
	free(agreed.items);
	free(overtaken.items);
}

void confirmation_take(struct kiosk *kiosk, const struct list *contents, const char *by)
{
	take_list(kiosk, contents, &(struct change){.by = by, .reason = "bank-confirmed"});
	alert_clear(kiosk, "confirm-bank", kiosk->options.name);
	alert_clear(kiosk, "forked", kiosk->node.epoch);
	/* Whatever the hub lost or never heard, it is of one mind with us now. */
	snapshot_add(kiosk);
	adoption_enter(kiosk, MODE_LENDING);
}
