/*
 * A bank's events: outbox, ack, resync; the hub put back to an old copy, a bank put back to one, a
 * new board, two boards with one name; adoption and snapshot.
 *
 * The names are those of kiosk/{outbox,adoption,handover,desired}.c, hub/ingest.c, hub/adoption.c,
 * hub/desired.c, hub/restore.c and hub/status.c. README.md says what is left out.
 *
 * A message is taken in one step, which is a transaction: what it says is said after the commit, and
 * a crash in between is the loss of that. A timer may run out whenever nothing is on its way. What
 * is retained is a register: whoever comes reads the latest.
 */
#include "names.pml"

#ifndef BOARDS
#define BOARDS 1
#endif
#ifndef FACTS
#define FACTS 2 /* that people bring about */
#endif
#ifndef IDS
#define IDS 5 /* events at all, with alerts and snapshots */
#endif
#ifndef SEQS
#define SEQS 5 /* of a database */
#endif
#ifndef EPOCHS
#define EPOCHS 3
#endif
#ifndef LOSSES
#define LOSSES 1 /* messages that get lost */
#endif
#ifndef LATES
#define LATES 1 /* messages that come once more, much later */
#endif
#ifndef CRASHES
#define CRASHES 1 /* of a kiosk or the hub, or of the broker between them */
#endif
#ifndef HUB_RESTORES
#define HUB_RESTORES 0 /* the hub's database put back to an old copy */
#endif
#ifndef OLD_COPIES
#define OLD_COPIES 0 /* a board's database put back to an old copy, or given to the second board */
#endif
#ifndef NEW_BOARDS
#define NEW_BOARDS 0 /* the second board begins with an empty database */
#endif
#ifndef SWAPS
#define SWAPS 0 /* the other board connects */
#endif
#ifndef MONTHS
#define MONTHS 0 /* 30 days pass: acked rows go */
#endif
#ifndef STRANGERS
#define STRANGERS 0 /* acks of another hub: an old one that still runs */
#endif
#ifndef APPROVALS
#define APPROVALS 0 /* of adoptions, by a manager */
#endif

#ifndef FAIR
#define FAIR 0 /* for "drains" */
#endif

#define STRANGER 9 /* another hub's id, in the place of a generation */

#define BIT(n)   (1 << (n))
#define UP_TO(n) (BIT((n) + 1) - 1)

/* --- the databases ------------------------------------------------------------------------------ */

/* Events, by their ids 1, 2, ... content: a fact is the bit of its id; a snapshot is all the facts its
 * maker knew, and bit 0; an alert is nothing. */
#define SNAPSHOT 1
byte next_id = 1, next_epoch = 2;
byte content[IDS + 1];
byte maker[IDS + 1]; /* the board, and how often it was put back before */

typedef kiosk_db { /* node_row and outbox */
	byte epoch, seq, acked, generation, revision;
	byte mode = MODE_LENDING;
	bool named;        /* by the desired state applied, as the valid epoch */
	byte first;        /* the lowest row; 0: there is none */
	byte id[SEQS + 1]; /* of the rows first to seq */
	byte acked_rows;   /* those whose acked_at is set */
	byte knows;        /* the facts that are in its other tables */
};
kiosk_db board[BOARDS];
kiosk_db image; /* of a board: the old copy */
bool imaged;

byte next[BOARDS]; /* struct outbox */
byte sent[BOARDS];
bool told[BOARDS]; /* the hub has acked since this session or the hub's began */
byte copy_epoch[BOARDS];
byte life[BOARDS]; /* how often put back */
byte on = 0;       /* the board under the bank's name ... */
bool connected;    /* ... and whether it is connected */

typedef hub_db { /* node_row, bank_row, retired_row, log, letters, view */
	byte epoch, seq, event, claimed, revision, handover, lost, generation = 1;
	byte retired;                 /* a bit for each epoch */
	byte retired_seq[EPOCHS + 2], retired_event[EPOCHS + 2];
	byte log, letters, view;      /* a bit for each event, fact */
};
hub_db hub, backup;
bool backed_up;
byte waiting_epoch; /* struct hub_bank: which board has rentals open, and waits to be told of them */
hidden kiosk_db no_kiosk;
hidden hub_db no_hub;

/* --- what is on its way -------------------------------------------------------------------------- */

chan events = [1] of { byte, byte, byte, byte }; /* epoch; seq of the first; one or two ids */
chan acks = [1] of { byte, byte, byte, byte };   /* generation; epoch; seq; event */
chan late_events = [1] of { byte, byte, byte, byte };
chan late_ack = [1] of { byte, byte, byte, byte };

typedef retained { byte generation, revision, epoch, acked, handed; bool open_rentals; };
retained status;  /* of the bank, by whichever board; open_rentals: it has some, and waits */
retained desired; /* handed: the open rentals of the view, and bit 0, if there is a handover;
                     open_rentals: those that the board has are answered */
bool status_news, desired_news;

byte facts = FACTS, losses = LOSSES, lates = LATES, crashes = CRASHES, months = MONTHS;
byte hub_restores = HUB_RESTORES, old_copies = OLD_COPIES, swaps = SWAPS, approvals = APPROVALS, strangers = STRANGERS;

hidden byte i, n, c, from, is_first;

/* --- the promises --------------------------------------------------------------------------------- */

byte accepted;     /* facts that people brought about */
byte burnt;        /* those that were on a disk that is gone, or put back, and nowhere else */
bool hub_put_back, forked; /* ever */
bool alarmed;      /* somebody was told that something is wrong with this bank */
bool months_passed;
bool applied_twice, out_of_order, acked_and_lost, not_of_one_mind, lost, lost_in_silence, needless_gap;

#define QUIET (len(events) == 0 && len(acks) == 0 && !status_news && !desired_news)
#define AT_REST (connected && QUIET && hub.epoch == board[on].epoch && board[on].mode == MODE_LENDING && \
	board[on].acked == board[on].seq && sent[on] == 0 && told[on])

/* The facts of the rows that no hub has acked. */
inline unheard(b)
{
	n = 0;
	i = board[b].first;
	do
	:: i > 0 && i <= board[b].seq ->
		n = n | (board[b].acked_rows & BIT(i) -> 0 : content[board[b].id[i]]);
		i++
	:: else -> break
	od
}

inline judge()
{
	if
	:: AT_REST ->
		acked_and_lost = hub.seq != board[on].seq;
		not_of_one_mind = hub.view != board[on].knows;
		n = 0;
#if BOARDS > 1
		unheard(1 - on); /* it may still come */
		n = (hub_put_back -> n | board[1 - on].knows : n);
#endif
		lost = (accepted & ~(hub.view | hub.letters | burnt | n)) != 0 &&
			!(hub_put_back && forked); /* README.md, "What is not" */
		lost_in_silence = (accepted & ~(hub.view | burnt | n)) != 0 && !alarmed;
		assert(!acked_and_lost);
		assert(!not_of_one_mind);
		assert(!lost);
		assert(!lost_in_silence)
	:: else
	fi
}

/* After the faults, which are numbered, all comes to rest. */
ltl drains { <> [] (AT_REST) }

/* --- the kiosk: outbox.c ---------------------------------------------------------------------------- */

inline say_status(b)
{
	if
	:: b == on && connected ->
		status.epoch = board[b].epoch;
		status.generation = board[b].generation;
		status.revision = board[b].revision;
		status.acked = board[b].acked;
		status.open_rentals = board[b].mode == MODE_WAITING && board[b].knows != 0;
		status_news = true
	:: else
	fi
}

inline outbox_add(b, what)
{
	assert(next_id <= IDS && board[b].seq < SEQS);
	board[b].seq++;
	board[b].id[board[b].seq] = next_id;
	board[b].first = (board[b].first == 0 -> board[b].seq : board[b].first);
	content[next_id] = what;
	maker[next_id] = b * 4 + life[b];
	next_id++
}

/* DELETE ... WHERE acked_at>0: they are always the lowest. */
inline delete_acked(b)
{
	do
	:: board[b].first > 0 && (board[b].acked_rows & BIT(board[b].first)) ->
		board[b].acked_rows = board[b].acked_rows & ~BIT(board[b].first);
		board[b].id[board[b].first] = 0;
		board[b].first = (board[b].first == board[b].seq -> 0 : board[b].first + 1)
	:: else -> break
	od;
	i = 0
}

inline outbox_start(b)
{
	next[b] = board[b].acked + 1;
	sent[b] = 0
}

inline outbox_new_epoch(b)
{
	assert(next_epoch <= EPOCHS + 1);
	board[b].epoch = next_epoch;
	next_epoch++;
	delete_acked(b);
	n = 0; /* store_outbox_leave() */
	i = board[b].first;
	do
	:: i > 0 && i <= board[b].seq ->
		n++;
		c = board[b].id[i];
		board[b].id[i] = 0;
		board[b].id[n] = c;
		i++
	:: else -> break
	od;
	board[b].seq = n;
	board[b].first = (n == 0 -> 0 : 1);
	board[b].acked = 0;
	board[b].named = false;
	outbox_start(b)
}

inline outbox_resend(b)
{
	sent[b] = 0;
	told[b] = false
}

/* adoption_fork() and, in the same turn, adoption_forked() */
inline adoption_fork(b)
{
	alarmed = true;
	forked = true;
	copy_epoch[b] = board[b].epoch;
	outbox_new_epoch(b);
	board[b].mode = MODE_WAITING;
	say_status(b)
}

inline snapshot_after(b, its_seq)
{
	from = its_seq + 1;
	do
	:: from <= board[b].seq && !(content[board[b].id[from]] & SNAPSHOT) -> from++
	:: else -> break
	od;
	if
	:: from > board[b].seq -> outbox_add(b, board[b].knows | SNAPSHOT); from = board[b].seq
	:: else
	fi
}

inline rewind_to(b, its_seq)
{
	from = its_seq + 1;
	if
	:: board[b].first == 0 || board[b].first > from -> snapshot_after(b, its_seq)
	:: else
	fi;
	if
	:: sent[b] > 0 && next[b] == from /* it is on its way */
	:: else ->
		board[b].acked = its_seq;
		board[b].acked_rows = board[b].acked_rows & UP_TO(from - 1);
		next[b] = from;
		sent[b] = 0
	fi
}

inline accept(b, its_seq)
{
	if
	:: its_seq > board[b].acked ->
		board[b].acked_rows = board[b].acked_rows |
			(UP_TO(its_seq) & ~UP_TO(board[b].acked));
		board[b].acked_rows = board[b].acked_rows & ~UP_TO(board[b].first - 1);
		board[b].acked = its_seq
	:: else
	fi;
	if
	:: its_seq + 1 < next[b] -> rewind_to(b, its_seq)
	:: else ->
		next[b] = its_seq + 1;
		sent[b] = (its_seq >= sent[b] -> 0 : sent[b])
	fi
}

inline outbox_ack(b, its_generation, its_epoch, its_seq, its_event)
{
	told[b] = told[b] || its_generation == board[b].generation;
	if
	:: its_generation != board[b].generation || its_epoch != board[b].epoch ||
		board[b].mode == MODE_WAITING /* not ours */
	:: its_generation == board[b].generation && its_epoch == board[b].epoch &&
		board[b].mode != MODE_WAITING && (its_seq > board[b].seq || (its_seq > 0 &&
			board[b].first > 0 && its_seq >= board[b].first &&
			board[b].id[its_seq] != its_event)) ->
		adoption_fork(b)
	:: else -> accept(b, its_seq)
	fi
}

/* --- the kiosk: desired.c, adoption.c ----------------------------------------------------------- */

inline outvoted(b)
{
	if
	:: board[b].mode == MODE_OUTVOTED
	:: board[b].mode != MODE_OUTVOTED && board[b].acked > 0 && board[b].mode != MODE_WAITING ->
		board[b].mode = MODE_OUTVOTED;
		alarmed = true;
		outbox_add(b, 0) /* the alert */
	:: else -> board[b].mode = MODE_WAITING
	fi
}

#define HANDOVER_IS_COMPLETE(b) (board[b].knows == 0 || desired.open_rentals)

/* If it is not, the status says what the hub is to answer. */
inline adopted(b)
{
	if
	:: board[b].mode == MODE_WAITING && !HANDOVER_IS_COMPLETE(b)
	:: board[b].mode == MODE_WAITING && HANDOVER_IS_COMPLETE(b) ->
		unheard(b);
		board[b].knows = (desired.handed | n) & ~SNAPSHOT;
		board[b].mode = MODE_CONFIRMING
	:: else -> board[b].mode = MODE_CONFIRMING
	fi
}

inline desired_take(b)
{
	desired_news = false;
	if
	:: desired.generation > board[b].generation ||
		desired.generation == board[b].generation && desired.revision > board[b].revision ->
		if
		:: desired.generation > board[b].generation -> outbox_resend(b)
		:: else
		fi;
		is_first = !board[b].named;
		board[b].named = desired.epoch == board[b].epoch;
		board[b].generation = desired.generation;
		board[b].revision = desired.revision;
		if
		:: desired.epoch == 0
		:: desired.epoch != 0 && desired.epoch != board[b].epoch -> outvoted(b)
		:: desired.epoch == board[b].epoch && (board[b].mode == MODE_WAITING ||
			board[b].mode == MODE_OUTVOTED ||
			board[b].mode == MODE_LENDING && is_first && desired.handed > SNAPSHOT) ->
			board[b].mode = (board[b].mode == MODE_LENDING -> MODE_WAITING : board[b].mode);
			adopted(b)
		:: else
		fi;
		say_status(b)
	:: else
	fi
}

/* Another one's birth, or a session taken over. */
#define IS_FOREIGN(b) (status.epoch != 0 && status.epoch != board[b].epoch && \
	status.epoch != copy_epoch[b])

inline kiosk_connected(b)
{
	on = b;
	connected = true;
	desired_news = desired.generation > 0;
	outbox_resend(b);
	say_status(b)
}

proctype Kiosk(byte b)
{
	byte g, e, s, x;
end:	do
	:: d_step { b == on && !connected -> kiosk_connected(b); judge() }
	:: d_step { facts > 0 && board[b].generation > 0 ->
			facts--;
			accepted = accepted | BIT(next_id);
			board[b].knows = board[b].knows | BIT(next_id);
			outbox_add(b, BIT(next_id)) }
	:: d_step { b == on && connected && sent[b] == 0 && next[b] <= board[b].seq && len(events) == 0 ->
			from = (next[b] < board[b].first -> board[b].first : next[b]);
			sent[b] = from;
			events!board[b].epoch, from, board[b].id[from], 0 }
	:: d_step { b == on && connected && sent[b] == 0 && next[b] < board[b].seq && len(events) == 0 ->
			from = (next[b] < board[b].first -> board[b].first : next[b]);
			sent[b] = from + (from < board[b].seq);
			events!board[b].epoch, from, board[b].id[from],
				(from < board[b].seq -> board[b].id[sent[b]] : 0) }
	:: d_step { b == on && connected && sent[b] > 0 && QUIET -> sent[b] = 0 } /* no ack in time */
	:: d_step { b == on && connected && !told[b] && QUIET -> say_status(b) }
	:: d_step { b == on && connected && len(acks) > 0 ->
			acks?g, e, s, x; outbox_ack(b, g, e, s, x); judge();
			g = 0; e = 0; s = 0; x = 0 }
	:: d_step { b == on && connected && len(late_ack) > 0 ->
			late_ack?g, e, s, x; outbox_ack(b, g, e, s, x); judge();
			g = 0; e = 0; s = 0; x = 0 }
	:: d_step { b == on && connected && desired_news -> desired_take(b); judge() }
	:: d_step { b == on && connected && QUIET && board[b].mode == MODE_OUTVOTED &&
			board[b].acked == board[b].seq -> adoption_fork(b) } /* adoption_tick() */
	od
}

/* --- the hub: ingest.c ------------------------------------------------------------------------------ */

inline hub_ack(its_epoch, its_seq, its_event)
{
	if
	:: its_epoch > 0 && connected -> acks!hub.generation, its_epoch, its_seq, its_event
	:: else
	fi
}

inline publish_desired()
{
	if
	:: hub.epoch != 0 -> /* it knows the bank */
		desired.generation = hub.generation;
		desired.revision = hub.revision;
		desired.epoch = hub.epoch;
		desired.handed = (hub.handover > 0 -> hub.view | SNAPSHOT : 0);
		desired.open_rentals = hub.handover > 0 && waiting_epoch == hub.epoch;
		desired_news = connected
	:: else
	fi
}

inline hub_adoption_approve(its_epoch)
{
	if
	:: hub.epoch != 0 ->
		hub.retired = hub.retired | BIT(hub.epoch);
		hub.retired_seq[hub.epoch] = hub.seq;
		hub.retired_event[hub.epoch] = hub.event;
		hub.handover = hub.revision + 1
	:: else -> hub.handover = 0
	fi;
	hub.epoch = its_epoch;
	hub.seq = 0;
	hub.event = 0;
	hub.lost = 0;
	hub.claimed = 0;
	hub.revision++;
	publish_desired()
}

inline hub_adoption_claim(its_epoch)
{
	if
	:: hub.epoch == 0 -> hub_adoption_approve(its_epoch)
	:: else -> hub.claimed = its_epoch; alarmed = true
	fi
}

/* hub_log_add(), hub_fold() */
inline hub_ingest_apply(its_id)
{
	if
	:: hub.log & BIT(its_id)
	:: else ->
		applied_twice = applied_twice || (hub.log & BIT(its_id)) != 0;
		i = its_id + 1;
		do
		:: i < next_id ->
			out_of_order = out_of_order || ((hub.log & BIT(i)) && maker[i] == maker[its_id]);
			i++
		:: else -> break
		od;
		assert(!applied_twice);
		assert(!out_of_order);
		hub.log = hub.log | BIT(its_id);
		hub.view = (content[its_id] & SNAPSHOT -> content[its_id] & ~SNAPSHOT : hub.view | content[its_id])
	fi
}

inline letter_for_person(its_id)
{
	if
	:: (hub.log | hub.letters) & BIT(its_id)
	:: else -> hub.letters = hub.letters | BIT(its_id); alarmed = true
	fi
}

inline take_next(its_seq, its_id)
{
	hub_ingest_apply(its_id);
	hub.seq = its_seq;
	hub.event = its_id
}

/* One event of the valid epoch. c: whether the rest of the batch is looked at. */
inline take_valid(its_seq, its_id)
{
	c = 1;
	if
	:: its_seq == hub.seq + 1 -> take_next(its_seq, its_id)
	:: its_seq <= hub.seq -> /* take_past(): a duplicate, or a fork */
		c = (hub.log & BIT(its_id)) != 0;
		letter_for_person(its_id)
	:: its_seq > hub.seq + 1 && (content[its_id] & SNAPSHOT) -> /* take_snapshot() */
		needless_gap = !months_passed && !hub_put_back;
		assert(!needless_gap);
		alarmed = true;
		take_next(its_seq, its_id)
	:: else -> c = 0
	fi
}

inline take_retired(its_epoch, its_seq, its_id)
{
	letter_for_person(its_id);
	if
	:: its_seq > hub.retired_seq[its_epoch] -> hub.retired_seq[its_epoch] = its_seq; hub.retired_event[its_epoch] = its_id
	:: else
	fi
}

inline hub_ingest(its_epoch, its_seq, its_id, its_second)
{
	if
	:: its_epoch != hub.epoch && (hub.retired & BIT(its_epoch)) ->
		take_retired(its_epoch, its_seq, its_id);
		if
		:: its_second > 0 -> take_retired(its_epoch, its_seq + 1, its_second)
		:: else
		fi;
		hub_ack(its_epoch, hub.retired_seq[its_epoch], hub.retired_event[its_epoch])
	:: else ->
		if
		:: its_epoch != hub.epoch -> hub_adoption_claim(its_epoch)
		:: else
		fi;
		c = 0;
		if
		:: its_epoch == hub.epoch && hub.handover == 0 -> take_valid(its_seq, its_id)
		:: else
		fi;
		if
		:: c == 1 && its_second > 0 -> take_valid(its_seq + 1, its_second)
		:: else
		fi;
		hub_ack(hub.epoch, hub.seq, hub.event)
	fi
}

/* --- the hub: status.c, restore.c, adoption.c ------------------------------------------------------- */

#define WAS_ACKED (status.epoch == hub.epoch && status.acked > hub.seq && status.acked > hub.lost)
#define WAS_TOLD (status.generation > hub.generation || \
	(status.generation == hub.generation && status.revision > hub.revision))

inline hub_restore_check()
{
	if
	:: (WAS_ACKED || WAS_TOLD) && status.generation < hub.generation ->
		alarmed = true;
		hub.lost = status.acked
	:: (WAS_ACKED || WAS_TOLD) && status.generation >= hub.generation ->
		alarmed = true;
		hub.lost = (WAS_ACKED -> status.acked : hub.lost);
		hub.generation = status.generation + 1;
		publish_desired()
	:: else
	fi
}

inline note_open()
{
	n = (status.open_rentals -> status.epoch : (waiting_epoch == status.epoch -> 0 : waiting_epoch));
	if
	:: n == waiting_epoch
	:: else ->
		waiting_epoch = n;
		if
		:: hub.handover > 0 -> hub.revision++; publish_desired()
		:: else
		fi
	fi
}

inline hub_adoption_heard()
{
	note_open();
	if
	:: hub.handover > 0 && status.epoch == hub.epoch && !status.open_rentals &&
		status.generation == hub.generation && status.revision >= hub.handover ->
		hub.handover = 0;
		hub.revision++;
		publish_desired()
	:: else
	fi
}

inline take_birth()
{
	status_news = false;
	if
	:: status.epoch == hub.epoch -> hub.claimed = 0
	:: else -> hub_adoption_claim(status.epoch)
	fi;
	hub_restore_check();
	hub_adoption_heard();
	hub_ack(hub.epoch, hub.seq, hub.event)
}

proctype Hub()
{
	byte e, s, x, y;
end:	do
	:: d_step { len(events) > 0 && len(acks) == 0 ->
			events?e, s, x, y; hub_ingest(e, s, x, y); judge();
			e = 0; s = 0; x = 0; y = 0 }
	:: d_step { len(late_events) > 0 && len(acks) == 0 ->
			late_events?e, s, x, y; hub_ingest(e, s, x, y); judge();
			e = 0; s = 0; x = 0; y = 0 }
	:: d_step { status_news && len(acks) == 0 -> take_birth(); judge() }
	od
}

/* --- people ------------------------------------------------------------------------------------------ */

inline confirm_bank(b)
{
	board[b].mode = MODE_LENDING;
	outbox_add(b, board[b].knows | SNAPSHOT);
	say_status(b)
}

proctype Person()
{
end:	do
	:: d_step { approvals > 0 && hub.claimed != 0 && !(hub.retired & BIT(hub.claimed)) &&
			hub.claimed != hub.epoch ->
			approvals--;
			hub_adoption_approve(hub.claimed);
			if
			:: len(acks) == 0 -> hub_ack(hub.epoch, hub.seq, hub.event)
			:: else /* it gets lost */
			fi }
	:: d_step { board[0].mode == MODE_CONFIRMING -> confirm_bank(0) }
#if BOARDS > 1
	:: d_step { board[1].mode == MODE_CONFIRMING -> confirm_bank(1) }
#endif
	od
}

/* --- faults ------------------------------------------------------------------------------------------- */

inline lose(channel, a, b_, c_, d)
{
	if
	:: len(channel) > 0 -> channel?a, b_, c_, d
	:: len(channel) == 0
	fi
}

inline copy_kiosk(to, it)
{
	to.epoch = it.epoch;
	to.seq = it.seq;
	to.acked = it.acked;
	to.generation = it.generation;
	to.revision = it.revision;
	to.mode = it.mode;
	to.named = it.named;
	to.first = it.first;
	to.acked_rows = it.acked_rows;
	to.knows = it.knows;
	i = 1;
	do
	:: i <= SEQS -> to.id[i] = it.id[i]; i++
	:: else -> break
	od;
	i = 0
}

inline copy_hub(to, it)
{
	to.epoch = it.epoch;
	to.seq = it.seq;
	to.event = it.event;
	to.claimed = it.claimed;
	to.revision = it.revision;
	to.handover = it.handover;
	to.lost = it.lost;
	to.generation = it.generation;
	to.retired = it.retired;
	to.log = it.log;
	to.letters = it.letters;
	to.view = it.view;
	i = 1;
	do
	:: i <= EPOCHS + 1 -> to.retired_seq[i] = it.retired_seq[i]; to.retired_event[i] = it.retired_event[i]; i++
	:: else -> break
	od;
	i = 0
}

inline go_offline()
{
	connected = false;
	desired_news = false;
	lose(acks, a, b, g, d);
	a = 0;
	b = 0;
	g = 0;
	d = 0
}

/* ... and the kiosk hears that it was born anew, and says its status. */
inline hub_connected()
{
	hub.revision = hub.revision + (hub.handover > 0 && waiting_epoch == hub.epoch);
	waiting_epoch = 0;
	publish_desired();
	hub_ack(hub.epoch, hub.seq, hub.event);
	if
	:: connected -> outbox_resend(on)
	:: else
	fi;
	say_status(on);
	status_news = status.epoch != 0
}

proctype Faults()
{
	byte a, b, g, d;
end:	do
	:: d_step { crashes > 0 -> crashes--; /* the kiosk */
			outbox_start(on); go_offline() }
	:: d_step { crashes > 0 -> crashes--; /* the hub, or the broker: what it held is gone */
			lose(events, a, b, g, d); lose(acks, a, b, g, d); lose(late_ack, a, b, g, d);
			a = 0; b = 0; g = 0; d = 0;
			hub_connected() }
	:: d_step { losses > 0 && len(events) > 0 -> losses--; events?a, b, g, d;
			a = 0; b = 0; g = 0; d = 0 }
	:: d_step { losses > 0 && len(acks) > 0 -> losses--; acks?a, b, g, d;
			a = 0; b = 0; g = 0; d = 0 }
	:: d_step { lates > 0 && len(events) > 0 && len(late_events) == 0 -> lates--; events?<a, b, g, d>;
			late_events!a, b, g, d; a = 0; b = 0; g = 0; d = 0 }
	:: d_step { lates > 0 && len(acks) > 0 && len(late_ack) == 0 -> lates--; acks?<a, b, g, d>;
			late_ack!a, b, g, d; a = 0; b = 0; g = 0; d = 0 }
	:: d_step { strangers > 0 && connected && len(acks) == 0 && board[on].acked < board[on].seq ->
			strangers--;
			acks!STRANGER, board[on].epoch, board[on].seq, board[on].id[board[on].seq] }
	:: d_step { months > 0 && len(late_events) == 0 && len(late_ack) == 0 && board[on].acked > 0 ->
			months--; months_passed = true; delete_acked(on) }
	:: d_step { hub_restores > 0 && !backed_up && (BOARDS == 1 || hub.epoch != 0) -> backed_up = true; copy_hub(backup, hub) }
	:: d_step { hub_restores > 0 && backed_up -> hub_restores--; hub_put_back = true;
			copy_hub(hub, backup); copy_hub(backup, no_hub);
			lose(events, a, b, g, d); lose(acks, a, b, g, d); lose(late_ack, a, b, g, d);
			a = 0; b = 0; g = 0; d = 0;
			hub_connected() }
	:: d_step { old_copies > 0 && !imaged -> imaged = true; copy_kiosk(image, board[0]) }
#if BOARDS == 1
	:: d_step { old_copies > 0 && imaged -> old_copies--;
			burnt = burnt | (board[0].knows & ~hub.view & ~image.knows);
			copy_kiosk(board[0], image); copy_kiosk(image, no_kiosk);
			life[0]++;
			copy_epoch[0] = 0;
			outbox_start(0); go_offline();
			lose(events, a, b, g, d); lose(late_events, a, b, g, d);
			a = 0; b = 0; g = 0; d = 0 }
#else
	:: d_step { old_copies > 0 && imaged -> old_copies--;
			copy_kiosk(board[1], image); copy_kiosk(image, no_kiosk);
			outbox_start(1) }
	:: d_step { swaps > 0 && board[1 - on].epoch != 0 -> swaps--;
			outbox_start(1 - on); kiosk_connected(1 - on) }
	:: d_step { swaps > 0 && board[1 - on].epoch != 0 && IS_FOREIGN(1 - on) && board[1 - on].mode != MODE_WAITING -> swaps--;
			adoption_fork(1 - on); kiosk_connected(1 - on) } /* adoption_second_board() */
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
		board[0].epoch = 1;
		outbox_start(0);
#if NEW_BOARDS
		board[1].epoch = 2;
		next_epoch = 3;
#endif
		run Kiosk(0);
#if BOARDS > 1
		run Kiosk(1);
#endif
		run Hub();
#if FAIR
		run Clock();
#endif
		run Person();
		run Faults()
	}
}
