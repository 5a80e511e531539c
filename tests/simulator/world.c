#include "tests/simulator/world.h"

#include "tests/simulator/trouble_kinds.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAILURES_TOLD 10
#define ROUNDS_MAX    1000 /* without any time passing: more is a node that never sleeps */

/* --- for those who live in it --- */

uint64_t world_seed(const struct world *world, const char *what, size_t which)
{
	uint64_t hash = world_hash(WORLD_HASH_START, what, strlen(what));
	hash = world_hash(hash, &world->seed, sizeof(world->seed));
	return world_hash(hash, &which, sizeof(which));
}

void world_count(struct world *world, enum world_count what)
{
	world->counts.of[what]++;
}

bool world_is_strict(const struct world *world)
{
	return world->seed % 3 == 2;
}

static bool is_of_copies(enum trouble_kind kind)
{
	return kind == TROUBLE_COPY_KIOSK || kind == TROUBLE_COPY_HUB ||
	       kind == TROUBLE_COPY_LEDGER || kind == TROUBLE_COPY_BUSY ||
	       kind == TROUBLE_NEW_BOARD || kind == TROUBLE_TWIN;
}

bool world_spared(const struct world *world, enum trouble_kind kind)
{
	return world->mask->kinds[kind] || (world_is_strict(world) && is_of_copies(kind));
}

struct node *world_kiosk(struct world *world, const char *name)
{
	for (size_t i = 0; i < world->kiosks_n; i++)
		if (strcmp(world->kiosks[i].name, name) == 0)
			return &world->kiosks[i];
	abort();
}

void world_item_name(char ret_name[static NAME_SIZE], size_t kiosk, size_t place)
{
	snprintf(ret_name, NAME_SIZE, "item-%zu-%zu", kiosk + 1, place + 1);
}

void world_touched(struct world *world, const char *id, const json_t *reply)
{
	witness_replied(world, NULL, reply);
	json_array_append_new(world->touched, json_pack("[s, O]", id, (json_t *)reply));
}

uint64_t world_hash(uint64_t hash, const void *bytes, size_t size)
{
	for (const unsigned char *at = bytes, *end = at + size; at < end; at++)
		hash = (hash ^ *at) * UINT64_C(0x100000001b3);
	return hash;
}

static bool is_first_of_check(const struct world *world, const char *check)
{
	const struct world_failure *failures = world->failures.items;
	for (size_t i = 0; i < world->failures.n; i++)
		if (strcmp(failures[i].check, check) == 0)
			return false;
	return true;
}

void world_wrong(struct world *world, const char *check, const char *about, const char *format, ...)
{
	struct world_failure failure = {.at = world->clock.boottime};
	va_list args;
	va_start(args, format);
	vsnprintf(failure.text, sizeof(failure.text), format, args);
	va_end(args);
	TEXT_COPY(failure.check, check);
	TEXT_COPY(failure.about, about);
	world_say(world, "* WRONG (%s): %s", check, failure.text);
	bool told = world->wrong++ < FAILURES_TOLD || is_first_of_check(world, check);
	if (!world->quiet && told)
		fprintf(stderr, "seed %llu: %s: %s\n", (unsigned long long)world->seed, check,
			failure.text);
	if (told)
		*(struct world_failure *)list_add(&world->failures, sizeof(failure)) = failure;
}

void world_say(struct world *world, const char *format, ...)
{
	char line[512];
	usec at = world->clock.boottime;
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	world->trace = world_hash(world->trace, line, strlen(line));
	world->trace = world_hash(world->trace, &at, sizeof(at));
	if (world->aloud)
		fprintf(stderr, "%.6f %s\n", (double)at / SECOND, line);
	if (world->telling)
		story_add(&world->story, at, line);
}

static void heard(void *context, const char *client, const struct mqtt_message *message)
{
	struct world *world = context;
	world_count(world, COUNT_MESSAGES);
	world->trace = world_hash(world->trace, client, strlen(client));
	world->trace = world_hash(world->trace, message->topic, strlen(message->topic));
	world->trace = world_hash(world->trace, message->payload, message->size);
	if (world->aloud)
		fprintf(stderr, "%.6f %s <- %s\n    %.*s\n", (double)world->clock.boottime / SECOND,
			client, message->topic, (int)message->size, (const char *)message->payload);
}

static bool pulsed(void *context, int compartment)
{
	struct node *node = context;
	if (!node_acts(node))
		return false;
	world_count(node->world, COUNT_PULSES);
	witness_pulsed(node->world, node, compartment);
	return true;
}

/* Nobody stands there. */
static bool pulsed_nowhere(void *context, int compartment)
{
	(void)compartment;
	return node_acts(context);
}

static void moved(void *context, int compartment, bool open)
{
	struct node *node = context;
	if (open)
		witness_opened(node->world, node, compartment);
	else
		witness_shut(node->world, node, compartment);
}

/* --- rounds --- */

/* In the world's time. */
static usec node_due(const struct world *world, const struct node *node)
{
	usec due = node_next_due(node), now = world->clock.boottime;
	if (!node->core)
		return node->starts_at;
	if (due == USEC_NEVER)
		return due;
	usec wait = due > node->clock.boottime ? due - node->clock.boottime : 0;
	return now + wait - wait * node->drift / (SECOND + node->drift) + (node->drift && wait);
}

static usec next_due(struct world *world)
{
	usec due = usec_min(trouble_next_due(world), broker_next_due(world->broker));
	due = usec_min(due, acquirer_next_due(world->acquirer));
	due = usec_min(due, steward_next_due(&world->steward));
	due = usec_min(due, steward_next_due(&world->deputy));
	for (size_t i = 0; i < world->nodes_n; i++)
		due = usec_min(due, node_due(world, world->nodes[i]));
	for (size_t i = 0; i < world->kiosks_n; i++)
		due = usec_min(due, board_next_due(world->kiosks[i].board));
	for (size_t i = 0; i < world->renters_n; i++)
		due = usec_min(due, renter_next_due(&world->renters[i]));
	return due;
}

static void pass(struct world *world, usec time)
{
	fake_clock_pass(&world->clock, time);
	for (size_t i = 0; i < world->nodes_n; i++) {
		struct node *node = world->nodes[i];
		usec drift = time * node->drift / SECOND;
		fake_clock_pass(&node->clock, time + drift);
		if (node->clock.synchronised) /* its wall time is put right all the while */
			node->clock.wall -= drift;
	}
}

static void run_nodes(struct world *world)
{
	for (size_t i = 0; i < world->kiosks_n; i++)
		if (board_run(world->kiosks[i].board))
			world->kiosks[i].touched = true; /* it hears of it in its next tick */
	for (size_t i = 0; i < world->nodes_n; i++) {
		struct node *node = world->nodes[i];
		if (!node->core && node->starts_at <= world->clock.boottime)
			node_start(node);
		node_tick(node);
		node_end_round(node);
	}
}

static void read_touchscreens(struct world *world)
{
	json_t *touched = world->touched;
	world->touched = json_array();
	for (size_t i = 0; i < json_array_size(touched); i++) {
		const json_t *one = json_array_get(touched, i);
		const char *id = json_string_value(json_array_get(one, 0));
		for (size_t r = 0; r < world->renters_n; r++)
			if (strcmp(world->renters[r].person.asked, id) == 0)
				person_touched(
					&world->renters[r].person, id, json_array_get(one, 1));
	}
	json_decref(touched);
}

static void run_people(struct world *world)
{
	read_touchscreens(world);
	for (size_t i = 0; i < world->renters_n; i++)
		if (renter_next_due(&world->renters[i]) <= world->clock.boottime)
			renter_tick(&world->renters[i]);
	steward_tick(&world->steward);
	steward_tick(&world->deputy);
	/* Those at a touchscreen have moved a kiosk. */
	for (size_t i = 0; i < world->nodes_n; i++)
		node_end_round(world->nodes[i]);
}

static void run_round(struct world *world)
{
	trouble_run(world);
	acquirer_run(world->acquirer);
	broker_run(world->broker);
	run_nodes(world);
	run_people(world);
}

void world_pass(struct world *world, usec time)
{
	usec end = world->clock.boottime + time;
	for (int rounds = 0;; rounds++) {
		usec due = next_due(world);
		if (due > end)
			break;
		if (due > world->clock.boottime) {
			pass(world, due - world->clock.boottime);
			rounds = 0;
		}
		if (rounds == ROUNDS_MAX) {
			world_wrong(world, "never-sleeps", "", "something never sleeps");
			return;
		}
		run_round(world);
	}
	pass(world, end - world->clock.boottime);
}

/* --- life --- */

static void add_node(
	struct world *world, struct node *node, const struct node_kind *kind, const char *name)
{
	node_init(node, kind, world, name, world_seed(world, name, 0));
	snprintf(node->path, sizeof(node->path), "%s.db", name);
	world->nodes[world->nodes_n++] = node;
}

static void add_kiosk(struct world *world)
{
	char name[NAME_SIZE];
	struct node *node = &world->kiosks[world->kiosks_n++];
	snprintf(name, sizeof(name), "bank-%zu", world->kiosks_n);
	add_node(world, node, &node_kiosk, name);
	const struct board_watcher watcher = {.context = node, .pulsed = pulsed, .moved = moved};
	node->board = board_new(WORLD_DOORS, &world->clock, &node->clock,
		world_seed(world, "doors", world->kiosks_n), &watcher);
	for (size_t place = 0; place < WORLD_ITEMS; place++) {
		world_item_name(name, world->kiosks_n - 1, place);
		witness_add_item(world, name);
	}
	board_careless(node->board, !world_spared(world, TROUBLE_CARELESS_HANDS));
}

/* A board that lies in a workshop, with nothing behind its doors, and down. */
static void add_twin(struct world *world)
{
	struct node *twin = world->twin = &world->kiosks[world->kiosks_n];
	add_node(world, twin, &node_kiosk, "twin");
	twin->starts_at = USEC_NEVER;
	const struct board_watcher watcher = {
		.context = twin, .pulsed = pulsed_nowhere, .moved = moved};
	twin->board = board_new(WORLD_DOORS, &world->clock, &twin->clock,
		world_seed(world, "twin's doors", 0), &watcher);
	for (int door = 1; door <= WORLD_DOORS; door++)
		board_jam(twin->board, door, true);
}

static void add_people(struct world *world, size_t renters)
{
	world->renters = calloc(renters, sizeof(*world->renters));
	if (!world->renters)
		abort();
	world->renters_n = renters;
	for (size_t i = 0; i < renters; i++) {
		char name[NAME_SIZE];
		snprintf(name, sizeof(name), "renter-%zu", i + 1);
		renter_init(&world->renters[i], world, name);
	}
	steward_init(&world->steward, world, WORLD_MANAGER);
	steward_init(&world->deputy, world, WORLD_DEPUTY);
}

static void add_network(struct world *world)
{
	fake_random_init(&world->network, world_seed(world, "network", 0));
	world->broker = broker_new(&world->clock, &world->network, heard, world);
	broker_set_faults(world->broker, trouble_weather(world));
	static const struct mqtt_handler deaf = {0};
	world->stranger = broker_link_new(world->broker, "stranger", &deaf, NULL);
}

struct world *world_new(const struct world_options *options)
{
	static const struct trouble_mask nothing;
	struct world *world = calloc(1, sizeof(*world));
	if (!world)
		abort();
	world->seed = options->seed;
	world->mask = options->mask ? options->mask : &nothing;
	world->telling = options->telling;
	world->quiet = options->quiet;
	world->trace = WORLD_HASH_START;
	world->aloud = getenv("LENDLOCK_WORLD_TRACE") != NULL;
	world->touched = json_array();
	fake_clock_init(&world->clock);
	add_network(world);
	world->acquirer = acquirer_new(world, world_seed(world, "provider", 0));
	for (size_t i = 0; i < options->kiosks; i++)
		add_kiosk(world);
	add_twin(world);
	add_node(world, &world->hub, &node_hub, "hub");
	add_node(world, &world->ledger, &node_ledger, WORLD_LEDGER);
	add_people(world, options->renters);
	trouble_begin(world, options->time);
	return world;
}

void world_heal(struct world *world)
{
	world_say(world, "* all trouble ends");
	world->healed = true;
	trouble_end(world);
	broker_set_faults(world->broker, (struct broker_faults){.delay = 2 * MSEC});
	for (size_t i = 0; i < world->kiosks_n; i++) {
		board_careless(world->kiosks[i].board, false);
		for (int door = 1; door <= WORLD_DOORS; door++)
			board_jam(world->kiosks[i].board, door, false);
	}
	for (size_t i = 0; i < world->nodes_n; i++) {
		node_heal(world->nodes[i]);
		world->nodes[i]->drift = 0;
	}
	acquirer_heal(world->acquirer);
	for (size_t i = 0; i < world->renters_n; i++)
		renter_behave(&world->renters[i]);
}

static void count_weather(struct world *world)
{
	int64_t *of = world->counts.of;
	of[COUNT_MESSAGE_LOST] += world->calm.lost;
	of[COUNT_MESSAGE_DOUBLED] += world->calm.doubled;
	of[COUNT_MESSAGE_OVERTAKEN] += world->calm.overtaken;
	of[COUNT_STORM_LOST] += world->stormy.lost;
	of[COUNT_STORM_DOUBLED] += world->stormy.doubled;
	of[COUNT_STORM_OVERTAKEN] += world->stormy.overtaken;
	of[COUNT_WILL_LATE] += world->calm.late_wills + world->stormy.late_wills;
}

void world_end(struct world *world)
{
	count_weather(world);
	for (size_t i = 0; i < world->nodes_n; i++)
		node_count_disk(world->nodes[i]);
	for (size_t i = 0; i < world->nodes_n; i++)
		if (world->nodes[i]->core)
			node_kill(world->nodes[i]);
	for (size_t i = 0; i < world->renters_n; i++)
		renter_free(&world->renters[i]);
	steward_free(&world->steward);
	steward_free(&world->deputy);
	world->stranger = broker_link_free(world->stranger, false);
	world->broker = broker_free(world->broker);
}

struct world *world_free(struct world *world)
{
	if (!world)
		return NULL;
	for (size_t i = 0; i < world->renters_n; i++)
		person_forget(&world->renters[i].person);
	person_forget(&world->steward.person);
	person_forget(&world->deputy.person);
	for (size_t i = 0; i < world->nodes_n; i++)
		node_clear(world->nodes[i]);
	for (size_t i = 0; i < world->kiosks_n; i++)
		board_free(world->kiosks[i].board);
	board_free(world->twin->board);
	json_decref(world->touched);
	acquirer_free(world->acquirer);
	free(world->troubles.all);
	free(world->failures.items);
	free(world->stuck.items);
	story_clear(&world->story);
	witness_free(&world->witness);
	free(world->renters);
	free(world);
	return NULL;
}
