#include "hub/letters.h"
#include "hub/request.h"

#define REPLAY_MAX 1000 /* letters a request: a person asks again for more */

void hub_request_dead_letters_replay(
	void *node, struct request *request, struct reply_record *reply)
{
	int64_t taken, waiting;
	(void)request;
	hub_letter_replay(node, REPLAY_MAX, &taken, &waiting);
	reply->count = taken;
	reply_set(reply, REPLY_OK, "%lld events were taken, %lld letters still wait",
		(long long)taken, (long long)waiting);
}
