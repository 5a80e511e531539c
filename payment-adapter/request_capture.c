/* capture: the thing was delivered, the reserved money is taken. */
#include "payment-adapter/request.h"

static const struct field fields[] = {
	ARG_PAYMENT,
	ARG_RENTAL(FIELD_REQUIRED),
	ARG_AMOUNT(FIELD_REQUIRED),
	ARG_CURRENCY(FIELD_REQUIRED),
	{0},
};

static bool settle(void *node, const char *kiosk, const char *payment, struct reply_record *reply)
{
	struct adapter *adapter = node;
	struct ledger_row row;
	(void)kiosk;
	if (!store_ledger_read(adapter->database, payment, &row))
		return false;
	if (request_tell(adapter, &row, reply))
		return true;
	if (row.fact.state == PAYMENT_CAPTURE_OWED)
		return false;
	if (row.fact.state == PAYMENT_CAPTURED)
		reply->code = REPLY_OK;
	else
		request_wrong_state(reply, &row);
	return true;
}

/* The ledger lacks it, but the provider may have it. */
static void search(struct adapter *adapter, struct request *request, struct ledger_row *row)
{
	ledger_fill(row, &request->args, adapter->now);
	ledger_enter(row, PAYMENT_CAPTURE_OWED, true, adapter->now);
	adapter_put(adapter, row);
}

static void handle(void *node, struct request *request, struct reply_record *reply)
{
	struct adapter *adapter = node;
	struct ledger_row row;
	enum request_find found = request_find(adapter, request, &row);
	if (found == FIND_NONE)
		request_start(adapter, request, &row);
	bool lost = found == FIND_NONE && adapter_may_have_lost(adapter, request->args.payment);

	if (found == FIND_FOREIGN || (found == FIND_NONE && !lost)) {
		request_not_found(reply);
	} else if (lost && !request_has_room(adapter, request, reply)) {
		return;
	} else if (row.fact.state == PAYMENT_NONE) {
		search(adapter, request, &row);
	} else if (!request_fits(request, &row)) {
		reply_set(reply, REPLY_CONFLICT, "this payment came before with another content");
	} else {
		if (ledger_want(&row, PAYMENT_WANT_CAPTURE, "", adapter->now))
			adapter_put(adapter, &row);
		settle(adapter, request->user, request->args.payment, reply);
	}
}

const struct operation capture_operation = {
	.name = "capture",
	.arguments = OPERATION_ARGUMENTS("capture", "Takes the money that is reserved.", fields),
	.handle = handle,
	.settle = settle,
};
