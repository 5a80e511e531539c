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
           ("	:: hub.handover > 0 && status.epoch == hub.epoch &&", "	:: hub.handover > 0 &&")),
    outbox("the hub acks a retired epoch and keeps no dead letter", "two copies", "lost",
           ("""	letter_for_person(its_id);
	if""", """	if""")),
    outbox("an ack of another hub is believed", "network", "acked_and_lost",
           ("	:: its_generation != board[b].generation || its_epoch", "	:: its_epoch"),
           ("	:: its_generation == board[b].generation && its_epoch", "	:: its_epoch")),
    outbox("an ack is believed before the bank is told that it is adopted", "two copies", "lost",
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
           ("	n = 0; /* store_outbox_renumber() */\n	i = board[b].first;", "	n = 0;\n	i = 0;")),
    outbox("an adopted bank is not given what the hub knows", "new board", "lost",
           ("= (desired.handed | n) & ~SNAPSHOT", "= n & ~SNAPSHOT")),
    outbox("a bank with nothing to send does not ask for an ack", "hub put back", "acked_and_lost",
           ("b == on && connected && !told[b] && QUIET", "false && QUIET"),
           ("sent[on] == 0 && told[on])", "sent[on] == 0)")),

    payment("a void before its authorize leaves no mark", "network", "voided_yet_held",
           ("""	:: row[p].state == PAYMENT_NONE && !may_have_lost[p] -> ledger_mark(p, false)
	:: else -> ledger_want(p, PAYMENT_WANT_BACK)
	fi""", """	:: row[p].state == PAYMENT_NONE && !may_have_lost[p] -> reply!p, PAYMENT_VOIDED
	:: else -> ledger_want(p, PAYMENT_WANT_BACK)
	fi""")),
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
    payment("the kiosk forgets a payment that is under way when it dies", "twice", "charged_twice",
           ("""			crashes--;
			if
			:: rental == RENTAL_OPENING""", """			crashes--;
			if
			:: kiosk_state[payment] == PAYMENT_SENT && rental == RENTAL_PAYING ->
				kiosk_state[payment] = PAYMENT_NONE; rental = RENTAL_HELD
			:: rental == RENTAL_OPENING""")),
    payment("a new payment begins before the old one is known", "twice", "charged_twice",
           ("		!(begun > 0 && IS_UNRESOLVED(kiosk_state[payment])) ->", "		true ->"),
           ("		rental == RENTAL_HELD && begun < ATTEMPTS &&",
            "		(rental == RENTAL_HELD || rental == RENTAL_PAYING) && begun < ATTEMPTS &&"),
           ("				rental_apply(RENTAL_PAY)\n", "				rental = RENTAL_PAYING\n")),
    payment("the ledger calls before it notes it", "crashes", "voided_yet_held",
           ("""	:: row[p].under_way || (row""", """	:: row[p].under_way && row[p].ask == ASK_AUTHORIZE ->
		row[p].under_way = false; row[p].called = false
	:: row[p].under_way || (row"""),),
    payment("not found counts as the end of a void", "crashes", "voided_yet_held",
           ("	:: row[p].called && FRESH(p) -> row[p].ask = ASK_AUTHORIZE\n", ""),
           ("	:: !row[p].called && !asked_unsettled -> ledger_mark(p, false)", "	:: FRESH(p) -> ledger_mark(p, false)")),
    payment("no answer of the provider counts as declined", "network", "voided_yet_held",
           ("	:: else -> /* take_trouble() */\n", """	:: outcome == PROVIDER_UNKNOWN && asked == ASK_AUTHORIZE ->
		holds = PROVIDER_REFUSED;
		take_holding(p)
	:: else ->
""")),
    payment("the expiry counts before the ledger is looked at", "network", "voided_yet_held",
           ("	:: row[p].state == PAYMENT_SENT && !late -> row[p].expired = false /* prolong() */",
            "	:: row[p].state == PAYMENT_SENT && late -> ledger_mark(p, true)")),
    payment("what the ledger lost is not searched", "ledger put back", "voided_yet_held",
           ("	may_have_lost[p] = p < begun\n", "	may_have_lost[p] = false\n")),
    payment("what had waited in the copy is not searched", "ledger put back", "voided_yet_held",
           ("	row[p].searched = row[p].searched || (row[p].state == PAYMENT_SENT && !row[p].called);\n", "")),
    payment("not found is final before the last run's calls are over", "ledger put back", "voided_yet_held",
           ("	:: !(!row[p].expired && FRESH(p)) && !row[p].called && !asked_unsettled -> ledger_mark",
            "	:: !(!row[p].expired && FRESH(p)) && !row[p].called -> ledger_mark")),
    payment("not found is final if it is heard when they are over", "ledger put back", "voided_yet_held",
           ("	asked_unsettled = unsettled;\n", ""),
           ("			ledger_verdict(p, asked); judge(p);",
            "			asked_unsettled = unsettled; ledger_verdict(p, asked); judge(p);")),
    payment("an old key is used again", "old key", "charged_twice",
           ("#define FRESH(p)        (key_age[p] == 0)", "#define FRESH(p)        (key_age[p] < 3)"),
           ("#define STALE(p)        (key_age[p] > 0)", "#define STALE(p)        (key_age[p] == 3)")),
    Mutation("a capture that is owed is forgotten when the money is to go back", "payment: network", "voided_yet_held",
             [("payment.c", "[PAYMENT_WANT_BACK]     = PAYMENT_REFUND_OWED,\n		[PAYMENT_IS_AUTHORIZED] = PAYMENT_CAPTURE_OWED,",
               "[PAYMENT_WANT_BACK]     = PAYMENT_VOIDED,\n		[PAYMENT_IS_AUTHORIZED] = PAYMENT_CAPTURE_OWED,")]),
    Mutation("a void that finds the money taken is content", "payment: ledger put back", "voided_yet_held",
             [("payment.c", "		[PAYMENT_IS_DECLINED]   = PAYMENT_VOIDED,\n		[PAYMENT_IS_CAPTURED]   = PAYMENT_REFUND_OWED,\n		[PAYMENT_IS_VOIDED]     = PAYMENT_VOIDED,\n		[PAYMENT_IS_REFUNDED]   = PAYMENT_REFUNDED,\n	},\n	[PAYMENT_VOIDED]",
               "		[PAYMENT_IS_DECLINED]   = PAYMENT_VOIDED,\n		[PAYMENT_IS_CAPTURED]   = PAYMENT_VOIDED,\n		[PAYMENT_IS_VOIDED]     = PAYMENT_VOIDED,\n		[PAYMENT_IS_REFUNDED]   = PAYMENT_REFUNDED,\n	},\n	[PAYMENT_VOIDED]")]),
]
