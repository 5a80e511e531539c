#include "tests/simulator/node.h"

#include "tests/simulator/sqlite_memory.h"
#include "tests/simulator/trouble_kinds.h"
#include "tests/simulator/world.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>

/* --- death within a call ---
 *
 * The call goes on to its end, since there is no way out of it; but nothing it says is heard, and
 * nothing it writes will have been written. */

static void die(struct node *node)
{
	node->dead = node->died_midway = true;
	crash_disk_die(node->disk);
}

static void on_death_of_disk(void *context)
{
	die(context);
}

void node_doom_disk(struct node *node, int n)
{
	crash_disk_doom(node->disk, n, on_death_of_disk, node);
}

void node_heal(struct node *node)
{
	node->doom = node->memory = 0;
	crash_disk_doom(node->disk, 0, NULL, NULL);
	crash_disk_mend(node->disk);
}

/* It dies right before it does it, or right after. */
bool node_acts(struct node *node)
{
	if (node->dead)
		return false;
	if (node->doom == 0 || --node->doom > 0)
		return true;
	die(node);
	return random_below(&node->fate.port, 2) == 0;
}

/* --- from and to the network --- */

static int publish(struct mqtt_port *port, const struct mqtt_message *message)
{
	struct node *node = (struct node *)((char *)port - offsetof(struct node, port));
	if (!node->link)
		return -ENOTCONN;
	if (!node_acts(node))
		return 0;
	witness_published(node->world, node, message);
	if (trouble_holds_up(node->world, node, message))
		return 0;
	struct mqtt_port *link = broker_link_port(node->link);
	return link->publish(link, message);
}

static bool is_alive(const struct node *node)
{
	return node->core && !node->dead;
}

/* --- what its disk and its memory do to it --- */

static int faults_of(const struct node *node)
{
	const struct crash_counts *counts = crash_disk_counts(node->disk);
	int faults = 0;
	for (int fault = 0; fault < CRASH_FAULTS; fault++)
		faults += counts->failed[fault];
	return faults;
}

void node_count_disk(struct node *node)
{
	static const enum world_count counted[CRASH_FAULTS] = {
		[CRASH_READ] = COUNT_READ_FAILED,
		[CRASH_WRITE] = COUNT_WRITE_FAILED,
		[CRASH_FULL] = COUNT_DISK_FULL,
		[CRASH_SYNC] = COUNT_SYNC_FAILED,
		[CRASH_TRUNCATE] = COUNT_TRUNCATE_FAILED,
		[CRASH_OPEN] = COUNT_OPEN_FAILED,
	};
	const struct crash_counts *counts = crash_disk_counts(node->disk);
	int64_t *of = node->world->counts.of;
	for (int fault = 0; fault < CRASH_FAULTS; fault++)
		of[counted[fault]] += counts->failed[fault];
	of[COUNT_WRITE_DROPPED] += counts->dropped;
	of[COUNT_WRITE_TORN] += counts->torn;
	of[COUNT_NAME_DROPPED] += counts->names_dropped;
}

void node_enter(struct node *node)
{
	if (node->memory)
		sqlite_memory_break(node->memory);
}

static void leave(struct node *node)
{
	bool missed;
	if (!node->memory)
		return;
	node->memory = sqlite_memory_mend(&missed);
	node->faults -= missed;
	if (missed)
		world_count(node->world, COUNT_MEMORY_SHORT);
}

/* Looked at by somebody else than the core that could not go on. */
static bool is_damaged(const struct node *node)
{
	sqlite3 *sqlite;
	sqlite3_stmt *statement = NULL;
	bool sound = sqlite3_open_v2(node->path, &sqlite, SQLITE_OPEN_READWRITE,
			     crash_disk_vfs(node->disk)) == SQLITE_OK &&
		     sqlite3_exec(sqlite, "PRAGMA locking_mode=EXCLUSIVE", NULL, NULL, NULL) ==
			     SQLITE_OK &&
		     sqlite3_prepare_v2(sqlite, "PRAGMA quick_check(1)", -1, &statement, NULL) ==
			     SQLITE_OK &&
		     sqlite3_step(statement) == SQLITE_ROW &&
		     strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
	sqlite3_finalize(statement);
	sqlite3_close(sqlite);
	return !sound;
}

/* A core that returns an error stops, and starts again from its files. It must have
 * had a reason. */
void node_check(struct node *node, int result)
{
	leave(node);
	node->touched = true;
	if (result == 0 || node->dead)
		return;
	node->dead = true;
	world_count(node->world, COUNT_STOPPED);
	world_say(node->world, "%s stops: %s", node->name, strerror(-result));
	if (faults_of(node) > node->faults)
		return;
	if (!node->core && is_damaged(node))
		world_wrong(node->world, "file-damaged", node->name,
			"%s: its file is damaged, and its disk has done all that it said",
			node->name);
	else
		world_wrong(node->world, "node-stops", node->name, "%s stops: %s", node->name,
			strerror(-result));
}

static void on_message(void *context, const struct mqtt_message *message)
{
	struct node *node = context;
	if (!is_alive(node))
		return;
	node_enter(node);
	if (node->board && message->correlation_size)
		witness_handled(node->world, node, message->correlation, message->correlation_size);
	if (node == &node->world->ledger)
		witness_ledger_hears(node->world, message);
	node_check(node, node->kind->message(node->core, message));
	node_acts(node);
}

static void on_connected(void *context)
{
	struct node *node = context;
	if (!is_alive(node))
		return;
	node_enter(node);
	node_check(node, node->kind->connected(node->core));
}

static void on_disconnected(void *context)
{
	struct node *node = context;
	node->touched = true;
	if (is_alive(node))
		node->kind->disconnected(node->core);
}

static void on_taken_over(void *context)
{
	struct node *node = context;
	if (!is_alive(node))
		return;
	node_enter(node);
	node_check(node, node->kind->taken_over(node->core));
}

static const struct mqtt_message *on_will(void *context)
{
	struct node *node = context;
	return node->kind->will(node->core);
}

/* --- life --- */

void node_init(struct node *node, const struct node_kind *kind, struct world *world,
	const char *name, uint64_t seed)
{
	memset(node, 0, sizeof(*node));
	node->kind = kind;
	node->world = world;
	node->port.publish = publish;
	node->starts_at = 0;
	node->due = USEC_NEVER;
	TEXT_COPY(node->name, name);
	fake_clock_init(&node->clock);
	fake_random_init(&node->random, seed);
	fake_random_init(&node->fate, seed + 1);
	node->disk = crash_disk_new(&(struct crash_disk_options){
		.random = &node->fate.port, .unsafe = seed % 2, .copies = seed / 2 % 2});
}

void node_clear(struct node *node)
{
	node->disk = crash_disk_free(node->disk);
}

static void reboot(struct node *node)
{
	node->reboots = false;
	node->clock.boottime = 20 * SECOND;
	if (node->board)
		board_reboot(node->board);
}

/* The power goes while it makes its files, and their names with it. */
static void doom_first_start(struct node *node)
{
	if (node->starts > 1 || world_spared(node->world, TROUBLE_CRASH) ||
		random_below(&node->fate.port, 4) > 0)
		return;
	node->reboots = true;
	node_doom_disk(node, 1 + (int)random_below(&node->fate.port, 12));
}

void node_start(struct node *node)
{
	static const struct mqtt_handler handler = {.message = on_message,
		.connected = on_connected,
		.disconnected = on_disconnected,
		.will = on_will,
		.taken_over = on_taken_over};
	struct mqtt_handler ours = handler;
	ours.context = node;
	if (node->reboots)
		reboot(node);
	node->dead = false;
	node->doom = 0;
	node->starts_at = USEC_NEVER;
	node->starts++;
	doom_first_start(node);
	node->faults = faults_of(node);
	world_say(node->world, "* %s starts", node->name);
	node_enter(node);
	node_check(node, node->kind->open(node));
	if (node->core)
		node->link = broker_link_new(
			node->world->broker, node->name, &ours, node->kind->filters(node->core));
}

void node_kill(struct node *node)
{
	node->dead = true; /* whatever closing does, nobody hears of it */
	crash_disk_die(node->disk);
	node->link = broker_link_free(node->link, node->reboots);
	if (node->core)
		node->kind->close(node);
	node->died_midway = false;
	if (node->reboots)
		crash_disk_cut(node->disk);
	else
		crash_disk_revive(node->disk);
	node->core = NULL;
	node->due = USEC_NEVER;
	world_say(node->world, "* %s stops", node->name);
	if (node->board)
		witness_died(node->world, node);
	for (int door = 1; node->board && door <= board_count(node->board); door++)
		witness_blind(node->world, node, door);
}

/* When something that has died starts again. */
static usec downtime(struct node *node)
{
	static const usec upto[] = {SECOND, 10 * SECOND, MINUTE, 10 * MINUTE};
	usec most = upto[random_below(&node->fate.port, sizeof(upto) / sizeof(*upto))];
	return 100 * MSEC + (usec)random_below(&node->fate.port, (uint64_t)most);
}

static void count_death(const struct node *node)
{
	struct world *world = node->world;
	world_count(world, COUNT_CRASHES);
	world_count(world, node->kind == &node_kiosk ? COUNT_KIOSK_DIED
			   : node->kind == &node_hub ? COUNT_HUB_DIED
						     : COUNT_LEDGER_DIED);
	if (node->died_midway)
		world_count(world, COUNT_DIED_MIDWAY);
	if (node->reboots)
		world_count(world, COUNT_REBOOTED);
}

void node_die(struct node *node)
{
	count_death(node);
	node_kill(node);
	node->starts_at = node->world->clock.boottime + downtime(node);
}

/* --- rounds --- */

usec node_next_due(const struct node *node)
{
	return is_alive(node) ? node->due : USEC_NEVER;
}

void node_tick(struct node *node)
{
	if (!is_alive(node) || node->due > node->clock.boottime)
		return;
	node_enter(node);
	node_check(node, node->kind->tick(node->core));
}

void node_end_round(struct node *node)
{
	if (!node->touched)
		return;
	node->touched = false;
	if (is_alive(node) && node->kind->after) {
		node_enter(node);
		node_check(node, node->kind->after(node->core));
	}
	node->touched = false;
	/* One that died as it started has no core, and nobody to start it yet. */
	if (node->dead && (node->core || node->starts_at == USEC_NEVER)) {
		node_die(node);
	} else if (node->core) {
		node->due = node->kind->next_due(node->core);
	}
}
