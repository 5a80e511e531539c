#include "lib/domain/rental.h"

#include <stddef.h>

const char *const rental_state_names[] = {
	[RENTAL_NONE] = NULL,
	[RENTAL_HELD] = "held",
	[RENTAL_PAYING] = "paying",
	[RENTAL_PAID] = "paid",
	[RENTAL_OPENING] = "opening",
	[RENTAL_TAKING] = "taking",
	[RENTAL_RENTED] = "rented",
	[RENTAL_OVERDUE] = "overdue",
	[RENTAL_LOST] = "lost",
	[RENTAL_RETURNING] = "returning",
	[RENTAL_UNCONFIRMED] = "unconfirmed",
	[RENTAL_UNCONFIRMED_RETURN] = "unconfirmed-return",
	[RENTAL_RETURNED] = "returned",
	[RENTAL_CANCELLED] = "cancelled",
	[RENTAL_EXPIRED] = "expired",
	[RENTAL_FAILED] = "failed",
	[RENTAL_RESOLVED] = "resolved",
	NULL,
};

const char *const rental_input_names[] = {
	[RENTAL_PAY] = "pay",
	[RENTAL_PAY_NOTHING] = "pay-nothing",
	[RENTAL_AUTHORIZED] = "authorized",
	[RENTAL_DECLINED] = "declined",
	[RENTAL_VOIDED] = "voided",
	[RENTAL_CANCEL_PAYMENT] = "cancel-payment",
	[RENTAL_CANCEL] = "cancel",
	[RENTAL_EXTEND] = "extend",
	[RENTAL_TIMER] = "timer",
	[RENTAL_OPEN] = "open",
	[RENTAL_GIVE_UP] = "give-up",
	[RENTAL_DOOR_OPENED] = "door-opened",
	[RENTAL_DOOR_CLOSED] = "door-closed",
	[RENTAL_DOOR_LEFT_OPEN] = "door-left-open",
	[RENTAL_DOOR_JAMMED] = "door-jammed",
	[RENTAL_DOOR_UNSENSED] = "door-unsensed",
	[RENTAL_INTERRUPTED] = "interrupted",
	[RENTAL_REPORT] = "report",
	[RENTAL_RETURN] = "return",
	[RENTAL_RETURN_REFUSED] = "return-refused",
	[RENTAL_CONFIRM_TAKEN] = "confirm-taken",
	[RENTAL_CONFIRM_NOT_TAKEN] = "confirm-not-taken",
	[RENTAL_CONFIRM_RETURNED] = "confirm-returned",
	[RENTAL_CONFIRM_NOT_RETURNED] = "confirm-not-returned",
	[RENTAL_RESOLVE] = "resolve",
	[RENTAL_RESOLVE_REFUND] = "resolve-refund",
	NULL,
};

/* clang-format off */
#define STAYS	  RENTAL_MONEY_STAYS
#define AUTHORIZE RENTAL_MONEY_AUTHORIZE
#define CAPTURE	  RENTAL_MONEY_CAPTURE
#define BACK	  RENTAL_MONEY_BACK
#define SAME	  RENTAL_ITEM_STAYS
#define FREE	  RENTAL_ITEM_FREE
#define OUT	  RENTAL_ITEM_OUT
#define HOME	  RENTAL_ITEM_BACK
#define INSPECT	  RENTAL_ITEM_INSPECT
#define BLOCK	  RENTAL_ITEM_BLOCK

const struct rental_move rental_moves[] = {
	/* from, input, to, fact, money, item */
	{RENTAL_HELD, RENTAL_PAY,            RENTAL_PAYING,    "paying",    AUTHORIZE, SAME},
	{RENTAL_HELD, RENTAL_PAY_NOTHING,    RENTAL_PAID,      "paid",      STAYS,     SAME},
	{RENTAL_HELD, RENTAL_EXTEND,         RENTAL_HELD,      "extended",  STAYS,     SAME},
	{RENTAL_HELD, RENTAL_CANCEL,         RENTAL_CANCELLED, "cancelled", STAYS,     FREE},
	{RENTAL_HELD, RENTAL_TIMER,          RENTAL_EXPIRED,   "expired",   STAYS,     FREE},
	{RENTAL_HELD, RENTAL_RESOLVE,        RENTAL_RESOLVED,  "resolved",  STAYS,     FREE},
	{RENTAL_HELD, RENTAL_RESOLVE_REFUND, RENTAL_RESOLVED,  "resolved",  STAYS,     FREE},

	{RENTAL_PAYING, RENTAL_EXTEND,         RENTAL_PAYING,    "extended",           STAYS, SAME},
	{RENTAL_PAYING, RENTAL_AUTHORIZED,     RENTAL_PAID,      "paid",               STAYS, SAME},
	{RENTAL_PAYING, RENTAL_DECLINED,       RENTAL_HELD,      "declined",           STAYS, SAME},
	{RENTAL_PAYING, RENTAL_VOIDED,         RENTAL_HELD,      "payment-cancelled",  STAYS, SAME},
	{RENTAL_PAYING, RENTAL_CANCEL_PAYMENT, RENTAL_PAYING,    "payment-cancelling", BACK,  SAME},
	{RENTAL_PAYING, RENTAL_CANCEL,         RENTAL_CANCELLED, "cancelled",          BACK,  FREE},
	{RENTAL_PAYING, RENTAL_TIMER,          RENTAL_EXPIRED,   "expired",            BACK,  FREE},
	{RENTAL_PAYING, RENTAL_RESOLVE,        RENTAL_RESOLVED,  "resolved",           BACK,  FREE},
	{RENTAL_PAYING, RENTAL_RESOLVE_REFUND, RENTAL_RESOLVED,  "resolved",           BACK,  FREE},

	{RENTAL_PAID, RENTAL_OPEN,           RENTAL_OPENING,   "opening",   STAYS, SAME},
	{RENTAL_PAID, RENTAL_VOIDED,         RENTAL_HELD,      "payment-cancelled", STAYS, SAME},
	{RENTAL_PAID, RENTAL_CANCEL_PAYMENT, RENTAL_CANCELLED, "cancelled", BACK,  FREE},
	{RENTAL_PAID, RENTAL_CANCEL,         RENTAL_CANCELLED, "cancelled", BACK,  FREE},
	{RENTAL_PAID, RENTAL_TIMER,          RENTAL_EXPIRED,   "expired",   BACK,  FREE},
	{RENTAL_PAID, RENTAL_RESOLVE,        RENTAL_RESOLVED,  "resolved",  BACK,  FREE},
	{RENTAL_PAID, RENTAL_RESOLVE_REFUND, RENTAL_RESOLVED,  "resolved",  BACK,  FREE},

	{RENTAL_OPENING, RENTAL_DOOR_OPENED,    RENTAL_TAKING,      "taking",        STAYS, OUT},
	{RENTAL_OPENING, RENTAL_DOOR_JAMMED,    RENTAL_FAILED,      "failed",        BACK,  BLOCK},
	{RENTAL_OPENING, RENTAL_DOOR_UNSENSED,  RENTAL_UNCONFIRMED, "unconfirmed",   STAYS, INSPECT},
	{RENTAL_OPENING, RENTAL_INTERRUPTED,    RENTAL_PAID,        "interrupted",   STAYS, SAME},
	{RENTAL_OPENING, RENTAL_GIVE_UP,        RENTAL_CANCELLED,   "cancelled",     BACK,  FREE},
	{RENTAL_OPENING, RENTAL_RESOLVE,        RENTAL_RESOLVED,    "resolved",      BACK,  INSPECT},
	{RENTAL_OPENING, RENTAL_RESOLVE_REFUND, RENTAL_RESOLVED,    "resolved",      BACK,  INSPECT},

	{RENTAL_TAKING, RENTAL_DOOR_CLOSED,    RENTAL_RENTED,   "rented",   CAPTURE, OUT},
	{RENTAL_TAKING, RENTAL_DOOR_LEFT_OPEN, RENTAL_RENTED,   "rented",   CAPTURE, OUT},
	{RENTAL_TAKING, RENTAL_REPORT,         RENTAL_FAILED,   "failed",   BACK,    BLOCK},
	{RENTAL_TAKING, RENTAL_RESOLVE,        RENTAL_RESOLVED, "resolved", CAPTURE, INSPECT},
	{RENTAL_TAKING, RENTAL_RESOLVE_REFUND, RENTAL_RESOLVED, "resolved", BACK,    INSPECT},

	{RENTAL_UNCONFIRMED, RENTAL_CONFIRM_TAKEN,     RENTAL_RENTED,   "rented",   CAPTURE, OUT},
	{RENTAL_UNCONFIRMED, RENTAL_CONFIRM_NOT_TAKEN, RENTAL_FAILED,   "failed",   BACK,    INSPECT},
	{RENTAL_UNCONFIRMED, RENTAL_RESOLVE,           RENTAL_RESOLVED, "resolved", CAPTURE, INSPECT},
	{RENTAL_UNCONFIRMED, RENTAL_RESOLVE_REFUND,    RENTAL_RESOLVED, "resolved", BACK,    INSPECT},

	{RENTAL_RENTED, RENTAL_RETURN,         RENTAL_RETURNING, "returning",      STAYS, SAME},
	{RENTAL_RENTED, RENTAL_RETURN_REFUSED, RENTAL_RENTED,    "return-refused", STAYS, SAME},
	{RENTAL_RENTED, RENTAL_TIMER,          RENTAL_OVERDUE,   "overdue",        STAYS, SAME},
	{RENTAL_RENTED, RENTAL_REPORT,         RENTAL_FAILED,    "failed",         BACK,  BLOCK},
	{RENTAL_RENTED, RENTAL_RESOLVE,        RENTAL_RESOLVED,  "resolved",       STAYS, INSPECT},
	{RENTAL_RENTED, RENTAL_RESOLVE_REFUND, RENTAL_RESOLVED,  "resolved",       BACK,  INSPECT},

	{RENTAL_OVERDUE, RENTAL_RETURN,         RENTAL_RETURNING, "returning",      STAYS, SAME},
	{RENTAL_OVERDUE, RENTAL_RETURN_REFUSED, RENTAL_OVERDUE,   "return-refused", STAYS, SAME},
	{RENTAL_OVERDUE, RENTAL_TIMER,          RENTAL_LOST,      "lost",           STAYS, SAME},
	{RENTAL_OVERDUE, RENTAL_RESOLVE,        RENTAL_RESOLVED,  "resolved",       STAYS, INSPECT},
	{RENTAL_OVERDUE, RENTAL_RESOLVE_REFUND, RENTAL_RESOLVED,  "resolved",       BACK,  INSPECT},

	{RENTAL_LOST, RENTAL_RETURN,         RENTAL_RETURNING, "returning",      STAYS, SAME},
	{RENTAL_LOST, RENTAL_RETURN_REFUSED, RENTAL_LOST,      "return-refused", STAYS, SAME},
	{RENTAL_LOST, RENTAL_RESOLVE,        RENTAL_RESOLVED,  "resolved",       STAYS, INSPECT},
	{RENTAL_LOST, RENTAL_RESOLVE_REFUND, RENTAL_RESOLVED,  "resolved",       BACK,  INSPECT},

	{RENTAL_RETURNING, RENTAL_DOOR_OPENED,    RENTAL_RETURNING, "return-opened", STAYS, SAME},
	{RENTAL_RETURNING, RENTAL_DOOR_CLOSED,    RENTAL_RETURNED,  "returned",      STAYS, HOME},
	{RENTAL_RETURNING, RENTAL_DOOR_LEFT_OPEN, RENTAL_RETURNING, "left-open",     STAYS, SAME},
	{RENTAL_RETURNING, RENTAL_DOOR_JAMMED,    RENTAL_RENTED,    "return-failed", STAYS, SAME},
	{RENTAL_RETURNING, RENTAL_DOOR_UNSENSED,  RENTAL_UNCONFIRMED_RETURN, "unconfirmed", STAYS,
		INSPECT},
	{RENTAL_RETURNING, RENTAL_GIVE_UP,        RENTAL_RENTED,    "return-failed", STAYS, SAME},
	{RENTAL_RETURNING, RENTAL_INTERRUPTED,    RENTAL_RENTED,    "interrupted",   STAYS, SAME},
	{RENTAL_RETURNING, RENTAL_RESOLVE,        RENTAL_RESOLVED,  "resolved",      STAYS, INSPECT},
	{RENTAL_RETURNING, RENTAL_RESOLVE_REFUND, RENTAL_RESOLVED,  "resolved",      BACK,  INSPECT},

	{RENTAL_UNCONFIRMED_RETURN, RENTAL_CONFIRM_RETURNED, RENTAL_RETURNED, "returned", STAYS,
		HOME},
	{RENTAL_UNCONFIRMED_RETURN, RENTAL_CONFIRM_NOT_RETURNED, RENTAL_RENTED, "rented", STAYS,
		OUT},
	{RENTAL_UNCONFIRMED_RETURN, RENTAL_RESOLVE, RENTAL_RESOLVED, "resolved", STAYS, INSPECT},
	{RENTAL_UNCONFIRMED_RETURN, RENTAL_RESOLVE_REFUND, RENTAL_RESOLVED, "resolved", BACK,
		INSPECT},

	{0},
};
/* clang-format on */

const struct rental_move *rental_step(enum rental_state state, enum rental_input input)
{
	for (const struct rental_move *move = rental_moves; move->fact; move++)
		if (move->from == state && move->input == input)
			return move;
	return NULL;
}

bool rental_is_final(enum rental_state state)
{
	return state >= RENTAL_RETURNED;
}

bool rental_is_out(enum rental_state state)
{
	return state >= RENTAL_TAKING && state <= RENTAL_UNCONFIRMED_RETURN;
}
