/* Who asked for a door, and which one was pulsed. */
#include "lib/domain/rental.h"
#include "tests/simulator/witness.h"
#include "tests/simulator/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLINK (2 * SECOND) /* after a door closed, until its kiosk has surely stored it */
#define QUEUE MINUTE       /* longer than an ask waits for the doors before it */

static bool is(const struct known_ask *ask, const char *operation)
{
	return strcmp(ask->operation, operation) == 0;
}

/* --- asks --- */

static bool opens_doors(const char *operation)
{
	static const char *const those[] = {"open", "return", "stock", "collect", "hand-over"};
	for (size_t i = 0; i < sizeof(those) / sizeof(*those); i++)
		if (strcmp(those[i], operation) == 0)
			return true;
	return false;
}

/* The rental that is meant; by_code: the person knows its code. */
static struct known_rental *rental_meant(
	struct world *world, const struct person *who, const json_t *args)
{
	if (json_object_get(args, "code"))
		return strcmp(text_of(args, "code"), who->code) == 0
			       ? witness_rental(world, who->code_of)
			       : NULL;
	return witness_rental(world, text_of(args, "rental"));
}

void witness_asked(struct world *world, const struct person *who, const char *whom,
	const char *operation, const char *id, usec expires_at, const json_t *args)
{
	struct known_rental *rental = rental_meant(world, who, args);
	struct known_item *item = witness_item(world, text_of(args, "item"));
	world_say(world, "%s asks %s to %s %s%s (%s)", who->name, whom, operation,
		rental ? rental->id : text_of(args, "item"), text_of(args, "code"), id);
	if (rental && strcmp(operation, "report") == 0)
		rental->complained = true;
	if (rental && strcmp(operation, "resolve") == 0)
		rental->resolved = true;
	if (item && strcmp(operation, "item-register") == 0)
		item->price = json_integer_value(json_object_get(args, "amount"));
	if (strncmp(whom, "kiosk/", 6) == 0)
		witness_looks_asked(world, who, item, world_kiosk(world, whom + 6), operation, id);
	if (strncmp(whom, "kiosk/", 6) != 0 || !opens_doors(operation))
		return;
	struct known_bank *bank = witness_bank(world, world_kiosk(world, whom + 6));
	struct known_ask *ask = &bank->asks[bank->asks_n++ % WITNESS_ASKS];
	*ask = (struct known_ask){.who = who,
		.rental = rental,
		.item = rental ? rental->item : item,
		.expires_at = expires_at,
		.at = world->clock.boottime};
	TEXT_COPY(ask->id, id);
	TEXT_COPY(ask->operation, operation);
	bool manager = witness_is_manager(who);
	ask->allowed =
		rental ? manager || rental->renter == who || !rental->renter : manager && item;
}

static struct known_ask *ask_of(struct world *world, const char *id, size_t size)
{
	for (size_t k = 0; k < world->kiosks_n; k++)
		for (size_t i = 0; i < WITNESS_ASKS; i++) {
			struct known_ask *ask = &world->witness.banks[k].asks[i];
			if (size == UUID_SIZE - 1 && memcmp(ask->id, id, size) == 0)
				return ask;
		}
	return NULL;
}

void witness_handled(struct world *world, const struct node *node, const char *id, size_t size)
{
	struct known_ask *ask = ask_of(world, id, size);
	if (!ask || ask->accepted || node == world->twin)
		return;
	if (ask->expires_at <= node->clock.wall) {
		world_count(world, COUNT_LATE_REQUEST);
		return;
	}
	ask->timely = true;
	ask->accepted = true;
	ask->accepted_at = world->clock.boottime;
	ask->turn = ++world->witness.turns;
}

void witness_died(struct world *world, const struct node *node)
{
	struct known_bank *bank = witness_bank(world, node);
	witness_looks_died(world, node);
	/* What it had not pulsed for it never will, unless a late copy of the same asks again. */
	for (size_t i = 0; i < WITNESS_ASKS; i++)
		bank->asks[i].accepted &= bank->asks[i].used;
}

void witness_replied(struct world *world, const struct node *bank, const json_t *reply)
{
	const char *code = text_of(reply, "code"), *id = text_of(reply, "id");
	const struct known_rental *rental =
		witness_rental(world, text_of(json_object_get(reply, "rental"), "rental"));
	witness_looks_replied(world, bank, reply);
	if (rental && rental->item && strcmp(code, "ok") == 0 &&
		strcmp(text_of(reply, "operation"), "report") == 0)
		witness_puts_back(world, rental, json_object_get(reply, "rental"));
	if (!opens_doors(text_of(reply, "operation")))
		return;
	struct known_ask *ask = ask_of(world, id, strlen(id));
	if (!ask)
		return;
	if (!ask->timely && !person_is_refusal(code))
		world_wrong(world, "late-done", ask->id, "%s was over before it came, and is %s",
			ask->operation, code);
	if (person_is_refusal(code))
		ask->accepted = false;
	else if (strcmp(code, "ok") != 0 && strcmp(code, "pending") != 0)
		ask->used = true;
	const json_t *item = json_object_get(reply, "item");
	if (item)
		ask->door = (int)json_integer_value(json_object_get(item, "compartment"));
}

/* Of a rental of which its bank has not told anybody else yet. */
static void hear_own(struct world *world, const struct person *who, const json_t *told)
{
	struct known_rental *rental = witness_hear(world, told);
	if (!rental->bank)
		rental->bank = who->asked_at;
	if (!rental->renter && !witness_is_manager(who))
		rental->renter = who;
}

/* An answer bears the request's id, and that the time. */
static usec asked_when(const struct world *world, const json_t *reply)
{
	const struct fake_clock *clock = &world->clock;
	return uuid_time(text_of(reply, "id")) - (clock->wall - clock->boottime);
}

/* What the person was told is what the witness hears, too. */
void witness_answered(struct world *world, const struct person *who, const json_t *reply)
{
	const json_t *told = json_object_get(reply, "rental");
	struct known_rental *rental = told ? witness_hear(world, told) : NULL;
	const char *operation = text_of(reply, "operation"), *code = text_of(reply, "code");
	if (strcmp(operation, "rentals") != 0 || strcmp(code, "ok") != 0)
		world_say(world, "%s hears: %s %s is %s%s%s", who->name, operation,
			told ? text_of(told, "rental") : "", code, told ? ", it is " : "",
			text_of(told, "state"));
	size_t i;
	const json_t *one;
	json_array_foreach(json_object_get(reply, "rentals"), i, one)
		hear_own(world, who, one);
	if (!rental)
		return;
	/* Its bank was put back while the answer was on its way. */
	if (!rental->bank && who->asked_at &&
		witness_bank(world, who->asked_at)->put_back_at > asked_when(world, reply))
		rental->lost = rental->unnoticed = rental->murky = true;
	bool is_news = choice_find(rental_state_names, text_of(told, "state")) != rental->state;
	bool is_done = strcmp(code, "ok") == 0 && strncmp(operation, "rental", 6) != 0;
	if (is_news || is_done)
		rental->touched_at = world->clock.boottime;
	if (!rental->bank)
		rental->bank = who->asked_at;
	if (strcmp(code, "ok") != 0)
		return;
	if (strcmp(operation, "reserve") == 0 && !rental->renter)
		rental->renter = who;
	if (strcmp(operation, "report") == 0)
		rental->reported = true;
	/* A manager was wrong about where it is, and so is the bank now. */
	if (strcmp(operation, "resolve") == 0 && strcmp(text_of(told, "state"), "rented") == 0 &&
		rental->item && rental->item->place != WITH_RENTER)
		rental->murky = true;
}

/* --- pulses --- */

/* From behind that door. */
static bool was_stolen(const struct known_item *item, const struct node *bank, int door)
{
	return item->place == WITH_THIEF && item->bank == bank && item->door == door;
}

/* How well an ask explains that pulse; 0: not at all. What the bank could not see, it may err
 * about. */
static int fits(struct world *world, const struct known_ask *ask, const struct node *bank, int door)
{
	const struct known_item *inside = witness_behind(world, bank, door), *item = ask->item;
	bool murky = item && (item->astray || (ask->rental && ask->rental->murky));
	if (!item)
		return 0;
	if (ask->door)
		return ask->door != door ? 0 : inside && inside != item && !inside->astray ? 0 : 4;
	if (is(ask, "open") || is(ask, "hand-over") || is(ask, "collect"))
		return inside == item || was_stolen(item, bank, door) ? 3 : murky ? 1 : 0;
	/* Who found nothing, and has let the time pass to say so, has nothing to bring back. */
	bool gone = item->place == WITH_THIEF;
	if (is(ask, "return") && item->place != WITH_RENTER && !gone && !murky)
		return 0;
	int from = ask->rental && ask->rental->door == door ? 1 : 0;
	return !inside ? 2 + from : inside->astray || inside == item ? 1 : 0;
}

/* Doors open in the order of the asks. */
static struct known_ask *find_ask(struct world *world, const struct node *node, int door)
{
	struct known_bank *bank = witness_bank(world, node);
	struct known_ask *best = NULL;
	int most = 0;
	for (size_t i = 0; i < WITNESS_ASKS; i++) {
		struct known_ask *ask = &bank->asks[i];
		bool waits = ask->accepted && ask->accepted_at + QUEUE > world->clock.boottime;
		if (!ask->allowed || ask->used || !waits)
			continue;
		int fit = fits(world, ask, node, door);
		if (fit > most || (fit && fit == most && ask->turn < best->turn)) {
			most = fit;
			best = ask;
		}
	}
	return best;
}

/* What the kiosk has not seen in full may count or not. */
static void blur(struct world *world, const struct node *bank, int door)
{
	struct known_door *known = &witness_bank(world, bank)->doors[door];
	struct known_item *inside = witness_behind(world, bank, door);
	known->watched = false;
	if (known->ask.rental)
		known->ask.rental->murky = true;
	if (known->ask.item)
		known->ask.item->astray = true;
	if (inside)
		inside->astray = true;
	if (known->stolen)
		known->stolen->astray = true;
}

bool witness_is_busy(const struct world *world, const struct node *node)
{
	const struct known_bank *bank = witness_bank(world, node);
	for (int door = 1; door <= WORLD_DOORS; door++)
		if (bank->doors[door].pulsed_at &&
			bank->doors[door].pulsed_at + 3 * SECOND > world->clock.boottime)
			return true;
	return false;
}

void witness_pulsed(struct world *world, const struct node *bank, int door)
{
	struct known_door *known = &witness_bank(world, bank)->doors[door];
	struct known_ask *ask = find_ask(world, bank, door);
	const struct known_item *inside = witness_behind(world, bank, door);
	world_say(world, "%s pulses door %d%s%s, for %s %s", bank->name, door,
		inside ? " with " : "", inside ? inside->name : "", ask ? ask->who->name : "nobody",
		ask && ask->rental ? ask->rental->id : "");
	known->pulsed_at = world->clock.boottime;
	known->watched = true;
	known->ask = ask ? *ask : (struct known_ask){0};
	if (known->ask.rental) {
		known->ask.rental->touched_at = world->clock.boottime;
		known->ask.rental->pulses++;
	}
	if (ask)
		ask->used = true;
	if (board_is_blind(bank->board, door))
		blur(world, bank, door); /* it will not even see whether the door opens */
	if (known->open && known->ask.item)
		witness_reach_in(
			world, bank, door); /* it stands open, and the bank does not know it */
	if (!ask)
		world_wrong(world, "door-unasked", bank->name,
			"%s pulses door %d (%s), and nobody who may has asked", bank->name, door,
			inside ? inside->name : "empty");
}

/* Two may want to bring something back at once, and only the bank knows which door is whose. */
void witness_returns(struct world *world, struct known_rental *rental, int door)
{
	struct known_bank *bank = witness_bank(world, rental->bank);
	if (door < 1 || door >= WITNESS_DOORS)
		return;
	struct known_door *known = &bank->doors[door];
	if (!is(&known->ask, "return") || known->ask.rental == rental || known->open ||
		known->pulsed_at != world->clock.boottime)
		return;
	for (size_t i = 0; i < WITNESS_ASKS; i++) {
		struct known_ask *ask = &bank->asks[i];
		if (!is(ask, "return") || ask->rental != rental || ask->used || !ask->allowed)
			continue;
		struct known_ask *taken = ask_of(world, known->ask.id, UUID_SIZE - 1);
		if (taken)
			taken->used = false;
		known->ask.rental->pulses--;
		rental->pulses++;
		ask->used = true;
		known->ask = *ask;
		return;
	}
}

void witness_opened(struct world *world, const struct node *bank, int door)
{
	struct known_door *known = &witness_bank(world, bank)->doors[door];
	const struct known_ask *ask = &known->ask;
	known->open = true;
	known->forced = bank->core && !board_is_blind(bank->board, door) &&
			known->pulsed_at + MINUTE < world->clock.boottime;
	if (ask->rental)
		known->ask.rental->touched_at = world->clock.boottime;
	if (ask->rental && !is(ask, "return") && !ask->rental->opened_at)
		known->ask.rental->opened_at = world->clock.boottime;
	world_say(world, "%s: door %d opens", bank->name, door);
	witness_steals(world, bank, door);
	/* One that opens so late was given up, and nobody watches it. */
	if (!bank->core || known->pulsed_at + 5 * SECOND < world->clock.boottime)
		known->watched = false;
	if (ask->item && known->pulsed_at + MINUTE >= world->clock.boottime)
		witness_reach_in(world, bank, door);
}

static void note_shut(struct known_rental *rental, bool comes_back, usec now)
{
	rental->touched_at = now;
	rental->shut |= !comes_back;
	rental->shut_back |= comes_back;
}

void witness_shut(struct world *world, const struct node *bank, int door)
{
	struct known_door *known = &witness_bank(world, bank)->doors[door];
	world_say(world, "%s: door %d is shut", bank->name, door);
	known->open = false;
	if (known->ask.rental)
		note_shut(known->ask.rental, is(&known->ask, "return"), world->clock.boottime);
	known->shut_at = world->clock.boottime;
	if (known->forced && bank->core)
		witness_looks_forced(
			world, known->stolen ? known->stolen : witness_behind(world, bank, door));
	else if (!bank->core || !known->watched)
		blur(world, bank, door);
	known->forced = false;
	known->stolen = NULL;
}

void witness_blind(struct world *world, const struct node *bank, int door)
{
	struct known_door *known = &witness_bank(world, bank)->doors[door];
	usec now = world->clock.boottime;
	known->forced = false;
	if (known->open || known->pulsed_at + 10 * SECOND > now || known->shut_at + BLINK > now)
		blur(world, bank, door);
}

/* --- at the end --- */

/* What for was stored before it was sent: whatever the power did, it can be said afterwards. */
void witness_check_pulses(struct world *world)
{
	for (const struct known_rental *rental = world->witness.first; rental;
		rental = rental->later)
		if (rental->pulses > rental->openings && rental->bank &&
			!witness_bank(world, rental->bank)->put_back)
			world_wrong(world, "pulse-recorded", rental->id,
				"%d pulses for rental %s, and its bank knows of %d", rental->pulses,
				rental->id, rental->openings);
}

static void check_place(struct world *world, const struct node *bank, const json_t *entry)
{
	const char *name = text_of(entry, "item"), *state = text_of(entry, "state");
	const struct known_item *item = witness_item(world, name);
	int door = (int)json_integer_value(json_object_get(entry, "compartment"));
	if (!item || strcmp(state, "available") != 0)
		return;
	if (item->place != BEHIND_DOOR || item->bank != bank || item->door != door) {
		if (item->astray)
			return; /* nobody can have known; the next renter finds nothing, and says so
				 */
		world_wrong(world, "view-place", name,
			"the view has %s behind door %d of %s; it is %s %d", name, door, bank->name,
			item->place == BEHIND_DOOR   ? item->bank->name
			: item->place == WITH_RENTER ? item->renter->name
			: item->place == WITH_THIEF  ? "stolen"
						     : "with the manager",
			item->door);
	}
}

void witness_check_places(struct world *world)
{
	for (size_t i = 0; i < world->kiosks_n; i++) {
		const json_t *view = steward_view(&world->steward, i);
		const json_t *contents = json_object_get(view, "contents");
		for (size_t k = 0; k < json_array_size(contents); k++)
			check_place(world, &world->kiosks[i], json_array_get(contents, k));
	}
}
