#include "hub/core.h"
#include "hub/own.h"
#include "hub/request.h"
#include "hub/store_catalogue.h"

/* Retained messages that nobody speaks for any more. */
static void empty(struct hub *hub, enum topic_kind kind, const char *kiosk)
{
	const struct topic topic = hub_topic(hub, kind, kiosk);
	const struct outgoing_options options = {.qos = 1, .retain = true};
	outgoing_add_text(hub->outgoing, &topic, "", 0, "application/json", &options);
}

/* A name that was mistyped, most likely: a bank that has never spoken, and where
 * nothing belongs. */
void hub_request_bank_remove(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	const char *kiosk = request->args.kiosk;
	struct hub_bank *bank = hub_bank_find(hub, kiosk);
	if (!bank) {
		reply_set(reply, REPLY_NOT_FOUND, "there is no bank %s", kiosk);
		return;
	}
	if (bank->row.epoch[0] || bank->row.link != LINK_UNKNOWN) {
		reply_set(reply, REPLY_WRONG_STATE, "it has spoken: it is no slip of the pen");
		return;
	}
	if (hub_catalogue_in_use(hub->database, kiosk)) {
		reply_set(reply, REPLY_WRONG_STATE, "items belong there; move or withdraw them");
		return;
	}
	struct bank_removed_record removed = {0};
	TEXT_COPY(removed.kiosk, kiosk);
	TEXT_COPY(removed.by, request->user);
	hub_own_event(hub, EVENT_BANK, "removed", kiosk, kiosk, &removed);
	hub_bank_remove(hub, bank);
	empty(hub, TOPIC_KIOSK_DESIRED, kiosk);
	empty(hub, TOPIC_VIEW, kiosk);
	reply_set(reply, REPLY_OK, "%s", "");
}
