/* The adapter's operations, a file each (request_*.c), and what they share. */
#ifndef LENDLOCK_PAYMENT_ADAPTER_REQUEST_H
#define LENDLOCK_PAYMENT_ADAPTER_REQUEST_H

#include "lib/domain/tariff.h"
#include "payment-adapter/internal.h"

/*
 * A handler runs inside a transaction. The reply's code comes in as REPLY_NONE or, of a request
 * that expires, as what is wrong with its time: the ledger is looked up first, and may know the
 * answer all the same. It leaves with a code, or with REPLY_NONE to be answered when the
 * operation's settle says that the row is decided.
 */
extern const struct operation authorize_operation, capture_operation, void_operation,
	refund_operation, query_operation, reconcile_operation, settle_operation;

#define ARG_PAYMENT      ARG(payment, FIELD_UUID, FIELD_REQUIRED, .about = "Made by the kiosk.")
#define ARG_RENTAL(flag) ARG(rental, FIELD_UUID, flag)
#define ARG_AMOUNT(flag)                                              \
	ARG(amount, FIELD_INTEGER, flag, .min = 1, .max = AMOUNT_MAX, \
		.about = "In the currency's minor unit.")
#define ARG_CURRENCY(flag) \
	ARG(currency, FIELD_TEXT, flag, .min = 3, .about = "ISO 4217, upper case.")

enum request_find {
	FIND_NONE, /* the ledger lacks it */
	FIND_OURS,
	FIND_FOREIGN, /* another kiosk's: not to be told of */
};
enum request_find request_find(
	struct adapter *adapter, const struct request *request, struct ledger_row *ret_row);
/* A new row, not yet stored. */
void request_start(
	struct adapter *adapter, const struct request *request, struct ledger_row *ret_row);
/* Whether a payment that this ledger lacks may have a row for something else than authorize: as
 * many in a day as one bank can have open. Else the reply says to come again. */
bool request_has_room(
	struct adapter *adapter, const struct request *request, struct reply_record *reply);
/* Whether the request and the row mean the same money. */
bool request_fits(const struct request *request, const struct ledger_row *row);

/* Puts the payment into the reply; true, with a code, if it needs a person. */
bool request_tell(
	struct adapter *adapter, const struct ledger_row *row, struct reply_record *reply);
void request_not_found(struct reply_record *reply);
/* For a payment whose state makes the operation impossible. */
void request_wrong_state(struct reply_record *reply, const struct ledger_row *row);

/* void and refund: the money goes back, also if it was taken already or only so long as it was not. */
void request_give_back(struct adapter *adapter, struct request *request, bool if_taken,
	struct reply_record *reply);
bool request_given_back(
	void *node, const char *kiosk, const char *payment, struct reply_record *reply);

#endif
