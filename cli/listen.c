/* Commands that listen to what the broker keeps, or passes on: offers, status, watch. */
#include "cli/run.h"

#include "cli/watch.h"
#include "lib/wire/topic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUIET   (300 * MSEC) /* nothing came for so long: that was all that is retained */
#define FIRST   (2 * SECOND) /* ... or nothing came at all */
#define REDRAW  (200 * MSEC)
#define FOREVER (365 * DAY)

/* What has been heard, kept as JSON under its topic. */
struct listener {
	struct run *run;
	struct session *session;
	json_t *kept; /* topic -> payload */
	bool changed;
	json_int_t left; /* of watch: messages to go; negative: no end */
	char filter_texts[4][MQTT_TOPIC_MAX];
	const char *filters[5];
};

static void add_filter(struct listener *listener, enum topic_kind kind, const char *node)
{
	size_t n = 0;
	while (listener->filters[n])
		n++;
	struct topic topic = {.kind = kind};
	TEXT_COPY(topic.site, listener->run->config->site);
	TEXT_COPY(topic.node, node);
	topic_format(&topic, listener->filter_texts[n]);
	listener->filters[n] = listener->filter_texts[n];
}

static bool keep(void *context, const struct mqtt_message *message)
{
	struct listener *listener = context;
	char why[RECORD_WHY_SIZE];
	json_t *json = NULL;
	listener->changed = true;
	if (message->size == 0)
		json_object_del(listener->kept, message->topic);
	else if (json_read(message->payload, message->size, MQTT_PAYLOAD_MAX, &json, why) == 0)
		json_object_set_new(listener->kept, message->topic, json);
	else
		fprintf(stderr, "lendlock: %s: %s\n", message->topic, why);
	return true; /* so that the silence after it can be measured */
}

/* Whether nothing is missing, as far as that is known: the hub says how many views there are. */
static bool is_complete(const struct listener *listener)
{
	json_int_t banks = -1;
	size_t views = 0;
	const char *text;
	json_t *json;
	json_object_foreach(listener->kept, text, json) {
		struct topic topic;
		topic_parse(text, &topic);
		if (topic.kind == TOPIC_HUB_STATUS)
			banks = json_integer_value(json_object_get(json, "banks"));
		views += topic.kind == TOPIC_VIEW;
	}
	return banks > 0 && views >= (size_t)banks;
}

/* Waits until what is retained has come. */
static void gather(struct listener *listener)
{
	usec wait = json_object_size(listener->kept) > 0 ? QUIET : FIRST;
	while (!is_complete(listener) &&
		session_wait(listener->session, session_now(listener->session) + wait))
		wait = QUIET;
}

static int start(struct listener *listener, struct run *run, session_message *message)
{
	listener->run = run;
	listener->kept = json_object();
	return session_open(
		       run->config, listener->filters, message, listener, &listener->session) == 0
		       ? EXIT_DONE
		       : EXIT_SILENT;
}

/* The bank that --kiosk names on the command line, or all. */
static const char *which_bank(const struct run *run)
{
	return run->line->kiosk_given && run->config->kiosk[0] ? run->config->kiosk : "+";
}

/* --- records out of what is kept -------------------------------------------------- */

struct found {
	char node[NAME_SIZE];
	const json_t *json;
};

static int compare_found(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->node, ((const struct found *)b)->node);
}

/* struct found of that kind, by name; to be freed. */
static struct list find(const struct listener *listener, enum topic_kind kind)
{
	struct list list = {0};
	const char *text;
	json_t *json;
	json_object_foreach(listener->kept, text, json) {
		struct topic topic;
		topic_parse(text, &topic);
		if (topic.kind != kind)
			continue;
		struct found *found = list_add(&list, sizeof(*found));
		TEXT_COPY(found->node, topic.node);
		found->json = json;
	}
	if (list.n > 1)
		qsort(list.items, list.n, sizeof(struct found), compare_found);
	return list;
}

static void print_found(const struct listener *listener, const char *name, enum topic_kind kind)
{
	struct list list = find(listener, kind);
	const struct found *found = list.items;
	for (size_t i = 0; i < list.n; i++) {
		json_t *line =
			json_pack("{s:s, s:O}", name, found[i].node, "payload", found[i].json);
		char *text = json_write(line, NULL);
		fprintf(listener->run->show.out, "%s\n", text);
		free(text);
		json_decref(line);
	}
	free(list.items);
}

static void not_readable(const char *what, const char *node, const char *why)
{
	fprintf(stderr, "lendlock: %s of %s: %s\n", what, node, why);
}

/* --- offers ----------------------------------------------------------------------- */

static void draw_offers(struct listener *listener)
{
	struct list list = find(listener, TOPIC_KIOSK_OFFER), offers = {0};
	const struct found *found = list.items;
	for (size_t i = 0; i < list.n; i++) {
		char why[RECORD_WHY_SIZE];
		struct offer_of one;
		TEXT_COPY(one.kiosk, found[i].node);
		if (record_decode(&offer_record_type, found[i].json, &one.offer, why) == 0)
			*(struct offer_of *)list_add(&offers, sizeof(one)) = one;
		else
			not_readable("the offer", found[i].node, why);
	}
	show_offers(&listener->run->show, &offers);
	struct offer_of *offer = offers.items;
	for (size_t i = 0; i < offers.n; i++)
		record_clear(&offer_record_type, &offer[i].offer);
	free(offers.items);
	free(list.items);
}

int run_offers(struct run *run)
{
	struct listener listener = {.run = run};
	add_filter(&listener, TOPIC_KIOSK_OFFER, which_bank(run));
	int status = start(&listener, run, keep);
	if (status != EXIT_DONE)
		return status;
	gather(&listener);
	if (run->line->json)
		print_found(&listener, "kiosk", TOPIC_KIOSK_OFFER);
	else
		draw_offers(&listener);
	json_decref(listener.kept);
	return EXIT_DONE;
}

/* --- status ----------------------------------------------------------------------- */

static struct list decode_views(const struct listener *listener)
{
	struct list list = find(listener, TOPIC_VIEW), views = {0};
	const struct found *found = list.items;
	for (size_t i = 0; i < list.n; i++) {
		char why[RECORD_WHY_SIZE];
		struct view_record view;
		if (record_decode(&view_record_type, found[i].json, &view, why) == 0)
			*(struct view_record *)list_add(&views, sizeof(view)) = view;
		else
			not_readable("the view", found[i].node, why);
	}
	free(list.items);
	return views;
}

static const struct hub_status_record *decode_hub(
	const struct listener *listener, struct hub_status_record *ret_status)
{
	struct list list = find(listener, TOPIC_HUB_STATUS);
	const struct found *found = list.items;
	char why[RECORD_WHY_SIZE];
	bool known = list.n > 0 &&
		     record_decode(&hub_status_record_type, found[0].json, ret_status, why) == 0;
	free(list.items);
	return known ? ret_status : NULL;
}

static void draw_site(struct listener *listener)
{
	struct hub_status_record status;
	const struct hub_status_record *hub = decode_hub(listener, &status);
	struct list views = decode_views(listener);
	listener->run->show.now = session_wall(listener->session);
	show_site(&listener->run->show, &views, hub);
	struct view_record *view = views.items;
	for (size_t i = 0; i < views.n; i++)
		record_clear(&view_record_type, &view[i]);
	free(views.items);
}

/* Draws anew whenever something came, but not more often than one can read. */
static void follow(struct listener *listener)
{
	FILE *out = listener->run->show.out;
	for (;;) {
		if (!listener->run->line->json)
			fputs("\033[H\033[2J", out);
		listener->changed = false;
		if (listener->run->line->json)
			print_found(listener, "kiosk", TOPIC_VIEW);
		else
			draw_site(listener);
		fflush(out);
		while (!listener->changed)
			session_wait(listener->session, session_now(listener->session) + FOREVER);
		usec until = session_now(listener->session) + REDRAW;
		while (session_wait(listener->session, until))
			;
	}
}

/* Says which views did not come. Renters get none; the broker drops them without a word. */
static int say_missing(const struct listener *listener)
{
	struct hub_status_record status;
	const struct hub_status_record *hub = decode_hub(listener, &status);
	const char *bank = which_bank(listener->run), *user = listener->run->config->user;
	struct list found = find(listener, TOPIC_VIEW);
	long long shown = (long long)found.n, banks = hub ? (long long)hub->banks : 0;
	free(found.items);
	if (bank[0] == '+' && shown < banks)
		fprintf(stderr, "lendlock: %lld of %lld banks are not shown: may %s see them?\n",
			banks - shown, banks, user);
	else if (bank[0] != '+' && shown == 0)
		fprintf(stderr,
			"lendlock: no view of %s: there is no such bank, or %s may not see it\n",
			bank, user);
	else
		return EXIT_DONE;
	return shown == 0 ? EXIT_SILENT : EXIT_DONE;
}

int run_status(struct run *run)
{
	struct listener listener = {.run = run};
	add_filter(&listener, TOPIC_VIEW, which_bank(run));
	add_filter(&listener, TOPIC_HUB_STATUS, "");
	int status = start(&listener, run, keep);
	if (status != EXIT_DONE)
		return status;
	gather(&listener);
	status = say_missing(&listener);
	if (arguments_value(run->line, "--watch"))
		follow(&listener);
	else if (run->line->json)
		print_found(&listener, "kiosk", TOPIC_VIEW);
	else if (status == EXIT_DONE)
		draw_site(&listener);
	json_decref(listener.kept);
	return status;
}

/* --- watch ------------------------------------------------------------------------ */

static bool print(void *context, const struct mqtt_message *message)
{
	struct listener *listener = context;
	if (listener->left == 0)
		return true;
	watch_print(message, session_wall(listener->session), listener->run->line->json,
		listener->run->show.out);
	fflush(listener->run->show.out);
	return listener->left > 0 && --listener->left == 0;
}

int run_watch(struct run *run)
{
	struct listener listener = {.run = run};
	const char *count = arguments_value(run->line, "--count");
	listener.left = count ? strtoll(count, NULL, 10) : -1;
	snprintf(listener.filter_texts[0], MQTT_TOPIC_MAX, "lendlock/v1/%s/#", run->config->site);
	listener.filters[0] = listener.filter_texts[0];
	int status = start(&listener, run, print);
	if (status != EXIT_DONE)
		return status;
	while (!session_wait(listener.session, session_now(listener.session) + FOREVER))
		;
	json_decref(listener.kept);
	return EXIT_DONE;
}
