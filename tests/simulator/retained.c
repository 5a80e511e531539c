#include "tests/simulator/retained.h"

#include <stdlib.h>
#include <string.h>

void retained_put(struct retained **store, struct packet *packet)
{
	struct retained **at = store;
	while (*at && strcmp((*at)->packet->message.topic, packet->message.topic) != 0)
		at = &(*at)->next;
	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (!*at)
			abort();
	}
	packet_release((*at)->packet);
	(*at)->packet = packet_hold(packet);
}

struct retained *retained_free(struct retained *retained)
{
	while (retained) {
		struct retained *next = retained->next;
		packet_release(retained->packet);
		free(retained);
		retained = next;
	}
	return NULL;
}

struct retained *retained_copy(const struct retained *store)
{
	struct retained *copy = NULL, **at = &copy;
	for (; store; store = store->next, at = &(*at)->next) {
		*at = calloc(1, sizeof(**at));
		if (!*at)
			abort();
		(*at)->packet = packet_hold(store->packet);
	}
	return copy;
}
