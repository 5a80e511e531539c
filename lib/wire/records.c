#include "lib/wire/records.h"

#include "lib/domain/tariff.h"

#include <string.h>

#define REQUIRED FIELD_REQUIRED
#define KEY	 (FIELD_REQUIRED | FIELD_KEY)

/* One field of struct OF, which each table defines. */
#define FIELD(member, kind, flag, ...) \
	{ \
		.name = #member, .type = kind, .flags = flag, .offset = offsetof(struct OF, member), \
		.size = sizeof(((struct OF *)0)->member), __VA_ARGS__ \
	}
#define TEXT(member, flag, ...)	    FIELD(member, FIELD_TEXT, flag, __VA_ARGS__)
#define NAME(member, flag, ...)	    FIELD(member, FIELD_NAME, flag, .min = 1, __VA_ARGS__)
#define UUID(member, flag, ...)	    FIELD(member, FIELD_UUID, flag, .min = 36, __VA_ARGS__)
#define BOOLEAN(member, flag, ...)  FIELD(member, FIELD_BOOLEAN, flag, __VA_ARGS__)
#define TIME(member, flag, ...)	    FIELD(member, FIELD_TIME, flag, __VA_ARGS__)
#define CHOICE(member, flag, ...)   FIELD(member, FIELD_CHOICE, flag, .names = __VA_ARGS__)
#define COUNT(member, flag, ...) \
	FIELD(member, FIELD_INTEGER, flag, .max = INTEGER_MAX, __VA_ARGS__)
#define AMOUNT(member, flag) \
	FIELD(member, FIELD_INTEGER, flag, .max = AMOUNT_MAX, \
		.about = "In the currency's minor unit.")
#define CURRENCY(member, flag) \
	FIELD(member, FIELD_TEXT, flag, .min = 3, .about = "ISO 4217, upper case.")
#define COMPARTMENT(member) \
	FIELD(member, FIELD_INTEGER, 0, .min = 1, .max = 512, .about = "Numbered from 1.")
#define LIST(member, flag, most, type, ...) \
	FIELD(member, FIELD_LIST, flag, .max = most, .record = &type, __VA_ARGS__)
#define NAMES(member, flag, most, ...) FIELD(member, FIELD_NAMES, flag, .max = most, __VA_ARGS__)
#define RECORD(member, flag, type, ...) FIELD(member, FIELD_RECORD, flag, .record = &type, __VA_ARGS__)
#define END {0}

#define TYPE(id, said, table, isclosed) \
	const struct record_type id##_type = { \
		.name = #id, .about = said, .fields = table, .size = sizeof(struct id), \
		.closed = isclosed}

const char *const link_state_names[] = {"unknown", "online", "lost", NULL};
const char *const payments_state_names[] = {"unknown", "open", "closed", NULL};
static const char *const clock_quality_names[] = {"sure", "unsure", NULL};
const char *const report_problem_names[] = {NULL, "empty", "broken", NULL};
const char *const resolve_outcome_names[] = {NULL, "taken", "not-taken", "returned",
	"not-returned", "close", "close-refund", NULL};
const char *const settle_outcome_names[] = {NULL, "voided", "refunded", NULL};
const char *const door_action_names[] = {NULL, "open", "close", "jam", "unjam", NULL};
const char *const event_kind_names[] = {
	NULL, "rental", "payment", "item", "alert", "snapshot", "catalogue", "adopted", "pruned",
	"bank", NULL};
const char *const reply_code_names[] = {
	[REPLY_NONE] = NULL,
	[REPLY_OK] = "ok",
	[REPLY_PENDING] = "pending",
	[REPLY_MALFORMED] = "malformed",
	[REPLY_UNKNOWN_OPERATION] = "unknown-operation",
	[REPLY_RESPONSE_TOPIC] = "response-topic",
	[REPLY_CORRELATION] = "correlation",
	[REPLY_CONFLICT] = "conflict",
	[REPLY_EXPIRED] = "expired",
	[REPLY_TOO_FAR] = "too-far",
	[REPLY_CLOCK] = "clock",
	[REPLY_FORBIDDEN] = "forbidden",
	[REPLY_NOT_FOUND] = "not-found",
	[REPLY_NOT_AVAILABLE] = "not-available",
	[REPLY_WRONG_STATE] = "wrong-state",
	[REPLY_LIMIT] = "limit",
	[REPLY_BLOCKED] = "blocked",
	[REPLY_RETURNS_ONLY] = "returns-only",
	[REPLY_NO_DOOR] = "no-door",
	[REPLY_BUSY] = "busy",
	[REPLY_WRONG_CODE] = "wrong-code",
	[REPLY_WAIT] = "wait",
	[REPLY_DECLINED] = "declined",
	[REPLY_FAILED] = "failed",
	[REPLY_PAYMENTS_CLOSED] = "payments-closed",
	[REPLY_EXISTS] = "exists",
	NULL,
};

#define OF rental_record
static const struct field rental_fields[] = {
	UUID(rental, KEY),
	NAME(item, REQUIRED | FIELD_FIXED),
	NAME(renter, REQUIRED | FIELD_FIXED, .about = "Opaque."),
	CHOICE(state, REQUIRED, rental_state_names),
	CHOICE(item_state, REQUIRED, item_state_names,
		.about = "Where the item stands because of this."),
	COMPARTMENT(compartment),
	AMOUNT(amount, REQUIRED),
	CURRENCY(currency, REQUIRED),
	UUID(payment, 0, .about = "The latest one."),
	TIME(reserved_at, REQUIRED | FIELD_FIXED),
	TIME(expires_at, 0, .about = "Until when it is held, or must be picked up."),
	TIME(taken_at, 0),
	TIME(due_at, 0),
	TIME(ended_at, 0),
	BOOLEAN(clock_stopped, 0, .about = "A return was tried and no door was free."),
	TEXT(reason, 0),
	NAME(by, 0, .about = "The user whose request made this change."),
	END,
};
TYPE(rental_record, "One rental, whole, after a change.", rental_fields, false);
#undef OF

#define OF payment_record
static const struct field payment_fields[] = {
	UUID(payment, KEY),
	UUID(rental, REQUIRED | FIELD_FIXED),
	NAME(ledger, REQUIRED),
	CHOICE(state, REQUIRED, payment_state_names),
	AMOUNT(amount, REQUIRED),
	CURRENCY(currency, REQUIRED),
	TEXT(reason, 0),
	END,
};
TYPE(payment_record, "One payment, whole, after a change.", payment_fields, false);
#undef OF

#define OF item_record
static const struct field item_fields[] = {
	NAME(item, KEY),
	CHOICE(state, REQUIRED, item_state_names),
	COMPARTMENT(compartment),
	TEXT(reason, 0),
	NAME(by, 0),
	UUID(move, 0, .about = "While it moves: the order that it follows."),
	END,
};
TYPE(item_record, "Where one item stands at its bank.", item_fields, false);
#undef OF

#define OF alert_record
static const struct field alert_fields[] = {
	TEXT(alert, KEY, .min = 1, .about = "Its key; raised again it is the same alert."),
	NAME(kind, REQUIRED),
	BOOLEAN(cleared, 0),
	COMPARTMENT(compartment),
	NAME(item, 0),
	UUID(rental, 0),
	UUID(payment, 0),
	TEXT(message, 0),
	END,
};
TYPE(alert_record, "Something for a person to look at.", alert_fields, false);
#undef OF

#define OF snapshot_record
static const struct field snapshot_fields[] = {
	LIST(items, REQUIRED, 4096, item_record_type),
	LIST(rentals, REQUIRED, 4096, rental_record_type),
	LIST(payments, REQUIRED, 4096, payment_record_type),
	LIST(alerts, REQUIRED, 4096, alert_record_type),
	END,
};
TYPE(snapshot_record, "What a bank knows, in place of events that are gone.", snapshot_fields,
	false);
#undef OF

#define OF catalogue_record
static const struct field catalogue_fields[] = {
	NAME(item, KEY),
	TEXT(title, REQUIRED, .min = 1),
	TEXT(description, 0),
	NAME(category, 0),
	AMOUNT(amount, REQUIRED),
	CURRENCY(currency, REQUIRED),
	FIELD(period, FIELD_INTEGER, REQUIRED, .min = 60, .max = 366 * 86400,
		.about = "How long it may be out, s."),
	NAME(kiosk, REQUIRED, .about = "Where it belongs."),
	NAME(moving, 0, .about = "Where it will belong once its kiosk released it."),
	UUID(move, 0, .about = "The order to release it; `released` repeats it."),
	BOOLEAN(inspect, 0, .about = "A person looks at it after each return."),
	BOOLEAN(withdrawn, 0),
	END,
};
TYPE(catalogue_record, "An item of the catalogue.", catalogue_fields, false);
#undef OF

#define OF catalogue_change_record
static const struct field catalogue_change_fields[] = {
	{.name = "entry", .type = FIELD_EMBED,
		.offset = offsetof(struct catalogue_change_record, entry),
		.record = &catalogue_record_type},
	NAME(by, 0, .about = "The manager who did it."),
	END,
};
TYPE(catalogue_change_record, "An item of the catalogue, after a manager's act.",
	catalogue_change_fields, false);
#undef OF

#define OF renter_record
static const struct field renter_fields[] = {
	NAME(renter, KEY),
	NAME(user, REQUIRED),
	TEXT(name, 0),
	TEXT(contact, 0),
	BOOLEAN(blocked, 0),
	END,
};
TYPE(renter_record, "The person behind an opaque renter id.", renter_fields, false);
#undef OF

#define OF event_record
static const struct field event_fields[] = {
	TEXT(specversion, REQUIRED, .min = 3, .about = "Always 1.0."),
	UUID(id, KEY),
	TEXT(source, REQUIRED, .min = 1),
	TEXT(type, REQUIRED, .min = 1, .about = "lendlock.{kind}.{fact}"),
	TEXT(subject, 0),
	TIME(time, REQUIRED),
	UUID(epoch, REQUIRED, .about = "Of the sender's database."),
	FIELD(sequence, FIELD_DIGITS, REQUIRED, .min = 20,
		.about = "Gapless within the epoch, from 1; 20 digits, so that it sorts as text."),
	CHOICE(clock, 0, clock_quality_names, .about = "unsure: do not trust `time`."),
	FIELD(data, FIELD_JSON, REQUIRED),
	END,
};
TYPE(event_record, "A CloudEvents 1.0 event.", event_fields, false);
#undef OF

#define OF adopted_record
static const struct field adopted_fields[] = {
	NAME(kiosk, KEY),
	UUID(epoch, REQUIRED),
	UUID(retired, 0),
	NAME(by, 0),
	END,
};
TYPE(adopted_record, "The hub made this epoch the kiosk's only valid one.", adopted_fields, false);
#undef OF

#define OF pruned_record
static const struct field pruned_fields[] = {
	TIME(before, REQUIRED, .about = "Wall time; what is final and changed later stays."),
	COUNT(rows, REQUIRED, .about = "At most so many rentals, and so many payments."),
	END,
};
TYPE(pruned_record, "What is long over left the hub's view; the log has it still.", pruned_fields,
	false);
#undef OF

#define OF bank_removed_record
static const struct field bank_removed_fields[] = {NAME(kiosk, KEY), NAME(by, 0), END};
TYPE(bank_removed_record, "A bank that never spoke is one no longer.", bank_removed_fields, false);
#undef OF

#define OF ack_record
static const struct field ack_fields[] = {
	UUID(hub, REQUIRED),
	COUNT(generation, REQUIRED),
	UUID(epoch, REQUIRED),
	COUNT(seq, REQUIRED, .about = "All up to here is committed; 0: nothing yet."),
	UUID(event, 0, .about = "The id of the event at seq."),
	END,
};
TYPE(ack_record, "What the hub has committed of one kiosk's events.", ack_fields, false);
#undef OF

#define OF settings_record
#define SECONDS(member, least, most, said) \
	FIELD(member, FIELD_INTEGER, REQUIRED, .min = least, .max = most, .about = said)
static const struct field settings_fields[] = {
	SECONDS(hold, 10, 7 * 86400, "How long an unpaid reservation is held, s."),
	SECONDS(extend, 10, 7 * 86400, "What one extension adds, s."),
	SECONDS(hold_max, 10, 30 * 86400, "No hold lasts longer, extended or not, s."),
	SECONDS(pickup, 10, 30 * 86400, "How long a paid one waits to be taken, s."),
	SECONDS(lost, 60, 366 * 86400, "How long overdue until it counts as lost, s."),
	SECONDS(report_within, 0, 86400, "How long after the door closed a report is taken, s."),
	SECONDS(rentals_max, 1, 1000, "Open rentals of one renter at this bank."),
	END,
};
TYPE(settings_record, "What the hub wants of a kiosk.", settings_fields, false);
#undef OF

#define OF open_rental_record
static const struct field open_rental_fields[] = {UUID(rental, REQUIRED), END};
TYPE(open_rental_record, "A rental that a bank has open.", open_rental_fields, false);
#undef OF

#define OF desired_record
static const struct field desired_fields[] = {
	UUID(hub, REQUIRED),
	COUNT(generation, REQUIRED, .min = 1),
	COUNT(revision, REQUIRED, .min = 1),
	UUID(epoch, 0, .about = "The one valid epoch of this kiosk; none: it is not adopted."),
	NAME(ledger, REQUIRED),
	TEXT(renter_key, REQUIRED, .min = 64),
	RECORD(settings, REQUIRED, settings_record_type),
	NAMES(managers, REQUIRED, 64),
	NAMES(blocked, REQUIRED, 4096),
	LIST(items, REQUIRED, 1024, catalogue_record_type),
	LIST(rentals, REQUIRED, HANDOVER_RENTALS_MAX, rental_record_type),
	LIST(payments, REQUIRED, 1024, payment_record_type),
	LIST(open_rentals, 0, BANK_RENTALS_MAX, open_rental_record_type,
		.about = "Those of its status: what of these is not in `rentals` is unknown to"
			 " the hub."),
	END,
};
TYPE(desired_record, "Catalogue and settings for one kiosk.", desired_fields, false);
#undef OF

#define OF kiosk_status_record
static const struct field kiosk_status_fields[] = {
	CHOICE(state, REQUIRED, link_state_names),
	UUID(session, REQUIRED),
	TEXT(version, 0),
	UUID(epoch, 0),
	UUID(past_epoch, 0, .about = "The last one before of which the hub has acked something."),
	COUNT(past_acked, 0, .about = "How much that was."),
	COUNT(generation, 0),
	COUNT(revision, 0),
	COUNT(acked, 0),
	BOOLEAN(lending, 0),
	CHOICE(payments, 0, payments_state_names),
	BOOLEAN(clock_sure, 0),
	LIST(open_rentals, 0, BANK_RENTALS_MAX, open_rental_record_type,
		.about = "What it has open, while it waits to be adopted."),
	END,
};
TYPE(kiosk_status_record, "Birth and will of a kiosk.", kiosk_status_fields, false);
#undef OF

#define OF hub_status_record
static const struct field hub_status_fields[] = {
	CHOICE(state, REQUIRED, link_state_names),
	UUID(session, REQUIRED),
	TEXT(version, 0),
	UUID(hub, 0),
	COUNT(generation, 0),
	COUNT(banks, 0, .about = "How many view/{kiosk} a reader should find."),
	END,
};
TYPE(hub_status_record, "Birth and will of a hub.", hub_status_fields, false);
#undef OF

#define OF payment_status_record
static const struct field payment_status_fields[] = {
	CHOICE(state, REQUIRED, link_state_names),
	UUID(session, REQUIRED),
	TEXT(version, 0),
	CHOICE(payments, 0, payments_state_names),
	NAME(breaker, 0, .about = "closed, open or half-open."),
	FIELD(retry_after, FIELD_INTEGER, 0, .max = 60000, .about = "ms, counted from receipt."),
	UUID(lease, 0, .about = "Of one run of the adapter; the greatest one has the ledger."),
	END,
};
TYPE(payment_status_record, "Birth and will of a payment adapter.", payment_status_fields, false);
#undef OF

#define OF offer_item_record
static const struct field offer_item_fields[] = {
	NAME(item, KEY),
	TEXT(title, REQUIRED),
	NAME(category, 0),
	AMOUNT(amount, REQUIRED),
	CURRENCY(currency, REQUIRED),
	COUNT(period, REQUIRED, .about = "s"),
	BOOLEAN(free, REQUIRED),
	TIME(due_at, 0),
	END,
};
TYPE(offer_item_record, "One thing on offer.", offer_item_fields, false);
#undef OF

#define OF offer_record
static const struct field offer_fields[] = {
	BOOLEAN(lending, REQUIRED),
	CHOICE(payments, REQUIRED, payments_state_names),
	LIST(items, REQUIRED, 1024, offer_item_record_type),
	END,
};
TYPE(offer_record, "What one bank lends; no persons in it.", offer_fields, false);
#undef OF

#define OF view_item_record
static const struct field view_item_fields[] = {
	NAME(item, KEY),
	TEXT(title, 0),
	NAME(category, 0),
	NAME(kiosk, REQUIRED),
	NAME(moving, 0),
	CHOICE(state, REQUIRED, item_state_names),
	COMPARTMENT(compartment),
	TEXT(reason, 0),
	RECORD(rental, 0, rental_record_type),
	RECORD(payment, 0, payment_record_type),
	NAME(user, 0),
	TEXT(name, 0),
	END,
};
TYPE(view_item_record, "One item as managers see it.", view_item_fields, false);
#undef OF

#define OF bank_record
static const struct field bank_fields[] = {
	NAME(kiosk, KEY),
	CHOICE(link, REQUIRED, link_state_names),
	TIME(link_since, 0),
	BOOLEAN(lending, 0),
	CHOICE(payments, 0, payments_state_names),
	UUID(epoch, 0),
	UUID(claimed_epoch, 0, .about = "The kiosk has this one instead: it waits for `adopt`."),
	COUNT(seq, 0, .about = "The last of its events that is committed."),
	COUNT(items, 0),
	COUNT(available, 0),
	COUNT(rented, 0),
	COUNT(attention, 0, .about = "How many things here need a person."),
	END,
};
TYPE(bank_record, "One bank as managers see it.", bank_fields, false);
#undef OF

#define OF view_record
static const struct field view_fields[] = {
	{.name = "bank", .type = FIELD_EMBED, .offset = offsetof(struct view_record, bank),
		.record = &bank_record_type},
	LIST(contents, REQUIRED, 1024, view_item_record_type),
	LIST(alerts, REQUIRED, 1024, alert_record_type),
	END,
};
TYPE(view_record, "The status view of one bank, persons included.", view_fields, false);
#undef OF

#define OF content_record
static const struct field content_fields[] = {
	FIELD(compartment, FIELD_INTEGER, REQUIRED, .min = 1, .max = 512),
	NAME(item, 0, .about = "Absent: there is nothing in it."),
	END,
};
TYPE(content_record, "What a person found behind one door.", content_fields, true);
#undef OF

#define OF claim_record
static const struct field claim_fields[] = {UUID(payment, REQUIRED), END};
TYPE(claim_record, "A payment that a rental claims.", claim_fields, true);
#undef OF

#define OF dead_letter_record
static const struct field dead_letter_fields[] = {
	COUNT(position, KEY),
	NAME(kiosk, 0),
	TIME(received_at, REQUIRED),
	TEXT(reason, REQUIRED),
	UUID(epoch, 0),
	COUNT(seq, 0),
	COUNT(size, 0, .about = "Bytes."),
	BOOLEAN(replayed, 0),
	END,
};
TYPE(dead_letter_record, "A message that could not be read; its bytes are kept.",
	dead_letter_fields, false);
#undef OF

#define OF history_record
static const struct field history_fields[] = {
	COUNT(position, KEY),
	TIME(time, REQUIRED),
	TEXT(type, REQUIRED),
	TEXT(source, REQUIRED),
	FIELD(data, FIELD_JSON, REQUIRED),
	END,
};
TYPE(history_record, "One event of an item's history.", history_fields, false);
#undef OF

#define OF attention_record
static const struct field attention_fields[] = {
	NAME(what, REQUIRED),
	NAME(kiosk, 0),
	TEXT(subject, REQUIRED),
	NAME(item, 0),
	TEXT(message, 0),
	TIME(since, 0),
	END,
};
TYPE(attention_record, "Something that needs a person.", attention_fields, false);
#undef OF

#define OF reply_record
static const struct field reply_fields[] = {
	TEXT(id, 0, .about = "The request's Correlation Data."),
	NAME(operation, 0),
	CHOICE(code, REQUIRED, reply_code_names),
	TEXT(message, 0, .about = "For people."),
	COUNT(retry_after, 0, .about = "ms, counted from receipt."),
	RECORD(rental, 0, rental_record_type),
	RECORD(payment, 0, payment_record_type),
	RECORD(item, 0, item_record_type),
	RECORD(entry, 0, catalogue_record_type),
	FIELD(pickup_code, FIELD_DIGITS, 0, .min = 8),
	FIELD(return_code, FIELD_DIGITS, 0, .min = 8),
	LIST(items, 0, 1024, view_item_record_type),
	LIST(rentals, 0, 1024, rental_record_type),
	LIST(payments, 0, 1024, payment_record_type),
	LIST(banks, 0, 1024, bank_record_type),
	LIST(attention, 0, 1024, attention_record_type),
	LIST(history, 0, 1024, history_record_type),
	LIST(dead_letters, 0, 1024, dead_letter_record_type),
	TEXT(next, 0, .about = "Cursor of the next page; absent: this was the last."),
	COUNT(count, 0),
	END,
};
TYPE(reply_record, "The one reply to a request.", reply_fields, false);
#undef OF

static const struct record_type *const event_data_types[EVENT_KINDS] = {
	[EVENT_RENTAL] = &rental_record_type,
	[EVENT_PAYMENT] = &payment_record_type,
	[EVENT_ITEM] = &item_record_type,
	[EVENT_ALERT] = &alert_record_type,
	[EVENT_SNAPSHOT] = &snapshot_record_type,
	[EVENT_CATALOGUE] = &catalogue_change_record_type,
	[EVENT_ADOPTED] = &adopted_record_type,
	[EVENT_PRUNED] = &pruned_record_type,
	[EVENT_BANK] = &bank_removed_record_type,
};

enum event_kind event_kind_of(const char *type)
{
	static const char prefix[] = "lendlock.";
	if (strncmp(type, prefix, sizeof(prefix) - 1) != 0)
		return EVENT_OTHER;
	const char *word = type + sizeof(prefix) - 1;
	size_t length = strcspn(word, ".");
	for (int kind = EVENT_OTHER + 1; kind < EVENT_KINDS; kind++)
		if (strlen(event_kind_names[kind]) == length &&
			strncmp(event_kind_names[kind], word, length) == 0)
			return (enum event_kind)kind;
	return EVENT_OTHER;
}

const struct record_type *event_data_type(enum event_kind kind)
{
	return event_data_types[kind];
}
