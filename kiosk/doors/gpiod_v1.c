/* Lines by libgpiod 1.6, as in Debian 12. */
#include "kiosk/doors/gpio_line.h"

#include <errno.h>
#include <gpiod.h>
#include <stdlib.h>
#include <string.h>

#define CONSUMER "lendlock"

/* Closing a chip would release its lines, so it stays open; one object serves all lines on it. */
struct open_chip {
	struct open_chip *next;
	struct gpiod_chip *chip;
	char name[];
};

struct gpio_chips {
	struct open_chip *first;
};

struct gpio_line {
	struct gpiod_line *line;
};

static int error_of_errno(void)
{
	return errno > 0 ? -errno : -EIO;
}

struct gpio_chips *gpio_chips_new(void)
{
	struct gpio_chips *chips = calloc(1, sizeof(*chips));
	if (!chips)
		abort();
	return chips;
}

struct gpio_chips *gpio_chips_free(struct gpio_chips *chips)
{
	if (!chips)
		return NULL;
	while (chips->first) {
		struct open_chip *open = chips->first;
		chips->first = open->next;
		gpiod_chip_close(open->chip);
		free(open);
	}
	free(chips);
	return NULL;
}

static int chips_get(struct gpio_chips *chips, const char *name, struct gpiod_chip **ret_chip)
{
	for (struct open_chip *open = chips->first; open; open = open->next) {
		if (strcmp(open->name, name) == 0) {
			*ret_chip = open->chip;
			return 0;
		}
	}

	struct gpiod_chip *chip = gpiod_chip_open_lookup(name); /* path, name or label */
	if (!chip)
		return error_of_errno();
	size_t size = strlen(name) + 1;
	struct open_chip *open = malloc(sizeof(*open) + size);
	if (!open)
		abort();
	open->chip = chip;
	open->next = chips->first;
	memcpy(open->name, name, size);
	chips->first = open;
	*ret_chip = chip;
	return 0;
}

static int line_get(
	struct gpio_chips *chips, const struct gpiod_wire *wire, struct gpiod_line **ret_line)
{
	struct gpiod_chip *chip = NULL;
	int r = chips_get(chips, wire->chip, &chip);
	if (r < 0)
		return r;
	struct gpiod_line *line = gpiod_chip_get_line(chip, (unsigned int)wire->line);
	if (!line)
		return error_of_errno();
	/* The chip has one object per line: asked for twice, it would be shared unnoticed. */
	if (gpiod_line_is_requested(line))
		return -EBUSY;
	*ret_line = line;
	return 0;
}

static struct gpio_line *line_new(struct gpiod_line *line)
{
	struct gpio_line *new = malloc(sizeof(*new));
	if (!new)
		abort();
	new->line = line;
	return new;
}

int gpio_output_open(
	struct gpio_chips *chips, const struct gpiod_wire *wire, struct gpio_line **ret_line)
{
	struct gpiod_line *line = NULL;
	int r = line_get(chips, wire, &line);
	if (r < 0)
		return r;
	int flags = wire->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
	if (gpiod_line_request_output_flags(line, CONSUMER, flags, 0) < 0)
		return error_of_errno();
	*ret_line = line_new(line);
	return 0;
}

static int flags_of_bias(enum gpiod_wiring_bias bias)
{
	switch (bias) {
	case GPIOD_WIRING_PULL_UP:
		return GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
	case GPIOD_WIRING_PULL_DOWN:
		return GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
	case GPIOD_WIRING_DISABLED:
		return GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE;
	case GPIOD_WIRING_AS_IS:
		break;
	}
	return 0;
}

int gpio_input_open(struct gpio_chips *chips, const struct gpiod_wire *wire,
	enum gpiod_wiring_bias bias, struct gpio_line **ret_line)
{
	struct gpiod_line *line = NULL;
	int r = line_get(chips, wire, &line);
	if (r < 0)
		return r;
	int flags = flags_of_bias(bias);
	if (wire->active_low)
		flags |= GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW;
	if (gpiod_line_request_both_edges_events_flags(line, CONSUMER, flags) < 0)
		return error_of_errno();
	*ret_line = line_new(line);
	return 0;
}

struct gpio_line *gpio_line_free(struct gpio_line *line)
{
	if (!line)
		return NULL;
	gpiod_line_release(line->line);
	free(line);
	return NULL;
}

int gpio_line_set(struct gpio_line *line, bool active)
{
	return gpiod_line_set_value(line->line, active) < 0 ? -EIO : 0;
}

int gpio_line_get(struct gpio_line *line)
{
	int value = gpiod_line_get_value(line->line);
	return value < 0 ? -EIO : value;
}

int gpio_line_fd(struct gpio_line *line)
{
	return gpiod_line_event_get_fd(line->line);
}

int gpio_line_edges(struct gpio_line *line, struct gpio_edge edges[GPIO_EDGES_MAX])
{
	struct gpiod_line_event events[GPIO_EDGES_MAX];
	int count = gpiod_line_event_read_multiple(line->line, events, GPIO_EDGES_MAX);
	if (count < 0)
		return errno == EAGAIN ? 0 : -EIO;
	for (int i = 0; i < count; i++) {
		const struct timespec *ts = &events[i].ts;
		edges[i].active = events[i].event_type == GPIOD_LINE_EVENT_RISING_EDGE;
		edges[i].nanoseconds = (uint64_t)ts->tv_sec * 1000000000 + (uint64_t)ts->tv_nsec;
	}
	return count;
}
