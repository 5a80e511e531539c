#include "tests/simulator/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS_MAX 1000 /* without any time passing: more is a node that never sleeps */

/* --- for those who live in it --- */

uint64_t world_below(struct world *world, uint64_t bound)
{
	return random_below(&world->random.port, bound);
}

usec world_downtime(struct world *world)
{
	static const usec upto[] = {SECOND, 10 * SECOND, MINUTE, 10 * MINUTE};
	usec most = upto[world_below(world, sizeof(upto) / sizeof(*upto))];
	return world->clock.boottime + 100 * MSEC + (usec)world_below(world, (uint64_t)most);
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
	json_array_append_new(world->touched, json_pack("[s, O]", id, (json_t *)reply));
}

uint64_t world_hash(uint64_t hash, const void *bytes, size_t size)
{
	for (const unsigned char *at = bytes, *end = at + size; at < end; at++)
		hash = (hash ^ *at) * UINT64_C(0x100000001b3);
	return hash;
}

void world_wrong(struct world *world, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fprintf(stderr, "seed %llu: ", (unsigned long long)world->seed);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	world->wrong++;
}

void world_trace(struct world *world, const char *format, ...)
{
	char line[512];
	va_list args;
	int n = snprintf(line, sizeof(line), "%.6f ", (double)world->clock.boottime / SECOND);
	va_start(args, format);
	vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
	va_end(args);
	world->trace = world_hash(world->trace, line, strlen(line));
	if (world->aloud)
		fprintf(stderr, "%s\n", line);
}

static void heard(void *context, const char *client, const struct mqtt_message *message)
{
	struct world *world = context;
	uint64_t payload = world_hash(WORLD_HASH_START, message->payload, message->size);
	world->counts.delivered++;
	world_trace(world, "%s <- %s %016llx", client, message->topic, (unsigned long long)payload);
	if (world->aloud)
		fprintf(stderr, "    %.*s\n", (int)message->size, (const char *)message->payload);
}

static bool pulsed(void *context, int compartment)
{
	struct node *node = context;
	world_trace(node->world, "%s pulses door %d", node->name, compartment);
	return node_acts(node);
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
	return now + (due > node->clock.boottime ? due - node->clock.boottime : 0);
}

static usec next_due(struct world *world)
{
	usec due = usec_min(trouble_next_due(world), broker_next_due(world->broker));
	due = usec_min(due, steward_next_due(&world->steward));
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
	for (size_t i = 0; i < world->nodes_n; i++)
		fake_clock_pass(&world->nodes[i]->clock, time);
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
	/* Those at a touchscreen have moved a kiosk. */
	for (size_t i = 0; i < world->nodes_n; i++)
		node_end_round(world->nodes[i]);
}

static void run_round(struct world *world)
{
	trouble_run(world);
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
			world_wrong(world, "something never sleeps");
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
	node_init(node, kind, world, name, world->seed * 1000 + world->nodes_n);
	snprintf(node->path, sizeof(node->path), "%s.db", name);
	snprintf(node->provider_path, sizeof(node->provider_path), "%s/provider.db", world->folder);
	world->nodes[world->nodes_n++] = node;
}

static void add_kiosk(struct world *world)
{
	char name[NAME_SIZE];
	struct node *node = &world->kiosks[world->kiosks_n++];
	snprintf(name, sizeof(name), "bank-%zu", world->kiosks_n);
	add_node(world, node, &node_kiosk, name);
	node->board =
		board_new(WORLD_DOORS, &world->clock, &node->clock, &world->random, pulsed, node);
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
	steward_init(&world->steward, world);
}

struct world *world_new(uint64_t seed, size_t kiosks, size_t renters)
{
	struct world *world = calloc(1, sizeof(*world));
	if (!world)
		abort();
	world->seed = seed;
	world->trace = WORLD_HASH_START;
	world->aloud = getenv("LENDLOCK_WORLD_TRACE") != NULL;
	world->touched = json_array();
	fake_clock_init(&world->clock);
	fake_random_init(&world->random, seed);
	snprintf(world->folder, sizeof(world->folder), "%s/lendlock-world-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(world->folder))
		abort();
	world->broker = broker_new(&world->clock, &world->random, heard, world);
	broker_set_faults(world->broker,
		(struct broker_faults){
			.lost = 5, .doubled = 10, .delay = 2 * MSEC, .spread = 200 * MSEC});
	for (size_t i = 0; i < kiosks; i++)
		add_kiosk(world);
	add_node(world, &world->hub, &node_hub, "hub");
	add_node(world, &world->ledger, &node_ledger, WORLD_LEDGER);
	add_people(world, renters);
	trouble_begin(world);
	return world;
}

void world_heal(struct world *world)
{
	world_trace(world, "heal");
	world->healed = true;
	trouble_end(world);
	broker_set_faults(world->broker, (struct broker_faults){.delay = 2 * MSEC});
	for (size_t i = 0; i < world->kiosks_n; i++) {
		board_careless(world->kiosks[i].board, false);
		for (int door = 1; door <= WORLD_DOORS; door++)
			board_jam(world->kiosks[i].board, door, false);
	}
	for (size_t i = 0; i < world->nodes_n; i++)
		node_heal(world->nodes[i]);
	/* The provider's faults go with its settings. */
	if (world->ledger.core)
		node_kill(&world->ledger);
	world->ledger.starts_at = world->clock.boottime;
	for (size_t i = 0; i < world->renters_n; i++)
		renter_behave(&world->renters[i]);
}

void world_end(struct world *world)
{
	for (size_t i = 0; i < world->nodes_n; i++)
		if (world->nodes[i]->core)
			node_kill(world->nodes[i]);
	for (size_t i = 0; i < world->renters_n; i++)
		renter_free(&world->renters[i]);
	steward_free(&world->steward);
	world->broker = broker_free(world->broker);
}

static void remove_folder(const char *folder)
{
	char command[128];
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	if (system(command) != 0)
		fprintf(stderr, "%s stays behind\n", folder);
}

struct world *world_free(struct world *world)
{
	if (!world)
		return NULL;
	remove_folder(world->folder);
	for (size_t i = 0; i < world->renters_n; i++)
		free(world->renters[i].person.promises.items);
	free(world->steward.person.promises.items);
	for (size_t i = 0; i < world->nodes_n; i++)
		node_clear(world->nodes[i]);
	for (size_t i = 0; i < world->kiosks_n; i++)
		board_free(world->kiosks[i].board);
	json_decref(world->touched);
	free(world->renters);
	free(world);
	return NULL;
}
