/* The operating system behind the clock and random ports. */
#include "lib/ports/clock.h"
#include "lib/ports/random.h"

#include <sodium.h>
#include <stdlib.h>
#include <sys/timex.h>
#include <time.h>

struct clock_os {
	struct clock_port port; /* first: the port is the object */
	bool trusted;
};

static usec read_clock(clockid_t which)
{
	struct timespec ts;
	if (clock_gettime(which, &ts) != 0)
		abort();
	return (usec)ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}

static usec clock_os_boottime(struct clock_port *clock)
{
	(void)clock;
	return read_clock(CLOCK_BOOTTIME);
}

static usec clock_os_wall(struct clock_port *clock)
{
	(void)clock;
	return read_clock(CLOCK_REALTIME);
}

static bool clock_os_synchronised(struct clock_port *clock)
{
	struct timex timex = {0};
	int state = adjtimex(&timex); /* -1 where it is forbidden, as in some containers */
	return ((struct clock_os *)clock)->trusted ||
	       (state >= 0 && state != TIME_ERROR && !(timex.status & STA_UNSYNC));
}

struct clock_port *clock_os_new(bool trusted)
{
	struct clock_os *clock = calloc(1, sizeof(*clock));
	if (!clock)
		abort();
	clock->port = (struct clock_port){
		.boottime = clock_os_boottime,
		.wall = clock_os_wall,
		.synchronised = clock_os_synchronised,
	};
	clock->trusted = trusted;
	return &clock->port;
}

struct clock_port *clock_os_free(struct clock_port *clock)
{
	free(clock);
	return NULL;
}

static void random_os_fill(struct random_port *random, void *bytes, size_t size)
{
	(void)random;
	randombytes_buf(bytes, size);
}

struct random_port *random_os(void)
{
	static struct random_port os = {.fill = random_os_fill};
	return &os;
}
