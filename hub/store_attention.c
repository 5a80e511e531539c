#include "hub/store_attention.h"

#include "hub/conditions.h"

/*
 * ?1: payments unchanged since then wait too long; ?2: links lost since then, too. filter: AND ...
 * OR, for a list of more than two words is a table to SQLite, which it makes anew each time.
 */
#define ATTENTION(filter)                                                                        \
	"SELECT 'alert' AS what, kiosk, alert AS subject, item, message, changed AS since FROM " \
	"alert"                                                                                  \
	" WHERE 1 " filter " UNION ALL SELECT 'rental', kiosk, rental, item,"                    \
	"  state || CASE WHEN clock_stopped THEN ', its clock stopped' ELSE '' END, changed"     \
	" FROM rental INDEXED BY rental_open WHERE " HUB_OPEN_RENTAL                             \
	" AND (clock_stopped OR state='overdue' OR state='lost' OR state='unconfirmed'"          \
	"  OR state='unconfirmed-return') " filter                                               \
	" UNION ALL SELECT 'payment', kiosk, payment, '', state, changed FROM payment"           \
	" INDEXED BY payment_open WHERE " HUB_OPEN_PAYMENT                                       \
	" AND changed<?1 AND (state='sent' OR state='capture-owed' OR state='void-owed'"         \
	"  OR state='refund-owed') " filter " UNION ALL SELECT 'item', kiosk, item, item,"       \
	"  state || CASE WHEN reason='' THEN '' ELSE ': ' || substr(reason, 1, 70) END, changed" \
	" FROM item WHERE state IN ('unknown','inspection') " filter                             \
	" UNION ALL SELECT 'bank', kiosk, kiosk, '', 'lost', link_since FROM bank"               \
	" WHERE link='lost' AND link_since<?2 " filter                                           \
	" UNION ALL SELECT 'bank', kiosk, claimed, '', 'another epoch waits to be adopted', 0"   \
	" FROM bank WHERE claimed<>'' " filter                                                   \
	" UNION ALL SELECT 'dead-letters', kiosk, 'dead-letters', '', count(*) || ' wait',"      \
	"  min(received_at) FROM dead_letter WHERE replayed=0 " filter " GROUP BY kiosk"

void hub_attention_list(struct database *database, usec wall, int64_t limit, struct list *ret)
{
	struct query *query = database_query(database,
		"SELECT * FROM (" ATTENTION("") ") ORDER BY since, what, subject LIMIT ?3", "iii",
		wall - HUB_ATTENTION_PAYMENT, wall - HUB_ATTENTION_LINK, limit);
	while (query_next(query)) {
		struct attention_record *record = list_add(ret, sizeof(*record));
		TEXT_COPY(record->what, query_text(query, 0));
		TEXT_COPY(record->kiosk, query_text(query, 1));
		TEXT_COPY(record->subject, query_text(query, 2));
		TEXT_COPY(record->item, query_text(query, 3));
		TEXT_COPY(record->message, query_text(query, 4));
		record->since = query_int(query, 5);
	}
}

int64_t hub_attention_count(struct database *database, const char *kiosk, usec wall)
{
	return database_number(database, 0, "SELECT count(*) FROM (" ATTENTION("AND kiosk=?3") ")",
		"iit", wall - HUB_ATTENTION_PAYMENT, wall - HUB_ATTENTION_LINK, kiosk);
}
