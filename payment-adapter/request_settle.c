/* settle: a person has looked at the provider, which cannot be asked any more, and says how it
 * ended. Only for a payment that waits for that. */
#include "payment-adapter/request.h"

#include "lib/base/log.h"

static const struct field fields[] = {
	ARG_PAYMENT,
	ARG(outcome, FIELD_CHOICE, FIELD_REQUIRED, .names = settle_outcome_names,
		.about = "No money is held or was taken; or it was taken and is given back."),
	ARG(reason, FIELD_TEXT, FIELD_REQUIRED, .min = 1,
		.about = "For people and for the record."),
	ARG(user, FIELD_NAME, FIELD_REQUIRED, .min = 1, .about = "The manager who says so."),
	{0},
};

static void handle(void *node, struct request *request, struct reply_record *reply)
{
	struct adapter *adapter = node;
	const struct arguments *args = &request->args;
	struct ledger_row row;
	if (request_find(adapter, request, &row) != FIND_OURS) {
		request_not_found(reply);
		return;
	}
	enum payment_input input =
		args->outcome == SETTLE_REFUNDED ? PAYMENT_IS_REFUNDED : PAYMENT_IS_VOIDED;
	if (ledger_settle(&row, input, args->reason, adapter->now)) {
		log_warning("payment %s: %s says that it is %s: %s", row.fact.payment, args->user,
			settle_outcome_names[args->outcome], args->reason);
		adapter_put(adapter, &row);
		reply->code = REPLY_OK;
	} else {
		reply_set(reply, REPLY_WRONG_STATE, "it is %s and needs no person",
			row.fact.state ? payment_state_names[row.fact.state] : "unknown");
	}
	struct payment_record fact = ledger_fact(&row, &adapter->rules, adapter->now);
	reply_payment(reply, &fact);
}

const struct operation settle_operation = {
	.name = "settle",
	.arguments = OPERATION_ARGUMENTS("settle", "A person says how it ended.", fields),
	.handle = handle,
};
