#include "hub/core.h"
#include "hub/request.h"
#include "hub/store_kiosk.h"
#include "hub/views.h"

/* The cursor is the name of the page's last bank. */
void hub_request_banks(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	struct bank_row row;
	int64_t limit = hub_request_limit(request);
	struct query *query = hub_kiosk_page(hub->database, request->args.cursor, limit);
	while (query_next(query)) {
		query_record(query, &hub_bank_row_type, &row);
		/* What is in memory is newer by what this transaction has not written yet. */
		const struct hub_bank *bank = hub_bank_find(hub, row.kiosk);
		hub_views_bank(hub, bank ? &bank->row : &row,
			list_add(&reply->banks, sizeof(struct bank_record)));
	}
	reply->count = (int64_t)reply->banks.n;
	if (reply->count == limit)
		TEXT_COPY(reply->next, row.kiosk);
	reply_set(reply, REPLY_OK, "%s", "");
}
