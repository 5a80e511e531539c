#include "kiosk/doors/gpiod.h"

#include "kiosk/doors/gpio_line.h"
#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define READY_MAX 16 /* sensors whose edges are taken at once */
#define RETRY     SECOND

struct lock {
	struct gpio_line *line;
	bool active;
	usec ends; /* at the latest, while it is active */
};

struct sensor {
	struct gpio_line *line; /* NULL: not fitted */
	int compartment;
	enum bank_sensor which;
};

struct gpiod_bank {
	struct bank_port port; /* first: the port is the object */
	struct gpio_chips *chips;
	int epoll;
	int count;
	struct lock *locks;
	struct sensor *sensors; /* two for each compartment: door, presence */
	struct bank_edge edges[READY_MAX * GPIO_EDGES_MAX];
	size_t first, filled;
};

static usec clock_read(clockid_t which)
{
	struct timespec ts;
	if (clock_gettime(which, &ts) != 0)
		abort();
	return (usec)ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}

/*
 * The kernel stamps edges with CLOCK_MONOTONIC, which stands still while the machine sleeps, and
 * our clock is CLOCK_BOOTTIME, which does not; the difference between the two is the time slept
 * until now. It is wrong only for an edge from before the last sleep, which then seems later than
 * it was.
 *
 * Kernels before 5.7 stamped with CLOCK_REALTIME (libgpiod 1.6 hands on what it gets). Such a stamp
 * lies decades after any monotonic one, and the edge is then taken to have happened just now.
 */
static usec edge_time(uint64_t nanoseconds, usec monotonic, usec boottime)
{
	usec at = (usec)(nanoseconds / 1000);
	return at > monotonic + SECOND ? boottime : at + (boottime - monotonic);
}

static struct sensor *bank_sensor(struct gpiod_bank *bank, int compartment, enum bank_sensor which)
{
	if (compartment < 1 || compartment > bank->count)
		return NULL;
	struct sensor *sensor = &bank->sensors[2 * (compartment - 1) + (which == BANK_PRESENCE)];
	return sensor->line ? sensor : NULL;
}

static int gpiod_count(struct bank_port *port)
{
	return ((struct gpiod_bank *)port)->count;
}

static int gpiod_drive(struct bank_port *port, int compartment, bool active)
{
	struct gpiod_bank *bank = (struct gpiod_bank *)port;
	if (compartment < 1 || compartment > bank->count)
		return -EIO;
	struct lock *lock = &bank->locks[compartment - 1];
	if (active && !lock->active) {
		/* Before the attempt: if it fails, the tick shall drive the lock idle. */
		lock->active = true;
		lock->ends = clock_read(CLOCK_BOOTTIME) + BANK_PULSE_MAX;
	}
	int r = gpio_line_set(lock->line, active);
	if (r == 0)
		lock->active = active;
	return r;
}

static enum bank_level gpiod_read(struct bank_port *port, int compartment, enum bank_sensor which)
{
	struct sensor *sensor = bank_sensor((struct gpiod_bank *)port, compartment, which);
	int value = sensor ? gpio_line_get(sensor->line) : -EIO;
	if (value < 0)
		return BANK_UNKNOWN;
	return value ? BANK_OPEN : BANK_CLOSED;
}

static bool gpiod_has(struct bank_port *port, int compartment, enum bank_sensor which)
{
	return bank_sensor((struct gpiod_bank *)port, compartment, which) != NULL;
}

/* Keeps what is waiting in the order of its time; edges of one sensor stay as they came. */
static void insert_edge(struct gpiod_bank *bank, const struct bank_edge *edge)
{
	size_t place = bank->filled++;
	for (; place > 0 && bank->edges[place - 1].at > edge->at; place--)
		bank->edges[place] = bank->edges[place - 1];
	bank->edges[place] = *edge;
}

static int take_edges(struct gpiod_bank *bank, struct sensor *sensor, usec monotonic, usec boottime)
{
	struct gpio_edge edges[GPIO_EDGES_MAX];
	int count = gpio_line_edges(sensor->line, edges);
	for (int i = 0; i < count; i++)
		insert_edge(
			bank, &(struct bank_edge){
				      .compartment = sensor->compartment,
				      .sensor = sensor->which,
				      .level = edges[i].active ? BANK_OPEN : BANK_CLOSED,
				      .at = edge_time(edges[i].nanoseconds, monotonic, boottime),
			      });
	if (count == GPIO_EDGES_MAX)
		return -ENOBUFS; /* the kernel had no place for more; there may have been some */
	return count < 0 ? count : 0;
}

static int fill_edges(struct gpiod_bank *bank)
{
	struct epoll_event ready[READY_MAX];
	int count = epoll_wait(bank->epoll, ready, READY_MAX, 0);
	usec monotonic = clock_read(CLOCK_MONOTONIC);
	usec boottime = clock_read(CLOCK_BOOTTIME);
	int result = 0;

	bank->first = 0;
	bank->filled = 0;
	for (int i = 0; i < count; i++) {
		struct sensor *sensor = ready[i].data.ptr;
		int r = take_edges(bank, sensor, monotonic, boottime);
		if (result == 0)
			result = r;
		if (r == -EIO || ready[i].events & (EPOLLERR | EPOLLHUP)) {
			/* The chip is gone, and the fd would stay readable for ever. */
			epoll_ctl(bank->epoll, EPOLL_CTL_DEL, gpio_line_fd(sensor->line), NULL);
			result = -EIO;
		}
	}
	return result;
}

static int gpiod_next_edge(struct bank_port *port, struct bank_edge *ret_edge)
{
	struct gpiod_bank *bank = (struct gpiod_bank *)port;
	if (bank->first == bank->filled) {
		int r = fill_edges(bank);
		if (r < 0)
			return r;
	}
	if (bank->first == bank->filled)
		return 0;
	*ret_edge = bank->edges[bank->first++];
	return 1;
}

static int gpiod_fd(struct bank_port *port)
{
	return ((struct gpiod_bank *)port)->epoll;
}

static usec gpiod_next_due(struct bank_port *port)
{
	struct gpiod_bank *bank = (struct gpiod_bank *)port;
	/* What is read already does not make the fd readable. */
	usec due = bank->first < bank->filled ? 0 : USEC_NEVER;
	for (int i = 0; i < bank->count; i++)
		if (bank->locks[i].active)
			due = usec_min(due, bank->locks[i].ends);
	return due;
}

static void gpiod_tick(struct bank_port *port, usec boottime)
{
	struct gpiod_bank *bank = (struct gpiod_bank *)port;
	for (int i = 0; i < bank->count; i++) {
		struct lock *lock = &bank->locks[i];
		if (!lock->active || boottime < lock->ends)
			continue;
		if (gpiod_drive(port, i + 1, false) == 0) {
			log_warning("compartment %d: the lock was driven too long", i + 1);
		} else {
			log_error("compartment %d: the lock cannot be driven idle", i + 1);
			lock->ends = boottime + RETRY;
		}
	}
}

static struct bank_port *gpiod_free(struct bank_port *port)
{
	struct gpiod_bank *bank = (struct gpiod_bank *)port;
	if (!bank)
		return NULL;
	for (int i = 0; i < bank->count; i++) {
		struct lock *lock = &bank->locks[i];
		if (lock->line && gpio_line_set(lock->line, false) < 0)
			log_error("compartment %d: the lock cannot be driven idle", i + 1);
		gpio_line_free(lock->line);
	}
	for (int i = 0; i < 2 * bank->count; i++)
		gpio_line_free(bank->sensors[i].line);
	gpio_chips_free(bank->chips);
	if (bank->epoll >= 0)
		close(bank->epoll);
	free(bank->locks);
	free(bank->sensors);
	free(bank);
	return NULL;
}

static int line_error(int compartment, const char *what, const struct gpiod_wire *wire, int error)
{
	log_error("compartment %d: %s: line %d of %s: %s", compartment, what, wire->line,
		wire->chip ? wire->chip : "no chip", strerror(-error));
	return error;
}

static int open_lock(struct gpiod_bank *bank, int compartment, const struct gpiod_wire *wire)
{
	int r = -EINVAL;
	if (wire->chip && wire->line >= 0)
		r = gpio_output_open(bank->chips, wire, &bank->locks[compartment - 1].line);
	return r < 0 ? line_error(compartment, "lock", wire, r) : 0;
}

static int watch_sensor(struct gpiod_bank *bank, struct sensor *sensor)
{
	int fd = gpio_line_fd(sensor->line);
	int flags = fcntl(fd, F_GETFL);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = sensor};
	/* So that taking all there is ends with "no more" instead of waiting for more. */
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
		epoll_ctl(bank->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	return 0;
}

static int open_sensor(struct gpiod_bank *bank, int compartment, enum bank_sensor which,
	const struct gpiod_wire *wire, enum gpiod_wiring_bias bias)
{
	if (wire->line < 0)
		return 0;
	struct sensor *sensor = &bank->sensors[2 * (compartment - 1) + (which == BANK_PRESENCE)];
	sensor->compartment = compartment;
	sensor->which = which;
	int r = wire->chip ? gpio_input_open(bank->chips, wire, bias, &sensor->line) : -EINVAL;
	if (r == 0)
		r = watch_sensor(bank, sensor);
	const char *what = which == BANK_DOOR ? "door sensor" : "presence sensor";
	return r < 0 ? line_error(compartment, what, wire, r) : 0;
}

static int open_lines(struct gpiod_bank *bank, const struct gpiod_wiring *wiring)
{
	for (int i = 0; i < wiring->count; i++) {
		int r = open_lock(bank, i + 1, &wiring->compartments[i].lock);
		if (r < 0)
			return r;
	}
	for (int i = 0; i < wiring->count; i++) {
		const struct gpiod_compartment *c = &wiring->compartments[i];
		int r = open_sensor(bank, i + 1, BANK_DOOR, &c->door, c->door_bias);
		if (r == 0)
			r = open_sensor(bank, i + 1, BANK_PRESENCE, &c->presence, c->presence_bias);
		if (r < 0)
			return r;
	}
	return 0;
}

static struct gpiod_bank *bank_new(int count)
{
	struct gpiod_bank *bank = calloc(1, sizeof(*bank));
	if (!bank)
		abort();
	bank->port = (struct bank_port){
		.count = gpiod_count,
		.drive = gpiod_drive,
		.read = gpiod_read,
		.has = gpiod_has,
		.next_edge = gpiod_next_edge,
		.fd = gpiod_fd,
		.next_due = gpiod_next_due,
		.tick = gpiod_tick,
		.free = gpiod_free,
	};
	bank->chips = gpio_chips_new();
	bank->count = count;
	bank->locks = calloc((size_t)count, sizeof(*bank->locks));
	bank->sensors = calloc(2 * (size_t)count, sizeof(*bank->sensors));
	bank->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!bank->locks || !bank->sensors || bank->epoll < 0)
		abort();
	return bank;
}

int gpiod_open(const struct gpiod_wiring *wiring, struct bank_port **ret_bank)
{
	if (wiring->count < 1 || wiring->count > BANK_COMPARTMENTS_MAX) {
		log_error("a bank of %d compartments is not possible", wiring->count);
		return -EINVAL;
	}
	struct gpiod_bank *bank = bank_new(wiring->count);
	int r = open_lines(bank, wiring);
	if (r < 0) {
		gpiod_free(&bank->port);
		return r;
	}
	*ret_bank = &bank->port;
	return 0;
}
