/* void: nothing was delivered, the reservation is let go. If the money was taken it stays: whoever
 * asks is a kiosk that was put back to an old copy, and does not know of the delivery. */
#include "payment-adapter/request.h"

static const struct field fields[] = {
	ARG_PAYMENT,
	ARG_RENTAL(FIELD_REQUIRED),
	ARG_AMOUNT(FIELD_REQUIRED),
	ARG_CURRENCY(FIELD_REQUIRED),
	{0},
};

bool request_given_back(
	void *node, const char *kiosk, const char *payment, struct reply_record *reply)
{
	struct adapter *adapter = node;
	struct ledger_row row;
	(void)kiosk;
	if (!store_ledger_read(adapter->database, payment, &row))
		return false;
	if (request_tell(adapter, &row, reply))
		return true;
	if (!payment_is_final((enum payment_state)row.fact.state))
		return false;
	reply->code = REPLY_OK;
	return true;
}

/* A void that comes before its authorize leaves a mark, and the late one is refused. If the
 * provider may know the payment, it is the provider that is asked. */
static void give_back_unknown(
	struct adapter *adapter, struct request *request, struct ledger_row *row)
{
	ledger_fill(row, &request->args, adapter->now);
	if (row->searched || adapter_may_have_lost(adapter, request->args.payment))
		ledger_enter(row, PAYMENT_VOID_OWED, true, adapter->now);
	else
		ledger_mark(row, "", adapter->now);
	adapter_put(adapter, row);
}

static bool is_taken(const struct ledger_row *row)
{
	return row->fact.state == PAYMENT_CAPTURE_OWED || row->fact.state == PAYMENT_CAPTURED;
}

void request_give_back(
	struct adapter *adapter, struct request *request, bool if_taken, struct reply_record *reply)
{
	struct ledger_row row;
	enum request_find found = request_find(adapter, request, &row);
	if (found == FIND_FOREIGN) {
		request_not_found(reply);
		return;
	}
	if (found == FIND_NONE && !request_has_room(adapter, request, reply))
		return;
	if (found == FIND_NONE)
		request_start(adapter, request, &row);
	if (row.fact.state == PAYMENT_NONE)
		give_back_unknown(adapter, request, &row);
	else if ((if_taken || !is_taken(&row)) &&
		 ledger_want(&row, PAYMENT_WANT_BACK, "", adapter->now))
		adapter_put(adapter, &row);
	request_given_back(adapter, request->user, request->args.payment, reply);
}

static void handle(void *node, struct request *request, struct reply_record *reply)
{
	request_give_back(node, request, false, reply);
}

const struct operation void_operation = {
	.name = "void",
	.arguments = OPERATION_ARGUMENTS("void", "Lets the reservation go.", fields),
	.handle = handle,
	.settle = request_given_back,
};
