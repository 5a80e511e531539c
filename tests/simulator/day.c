#include "tests/simulator/day.h"

#include "tests/simulator/check.h"

#include <stdio.h>
#include <string.h>

#define RENTERS 4          /* for each bank */
#define PEACE   (8 * HOUR) /* longer than anything waits */
#define STEP    (10 * MINUTE)
#define CALM    (30 * MINUTE) /* so long after all is settled nothing may change any more */

static bool is_settled(struct world *world)
{
	return witness_settled(world) && !steward_sees_rentals(&world->steward);
}

/* Until all is settled, and a while longer: the bound within which it must be is PEACE. Returns how
 * long that took. */
static usec pass_peace(struct world *world)
{
	usec passed = 0;
	for (; passed < PEACE && !is_settled(world); passed += STEP)
		world_pass(world, STEP);
	world_pass(world, CALM);
	return passed;
}

/* A seed that has less of everything than it should is no proof. */
static void check_size(struct world *world, size_t kiosks, usec trouble)
{
	const int64_t *of = world->counts.of;
	if (kiosks < DAY_BANKS || trouble < DAY_HOURS * HOUR)
		return;
	if (of[COUNT_RENTALS] < DAY_RENTALS || of[COUNT_CRASHES] < DAY_CRASHES ||
		of[COUNT_PARTITIONS] < DAY_PARTITIONS)
		world_wrong(world, "too-quiet", "", "%lld rentals, %lld crashes, %lld partitions",
			(long long)of[COUNT_RENTALS], (long long)of[COUNT_CRASHES],
			(long long)of[COUNT_PARTITIONS]);
}

static void tell(const struct world *world)
{
	const struct world_failure *failure = world->failures.items;
	if (!failure)
		return;
	const char *words[] = {failure->about[0] ? failure->about : "WRONG",
		witness_rental_paid(world, failure->about), NULL};
	story_print(&world->story, words, HOUR);
	printf("  %s: %s\n", failure->check, failure->text);
}

static void name_failures(const struct world *world, struct day *day)
{
	const struct world_failure *failures = world->failures.items;
	if (world->failures.n > 0)
		day->first = failures[0];
	for (size_t i = 1; i < world->failures.n; i++) {
		size_t before = 0, length = strlen(day->others);
		while (strcmp(failures[before].check, failures[i].check) != 0)
			before++;
		if (before == i)
			snprintf(day->others + length, sizeof(day->others) - length, "%s%s",
				length ? ", " : "", failures[i].check);
	}
}

static struct day live(const struct world_options *options)
{
	struct world *world = world_new(options);
	world_pass(world, options->time);
	world_heal(world);
	usec settled = pass_peace(world);
	witness_check_places(world);
	witness_check_forks(world);
	witness_check_pulses(world);
	world_end(world);
	witness_check_money(world);
	world_check(world);
	if (!options->mask)
		check_size(world, options->kiosks, options->time);
	struct day day = {.counts = world->counts,
		.trace = world->trace,
		.wrong = world->wrong,
		.settled = settled};
	name_failures(world, &day);
	if (options->telling)
		tell(world);
	world_free(world);
	return day;
}

struct day day_live(uint64_t seed, size_t kiosks, usec trouble)
{
	const struct world_options options = {
		.seed = seed, .kiosks = kiosks, .renters = RENTERS * kiosks, .time = trouble};
	return live(&options);
}

struct day day_relive(
	uint64_t seed, size_t kiosks, usec trouble, const struct trouble_mask *mask, bool telling)
{
	const struct world_options options = {.seed = seed,
		.kiosks = kiosks,
		.renters = RENTERS * kiosks,
		.time = trouble,
		.mask = mask,
		.telling = telling,
		.quiet = true};
	return live(&options);
}
