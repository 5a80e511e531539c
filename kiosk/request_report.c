/* report: "nothing in here" or "broken", at the door or soon after closing it. Money back, item
 * blocked. */
#include "kiosk/internal.h"
#include "kiosk/request.h"

/* Of what the board before lent, this one does not know when the door was closed: that was long
 * ago, as an adoption takes its time. */
static bool in_time(const struct kiosk *kiosk, const struct rental_row *rental)
{
	if (rental->fact.state == RENTAL_TAKING)
		return true;
	return rental->closed_at &&
	       kiosk->now.elapsed <= rental->closed_at + kiosk->settings.report_within * SECOND;
}

void request_report(void *node, struct request *request, struct reply_record *reply)
{
	struct kiosk *kiosk = node;
	struct rental_row rental;
	if (!request_rental(kiosk, request, reply, &rental))
		return;
	const char *problem = report_problem_names[request->args.problem];
	const struct change change = {.by = request_by(kiosk, request), .reason = problem};
	if (!in_time(kiosk, &rental) || !rental_apply(kiosk, &rental, RENTAL_REPORT, &change)) {
		reply_wrong_state(reply, &rental);
		return;
	}
	alert_raise(kiosk, "reported", rental.fact.item,
		&(struct alert_about){.compartment = rental.fact.compartment,
			.item = rental.fact.item,
			.rental = rental.fact.rental,
			.message = problem});
	reply_with_rental(kiosk, request->user, &rental, reply);
}
