/* Store: the kiosks, with their cursors and epochs, and the hub's own row. */
#ifndef LENDLOCK_HUB_STORE_KIOSK_H
#define LENDLOCK_HUB_STORE_KIOSK_H

#include "hub/rows.h"
#include "lib/store/database.h"

/* All banks, by name; rows for query_record() with hub_bank_row_type. */
struct query *hub_kiosk_all(struct database *database);
/* At most limit of those after a name. */
struct query *hub_kiosk_page(struct database *database, const char *after, int64_t limit);
void hub_kiosk_put(struct database *database, const struct bank_row *row);
/* The cursor of a bank that is there: its seq and event. */
void hub_kiosk_put_cursor(struct database *database, const struct bank_row *row);

void hub_kiosk_delete(struct database *database, const char *kiosk);

/* An epoch that was valid once. */
bool hub_retired_get(struct database *database, const char *kiosk, const char *epoch,
	struct retired_row *ret_row);
void hub_retired_put(struct database *database, const struct retired_row *row);

/* false: the database is new. */
bool hub_node_get(struct database *database, struct node_row *ret_row);
void hub_node_put(struct database *database, const struct node_row *row);

#endif
