"""Mistakes that the models must catch: an edit, the search that it is made in, and what catches it."""

import dataclasses


@dataclasses.dataclass
class Mutation:
    name: str
    search: str
    caught_by: str
    edits: list  # (file, text that it has once, text instead)


def outbox(name, search, caught_by, *edits):
    return Mutation(name, "outbox: " + search, caught_by, [("outbox.pml", *edit) for edit in edits])


def payment(name, search, caught_by, *edits):
    return Mutation(name, "payment: " + search, caught_by, [("payment.pml", *edit) for edit in edits])


MUTATIONS = [
    outbox("the hub does not look whether it has an event's id", "old copy", "applied_twice",
           ("""	:: hub.log & BIT(its_id)
	:: else ->
		applied""", """	:: false
	:: else ->
		applied""")),
    outbox("the hub acks before it commits", "network", "acked_and_lost",
           ("""	:: d_step { status_news && len""", """	:: d_step { len(events) > 0 && len(acks) == 0 && crashes > 0 ->
			crashes--; events?e, s, x, y; acks!hub.generation, e, (y > 0 -> s + 1 : s), (y > 0 -> y : x);
			e = 0; s = 0; x = 0; y = 0 }
	:: d_step { status_news && len""")),
    outbox("the hub takes an event over a gap", "hub put back", "not_of_one_mind",
           ("	:: its_seq == hub.seq + 1 -> take_next", "	:: its_seq >= hub.seq + 1 -> take_next")),
    outbox("the hub takes what is behind a fork", "old copy", "out_of_order",
           ("c = (hub.log & BIT(its_id)) != 0;", "")),
    outbox("the hub hands over to whoever reads it", "new board", "lost",
           ("	:: hub.handover > 0 && status.epoch == hub.epoch && !status", "	:: hub.handover > 0 && !status")),
    outbox("the hub acks a retired epoch and keeps no dead letter", "two copies", "lost",
           ("""	letter_for_person(its_id);
	if""", """	if""")),
    outbox("an ack of another hub is believed", "network", "acked_and_lost",
           ("	:: its_generation != board[b].generation || its_epoch", "	:: its_epoch"),
           ("	:: its_generation == board[b].generation && its_epoch", "	:: its_epoch")),
    outbox("events are taken, and acks believed, before the board has taken over", "two copies", "lost",
           ("its_epoch == hub.epoch && hub.handover == 0 ->", "its_epoch == hub.epoch ->"),
           ("""|| its_epoch != board[b].epoch ||
		board[b].mode == MODE_WAITING /""", """|| its_epoch != board[b].epoch /"""),
           ("board[b].mode != MODE_WAITING && (its_seq", "(its_seq")),
    outbox("acked rows are deleted at once", "hub put back", "needless_gap",
           ("		board[b].acked = its_seq\n", "		board[b].acked = its_seq;\n		delete_acked(b)\n")),
    outbox("the kiosk does not go back to where the hub is", "drains, hub put back", "no end",
           ("	:: its_seq + 1 < next[b] -> rewind_to(b, its_seq)", "	:: its_seq + 1 < next[b]")),
    outbox("what the hub lost stays acked", "hub put back", "acked_and_lost",
           ("		board[b].acked = its_seq;\n		board[b].acked_rows = board[b].acked_rows & UP_TO(from - 1);\n", "")),
    outbox("another event under the same number is not noticed", "old copy", "not_of_one_mind",
           ("			board[b].id[its_seq] != its_event)) ->", "			false)) ->")),
    outbox("a new epoch forgets what was not acked", "old copy", "lost",
           ("	n = 0; /* store_outbox_leave() */\n	i = board[b].first;", "	n = 0;\n	i = 0;")),
    outbox("an adopted bank is not given what the hub knows", "new board", "lost",
           ("= (desired.handed | n) & ~SNAPSHOT", "= n & ~SNAPSHOT")),
    outbox("a bank with nothing to send does not ask for an ack", "hub put back", "acked_and_lost",
           ("b == on && connected && !told[b] && QUIET", "false && QUIET"),
           ("sent[on] == 0 && told[on])", "sent[on] == 0)")),

    outbox("what was confirmed is not told as a whole", "new board, hub put back", "not_of_one_mind",
           ("""	board[b].mode = MODE_LENDING;
	outbox_add(b, board[b].knows | SNAPSHOT);
""", "	board[b].mode = MODE_LENDING;\n")),
    outbox("a hub that was put back keeps its generation", "new board, hub put back", "acked_and_lost",
           ("hub.generation = status.generation + 1;", "")),
    outbox("a new board does not show itself", "drains, new board", "no end",
           ("	:: else -> hub.claimed = its_epoch; alarmed = true", "	:: else -> alarmed = true")),

    outbox("the handover ends while the board still waits", "drains, old copy", "no end",
           ("status.epoch == hub.epoch && !status.open_rentals &&", "status.epoch == hub.epoch &&")),
    outbox("the hub does not answer what a waiting board has open", "drains, old copy", "no end",
           ("	note_open();\n", "")),

    payment("a void before its authorize leaves no mark", "network", "voided_yet_held",
           ("	:: row[p].state == PAYMENT_NONE && !(row[p].searched || may_have_lost[p]) -> ledger_mark(p)\n",
            "	:: row[p].state == PAYMENT_NONE && !(row[p].searched || may_have_lost[p]) ->"
            " reply!p, PAYMENT_VOIDED\n")),
    payment("the kiosk takes no answer for no", "twice", "voided_yet_held",
           ("""proctype KioskReplies()
{
	byte p, told;
end:	do
""", """proctype KioskReplies()
{
	byte p, told;
end:	do
	:: d_step { losses > 0 && kiosk_state[payment] == PAYMENT_SENT && rental == RENTAL_PAYING ->
			losses--; take_reply(payment, PAYMENT_DECLINED) }
""")),
    payment("the kiosk forgets a payment when it dies, and the ledger takes two", "twice", "charged_twice",
           ("#define HAS_RIVAL(p) IS_LIVE(row[1 - p].state)", "#define HAS_RIVAL(p) false"),
           ("""			crashes--;
			if
			:: rental == RENTAL_OPENING""", """			crashes--;
			if
			:: kiosk_state[payment] == PAYMENT_SENT && rental == RENTAL_PAYING ->
				kiosk_state[payment] = PAYMENT_NONE; rental = RENTAL_HELD
			:: rental == RENTAL_OPENING""")),
    payment("a payment begins before the last one is known, and the ledger takes two", "twice", "charged_twice",
           ("#define HAS_RIVAL(p) IS_LIVE(row[1 - p].state)", "#define HAS_RIVAL(p) false"),
           ("		!(begun > 0 && IS_UNRESOLVED(kiosk_state[payment])) ->", "		true ->"),
           ("		rental == RENTAL_HELD && LENDS && MAY_PAY &&",
            "		(rental == RENTAL_HELD || rental == RENTAL_PAYING) &&"),
           ("				rental_apply(RENTAL_PAY)\n", "				rental = RENTAL_PAYING\n")),
    payment("the ledger calls before it notes it", "crashes", "voided_yet_held",
           ("""	:: row[p].under_way || (row""", """	:: row[p].under_way && row[p].ask == ASK_AUTHORIZE ->
		row[p].under_way = false; row[p].called = false
	:: row[p].under_way || (row"""),),
    payment("not found counts as the end of a void", "crashes", "voided_yet_held",
           ("	:: row[p].called && FRESH(p) -> row[p].ask = ASK_AUTHORIZE\n", ""),
           ("	:: !row[p].called && !asked_unsettled -> ledger_mark(p)", "	:: FRESH(p) -> ledger_mark(p)")),
    payment("no answer of the provider counts as declined", "network", "voided_yet_held",
           ("	:: else -> /* take_trouble() */\n", """	:: outcome == PROVIDER_UNKNOWN && asked == ASK_AUTHORIZE ->
		holds = PROVIDER_REFUSED;
		take_holding(p)
	:: else ->
""")),
    payment("the expiry counts before the ledger is looked at", "network", "voided_yet_held",
           ("	:: row[p].state == PAYMENT_SENT && !late -> row[p].expired = false /* prolong() */",
            "	:: row[p].state == PAYMENT_SENT && late -> ledger_mark(p)")),
    payment("what the ledger lost is not searched", "ledger put back", "voided_yet_held",
           ("	may_have_lost[p] = p < begun\n", "	may_have_lost[p] = false\n")),
    payment("what had waited in the copy is not searched", "ledger put back", "voided_yet_held",
           ("	row[p].searched = row[p].searched || (row[p].state == PAYMENT_SENT && !row[p].called);\n", "")),
    payment("not found is final before the last run's calls are over", "ledger put back", "voided_yet_held",
           ("	:: !(!row[p].expired && FRESH(p)) && !row[p].called && !asked_unsettled -> ledger_mark",
            "	:: !(!row[p].expired && FRESH(p)) && !row[p].called -> ledger_mark")),
    payment("not found is final if it is heard when they are over", "ledger put back", "voided_yet_held",
           ("	asked_unsettled = unsettled;\n", ""),
           ("			ledger_verdict(p, asked);",
            "			asked_unsettled = unsettled; ledger_verdict(p, asked);")),
    payment("an old key is used again", "old key", "charged_twice",
           ("#define FRESH(p)        (key_age[p] == 0)", "#define FRESH(p)        (key_age[p] < 3)"),
           ("#define STALE(p)        (key_age[p] > 0)", "#define STALE(p)        (key_age[p] == 3)")),
    Mutation("a capture that is owed is forgotten when the money is to go back", "payment: network", "voided_yet_held",
             [("payment.c", "[PAYMENT_WANT_BACK]     = PAYMENT_REFUND_OWED,\n		[PAYMENT_IS_AUTHORIZED] = PAYMENT_CAPTURE_OWED,",
               "[PAYMENT_WANT_BACK]     = PAYMENT_VOIDED,\n		[PAYMENT_IS_AUTHORIZED] = PAYMENT_CAPTURE_OWED,")]),
    Mutation("a void that finds the money taken is content", "payment: ledger put back", "voided_yet_held",
             [("payment.c", "		[PAYMENT_IS_DECLINED]   = PAYMENT_VOIDED,\n		[PAYMENT_IS_CAPTURED]   = PAYMENT_CAPTURED,",
               "		[PAYMENT_IS_DECLINED]   = PAYMENT_VOIDED,\n		[PAYMENT_IS_CAPTURED]   = PAYMENT_VOIDED,")]),

    payment("a call without an answer is not followed up", "ends", "no end",
            ("		row[p].ask = (asked == ASK_QUERY -> ask : ASK_QUERY)\n", "		row[p].ask = ASK_NOTHING\n")),
    payment("what was lost is not asked for again", "ends", "no end",
            ("	:: d_step { IS_OPEN(kiosk_state[0]) &&", "	:: d_step { IS_OPEN(kiosk_state[0]) && losses == LOSSES &&")),
    payment("what was under way is not taken up after a crash", "ends, crashes", "no end",
            ("		row[p].ask = (ask == ASK_NOTHING -> ASK_NOTHING : ASK_QUERY)\n",
             "		row[p].ask = ASK_NOTHING\n")),
    payment("a person is not needed for an old key", "ends, old key", "no end",
            ("	:: !(!row[p].expired && FRESH(p)) && row[p].called && STALE(p) -> row[p].needs_person = true\n", ""),
            ("	:: row[p].called && STALE(p) -> row[p].needs_person = true\n", "")),

    payment("the breaker is not asked", "breaker", "asked_while_open",
            ("#define IS_PUT_OFF(p) (IS_NEW(p)", "#define IS_PUT_OFF(p) (false && IS_NEW(p)")),
    payment("the breaker never half-opens", "ends, breaker", "no end",
            (":: d_step { breaker == BREAKER_OPEN ->", ":: d_step { false ->")),
    payment("the breaker stops voids too", "ends, breaker", "no end",
            ("#define IS_PUT_OFF(p) (IS_NEW(p)",
             "#define IS_PUT_OFF(p) (row[p].ask == ASK_VOID && breaker != BREAKER_CLOSED || IS_NEW(p)")),
    payment("that payments are closed counts as declined", "breaker", "voided_yet_held",
            ("	:: told == REPLY_CLOSED /* take_refusal() */",
             "	:: told == REPLY_CLOSED -> payment_apply(p, PAYMENT_IS_DECLINED)")),

    payment("a search that found nothing counts for ever", "query", "voided_yet_held",
            ("	:: row[p].state == PAYMENT_NONE -> row[p].ask = ASK_NOTHING\n",
             "	:: row[p].state == PAYMENT_NONE -> ledger_mark(p)\n")),
    payment("a query is answered by the ledger alone", "query", "voided_yet_held",
            ("	:: row[p].state == PAYMENT_NONE && may_have_lost[p] -> ledger_enter(p, PAYMENT_NONE, true)\n",
             "	:: row[p].state == PAYMENT_NONE && may_have_lost[p] -> reply!p, PAYMENT_VOIDED\n")),
    payment("a query leaves a row that nobody asks about", "query", "voided_yet_held",
            ("		row[p].called = false;\n		row[p].searched = false;\n		row[p].expired = false\n",
             "		row[p].state = PAYMENT_VOIDED\n")),

    payment("a new board does not say what it claims", "ends, new board", "no end",
            ("	reconcile_at = true;\n", "")),
    payment("a reconcile gives back what was delivered", "new board", "delivered_unpaid",
            ("(row[its].state == PAYMENT_SENT || row[its].state == PAYMENT_AUTHORIZED) ->",
             "row[its].state != PAYMENT_NONE ->")),
    Mutation("what a void finds to be taken is given back", "payment: kiosk put back", "delivered_unpaid",
             [("payment.c", "		[PAYMENT_IS_DECLINED]   = PAYMENT_VOIDED,\n		[PAYMENT_IS_CAPTURED]   = PAYMENT_CAPTURED,",
               "		[PAYMENT_IS_DECLINED]   = PAYMENT_VOIDED,\n		[PAYMENT_IS_CAPTURED]   = PAYMENT_REFUND_OWED,")]),
    payment("what is authorized is not claimed", "new board", "claimed_given_back",
            ("#define CLAIMS UNFINISHED(0)", "#define CLAIMS (UNFINISHED(0) && kiosk_state[0] != PAYMENT_AUTHORIZED)")),
    payment("a reconcile is done again when it comes again", "new board, twice, late messages", "claimed_given_back",
            ("	:: !reconciled ->", "	:: true ->")),
    payment("a payment begins before the claims are heard", "new board, twice, late messages", "claimed_given_back",
            ("#define MAY_PAY (!reconcile_at)", "#define MAY_PAY true")),
    payment("what was delivered is not captured by the new board", "ends, new board", "no end",
            ("		:: else -> hand_over_halfway(); capture_delivered(); tell_rental(payment)",
             "		:: else -> hand_over_halfway(); tell_rental(payment)")),
    payment("a payment without a rental is kept", "ends, new board", "no end",
            ("	end_unclaimed(0);\n", "")),

    payment("a void gives back what was captured", "kiosk put back", "delivered_unpaid",
            ("request_give_back(p, false)", "request_give_back(p, true)")),
    Mutation("a delivery does not undo an old copy's void", "payment: kiosk put back", "delivered_unpaid",
             [("payment.c", "	[PAYMENT_VOID_OWED] = {\n		[PAYMENT_WANT_CAPTURE]  = PAYMENT_CAPTURE_OWED,\n",
               "	[PAYMENT_VOID_OWED] = {\n")]),
    payment("an old copy does not look whether it was delivered", "kiosk put back", "delivered_unpaid",
            ("		:: else -> hand_over_halfway(); capture_delivered(); tell_rental(payment)",
             "		:: else -> hand_over_halfway(); tell_rental(payment)")),
    Mutation("an old copy's account of a rental counts", "payment: ends, kiosk put back", "no end",
             [("handover.c", "	if (rental_is_out(hub) != rental_is_out(here))\n		return rental_is_out(hub);\n",
               "	if (rental_is_out(hub) != rental_is_out(here))\n		return !rental_is_out(hub);\n")]),
    payment("what failed is not given back by the next board", "ends, new board", "no end",
            ("	:: hub_rental == RENTAL_FAILED && (kiosk_state", "	:: false && (kiosk_state")),
    payment("the ledger takes two payments of a rental", "kiosk put back, twice", "charged_twice",
            ("#define HAS_RIVAL(p) IS_LIVE(row[1 - p].state)", "#define HAS_RIVAL(p) false")),
    payment("an old copy takes what was replaced", "kiosk put back, twice", "charged_twice",
            ("		kiosk_state[p] == PAYMENT_CAPTURE_OWED && rental != RENTAL_NONE && payment != p ->",
             "		false ->")),
    payment("the ledger takes a second payment that seems old", "kiosk put back, twice", "charged_twice",
            ("		ledger_enter(p, PAYMENT_VOID_OWED, true)\n	:: row[p].state == PAYMENT_NONE && !late && !IS_SHED && !HAS_RIVAL(p) ->",
             "		ledger_enter(p, PAYMENT_SENT, true)\n	:: row[p].state == PAYMENT_NONE && !late && !IS_SHED && !HAS_RIVAL(p) ->")),
]
