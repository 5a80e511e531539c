/* A rental by the name of its item: the commands take that for an id, which nobody types. */
#include "cli/run.h"

#include "lib/base/uuid.h"

#include <stdio.h>
#include <string.h>

/* Rentals are listed latest first, and an item has one open rental at most: that is
 * the first one. */
static const char *find(const json_t *reply, const char *item)
{
	size_t i;
	json_t *rental;
	json_array_foreach(json_object_get(reply, "rentals"), i, rental) {
		if (strcmp(run_text(rental, "item"), item) == 0)
			return run_text(rental, "rental");
	}
	return NULL;
}

/* One's own are known to the bank; who has which thing, to the hub. */
static int ask(struct run *run, const char *item, json_t **ret_reply)
{
	bool of_anybody = run->line->command->of_anybody;
	const struct question question = {
		.kind = of_anybody ? TOPIC_HUB_REQUEST : TOPIC_KIOSK_REQUEST,
		.kiosk = run->config->kiosk,
		.operation = "rentals",
		.ttl = ASK_DOOR_TTL,
	};
	json_t *args = of_anybody ? json_pack("{s:s, s:s, s:i}", "item", item, "kiosk",
					    run->config->kiosk, "limit", 1)
				  : json_object();
	return run_question(run, &question, args, ret_reply);
}

int run_find_rental(struct run *run, json_t *args)
{
	char item[NAME_SIZE];
	const char *word = run_text(args, "rental");
	if (!word[0] || uuid_is_valid(word))
		return EXIT_DONE;
	if (!name_is_valid(word)) {
		fprintf(stderr, "lendlock: %.60s: RENTAL: want a rental's id or an item's name\n",
			word);
		return EXIT_USAGE;
	}
	TEXT_COPY(item, word);
	json_t *reply;
	int status = ask(run, item, &reply);
	const char *rental = find(reply, item);
	if (status == EXIT_DONE && rental) {
		json_object_set_new(args, "rental", json_string(rental));
	} else if (status == EXIT_DONE) {
		fprintf(stderr, "lendlock: no rental of %s at %s%s\n", item, run->config->kiosk,
			run->line->command->of_anybody ? "" : " is yours");
		status = EXIT_REFUSED;
	} else if (reply) {
		run_show_reply(run, reply);
	}
	json_decref(reply);
	return status;
}
