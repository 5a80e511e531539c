/* Dead letters: what cannot be read or applied is kept for a person or a later version. */
#ifndef LENDLOCK_HUB_LETTERS_H
#define LENDLOCK_HUB_LETTERS_H

#include "hub/core.h"
#include "hub/event.h"

/* Whom a letter waits for. */
enum hub_letter_for {
	HUB_LETTER_REPLAY, /* a version that can read it */
	HUB_LETTER_PERSON, /* somebody who decides; no replay ever applies it */
};

/* Bytes that are no message. event: the kiosk, and the name (id, epoch, seq) if one
 * could be found. */
void hub_letter_bytes(struct hub *hub, const struct hub_event *event, const char *reason,
	const void *bytes, size_t size);
/* One event, whose name is in event as far as it could be read. */
void hub_letter_event(struct hub *hub, const struct hub_event *event, enum hub_letter_for whom,
	const char *reason, const json_t *json);
/* The item that an unreadable event names is unknown from now on. */
void hub_letter_item_unknown(struct hub *hub, const char *kiosk, const json_t *json);

/* Takes those that are readable now, in their order, at most limit. How many events were taken and
 * how many letters still wait. */
void hub_letter_replay(struct hub *hub, int64_t limit, int64_t *ret_taken, int64_t *ret_waiting);

#endif
