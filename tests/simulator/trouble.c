#include "tests/simulator/trouble.h"

#include "tests/simulator/world.h"

#include <stdlib.h>

#define FIRST (10 * MINUTE) /* the banks are stocked first */

uint64_t trouble_below(struct trouble *trouble, uint64_t bound)
{
	return random_below(&trouble->random.port, bound);
}

usec trouble_lasts(struct trouble *trouble)
{
	static const usec upto[] = {
		SECOND, 5 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, 20 * MINUTE};
	usec most = upto[trouble_below(trouble, sizeof(upto) / sizeof(*upto))];
	return 10 * MSEC + (usec)trouble_below(trouble, (uint64_t)most);
}

void trouble_until(struct world *world, struct trouble *trouble, usec time,
	void (*over)(struct world *world, struct trouble *trouble))
{
	trouble->over_at = world->clock.boottime + time;
	trouble->over = over;
	world->troubles.over_due = usec_min(world->troubles.over_due, trouble->over_at);
}

/* --- the plan --- */

/* The numbers go by kinds. */
static int how_many(int kind, usec time)
{
	return (int)((trouble_habits[kind].per_day * time + DAY - 1) / DAY);
}

int trouble_total(usec time)
{
	int total = 0;
	for (int kind = 0; kind < TROUBLE_WEATHER; kind++)
		total += how_many(kind, time);
	return total;
}

enum trouble_kind trouble_kind_of(int number, usec time)
{
	int kind = 0;
	while (number >= how_many(kind, time))
		number -= how_many(kind++, time);
	return (enum trouble_kind)kind;
}

static int by_time(const void *a, const void *b)
{
	const struct trouble *one = a, *other = b;
	if (one->at != other->at)
		return one->at < other->at ? -1 : 1;
	return one->number - other->number;
}

static void plan(struct world *world, enum trouble_kind kind, usec time)
{
	struct troubles *troubles = &world->troubles;
	struct trouble *trouble = &troubles->all[troubles->n];
	*trouble =
		(struct trouble){.number = (int)troubles->n, .kind = kind, .over_at = USEC_NEVER};
	fake_random_init(&trouble->random, world_seed(world, "trouble", troubles->n));
	trouble->at = world->clock.boottime + FIRST +
		      (usec)trouble_below(trouble, (uint64_t)(time - FIRST));
	if (++troubles->n == TROUBLES_MAX)
		abort();
}

void trouble_begin(struct world *world, usec time)
{
	struct troubles *troubles = &world->troubles;
	*troubles = (struct troubles){.over_due = USEC_NEVER};
	troubles->all = calloc(TROUBLES_MAX, sizeof(*troubles->all));
	if (!troubles->all)
		abort();
	for (int number = 0; number < trouble_total(time); number++)
		plan(world, trouble_kind_of(number, time), time);
	qsort(troubles->all, troubles->n, sizeof(*troubles->all), by_time);
}

/* --- time --- */

usec trouble_next_due(const struct world *world)
{
	const struct troubles *troubles = &world->troubles;
	usec next = troubles->next < troubles->n ? troubles->all[troubles->next].at : USEC_NEVER;
	return usec_min(next, troubles->over_due);
}

static void end_those_due(struct world *world, usec now)
{
	struct troubles *troubles = &world->troubles;
	if (troubles->over_due > now)
		return;
	troubles->over_due = USEC_NEVER;
	for (size_t i = 0; i < troubles->next; i++) {
		struct trouble *trouble = &troubles->all[i];
		if (trouble->over_at <= now) {
			trouble->over_at = USEC_NEVER;
			world_say(world, "trouble %d is over", trouble->number);
			trouble->over(world, trouble);
		}
		troubles->over_due = usec_min(troubles->over_due, trouble->over_at);
	}
}

void trouble_run(struct world *world)
{
	struct troubles *troubles = &world->troubles;
	usec now = world->clock.boottime;
	end_those_due(world, now);
	while (troubles->next < troubles->n && troubles->all[troubles->next].at <= now) {
		struct trouble *trouble = &troubles->all[troubles->next++];
		if (world_spared(world, trouble->kind) || world->mask->ones[trouble->number])
			continue;
		world_say(world, "trouble %d: %s", trouble->number,
			trouble_habits[trouble->kind].words);
		trouble_habits[trouble->kind].strike(world, trouble);
	}
}

void trouble_end(struct world *world)
{
	struct troubles *troubles = &world->troubles;
	/* What ends may begin something else that has an end. */
	while (troubles->over_due != USEC_NEVER)
		end_those_due(world, USEC_NEVER - 1);
	troubles->next = troubles->n;
}
