/* Replies and views as people read them. */
#ifndef LENDLOCK_CLI_SHOW_H
#define LENDLOCK_CLI_SHOW_H

#include "lib/wire/records.h"

#include <stdio.h>

struct show {
	FILE *out;
	size_t width; /* of the terminal; 0: no terminal */
	usec now;     /* wall */
};

/* All that is in a reply that says ok. */
void show_reply(const struct show *show, const struct reply_record *reply);

/* The site: views as they came, in the order of the banks. hub: NULL if its status is not known. */
void show_site(
	const struct show *show, const struct list *views, const struct hub_status_record *hub);

struct offer_of {
	char kiosk[NAME_SIZE];
	struct offer_record offer;
};
/* offers: struct offer_of. */
void show_offers(const struct show *show, const struct list *offers);

#endif
