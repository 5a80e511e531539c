#include "payment-adapter/config.h"

#include "lib/base/log.h"

static const char *const drivers[] = {"sandbox", NULL};

#define FIELD(member) CONFIG_FIELD(struct adapter_config, member)

/* clang-format off */
static const struct config_key keys[] = {
	{.key = "site", .type = CONFIG_NAME, FIELD(site), .value = NULL, .example = "town",
		.help = "The site that this ledger is for."},
	{.key = "name", .type = CONFIG_NAME, FIELD(name), .value = "ledger",
		.help = "The ledger's name; unique across all roles of the broker."},
	{.key = "database", .type = CONFIG_PATH, FIELD(database),
		.value = "/var/lib/lendlock-payment-adapter/ledger.db",
		.help = "Where everything is stored."},
	{.key = "log_level", .type = CONFIG_CHOICE, FIELD(log_level), .choices = log_level_names,
		.value = "info", .help = "What is logged at most."},
	{.key = "clock_trusted", .type = CONFIG_BOOLEAN, FIELD(clock_trusted), .value = "no",
		.help = "Take the system's time for good although the kernel does not say that it "
			"is synchronised."},
	{.key = "keep", .type = CONFIG_DURATION, FIELD(settings.keep), .min = 7 * DAY,
		.max = 36500 * DAY, .value = "400 d",
		.help = "How long payments are kept after their end."},
	{.key = "attention", .type = CONFIG_DURATION, FIELD(settings.attention), .min = MINUTE,
		.max = DAY, .value = "10 min",
		.help = "A payment without a definite answer for so long is said to take long."},
	BROKER_KEYS(struct adapter_config),

	{.section = "provider", .key = "driver", .type = CONFIG_CHOICE, FIELD(driver),
		.choices = drivers, .value = "sandbox",
		.help = "Who moves the money; sandbox: nobody, it is make-believe."},
	{.section = "provider", .key = "calls", .type = CONFIG_INTEGER, FIELD(settings.calls),
		.min = 1, .max = ADAPTER_CALLS_MAX, .value = "8", .unit = "calls",
		.help = "How many calls are under way at once."},
	{.section = "provider", .key = "queue", .type = CONFIG_INTEGER, FIELD(settings.queue),
		.min = 1, .max = 10000, .value = "64", .unit = "payments",
		.help = "How many new payments wait at most; more are told to come again."},
	{.section = "provider", .key = "try_first", .type = CONFIG_DURATION,
		FIELD(settings.try_first), .min = 100 * MSEC, .max = MINUTE, .value = "2 s",
		.help = "The wait before a call is repeated the first time; it doubles each time."},
	{.section = "provider", .key = "try_max", .type = CONFIG_DURATION, FIELD(settings.try_max),
		.min = SECOND, .max = HOUR, .value = "5 min",
		.help = "The longest wait before a call is repeated."},
	{.section = "provider", .key = "key_lifetime", .type = CONFIG_DURATION,
		FIELD(settings.key_lifetime), .min = 10 * MINUTE, .max = 3650 * DAY,
		.value = "24 h",
		.help = "How long the provider remembers an idempotency key. No payment is "
			"authorized later than half of that after the first attempt."},
	{.section = "provider", .key = "settle", .type = CONFIG_DURATION, FIELD(settings.settle),
		.min = 0, .max = DAY, .value = "2 min",
		.help = "A call begun before a crash has had its effect by so long after it."},

	{.section = "breaker", .key = "window", .type = CONFIG_INTEGER,
		FIELD(settings.breaker.window), .min = 1, .max = BREAKER_WINDOW_MAX, .value = "20",
		.unit = "calls", .help = "How many of the last calls are judged."},
	{.section = "breaker", .key = "minimum_calls", .type = CONFIG_INTEGER,
		FIELD(settings.breaker.minimum_calls), .min = 1, .max = BREAKER_WINDOW_MAX,
		.value = "5", .unit = "calls", .help = "With fewer calls it does not open."},
	{.section = "breaker", .key = "failure_percent", .type = CONFIG_INTEGER,
		FIELD(settings.breaker.failure_percent), .min = 1, .max = 100, .value = "50",
		.unit = "%", .help = "It opens when so many of the calls had no answer. A declined "
				     "card is an answer."},
	{.section = "breaker", .key = "slow_percent", .type = CONFIG_INTEGER,
		FIELD(settings.breaker.slow_percent), .min = 0, .max = 100, .value = "80",
		.unit = "%",
		.help = "It opens when so many of the calls were slow; 0: never for that."},
	{.section = "breaker", .key = "slow_call", .type = CONFIG_DURATION,
		FIELD(settings.breaker.slow_call), .min = 10 * MSEC, .max = 10 * MINUTE,
		.value = "5 s", .help = "A call that takes so long is slow."},
	{.section = "breaker", .key = "open_for", .type = CONFIG_DURATION,
		FIELD(settings.breaker.open_for), .min = SECOND, .max = HOUR, .value = "15 s",
		.help = "How long payments are closed at first, before some are let through to "
			"see. It doubles as long as that fails."},
	{.section = "breaker", .key = "open_for_max", .type = CONFIG_DURATION,
		FIELD(settings.breaker.open_for_max), .min = SECOND, .max = DAY, .value = "5 min",
		.help = "How long payments are closed at most, until it is tried again."},
	{.section = "breaker", .key = "probes", .type = CONFIG_INTEGER,
		FIELD(settings.breaker.probes), .min = 1, .max = 64, .value = "2", .unit = "calls",
		.help = "How many are let through to see."},

	{.section = "sandbox", .key = "database", .type = CONFIG_PATH, FIELD(sandbox_database),
		.value = "/var/lib/lendlock-payment-adapter/sandbox.db",
		.help = "Where the make-believe provider keeps its accounts."},
	{.section = "sandbox", .key = "delay", .type = CONFIG_DURATION, FIELD(sandbox_delay),
		.min = 0, .max = MINUTE, .value = "400 ms",
		.help = "How long a call takes at least."},
	{.section = "sandbox", .key = "spread", .type = CONFIG_DURATION, FIELD(sandbox_spread),
		.min = 0, .max = MINUTE, .value = "220 ms",
		.help = "How much longer a call takes at most."},
	{.section = "sandbox", .key = "slow", .type = CONFIG_DURATION, FIELD(sandbox_slow),
		.min = 0, .max = 10 * MINUTE, .value = "5 s",
		.help = "How long a call takes by the method tok-slow."},
	{.section = "sandbox", .key = "timeout", .type = CONFIG_DURATION, FIELD(sandbox_timeout),
		.min = SECOND, .max = 10 * MINUTE, .value = "10 s",
		.help = "When a call is given up, as by the method tok-timeout."},
};
/* clang-format on */

const struct config_table adapter_config_table = {
	.program = "lendlock-payment-adapter",
	.name = "payment-adapter",
	.summary = "one ledger of payments",
	.description =
		"lendlock-payment-adapter stands between the lending lockers of a site and a "
		"payment provider. It keeps the ledger that says whether money moved: each payment "
		"is asked for under one id until its outcome is known, never twice.\n\n"
		"The database is everything it knows. Kill it at any time; it goes on where it "
		"was. Only one adapter may have a ledger: when another one takes it over, this one "
		"ends with status 69.",
	.option = "--list-open",
	.option_help = "Print the payments that are not over; the daemon must not run.",
	.size = sizeof(struct adapter_config),
	.keys = keys,
	.keys_count = sizeof(keys) / sizeof(keys[0]),
};
