#include "hub/config.h"

#include "lib/base/log.h"

#define FIELD(member) CONFIG_FIELD(struct hub_config, member)
#define SETTING(id, least, most, otherwise, said)                                     \
	{                                                                             \
		.section = "rentals", .key = #id, .type = CONFIG_DURATION, FIELD(id), \
		.min = least, .max = most, .value = otherwise, .help = said           \
	}

static const struct config_key keys[] = {
	{.key = "site",
		.type = CONFIG_NAME,
		FIELD(site),
		.value = NULL,
		.example = "town",
		.help = "The site that this hub is for."},
	{.key = "name",
		.type = CONFIG_NAME,
		FIELD(name),
		.value = "hub",
		.help = "The hub's name at the broker; unique across all its roles."},
	{.key = "ledger",
		.type = CONFIG_NAME,
		FIELD(ledger),
		.value = "ledger",
		.help = "The ledger at which the site's kiosks pay."},
	{.key = "managers",
		.type = CONFIG_NAMES,
		FIELD(managers),
		.max = CONFIG_NAMES_MAX,
		.value = "",
		.example = "anna, ben",
		.help = "Users of the broker who may do what managers may."},
	{.key = "database",
		.type = CONFIG_PATH,
		FIELD(database),
		.value = "/var/lib/lendlock-hub/hub.db",
		.help = "Where everything is stored."},
	{.key = "log_keep",
		.type = CONFIG_INTEGER,
		FIELD(log_keep),
		.min = 0,
		.max = INT64_C(1000000000000),
		.value = "0",
		.unit = "events",
		.help = "How many events of the log are kept at least; 0: all of them."},
	{.key = "view_keep",
		.type = CONFIG_DURATION,
		FIELD(view_keep),
		.min = 0,
		.max = 36525 * DAY,
		.value = "400 d",
		.help = "How long a rental that is over stays in the status view; the log has it "
			"still. 0: for ever."},
	{.key = "log_level",
		.type = CONFIG_CHOICE,
		FIELD(log_level),
		.choices = log_level_names,
		.value = "info",
		.help = "What is logged at most."},
	{.key = "clock_trusted",
		.type = CONFIG_BOOLEAN,
		FIELD(clock_trusted),
		.value = "no",
		.help = "Take the system's time for good although the kernel does not say that it "
			"is "
			"synchronised."},
	BROKER_KEYS(struct hub_config),
	SETTING(hold, 10 * SECOND, 7 * DAY, "15 min", "How long an unpaid reservation is held."),
	SETTING(extend, 10 * SECOND, 7 * DAY, "15 min", "What one extension of it adds."),
	SETTING(hold_max, 10 * SECOND, 30 * DAY, "2 h",
		"No hold lasts longer, extended or while payments are closed."),
	SETTING(pickup, 10 * SECOND, 30 * DAY, "2 h", "How long a paid one waits to be taken."),
	SETTING(lost, MINUTE, 366 * DAY, "14 d", "How long overdue until it counts as lost."),
	SETTING(report_within, 0, DAY, "5 min",
		"How long after the door closed a renter may report that it is broken."),
	{.section = "rentals",
		.key = "rentals_max",
		.type = CONFIG_INTEGER,
		FIELD(rentals_max),
		.min = 1,
		.max = 1000,
		.value = "3",
		.unit = "rentals",
		.help = "How many open rentals a renter may have at one bank."},
};

const struct config_table hub_config_table = {
	.program = "lendlock-hub",
	.name = "hub",
	.summary = "the catalogue and the status view of one site",
	.description =
		"lendlock-hub keeps the catalogue of a site's lending lockers, takes the events of "
		"all its banks into one log, and shows managers where every item is. It tells each "
		"bank what is desired of it. The banks lend and take back without it.",
	.option = "--rebuild-view",
	.option_help = "Fold the status view anew out of the log, compare, and exit.",
	.size = sizeof(struct hub_config),
	.keys = keys,
	.keys_count = sizeof(keys) / sizeof(keys[0]),
};
