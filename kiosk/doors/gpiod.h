/*
 * A bank of real locks and sensors on gpio lines, by libgpiod: gpiod.c does what a bank must,
 * gpiod_v1.c or gpiod_v2.c speaks to the library that is there.
 */
#ifndef LENDLOCK_KIOSK_DOORS_GPIOD_H
#define LENDLOCK_KIOSK_DOORS_GPIOD_H

#include "kiosk/doors/bank.h"

/* The resistor inside the chip, for sensors. */
enum gpiod_wiring_bias {
	GPIOD_WIRING_AS_IS,
	GPIOD_WIRING_PULL_UP,
	GPIOD_WIRING_PULL_DOWN,
	GPIOD_WIRING_DISABLED,
};

struct gpiod_wire {
	/* "gpiochip1" or "/dev/gpiochip1", whose number may be another after the next start; or the
	 * chip's label, as gpiodetect shows it, which stays. */
	const char *chip;
	int line; /* offset in the chip; -1: not fitted */
	/* The line is electrically low when the lock is driven, the door open,
	 * something present. */
	bool active_low;
};

struct gpiod_compartment {
	struct gpiod_wire lock;     /* must be fitted */
	struct gpiod_wire door;     /* may be missing */
	struct gpiod_wire presence; /* may be missing */
	enum gpiod_wiring_bias door_bias, presence_bias;
};

struct gpiod_wiring {
	const struct gpiod_compartment *compartments; /* the first is compartment 1 */
	int count;                                    /* 1 .. BANK_COMPARTMENTS_MAX */
};

/*
 * Takes all lines of the wiring: first the locks as outputs, idle from the first moment, then the
 * sensors. The wiring is borrowed for the call. 0 and a bank that the caller frees with its free();
 * or a negative error, after a log line that says which line it was: -EBUSY (somebody has it),
 * -ENOENT or -ENODEV (no such chip), -EINVAL (no such line, or wiring out of bounds).
 *
 * When the process ends, however it ends, the kernel gives the lines back and the chip decides
 * where they go: the locks need resistors of their own that keep them idle then.
 *
 * Each line takes one file descriptor.
 */
int gpiod_open(const struct gpiod_wiring *wiring, struct bank_port **ret_bank);

#endif
