/*
 * One rental's money: kiosk, payment adapter, provider, and what may happen between them.
 *
 * The two machines are not modelled but linked: payment_step() and rental_step() are the product's
 * own (lib/domain/). The enumerators of all enums come out of its headers (names.pml, which
 * scripts/check-model makes). What the model itself says is who asks whom, and when: that is
 * kiosk/payments.c and payment-adapter/{ledger,calls,request_*}.c, under the names that things have
 * there. README.md says what is left out.
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

c_decl {
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
byte payment;               /* of the rental: its latest */
byte begun;                 /* so many payments */
byte kiosk_state[ATTEMPTS]; /* payment_row.fact.state */

typedef ledger_row {
	byte state; /* PAYMENT_NONE: there is no such row */
	byte ask;
	bool under_way;
	bool called;
	bool searched;
	bool needs_person;
	bool expired;        /* expires_at has passed */
	bool reason_expired; /* its reason is LEDGER_EXPIRED */
};
ledger_row row[ATTEMPTS];
bool may_have_lost[ATTEMPTS]; /* adapter_may_have_lost() */
ledger_row copy[ATTEMPTS];    /* the ledger's backup */
bool copied;

byte account[ATTEMPTS]; /* what the provider holds: enum provider_state */
byte key_age[ATTEMPTS]; /* 1: half of the key's life is over, 2: all of it */
bool keeps_voids;       /* this provider refuses an id that was voided before it was known */

/* --- what is on its way ----------------------------------------------------------------------- */

chan request = [1] of { byte, byte, bool };      /* asked for in state; payment; too late */
chan reply = [1] of { byte, byte };              /* payment; the ledger's state */
chan late_request = [1] of { byte, byte, bool };
chan late_reply = [1] of { byte, byte };
chan call = [1] of { byte, byte };               /* ask; payment */
chan late_call = [1] of { byte, byte };
chan verdict = [1] of { byte, byte, byte, byte }; /* ask; payment; outcome; holds */
bool unsettled;       /* a call of an earlier run may still have its effect */
bool asked_unsettled; /* ... and might when the call at hand began */

byte losses = LOSSES, lates = LATES, troubles = TROUBLES, late_calls = LATE_CALLS;
byte crashes = CRASHES, restores = RESTORES, expiries = EXPIRIES, ages = AGES;

/* Values of a step, no part of the state. */
hidden byte in_state, in_input, after, input, money, outcome, holds, ask;

/* --- the promises -------------------------------------------------------------------------------- */

bool delivered;  /* somebody has it ... */
bool given_back; /* ... and is to have the money back all the same */
bool uncollected; /* the alert "payment-uncollected" is raised */
bool old_copy;    /* the ledger was put back */
bool voided_yet_held, charged_undelivered, charged_twice, delivered_unpaid;

#define NO_MONEY(s) (s == PAYMENT_DECLINED || s == PAYMENT_VOIDED || s == PAYMENT_REFUNDED)
#define IS_FINAL(s) (NO_MONEY(s) || s == PAYMENT_CAPTURED)
#define IS_OPEN(s) (s == PAYMENT_SENT || s == PAYMENT_CAPTURE_OWED || \
	s == PAYMENT_VOID_OWED || s == PAYMENT_REFUND_OWED)
#define IS_UNRESOLVED(s) (s == PAYMENT_NEW || s == PAYMENT_SENT || s == PAYMENT_VOID_OWED)
#define HOLDS(p) (account[p] == PROVIDER_AUTHORIZED || account[p] == PROVIDER_CAPTURED)
#define OVER(p) (kiosk_state[p] == PAYMENT_NONE || kiosk_state[p] == PAYMENT_AUTHORIZED || \
	IS_FINAL(kiosk_state[p]) || row[p].needs_person)

inline judge(p)
{
	voided_yet_held = NO_MONEY(kiosk_state[p]) && HOLDS(p);
	charged_undelivered = account[p] == PROVIDER_CAPTURED && !delivered;
	delivered_unpaid = delivered && !given_back && IS_FINAL(kiosk_state[payment]) &&
		!(kiosk_state[payment] == PAYMENT_CAPTURED &&
			account[payment] == PROVIDER_CAPTURED) &&
		!(uncollected && old_copy); /* README.md, "What may still happen" */
#if ATTEMPTS > 1
	charged_twice = charged_twice || (HOLDS(0) && HOLDS(1));
#endif
	assert(!voided_yet_held);
	assert(!charged_undelivered);
	assert(!delivered_unpaid);
	assert(!charged_twice)
}

/* After the faults, which are numbered, every payment comes to its end or to a person. */
#if ATTEMPTS > 1
ltl ends { <> [] (OVER(0) && OVER(1)) }
#else
ltl ends { <> [] OVER(0) }
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
	rental = after
}

/* --- the kiosk: payments.c, rentals.c ---------------------------------------------------------- */

inline payment_apply(p, input_of_it)
{
	payment_step(kiosk_state[p], input_of_it);
	if
	:: after != IMPOSSIBLE ->
		uncollected = uncollected || (NO_MONEY(after) &&
			(kiosk_state[p] == PAYMENT_CAPTURE_OWED || in_input == PAYMENT_WANT_CAPTURE));
		kiosk_state[p] = after
	:: else
	fi
}

inline rental_apply(input_of_it)
{
	rental_step(input_of_it);
	if
	:: money == RENTAL_MONEY_CAPTURE ->
		delivered = true;
		payment_apply(payment, PAYMENT_WANT_CAPTURE)
	:: money == RENTAL_MONEY_BACK ->
		given_back = true;
		payment_apply(payment, PAYMENT_WANT_BACK)
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
	do
	:: atomic {
		rental == RENTAL_HELD && begun < ATTEMPTS &&
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
				rental_apply(RENTAL_PAY)
			}
		}
	:: d_step { rental == RENTAL_PAYING && kiosk_state[payment] == PAYMENT_SENT ->
			rental_apply(RENTAL_CANCEL_PAYMENT); given_back = false; judge(payment) }
	:: d_step { rental == RENTAL_HELD || rental == RENTAL_PAYING || rental == RENTAL_PAID ->
			rental_apply(RENTAL_TIMER); judge(payment) }
	:: d_step { rental == RENTAL_PAID -> rental_apply(RENTAL_OPEN) }
	:: d_step { rental == RENTAL_OPENING -> rental_apply(RENTAL_DOOR_OPENED) }
	:: d_step { rental == RENTAL_OPENING -> rental_apply(RENTAL_DOOR_JAMMED); judge(payment) }
	:: d_step { rental == RENTAL_TAKING -> rental_apply(RENTAL_DOOR_CLOSED); judge(payment) }
	:: d_step { rental == RENTAL_TAKING || rental == RENTAL_RENTED ->
			rental_apply(RENTAL_REPORT); judge(payment) }
	:: rental == RENTAL_RENTED || rental == RENTAL_EXPIRED || rental == RENTAL_FAILED -> break
	od
}

/* ask(): its timer has run out, and what it asked for is still owed. */
proctype KioskAsks()
{
end:	do
	:: atomic { IS_OPEN(kiosk_state[0]) && empty(request) && empty(reply) ->
			request!kiosk_state[0], 0, false }
#if ATTEMPTS > 1
	:: atomic { IS_OPEN(kiosk_state[1]) && empty(request) && empty(reply) ->
			request!kiosk_state[1], 1, false }
#endif
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
	:: else /* it says nothing definite */
	fi;
	tell_rental(p);
	judge(p)
}

proctype KioskReplies()
{
	byte p, told;
end:	do
	:: d_step { reply?p, told -> take_reply(p, told); p = 0; told = 0 }
	:: d_step { late_reply?p, told -> take_reply(p, told); p = 0; told = 0 }
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

inline enter(p, state_of_it, reason)
{
	row[p].state = state_of_it;
	row[p].needs_person = false;
	row[p].reason_expired = row[p].reason_expired || reason
}

inline usual_ask(p)
{
	if
	:: row[p].state == PAYMENT_SENT && row[p].searched && !row[p].called -> ask = ASK_QUERY
	:: row[p].state == PAYMENT_SENT && !(row[p].searched && !row[p].called) ->
		ask = ASK_AUTHORIZE
	:: row[p].state == PAYMENT_CAPTURE_OWED -> ask = ASK_CAPTURE
	:: row[p].state == PAYMENT_VOID_OWED -> ask = ASK_VOID
	:: row[p].state == PAYMENT_REFUND_OWED -> ask = ASK_QUERY
	:: else -> ask = ASK_NOTHING
	fi
}

inline ledger_mark(p, reason)
{
	enter(p, PAYMENT_VOIDED, reason);
	row[p].ask = ASK_NOTHING
}

inline ledger_enter(p, state_of_it, search)
{
	enter(p, state_of_it, false);
	row[p].searched = row[p].searched || search;
	usual_ask(p);
	row[p].ask = (search -> ASK_QUERY : ask)
}

inline ledger_apply(p, input_of_it, reason)
{
	payment_step(row[p].state, input_of_it);
	if
	:: after != IMPOSSIBLE && after != row[p].state -> enter(p, after, reason)
	:: else
	fi
}

inline ledger_want(p, input_of_it)
{
	holds = row[p].state; /* before */
	ledger_apply(p, input_of_it, false);
	if
	:: after != IMPOSSIBLE && row[p].state == PAYMENT_VOID_OWED && !MAY_BE_KNOWN(p) ->
		ledger_apply(p, PAYMENT_IS_VOIDED, false)
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
	ledger_apply(p, input, false);
	if
	:: after == IMPOSSIBLE -> /* catch_up() */
		in_input = row[p].state == PAYMENT_VOID_OWED && !row[p].reason_expired;
		row[p].reason_expired = false;
		if
		:: in_input == 1 -> enter(p, money, false); ledger_apply(p, PAYMENT_WANT_BACK, false)
		:: else -> enter(p, money, false)
		fi
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
	:: !(!row[p].expired && FRESH(p)) && !row[p].called && !asked_unsettled -> ledger_mark(p, true)
	:: !(!row[p].expired && FRESH(p)) && row[p].called && STALE(p) -> row[p].needs_person = true
	:: !(!row[p].expired && FRESH(p)) && row[p].called && FRESH(p) -> /* expire_at_provider() */
		ledger_apply(p, PAYMENT_WANT_BACK, true);
		row[p].ask = ASK_VOID
	:: else
	fi
}

inline void_not_found(p)
{
	row[p].ask = ASK_VOID;
	if
	:: !row[p].called && !asked_unsettled -> ledger_mark(p, false)
	:: row[p].called && FRESH(p) -> row[p].ask = ASK_AUTHORIZE
	:: row[p].called && STALE(p) -> row[p].needs_person = true
	:: else
	fi
}

inline take_not_found(p, asked)
{
	if
	:: row[p].state == PAYMENT_SENT -> sent_not_found(p)
	:: row[p].state == PAYMENT_VOID_OWED && asked == ASK_VOID -> void_not_found(p)
	:: row[p].state != PAYMENT_SENT &&
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

inline take_authorize(p, late)
{
	if
	:: row[p].state == PAYMENT_NONE && late && may_have_lost[p] ->
		row[p].expired = true;
		ledger_enter(p, PAYMENT_SENT, true)
	:: row[p].state == PAYMENT_NONE && late && !may_have_lost[p] -> ledger_mark(p, true)
	:: row[p].state == PAYMENT_NONE && !late -> ledger_enter(p, PAYMENT_SENT, may_have_lost[p])
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

inline give_back(p)
{
	if
	:: row[p].state == PAYMENT_NONE && may_have_lost[p] ->
		ledger_enter(p, PAYMENT_VOID_OWED, true)
	:: row[p].state == PAYMENT_NONE && !may_have_lost[p] -> ledger_mark(p, false)
	:: else -> ledger_want(p, PAYMENT_WANT_BACK)
	fi
}

inline take_request(operation, p, late)
{
	if
	:: operation == PAYMENT_SENT -> take_authorize(p, late)
	:: operation == PAYMENT_CAPTURE_OWED -> take_capture(p)
	:: else -> give_back(p)
	fi;
	if
	:: row[p].state != PAYMENT_NONE -> reply!p, row[p].state
	:: else
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

inline note(p)
{
	row[p].under_way = true;
	row[p].called = row[p].called || row[p].ask == ASK_AUTHORIZE;
	asked_unsettled = unsettled;
	call!row[p].ask, p
}

/* ledger_ready(), ledger_note(); the commit; begin(). The breaker may have it wait: any time. */
inline plan(p)
{
	if
	:: row[p].ask == ASK_AUTHORIZE && (STALE(p) || row[p].state == PAYMENT_SENT && row[p].expired) ->
		if /* divert() */
		:: row[p].expired && !MAY_BE_KNOWN(p) -> ledger_mark(p, true)
		:: else -> row[p].ask = ASK_QUERY; note(p)
		fi
	:: else -> note(p)
	fi
}

#define IS_DUE(p) (row[p].ask != ASK_NOTHING && !row[p].under_way && empty(call) && empty(verdict))

proctype Calls()
{
end:	do
	:: d_step { IS_DUE(0) -> plan(0) }
#if ATTEMPTS > 1
	:: d_step { IS_DUE(1) -> plan(1) }
#endif
	od
}

proctype Verdicts()
{
	byte asked, p;
end:	do
	:: d_step { verdict?asked, p, outcome, holds ->
			ledger_verdict(p, asked); judge(p); asked_unsettled = false; asked = 0; p = 0 }
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
	copy[p].needs_person = row[p].needs_person;
	copy[p].reason_expired = row[p].reason_expired
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
	row[p].reason_expired = copy[p].reason_expired;
	row[p].expired = row[p].state != PAYMENT_NONE;
	copy[p].state = 0;
	copy[p].ask = 0;
	copy[p].under_way = false;
	copy[p].called = false;
	copy[p].searched = false;
	copy[p].needs_person = false;
	copy[p].reason_expired = false
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
				put_back(0);
#if ATTEMPTS > 1
				put_back(1);
#endif
			}
		fi;
		d_step {
			recover(0);
#if ATTEMPTS > 1
			recover(1);
#endif
		}
	}
	:: d_step { restores > 0 && crashes > 0 && !copied ->
			copied = true;
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
	od
}

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
		run AdapterFaults();
		run Provider();
		run Network();
		run Time()
	}
}
