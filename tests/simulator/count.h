/* How often what happened: a world where nothing did proves nothing. Each has a name for the table
 * at the end of a campaign, and one that never fired over a campaign fails it. */
#ifndef LENDLOCK_TESTS_SIMULATOR_COUNT_H
#define LENDLOCK_TESTS_SIMULATOR_COUNT_H

#include <stdbool.h>
#include <stdint.h>

/* clang-format off */
#define WORLD_COUNTS(COUNT) \
	/* how much of everything */ \
	COUNT(RENTALS,            "rentals") \
	COUNT(STRICT_RENTALS,     "rentals in worlds without copies") \
	COUNT(EVENTS,             "events") \
	COUNT(MESSAGES,           "messages delivered") \
	COUNT(PULSES,             "locks pulsed") \
	COUNT(CRASHES,            "crashes") \
	COUNT(PARTITIONS,         "partitions") \
	/* how rentals ended, and their money */ \
	COUNT(DELIVERED,          "rental: delivered") \
	COUNT(RETURNED,           "rental: returned") \
	COUNT(CANCELLED,          "rental: cancelled") \
	COUNT(EXPIRED,            "rental: expired") \
	COUNT(FAILED,             "rental: failed") \
	COUNT(GIVEN_BACK,         "rental: delivered, and the money given back") \
	COUNT(OVERDUE,            "rental: overdue") \
	COUNT(CAPTURED,           "payment: captured") \
	COUNT(DECLINED,           "payment: declined") \
	COUNT(VOIDED,             "payment: voided") \
	COUNT(REFUNDED,           "payment: refunded") \
	/* who died */ \
	COUNT(KIOSK_DIED,         "crash: a kiosk") \
	COUNT(HUB_DIED,           "crash: the hub") \
	COUNT(LEDGER_DIED,        "crash: the ledger") \
	COUNT(DIED_MIDWAY,        "crash: between two acts") \
	COUNT(REBOOTED,           "crash: with its machine") \
	COUNT(BROKER_DIED,        "crash: the broker, with its store") \
	COUNT(BROKER_KEPT,        "crash: the broker, its store kept") \
	COUNT(BROKER_OLD,         "crash: the broker, an old store put back") \
	/* disks and memory */ \
	COUNT(WRITE_DROPPED,      "disk: a write gone with the power") \
	COUNT(WRITE_TORN,         "disk: a write torn") \
	COUNT(NAME_DROPPED,       "disk: a file's making or removal gone") \
	COUNT(READ_FAILED,        "disk: a read fails") \
	COUNT(WRITE_FAILED,       "disk: a write fails") \
	COUNT(DISK_FULL,          "disk: full") \
	COUNT(SYNC_FAILED,        "disk: a sync fails") \
	COUNT(TRUNCATE_FAILED,    "disk: a truncation fails") \
	COUNT(OPEN_FAILED,        "disk: an opening fails") \
	COUNT(MEMORY_SHORT,       "no memory for SQLite") \
	COUNT(STOPPED,            "a daemon stopped for an error of its database") \
	/* the network */ \
	COUNT(CUT,                "network: a link cut") \
	COUNT(RESET,              "network: a link reset") \
	COUNT(SPLIT,              "network: two that do not hear each other") \
	COUNT(HALF_OPEN,          "network: a link half open") \
	COUNT(STORM,              "network: a storm") \
	COUNT(MESSAGE_LOST,       "network: a message lost in usual weather") \
	COUNT(MESSAGE_DOUBLED,    "network: a message doubled in usual weather") \
	COUNT(MESSAGE_OVERTAKEN,  "network: a message overtaken in usual weather") \
	COUNT(STORM_LOST,         "network: a message lost in a storm") \
	COUNT(STORM_DOUBLED,      "network: a message doubled in a storm") \
	COUNT(STORM_OVERTAKEN,    "network: a message overtaken in a storm") \
	COUNT(WILL_LATE,          "network: a will said late") \
	COUNT(FOREIGN_ACK,        "network: an ack of another hub") \
	COUNT(STUCK,              "network: requests to authorize held up") \
	COUNT(LATE_REQUEST,       "network: a request for a door that came too late") \
	/* copies */ \
	COUNT(COPY_KIOSK,         "copy: a kiosk put back") \
	COUNT(COPY_BUSY,          "copy: a kiosk put back within seconds") \
	COUNT(FORKED_AT_ONCE,     "path: another event under a number that the hub had acked") \
	COUNT(COPY_HUB,           "copy: the hub put back") \
	COUNT(COPY_LEDGER,        "copy: the ledger put back") \
	COUNT(NEW_BOARD,          "copy: a new board") \
	COUNT(TWIN,               "copy: a second board with a copy of a bank's file") \
	COUNT(TWIN_BLANK,         "copy: a second board with no file") \
	COUNT(ADOPTED,            "copy: a manager adopts") \
	COUNT(CONFIRMED,          "copy: a person confirms a bank") \
	COUNT(RENTALS_LOST,       "copy: rentals that nobody else knew of") \
	COUNT(FORGOTTEN,          "copy: money reserved for what nobody knows of") \
	COUNT(LEDGER_BEHIND,      "copy: payments whose end the ledger forgot") \
	COUNT(OLD_COPY_LENDS,     "copy: an old copy lends what is lent") \
	COUNT(GIVEN_AWAY,         "copy: what was delivered is paid back at an old copy") \
	COUNT(OLD_STORY,          "copy: what an old copy tells of a rental that is over") \
	COUNT(RETIRED_LETTERS,    "copy: late events of a retired epoch") \
	COUNT(FORKED,             "path: fork found at an ack") \
	COUNT(EPOCHS,             "path: a new epoch") \
	COUNT(EPOCH_SHARED,       "path: two boards go on with an epoch that had told nothing") \
	/* clocks */ \
	COUNT(CLOCK_AHEAD,        "clock: jumps ahead") \
	COUNT(CLOCK_BACK,         "clock: jumps back") \
	COUNT(CLOCK_DRIFT,        "clock: drifts") \
	COUNT(CLOCK_1970,         "clock: starts in 1970") \
	/* doors and people */ \
	COUNT(JAMMED,             "door: jams") \
	COUNT(FORCED,             "door: forced") \
	COUNT(STOLEN,             "door: forced, and what lay behind it is stolen") \
	COUNT(NOISE,              "door: its contact bounces") \
	COUNT(BLIND,              "door: its sensor dies") \
	COUNT(MANAGER_BLOCKS,     "manager: blocks what is reserved") \
	COUNT(MANAGER_WITHDRAWS,  "manager: withdraws what is reserved") \
	COUNT(MANAGER_MOVES,      "manager: moves what is reserved") \
	COUNT(HANDED_IN,          "manager: is given what nobody can bring back") \
	COUNT(SAID_LATER,         "manager: says later what they saw behind the doors") \
	COUNT(LOOK_OVERTAKEN,     "manager: says that a thing is where it was a while ago") \
	COUNT(LIST_OVERTAKEN,     "manager: confirms a bank by a list that was right a while ago") \
	COUNT(TWO_MANAGERS,       "manager: two are at one bank at once") \
	COUNT(EMPTY_HANDS,        "manager: opens a door, and has nothing to put in") \
	COUNT(SETTLED,            "manager: says how a payment ended that the ledger cannot ask about") \
	COUNT(MISSED,             "manager: withdraws what is gone for good") \
	COUNT(LEFT_THERE,         "people: put back what they took, and report it") \
	COUNT(WRONG_CODE,         "people: a code made up") \
	COUNT(FOREIGN_RENTAL,     "people: somebody else's rental") \
	COUNT(MANAGERS_WORK,      "people: what only a manager may do") \
	COUNT(BACK_AFTER_JAM,     "path: money back after a jam") \
	COUNT(DOOR_INTERRUPTED,   "path: a door cut short by a crash") \
	COUNT(LEFT_OPEN,          "path: a door left open counts as taken") \
	COUNT(ITEM_LOST,          "path: a rental overdue for so long that it is lost") \
	COUNT(RETURN_REFUSED,     "path: no door was free for a return") \
	COUNT(ITEM_MOVED,         "path: an item released to another bank") \
	COUNT(SNAPSHOT,           "path: a bank sent its snapshot") \
	COUNT(VOID_FIRST,         "path: void before authorize") \
	COUNT(CURSOR_BACK,        "path: the hub's cursor went back") \
	COUNT(ANSWERED_AGAIN,     "a repeated request got the same answer") \
	/* the provider */ \
	COUNT(PROVIDER_DOWN,      "provider: down") \
	COUNT(PROVIDER_SLUGGISH,  "provider: slow for a while") \
	COUNT(PROVIDER_ERROR,     "provider: an error") \
	COUNT(PROVIDER_TIMEOUT,   "provider: no answer, and nothing done") \
	COUNT(PROVIDER_LOST,      "provider: done, the answer lost") \
	COUNT(PROVIDER_SLOW,      "provider: slow") \
	COUNT(PROVIDER_LATE,      "provider: done after the time-out") \
	COUNT(PROVIDER_POSTPONED, "provider: an error, and done later") \
	COUNT(PROVIDER_QUEUED,    "provider: accepted while it is down, and done afterwards") \
	COUNT(PROVIDER_NOT_FOUND, "provider: \"not found\", and then done") \
	COUNT(PROVIDER_DECLINED,  "provider: declined") \
	COUNT(PROVIDER_ORPHAN,    "provider: done for a ledger that had died meanwhile")
/* clang-format on */

enum world_count {
#define COUNT(name, text) COUNT_##name,
	WORLD_COUNTS(COUNT)
#undef COUNT
		COUNTS
};

struct world_counts {
	int64_t of[COUNTS];
};

extern const char *const world_count_names[COUNTS];
/* What a campaign need not have seen: what is forgiven, and not hoped for. */
bool world_count_is_rare(enum world_count count);

#endif
