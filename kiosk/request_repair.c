/* repair: a manager says whether a door works. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

void request_repair(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	int64_t compartment = request->args.compartment;
	if (compartment > doors_count(kiosk->doors)) {
		reply_set(reply, REPLY_NOT_FOUND, "this bank has %d doors",
			doors_count(kiosk->doors));
		return;
	}
	store_compartment_write(kiosk->database, compartment, request->args.works);
	if (request->args.works) {
		door_alert_clear(kiosk, "door-jammed", compartment);
		/* Whoever will say what lies there may have looked before it was forced. */
		if (kiosk_lends(kiosk))
			door_alert_clear(kiosk, "door-forced", compartment);
		door_alert_clear(kiosk, "lock-stuck", compartment);
		if (doors_level(kiosk->doors, (int)compartment) != BANK_OPEN)
			door_alert_clear(kiosk, "door-left-open", compartment);
	} else {
		openings_give_up(kiosk, compartment);
		door_alert_raise(kiosk, "door-jammed",
			&(struct alert_about){
				.compartment = compartment, .message = "said by a manager"});
	}
	offer_changed(kiosk);
	reply_set(reply, REPLY_OK, "door %lld %s", (long long)compartment,
		request->args.works ? "works" : "is out of order");
}
