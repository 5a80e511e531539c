#include "tests/simulator/renter.h"

#include "tests/simulator/world.h"

#include <stdio.h>
#include <string.h>

#define PATIENCE (12 * SECOND) /* a little more than a request's life */

static struct world *world_of(const struct renter *renter)
{
	return renter->person.world;
}

static void wait_between(struct renter *renter, usec least, usec most)
{
	struct world *world = world_of(renter);
	renter->next = world->clock.boottime + least +
		       (usec)person_below(&renter->person, (uint64_t)(most - least));
}

/* --- asking --- */

static void ask(struct renter *renter, const char *operation, json_t *args)
{
	struct world *world = world_of(renter);
	struct node *kiosk = &world->kiosks[renter->kiosk];
	char whom[NAME_SIZE + 8];
	snprintf(whom, sizeof(whom), "kiosk/%s", kiosk->name);
	renter->next = world->clock.boottime + PATIENCE;
	if (person_below(&renter->person, 100) < 25)
		person_touch(&renter->person, kiosk, operation, args);
	else
		person_ask(&renter->person, whom, operation, args);
}

static void ask_about(struct renter *renter, const char *operation, const char *rental)
{
	ask(renter, operation, json_pack("{s:s}", "rental", rental));
}

static void look(struct renter *renter)
{
	renter->looking = true;
	ask(renter, "rentals", json_object());
}

static void reserve(struct renter *renter)
{
	char item[NAME_SIZE];
	world_item_name(item, renter->kiosk, (size_t)person_below(&renter->person, WORLD_ITEMS));
	ask(renter, "reserve", json_pack("{s:s}", "item", item));
}

static void pay(struct renter *renter, const char *rental)
{
	static const char *const methods[] = {"tok-ok", "tok-ok", "tok-ok", "tok-ok", "tok-ok",
		"tok-ok", "tok-declined", "tok-timeout", "tok-lost", "tok-late", "tok-lost-capture",
		"tok-timeout-void", "tok-notfound", "tok-slow"};
	size_t which = (size_t)person_below(&renter->person, sizeof(methods) / sizeof(*methods));
	ask(renter, "pay", json_pack("{s:s, s:s}", "rental", rental, "method", methods[which]));
}

static void report(struct renter *renter, const char *rental)
{
	ask(renter, "report", json_pack("{s:s, s:s}", "rental", rental, "problem", "broken"));
}

static void confirm(struct renter *renter, const char *rental)
{
	ask(renter, "confirm", json_pack("{s:s, s:b}", "rental", rental, "taken", 1));
}

/* --- what they do in each state --- */

/* What a renter does, and how often of a hundred times; the last one in all other cases. NULL:
 * nothing, until later. */
struct whim {
	const char *state;
	struct {
		int percent;
		const char *operation;
	} does[4];
};

static const struct whim whims[] = {
	{"held", {{5, "cancel"}, {5, "extend"}, {5, NULL}, {100, "pay"}}},
	{"paying", {{8, "cancel-payment"}, {8, "cancel"}, {100, NULL}}},
	{"paid", {{5, "cancel"}, {5, "cancel-payment"}, {5, NULL}, {100, "open"}}},
	{"opening", {{30, "give-up"}, {100, NULL}}},
	{"taking", {{5, "report"}, {100, NULL}}},
	{"rented", {{4, "report"}, {30, NULL}, {100, "return"}}},
	{"overdue", {{100, "return"}}},
	{"lost", {{100, "return"}}},
	{"unconfirmed", {{100, "confirm"}}},
	{NULL, {{0, NULL}}},
};

/* The same without any whim. */
static const struct whim manners[] = {
	{"held", {{100, "cancel"}}},
	{"paid", {{100, "cancel"}}},
	{"rented", {{100, "return"}}},
	{"overdue", {{100, "return"}}},
	{"lost", {{100, "return"}}},
	{"unconfirmed", {{100, "confirm"}}},
	{NULL, {{0, NULL}}},
};

static const char *choose(struct renter *renter, const char *state)
{
	const struct whim *whim = renter->behaves ? manners : whims;
	while (whim->state && strcmp(whim->state, state) != 0)
		whim++;
	if (!whim->state)
		return NULL;
	int drawn = (int)person_below(&renter->person, 100);
	for (int i = 0;; i++) {
		if (drawn < whim->does[i].percent)
			return whim->does[i].operation;
		drawn -= whim->does[i].percent == 100 ? 0 : whim->does[i].percent;
	}
}

/* For how long they do nothing: they use it, or forget that they have reserved it. */
static usec patience(const char *state)
{
	if (strcmp(state, "rented") == 0)
		return HOUR;
	if (strcmp(state, "held") == 0 || strcmp(state, "paid") == 0)
		return 40 * MINUTE;
	return MINUTE;
}

static void act(struct renter *renter, const char *rental, const char *state)
{
	const char *operation = choose(renter, state);
	if (!operation)
		wait_between(renter, 5 * SECOND, patience(state));
	else if (strcmp(operation, "pay") == 0)
		pay(renter, rental);
	else if (strcmp(operation, "report") == 0)
		report(renter, rental);
	else if (strcmp(operation, "confirm") == 0)
		confirm(renter, rental);
	else
		ask_about(renter, operation, rental);
}

static bool is_final(const char *state)
{
	static const char *const finals[] = {
		"returned", "cancelled", "expired", "failed", "resolved"};
	for (size_t i = 0; i < sizeof(finals) / sizeof(*finals); i++)
		if (strcmp(state, finals[i]) == 0)
			return true;
	return false;
}

/* Nothing is open here: on to something new. */
static void move_on(struct renter *renter)
{
	struct world *world = world_of(renter);
	if (renter->behaves) {
		renter->kiosk = (renter->kiosk + 1) % world->kiosks_n;
		wait_between(renter, MINUTE, 5 * MINUTE);
	} else if (person_below(&renter->person, 3) == 0) {
		renter->kiosk = (size_t)person_below(&renter->person, world->kiosks_n);
		wait_between(renter, SECOND, 10 * MINUTE);
	} else {
		reserve(renter);
	}
}

static void seen(struct renter *renter, const json_t *reply)
{
	const json_t *rentals = json_object_get(reply, "rentals");
	for (size_t i = 0; i < json_array_size(rentals); i++) {
		const json_t *rental = json_array_get(rentals, i);
		const char *state = json_string_value(json_object_get(rental, "state"));
		if (is_final(state))
			continue;
		act(renter, json_string_value(json_object_get(rental, "rental")), state);
		return;
	}
	move_on(renter);
}

static void answered(struct person *person, const char *code, const json_t *reply)
{
	struct renter *renter = (struct renter *)person;
	bool looked = renter->looking;
	renter->looking = false;
	if (looked && strcmp(code, "ok") == 0)
		seen(renter, reply);
	else
		wait_between(renter, SECOND / 2, 20 * SECOND);
}

/* --- time, life --- */

usec renter_next_due(const struct renter *renter)
{
	return usec_min(renter->next, person_next_due(&renter->person));
}

void renter_tick(struct renter *renter)
{
	person_tick(&renter->person);
	if (renter->next > world_of(renter)->clock.boottime)
		return;
	look(renter);
}

void renter_behave(struct renter *renter)
{
	renter->behaves = true;
}

void renter_init(struct renter *renter, struct world *world, const char *name)
{
	person_init(&renter->person, world, name, NULL);
	renter->person.answered = answered;
	renter->kiosk = (size_t)person_below(&renter->person, world->kiosks_n);
	wait_between(renter, MINUTE, 10 * MINUTE);
}

void renter_free(struct renter *renter)
{
	person_free(&renter->person);
}
