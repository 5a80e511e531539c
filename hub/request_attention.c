#include "hub/core.h"
#include "hub/request.h"
#include "hub/store_attention.h"

#define ATTENTION_MAX 1000

void hub_request_attention(void *node, struct request *request, struct reply_record *reply)
{
	struct hub *hub = node;
	(void)request;
	hub_attention_list(hub->database, hub->now.wall, ATTENTION_MAX, &reply->attention);
	reply->count = (int64_t)reply->attention.n;
	reply_set(reply, REPLY_OK, "%s",
		reply->count == ATTENTION_MAX ? "there is more than is shown" : "");
}
