#include "kiosk/store.h"

#include <stdlib.h>
#include <string.h>

#define OF(member, kind, flag, ...)                                         \
	{                                                                   \
		.name = #member, .type = kind, .flags = flag,               \
		.offset = offsetof(struct node_row, member),                \
		.size = sizeof(((struct node_row *)0)->member), __VA_ARGS__ \
	}
static const struct field fields[] = {
	OF(id, FIELD_INTEGER, FIELD_KEY),
	OF(bank, FIELD_TEXT, 0),
	OF(elapsed, FIELD_INTEGER, 0),
	OF(wall, FIELD_INTEGER, 0),
	OF(mode, FIELD_CHOICE, 0, .names = kiosk_mode_names),
	OF(epoch, FIELD_TEXT, 0),
	OF(seq, FIELD_INTEGER, 0),
	OF(acked, FIELD_INTEGER, 0),
	OF(hub, FIELD_TEXT, 0),
	OF(generation, FIELD_INTEGER, 0),
	OF(revision, FIELD_INTEGER, 0),
	OF(reconcile_at, FIELD_INTEGER, 0),
	{0},
};
static const struct record_type type = {
	.name = "node_row", .fields = fields, .size = sizeof(struct node_row)};

void store_node_read(struct database *database, struct node_row *ret_row)
{
	database_get(database, "node", &type, ret_row, "", "");
}

void store_node_write(struct database *database, const struct node_row *row)
{
	database_put(database, "node", &type, row);
}

void store_desired_write(struct database *database, const char *json)
{
	database_run(database,
		"INSERT INTO desired(id, body) VALUES(1, ?)"
		" ON CONFLICT(id) DO UPDATE SET body=excluded.body",
		"t", json);
}

char *store_desired_read(struct database *database)
{
	struct query *query = database_query(database, "SELECT body FROM desired", "");
	if (!query_next(query))
		return NULL;
	char *json = strdup(query_text(query, 0));
	query_end(query);
	if (!json)
		abort();
	return json;
}
