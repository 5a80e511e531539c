#include "tests/simulator/day.h"

#include <stdio.h>

#define PEACE (8 * HOUR) /* longer than anything waits */

struct day day_live(uint64_t seed, size_t kiosks, usec trouble)
{
	struct day day;
	struct world *world = world_new(seed, kiosks, 4 * kiosks);
	world_pass(world, trouble);
	world_heal(world);
	world_pass(world, PEACE);
	world_end(world);
	world_check(world, &day.site);
	day.world = world->counts;
	day.trace = world->trace;
	day.wrong = world->wrong;
	world_free(world);
	return day;
}

void day_print(const struct day *day)
{
	const struct check_counts *site = &day->site;
	const struct world_counts *world = &day->world;
	printf("%d rentals, %d events, %d messages\n", site->rentals, site->events,
		world->delivered);
	printf("returned %d, cancelled %d, expired %d, failed %d; interrupted %d, overdue %d\n",
		site->returned, site->cancelled, site->expired, site->failed, site->interrupted,
		site->overdue);
	printf("captured %d, declined %d, voided %d, refunded %d\n", site->captured, site->declined,
		site->voided, site->refunded);
	printf("died: kiosks %d, hub %d, ledger %d (midway %d, machine %d), broker %d\n",
		world->died[0], world->died[1], world->died[2], world->died_midway, world->rebooted,
		world->broker_died);
	printf("cut %d, reset %d, provider down %d, jammed %d, forced %d, answered again %d\n",
		world->cuts, world->resets, world->provider_down, world->jams, world->forced,
		world->answered_again);
}
