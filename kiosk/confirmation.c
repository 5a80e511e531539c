/* Confirmation: after an adoption a person says what lies behind each door. It settles what two
 * databases could not, and then the bank lends again. */
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
		if (input != RENTAL_INPUTS) {
			rental_apply(kiosk, &rental, input, change);
			alert_clear(kiosk, "unconfirmed", rental.fact.rental);
		}
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
	alert_clear(kiosk, "collect", content->item); /* it may lie elsewhere, or stay */
	if (store_rental_of_item(kiosk->database, content->item, &rental)) {
		rental.fact.compartment = rental.lent_from = content->compartment;
		store_rental_write(kiosk->database, &rental);
		item_enter(kiosk, &item, ITEM_RESERVED, change);
	} else {
		item_enter(kiosk, &item, item_free_state(&item, false, false), change);
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

static bool is_found(const struct list *contents, const char *item)
{
	const struct content_record *content = contents->items;
	for (size_t i = 0; i < contents->n; i++)
		if (strcmp(content[i].item, item) == 0)
			return true;
	return false;
}

void confirmation_take(struct kiosk *kiosk, const struct list *contents, const char *by)
{
	const struct change change = {.by = by, .reason = "bank-confirmed"};
	const struct content_record *content = contents->items;
	for (size_t i = 0; i < contents->n; i++)
		end_found_rentals(kiosk, &content[i], &change);
	store_compartments_clear(kiosk->database);
	for (size_t i = 0; i < contents->n; i++)
		found(kiosk, &content[i], &change);
	struct list names = {0};
	struct query *query = store_items(kiosk->database);
	struct item_row item;
	while (store_item_next(query, &item))
		if (!is_found(contents, item.entry.item))
			text_copy(list_add(&names, NAME_SIZE), NAME_SIZE, item.entry.item);
	for (size_t i = 0; i < names.n; i++)
		if (store_item_read(
			    kiosk->database, (const char *)names.items + i * NAME_SIZE, &item))
			not_found(kiosk, &item, &change);
	free(names.items);
	alert_clear(kiosk, "confirm-bank", kiosk->options.name);
	alert_clear(kiosk, "forked", kiosk->node.epoch);
	/* Whatever the hub lost or never heard, it is of one mind with us now. */
	snapshot_add(kiosk);
	adoption_enter(kiosk, MODE_LENDING);
}
