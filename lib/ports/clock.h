/*
 * The clock port: where a node's time comes from. The operating system's in the daemons
 * (clock_os_new), a made-up one in tests and simulators.
 */
#ifndef LENDLOCK_PORTS_CLOCK_H
#define LENDLOCK_PORTS_CLOCK_H

#include "lib/base/time.h"

struct clock_port {
	/* µs since boot, suspend included (CLOCK_BOOTTIME). Never goes back while the node runs;
	 * starts anywhere when it starts again. */
	usec (*boottime)(struct clock_port *clock);
	/* µs since 1970-01-01 UTC (CLOCK_REALTIME). May be wrong and may jump. */
	usec (*wall)(struct clock_port *clock);
	/* Whether the operating system says that its wall time is synchronised. */
	bool (*synchronised)(struct clock_port *clock);
};

/* The operating system's clock. trusted: take the wall time for synchronised whatever the kernel
 * says (a board with a good RTC, a virtual machine whose host keeps the time).
 * The caller frees it with clock_os_free(). */
struct clock_port *clock_os_new(bool trusted);
struct clock_port *clock_os_free(struct clock_port *clock);

#endif
