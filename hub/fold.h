/*
 * The fold: what an event does to the view, as a function of (the rows there, the event) alone. No
 * clock, no random, nothing in memory; so the same events give the same view, byte for byte,
 * whenever they are folded.
 */
#ifndef LENDLOCK_HUB_FOLD_H
#define LENDLOCK_HUB_FOLD_H

#include "hub/event.h"
#include "lib/store/database.h"

/* What the fold noticed. Whoever takes the event for the first time acts on it (ingest.c). */
enum hub_fold_note {
	HUB_FOLD_ITEM_STRANGE = 1,   /* the item was not in the view; now it is */
	HUB_FOLD_ITEM_ELSEWHERE = 2, /* it, or the rental, is of another bank; left alone */
	HUB_FOLD_ITEM_RELEASED = 4,  /* it moved on to its next bank */
	HUB_FOLD_ITEM_WITHDRAWN = 8, /* its kiosk says that it is withdrawn */
};

unsigned hub_fold(struct database *database, const struct hub_event *event);

#endif
