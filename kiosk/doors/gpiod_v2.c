/* Lines by libgpiod 2.x, as in Debian 13. */
#include "kiosk/doors/gpio_line.h"

#include <dirent.h>
#include <errno.h>
#include <gpiod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONSUMER "lendlock"

struct gpio_line {
	struct gpiod_line_request *request; /* of this one line */
	unsigned int offset;
	struct gpiod_edge_event_buffer *events; /* of an input */
};

static int error_of_errno(void)
{
	return errno > 0 ? -errno : -EIO;
}

/* Nothing is shared: a request outlives its chip. */
struct gpio_chips *gpio_chips_new(void)
{
	return NULL;
}

struct gpio_chips *gpio_chips_free(struct gpio_chips *chips)
{
	(void)chips;
	return NULL;
}

static bool has_label(struct gpiod_chip *chip, const char *label)
{
	struct gpiod_chip_info *info = gpiod_chip_get_info(chip);
	if (!info)
		return false;
	bool same = strcmp(gpiod_chip_info_get_label(info), label) == 0;
	gpiod_chip_info_free(info);
	return same;
}

/* NULL and errno 0: there is no such device. */
static struct gpiod_chip *chip_of_device(const char *name)
{
	char path[300];
	int length = snprintf(path, sizeof(path), "/dev/%s", name);
	if (length < 0 || (size_t)length >= sizeof(path) || !gpiod_is_gpiochip_device(path)) {
		errno = 0;
		return NULL;
	}
	return gpiod_chip_open(path);
}

/* Version 2 has no lookup by label any more, and numbers change from start to start. */
static struct gpiod_chip *chip_of_label(const char *label)
{
	struct gpiod_chip *found = NULL;
	int error = ENOENT;
	DIR *dev = opendir("/dev");
	if (!dev)
		return NULL;
	for (struct dirent *entry; !found && (entry = readdir(dev));) {
		if (strncmp(entry->d_name, "gpiochip", strlen("gpiochip")) != 0)
			continue;
		found = chip_of_device(entry->d_name);
		if (!found && errno != 0)
			error = errno; /* it might have been this one */
		if (found && !has_label(found, label)) {
			gpiod_chip_close(found);
			found = NULL;
		}
	}
	closedir(dev);
	errno = error;
	return found;
}

static struct gpiod_chip *chip_open(const char *name)
{
	if (strchr(name, '/'))
		return gpiod_chip_open(name);
	struct gpiod_chip *chip = chip_of_device(name);
	return chip || errno != 0 ? chip : chip_of_label(name);
}

/* Requests one line with these settings. */
static int line_request(const struct gpiod_wire *wire, struct gpiod_line_settings *settings,
	struct gpiod_line_request **ret_request)
{
	struct gpiod_chip *chip = chip_open(wire->chip);
	if (!chip)
		return error_of_errno();
	struct gpiod_line_config *lines = gpiod_line_config_new();
	struct gpiod_request_config *options = gpiod_request_config_new();
	if (!lines || !options)
		abort();

	int r = -EINVAL;
	unsigned int offset = (unsigned int)wire->line;
	gpiod_line_settings_set_active_low(settings, wire->active_low);
	gpiod_request_config_set_consumer(options, CONSUMER);
	if (gpiod_line_config_add_line_settings(lines, &offset, 1, settings) == 0) {
		struct gpiod_line_request *request = gpiod_chip_request_lines(chip, options, lines);
		r = request ? 0 : error_of_errno();
		*ret_request = request;
	}
	gpiod_request_config_free(options);
	gpiod_line_config_free(lines);
	gpiod_chip_close(chip);
	return r;
}

static int line_open(const struct gpiod_wire *wire, struct gpiod_line_settings *settings,
	struct gpio_line **ret_line)
{
	struct gpiod_line_request *request = NULL;
	int r = line_request(wire, settings, &request);
	if (r < 0)
		return r;
	struct gpio_line *line = calloc(1, sizeof(*line));
	if (!line)
		abort();
	line->request = request;
	line->offset = (unsigned int)wire->line;
	*ret_line = line;
	return 0;
}

int gpio_output_open(
	struct gpio_chips *chips, const struct gpiod_wire *wire, struct gpio_line **ret_line)
{
	(void)chips;
	struct gpiod_line_settings *settings = gpiod_line_settings_new();
	if (!settings)
		abort();
	gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
	gpiod_line_settings_set_output_value(settings, GPIOD_LINE_VALUE_INACTIVE);
	int r = line_open(wire, settings, ret_line);
	gpiod_line_settings_free(settings);
	return r;
}

static enum gpiod_line_bias line_bias(enum gpiod_wiring_bias bias)
{
	switch (bias) {
	case GPIOD_WIRING_PULL_UP:
		return GPIOD_LINE_BIAS_PULL_UP;
	case GPIOD_WIRING_PULL_DOWN:
		return GPIOD_LINE_BIAS_PULL_DOWN;
	case GPIOD_WIRING_DISABLED:
		return GPIOD_LINE_BIAS_DISABLED;
	case GPIOD_WIRING_AS_IS:
		break;
	}
	return GPIOD_LINE_BIAS_AS_IS;
}

int gpio_input_open(struct gpio_chips *chips, const struct gpiod_wire *wire,
	enum gpiod_wiring_bias bias, struct gpio_line **ret_line)
{
	(void)chips;
	struct gpiod_line_settings *settings = gpiod_line_settings_new();
	if (!settings)
		abort();
	gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT);
	gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH);
	gpiod_line_settings_set_bias(settings, line_bias(bias));
	gpiod_line_settings_set_event_clock(settings, GPIOD_LINE_CLOCK_MONOTONIC);
	int r = line_open(wire, settings, ret_line);
	gpiod_line_settings_free(settings);
	if (r < 0)
		return r;
	(*ret_line)->events = gpiod_edge_event_buffer_new(GPIO_EDGES_MAX);
	if (!(*ret_line)->events)
		abort();
	return 0;
}

struct gpio_line *gpio_line_free(struct gpio_line *line)
{
	if (!line)
		return NULL;
	gpiod_edge_event_buffer_free(line->events);
	gpiod_line_request_release(line->request);
	free(line);
	return NULL;
}

int gpio_line_set(struct gpio_line *line, bool active)
{
	enum gpiod_line_value value = active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
	return gpiod_line_request_set_value(line->request, line->offset, value) < 0 ? -EIO : 0;
}

int gpio_line_get(struct gpio_line *line)
{
	switch (gpiod_line_request_get_value(line->request, line->offset)) {
	case GPIOD_LINE_VALUE_ACTIVE:
		return 1;
	case GPIOD_LINE_VALUE_INACTIVE:
		return 0;
	default:
		return -EIO;
	}
}

int gpio_line_fd(struct gpio_line *line)
{
	return gpiod_line_request_get_fd(line->request);
}

int gpio_line_edges(struct gpio_line *line, struct gpio_edge edges[GPIO_EDGES_MAX])
{
	int count =
		gpiod_line_request_read_edge_events(line->request, line->events, GPIO_EDGES_MAX);
	if (count < 0)
		return errno == EAGAIN ? 0 : -EIO;
	for (int i = 0; i < count; i++) {
		struct gpiod_edge_event *event =
			gpiod_edge_event_buffer_get_event(line->events, (unsigned long)i);
		edges[i].active =
			gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE;
		edges[i].nanoseconds = gpiod_edge_event_get_timestamp_ns(event);
	}
	return count;
}
