/* refund: the money was taken and is given back; by a void if it was not taken yet. */
#include "payment-adapter/request.h"

static const struct field fields[] = {
	ARG_PAYMENT,
	ARG_RENTAL(FIELD_REQUIRED),
	ARG_AMOUNT(FIELD_REQUIRED),
	ARG_CURRENCY(FIELD_REQUIRED),
	{0},
};

const struct operation refund_operation = {
	.name = "refund",
	.arguments = OPERATION_ARGUMENTS("refund", "Gives the money back.", fields),
	.handle = request_give_back,
	.settle = request_given_back,
};
