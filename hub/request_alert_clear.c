#include "hub/core.h"
#include "hub/own.h"
#include "hub/request.h"
#include "hub/store_view.h"

/* A person has seen it. Its kiosk does not hear of that: it raises it anew only when it has cleared it
 * itself, or, of a forced door, when that happens again. */
void hub_request_alert_clear(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	struct alert_row row;
	const struct arguments *args = &request->args;
	if (!hub_view_alert(hub->database, args->kiosk, args->alert, true, &row) &&
		!hub_view_alert(hub->database, args->kiosk, args->alert, false, &row)) {
		reply_set(reply, REPLY_NOT_FOUND, "no such alert is raised");
		return;
	}
	row.alert.cleared = true;
	hub_own_event(hub, EVENT_ALERT, "cleared", row.alert.alert, row.kiosk, &row.alert);
	reply_set(reply, REPLY_OK, "%s", "");
}
