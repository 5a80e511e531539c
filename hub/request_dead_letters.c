#include "hub/core.h"
#include "hub/request.h"
#include "hub/store_dead_letter.h"

#include <stdio.h>

/* The cursor is the number of the page's last letter. */
void hub_request_dead_letters(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	int64_t limit = hub_request_limit(request);
	struct dead_letter_record *last = NULL;
	struct query *query = hub_letter_list(hub->database, hub_request_position(request), limit);
	while (query_next(query)) {
		last = list_add(&reply->dead_letters, sizeof(*last));
		query_record(query, &dead_letter_record_type, last);
	}
	reply->count = (int64_t)reply->dead_letters.n;
	if (last && reply->count == limit)
		snprintf(reply->next, sizeof(reply->next), "%lld", (long long)last->position);
	reply_set(reply, REPLY_OK, "%s", "");
}
