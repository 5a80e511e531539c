/*
 * A daemon's event loop: file descriptors, SIGTERM and SIGINT, one timer, and the conversation with
 * systemd. One thread. The implementation is the only file that knows sd-event.
 *
 * Each callback of type int returns 0, or a negative errno, which ends the loop with that error.
 */
#ifndef LENDLOCK_PORTS_LOOP_H
#define LENDLOCK_PORTS_LOOP_H

#include "lib/base/time.h"

#include <stdint.h>

/* Borrowed for as long as the loop lives. Each function may be NULL. */
struct loop_handler {
	void *context;
	/* When to call tick: boottime µs (CLOCK_BOOTTIME), 0: at once, USEC_NEVER. Asked after
	 * each round; tick must move it on. */
	usec (*next_due)(void *context);
	int (*tick)(void *context);
	/* Called once at the end of each round, that is after every fd that was ready has been
	 * served, none of them twice: what came from all of them can be committed together. */
	int (*after)(void *context);
	/* Asked a few times in each watchdog interval (WatchdogSec=): only while it says true is
	 * systemd told that we live. NULL: never ill. */
	bool (*healthy)(void *context);
};

struct loop;
/*
 * Blocks SIGTERM and SIGINT in the calling thread, and ignores SIGPIPE; call it before any other
 * thread is started, so that they inherit this.
 */
int loop_new(const struct loop_handler *handler, struct loop **ret_loop);
struct loop *loop_free(struct loop *loop);

/* Watches fd for the EPOLL* events, by level; events of the callback are those that happened. fd
 * stays the caller's, who closes it after loop_fd_free(). */
struct loop_fd;
int loop_fd_new(struct loop *loop, int fd, uint32_t events,
	int (*ready)(void *context, uint32_t events), void *context, struct loop_fd **ret_fd);
struct loop_fd *loop_fd_free(struct loop_fd *fd); /* at any time, out of its callback too */
int loop_fd_set_events(struct loop_fd *fd, uint32_t events);

/*
 * Tells systemd that we are ready (READY=1) and serves until SIGTERM, SIGINT or loop_end(): 0, or
 * until a callback fails: its error. Tells systemd STOPPING=1 before it returns.
 */
int loop_run(struct loop *loop);
/* Lets loop_run() return 0 when the round is over. */
void loop_end(struct loop *loop);
/* The line that systemctl status shows. */
__attribute__((format(printf, 1, 2))) void loop_status(const char *format, ...);

#endif
