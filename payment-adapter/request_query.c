/* query: what the ledger knows of a payment. Changes nothing. */
#include "payment-adapter/request.h"

static const struct field fields[] = {
	ARG_PAYMENT,
	ARG_RENTAL(0),
	ARG_AMOUNT(0),
	ARG_CURRENCY(0),
	{0},
};

static bool settle(void *node, const char *kiosk, const char *payment, struct reply_record *reply)
{
	struct adapter *adapter = node;
	struct ledger_row row;
	(void)kiosk;
	if (!store_ledger_read(adapter->database, payment, &row) || row.fact.state == PAYMENT_NONE)
		return false;
	request_tell(adapter, &row, reply);
	reply_set(reply, REPLY_OK, "%s", row.needs_person ? "a person has to look" : "");
	return true;
}

/* The provider is asked whether it has what this ledger may have lost. */
static void search(struct adapter *adapter, struct request *request, struct reply_record *reply)
{
	struct ledger_row row;
	if (!request_has(request, "rental") || !request_has(request, "amount") ||
		!request_has(request, "currency")) {
		reply_set(reply, REPLY_NOT_FOUND,
			"not in this ledger; to search the provider, name rental, amount and "
			"currency");
		return;
	}
	if (!request_has_room(adapter, request, reply))
		return;
	if (calls_full(adapter, request->user)) {
		reply_set(reply, REPLY_BUSY, "too many payments wait");
		reply->retry_after = calls_retry_after(adapter);
		return;
	}
	request_start(adapter, request, &row);
	ledger_enter(&row, PAYMENT_NONE, true, adapter->now);
	adapter_put(adapter, &row);
}

static void handle(void *node, struct request *request, struct reply_record *reply)
{
	struct adapter *adapter = node;
	struct ledger_row row;
	enum request_find found = request_find(adapter, request, &row);
	if (found == FIND_OURS)
		settle(adapter, request->user, request->args.payment, reply);
	else if (found == FIND_NONE && adapter_may_have_lost(adapter, request->args.payment))
		search(adapter, request, reply);
	else
		request_not_found(reply);
}

const struct operation query_operation = {
	.name = "query",
	.arguments = OPERATION_ARGUMENTS("query", "Tells what the ledger knows.", fields),
	.handle = handle,
	.settle = settle,
};
