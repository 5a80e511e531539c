/* Store: what needs a person, put together out of the view and what the hub knows besides. */
#ifndef LENDLOCK_HUB_STORE_ATTENTION_H
#define LENDLOCK_HUB_STORE_ATTENTION_H

#include "lib/store/database.h"
#include "lib/wire/records.h"

#define HUB_ATTENTION_PAYMENT (10 * MINUTE) /* owed for longer */
#define HUB_ATTENTION_LINK    (5 * MINUTE)  /* lost for longer */

/* Longest waiting first, at most limit, attention_records. */
void hub_attention_list(struct database *database, usec wall, int64_t limit, struct list *ret);
/* How many there are, at one bank. */
int64_t hub_attention_count(struct database *database, const char *kiosk, usec wall);

#endif
