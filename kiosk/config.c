#include "kiosk/config.h"

static const char *const drivers[] = {"simulated", "gpiod", NULL};
static const char *const levels[] = {"error", "warning", "info", "debug", NULL};
static const char *const biases[] = {"as-is", "pull-up", "pull-down", "disabled", NULL};

#define FIELD(member) CONFIG_FIELD(struct kiosk_config, member)

static const struct config_key keys[] = {
	{.key = "site", .type = CONFIG_NAME, FIELD(site), .value = NULL, .example = "town",
		.help = "The site that this bank belongs to."},
	{.key = "name", .type = CONFIG_NAME, FIELD(name), .value = NULL, .example = "library",
		.help = "The bank's name; unique across all roles of the broker."},
	{.key = "database", .type = CONFIG_PATH, FIELD(database),
		.value = "/var/lib/lendlock-kiosk/kiosk.db", .help = "Where everything is stored."},
	{.key = "log_level", .type = CONFIG_CHOICE, FIELD(log_level), .choices = levels,
		.value = "info", .help = "What is logged at most."},
	{.key = "clock_trusted", .type = CONFIG_BOOLEAN, FIELD(clock_trusted), .value = "no",
		.help = "Take the system's time for good although the kernel does not say that it is "
			"synchronised: a board with a good clock of its own, a virtual machine."},
	BROKER_KEYS(struct kiosk_config),
	{.section = "bank", .key = "driver", .type = CONFIG_CHOICE, FIELD(driver),
		.choices = drivers, .value = "simulated",
		.help = "What moves the locks: gpiod, or nothing."},
	{.section = "bank", .key = "doors", .type = CONFIG_INTEGER, FIELD(doors), .min = 1,
		.max = BANK_COMPARTMENTS_MAX, .value = "8", .unit = "doors",
		.help = "How many compartments, numbered from 1."},
	{.section = "bank", .key = "sensors", .type = CONFIG_BOOLEAN, FIELD(sensors), .value = "yes",
		.help = "Whether a simulated bank has door sensors."},
	{.section = "bank", .key = "open_after", .type = CONFIG_DURATION, FIELD(open_after),
		.min = 0, .max = HOUR, .value = "300 ms",
		.help = "Simulated people open a door so long after its pulse; 0: by hand only."},
	{.section = "bank", .key = "close_after", .type = CONFIG_DURATION, FIELD(close_after),
		.min = 0, .max = HOUR, .value = "2 s",
		.help = "Simulated people close it so long after that; 0: by hand only."},
	{.section = "doors", .key = "pulse", .type = CONFIG_DURATION, FIELD(timing.pulse_length),
		.min = 50 * MSEC, .max = BANK_PULSE_MAX, .value = "300 ms",
		.help = "How long a lock is driven."},
	{.section = "doors", .key = "cool_down", .type = CONFIG_DURATION, FIELD(timing.cool_down),
		.min = 0, .max = 10 * SECOND, .value = "200 ms",
		.help = "How long between two pulses of the bank."},
	{.section = "doors", .key = "debounce", .type = CONFIG_DURATION, FIELD(timing.debounce),
		.min = 1 * MSEC, .max = SECOND, .value = "30 ms",
		.help = "A level counts when it held so long."},
	{.section = "doors", .key = "open_within", .type = CONFIG_DURATION,
		FIELD(timing.open_within), .min = SECOND, .max = MINUTE, .value = "6 s",
		.help = "A door that is not open by then is jammed."},
	{.section = "doors", .key = "close_within", .type = CONFIG_DURATION,
		FIELD(timing.close_within), .min = 5 * SECOND, .max = HOUR, .value = "90 s",
		.help = "A door that is not closed by then is left open."},
	{.section = "doors", .key = "resync", .type = CONFIG_DURATION, FIELD(timing.resync),
		.min = SECOND, .max = HOUR, .value = "10 s",
		.help = "How often all levels are read again."},
};

#define WIRE(member) CONFIG_FIELD(struct compartment_config, member)
#define LINE(id, member, said) \
	{.key = id, .type = CONFIG_INTEGER, WIRE(member), .min = -1, .max = 65535, .value = "-1", \
		.help = said}

static const struct config_key compartment_keys[] = {
	{.key = "lock_chip", .type = CONFIG_TEXT, WIRE(lock_chip), .min = 1, .max = 63,
		.value = "gpiochip0", .help = "Chip of the lock's line: its name or its label."},
	LINE("lock_line", lock_line, "Offset of the line that drives the lock."),
	{.key = "lock_active_low", .type = CONFIG_BOOLEAN, WIRE(lock_active_low), .value = "no",
		.help = "The lock is driven when the line is low."},
	{.key = "door_chip", .type = CONFIG_TEXT, WIRE(door_chip), .max = 63, .value = "",
		.example = "gpiochip1", .help = "Chip of the door's sensor; empty: the lock's."},
	LINE("door_line", door_line, "Offset of the line that senses the door; -1: none."),
	{.key = "door_active_low", .type = CONFIG_BOOLEAN, WIRE(door_active_low), .value = "no",
		.help = "The line is low when the door is open."},
	{.key = "door_bias", .type = CONFIG_CHOICE, WIRE(door_bias), .choices = biases,
		.value = "pull-up", .help = "The resistor inside the chip."},
	{.key = "presence_chip", .type = CONFIG_TEXT, WIRE(presence_chip), .max = 63, .value = "",
		.example = "gpiochip1", .help = "Chip of the presence sensor; empty: the lock's."},
	LINE("presence_line", presence_line, "Offset of the line that senses a thing; -1: none."),
	{.key = "presence_active_low", .type = CONFIG_BOOLEAN, WIRE(presence_active_low),
		.value = "no", .help = "The line is low when something is in there."},
	{.key = "presence_bias", .type = CONFIG_CHOICE, WIRE(presence_bias), .choices = biases,
		.value = "pull-up", .help = "The resistor inside the chip."},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct config_section sections[] = {
	{.prefix = "compartment",
		.help = "The wiring of one compartment of a gpiod bank.",
		.offset = offsetof(struct kiosk_config, compartments),
		.stride = sizeof(struct compartment_config),
		.count = BANK_COMPARTMENTS_MAX,
		.given = offsetof(struct compartment_config, given),
		.keys = compartment_keys,
		.keys_count = COUNT(compartment_keys)},
};

const struct config_table kiosk_config_table = {
	.program = "lendlock-kiosk",
	.name = "kiosk",
	.summary = "one bank of lending lockers",
	.description = "lendlock-kiosk decides who gets what lies behind the doors of one bank. It takes "
		       "requests by MQTT and at the touchscreen, drives the locks, sees payments "
		       "through, and tells its hub of everything that happens. It works without a hub, "
		       "a broker or a link; what has happened meanwhile is told later.\n\n"
		       "The database is everything it knows. Kill it at any time; it goes on where it "
		       "was.",
	.size = sizeof(struct kiosk_config),
	.keys = keys,
	.keys_count = COUNT(keys),
	.sections = sections,
	.sections_count = COUNT(sections),
};
