/*
 * sd-event dispatches one source at a time, among those that are ready the one that has been ready
 * for longest. A round here is a series of them without repetition; it ends when nothing is ready
 * any more, or when a source is about to be served for the second time.
 */
#include "lib/ports/loop.h"

#include "lib/base/log.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#define TIMER_ACCURACY    MSEC
#define WATCHDOG_FRACTION 4 /* of the interval */
#define STATUS_MAX        256

struct loop {
	const struct loop_handler *handler;
	sd_event *event;
	sd_event_source *timer;
	sd_event_source *watchdog; /* NULL: systemd wants none */
	usec timer_due;            /* what the timer is set to */
	uint64_t watchdog_interval;
	bool ill;   /* as last logged */
	bool ended; /* with result */
	int result;
	uint64_t round;
	bool round_open; /* something was served in it */
	bool round_full; /* and something is ready for the second time */
};

struct loop_fd {
	struct loop *loop;
	sd_event_source *source;
	int (*ready)(void *context, uint32_t events);
	void *context;
	uint64_t round; /* when it was last served */
};

static void end(struct loop *loop, int result)
{
	/* The first reason counts. */
	if (!loop->ended)
		loop->result = result;
	loop->ended = true;
}

static void check(struct loop *loop, int r)
{
	if (r < 0)
		end(loop, r);
}

static void round_close(struct loop *loop)
{
	loop->round += 1;
	loop->round_open = false;
	loop->round_full = false;
	if (loop->handler->after)
		check(loop, loop->handler->after(loop->handler->context));
}

static int on_fd(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	struct loop_fd *watched = userdata;
	struct loop *loop = watched->loop;
	if (watched->round == loop->round) {
		loop->round_full = true; /* it stays ready for the next round */
		return 0;
	}
	watched->round = loop->round;
	loop->round_open = true;
	check(loop, watched->ready(watched->context, events));
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t time, void *userdata)
{
	(void)source;
	(void)time;
	struct loop *loop = userdata;
	loop->timer_due = USEC_NEVER; /* one shot */
	loop->round_open = true;
	check(loop, loop->handler->tick(loop->handler->context));
	return 0;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	(void)source;
	log_info("signal %u: stopping", info->ssi_signo);
	end(userdata, 0);
	return 0;
}

static int arm_watchdog(struct loop *loop)
{
	uint64_t now;
	int r = sd_event_now(loop->event, CLOCK_MONOTONIC, &now);
	if (r >= 0)
		r = sd_event_source_set_time(
			loop->watchdog, now + loop->watchdog_interval / WATCHDOG_FRACTION);
	if (r >= 0)
		r = sd_event_source_set_enabled(loop->watchdog, SD_EVENT_ONESHOT);
	return r;
}

static int on_watchdog(sd_event_source *source, uint64_t time, void *userdata)
{
	(void)source;
	(void)time;
	struct loop *loop = userdata;
	bool ill = loop->handler->healthy && !loop->handler->healthy(loop->handler->context);
	if (ill != loop->ill)
		log_write(ill ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "%s",
			ill ? "not healthy: the watchdog is not fed" : "healthy again");
	loop->ill = ill;
	if (!ill)
		(void)sd_notify(false, "WATCHDOG=1");
	check(loop, arm_watchdog(loop));
	return 0;
}

static int add_watchdog(struct loop *loop)
{
	int r = sd_watchdog_enabled(false, &loop->watchdog_interval);
	if (r <= 0)
		return r;
	return sd_event_add_time(loop->event, &loop->watchdog, CLOCK_MONOTONIC, 0,
		(uint64_t)TIMER_ACCURACY, on_watchdog, loop);
}

static int add_sources(struct loop *loop)
{
	int r = sd_event_new(&loop->event);
	if (r >= 0)
		r = sd_event_add_signal(loop->event, NULL, SIGTERM, on_signal, loop);
	if (r >= 0)
		r = sd_event_add_signal(loop->event, NULL, SIGINT, on_signal, loop);
	if (r >= 0)
		r = sd_event_add_time(loop->event, &loop->timer, CLOCK_BOOTTIME, 0,
			(uint64_t)TIMER_ACCURACY, on_timer, loop);
	if (r >= 0)
		r = sd_event_source_set_enabled(loop->timer, SD_EVENT_OFF);
	if (r >= 0)
		r = add_watchdog(loop);
	return r < 0 ? r : 0;
}

static int set_signals(void)
{
	sigset_t ours;
	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGTERM);
	(void)sigaddset(&ours, SIGINT);
	if (sigprocmask(SIG_BLOCK, &ours, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	return 0;
}

int loop_new(const struct loop_handler *handler, struct loop **ret_loop)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	if (!loop)
		abort();
	loop->handler = handler;
	loop->timer_due = USEC_NEVER;
	loop->round = 1; /* later than that of any fd */
	int r = set_signals();
	if (r == 0)
		r = add_sources(loop);
	if (r < 0) {
		loop_free(loop);
		return r;
	}
	*ret_loop = loop;
	return 0;
}

struct loop *loop_free(struct loop *loop)
{
	if (!loop)
		return NULL;
	sd_event_source_unref(loop->timer);
	sd_event_source_unref(loop->watchdog);
	sd_event_unref(loop->event);
	free(loop);
	return NULL;
}

int loop_fd_new(struct loop *loop, int fd, uint32_t events,
	int (*ready)(void *context, uint32_t events), void *context, struct loop_fd **ret_fd)
{
	struct loop_fd *watched = calloc(1, sizeof(*watched));
	if (!watched)
		abort();
	*watched = (struct loop_fd){.loop = loop, .ready = ready, .context = context};
	int r = sd_event_add_io(loop->event, &watched->source, fd, events, on_fd, watched);
	if (r < 0) {
		loop_fd_free(watched);
		return r;
	}
	*ret_fd = watched;
	return 0;
}

struct loop_fd *loop_fd_free(struct loop_fd *fd)
{
	if (!fd)
		return NULL;
	sd_event_source_disable_unref(fd->source);
	free(fd);
	return NULL;
}

int loop_fd_set_events(struct loop_fd *fd, uint32_t events)
{
	int r = sd_event_source_set_io_events(fd->source, events);
	return r < 0 ? r : 0;
}

static int arm_timer(struct loop *loop)
{
	const struct loop_handler *handler = loop->handler;
	usec due = handler->next_due ? handler->next_due(handler->context) : USEC_NEVER;
	if (due == loop->timer_due)
		return 0;
	loop->timer_due = due;
	if (due == USEC_NEVER)
		return sd_event_source_set_enabled(loop->timer, SD_EVENT_OFF);
	int r = sd_event_source_set_time(loop->timer, (uint64_t)due);
	return r < 0 ? r : sd_event_source_set_enabled(loop->timer, SD_EVENT_ONESHOT);
}

/* One source, or the end of the round when none is ready. */
static void step(struct loop *loop)
{
	if (!loop->round_open)
		check(loop, arm_timer(loop));
	int r = sd_event_run(loop->event, loop->round_open ? 0 : UINT64_MAX);
	check(loop, r);
	if ((r == 0 || loop->round_full) && loop->round_open && !loop->ended)
		round_close(loop);
}

int loop_run(struct loop *loop)
{
	(void)sd_notify(false, "READY=1");
	while (!loop->ended)
		step(loop);
	if (loop->round_open && loop->result == 0)
		round_close(loop);
	(void)sd_notify(false, "STOPPING=1");
	return loop->result;
}

void loop_end(struct loop *loop)
{
	end(loop, 0);
}

void loop_status(const char *format, ...)
{
	char status[STATUS_MAX];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(status, sizeof(status), format, args);
	va_end(args);
	(void)sd_notifyf(false, "STATUS=%s", status);
}
