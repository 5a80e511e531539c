#include "tests/simulator/steward.h"

#include "tests/simulator/packet.h"
#include "tests/simulator/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUND    (2 * MINUTE) /* between two looks at the views */
#define PATIENCE (12 * SECOND)
#define AT_ONCE  (5 * SECOND)
#define WORK     (3 * SECOND) /* between two errands */

/* --- errands --- */

void steward_plan(struct steward *steward, const char *kiosk, const char *operation, json_t *args)
{
	char whom[NAME_SIZE + 8];
	snprintf(whom, sizeof(whom), "%s%s", kiosk ? "kiosk/" : "hub", kiosk ? kiosk : "");
	json_array_append_new(steward->errands,
		json_pack("{s:s, s:s, s:o}", "whom", whom, "operation", operation, "args", args));
}

static void count_two(struct steward *steward)
{
	struct world *world = steward->person.world;
	const struct steward *other = steward == &world->deputy ? &world->steward : &world->deputy;
	steward->asked = world->clock.boottime;
	if (steward->person.asked_at && steward->person.asked_at == other->person.asked_at &&
		other->asked + AT_ONCE > steward->asked)
		world_count(world, COUNT_TWO_MANAGERS);
}

/* Takes the errand over. */
static void ask(struct steward *steward, json_t *errand)
{
	const json_t *looked_at = json_object_get(errand, "looked_at");
	const char *operation = text_of(errand, "operation");
	steward->person.looked_at =
		looked_at ? json_integer_value(looked_at) : steward->person.world->clock.boottime;
	person_ask(&steward->person, text_of(errand, "whom"), operation,
		json_incref(json_object_get(errand, "args")));
	count_two(steward);
	json_decref(errand);
}

static bool moves_things(const char *operation)
{
	return strcmp(operation, "item-move") == 0 || strcmp(operation, "item-withdraw") == 0;
}

static void run_errand(struct steward *steward)
{
	json_t *errand = json_array_get(steward->errands, 0);
	json_incref(errand);
	json_array_remove(steward->errands, 0);
	if (steward->person.world->copied_hub && moves_things(text_of(errand, "operation"))) {
		json_array_append_new(steward->errands, errand); /* the hub would forget it */
		return;
	}
	bool wanted = steward_prepare(steward, text_of(errand, "whom"),
		text_of(errand, "operation"), json_object_get(errand, "args"));
	if (wanted && !steward_puts_off(steward, errand)) {
		ask(steward, errand);
		return;
	}
	if (!wanted)
		json_decref(errand);
	steward->next = steward->person.world->clock.boottime + WORK;
}

/* --- the catalogue --- */

static void register_next(struct steward *steward)
{
	struct world *world = steward->person.world;
	size_t bank = steward->registered / WORLD_ITEMS, place = steward->registered % WORLD_ITEMS;
	char item[NAME_SIZE];
	world_item_name(item, bank, place);
	/* The last one of each bank costs nothing, and the first one is looked at after each
	 * return. */
	person_ask(&steward->person, "hub", "item-register",
		json_pack("{s:s, s:s, s:i, s:s, s:i, s:s, s:b}", "item", item, "title", item,
			"amount", place == WORLD_ITEMS - 1 ? 0 : 500 + 100 * (int)place, "currency",
			"EUR", "period", 1800, "kiosk", world->kiosks[bank].name, "inspect",
			place == 0));
}

/* At the worst moment: it is reserved, or out. */
static bool is_of_a_rented_item(struct world *world, const json_t *reply)
{
	const json_t *entry = json_object_get(reply, "entry"),
		     *item = json_object_get(reply, "item");
	const struct known_item *known = witness_item(world, text_of(entry ? entry : item, "item"));
	return known && known->open;
}

static void count_done(struct world *world, const json_t *reply)
{
	static const struct {
		const char *operation;
		enum world_count count;
		bool at_the_worst_moment;
	} counted[] = {
		{"block", COUNT_MANAGER_BLOCKS, true},
		{"item-withdraw", COUNT_MANAGER_WITHDRAWS, true},
		{"item-move", COUNT_MANAGER_MOVES, true},
		{"settle-payment", COUNT_SETTLED, false},
	};
	for (size_t i = 0; i < sizeof(counted) / sizeof(*counted); i++)
		if (strcmp(counted[i].operation, text_of(reply, "operation")) == 0 &&
			(!counted[i].at_the_worst_moment || is_of_a_rented_item(world, reply)))
			world_count(world, counted[i].count);
}

static void answered(struct person *person, const char *code, const json_t *reply)
{
	struct steward *steward = (struct steward *)person;
	if (strcmp(code, "ok") == 0)
		count_done(person->world, reply);
	bool registering = steward->registered < person->world->kiosks_n * WORLD_ITEMS;
	if (registering && (strcmp(code, "ok") == 0 || strcmp(code, "exists") == 0))
		steward->registered++;
	steward->next = person->world->clock.boottime + WORK;
}

static void heard(struct person *person, const struct mqtt_message *message)
{
	struct steward *steward = (struct steward *)person;
	const char *bank = strstr(message->topic, "/view/");
	for (size_t i = 0; bank && i < person->world->kiosks_n; i++)
		if (strcmp(bank + strlen("/view/"), person->world->kiosks[i].name) == 0) {
			packet_release(steward->heard[i]);
			steward->heard[i] = packet_new(message, 0);
		}
}

const json_t *steward_view(struct steward *steward, size_t bank)
{
	struct packet *heard = steward->heard[bank];
	if (!heard)
		return steward->views[bank];
	json_decref(steward->views[bank]);
	steward->views[bank] = json_loadb(heard->message.payload, heard->message.size, 0, NULL);
	steward->heard[bank] = packet_release(heard);
	return steward->views[bank];
}

bool steward_sees_rentals(struct steward *steward)
{
	for (size_t i = 0; i < steward->person.world->kiosks_n; i++) {
		const json_t *view = steward_view(steward, i);
		const json_t *contents = json_object_get(view, "contents");
		for (size_t k = 0; k < json_array_size(contents); k++)
			if (json_object_get(json_array_get(contents, k), "rental"))
				return true;
	}
	return false;
}

/* --- time, life --- */

usec steward_next_due(const struct steward *steward)
{
	return usec_min(steward->next, person_next_due(&steward->person));
}

void steward_tick(struct steward *steward)
{
	struct world *world = steward->person.world;
	person_tick(&steward->person);
	if (steward == &world->deputy && world_spared(world, TROUBLE_DEPUTY))
		steward->next = USEC_NEVER;
	if (steward->next > world->clock.boottime)
		return;
	steward->next = world->clock.boottime + PATIENCE;
	json_t *report = steward_due_report(steward);
	if (steward->registered < world->kiosks_n * WORLD_ITEMS) {
		register_next(steward);
	} else if (report) {
		ask(steward, report);
	} else if (json_array_size(steward->errands) > 0) {
		run_errand(steward);
	} else {
		for (size_t i = 0; i < world->kiosks_n; i++)
			steward_plan_bank(steward, world->kiosks[i].name, steward_view(steward, i));
		steward->next = world->clock.boottime + ROUND;
	}
}

void steward_init(struct steward *steward, struct world *world, const char *name)
{
	person_init(&steward->person, world, name, "view/+");
	steward->person.answered = answered;
	steward->person.heard = heard;
	steward->errands = json_array();
	steward->reports = json_array();
	steward->next = world->clock.boottime + 5 * SECOND;
	if (steward == &world->deputy)
		steward->registered = world->kiosks_n * WORLD_ITEMS;
}

void steward_free(struct steward *steward)
{
	person_free(&steward->person);
	for (size_t i = 0; i < STEWARD_BANKS; i++) {
		packet_release(steward->heard[i]);
		json_decref(steward->views[i]);
	}
	json_decref(steward->errands);
	json_decref(steward->reports);
}
