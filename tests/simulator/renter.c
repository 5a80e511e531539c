#include "tests/simulator/renter.h"

#include "tests/simulator/world.h"

#include <stdio.h>
#include <string.h>

#define PATIENCE (12 * SECOND) /* a little more than a request's life */

static struct world *world_of(const struct renter *renter)
{
	return renter->person.world;
}

static bool chance(struct renter *renter, int percent)
{
	return person_below(&renter->person, 100) < (uint64_t)percent;
}

static void wait_between(struct renter *renter, usec least, usec most)
{
	renter->next = world_of(renter)->clock.boottime + least +
		       (usec)person_below(&renter->person, (uint64_t)(most - least));
}

/* --- asking --- */

static void ask(struct renter *renter, const char *operation, json_t *args)
{
	struct world *world = world_of(renter);
	struct node *kiosk = &world->kiosks[renter->kiosk];
	bool impatient = !world_spared(world, TROUBLE_IMPATIENCE);
	char whom[NAME_SIZE + 8];
	snprintf(whom, sizeof(whom), "kiosk/%s", kiosk->name);
	renter->next = world->clock.boottime + PATIENCE;
	if (!chance(renter, 30)) {
		person_ask(&renter->person, whom, operation, args);
		return;
	}
	json_t *twice = impatient && chance(renter, 8) ? json_deep_copy(args) : NULL;
	person_touch(&renter->person, kiosk, operation, args);
	if (twice)
		person_touch(&renter->person, kiosk, operation, twice);
}

static void ask_about(struct renter *renter, const char *operation)
{
	ask(renter, operation, json_pack("{s:s}", "rental", renter->rental));
}

static void look(struct renter *renter)
{
	renter->puzzled = true;
	if (renter->rental[0] && chance(renter, 70))
		ask_about(renter, "rental");
	else
		ask(renter, "rentals", json_object());
}

static void reserve(struct renter *renter)
{
	char item[NAME_SIZE];
	world_item_name(item, renter->kiosk, (size_t)person_below(&renter->person, WORLD_ITEMS));
	ask(renter, "reserve", json_pack("{s:s}", "item", item));
}

static void pay(struct renter *renter)
{
	const char *method = chance(renter, 6) ? "tok-declined" : "tok-ok";
	ask(renter, "pay", json_pack("{s:s, s:s}", "rental", renter->rental, "method", method));
}

static void report(struct renter *renter, const char *problem)
{
	ask(renter, "report",
		json_pack("{s:s, s:s}", "rental", renter->rental, "problem", problem));
}

static void confirm(struct renter *renter)
{
	ask(renter, "confirm", json_pack("{s:s, s:b}", "rental", renter->rental, "taken", 1));
}

/* By the number of the rental, or by the code for it. */
static void open_door(struct renter *renter, const char *operation)
{
	struct person *person = &renter->person;
	if (strcmp(person->code_of, renter->rental) == 0 && chance(renter, 20))
		ask(renter, operation, json_pack("{s:s}", "code", person->code));
	else
		ask_about(renter, operation);
}

/* What must open nothing: a code made up, or what somebody else has. */
static void try_foreign(struct renter *renter)
{
	struct world *world = world_of(renter);
	const struct renter *other =
		&world->renters[person_below(&renter->person, world->renters_n)];
	const char *operation = chance(renter, 50) ? "open" : "return";
	char code[CODE_SIZE];
	snprintf(code, sizeof(code), "%08llu",
		(unsigned long long)person_below(&renter->person, 100000000));
	if (chance(renter, 50)) {
		world_count(world, COUNT_WRONG_CODE);
		ask(renter, operation, json_pack("{s:s}", "code", code));
	} else if (chance(renter, 40)) {
		char item[NAME_SIZE];
		world_item_name(
			item, renter->kiosk, (size_t)person_below(&renter->person, WORLD_ITEMS));
		world_count(world, COUNT_MANAGERS_WORK);
		ask(renter, "collect", json_pack("{s:s}", "item", item));
	} else if (other != renter && other->rental[0]) {
		world_count(world, COUNT_FOREIGN_RENTAL);
		ask(renter, operation, json_pack("{s:s}", "rental", other->rental));
	} else {
		look(renter);
	}
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
	{"held", {{5, "cancel"}, {5, "extend"}, {3, NULL}, {100, "pay"}}},
	{"paying", {{20, "cancel-payment"}, {8, "cancel"}, {100, "rental"}}},
	{"paid", {{4, "cancel"}, {4, "cancel-payment"}, {3, NULL}, {100, "open"}}},
	{"opening", {{20, "give-up"}, {10, "cancel"}, {100, "rental"}}},
	{"taking", {{5, "report"}, {5, "cancel"}, {100, "rental"}}},
	{"rented", {{3, "report"}, {20, NULL}, {100, "return"}}},
	{"returning", {{100, "rental"}}},
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

static const char *choose(struct renter *renter)
{
	const struct whim *whim = renter->behaves ? manners : whims;
	while (whim->state && strcmp(whim->state, renter->state) != 0)
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
static usec idleness(struct renter *renter)
{
	if (strcmp(renter->state, "rented") == 0)
		return chance(renter, 30) ? HOUR : 10 * MINUTE;
	if (strcmp(renter->state, "held") == 0 || strcmp(renter->state, "paid") == 0)
		return 40 * MINUTE;
	return MINUTE;
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

static void forget(struct renter *renter)
{
	renter->rental[0] = renter->state[0] = '\0';
	renter->puzzled = false;
}

/* They have nothing open here: on to something new. */
static void begin(struct renter *renter)
{
	struct world *world = world_of(renter);
	if (renter->behaves) {
		renter->kiosk = (renter->kiosk + 1) % world->kiosks_n;
		wait_between(renter, SECOND, 20 * SECOND);
		renter->puzzled = true;
		/* A bank that was put back may remember only once it is adopted. */
		if (++renter->idle % (2 * world->kiosks_n) == 0)
			wait_between(renter, HOUR / 2, HOUR);
	} else if (chance(renter, 2)) {
		try_foreign(renter);
	} else if (chance(renter, 25)) {
		/* They may have left something behind at this bank, and come back to it. */
		renter->kiosk = (size_t)person_below(&renter->person, world->kiosks_n);
		renter->puzzled = chance(renter, 30);
		wait_between(renter, SECOND, 5 * MINUTE);
	} else {
		reserve(renter);
	}
}

/* Somebody who behaves may still never come for what they have only reserved: time
 * has to end it. */
static bool never_comes(const struct renter *renter)
{
	return renter->behaves && renter->fickle &&
	       (strcmp(renter->state, "held") == 0 || strcmp(renter->state, "paid") == 0);
}

static void act(struct renter *renter)
{
	if (never_comes(renter)) {
		forget(renter);
		begin(renter);
		return;
	}
	const struct known_rental *known = witness_rental(world_of(renter), renter->rental);
	const char *operation = choose(renter);
	bool out = strcmp(renter->state, "rented") == 0 || strcmp(renter->state, "taking") == 0;
	if (out && known && known->empty && !known->reported)
		report(renter, "empty"); /* they stand before an empty door */
	else if (known && known->cut_short && strcmp(renter->state, "paid") == 0 &&
		 chance(renter, 50))
		ask_about(renter, "cancel"); /* they have had enough of that door */
	else if (!operation) {
		renter->puzzled = true;
		wait_between(renter, 5 * SECOND, idleness(renter));
	} else if (strcmp(operation, "pay") == 0)
		pay(renter);
	else if (strcmp(operation, "report") == 0)
		report(renter, "broken");
	else if (strcmp(operation, "confirm") == 0 && known && !known->taken)
		wait_between(renter, MINUTE, 5 * MINUTE); /* a manager looks */
	else if (strcmp(operation, "confirm") == 0)
		confirm(renter);
	else if (strcmp(operation, "open") == 0 || strcmp(operation, "return") == 0)
		open_door(renter, operation);
	else
		ask_about(renter, operation);
	/* Now and then they do not wait for the answer before they do the next thing. */
	bool door = operation && (strcmp(operation, "open") == 0 || strcmp(operation, "pay") == 0);
	if (door && !renter->behaves && chance(renter, 8)) {
		TEXT_COPY(renter->state, strcmp(operation, "open") == 0 ? "opening" : "paying");
		renter->puzzled = false;
		wait_between(renter, 10 * MSEC, 3 * SECOND);
	}
}

/* --- answers --- */

static void learn(struct renter *renter, const json_t *rental)
{
	const char *id = json_string_value(json_object_get(rental, "rental"));
	const char *state = json_string_value(json_object_get(rental, "state"));
	TEXT_COPY(renter->rental, id ? id : "");
	TEXT_COPY(renter->state, state ? state : "");
	renter->puzzled = false;
	renter->idle = 0;
	if (is_final(renter->state))
		forget(renter);
}

static void learn_from_list(struct renter *renter, const json_t *rentals)
{
	forget(renter);
	for (size_t i = 0; i < json_array_size(rentals); i++) {
		const json_t *rental = json_array_get(rentals, i);
		if (is_final(json_string_value(json_object_get(rental, "state"))))
			continue;
		learn(renter, rental);
		return;
	}
}

/* They watch it, and see on the screen what comes of it. */
static bool at_a_door(const char *state)
{
	return strcmp(state, "taking") == 0 || strcmp(state, "returning") == 0 ||
	       strcmp(state, "opening") == 0 || strcmp(state, "paying") == 0;
}

static void answered(struct person *person, const char *code, const json_t *reply)
{
	struct renter *renter = (struct renter *)person;
	const json_t *rental = json_object_get(reply, "rental");
	const char *operation = json_string_value(json_object_get(reply, "operation"));
	if (rental)
		learn(renter, rental);
	else if (operation && strcmp(operation, "rentals") == 0 && strcmp(code, "ok") == 0)
		learn_from_list(renter, json_object_get(reply, "rentals"));
	else if (strcmp(code, "not-found") == 0)
		forget(renter);
	else if (strcmp(code, "pending") == 0 || strcmp(code, "payments-closed") == 0)
		renter->puzzled = true;
	if (strcmp(renter->state, "rented") == 0 && !renter->behaves)
		wait_between(renter, 2 * SECOND, chance(renter, 10) ? HOUR : 5 * MINUTE);
	else if (at_a_door(renter->state))
		wait_between(renter, 4 * SECOND, 20 * SECOND);
	else
		wait_between(renter, SECOND / 2, strcmp(code, "ok") == 0 ? 12 * SECOND : MINUTE);
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
	bool unanswered = renter->person.asked[0] != '\0';
	if (renter->puzzled || unanswered)
		look(renter);
	else if (renter->rental[0])
		act(renter);
	else
		begin(renter);
}

void renter_behave(struct renter *renter)
{
	renter->behaves = renter->puzzled = true;
	renter->fickle = chance(renter, 50);
	renter->idle = 0;
	wait_between(renter, SECOND, MINUTE);
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
