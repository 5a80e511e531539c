/* authorize: reserves the money. The ledger is looked up before the expiry counts for anything. */
#include "payment-adapter/request.h"

#include <string.h>

#define TTL_MAX MINUTE

static const struct field fields[] = {
	ARG_EXPIRES_AT,
	ARG_PAYMENT,
	ARG_RENTAL(FIELD_REQUIRED),
	ARG_AMOUNT(FIELD_REQUIRED),
	ARG_CURRENCY(FIELD_REQUIRED),
	ARG(method, FIELD_TEXT, FIELD_REQUIRED, .min = 1,
		.about = "A token of a payment method; never card data."),
	{0},
};

static void judge(const struct ledger_row *row, struct reply_record *reply)
{
	switch ((enum payment_state)row->fact.state) {
	case PAYMENT_NONE:
	case PAYMENT_NEW:
	case PAYMENT_SENT:
		break;
	case PAYMENT_AUTHORIZED:
	case PAYMENT_CAPTURE_OWED:
	case PAYMENT_CAPTURED:
		reply->code = REPLY_OK;
		break;
	case PAYMENT_DECLINED:
		reply_set(reply, REPLY_DECLINED, "%s", row->fact.reason);
		break;
	case PAYMENT_VOIDED:
		if (strcmp(row->fact.reason, LEDGER_EXPIRED) == 0) {
			reply_set(reply, REPLY_EXPIRED, "it was not run and never will be");
			break;
		}
		/* fallthrough */
	case PAYMENT_VOID_OWED:
	case PAYMENT_REFUND_OWED:
	case PAYMENT_REFUNDED:
		request_wrong_state(reply, row);
	}
}

static bool settle(void *node, const char *kiosk, const char *payment, struct reply_record *reply)
{
	struct adapter *adapter = node;
	struct ledger_row row;
	(void)kiosk;
	if (!store_ledger_read(adapter->database, payment, &row))
		return false;
	reply->code = REPLY_NONE;
	if (!request_tell(adapter, &row, reply))
		judge(&row, reply);
	return reply->code != REPLY_NONE;
}

/* The kiosk still wants it: it may be begun a while longer. */
static void prolong(struct adapter *adapter, const struct request *request, struct ledger_row *row)
{
	if (row->fact.state != PAYMENT_SENT)
		return;
	row->asked_at = adapter->now.elapsed;
	if (row->expires_at < request->args.expires_at)
		row->expires_at = request->args.expires_at;
	adapter_put(adapter, row);
}

static void take_known(struct adapter *adapter, struct request *request, struct ledger_row *row,
	struct reply_record *reply)
{
	bool same_method = !row->method[0] || strcmp(row->method, request->args.method) == 0;
	/* A mark that a void made has no method, and answers all the same. */
	if (!request_fits(request, row) || !same_method) {
		reply_set(reply, REPLY_CONFLICT, "this payment came before with another content");
		return;
	}
	if (reply->code == REPLY_NONE)
		prolong(adapter, request, row);
	settle(adapter, request->user, request->args.payment, reply);
}

/* Too late, and the ledger lacks it. */
static void take_expired(struct adapter *adapter, struct request *request, struct ledger_row *row,
	struct reply_record *reply)
{
	if (adapter_may_have_lost(adapter, request->args.payment))
		ledger_enter(row, PAYMENT_SENT, true, adapter->now);
	else
		ledger_mark(row, LEDGER_EXPIRED, adapter->now);
	adapter_put(adapter, row);
	settle(adapter, request->user, request->args.payment, reply);
}

static void take_new(struct adapter *adapter, struct request *request, struct ledger_row *row,
	struct reply_record *reply)
{
	if (reply->code == REPLY_EXPIRED) {
		take_expired(adapter, request, row, reply);
		return;
	}
	if (reply->code != REPLY_NONE || calls_shed(adapter, request->user, reply))
		return;
	bool lost = adapter_may_have_lost(adapter, request->args.payment);
	bool rival = store_ledger_has_rival(adapter->database, row);
	if (!rival)
		ledger_enter(row, PAYMENT_SENT, lost, adapter->now);
	else if (lost) /* what the provider may have of it goes back */
		ledger_enter(row, PAYMENT_VOID_OWED, true, adapter->now);
	else
		ledger_refuse(row, LEDGER_PAID, adapter->now);
	adapter_put(adapter, row);
	if (rival && !lost)
		settle(adapter, request->user, request->args.payment, reply);
}

static void handle(void *node, struct request *request, struct reply_record *reply)
{
	struct adapter *adapter = node;
	struct ledger_row row;
	switch (request_find(adapter, request, &row)) {
	case FIND_FOREIGN:
		reply_set(reply, REPLY_CONFLICT, "this payment is not yours");
		break;
	case FIND_NONE:
		request_start(adapter, request, &row);
		take_new(adapter, request, &row, reply);
		break;
	case FIND_OURS:
		if (row.fact.state == PAYMENT_NONE) { /* a query searches for it */
			ledger_fill(&row, &request->args, adapter->now);
			take_new(adapter, request, &row, reply);
		} else {
			take_known(adapter, request, &row, reply);
		}
	}
}

const struct operation authorize_operation = {
	.name = "authorize",
	.arguments = OPERATION_ARGUMENTS("authorize", "Reserves the money.", fields),
	.ttl_max = TTL_MAX,
	.handle = handle,
	.settle = settle,
};
