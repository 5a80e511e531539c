#include "cli/commands.h"

#include <string.h>

/* clang-format off */
#define TEXT(name, field, about)     {name, field, PARAMETER_TEXT, true, NULL, about}
#define MAYBE(name, field, about)    {name, field, PARAMETER_TEXT, false, NULL, about}
#define OPTION(name, field, type, about) {"--" name, field, type, false, NULL, about}
#define MUST(name, field, type, about)   {"--" name, field, type, true, NULL, about}
#define WORDS(name, field, list, about)  {name, field, PARAMETER_WORD, true, list, about}
#define CHOICE(name, field, list, about) {"--" name, field, PARAMETER_WORD, false, list, about}
#define EITHER(name, field, list, about) {name, field, PARAMETER_EITHER, true, list, about}
#define ITEM   TEXT("ITEM", "item", "The item's name: a-z, digits and '-'.")
#define RENTAL TEXT("RENTAL", "rental", "The rental's id, or the item's name for the latest rental of it.")
#define RENTAL_OR_CODE {"RENTAL", "rental", PARAMETER_OR_CODE, true, NULL, \
	"The rental's id, or its code of 8 digits, or the item's name."}
#define DOOR   {"DOOR", "compartment", PARAMETER_COUNT, true, NULL, "A door's number."}
#define LIMIT  OPTION("limit", "limit", PARAMETER_COUNT, "How many at most; all if not given.")
/* clang-format on */

static const char *const problems[] = {"empty", "broken", NULL};
static const char *const taken[] = {"taken", "not-taken", NULL};
static const char *const fit[] = {"fit", "unfit", NULL};
static const char *const works[] = {"works", "broken", NULL};
static const char *const yes_no[] = {"yes", "no", NULL};
static const char *const actions[] = {"open", "close", "jam", "unjam", NULL};
static const char *const outcomes[] = {
	"taken", "not-taken", "returned", "not-returned", "close", "close-refund", NULL};
static const char *const settlements[] = {"voided", "refunded", NULL};
static const char *const item_states[] = {"registered", "available", "reserved", "rented",
	"inspection", "blocked", "moving", "withdrawn", "unknown", NULL};
static const char *const rental_states[] = {"open", "held", "paying", "paid", "opening", "taking",
	"rented", "overdue", "lost", "returning", "unconfirmed", "unconfirmed-return", "returned",
	"cancelled", "expired", "failed", "resolved", NULL};
static const char *const item_sorts[] = {"item", "title", "state", "kiosk", NULL};
static const char *const rental_sorts[] = {"newest", "oldest", NULL};

#define KIOSK_ASK(word, id) .words = (word), .target = TARGET_KIOSK, .operation = (id)
#define HUB_ASK(word, id)   .words = (word), .target = TARGET_HUB, .operation = (id)
#define HUB_LIST(word, id)  HUB_ASK(word, id), .kind = COMMAND_LIST
#define TAKES               .parameters =

const struct command commands[] = {
	{.group = "What there is",
		.words = "offers",
		.kind = COMMAND_OFFERS,
		.target = TARGET_NONE,
		.about = "Shows what can be borrowed, and where.",
		.kiosk = KIOSK_GIVEN},

	{.group = "Borrowing, at the bank that --kiosk names",
		KIOSK_ASK("reserve", "reserve"),
		.about = "Holds an item for you.",
		TAKES{ITEM}},
	{KIOSK_ASK("pay", "pay"), .about = "Pays what you hold.",
		TAKES{RENTAL, TEXT("METHOD", "method",
				      "A token of a payment method, as tok-ok of the sandbox.")}},
	{KIOSK_ASK("open", "open"), .opens_door = true,
		.about = "Opens the door of what you have paid for.", TAKES{RENTAL_OR_CODE}},
	{KIOSK_ASK("return", "return"), .opens_door = true,
		.about = "Opens a door to bring the thing back.", TAKES{RENTAL_OR_CODE}},
	{KIOSK_ASK("cancel", "cancel"), .about = "Ends a rental before it was taken; money back.",
		TAKES{RENTAL}},
	{KIOSK_ASK("cancel-payment", "cancel-payment"), .about = "Takes a payment back.",
		TAKES{RENTAL}},
	{KIOSK_ASK("extend", "extend"), .about = "Makes an unpaid hold last longer.",
		TAKES{RENTAL}},
	{KIOSK_ASK("give-up", "give-up"),
		.about = "Gives up after open, before the door moves; money back.", TAKES{RENTAL}},
	{KIOSK_ASK("report", "report"),
		.about = "Says that there is nothing in there, or that it is broken.",
		TAKES{RENTAL, WORDS("PROBLEM", "problem", problems, "What is wrong.")}},
	{KIOSK_ASK("confirm", "confirm"),
		.about = "Says whether a thing was taken, where no sensor could tell.",
		TAKES{RENTAL, EITHER("HOW", "taken", taken, "Whether it was taken.")}},
	{KIOSK_ASK("rental", "rental"), .about = "Shows one rental, with its code.", TAKES{RENTAL}},
	{KIOSK_ASK("rentals", "rentals"), .about = "Shows your latest rentals at the bank."},

	{.group = "Seeing everything (managers)",
		.words = "status",
		.kind = COMMAND_STATUS,
		.target = TARGET_NONE,
		.kiosk = KIOSK_GIVEN,
		.about = "Shows all banks with all that is in them, out of the broker's retained "
			 "view.",
		TAKES{OPTION(
			"watch", NULL, PARAMETER_FLAG, "Stays, and draws anew with each change.")}},
	{.words = "watch",
		.kind = COMMAND_WATCH,
		.target = TARGET_NONE,
		.about = "Shows all messages of the site as they come, one a line.",
		TAKES{OPTION("count", NULL, PARAMETER_COUNT, "Ends after so many.")}},
	{HUB_LIST("attention", "attention"),
		.about = "Lists what needs a person, longest waiting first."},
	{HUB_LIST("banks", "banks"), .about = "Lists the banks with their link."},
	{HUB_LIST("rental list", "rentals"), .kiosk = KIOSK_GIVEN,
		.about = "Lists rentals of all banks.",
		TAKES{CHOICE("state", "state", rental_states,
			      "Only those; open: all that are not over."),
			OPTION("renter", "user", PARAMETER_TEXT, "Only those of this user."),
			OPTION("item", "item", PARAMETER_TEXT, "Only those of this item."),
			CHOICE("sort", "sort", rental_sorts, "In which order."), LIMIT}},
	{HUB_LIST("dead-letters", "dead-letters"),
		.about = "Lists messages that the hub could not read.", TAKES{LIMIT}},
	{HUB_ASK("dead-letters replay", "dead-letters-replay"),
		.about = "Takes those that can be read now, as after an upgrade."},
	{HUB_ASK("dead-letters dismiss", "dead-letter-dismiss"),
		.about = "Marks one as dealt with.",
		TAKES{{"NUMBER", "position", PARAMETER_COUNT, true, NULL,
			"Its number in the list."}}},
	{HUB_ASK("alert clear", "alert-clear"), .kiosk = KIOSK_GIVEN,
		.about = "Clears an alert that somebody has seen to; without --kiosk one of the "
			 "hub's.",
		TAKES{TEXT("ALERT", "alert", "Its key, as in door-jammed:3.")}},

	{.group = "Items (managers)",
		HUB_ASK("item add", "item-register"),
		.kiosk = KIOSK_REQUIRED,
		.about = "Puts a new item into the catalogue, for the bank that --kiosk names.",
		TAKES{ITEM, MUST("title", "title", PARAMETER_TEXT, "What people read."),
			MUST("amount", "amount", PARAMETER_INTEGER,
				"The price of one rental, in the currency's minor unit."),
			MUST("currency", "currency", PARAMETER_TEXT, "As in KRW."),
			MUST("period", "period", PARAMETER_DURATION,
				"How long it may be out, as in 2d."),
			OPTION("description", "description", PARAMETER_TEXT, "More words."),
			OPTION("category", "category", PARAMETER_TEXT,
				"A name to sort by: a-z, digits and '-'."),
			OPTION("inspect", "inspect", PARAMETER_FLAG,
				"A person looks at it after each return.")}},
	{.words = "item import",
		.kind = COMMAND_IMPORT,
		.target = TARGET_HUB,
		.operation = "item-register",
		.about = "Puts the items of a CSV file into the catalogue: all of it is checked "
			 "before "
			 "the first one is sent.",
		TAKES{{"FILE", NULL, PARAMETER_TEXT, true, NULL,
			      "The columns item, title, amount, currency, period, kiosk, and if "
			      "you like "
			      "description, category, inspect; named in the first row. -: standard "
			      "input."},
			OPTION("check", NULL, PARAMETER_FLAG, "Only checks."),
			OPTION("update", NULL, PARAMETER_FLAG,
				"Changes items that are there already, but not their bank.")}},
	{HUB_LIST("item list", "items"), .kiosk = KIOSK_GIVEN, .about = "Lists items.",
		TAKES{CHOICE("state", "state", item_states, "Only those."),
			OPTION("category", "category", PARAMETER_TEXT, "Only those."),
			OPTION("search", "search", PARAMETER_TEXT,
				"Only those with this in their text."),
			CHOICE("sort", "sort", item_sorts, "In which order."), LIMIT}},
	{HUB_LIST("item show", "item"), .about = "Shows one item with its history, latest first.",
		TAKES{ITEM, LIMIT}},
	{HUB_ASK("item change", "item-change"),
		.about = "Changes what the catalogue says of an item.",
		TAKES{ITEM, OPTION("title", "title", PARAMETER_TEXT, "What people read."),
			OPTION("amount", "amount", PARAMETER_INTEGER,
				"The price of one rental, in the currency's minor unit."),
			OPTION("currency", "currency", PARAMETER_TEXT, "As in KRW."),
			OPTION("period", "period", PARAMETER_DURATION,
				"How long it may be out, as in 2d."),
			OPTION("description", "description", PARAMETER_TEXT, "More words."),
			OPTION("category", "category", PARAMETER_TEXT,
				"A name to sort by: a-z, digits and '-'."),
			{"--inspect", "inspect", PARAMETER_EITHER, false, yes_no,
				"Whether a person looks at it after each return."}}},
	{HUB_ASK("item move", "item-move"),
		.about = "Moves an item to another bank, once its own has let it go.",
		TAKES{ITEM, TEXT("KIOSK", "kiosk", "The bank where it shall be.")}},
	{HUB_ASK("item withdraw", "item-withdraw"),
		.about = "Takes an item out of the catalogue for good; what is reserved is paid "
			 "back.",
		TAKES{ITEM, MAYBE("REASON", "reason", "For the record.")}},
	{KIOSK_ASK("item stock", "stock"), .opens_door = true,
		.about = "Opens a door to put an item in.",
		TAKES{ITEM, {"DOOR", "compartment", PARAMETER_COUNT, false, NULL,
				    "Which door; any free one if not given."}}},
	{KIOSK_ASK("item collect", "collect"), .opens_door = true,
		.about = "Opens an item's door to take it out of the bank.", TAKES{ITEM}},
	{KIOSK_ASK("item block", "block"), .about = "Takes an item out of lending, for repair.",
		TAKES{ITEM, TEXT("REASON", "reason", "For people and for the record.")}},
	{KIOSK_ASK("item inspect", "inspect"), .about = "Says what an inspection found.",
		TAKES{ITEM, EITHER("HOW", "fit", fit, "Whether it can be lent."),
			MAYBE("REASON", "reason", "For people and for the record."),
			OPTION("door", "compartment", PARAMETER_COUNT,
				"Where you looked; refused if it is elsewhere by now."),
			OPTION("missing", "taken", PARAMETER_FLAG,
				"It was not found behind that door.")}},

	{.group = "Helping renters (managers)",
		KIOSK_ASK("hand-over", "hand-over"),
		.opens_door = true,
		.of_anybody = true,
		.about = "Opens the door of a renter's paid rental for them.",
		TAKES{RENTAL}},
	{KIOSK_ASK("resolve", "resolve"), .of_anybody = true,
		.about = "Ends a rental that would not end by itself, or says how one went.",
		TAKES{RENTAL, WORDS("OUTCOME", "outcome", outcomes, "How it ends."),
			TEXT("REASON", "reason", "For the record.")}},
	{KIOSK_ASK("settle", "settle-payment"),
		.about = "Says how a payment ended that needs a person: look at the provider "
			 "first.",
		TAKES{TEXT("PAYMENT", "payment", "Its id, as in the alert about it."),
			WORDS("OUTCOME", "outcome", settlements,
				"No money is held or was taken; or it is given back."),
			TEXT("REASON", "reason", "For the record.")}},
	{KIOSK_ASK("refund", "refund-payment"),
		.about = "Gives back what was taken, when its rental is over.",
		TAKES{TEXT("PAYMENT", "payment", "Its id, as in the alert about it."),
			TEXT("REASON", "reason", "For the record.")}},
	{HUB_ASK("renter set", "renter-set"), .about = "Stores a renter's name and contact.",
		TAKES{TEXT("USER", "user", "The name at the broker."),
			TEXT("NAME", "name", "The person's name."),
			MAYBE("CONTACT", "contact", "A telephone number, an address.")}},
	{HUB_ASK("renter block", "renter-block"), .fixed = "blocked", .blocked = true,
		.about = "Forbids a renter to reserve.",
		TAKES{TEXT("USER", "user", "The name at the broker.")}},
	{HUB_ASK("renter unblock", "renter-block"), .fixed = "blocked", .blocked = false,
		.about = "Allows it again.",
		TAKES{TEXT("USER", "user", "The name at the broker.")}},
	{HUB_ASK("renter erase", "renter-erase"), .about = "Erases a renter's name and contact.",
		TAKES{TEXT("USER", "user", "The name at the broker.")}},

	{.group = "Banks (managers)",
		.words = "adopt",
		.kind = COMMAND_ADOPT,
		.target = TARGET_HUB,
		.operation = "kiosk-adopt",
		.about = "Makes a new board, or a database put back, the one that speaks for its "
			 "bank.",
		TAKES{TEXT("KIOSK", "kiosk", "The bank."),
			MAYBE("EPOCH", "epoch", "What it shows; looked up if not given.")}},
	{HUB_ASK("bank remove", "bank-remove"),
		.about = "Removes a bank that never spoke and has no items, as a name that was "
			 "mistyped.",
		TAKES{TEXT("KIOSK", "kiosk", "The bank.")}},
	{KIOSK_ASK("confirm-bank", "confirm-bank"),
		.about = "Says what lies behind all doors, after an adoption; then the bank lends "
			 "again.",
		TAKES{{"DOOR=ITEM", "compartments", PARAMETER_DOORS, true, NULL,
			"One for each door with a thing in it; DOOR= for an empty one."}}},
	{KIOSK_ASK("repair", "repair"),
		.about = "Says whether a door works. If it does not, and has been left open, "
			 "nobody waits for it to be shut any more: a return there is unconfirmed.",
		TAKES{DOOR, EITHER("HOW", "works", works, "Whether it does.")}},
	{KIOSK_ASK("simulate", "simulate"), .about = "Moves a door of a bank without hardware.",
		TAKES{DOOR, WORDS("ACTION", "action", actions, "What happens to it.")}},
	{0},
};

bool command_is_of(const struct command *command, const char *family)
{
	size_t n = strlen(family);
	return strncmp(command->words, family, n) == 0 && command->words[n] == ' ';
}
