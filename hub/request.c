#include "hub/request.h"

#include "lib/domain/tariff.h"

#include <stdlib.h>
#include <string.h>

#define TTL_MAX (60 * SECOND)

#define REQUIRED             FIELD_REQUIRED
#define NAME(field, flag)    ARG(field, FIELD_NAME, flag, .min = 1)
#define UUID(field, flag)    ARG(field, FIELD_UUID, flag, .min = 36)
#define TEXT(field, flag)    ARG(field, FIELD_TEXT, flag, .min = 1)
#define BOOLEAN(field, flag) ARG(field, FIELD_BOOLEAN, flag, .min = 0)
#define AMOUNT(flag)                                        \
	ARG(amount, FIELD_INTEGER, flag, .max = AMOUNT_MAX, \
		.about = "In the currency's minor unit.")
#define CURRENCY(flag) ARG(currency, FIELD_TEXT, flag, .min = 3, .about = "ISO 4217, upper case.")
#define PERIOD(flag)                                                           \
	ARG(period, FIELD_INTEGER, flag, .min = 60, .max = 366 * DAY / SECOND, \
		.about = "How long it may be out, s.")
#define LIMIT \
	ARG(limit, FIELD_INTEGER, 0, .min = 1, .max = HUB_PAGE_MAX, .about = "Rows in the reply.")
#define CURSOR ARG(cursor, FIELD_TEXT, 0, .min = 1, .about = "`next` of the page before.")
#define END       \
	{         \
		0 \
	}

static const struct field item_register_fields[] = {ARG_EXPIRES_AT, NAME(item, REQUIRED),
	TEXT(title, REQUIRED), TEXT(description, 0), NAME(category, 0), AMOUNT(REQUIRED),
	CURRENCY(REQUIRED), PERIOD(REQUIRED), NAME(kiosk, REQUIRED),
	ARG(inspect, FIELD_BOOLEAN, 0, .about = "A person looks at it after each return."), END};

static const struct field item_change_fields[] = {ARG_EXPIRES_AT, NAME(item, REQUIRED),
	TEXT(title, 0), ARG(description, FIELD_TEXT, 0, .about = "Empty: none."), NAME(category, 0),
	AMOUNT(0), CURRENCY(0), PERIOD(0), BOOLEAN(inspect, 0), END};

static const struct field item_withdraw_fields[] = {
	ARG_EXPIRES_AT, NAME(item, REQUIRED), TEXT(reason, 0), END};

static const struct field item_move_fields[] = {
	ARG_EXPIRES_AT, NAME(item, REQUIRED), NAME(kiosk, REQUIRED), END};

static const struct field renter_set_fields[] = {
	ARG_EXPIRES_AT, NAME(user, REQUIRED), TEXT(name, REQUIRED), TEXT(contact, 0), END};

static const struct field renter_block_fields[] = {
	ARG_EXPIRES_AT, NAME(user, REQUIRED), BOOLEAN(blocked, REQUIRED), END};

static const struct field renter_erase_fields[] = {ARG_EXPIRES_AT, NAME(user, REQUIRED), END};

static const struct field kiosk_adopt_fields[] = {
	ARG_EXPIRES_AT, NAME(kiosk, REQUIRED), UUID(epoch, REQUIRED), END};

static const struct field bank_remove_fields[] = {ARG_EXPIRES_AT, NAME(kiosk, REQUIRED), END};

static const struct field alert_clear_fields[] = {ARG_EXPIRES_AT,
	ARG(kiosk, FIELD_NAME, 0, .min = 1, .about = "Absent: the alert is the hub's."),
	TEXT(alert, REQUIRED), END};

static const struct field dead_letters_replay_fields[] = {ARG_EXPIRES_AT, END};

static const struct field dead_letter_dismiss_fields[] = {
	ARG_EXPIRES_AT, ARG(position, FIELD_INTEGER, REQUIRED, .min = 1, .max = INTEGER_MAX), END};

static const struct field items_fields[] = {ARG_EXPIRES_AT, NAME(kiosk, 0), NAME(state, 0),
	NAME(category, 0), TEXT(search, 0),
	ARG(sort, FIELD_NAME, 0, .min = 1, .about = "item, title, state or kiosk."), LIMIT, CURSOR,
	END};

static const struct field item_fields[] = {
	ARG_EXPIRES_AT, NAME(item, REQUIRED), LIMIT, CURSOR, END};

static const struct field catalogue_fields[] = {ARG_EXPIRES_AT, NAME(item, REQUIRED), END};

static const struct field banks_fields[] = {ARG_EXPIRES_AT, LIMIT, CURSOR, END};

static const struct field rentals_fields[] = {ARG_EXPIRES_AT, NAME(kiosk, 0),
	ARG(state, FIELD_NAME, 0, .min = 1, .about = "A rental's state, or `open`."), NAME(user, 0),
	NAME(item, 0), ARG(sort, FIELD_NAME, 0, .min = 1, .about = "newest or oldest."), LIMIT,
	CURSOR, END};

static const struct field attention_fields[] = {ARG_EXPIRES_AT, END};

static const struct field dead_letters_fields[] = {ARG_EXPIRES_AT, LIMIT, CURSOR, END};

#define OPERATION(id, word, said, does, ...)                                             \
	{                                                                                \
		.name = word, .arguments = OPERATION_ARGUMENTS(word, said, id##_fields), \
		.ttl_max = TTL_MAX, .manager = true, .handle = does, __VA_ARGS__         \
	}
#define ACT(id, word, said)   OPERATION(id, word, said, hub_request_##id, .query = false)
#define QUERY(id, word, said) OPERATION(id, word, said, hub_request_##id, .query = true)

const struct operation hub_operations[] = {
	ACT(item_register, "item-register", "Puts a new item into the catalogue."),
	ACT(item_change, "item-change", "Changes what the catalogue says of an item."),
	ACT(item_withdraw, "item-withdraw", "Takes an item out of the catalogue for good."),
	ACT(item_move, "item-move", "Moves an item to another bank."),
	ACT(renter_set, "renter-set", "Stores a renter's name and contact."),
	ACT(renter_block, "renter-block", "Forbids a renter to reserve, or allows it again."),
	ACT(renter_erase, "renter-erase", "Erases a renter's name and contact."),
	ACT(kiosk_adopt, "kiosk-adopt", "Makes an epoch a kiosk's only valid one."),
	ACT(bank_remove, "bank-remove", "Removes a bank that never spoke and has no items."),
	ACT(alert_clear, "alert-clear", "Clears an alert."),
	ACT(dead_letters_replay, "dead-letters-replay",
		"Takes dead letters that are readable now."),
	ACT(dead_letter_dismiss, "dead-letter-dismiss", "Marks a dead letter as dealt with."),
	QUERY(items, "items", "Items with their state, rental and renter."),
	QUERY(item, "item", "One item with its history, latest first."),
	QUERY(catalogue, "catalogue", "What the catalogue says of an item."),
	QUERY(banks, "banks", "All banks with their link."),
	QUERY(rentals, "rentals", "Rentals."),
	QUERY(attention, "attention", "All that needs a person, longest waiting first."),
	QUERY(dead_letters, "dead-letters", "Messages that could not be read, latest first."),
	{0},
};

int64_t hub_request_limit(const struct request *request)
{
	return request->args.limit > 0 ? request->args.limit : HUB_PAGE_DEFAULT;
}

int64_t hub_request_position(const struct request *request)
{
	const char *cursor = request->args.cursor;
	size_t length = strlen(cursor);
	if (length == 0 || length > 18 || strspn(cursor, "0123456789") < length)
		return 0;
	return strtoll(cursor, NULL, 10);
}
