/*
 * Desired state: what the hub wants of this bank. It is compared with what is here, and the
 * difference is acted on; nothing depends on having seen each step. Absence changes nothing.
 */
#include "kiosk/internal.h"

#include "lib/base/log.h"

#include <stdlib.h>
#include <string.h>

static const struct change by_hub = {.by = "", .reason = "catalogue"};

/* Used until a hub has said otherwise. */
static const struct settings_record no_settings = {
	.hold = 15 * 60,
	.extend = 15 * 60,
	.hold_max = 2 * 3600,
	.pickup = 2 * 3600,
	.lost = 14 * 86400,
	.report_within = 5 * 60,
	.rentals_max = 3,
};

/* Ends what stands in the way of a withdrawal, or remembers to. True if the item is free. */
static bool end_reservation(struct kiosk *kiosk, const struct item_row *item)
{
	struct rental_row rental;
	if (!store_rental_of_item(kiosk->database, item->entry.item, &rental))
		return true;
	const struct change change = {.by = "", .reason = "withdrawn"};
	if (rental.fact.state == RENTAL_OPENING) {
		struct opening_row opening;
		if (store_opening_of(kiosk->database, rental.fact.rental, &opening) &&
			doors_give_up(kiosk->doors, opening.opening)) {
			store_opening_delete(kiosk->database, opening.opening);
			rental_apply(kiosk, &rental, RENTAL_GIVE_UP, &change);
		}
		return false;
	}
	rental_apply(kiosk, &rental, RENTAL_CANCEL, &change);
	return false; /* the rental's end has settled it, or the item is out and comes back first */
}

void desired_follow(struct kiosk *kiosk, struct item_row *item)
{
	if (!item->entry.withdrawn || end_reservation(kiosk, item))
		item_follow(kiosk, item, &by_hub);
}

void desired_apply_item(struct kiosk *kiosk, const struct catalogue_record *entry)
{
	struct item_row item;
	bool known = store_item_read(kiosk->database, entry->item, &item);
	/* It has left this bank, and the hub said so before it heard of it. */
	if (!known && entry->moving[0] &&
		store_outbox_released(kiosk->database, entry->item, entry->move))
		return;
	if (!known)
		item = (struct item_row){.state = ITEM_REGISTERED};
	item.entry = *entry;
	store_item_write(kiosk->database, &item);
	if (!known)
		offer_changed(kiosk);
	desired_follow(kiosk, &item);
}

static void keep(struct kiosk *kiosk, struct desired_record *desired)
{
	if (kiosk->desired) {
		record_clear(&desired_record_type, kiosk->desired);
		free(kiosk->desired);
	}
	kiosk->desired = desired;
	kiosk->settings = *desired->settings;
}

static bool is_newer(const struct kiosk *kiosk, const struct desired_record *desired)
{
	const struct node_row *node = &kiosk->node;
	if (strcmp(desired->hub, node->hub) != 0)
		return true; /* the topic is the hub's alone: another hub took over */
	return desired->generation > node->generation ||
	       (desired->generation == node->generation && desired->revision > node->revision);
}

/* The hub says it again because it has not heard that it was taken. */
static bool is_known(const struct kiosk *kiosk, const struct desired_record *desired)
{
	return strcmp(desired->hub, kiosk->node.hub) == 0 &&
	       desired->generation == kiosk->node.generation &&
	       desired->revision == kiosk->node.revision;
}

static void apply(struct kiosk *kiosk, struct desired_record *desired, const char *text)
{
	bool named = kiosk->desired && strcmp(kiosk->desired->epoch, kiosk->node.epoch) == 0;
	bool other_hub = strcmp(desired->hub, kiosk->node.hub) != 0;
	bool looks_back = other_hub || desired->generation != kiosk->node.generation;
	keep(kiosk, desired);
	if (other_hub)
		store_outbox_drop_past(kiosk->database);
	TEXT_COPY(kiosk->node.hub, desired->hub);
	kiosk->node.generation = desired->generation;
	kiosk->node.revision = desired->revision;
	store_desired_write(kiosk->database, text);
	const struct catalogue_record *items = desired->items.items;
	for (size_t i = 0; i < desired->items.n; i++)
		desired_apply_item(kiosk, &items[i]);
	adoption_epoch(kiosk, desired, named);
	offer_changed(kiosk);
	status_changed(kiosk);
	if (looks_back)
		outbox_resend(kiosk);
}

/* NULL if it is malformed, and why. */
static struct desired_record *read_desired(const void *bytes, size_t size, char *why)
{
	json_t *json;
	if (json_read(bytes, size, DESIRED_BYTES, &json, why) != 0)
		return NULL;
	struct desired_record *desired = malloc(sizeof(*desired));
	if (!desired)
		abort();
	int r = record_decode(&desired_record_type, json, desired, why);
	json_decref(json);
	if (r == 0 && strspn(desired->renter_key, "0123456789abcdef") == 64)
		return desired;
	if (r == 0) {
		text_copy(why, RECORD_WHY_SIZE, "renter_key: want 64 hex digits");
		record_clear(&desired_record_type, desired);
	}
	free(desired);
	return NULL;
}

void desired_take(struct kiosk *kiosk, const struct mqtt_message *message)
{
	char why[RECORD_WHY_SIZE];
	struct desired_record *desired = read_desired(message->payload, message->size, why);
	if (!desired) {
		log_warning("desired state: %s", why);
		alert_raise(kiosk, "desired", "malformed", &(struct alert_about){.message = why});
		return;
	}
	alert_clear(kiosk, "desired", "malformed");
	if (!is_newer(kiosk, desired)) {
		if (is_known(kiosk, desired) && !message->retain)
			status_changed(kiosk);
		record_clear(&desired_record_type, desired);
		free(desired);
		return;
	}
	char *text = strndup(message->payload, message->size);
	if (!text)
		abort();
	apply(kiosk, desired, text);
	free(text);
}

void desired_load(struct kiosk *kiosk)
{
	char why[RECORD_WHY_SIZE];
	kiosk->settings = no_settings;
	char *text = store_desired_read(kiosk->database);
	if (!text)
		return;
	struct desired_record *desired = read_desired(text, strlen(text), why);
	free(text);
	if (desired) {
		keep(kiosk, desired);
	} else {
		log_error("desired state in the store: %s", why);
		kiosk->node.revision = 0; /* so that the same one is taken again, and asked for */
	}
}
