#include "tests/simulator/check.h"

#include "hub/hub.h"
#include "hub/migrations.h"
#include "kiosk/store.h"
#include "payment-adapter/store.h"
#include "tests/simulator/check_parts.h"
#include "tests/simulator/check_places.h"

#include <stdlib.h>

bool check_some_put_back(const struct world *world)
{
	for (size_t k = 0; k < world->kiosks_n; k++)
		if (world->witness.banks[k].put_back)
			return true;
	return world->witness.hub_put_back;
}

bool check_is_lost(const struct check *check, const char *id)
{
	const struct known_rental *rental = witness_rental(check->world, id);
	return rental && rental->lost;
}

/* The last words of an epoch that was retired are for a person. */
bool check_is_in_letter(struct check *check, const char *rental)
{
	return database_number(check->hub, 0,
		       "SELECT count(*) FROM dead_letter WHERE for_person AND instr(body, ?)", "t",
		       rental) > 0;
}

/* --- the files --- */

static struct database *open_file(
	struct check *check, const struct node *node, const char *const *migrations)
{
	struct database *database = NULL;
	if (database_open(node->path, crash_disk_vfs(node->disk), migrations, &database) < 0 ||
		database_check(database) < 0)
		world_wrong(check->world, "file-damaged", node->name, "%s: its file is damaged",
			node->name);
	return database;
}

/* False: there is one that cannot be read at all. */
static bool open_files(struct check *check)
{
	struct world *world = check->world;
	check->hub = open_file(check, &world->hub, hub_migrations);
	check->ledger = open_file(check, &world->ledger, ledger_migrations);
	bool all = check->hub && check->ledger;
	for (size_t k = 0; k < world->kiosks_n; k++) {
		check->kiosks[k] = open_file(check, &world->kiosks[k], kiosk_migrations);
		all &= check->kiosks[k] != NULL;
	}
	return all;
}

/* --- all of it --- */

static void check_view(struct check *check)
{
	struct node *node = &check->world->hub;
	bool same = false;
	node->dead = false;
	if (node->kind->open(node) < 0 || hub_rebuild_view(node->core, false, &same) < 0 || !same)
		world_wrong(check->world, "view-fold", "", "the view is not what the log says");
	node->kind->close(node);
	node->core = NULL;
}

static void check_files(struct check *check)
{
	struct world *world = check->world;
	check_read_tales(check);
	check_hub(check);
	for (size_t k = 0; k < world->kiosks_n; k++) {
		check_events(check, k);
		check_kiosk(check, k);
		check_desired(check, k);
		check_said(check, k);
		check_rentals(check, k);
		check_payments(check, k);
		check_places(world, &world->kiosks[k], check->kiosks[k], check->hub);
	}
	check_strangers(check);
	check_charges(check);
	for (size_t i = 0; i < world->renters_n; i++)
		check_promises(check, &world->renters[i].person);
	check_promises(check, &world->steward.person);
	check_promises(check, &world->deputy.person);
	check_entries(check, &world->steward.person);
	check_entries(check, &world->deputy.person);
}

void world_check(struct world *world)
{
	struct check check = {.world = world};
	check_view(&check);
	if (open_files(&check))
		check_files(&check);
	for (size_t k = 0; k < world->kiosks_n; k++)
		database_close(check.kiosks[k]);
	database_close(check.hub);
	database_close(check.ledger);
	free(check.tales.items);
}
