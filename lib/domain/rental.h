/*
 * The rental machine: one rental, as a pure function (state, input) -> (state, what follows).
 *
 *   held --pay--> paying --authorized--> paid --open--> opening --door opens--> taking
 *   taking --door closes--> rented --return--> returning --door opens, closes--> returned
 *
 * and the ways out of each of these; rental.c holds the whole table, which is the specification.
 */
#ifndef LENDLOCK_DOMAIN_RENTAL_H
#define LENDLOCK_DOMAIN_RENTAL_H

#include <stdbool.h>

/* What each state means, and what ends it if nobody does anything. */
enum rental_state {
	RENTAL_NONE,    /* absent */
	RENTAL_HELD,    /* kept for the renter, unpaid. Timer: the hold's end */
	RENTAL_PAYING,  /* a payment is not yet known. Timer: the hold's end */
	RENTAL_PAID,    /* money reserved, ready to be picked up. Timer: the pickup's end */
	RENTAL_OPENING, /* its door waits for the pulse, or for opening. Timer: the door's */
	RENTAL_TAKING,  /* the door stands open. Timer: the door's (left open: counts as taken) */
	RENTAL_RENTED,  /* the thing is out. Timer: due; with the clock stopped: a person */
	RENTAL_OVERDUE, /* it should be back. Timer: lost */
	RENTAL_LOST, /* it did not come back. Person: the renter returns it, a manager resolves */
	RENTAL_RETURNING, /* a door was opened to take it back. Timer: the door's; open: a person */
	RENTAL_UNCONFIRMED, /* pulse sent, no sensor says whether it was taken. Person: confirms */
	RENTAL_UNCONFIRMED_RETURN, /* the same on the way back. Person: a manager confirms */
	RENTAL_RETURNED,           /* final */
	RENTAL_CANCELLED,          /* final: given up before anything was taken */
	RENTAL_EXPIRED,            /* final: not paid, or not picked up, in time */
	RENTAL_FAILED,             /* final: paid, and not delivered as promised; money back */
	RENTAL_RESOLVED,           /* final: ended by a manager, with a reason */
	RENTAL_STATES
};

enum rental_input {
	RENTAL_PAY,            /* a payment begins */
	RENTAL_PAY_NOTHING,    /* there is nothing to pay */
	RENTAL_AUTHORIZED,     /* the payment is definite: money reserved */
	RENTAL_DECLINED,       /* the payment is definite: no money */
	RENTAL_VOIDED,         /* the payment is definite: taken back before it was authorized */
	RENTAL_CANCEL_PAYMENT, /* the renter wants the money back */
	RENTAL_CANCEL,         /* the renter or the item's withdrawal ends it */
	RENTAL_EXTEND,         /* hold longer */
	RENTAL_TIMER,          /* the state's own timer: hold, pickup, due, lost */
	RENTAL_OPEN,           /* the renter, or a manager for him, asks for the door */
	RENTAL_GIVE_UP,        /* ... and thinks better of it before the pulse */
	RENTAL_DOOR_OPENED,    /* the door that was pulsed for this rental ... */
	RENTAL_DOOR_CLOSED,
	RENTAL_DOOR_LEFT_OPEN,
	RENTAL_DOOR_JAMMED,    /* ... never opened */
	RENTAL_DOOR_UNSENSED,  /* ... was pulsed, and no sensor can tell */
	RENTAL_INTERRUPTED,    /* the kiosk started again and its door is closed, never seen open */
	RENTAL_REPORT,         /* nothing in here, or broken */
	RENTAL_RETURN,         /* the renter wants to give it back; a door was found */
	RENTAL_RETURN_REFUSED, /* ... no free working door: the rental's clock stops */
	RENTAL_CONFIRM_TAKEN,  /* a person says how an unconfirmed one ended ... */
	RENTAL_CONFIRM_NOT_TAKEN,
	RENTAL_CONFIRM_RETURNED,
	RENTAL_CONFIRM_NOT_RETURNED,
	RENTAL_RESOLVE,        /* a manager ends it: paid stays paid once it was taken */
	RENTAL_RESOLVE_REFUND, /* a manager ends it and gives the money back */
	RENTAL_INPUTS
};

/* What happens to the payment, in the same transaction. */
enum rental_money {
	RENTAL_MONEY_STAYS,
	RENTAL_MONEY_AUTHORIZE, /* a new payment is stored, to be asked for */
	RENTAL_MONEY_CAPTURE,   /* delivered */
	RENTAL_MONEY_BACK,      /* not delivered: void-owed or refund-owed */
};

/* Where the item is afterwards. */
enum rental_item {
	RENTAL_ITEM_STAYS,
	RENTAL_ITEM_FREE, /* never left its door: available, or what a manager asked for meanwhile
			   */
	RENTAL_ITEM_OUT,  /* rented */
	RENTAL_ITEM_BACK, /* as FREE, but inspected first if its catalogue entry says so */
	RENTAL_ITEM_INSPECT, /* a person looks first */
	RENTAL_ITEM_BLOCK,   /* not lent until it is repaired */
};

struct rental_move {
	enum rental_state from;
	enum rental_input input;
	enum rental_state to;
	const char *fact; /* the event it makes: lendlock.rental.{fact} */
	enum rental_money money;
	enum rental_item item;
};

extern const char *const rental_state_names[];
extern const char *const rental_input_names[];
/* All legal moves, ended by a NULL fact. */
extern const struct rental_move rental_moves[];

/* The move, or NULL if it is illegal. */
const struct rental_move *rental_step(enum rental_state state, enum rental_input input);

bool rental_is_final(enum rental_state state);
/* The thing is out of the bank's hands, or may be. */
bool rental_is_out(enum rental_state state);

#endif
