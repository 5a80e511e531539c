#include "hub/adoption.h"
#include "hub/request.h"

#include <string.h>

/* Only what the kiosk shows can be adopted: nobody adopts by a slip of the pen. */
void hub_request_kiosk_adopt(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	const char *epoch = request->args.epoch;
	struct hub_bank *bank = hub_bank_find(hub, request->args.kiosk);
	if (!bank) {
		reply_set(reply, REPLY_NOT_FOUND, "no bank %s has been seen", request->args.kiosk);
	} else if (strcmp(bank->row.epoch, epoch) == 0) {
		reply_set(reply, REPLY_OK, "it is the valid one already");
	} else if (hub_adoption_is_retired(hub, bank, epoch)) {
		reply_set(reply, REPLY_WRONG_STATE, "that epoch was retired; it stays so");
	} else if (strcmp(bank->row.claimed, epoch) != 0) {
		reply_set(reply, REPLY_WRONG_STATE, "%s",
			bank->row.claimed[0] ? "the kiosk shows another one by now"
					     : "the kiosk shows no other one");
	} else {
		hub_adoption_approve(hub, bank, epoch, request->user);
		reply_set(reply, REPLY_OK, "%s", "");
	}
}
