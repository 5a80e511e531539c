/*
 * One line of a gpio chip, whichever libgpiod is there: gpiod_v1.c (1.6, Debian 12) or gpiod_v2.c
 * (2.x, Debian 13) stands behind this. All values are logical: active_low is applied already.
 */
#ifndef LENDLOCK_KIOSK_DOORS_GPIO_LINE_H
#define LENDLOCK_KIOSK_DOORS_GPIO_LINE_H

#include "kiosk/doors/gpiod.h"

#include <stdint.h>

#define GPIO_EDGES_MAX 16 /* so many the kernel keeps for a line */

struct gpio_chips; /* what the lines of a bank share */
struct gpio_line;

struct gpio_edge {
	bool active;
	uint64_t nanoseconds; /* as the kernel stamped it; see edge_time() in gpiod.c */
};

/* NULL if this version of the library needs nothing of the kind. */
struct gpio_chips *gpio_chips_new(void);
/* After all of its lines are freed. Returns NULL. */
struct gpio_chips *gpio_chips_free(struct gpio_chips *chips);

/* Take a line. An output is idle from the first moment; an input makes edges in both directions.
 * 0, or a negative errno of the kernel. */
int gpio_output_open(
	struct gpio_chips *chips, const struct gpiod_wire *wire, struct gpio_line **ret_line);
int gpio_input_open(struct gpio_chips *chips, const struct gpiod_wire *wire,
	enum gpiod_wiring_bias bias, struct gpio_line **ret_line);
struct gpio_line *gpio_line_free(struct gpio_line *line);

/* 0 or -EIO. */
int gpio_line_set(struct gpio_line *line, bool active);
/* 1: active, 0: idle, or -EIO. */
int gpio_line_get(struct gpio_line *line);
/* Of an input; readable when there are edges. Lives as long as the line. */
int gpio_line_fd(struct gpio_line *line);
/* Up to GPIO_EDGES_MAX edges, oldest first. How many; 0 if there are none and the fd does not
 * block; or -EIO: the line is gone. */
int gpio_line_edges(struct gpio_line *line, struct gpio_edge edges[GPIO_EDGES_MAX]);

#endif
