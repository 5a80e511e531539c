/* The table of operations, and what several of them share. */
#include "kiosk/request.h"
#include "kiosk/internal.h"

#include <string.h>

#define REQUIRED FIELD_REQUIRED
#define RENTAL   ARG(rental, FIELD_UUID, REQUIRED, .min = 36)
#define ITEM     ARG(item, FIELD_NAME, REQUIRED, .min = 1)
#define REASON(flag) \
	ARG(reason, FIELD_TEXT, flag, .min = 1, .about = "For people and for the record.")
#define CODE                                             \
	ARG(code, FIELD_DIGITS, 0, .min = CODE_SIZE - 1, \
		.about = "The pickup or return code, instead of `rental`.")
#define FIELDS(id, ...) static const struct field id##_fields[] = {ARG_EXPIRES_AT, __VA_ARGS__{0}}

FIELDS(none, );
FIELDS(rental, RENTAL, );
FIELDS(item, ITEM, );
FIELDS(pay, RENTAL,
	ARG(method, FIELD_TEXT, REQUIRED, .min = 1,
		.about = "A token of a payment method; never card data."), );
FIELDS(door, ARG(rental, FIELD_UUID, 0, .min = 36), CODE, );
FIELDS(report, RENTAL, ARG(problem, FIELD_CHOICE, REQUIRED, .names = report_problem_names), );
FIELDS(confirm, RENTAL,
	ARG(taken, FIELD_BOOLEAN, REQUIRED, .about = "Whether the thing was taken."), );
FIELDS(stock, ITEM,
	ARG(compartment, FIELD_INTEGER, 0, .min = 1, .max = BANK_COMPARTMENTS_MAX,
		.about = "Which one; absent: any free one."), );
FIELDS(inspect, ITEM, ARG(fit, FIELD_BOOLEAN, REQUIRED, .about = "Whether it can be lent."),
	ARG(compartment, FIELD_INTEGER, 0, .min = 1, .max = BANK_COMPARTMENTS_MAX,
		.about = "Where somebody looked; refused if the item's place is another one by "
			 "now."),
	ARG(taken, FIELD_BOOLEAN, 0, .about = "It was not found in that `compartment`."),
	REASON(0), );
FIELDS(block, ITEM, REASON(REQUIRED), );
FIELDS(resolve, RENTAL, ARG(outcome, FIELD_CHOICE, REQUIRED, .names = resolve_outcome_names),
	REASON(REQUIRED), );
FIELDS(settle_payment, ARG(payment, FIELD_UUID, REQUIRED, .min = 36),
	ARG(outcome, FIELD_CHOICE, REQUIRED, .names = settle_outcome_names,
		.about = "No money is held or was taken; or it was taken and is given back."),
	REASON(REQUIRED), );
FIELDS(refund_payment, ARG(payment, FIELD_UUID, REQUIRED, .min = 36), REASON(REQUIRED), );
FIELDS(repair, ARG(compartment, FIELD_INTEGER, REQUIRED, .min = 1, .max = BANK_COMPARTMENTS_MAX),
	ARG(works, FIELD_BOOLEAN, REQUIRED), );
FIELDS(confirm_bank,
	ARG(compartments, FIELD_LIST, REQUIRED, .max = BANK_COMPARTMENTS_MAX,
		.record = &content_record_type), );
FIELDS(simulate, ARG(compartment, FIELD_INTEGER, REQUIRED, .min = 1, .max = BANK_COMPARTMENTS_MAX),
	ARG(action, FIELD_CHOICE, REQUIRED, .names = door_action_names), );

#define OPERATION(id, said, table, ttl, call, ...)                                      \
	{                                                                               \
		.name = id, .arguments = OPERATION_ARGUMENTS(id, said, table##_fields), \
		.ttl_max = ttl, .handle = request_##call, __VA_ARGS__                   \
	}
#define MANAGER .manager = true

const struct operation kiosk_operations[] = {
	OPERATION("reserve", "Holds an item for the asker.", item, REQUEST_TTL, reserve),
	OPERATION("extend", "Makes an unpaid hold last longer.", rental, REQUEST_TTL, extend),
	OPERATION("cancel", "Ends a rental before it was taken; money back.", rental, REQUEST_TTL,
		cancel),
	OPERATION("pay", "Pays what is held. Answered when the payment is definite.", pay,
		REQUEST_TTL, pay, .settle = settle_pay),
	OPERATION("cancel-payment", "Takes a payment back. Answered when that is definite.", rental,
		REQUEST_TTL, cancel_payment, .settle = settle_cancel_payment),
	OPERATION("open", "Opens the door of what is paid. Answered when it opened or jammed.",
		door, DOOR_TTL, open, .settle = settle_open),
	OPERATION("give-up", "Gives up after `open`, before the pulse; money back.", rental,
		REQUEST_TTL, give_up),
	OPERATION("report", "Nothing in there, or broken: money back, item blocked.", report,
		REQUEST_TTL, report),
	OPERATION("return", "Opens a door to bring the thing back.", door, DOOR_TTL, return,
		.settle = settle_return),
	OPERATION("confirm", "Says whether an unconfirmed thing was taken.", confirm, REQUEST_TTL,
		confirm),
	OPERATION("rental", "One rental, with its codes for the renter.", rental, REQUEST_TTL, show,
		.query = true),
	OPERATION("rentals", "The asker's latest 50 rentals at this bank.", none, REQUEST_TTL, list,
		.query = true),
	OPERATION("hand-over", "Opens the door of a renter's paid rental for them.", rental,
		DOOR_TTL, hand_over, .settle = settle_open, MANAGER),
	OPERATION("stock", "Opens a door to put an item in.", stock, DOOR_TTL, stock, MANAGER),
	OPERATION("collect", "Opens an item's door to take it out of the bank.", item, DOOR_TTL,
		collect, MANAGER),
	OPERATION("inspect", "Says what an inspection found.", inspect, REQUEST_TTL, inspect,
		MANAGER),
	OPERATION("block", "Takes an item out of lending, for repair.", block, REQUEST_TTL, block,
		MANAGER),
	OPERATION("resolve", "Ends a rental, or says how an unconfirmed one went.", resolve,
		REQUEST_TTL, resolve, MANAGER),
	OPERATION("settle-payment",
		"Says how a payment ended that only a person can know of. Answered by its ledger.",
		settle_payment, REQUEST_TTL, settle_payment, .settle = settle_settle_payment,
		MANAGER),
	OPERATION("refund-payment", "Gives back what was taken, when its rental is over.",
		refund_payment, REQUEST_TTL, refund_payment, MANAGER),
	OPERATION("repair",
		"Says whether a door works. If it does not, and has been left open, nobody waits "
		"for it to be shut any more: a return there is unconfirmed.",
		repair, REQUEST_TTL, repair, MANAGER),
	OPERATION("confirm-bank", "Says what lies behind all doors, after an adoption.",
		confirm_bank, REQUEST_TTL, confirm_bank, MANAGER),
	OPERATION("simulate", "Moves a door of a simulated bank.", simulate, REQUEST_TTL, simulate,
		MANAGER),
	{0},
};

const char *request_by(struct kiosk *kiosk, const struct request *request)
{
	return kiosk_is_manager(kiosk, request->user) ? request->user : "renter";
}

static bool owns(struct kiosk *kiosk, const char *user, const struct rental_row *rental)
{
	char renter[NAME_SIZE];
	return kiosk_renter(kiosk, user, renter) && strcmp(renter, rental->fact.renter) == 0;
}

/* By a code: whoever has it may. */
static bool rental_by_code(struct kiosk *kiosk, const struct request *request,
	struct reply_record *reply, struct rental_row *ret_rental)
{
	int64_t wait = 0;
	enum reply_code code =
		codes_find(kiosk, request->user, request->args.code, ret_rental, &wait);
	if (code == REPLY_WAIT)
		reply_set(reply, code, "too many wrong codes; wait");
	else if (code != REPLY_OK)
		reply_set(reply, code, "no rental here has this code");
	reply->retry_after = wait;
	return code == REPLY_OK;
}

bool request_rental(struct kiosk *kiosk, const struct request *request, struct reply_record *reply,
	struct rental_row *ret_rental)
{
	const struct arguments *args = &request->args;
	if (args->code[0])
		return rental_by_code(kiosk, request, reply, ret_rental);
	if (!args->rental[0]) {
		reply_set(reply, REPLY_MALFORMED, "want rental or code");
		return false;
	}
	/* A foreign rental and none look the same: ids are nothing to fish for. */
	if (!store_rental_read(kiosk->database, args->rental, ret_rental) ||
		(!owns(kiosk, request->user, ret_rental) &&
			!kiosk_is_manager(kiosk, request->user))) {
		reply_set(reply, REPLY_NOT_FOUND, "you have no such rental here");
		return false;
	}
	return true;
}

bool request_item(struct kiosk *kiosk, const struct request *request, struct reply_record *reply,
	struct item_row *ret_item)
{
	if (store_item_read(kiosk->database, request->args.item, ret_item))
		return true;
	reply_set(reply, REPLY_NOT_FOUND, "no item %s at this bank", request->args.item);
	return false;
}

void reply_with_rental(struct kiosk *kiosk, const char *user, const struct rental_row *rental,
	struct reply_record *reply)
{
	struct payment_row payment;
	reply->code = REPLY_OK;
	reply_rental(reply, &rental->fact);
	if (store_payment_read(kiosk->database, rental->fact.payment, &payment))
		reply_payment(reply, &payment.fact);
	enum rental_state state = (enum rental_state)rental->fact.state;
	if (!owns(kiosk, user, rental) || rental_is_final(state))
		return;
	if (rental_is_out(state))
		TEXT_COPY(reply->return_code, rental->return_code);
	else
		TEXT_COPY(reply->pickup_code, rental->pickup_code);
}

void reply_wrong_state(struct reply_record *reply, const struct rental_row *rental)
{
	reply_set(reply, REPLY_WRONG_STATE, "not possible while the rental is %s",
		rental_state_names[rental->fact.state]);
	reply_rental(reply, &rental->fact);
}
