/* simulate: moves a door of a bank that has no hardware. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

void request_simulate(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	const struct kiosk_options *options = &kiosk->options;
	if (!options->simulate)
		reply_set(reply, REPLY_UNKNOWN_OPERATION, "this bank is not simulated");
	else if (!options->simulate(options->simulate_context, (int)request->args.compartment,
			 (enum door_action)request->args.action))
		reply_set(reply, REPLY_NOT_FOUND, "no such door");
	else
		reply_set(reply, REPLY_OK, "done");
}
