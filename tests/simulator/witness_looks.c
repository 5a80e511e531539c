/*
 * A person looks before an item is lent to anybody else: what was reported, blocked, behind a door
 * that was forced, or at one that a crash cut short, is not reserved until a manager has asked for
 * something that they look at it for. Who had it by then may go on with it.
 */
#include "lib/domain/rental.h"
#include "tests/simulator/witness.h"
#include "tests/simulator/world.h"

#include <string.h>

#define SEEN_WITHIN (5 * SECOND) /* a door's contact, through its filter, to the disk */

/* Why it may not be there. */
static const char cut_short[] = "its door was cut short", forced[] = "its door was forced";

static void doubt(struct world *world, struct known_item *item, const char *why, usec from)
{
	world_say(world, "%s is in doubt: %s", item->name, why);
	item->doubt = why;
	item->doubt_made = world->clock.boottime;
	item->doubt_at = from;
}

static void doubt_once(
	struct world *world, struct known_item *item, const char *why, const char *request)
{
	if (strcmp(item->doubt_by, request) == 0)
		return;
	TEXT_COPY(item->doubt_by, request);
	doubt(world, item, why, world->clock.boottime);
}

/* Whoever asked in doubt until now may be answered after it. */
static void look_at(struct known_item *item)
{
	item->doubt = NULL;
	item->asked_in_doubt[0] = '\0';
}

static bool is_a_look(const char *operation)
{
	static const char *const those[] = {"inspect", "stock", "collect"};
	for (size_t i = 0; i < sizeof(those) / sizeof(*those); i++)
		if (strcmp(those[i], operation) == 0)
			return true;
	return false;
}

static void note(struct known_look *look, const struct person *who, const char *id)
{
	look->looked_at = who->looked_at;
	look->said_at = who->world->clock.boottime;
	TEXT_COPY(look->id, id);
}

/* What somebody saw before there was a doubt says nothing of it. An inspection does, for nothing in
 * it says of when it is. */
static void take_list(
	struct world *world, const struct person *who, const struct node *bank, const char *id)
{
	struct known_bank *known = witness_bank(world, bank);
	note(&known->lists[known->lists_n++ % WITNESS_LOOKS], who, id);
	for (size_t i = 0; i < world->witness.items_n; i++) {
		struct known_item *item = &world->witness.items[i];
		if (item->bank == bank && item->doubt_made < who->looked_at)
			look_at(item);
	}
}

/* A bank that was put back since has forgotten it. */
static bool is_known(
	const struct world *world, const struct known_item *item, const struct node *bank)
{
	return item->doubt && item->doubt_at < world->clock.boottime && bank != world->twin_of &&
	       item->doubt_made > witness_bank(world, bank)->put_back_at;
}

void witness_looks_asked(struct world *world, const struct person *who, struct known_item *item,
	const struct node *bank, const char *operation, const char *id)
{
	if (strcmp(operation, "confirm-bank") == 0)
		take_list(world, who, bank, id);
	if (item && strcmp(operation, "inspect") == 0)
		note(&item->looks[item->looks_n++ % WITNESS_LOOKS], who, id);
	if (item && is_a_look(operation))
		look_at(item);
	if (item && strcmp(operation, "reserve") == 0 && is_known(world, item, bank))
		TEXT_COPY(item->asked_in_doubt, id);
}

static void judge(struct world *world, const json_t *reply)
{
	for (size_t i = 0; i < world->witness.items_n; i++) {
		struct known_item *item = &world->witness.items[i];
		if (!item->doubt || !item->asked_in_doubt[0] ||
			strcmp(item->asked_in_doubt, text_of(reply, "id")) != 0)
			continue;
		world_wrong(world, "lent-unlooked", item->name,
			"%s is reserved, and nobody has looked at it: %s", item->name, item->doubt);
		look_at(item);
	}
}

/* Its answer comes, for the first time. */
static bool is_answered(struct known_look *looks, const char *id, usec *ret_looked_at)
{
	for (size_t i = 0; i < WITNESS_LOOKS; i++)
		if (looks[i].id[0] && strcmp(looks[i].id, id) == 0) {
			*ret_looked_at = looks[i].looked_at;
			looks[i].id[0] = '\0';
			return true;
		}
	return false;
}

/* Somebody has looked before it was moved, and the bank believes them: door 0, it is nowhere. */
static void mislead(struct world *world, const struct node *bank, struct known_item *item,
	usec looked_at, json_int_t door)
{
	bool lies_there = item->place == BEHIND_DOOR && item->bank == bank;
	if (looked_at > item->moved_at || (lies_there ? item->door == door : door == 0))
		return;
	world_count(world, COUNT_LOOK_OVERTAKEN);
	world_say(world, "%s is not where somebody saw it", item->name);
	item->astray = true;
}

static void check_inspection(
	struct world *world, const struct node *bank, struct known_item *item, const json_t *reply)
{
	usec looked_at;
	if (is_answered(item->looks, text_of(reply, "id"), &looked_at))
		mislead(world, bank, item, looked_at,
			json_integer_value(
				json_object_get(json_object_get(reply, "item"), "compartment")));
}

/* The answer may come later, if the power goes. */
static void check_inspected(
	struct world *world, const struct node *bank, const char *name, const json_t *data)
{
	struct known_item *item = witness_item(world, name);
	for (size_t i = 0; item && i < WITNESS_LOOKS; i++)
		if (item->looks[i].id[0])
			mislead(world, bank, item, item->looks[i].looked_at,
				json_integer_value(json_object_get(data, "compartment")));
}

/* Of a list that was refused nothing is known. */
static void refuse_list(struct world *world, const struct node *bank, const json_t *reply)
{
	usec looked_at;
	if (bank && strcmp(text_of(reply, "operation"), "confirm-bank") == 0)
		is_answered(witness_bank(world, bank)->lists, text_of(reply, "id"), &looked_at);
}

/* Of those that the bank may know of. */
static usec first_look(const struct known_bank *bank)
{
	usec first = USEC_NEVER;
	for (size_t i = 0; i < WITNESS_LOOKS; i++)
		if (bank->lists[i].id[0] && bank->lists[i].said_at >= bank->put_back_at)
			first = usec_min(first, bank->lists[i].looked_at);
	return first;
}

/* What was moved since somebody looked, it knows only if it saw that. */
void witness_looks_confirmed(struct world *world, const struct node *bank)
{
	struct known_bank *known = witness_bank(world, bank);
	usec looked_at = first_look(known);
	bool overtaken = false;
	if (known->confirmed_at == world->clock.boottime)
		return; /* it says so of each item, and of some that they lie elsewhere */
	known->confirmed_at = world->clock.boottime;
	for (size_t i = 0; i < world->witness.items_n; i++) {
		struct known_item *item = &world->witness.items[i];
		if (item->bank != bank)
			continue;
		/* What was withdrawn, and counts as gone, nobody names. */
		if (item->moved_at <= looked_at && !item->withdrawn)
			item->astray = false;
		overtaken |= item->moved_at > looked_at;
	}
	if (overtaken)
		world_count(world, COUNT_LIST_OVERTAKEN);
}

/* The bank has stored that. */
void witness_looks_replied(struct world *world, const struct node *bank, const json_t *reply)
{
	const char *operation = text_of(reply, "operation");
	struct known_item *item =
		witness_item(world, text_of(json_object_get(reply, "item"), "item"));
	const struct known_rental *rental =
		witness_rental(world, text_of(json_object_get(reply, "rental"), "rental"));
	if (strcmp(text_of(reply, "code"), "ok") != 0) {
		refuse_list(world, bank, reply);
		return;
	}
	if (item && bank && strcmp(operation, "inspect") == 0)
		check_inspection(world, bank, item, reply);
	if (strcmp(operation, "reserve") == 0)
		judge(world, reply);
	else if (item && is_a_look(operation))
		look_at(item);
	else if (item && strcmp(operation, "block") == 0)
		doubt_once(world, item, "it is blocked", text_of(reply, "id"));
	else if (rental && rental->item && strcmp(operation, "report") == 0)
		doubt_once(world, rental->item, "it was reported", text_of(reply, "id"));
}

/* The bank took a list of what lies behind its doors. If it was moved since somebody looked, or, as
 * the bank believes, something else came back through the door that it lies behind, nobody can say
 * whom to believe. */
static void check_confirmed(struct world *world, const struct node *bank, const json_t *data)
{
	const struct known_bank *known = witness_bank(world, bank);
	struct known_item *item = witness_item(world, text_of(data, "item"));
	json_int_t said = json_integer_value(json_object_get(data, "compartment"));
	if (!item || strcmp(text_of(data, "reason"), "bank-confirmed") != 0)
		return;
	bool lies_there = item->place == BEHIND_DOOR && item->bank == bank;
	if (lies_there ? item->door == said : said == 0)
		return;
	if (item->moved_at > first_look(known) ||
		(lies_there && known->doors[item->door].shut_at >= known->put_back_at))
		item->astray = true;
}

void witness_looks_noted(
	struct world *world, const struct node *bank, const char *type, const json_t *data)
{
	struct known_rental *rental = witness_rental(world, text_of(data, "rental"));
	if (strncmp(type, "item.", 5) == 0) {
		check_inspected(world, bank, text_of(data, "item"), data);
		check_confirmed(world, bank, data);
	}
	if (!rental || !rental->item)
		return;
	if (strcmp(type, "rental.interrupted") == 0 && rental->state == RENTAL_PAID) {
		rental->cut_short = true;
		doubt(world, rental->item, cut_short, world->clock.boottime);
	}
	/* Told late, what has come since is told with it. */
	if (strcmp(type, "rental.rented") == 0 && rental->item->doubt == cut_short)
		look_at(rental->item);
}

/* A renter who had it by then, and takes it out or brings it back, knows where it was. */
void witness_looks_handled(struct known_item *item)
{
	if (item->doubt == cut_short || item->doubt == forced)
		look_at(item);
}

/* Nobody asked for it, and the bank saw all of it. Who has it reserved may open its door all the
 * same. */
void witness_looks_forced(struct world *world, struct known_item *inside)
{
	if (inside && (!inside->astray || inside->place == WITH_THIEF))
		doubt(world, inside, forced, world->clock.boottime + SEEN_WITHIN);
}

/* What it had not stored yet it does not know. */
void witness_looks_died(struct world *world, const struct node *bank)
{
	for (size_t i = 0; i < world->witness.items_n; i++) {
		struct known_item *item = &world->witness.items[i];
		if (item->bank != bank || !item->doubt || item->doubt_at <= world->clock.boottime)
			continue;
		item->astray |= item->place == WITH_THIEF;
		look_at(item);
	}
}
