/*
 * One rental's money: kiosk, payment adapter, provider, and what may happen between them.
 *
 * The two machines are not modelled but linked: payment_step() and rental_step() are the product's
 * own (lib/domain/). The enumerators of all enums come out of its headers (names.pml, which
 * scripts/check-model makes). What the model itself says is who asks whom, and when: that is
 * kiosk/payments.c and payment-adapter/{ledger,calls,request_*}.c, under the names that things have
 * there: KioskAsks is the kiosk's timers, Requests and Calls the adapter's two sides. README.md says
 * what is left out.
 *
 * A transaction is one step. A crash between the commit and what is said after it is the loss of
 * what was to be said; a timer may run out whenever nothing is on its way.
 */
#include "names.pml"

#ifndef ATTEMPTS
#define ATTEMPTS 1 /* payments that the rental may begin, one after the other */
#endif
#ifndef LOSSES
#define LOSSES 1 /* requests and replies that get lost */
#endif
#ifndef LATES
#define LATES 1 /* requests and replies that come once more, much later */
#endif
#ifndef TROUBLES
#define TROUBLES 1 /* calls of the provider without an answer: done, or not */
#endif
#ifndef LATE_CALLS
#define LATE_CALLS 1 /* calls without an answer that are done later */
#endif
#ifndef CRASHES
#define CRASHES 1 /* of kiosk and adapter */
#endif
#ifndef RESTORES
#define RESTORES 0 /* crashes after which the ledger is an old copy */
#endif
#ifndef EXPIRIES
#define EXPIRIES 1 /* authorizes whose time runs out at the ledger */
#endif
#ifndef AGES
#define AGES 0 /* halves of the life of the provider's idempotency key that pass */
#endif
#ifndef OUTAGES
#define OUTAGES 0 /* the breaker opens, by what happens to the payments of others */
#endif
#ifndef QUERIES
#define QUERIES 0 /* somebody asks what the ledger knows */
#endif
#ifndef NEW_BOARDS
#define NEW_BOARDS 0 /* the kiosk's disk is destroyed, and an empty board adopted in its place */
#endif
#ifndef OLD_COPIES
#define OLD_COPIES 0 /* the kiosk's database is put back to an old copy, which lends until it hears of that */
#endif
#ifndef FAIR
#define FAIR 0 /* where a process may choose for ever, it takes turns: for "ends" */
#endif

#define LINK_UP       0
#define LINK_BREAKING 1
#define LINK_CUT      2

c_decl {
\#include "lib/domain/handover.h"
\#include "lib/domain/payment.h"
\#include "lib/domain/rental.h"
}

c_code {
static int payment_after(int state, int input)
{
	enum payment_state after;
	return payment_step((enum payment_state)state, (enum payment_input)input, &after) < 0
		       ? IMPOSSIBLE : (int)after;
}

static int rental_after(int state, int input)
{
	const struct rental_move *move =
		rental_step((enum rental_state)state, (enum rental_input)input);
	return move ? (int)move->to : IMPOSSIBLE;
}

/* Of what the hub hands over, and this board knows: whether the hub's account counts. */
static int hub_counts(int hub, int was_rented, int here, int unheard)
{
	return handover_hub_counts((enum rental_state)hub, was_rented, (enum rental_state)here, unheard);
}

static int hub_payment_counts(int hub, int here, int unheard)
{
	return handover_hub_payment_counts((enum payment_state)hub, (enum payment_state)here, unheard);
}

static int money_of(int state, int input)
{
	const struct rental_move *move =
		rental_step((enum rental_state)state, (enum rental_input)input);
	return move ? (int)move->money : (int)RENTAL_MONEY_STAYS;
}
}

/* --- who knows what ------------------------------------------------------------------------- */

/* The kiosk's tables. All that it knows is stored. */
byte rental = RENTAL_HELD;
#define NO_PAYMENT ATTEMPTS
byte payment = NO_PAYMENT;      /* of the rental: its latest */
byte begun;                     /* so many payments */
byte kiosk_state[ATTEMPTS + 1]; /* payment_row.fact.state */
byte mode = MODE_LENDING;
bool reconcile_at; /* the ledger is to be told what is claimed */
byte turn;         /* of payments asked for, if FAIR */

bool due;          /* the rental's due_at is set: it was rented */

/* What the hub had heard when the bank's link was cut for good, or its database was put back. */
byte link = LINK_UP;
byte hub_rental, hub_payment = NO_PAYMENT, hub_state[ATTEMPTS + 1];
bool hub_due;

/* The kiosk's backup; and, until it is adopted, what in it has no ack of a hub. */
byte image_rental, image_payment = NO_PAYMENT, image_state[ATTEMPTS];
bool image_due, image_heard, imaged;
bool is_copy;
bool unheard_rental;
byte unheard_payments; /* a bit for each */

typedef ledger_row {
	byte state; /* PAYMENT_NONE: there is no such row */
	byte ask;
	bool under_way;
	bool called;
	bool searched;
	bool needs_person;
	bool expired;        /* expires_at has passed */
};
ledger_row row[ATTEMPTS];
bool may_have_lost[ATTEMPTS]; /* adapter_may_have_lost() */
bool reconciled;              /* the new board's epoch is */
ledger_row copy[ATTEMPTS];    /* the ledger's backup */
bool copied, copied_reconciled;

byte breaker = BREAKER_CLOSED;
bool probing; /* a probe is under way: as many as may be */

byte account[ATTEMPTS + 1]; /* what the provider holds: enum provider_state */
byte key_age[ATTEMPTS]; /* 1: half of the key's life is over, 2: all of it */
bool keeps_voids;       /* this provider refuses an id that was voided before it was known */

/* --- what is on its way ----------------------------------------------------------------------- */

/* What a request asks for: authorize, capture, void and refund go by the kiosk's state; and */
#define OPERATION_QUERY     PAYMENT_NEW
#define OPERATION_RECONCILE PAYMENT_NONE
/* What a reply says: the ledger's state, of a payment; or */
#define REPLY_CLOSED     PAYMENT_NONE
#define REPLY_RECONCILED ATTEMPTS /* in the place of the payment */

chan request = [1] of { byte, byte, bool };      /* operation; payment, or claims; too late */
chan reply = [1] of { byte, byte };              /* payment; state */
chan late_request = [1] of { byte, byte, bool };
chan late_reply = [1] of { byte, byte };
chan call = [1] of { byte, byte };               /* ask; payment */
chan late_call = [1] of { byte, byte };
chan verdict = [1] of { byte, byte, byte, byte }; /* ask; payment; outcome; holds */
bool unsettled;       /* a call of an earlier run may still have its effect */
bool asked_unsettled; /* ... and might when the call at hand began */

byte losses = LOSSES, lates = LATES, troubles = TROUBLES, late_calls = LATE_CALLS;
byte crashes = CRASHES, restores = RESTORES, expiries = EXPIRIES, ages = AGES;
byte outages = OUTAGES, queries = QUERIES, new_boards = NEW_BOARDS, old_copies = OLD_COPIES;

/* Values of a step, no part of the state. */
hidden byte in_state, in_input, after, input, money, outcome, holds, ask, counts, blind;

/* --- the promises -------------------------------------------------------------------------------- */

bool delivered;  /* somebody has it ... */
bool given_back; /* ... and is to have the money back all the same; or nobody has it */
bool uncollected; /* the alert "payment-uncollected" is raised */
bool kept;        /* the alert "payment-kept" is raised */
bool old_copy;    /* the ledger was put back */
bool may_report = true; /* within its time, once */
bool is_out;      /* the thing does not lie behind its door */
bool burnt;       /* that it was delivered stood on a disk that is destroyed, and nowhere else; */
bool burnt_back;  /* that the money is to go back; */
bool burnt_payment; /* that a payment was begun */
bool ended_twice;   /* at an old copy after it came back, of which nobody tells it: the hub has both ends */
bool nobody_knows;  /* that it was delivered and that it was paid for: only the ledger has the payment */
bool voided_yet_held, charged_undelivered, charged_twice, delivered_unpaid;
bool claimed_given_back; /* by a reconcile */
bool asked_while_open;   /* the provider, to authorize a new payment */

#define BIT(n)      (1 << (n))
#define NO_MONEY(s) (s == PAYMENT_DECLINED || s == PAYMENT_VOIDED || s == PAYMENT_REFUNDED)
#define IS_FINAL(s) (NO_MONEY(s) || s == PAYMENT_CAPTURED)
#define IS_OPEN(s) (s == PAYMENT_SENT || s == PAYMENT_CAPTURE_OWED || \
	s == PAYMENT_VOID_OWED || s == PAYMENT_REFUND_OWED)
#define IS_UNRESOLVED(s) (s == PAYMENT_NEW || s == PAYMENT_SENT || s == PAYMENT_VOID_OWED)
#define HOLDS(p) (account[p] == PROVIDER_AUTHORIZED || account[p] == PROVIDER_CAPTURED)
#define IS_PENDING(s) (s != PAYMENT_NONE && !IS_FINAL(s))
#define IS_OUT(s) (s >= RENTAL_TAKING && s <= RENTAL_UNCONFIRMED_RETURN)
#define IS_UNTAKEN (rental == RENTAL_CANCELLED || rental == RENTAL_EXPIRED)
#define RENTAL_IS_FINAL(s) (s >= RENTAL_RETURNED)
#define IS_CLAIMED(p) (payment == p && rental != RENTAL_NONE && !RENTAL_IS_FINAL(rental))
#define LENDS (mode == MODE_LENDING)
#define MAY_PAY (!reconcile_at) /* payments_open() */

/* README.md, "What may still happen" */
#define IS_BEHIND(p) (old_copy && row[p].state == PAYMENT_AUTHORIZED)
/* At its end at all three, and at the right one. */
#define OVER(p) ((kiosk_state[p] == PAYMENT_NONE || IS_FINAL(kiosk_state[p])) && \
	(row[p].state == PAYMENT_NONE || IS_FINAL(row[p].state) || IS_BEHIND(p)) && \
	account[p] != PROVIDER_AUTHORIZED)
#define RENTAL_OVER (rental == RENTAL_RENTED || RENTAL_IS_FINAL(rental) || \
	rental == RENTAL_NONE)
/* README.md, "What may still happen" */
#define FORGOTTEN (uncollected && (old_copy || old_copies < OLD_COPIES || new_boards < NEW_BOARDS))
/* An old copy need not know of it. */
#define IS_PAID(p) (account[p] == PROVIDER_CAPTURED && \
	(kiosk_state[p] == PAYMENT_CAPTURED || kiosk_state[p] == PAYMENT_NONE))
#define ALL_PAID (!delivered || given_back || burnt || FORGOTTEN || \
	account[0] == PROVIDER_CAPTURED || account[ATTEMPTS - 1] == PROVIDER_CAPTURED)
#define IS_UNDELIVERED (rental == RENTAL_NONE || rental == RENTAL_FAILED || \
	rental == RENTAL_EXPIRED || rental == RENTAL_CANCELLED)
#define ALL_GIVEN_BACK (!(given_back && IS_UNDELIVERED) || kept || \
	nobody_knows || ended_twice || burnt_back || !HOLDS(0) && !HOLDS(ATTEMPTS - 1))
#define PAYMENTS_OPEN_AGAIN (breaker == BREAKER_CLOSED || (breaker == BREAKER_HALF_OPEN && !probing))

inline judge(p)
{
	voided_yet_held = NO_MONEY(kiosk_state[p]) && HOLDS(p);
	charged_undelivered = account[p] == PROVIDER_CAPTURED && !delivered;
	delivered_unpaid = delivered && !given_back && !is_copy && IS_FINAL(kiosk_state[payment]) &&
		!IS_PAID(0) && !IS_PAID(ATTEMPTS - 1) && !burnt && !FORGOTTEN;
#if ATTEMPTS > 1
	charged_twice = charged_twice || (HOLDS(0) && HOLDS(1) &&
		(!burnt_payment || account[0] == PROVIDER_CAPTURED && account[1] == PROVIDER_CAPTURED &&
			row[0].state != PAYMENT_REFUND_OWED && row[1].state != PAYMENT_REFUND_OWED));
#endif
	assert(!voided_yet_held);
	assert(!charged_undelivered);
	assert(!delivered_unpaid);
	assert(!charged_twice)
}

/* After the faults, which are numbered, every payment comes to its end. */
#if ATTEMPTS > 1
ltl ends { <> [] (OVER(0) && OVER(1) && !(HOLDS(0) && HOLDS(1)) && RENTAL_OVER && ALL_PAID && ALL_GIVEN_BACK && PAYMENTS_OPEN_AGAIN) }
#else
ltl ends { <> [] (OVER(0) && RENTAL_OVER && ALL_PAID && ALL_GIVEN_BACK && PAYMENTS_OPEN_AGAIN) }
#endif

/* --- the machines ------------------------------------------------------------------------------- */

inline payment_step(from, input_of_it)
{
	in_state = from;
	in_input = input_of_it;
	c_code { after = payment_after(in_state, in_input); }
}

inline rental_step(input_of_it)
{
	in_input = input_of_it;
	c_code {
		money = money_of(now.rental, in_input);
		after = rental_after(now.rental, in_input);
	};
	assert(after != IMPOSSIBLE);
	rental = after;
#if OLD_COPIES
	due = due || rental == RENTAL_RENTED;
	unheard_rental = unheard_rental || is_copy;
#endif
}

/* --- the kiosk: payments.c, rentals.c ---------------------------------------------------------- */

inline payment_apply(p, input_of_it)
{
	payment_step(kiosk_state[p], input_of_it);
	if
	:: after != IMPOSSIBLE ->
		uncollected = uncollected || (NO_MONEY(after) &&
			(kiosk_state[p] == PAYMENT_CAPTURE_OWED || in_input == PAYMENT_WANT_CAPTURE));
		kept = kept || (kiosk_state[p] == PAYMENT_VOID_OWED && after == PAYMENT_CAPTURED);
#if OLD_COPIES
		unheard_payments = (is_copy && kiosk_state[p] != after ->
			unheard_payments | BIT(p) : unheard_payments);
#endif
		kiosk_state[p] = after
	:: else
	fi
}

/* The link is cut for good between the two events of one transaction. */
inline hub_hears()
{
	link = LINK_CUT;
	hub_rental = rental;
	hub_payment = payment;
	hub_due = due;
	hub_state[0] = kiosk_state[0];
#if ATTEMPTS > 1
	hub_state[1] = kiosk_state[1];
#endif
}

inline half_is_heard()
{
	if
	:: link == LINK_BREAKING -> hub_hears()
	:: else
	fi
}

inline rental_apply(input_of_it)
{
	rental_step(input_of_it);
	if
	:: money == RENTAL_MONEY_CAPTURE || money == RENTAL_MONEY_BACK -> half_is_heard()
	:: else
	fi;
	if
	:: money == RENTAL_MONEY_CAPTURE ->
		delivered = true;
		payment_apply(payment, PAYMENT_WANT_CAPTURE)
	:: money == RENTAL_MONEY_BACK ->
		given_back = given_back || RENTAL_IS_FINAL(rental);
		if
		:: IS_UNTAKEN && kiosk_state[payment] == PAYMENT_CAPTURED -> kept = true
		:: else -> payment_apply(payment, PAYMENT_WANT_BACK)
		fi
	:: else
	fi
}

inline tell_rental(p)
{
	if
	:: p != payment -> skip
	:: p == payment && rental == RENTAL_PAYING && kiosk_state[p] == PAYMENT_AUTHORIZED ->
		rental_step(RENTAL_AUTHORIZED)
	:: p == payment && rental == RENTAL_PAYING && kiosk_state[p] == PAYMENT_DECLINED ->
		rental_step(RENTAL_DECLINED)
	:: p == payment && (rental == RENTAL_PAYING || rental == RENTAL_PAID) &&
		(kiosk_state[p] == PAYMENT_VOIDED || kiosk_state[p] == PAYMENT_REFUNDED) ->
		rental_step(RENTAL_VOIDED)
	:: else
	fi
}

/* What a person does with the rental, or does not, until its time runs out. */
proctype Person()
{
end:	do
	:: atomic {
		rental == RENTAL_HELD && LENDS && MAY_PAY && begun < ATTEMPTS &&
		!(begun > 0 && IS_UNRESOLVED(kiosk_state[payment])) ->
			payment = begun;
			begun++;
			/* The clocks may differ: it may seem to be older than the ledger's run. */
			if
			:: may_have_lost[payment] = true
			:: may_have_lost[payment] = false
			fi;
			d_step {
				kiosk_state[payment] = PAYMENT_NEW;
				payment_apply(payment, PAYMENT_SEND);
				half_is_heard();
				rental_apply(RENTAL_PAY)
			}
		}
	:: d_step { rental == RENTAL_PAYING && kiosk_state[payment] == PAYMENT_SENT ->
			rental_apply(RENTAL_CANCEL_PAYMENT); judge(payment) }
	:: d_step { rental == RENTAL_HELD || rental == RENTAL_PAYING || rental == RENTAL_PAID ->
			rental_apply(RENTAL_TIMER); judge(payment) }
	:: d_step { rental == RENTAL_PAID && LENDS -> rental_apply(RENTAL_OPEN) }
	:: d_step { rental == RENTAL_OPENING -> rental_apply(RENTAL_DOOR_OPENED); is_out = true }
	:: d_step { rental == RENTAL_OPENING -> rental_apply(RENTAL_DOOR_JAMMED); judge(payment) }
	:: d_step { rental == RENTAL_TAKING -> rental_apply(RENTAL_DOOR_CLOSED); judge(payment) }
	:: d_step { (rental == RENTAL_TAKING || rental == RENTAL_RENTED) && may_report ->
			rental_apply(RENTAL_REPORT); judge(payment) }
	:: d_step { rental == RENTAL_RENTED && may_report -> may_report = false } /* too late */
#if OLD_COPIES
	:: d_step { rental == RENTAL_RENTED && is_out -> is_out = false; may_report = false;
			rental_step(RENTAL_RETURN); rental_step(RENTAL_DOOR_CLOSED) }
#endif
	od
}

/* ask(): its timer has run out, and what it asked for is still owed. */
#if FAIR && ATTEMPTS > 1
#define TURN(p) (turn == p || !IS_OPEN(kiosk_state[turn]))
#define TURN_OVER(p) turn = 1 - p
#else
#define TURN(p) true
#define TURN_OVER(p) skip
#endif

#define UNFINISHED(p) (kiosk_state[p] != PAYMENT_NONE && !IS_FINAL(kiosk_state[p]))
#if ATTEMPTS > 1
#define CLAIMS (UNFINISHED(0) | (UNFINISHED(1) << 1))
#else
#define CLAIMS UNFINISHED(0)
#endif

proctype KioskAsks()
{
end:	do
	:: d_step { IS_OPEN(kiosk_state[0]) && TURN(0) && empty(request) && empty(reply) ->
			request!kiosk_state[0], 0, false; TURN_OVER(0) }
#if ATTEMPTS > 1
	:: d_step { IS_OPEN(kiosk_state[1]) && TURN(1) && empty(request) && empty(reply) ->
			request!kiosk_state[1], 1, false; TURN_OVER(1) }
#endif
	:: d_step { reconcile_at && empty(request) && empty(reply) -> /* reconcile() */
			request!OPERATION_RECONCILE, CLAIMS, false }
	:: d_step { queries > 0 && begun > 0 && empty(request) && empty(reply) -> /* a person's */
			queries--;
			request!OPERATION_QUERY, 0, false }
	od
}

inline take_reply(p, told)
{
	if
	:: told == PAYMENT_AUTHORIZED -> payment_apply(p, PAYMENT_IS_AUTHORIZED)
	:: told == PAYMENT_DECLINED -> payment_apply(p, PAYMENT_IS_DECLINED)
	:: told == PAYMENT_CAPTURED -> payment_apply(p, PAYMENT_IS_CAPTURED)
	:: told == PAYMENT_VOIDED -> payment_apply(p, PAYMENT_IS_VOIDED)
	:: told == PAYMENT_REFUNDED -> payment_apply(p, PAYMENT_IS_REFUNDED)
	:: told == REPLY_CLOSED /* take_refusal() */
	:: else /* it says nothing definite */
	fi;
	half_is_heard();
	tell_rental(p);
	judge(p)
}

inline payments_reply(p, told)
{
	if
	:: p == REPLY_RECONCILED -> reconcile_at = false
	:: else -> take_reply(p, told)
	fi;
	p = 0;
	told = 0
}

proctype KioskReplies()
{
	byte p, told;
end:	do
	:: d_step { reply?p, told -> payments_reply(p, told) }
	:: d_step { late_reply?p, told -> payments_reply(p, told) }
	:: d_step { crashes > 0 && begun > 0 -> /* whatever it had to say is not said */
			crashes--;
			if
			:: rental == RENTAL_OPENING -> rental_apply(RENTAL_INTERRUPTED)
			:: else
			fi }
	od
}

/* --- the ledger: ledger.c --------------------------------------------------------------------- */

#define MAY_BE_KNOWN(p) (row[p].called || row[p].searched)
#define FRESH(p)        (key_age[p] == 0)
#define STALE(p)        (key_age[p] > 0)

inline enter(p, state_of_it)
{
	row[p].state = state_of_it;
	row[p].needs_person = false
}

inline usual_ask(p)
{
	if
	:: row[p].state == PAYMENT_SENT && row[p].searched && !row[p].called -> ask = ASK_QUERY
	:: row[p].state == PAYMENT_SENT && !(row[p].searched && !row[p].called) ->
		ask = ASK_AUTHORIZE
	:: row[p].state == PAYMENT_CAPTURE_OWED -> ask = ASK_CAPTURE
	:: row[p].state == PAYMENT_VOID_OWED -> ask = ASK_VOID
	:: row[p].state == PAYMENT_REFUND_OWED || row[p].state == PAYMENT_NONE -> ask = ASK_QUERY
	:: else -> ask = ASK_NOTHING
	fi
}

inline ledger_mark(p)
{
	enter(p, PAYMENT_VOIDED);
	row[p].ask = ASK_NOTHING
}

inline ledger_enter(p, state_of_it, search)
{
	enter(p, state_of_it);
	row[p].searched = row[p].searched || search;
	usual_ask(p);
	row[p].ask = (row[p].under_way -> row[p].ask : (search -> ASK_QUERY : ask))
}

inline ledger_apply(p, input_of_it)
{
	payment_step(row[p].state, input_of_it);
	if
	:: after != IMPOSSIBLE && after != row[p].state -> enter(p, after)
	:: else
	fi
}

inline ledger_want(p, input_of_it)
{
	holds = row[p].state; /* before */
	ledger_apply(p, input_of_it);
	if
	:: after != IMPOSSIBLE && row[p].state == PAYMENT_VOID_OWED && !MAY_BE_KNOWN(p) ->
		ledger_apply(p, PAYMENT_IS_VOIDED)
	:: else
	fi;
	if
	:: row[p].state == holds || row[p].under_way
	:: else ->
		usual_ask(p);
		row[p].ask = (holds == PAYMENT_CAPTURED && row[p].state == PAYMENT_REFUND_OWED ->
			ASK_REFUND : ask)
	fi
}

/* input_of[] and found_as[] */
inline take_holding(p)
{
	if
	:: holds == PROVIDER_AUTHORIZED -> input = PAYMENT_IS_AUTHORIZED; money = PAYMENT_AUTHORIZED
	:: holds == PROVIDER_REFUSED -> input = PAYMENT_IS_DECLINED; money = PAYMENT_DECLINED
	:: holds == PROVIDER_CAPTURED -> input = PAYMENT_IS_CAPTURED; money = PAYMENT_CAPTURED
	:: holds == PROVIDER_VOIDED -> input = PAYMENT_IS_VOIDED; money = PAYMENT_VOIDED
	:: holds == PROVIDER_REFUNDED -> input = PAYMENT_IS_REFUNDED; money = PAYMENT_REFUNDED
	fi;
	ledger_apply(p, input);
	if
	:: after == IMPOSSIBLE -> enter(p, money) /* catch_up() */
	:: else
	fi;
	usual_ask(p);
	if /* go_on() */
	:: row[p].state == PAYMENT_REFUND_OWED && holds == PROVIDER_CAPTURED -> ask = ASK_REFUND
	:: row[p].state == PAYMENT_REFUND_OWED && holds == PROVIDER_AUTHORIZED -> ask = ASK_VOID
	:: else
	fi;
	row[p].ask = ask
}

inline sent_not_found(p)
{
	row[p].ask = ASK_QUERY;
	if
	:: !row[p].expired && FRESH(p) -> row[p].ask = ASK_AUTHORIZE
	:: !(!row[p].expired && FRESH(p)) && !row[p].called && !asked_unsettled -> ledger_mark(p)
	:: !(!row[p].expired && FRESH(p)) && row[p].called && STALE(p) -> row[p].needs_person = true
	:: !(!row[p].expired && FRESH(p)) && row[p].called && FRESH(p) -> /* expire_at_provider() */
		ledger_apply(p, PAYMENT_WANT_BACK);
		row[p].ask = ASK_VOID
	:: else
	fi
}

inline void_not_found(p)
{
	row[p].ask = ASK_VOID;
	if
	:: !row[p].called && !asked_unsettled -> ledger_mark(p)
	:: row[p].called && FRESH(p) -> row[p].ask = ASK_AUTHORIZE
	:: row[p].called && STALE(p) -> row[p].needs_person = true
	:: else
	fi
}

inline take_not_found(p, asked)
{
	if
	:: row[p].state == PAYMENT_NONE -> row[p].ask = ASK_NOTHING
	:: row[p].state == PAYMENT_SENT -> sent_not_found(p)
	:: row[p].state == PAYMENT_VOID_OWED && asked == ASK_VOID -> void_not_found(p)
	:: row[p].state != PAYMENT_NONE && row[p].state != PAYMENT_SENT &&
		!(row[p].state == PAYMENT_VOID_OWED && asked == ASK_VOID) && asked == ASK_QUERY ->
		usual_ask(p);
		row[p].ask = (row[p].state == PAYMENT_REFUND_OWED -> ASK_VOID : ask)
	:: else -> row[p].ask = ASK_QUERY /* the provider lost it */
	fi
}

inline ledger_verdict(p, asked)
{
	row[p].under_way = false;
	if
	:: outcome == PROVIDER_OK -> take_holding(p)
	:: outcome == PROVIDER_DECLINED && asked == ASK_AUTHORIZE ->
		holds = PROVIDER_REFUSED;
		take_holding(p)
	:: outcome == PROVIDER_NOT_FOUND -> take_not_found(p, asked)
	:: else -> /* take_trouble() */
		usual_ask(p);
		row[p].ask = (asked == ASK_QUERY -> ask : ASK_QUERY)
	fi
}

/* --- the adapter: request_*.c, calls.c, adapter.c -------------------------------------------- */

/* A search that found nothing leaves nothing. */
inline adapter_put(p)
{
	if
	:: row[p].state == PAYMENT_NONE && row[p].ask == ASK_NOTHING ->
		row[p].called = false;
		row[p].searched = false;
		row[p].expired = false
	:: else
	fi
}

/* calls_shed() */
#define IS_SHED (breaker == BREAKER_OPEN || (breaker == BREAKER_HALF_OPEN && probing))

#define IS_TAKEN(s) (s == PAYMENT_CAPTURE_OWED || s == PAYMENT_CAPTURED)

/* store_ledger_has_rival() */
#if ATTEMPTS > 1
#define IS_LIVE(s) (s == PAYMENT_SENT || s == PAYMENT_AUTHORIZED || IS_TAKEN(s))
#define HAS_RIVAL(p) IS_LIVE(row[1 - p].state)
#else
#define HAS_RIVAL(p) false
#endif

inline take_authorize(p, late)
{
	if
	:: row[p].state == PAYMENT_NONE && late && may_have_lost[p] ->
		row[p].expired = true;
		ledger_enter(p, PAYMENT_SENT, true)
	:: row[p].state == PAYMENT_NONE && late && !may_have_lost[p] -> ledger_mark(p)
	:: row[p].state == PAYMENT_NONE && !late && IS_SHED -> reply!p, REPLY_CLOSED
	:: row[p].state == PAYMENT_NONE && !late && !IS_SHED && HAS_RIVAL(p) && !may_have_lost[p] ->
		enter(p, PAYMENT_DECLINED); /* ledger_refuse() */
		row[p].ask = ASK_NOTHING
	:: row[p].state == PAYMENT_NONE && !late && !IS_SHED && HAS_RIVAL(p) && may_have_lost[p] ->
		ledger_enter(p, PAYMENT_VOID_OWED, true)
	:: row[p].state == PAYMENT_NONE && !late && !IS_SHED && !HAS_RIVAL(p) ->
		row[p].expired = false;
		ledger_enter(p, PAYMENT_SENT, may_have_lost[p])
	:: row[p].state == PAYMENT_SENT && !late -> row[p].expired = false /* prolong() */
	:: else
	fi
}

inline take_capture(p)
{
	if
	:: row[p].state == PAYMENT_NONE && may_have_lost[p] ->
		ledger_enter(p, PAYMENT_CAPTURE_OWED, true)
	:: row[p].state != PAYMENT_NONE -> ledger_want(p, PAYMENT_WANT_CAPTURE)
	:: else /* not found */
	fi
}

/* By a void, or by a refund: that also gives back what was taken. */
inline request_give_back(p, if_taken)
{
	if
	:: row[p].state == PAYMENT_NONE && (row[p].searched || may_have_lost[p]) ->
		ledger_enter(p, PAYMENT_VOID_OWED, true)
	:: row[p].state == PAYMENT_NONE && !(row[p].searched || may_have_lost[p]) -> ledger_mark(p)
	:: row[p].state != PAYMENT_NONE && (if_taken || !IS_TAKEN(row[p].state)) ->
		ledger_want(p, PAYMENT_WANT_BACK)
	:: else
	fi
}

inline take_query(p)
{
	if
	:: row[p].state == PAYMENT_NONE && may_have_lost[p] -> ledger_enter(p, PAYMENT_NONE, true)
	:: else
	fi
}

/* What is given back is what this bank has there, and does not name. */
inline reconcile_unclaimed(its, named)
{
	if
	:: !(named & BIT(its)) && (row[its].state == PAYMENT_SENT || row[its].state == PAYMENT_AUTHORIZED) ->
		claimed_given_back = claimed_given_back || (IS_CLAIMED(its) && UNFINISHED(its) &&
			kiosk_state[its] != PAYMENT_VOID_OWED);
		assert(!claimed_given_back);
		ledger_want(its, PAYMENT_WANT_BACK)
	:: else
	fi
}

inline take_reconcile(claims)
{
	if
	:: !reconciled ->
		reconciled = true;
		reconcile_unclaimed(0, claims);
#if ATTEMPTS > 1
		reconcile_unclaimed(1, claims)
#endif
	:: else
	fi;
	reply!REPLY_RECONCILED, 0
}

inline take_payment(operation, p, late)
{
	if
	:: operation == PAYMENT_SENT -> take_authorize(p, late)
	:: operation == PAYMENT_CAPTURE_OWED -> take_capture(p)
	:: operation == OPERATION_QUERY -> take_query(p)
	:: operation == PAYMENT_VOID_OWED -> request_give_back(p, false)
	:: operation == PAYMENT_REFUND_OWED -> request_give_back(p, true)
	fi;
	if
	:: row[p].state != PAYMENT_NONE -> reply!p, row[p].state
	:: else
	fi
}

inline take_request(operation, p, late)
{
	if
	:: operation == OPERATION_RECONCILE -> take_reconcile(p)
	:: else -> take_payment(operation, p, late)
	fi;
	operation = 0;
	p = 0;
	late = false
}

proctype Requests()
{
	byte operation, p;
	bool late;
end:	do
	:: d_step { nempty(request) && empty(reply) ->
			request?operation, p, late; take_request(operation, p, late) }
	:: d_step { nempty(late_request) && empty(reply) ->
			late_request?operation, p, late; take_request(operation, p, late) }
	:: d_step { nempty(late_request) && empty(reply) ->
			late_request?operation, p, late; late = true; take_request(operation, p, late) }
	od
}

#define IS_NEW(p) (row[p].state == PAYMENT_SENT && row[p].ask == ASK_AUTHORIZE)

inline note(p)
{
	row[p].under_way = true;
	row[p].called = row[p].called || row[p].ask == ASK_AUTHORIZE;
	asked_unsettled = unsettled;
	asked_while_open = IS_NEW(p) && breaker == BREAKER_OPEN;
	assert(!asked_while_open);
	probing = probing || (IS_NEW(p) && breaker == BREAKER_HALF_OPEN); /* breaker_admit() */
	call!row[p].ask, p
}

/* ledger_ready(), ledger_note(); the commit; begin(). */
inline plan(p)
{
	if
	:: row[p].ask == ASK_AUTHORIZE && (STALE(p) || row[p].state == PAYMENT_SENT && row[p].expired) ->
		if /* divert() */
		:: row[p].expired && !MAY_BE_KNOWN(p) -> ledger_mark(p)
		:: else -> row[p].ask = ASK_QUERY; note(p)
		fi
	:: else -> note(p)
	fi
}

/* put_off(): until the breaker may let it pass, or it expires. */
#define IS_PUT_OFF(p) (IS_NEW(p) && IS_SHED && FRESH(p) && !row[p].expired)
#define IS_DUE(p) (row[p].ask != ASK_NOTHING && !row[p].under_way && !IS_PUT_OFF(p) && \
	empty(call) && empty(verdict))

proctype Calls()
{
end:	do
	:: d_step { IS_DUE(0) -> plan(0) }
#if ATTEMPTS > 1
	:: d_step { IS_DUE(1) -> plan(1) }
#endif
	od
}

/* Of a window of one, and one probe. A call that goes whatever the breaker says counts while it is
 * closed. */
inline breaker_report()
{
#if OUTAGES
	if
	:: probing -> probing = false; breaker = (outcome == PROVIDER_UNKNOWN -> BREAKER_OPEN : BREAKER_CLOSED)
	:: !probing && breaker == BREAKER_CLOSED && outcome == PROVIDER_UNKNOWN -> breaker = BREAKER_OPEN
	:: else
	fi
#else
	skip
#endif
}

proctype Verdicts()
{
	byte asked, p;
end:	do
	:: d_step { verdict?asked, p, outcome, holds ->
			breaker_report();
			ledger_verdict(p, asked); adapter_put(p); judge(p); asked_unsettled = false; asked = 0; p = 0 }
	od
}

/* ledger_recover() */
inline recover(p)
{
	row[p].searched = row[p].searched || (row[p].state == PAYMENT_SENT && !row[p].called);
	if
	:: row[p].under_way || (row[p].state == PAYMENT_SENT && !row[p].called) ->
		row[p].under_way = false;
		usual_ask(p);
		row[p].ask = (ask == ASK_NOTHING -> ASK_NOTHING : ASK_QUERY)
	:: else
	fi;
	may_have_lost[p] = p < begun
}

inline keep_copy(p)
{
	copy[p].state = row[p].state;
	copy[p].ask = row[p].ask;
	copy[p].under_way = row[p].under_way;
	copy[p].called = row[p].called;
	copy[p].searched = row[p].searched;
	copy[p].needs_person = row[p].needs_person
}

/* Putting it back takes longer than a request lives. */
inline put_back(p)
{
	row[p].state = copy[p].state;
	row[p].ask = copy[p].ask;
	row[p].under_way = copy[p].under_way;
	row[p].called = copy[p].called;
	row[p].searched = copy[p].searched;
	row[p].needs_person = copy[p].needs_person;
	row[p].expired = row[p].state != PAYMENT_NONE;
	copy[p].state = 0;
	copy[p].ask = 0;
	copy[p].under_way = false;
	copy[p].called = false;
	copy[p].searched = false;
	copy[p].needs_person = false
}

inline flush(channel, a, b, c)
{
	if
	:: nempty(channel) -> channel?a, b, c
	:: empty(channel)
	fi
}

proctype AdapterFaults()
{
	byte a, p;
	bool late;
end:	do
	:: atomic { crashes > 0 && begun > 0 ->
		crashes--;
		if /* a call that was begun is done now, or later, or never; nobody hears of it */
		:: nempty(call) -> call?a, p
		:: nempty(call) && empty(late_call) -> call?a, p; late_call!a, p
		:: empty(call)
		fi;
		unsettled = nempty(late_call);
		a = 0;
		p = 0;
		if
		:: nempty(verdict) -> verdict?_, _, _, _
		:: empty(verdict)
		fi;
		if
		:: skip
		:: restores > 0 && copied ->
			d_step {
				restores--;
				copied = false;
				old_copy = true;
				flush(request, a, p, late);
				flush(late_request, a, p, late);
				a = 0;
				p = 0;
				late = false;
				reconciled = copied_reconciled;
				copied_reconciled = false;
				put_back(0);
#if ATTEMPTS > 1
				put_back(1);
#endif
			}
		fi;
		d_step {
			breaker = BREAKER_CLOSED;
			probing = false;
			recover(0);
#if ATTEMPTS > 1
			recover(1);
#endif
		}
	}
	:: d_step { restores > 0 && crashes > 0 && !copied ->
			copied = true;
			copied_reconciled = reconciled;
			keep_copy(0);
#if ATTEMPTS > 1
			keep_copy(1);
#endif
		}
	od
}

/* --- the provider ------------------------------------------------------------------------------- */

/* rules[] of provider_sandbox.c; a decline is the provider's choice. */
inline carry_out(asked, p, declines)
{
	outcome = PROVIDER_OK;
	charged_twice = charged_twice || (asked == ASK_AUTHORIZE && key_age[p] == 2 && HOLDS(p));
	if
	:: asked == ASK_AUTHORIZE && account[p] == PROVIDER_NOTHING && !declines ->
		account[p] = PROVIDER_AUTHORIZED
	:: asked == ASK_AUTHORIZE && account[p] == PROVIDER_NOTHING && declines ->
		account[p] = PROVIDER_REFUSED;
		outcome = PROVIDER_DECLINED
	:: asked == ASK_CAPTURE && account[p] == PROVIDER_AUTHORIZED -> account[p] = PROVIDER_CAPTURED
	:: asked == ASK_VOID && account[p] == PROVIDER_AUTHORIZED -> account[p] = PROVIDER_VOIDED
	:: asked == ASK_VOID && account[p] == PROVIDER_NOTHING && keeps_voids ->
		account[p] = PROVIDER_VOIDED
	:: asked == ASK_REFUND && account[p] == PROVIDER_CAPTURED -> account[p] = PROVIDER_REFUNDED
	:: asked != ASK_AUTHORIZE && account[p] == PROVIDER_NOTHING &&
		!(asked == ASK_VOID && keeps_voids) -> outcome = PROVIDER_NOT_FOUND
	:: asked != ASK_QUERY && account[p] == PROVIDER_REFUSED -> outcome = PROVIDER_DECLINED
	:: asked == ASK_VOID && (account[p] == PROVIDER_CAPTURED || account[p] == PROVIDER_REFUNDED) ->
		outcome = PROVIDER_UNKNOWN
	:: asked == ASK_REFUND && account[p] == PROVIDER_AUTHORIZED -> outcome = PROVIDER_UNKNOWN
	:: (asked == ASK_CAPTURE || asked == ASK_REFUND) && account[p] == PROVIDER_VOIDED ->
		outcome = PROVIDER_DECLINED
	:: else /* it was done before: the same answer */
	fi;
	if
	:: asked == ASK_AUTHORIZE -> holds = PROVIDER_AUTHORIZED
	:: asked == ASK_CAPTURE -> holds = PROVIDER_CAPTURED
	:: asked == ASK_VOID -> holds = PROVIDER_VOIDED
	:: asked == ASK_REFUND -> holds = PROVIDER_REFUNDED
	:: else -> holds = account[p]
	fi;
	judge(p)
}

#define DONE asked = 0; p = 0

proctype Provider()
{
	byte asked, p;
end:	do
	:: d_step { call?asked, p ->
			carry_out(asked, p, false); verdict!asked, p, outcome, holds; DONE }
	:: d_step { call?[ASK_AUTHORIZE, _] -> call?asked, p;
			carry_out(asked, p, true); verdict!asked, p, outcome, holds; DONE }
	:: d_step { troubles > 0 && nempty(call) -> troubles--; call?asked, p; /* not done */
			verdict!asked, p, PROVIDER_UNKNOWN, 0; DONE }
	:: d_step { troubles > 0 && nempty(call) -> troubles--; call?asked, p; /* done */
			carry_out(asked, p, false); verdict!asked, p, PROVIDER_UNKNOWN, 0; DONE }
	:: d_step { late_calls > 0 && nempty(call) && empty(late_call) -> late_calls--; call?asked, p;
			late_call!asked, p; verdict!asked, p, PROVIDER_UNKNOWN, 0; DONE }
	od
}

proctype ProviderLater()
{
	byte asked, p;
end:	do
	:: d_step { late_call?asked, p -> carry_out(asked, p, false); unsettled = false; DONE }
	:: d_step { late_call?asked, p -> unsettled = false; DONE }
	od
}

/* --- the network, and time ---------------------------------------------------------------------- */

proctype Network()
{
	byte a, p;
	bool late;
end:	do
	:: d_step { losses > 0 && nempty(request) -> losses--; request?a, p, late; a = 0; p = 0; late = false }
	:: d_step { losses > 0 && nempty(reply) -> losses--; reply?p, a; a = 0; p = 0; late = false }
	:: d_step { lates > 0 && nempty(request) && empty(late_request) -> lates--;
			request?<a, p, late>; late_request!a, p, late; a = 0; p = 0; late = false }
	:: d_step { lates > 0 && nempty(reply) && empty(late_reply) -> lates--;
			reply?<p, a>; late_reply!p, a; a = 0; p = 0; late = false }
	od
}

#define MESSAGES_GONE (empty(request) && empty(reply) && empty(late_request) && empty(late_reply))

inline half_a_life(p)
{
	ages--;
	key_age[p]++;
	row[p].expired = row[p].state != PAYMENT_NONE
}

proctype Time()
{
end:	do
	:: d_step { expiries > 0 && row[0].state == PAYMENT_SENT && !row[0].expired ->
			expiries--; row[0].expired = true }
	:: d_step { ages > 0 && key_age[0] == 0 && begun > 0 && MESSAGES_GONE -> half_a_life(0) }
	:: d_step { ages > 0 && key_age[0] == 1 && MESSAGES_GONE && empty(call) && empty(late_call) ->
			half_a_life(0) }
	:: d_step { outages > 0 && breaker == BREAKER_CLOSED -> outages--; breaker = BREAKER_OPEN }
	od
}

proctype Breaker()
{
end:	do
	:: d_step { breaker == BREAKER_OPEN -> breaker = BREAKER_HALF_OPEN } /* breaker_tick() */
	od
}

/* --- people: a payment that nobody may ask about, a board that is destroyed ---------------------- */

/* ledger_settle(), by one who has looked at the provider's, long after, and ended it there. */
inline settle(p)
{
	if
	:: account[p] == PROVIDER_CAPTURED ->
		account[p] = PROVIDER_REFUNDED;
		ledger_apply(p, PAYMENT_IS_REFUNDED)
	:: else ->
		account[p] = (account[p] == PROVIDER_AUTHORIZED -> PROVIDER_VOIDED : account[p]);
		ledger_apply(p, PAYMENT_IS_VOIDED)
	fi;
	usual_ask(p);
	row[p].ask = (row[p].under_way -> row[p].ask : ask)
}

/* A board is replaced, or put back, in more time than an authorize lives. */
inline forget_authorize(channel)
{
	if
	:: channel?[PAYMENT_SENT, _, _] -> channel?_, _, _
	:: else
	fi
}

inline put_back_payment(p)
{
	burnt_payment = burnt_payment || image_state[p] != kiosk_state[p];
	kiosk_state[p] = image_state[p];
	image_state[p] = PAYMENT_NONE
}

/* What was there goes on from the copy, which may be empty. */
inline put_back_kiosk()
{
	forget_authorize(request);
	forget_authorize(late_request);
	burnt = delivered && !hub_due && !image_due;
	nobody_knows = burnt && hub_state[payment] == PAYMENT_NONE && image_state[payment] == PAYMENT_NONE;
	burnt_back = given_back && !RENTAL_IS_FINAL(hub_rental) && !RENTAL_IS_FINAL(image_rental);
	put_back_payment(0);
#if ATTEMPTS > 1
	put_back_payment(1);
#endif
	rental = image_rental;
	payment = image_payment;
	due = image_due;
	image_rental = RENTAL_NONE;
	image_payment = NO_PAYMENT;
	image_due = false
}

inline new_board()
{
	new_boards--;
	put_back_kiosk();
	mode = MODE_WAITING
}

inline keep_image()
{
	imaged = true;
	image_heard = link == LINK_UP;
	image_rental = rental;
	image_payment = payment;
	image_due = due;
	image_state[0] = kiosk_state[0];
#if ATTEMPTS > 1
	image_state[1] = kiosk_state[1]
#endif
}

/* It starts, and whatever its last acks were, some are in none of its tables. */
inline old_copy_starts(heard)
{
	old_copies--;
	if
	:: link == LINK_CUT
	:: else -> hub_hears()
	fi;
	put_back_kiosk();
	is_copy = true;
	unheard_rental = !heard;
	unheard_payments = (heard -> 0 : 3);
	imaged = false;
	image_heard = false;
	if
	:: rental == RENTAL_OPENING -> rental_apply(RENTAL_INTERRUPTED)
	:: else
	fi;
	judge(payment)
}

/* --- the kiosk: handover.c, confirmation.c ------------------------------------------------------- */

/* What is open at either; hub/desired.c: add_ended() */
#define IS_HALF_HEARD (hub_rental == RENTAL_FAILED && hub_state[hub_payment] == PAYMENT_CAPTURED)
#define HUB_PENDING (IS_PENDING(hub_state[0]) || IS_PENDING(hub_state[ATTEMPTS - 1]))
#define IS_RENTAL_HANDED (!RENTAL_IS_FINAL(hub_rental) || HUB_PENDING || IS_HALF_HEARD || \
	rental != RENTAL_NONE && !RENTAL_IS_FINAL(rental))
#define IS_PAYMENT_HANDED(p) (hub_state[p] != PAYMENT_NONE && \
	(IS_PENDING(hub_state[p]) || p == hub_payment && IS_RENTAL_HANDED))

inline take_handed_payment(p)
{
	if
	:: IS_PAYMENT_HANDED(p) && kiosk_state[p] == PAYMENT_NONE ->
		blind = blind | BIT(p); /* its method is not among what the hub is told */
		kiosk_state[p] = hub_state[p]
	:: IS_PAYMENT_HANDED(p) && kiosk_state[p] != PAYMENT_NONE ->
		in_state = kiosk_state[p];
		input = hub_state[p];
		money = (unheard_payments & BIT(p)) != 0;
		c_code { counts = hub_payment_counts(input, in_state, money); }
		kiosk_state[p] = (counts -> hub_state[p] : kiosk_state[p])
	:: else
	fi
}

inline end_unclaimed(p)
{
	if
	:: kiosk_state[p] == PAYMENT_SENT && (blind & BIT(p)) ||
		(kiosk_state[p] == PAYMENT_SENT || kiosk_state[p] == PAYMENT_AUTHORIZED) && !IS_CLAIMED(p) ||
		kiosk_state[p] == PAYMENT_CAPTURE_OWED && rental != RENTAL_NONE && payment != p ->
		payment_apply(p, PAYMENT_WANT_BACK)
	:: else
	fi
}

inline capture_delivered()
{
	if
	:: !(IS_OUT(rental) || rental == RENTAL_RETURNED)
	:: (IS_OUT(rental) || rental == RENTAL_RETURNED) && (kiosk_state[payment] == PAYMENT_AUTHORIZED ||
		kiosk_state[payment] == PAYMENT_VOID_OWED || kiosk_state[payment] == PAYMENT_VOIDED) ->
		payment_apply(payment, PAYMENT_WANT_CAPTURE)
	:: else
	fi
}

/* Its board died between the batch that told of that and the one that told of the money. */
inline give_back_failed()
{
	if
	:: hub_rental == RENTAL_FAILED && (kiosk_state[hub_payment] == PAYMENT_AUTHORIZED ||
		kiosk_state[hub_payment] == PAYMENT_CAPTURE_OWED ||
		kiosk_state[hub_payment] == PAYMENT_CAPTURED) ->
		payment_apply(hub_payment, PAYMENT_WANT_BACK)
	:: else
	fi
}

inline hand_over_halfway()
{
	if
	:: rental == RENTAL_OPENING -> rental_apply(RENTAL_INTERRUPTED)
	:: rental == RENTAL_TAKING -> rental_apply(RENTAL_DOOR_LEFT_OPEN)
	:: rental == RENTAL_PAYING && kiosk_state[payment] == PAYMENT_SENT && (blind & BIT(payment)) ->
		rental_apply(RENTAL_CANCEL_PAYMENT)
	:: else
	fi
}

inline take_handed_rental()
{
	c_code { counts = hub_counts(now.hub_rental, now.hub_due, now.rental, now.unheard_rental); }
	if
	:: !IS_RENTAL_HANDED ->
		ended_twice = ended_twice || hub_rental == RENTAL_RETURNED && IS_UNDELIVERED
	:: IS_RENTAL_HANDED && rental != RENTAL_NONE && !counts -> /* its own account */
		if
		:: rental == RENTAL_CANCELLED || rental == RENTAL_EXPIRED || rental == RENTAL_FAILED ->
			give_back_failed();
			kept = kept || kiosk_state[hub_payment] == PAYMENT_CAPTURED
		:: else
		fi
	:: IS_RENTAL_HANDED && rental == RENTAL_NONE && RENTAL_IS_FINAL(hub_rental) ->
		give_back_failed() /* it has no row for the rental */
	:: else ->
		kept = kept || RENTAL_IS_FINAL(hub_rental) && rental != RENTAL_NONE &&
			payment != hub_payment && payment != NO_PAYMENT && kiosk_state[payment] == PAYMENT_CAPTURED;
		rental = hub_rental;
		payment = hub_payment;
		due = hub_due;
		if
		:: RENTAL_IS_FINAL(rental) -> capture_delivered(); give_back_failed() /* take_ended() */
		:: else -> hand_over_halfway(); capture_delivered(); tell_rental(payment)
		fi
	fi
}

inline adopted()
{
	blind = 0;
	take_handed_payment(0);
#if ATTEMPTS > 1
	take_handed_payment(1);
#endif
	take_handed_rental();
	end_unclaimed(0);
#if ATTEMPTS > 1
	end_unclaimed(1);
	hub_state[1] = PAYMENT_NONE;
#endif
	hub_state[0] = PAYMENT_NONE;
	hub_rental = RENTAL_NONE;
	hub_payment = NO_PAYMENT;
	hub_due = false;
	is_copy = false;
	unheard_rental = false;
	unheard_payments = 0;
	reconcile_at = true;
	mode = MODE_CONFIRMING;
	judge(payment)
}

inline confirmation_take()
{
	if
	:: is_out && (rental == RENTAL_HELD || rental == RENTAL_PAYING || rental == RENTAL_PAID) ->
		rental_apply(RENTAL_RESOLVE_REFUND)
	:: !is_out && rental == RENTAL_RENTED -> rental_apply(RENTAL_RESOLVE)
	:: else
	fi;
	mode = MODE_LENDING;
	judge(payment)
}

proctype Manager()
{
end:	do
	:: d_step { row[0].needs_person && empty(late_call) -> settle(0); judge(0) }
#if OLD_COPIES
	:: d_step { old_copies > 0 && !imaged -> keep_image() }
	:: d_step { old_copies > 0 && imaged && image_heard -> old_copy_starts(true) }
	:: d_step { old_copies > 0 && imaged -> old_copy_starts(false) }
	:: d_step { is_copy && mode == MODE_LENDING -> mode = MODE_WAITING } /* adoption_forked() */
#endif
#if NEW_BOARDS
	:: d_step { link == LINK_CUT && new_boards > 0 -> new_board() }
#endif
#if NEW_BOARDS || OLD_COPIES
	:: d_step { link == LINK_UP && mode == MODE_LENDING && !is_copy -> link = LINK_BREAKING }
	:: d_step { link == LINK_UP && mode == MODE_LENDING && !is_copy -> hub_hears() }
	:: d_step { mode == MODE_WAITING -> adopted() }
	:: d_step { mode == MODE_CONFIRMING && rental != RENTAL_OPENING && rental != RENTAL_TAKING ->
			confirmation_take() }
#endif
	od
}

#if FAIR
/* Where nothing happens any more, time goes on: spin looks for what does not end in loops only. */
proctype Clock()
{
end:	do
	:: losses <= LOSSES
	od
}
#endif

init {
	atomic {
		if
		:: keeps_voids = true
		:: keeps_voids = false
		fi;
		run Person();
		run KioskAsks();
		run KioskReplies();
		run Requests();
		run Calls();
		run Verdicts();
		run Provider();
#if FAIR
		run Clock();
#endif
#if LATE_CALLS || CRASHES
		run ProviderLater();
#endif
#if OUTAGES
		run Breaker();
#endif
#if CRASHES
		run AdapterFaults();
#endif
#if LOSSES || LATES
		run Network();
#endif
#if AGES || EXPIRIES || OUTAGES
		run Time();
#endif
#if AGES || NEW_BOARDS || OLD_COPIES
		run Manager()
#endif
	}
}
