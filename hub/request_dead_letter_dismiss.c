#include "hub/core.h"
#include "hub/request.h"
#include "hub/store_dead_letter.h"
#include "hub/views.h"

/* A person has dealt with one that no replay will ever take: a fork, or a retired epoch. */
void hub_request_dead_letter_dismiss(
	void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	struct dead_letter_record letter;
	if (!hub_letter_get(hub->database, request->args.position, &letter)) {
		reply_set(reply, REPLY_NOT_FOUND, "no such letter");
		return;
	}
	hub_letter_done(hub->database, letter.position);
	hub_views_changed(hub, hub_bank_find(hub, letter.kiosk));
	reply_set(reply, REPLY_OK, "%s", "");
}
