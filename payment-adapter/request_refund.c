/* refund: the money was taken and is given back; by a void if it was not taken yet. */
#include "payment-adapter/request.h"

static const struct field fields[] = {
	ARG_PAYMENT,
	ARG_RENTAL(FIELD_REQUIRED),
	ARG_AMOUNT(FIELD_REQUIRED),
	ARG_CURRENCY(FIELD_REQUIRED),
	{0},
};

/* A ledger that was put back learns of the capture first; then it is asked once more. */
static bool settle(void *node, const char *kiosk, const char *payment, struct reply_record *reply)
{
	struct adapter *adapter = node;
	struct ledger_row row;
	bool taken = store_ledger_read(adapter->database, payment, &row) &&
		     row.fact.state == PAYMENT_CAPTURED;
	return !taken && request_given_back(node, kiosk, payment, reply);
}

static void handle(void *node, struct request *request, struct reply_record *reply)
{
	request_give_back(node, request, true, reply);
}

const struct operation refund_operation = {
	.name = "refund",
	.arguments = OPERATION_ARGUMENTS("refund", "Gives the money back.", fields),
	.handle = handle,
	.settle = settle,
};
