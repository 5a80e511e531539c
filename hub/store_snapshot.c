#include "hub/store_snapshot.h"

#include "lib/base/log.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

union row {
	struct catalogue_record catalogue;
	struct item_row item;
	struct rental_row rental;
	struct payment_row payment;
	struct alert_row alert;
};

/* The tables of the view. Names and statements are constants, as the store wants them. */
static const struct table {
	const char *name;
	const struct record_type *type;
	const char *order, *clear;
} tables[] = {
	{"catalogue", &catalogue_record_type, "ORDER BY item", "DELETE FROM catalogue"},
	{"item", &hub_item_row_type, "ORDER BY item", "DELETE FROM item"},
	{"rental", &hub_rental_row_type, "ORDER BY rental", "DELETE FROM rental"},
	{"payment", &hub_payment_row_type, "ORDER BY payment", "DELETE FROM payment"},
	{"alert", &hub_alert_row_type, "ORDER BY kiosk, alert, own", "DELETE FROM alert"},
};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

static void take_table(struct database *database, const struct table *table)
{
	union row row;
	char key[24];
	long long n = 0;
	struct query *query = database_select(database, table->name, table->type, table->order, "");
	while (query_next(query)) {
		query_record(query, table->type, &row);
		char *text = record_write(table->type, &row, NULL);
		snprintf(key, sizeof(key), "%020lld", n++);
		database_run(database, "INSERT INTO snapshot(kind, key, body) VALUES(?,?,?)", "ttt",
			table->name, key, text);
		free(text);
	}
}

void hub_snapshot_take(struct database *database)
{
	database_run(database, "DELETE FROM snapshot", "");
	for (size_t i = 0; i < TABLES; i++)
		take_table(database, &tables[i]);
}

static void restore_table(struct database *database, const struct table *table)
{
	union row row;
	char why[RECORD_WHY_SIZE];
	database_run(database, table->clear, "");
	struct query *query = database_query(
		database, "SELECT body FROM snapshot WHERE kind=? ORDER BY key", "t", table->name);
	while (query_next(query)) {
		json_t *json = json_loads(query_text(query, 0), 0, NULL);
		if (!json || record_decode(table->type, json, &row, why) != 0) {
			log_error("snapshot: a row of %s cannot be read", table->name);
			abort();
		}
		json_decref(json);
		database_put(database, table->name, table->type, &row);
	}
}

void hub_snapshot_restore(struct database *database)
{
	for (size_t i = 0; i < TABLES; i++)
		restore_table(database, &tables[i]);
}

void hub_snapshot_hash(struct database *database, char ret_hash[static CONTENT_HASH_SIZE])
{
	crypto_generichash_state state;
	unsigned char hash[16];
	union row row;
	size_t size;
	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	for (size_t i = 0; i < TABLES; i++) {
		struct query *query = database_select(
			database, tables[i].name, tables[i].type, tables[i].order, "");
		while (query_next(query)) {
			query_record(query, tables[i].type, &row);
			char *text = record_write(tables[i].type, &row, &size);
			crypto_generichash_update(&state, (unsigned char *)text, size + 1);
			free(text);
		}
	}
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(ret_hash, CONTENT_HASH_SIZE, hash, sizeof(hash));
}
