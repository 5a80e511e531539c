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

size_t day_troubles_left(
	usec time, const struct trouble_mask *mask, int ret_numbers[static TROUBLES_MAX])
{
	size_t n = 0;
	for (int number = 0; number < trouble_total(time); number++)
		if (!mask->ones[number] && !mask->kinds[trouble_kind_of(number, time)])
			ret_numbers[n++] = number;
	return n;
}

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

static void list_troubles(struct shrink *shrink)
{
	shrink->n = day_troubles_left(shrink->trouble, &shrink->mask, shrink->troubles);
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

int day_shrink(uint64_t seed, size_t kiosks, usec trouble, const char *check,
	struct trouble_mask *ret_mask)
{
	struct shrink shrink = {.seed = seed, .kiosks = kiosks, .trouble = trouble, .check = check};
	leave_out_kinds(&shrink);
	leave_out_ones(&shrink);
	*ret_mask = shrink.mask;
	return shrink.tries;
}

static void print_rest(usec time, const struct trouble_mask *mask)
{
	int troubles[TROUBLES_MAX];
	size_t n = day_troubles_left(time, mask, troubles);
	for (int kind = TROUBLE_WEATHER; kind < TROUBLE_KINDS; kind++)
		if (!mask->kinds[kind])
			printf("  all the time: %s\n", trouble_habits[kind].words);
	for (size_t i = 0; i < n; i++)
		printf("  trouble %d: %s\n", troubles[i],
			trouble_habits[trouble_kind_of(troubles[i], time)].words);
}

void day_explain(uint64_t seed, size_t kiosks, usec trouble, const char *check)
{
	struct trouble_mask mask;
	int tries = day_shrink(seed, kiosks, trouble, check, &mask);
	printf("seed %llu, %s, after %d tries: what it takes\n", (unsigned long long)seed, check,
		tries);
	print_rest(trouble, &mask);
	printf("what happened:\n");
	day_relive(seed, kiosks, trouble, &mask, true);
}
