/*
 * reconcile: a kiosk begins a new epoch and names all payments that its rentals claim. Those of its
 * payments that are sent or authorized and not claimed are given back. Once for each epoch: a
 * repeat, however late, only hears the list again.
 */
#include "payment-adapter/request.h"

#include <stdlib.h>
#include <string.h>

#define LIST_MAX   1024
#define EPOCHS_MAX 64 /* of one kiosk, as long as they are kept; a person approves each */

static const struct field fields[] = {
	ARG(epoch, FIELD_UUID, FIELD_REQUIRED),
	ARG(claims, FIELD_LIST, FIELD_REQUIRED, .max = CLAIMS_MAX, .record = &claim_record_type),
	{0},
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct claim_record *)a)->payment,
		((const struct claim_record *)b)->payment);
}

/* Rows cannot change while they are read, so their ids are taken first. */
static struct list find_unclaimed(struct adapter *adapter, struct request *request)
{
	struct list *claims = &request->args.claims, found = {0};
	struct ledger_row row;
	if (claims->n > 0)
		qsort(claims->items, claims->n, sizeof(struct claim_record), compare);
	struct query *query = store_ledger_unsettled(adapter->database, request->user);
	while (store_ledger_next(query, &row)) {
		struct claim_record own;
		TEXT_COPY(own.payment, row.fact.payment);
		if (claims->n > 0 && bsearch(&own, claims->items, claims->n, sizeof(own), compare))
			continue;
		*(struct claim_record *)list_add(&found, sizeof(own)) = own;
	}
	return found;
}

static void give_back(struct adapter *adapter, const char *payment, const char *epoch)
{
	struct ledger_row row;
	if (!store_ledger_read(adapter->database, payment, &row) ||
		!ledger_want(&row, PAYMENT_WANT_BACK, LEDGER_UNCLAIMED, adapter->now))
		return;
	TEXT_COPY(row.epoch, epoch);
	adapter_put(adapter, &row);
}

static void reconcile(struct adapter *adapter, struct request *request)
{
	struct list unclaimed = find_unclaimed(adapter, request);
	const struct claim_record *payments = unclaimed.items;
	for (size_t i = 0; i < unclaimed.n; i++)
		give_back(adapter, payments[i].payment, request->args.epoch);
	free(unclaimed.items);
	store_reconciled_add(
		adapter->database, request->user, request->args.epoch, adapter->now.wall);
}

static void handle(void *node, struct request *request, struct reply_record *reply)
{
	struct adapter *adapter = node;
	struct ledger_row row;
	bool known = store_reconciled(adapter->database, request->user, request->args.epoch);
	if (!known && store_reconciled_count(adapter->database, request->user) >= EPOCHS_MAX) {
		reply_set(reply, REPLY_BUSY, "%d epochs of this bank are reconciled already",
			EPOCHS_MAX);
		reply->retry_after = MINUTE / MSEC;
		return;
	}
	if (!known)
		reconcile(adapter, request);
	struct query *query =
		store_ledger_given_back(adapter->database, request->user, request->args.epoch);
	while (store_ledger_next(query, &row)) {
		reply->count++;
		if (reply->payments.n < LIST_MAX)
			*(struct payment_record *)list_add(
				&reply->payments, sizeof(struct payment_record)) =
				ledger_fact(&row, &adapter->rules, adapter->now);
	}
	reply->code = REPLY_OK;
}

const struct operation reconcile_operation = {
	.name = "reconcile",
	.arguments = OPERATION_ARGUMENTS("reconcile", "Gives back what no rental claims.", fields),
	.handle = handle,
};
