/*
 * A failing seed, cut down to the trouble that it takes: kinds of trouble are left out one after
 * the other, and then single ones, in ever smaller parts (delta debugging; Zeller, Hildebrandt
 * 2002), as long as the same check still fails.
 */
#include "tests/simulator/day.h"

#include <stdio.h>
#include <string.h>

#define TRIES_MAX 160 /* each one is a day */

struct shrink {
	uint64_t seed;
	size_t kiosks;
	usec trouble;
	const char *check;
	struct trouble_mask mask;   /* the most that can be left out, as far as is known */
	int troubles[TROUBLES_MAX]; /* those that are not */
	size_t n;
	int tries;
};

static bool still_fails(struct shrink *shrink, const struct trouble_mask *mask)
{
	shrink->tries++;
	struct day day = day_relive(shrink->seed, shrink->kiosks, shrink->trouble, mask, false);
	return day.wrong && strcmp(day.first.check, shrink->check) == 0;
}

static bool try_mask(struct shrink *shrink, const struct trouble_mask *mask)
{
	if (shrink->tries >= TRIES_MAX || !still_fails(shrink, mask))
		return false;
	shrink->mask = *mask;
	return true;
}

static void leave_out_kinds(struct shrink *shrink)
{
	for (int kind = 0; kind < TROUBLE_KINDS; kind++) {
		struct trouble_mask mask = shrink->mask;
		mask.kinds[kind] = true;
		try_mask(shrink, &mask);
	}
}

/* What is still there, by its numbers. */
static void list_troubles(struct shrink *shrink)
{
	shrink->n = 0;
	for (int number = 0; number < trouble_total(shrink->trouble); number++)
		if (!shrink->mask.ones[number] &&
			!shrink->mask.kinds[trouble_kind_of(number, shrink->trouble)])
			shrink->troubles[shrink->n++] = number;
}

static bool leave_out_part(struct shrink *shrink, size_t from, size_t to)
{
	struct trouble_mask mask = shrink->mask;
	for (size_t i = from; i < to && i < shrink->n; i++)
		mask.ones[shrink->troubles[i]] = true;
	return try_mask(shrink, &mask);
}

static void leave_out_ones(struct shrink *shrink)
{
	list_troubles(shrink);
	for (size_t part = (shrink->n + 1) / 2; part >= 1;) {
		bool less = false;
		for (size_t from = 0; from < shrink->n; from += part)
			less |= leave_out_part(shrink, from, from + part);
		list_troubles(shrink);
		if (part == 1 && !less)
			break;
		part = part > 1 ? (part + 1) / 2 : 1;
		if (shrink->tries >= TRIES_MAX || shrink->n == 0)
			break;
	}
}

static void print_rest(const struct shrink *shrink)
{
	printf("seed %llu, %s, after %d tries: what it takes\n", (unsigned long long)shrink->seed,
		shrink->check, shrink->tries);
	for (int kind = TROUBLE_WEATHER; kind < TROUBLE_KINDS; kind++)
		if (!shrink->mask.kinds[kind])
			printf("  all the time: %s\n", trouble_habits[kind].words);
	for (size_t i = 0; i < shrink->n; i++)
		printf("  trouble %d: %s\n", shrink->troubles[i],
			trouble_habits[trouble_kind_of(shrink->troubles[i], shrink->trouble)]
				.words);
	printf("what happened:\n");
}

void day_explain(uint64_t seed, size_t kiosks, usec trouble, const char *check)
{
	struct shrink shrink = {.seed = seed, .kiosks = kiosks, .trouble = trouble, .check = check};
	leave_out_kinds(&shrink);
	leave_out_ones(&shrink);
	list_troubles(&shrink);
	print_rest(&shrink);
	day_relive(seed, kiosks, trouble, &shrink.mask, true);
}
