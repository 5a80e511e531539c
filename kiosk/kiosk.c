/*
 * The bank as a whole: opening and closing, routing messages, transactions, time.
 *
 * Every public call reads the clock once, does its work in transactions, and ends with settle():
 * what the commits ask of the doors is done, what the doors tell is applied, until nothing is left;
 * then the next batch of events goes out.
 */
#include "kiosk/internal.h"

#include "lib/base/log.h"
#include "lib/domain/renter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUSEKEEPING (MINUTE) /* the time is stored, and old rows go, at least this often */
#define CLOCK_RETRY  (10 * SECOND)
#define KEEP_RENTALS (90 * DAY)
#define KEEP_ACKED   (30 * DAY) /* longer than any backup that may be restored */

static usec boottime_of(const struct kiosk *kiosk)
{
	return kiosk->keeper.boottime;
}

static void read_clock(struct kiosk *kiosk)
{
	bool was_sure = kiosk->now.sure;
	kiosk->now = timekeeper_now(&kiosk->keeper);
	if (kiosk->now.sure != was_sure)
		status_changed(kiosk);
}

struct topic kiosk_topic(struct kiosk *kiosk, enum topic_kind kind)
{
	struct topic topic = {.kind = kind};
	TEXT_COPY(topic.site, kiosk->options.site);
	TEXT_COPY(topic.node, kiosk->options.name);
	return topic;
}

bool kiosk_is_manager(struct kiosk *kiosk, const char *user)
{
	const char *names = kiosk->desired ? kiosk->desired->managers.items : NULL;
	for (size_t i = 0; names && i < kiosk->desired->managers.n; i++)
		if (strcmp(names + i * NAME_SIZE, user) == 0)
			return true;
	return false;
}

bool kiosk_renter(struct kiosk *kiosk, const char *user, char ret_renter[static NAME_SIZE])
{
	return kiosk->desired && renter_opaque(kiosk->desired->renter_key, user, ret_renter) == 0;
}

/* --- transactions ---------------------------------------------------------------------------- */

void kiosk_begin(struct kiosk *kiosk)
{
	database_begin(kiosk->database);
}

/* The node's row goes along with any change, so that the time is stored with it; a transaction that
 * changes nothing (a refused request) must cost no flush. */
static void store_node(struct kiosk *kiosk)
{
	struct node_row *node = &kiosk->node, *stored = &kiosk->stored;
	stored->elapsed = node->elapsed;
	stored->wall = node->wall;
	if (!database_changed(kiosk->database) && memcmp(stored, node, sizeof(*node)) == 0)
		return;
	node->elapsed = kiosk->now.elapsed;
	node->wall = kiosk->now.wall;
	store_node_write(kiosk->database, node);
	*stored = *node;
}

int kiosk_end(struct kiosk *kiosk)
{
	store_node(kiosk);
	int r = database_commit(kiosk->database);
	if (r < 0)
		outgoing_drop(kiosk->outgoing);
	else
		outgoing_send(kiosk->outgoing, kiosk->options.mqtt);
	touch_settle(kiosk, r == 0);
	return r;
}

static void on_told(void *context, int compartment, int64_t opening, enum door_fact fact)
{
	struct kiosk *kiosk = context;
	struct door_told *told = list_add(&kiosk->told, sizeof(*told));
	*told = (struct door_told){compartment, opening, fact};
}

static struct list take(struct list *list)
{
	struct list taken = *list;
	*list = (struct list){0};
	return taken;
}

/* What the last commits ask of the doors. */
static void open_doors(struct kiosk *kiosk)
{
	struct list effects = take(&kiosk->effects);
	const struct door_effect *effect = effects.items;
	for (size_t i = 0; i < effects.n; i++)
		if (doors_open(kiosk->doors, effect[i].compartment, effect[i].opening,
			    boottime_of(kiosk)) < 0)
			on_told(kiosk, effect[i].compartment, effect[i].opening, DOOR_JAMMED);
	free(effects.items);
	doors_tick(kiosk->doors, boottime_of(kiosk));
}

static int apply_told(struct kiosk *kiosk)
{
	struct list facts = take(&kiosk->told);
	const struct door_told *told = facts.items;
	int r = 0;
	for (size_t i = 0; r == 0 && i < facts.n; i++)
		r = openings_told(kiosk, &told[i]);
	free(facts.items);
	return r;
}

/* A copy that cannot be made (the disk is full) must not stop a bank that takes things back. */
static void keep_copy(struct kiosk *kiosk)
{
	char path[4096];
	if (strcmp(kiosk->options.database, ":memory:") == 0)
		return;
	snprintf(path, sizeof(path), "%s.%s", kiosk->options.database, kiosk->node.epoch);
	remove(path); /* half of one, if the power went */
	if (database_copy(kiosk->database, path) == 0)
		log_warning("bank: a copy of the old database is kept in %s", path);
	else
		log_error("bank: no copy of the old database could be made in %s", path);
}

/* The old copy of a database is kept before anything else is written to it. */
static int fork_epoch(struct kiosk *kiosk)
{
	if (!kiosk->fork_why)
		return 0;
	keep_copy(kiosk);
	kiosk_begin(kiosk);
	adoption_forked(kiosk);
	return kiosk_end(kiosk);
}

static int settle(struct kiosk *kiosk, int result)
{
	while (result == 0 && (kiosk->effects.n > 0 || kiosk->told.n > 0)) {
		if (kiosk->effects.n > 0)
			open_doors(kiosk);
		result = apply_told(kiosk);
	}
	if (result == 0)
		result = fork_epoch(kiosk);
	if (result == 0)
		outbox_send(kiosk);
	return result < 0 ? result : database_error(kiosk->database);
}

/* --- opening and closing --------------------------------------------------------------------- */

static bool is_manager_of(void *node, const char *user)
{
	return kiosk_is_manager(node, user);
}

static void begin_of(void *node)
{
	kiosk_begin(node);
}

static int end_of(void *node)
{
	return kiosk_end(node);
}

static void set_filters(struct kiosk *kiosk)
{
	static const struct {
		enum topic_kind kind;
		const char *node, *user, *operation; /* NULL: this kiosk */
	} wanted[KIOSK_FILTERS] = {
		{TOPIC_KIOSK_REQUEST, NULL, "+", "+"},
		{TOPIC_KIOSK_ACK, NULL, "", ""},
		{TOPIC_KIOSK_DESIRED, NULL, "", ""},
		{TOPIC_KIOSK_STATUS, NULL, "", ""},
		{TOPIC_HUB_STATUS, NULL, "", ""},
		{TOPIC_PAYMENT_REPLY, "+", NULL, ""},
		{TOPIC_PAYMENT_STATUS, "+", "", ""},
	};
	for (int i = 0; i < KIOSK_FILTERS; i++) {
		struct topic topic = kiosk_topic(kiosk, wanted[i].kind);
		if (wanted[i].node)
			TEXT_COPY(topic.node, wanted[i].node);
		TEXT_COPY(topic.user, wanted[i].user ? wanted[i].user : kiosk->options.name);
		TEXT_COPY(topic.operation, wanted[i].operation);
		topic_format(&topic, kiosk->filter_texts[i]);
		kiosk->filters[i] = kiosk->filter_texts[i];
	}
}

/* Another bank's things lie behind other doors. */
static bool is_this_banks(const struct kiosk *kiosk, const struct node_row *node)
{
	char bank[sizeof(node->bank)];
	snprintf(bank, sizeof(bank), "%s/%s", kiosk->options.site, kiosk->options.name);
	if (strcmp(bank, node->bank) == 0)
		return true;
	log_error("database: it is that of the bank %s, and this is %s", node->bank, bank);
	return false;
}

/* The first start makes the node; every start goes on where the last one was. */
static int start_node(struct kiosk *kiosk)
{
	struct node_row *node = &kiosk->node;
	store_node_read(kiosk->database, node);
	bool first = node->id == 0;
	if (first) {
		*node = (struct node_row){.id = 1, .elapsed = SECOND, .mode = MODE_LENDING};
		snprintf(node->bank, sizeof(node->bank), "%s/%s", kiosk->options.site,
			kiosk->options.name);
	}
	if (database_error(kiosk->database) == 0 && !is_this_banks(kiosk, node))
		return -EINVAL;
	timekeeper_start(&kiosk->keeper, kiosk->options.clock, node->elapsed, node->wall);
	kiosk->now = timekeeper_now(&kiosk->keeper);
	if (first)
		uuid_make(kiosk->now.wall, kiosk->options.random, node->epoch);
	kiosk_begin(kiosk);
	return kiosk_end(kiosk);
}

static int start(struct kiosk *kiosk)
{
	const struct kiosk_options *options = &kiosk->options;
	int r = database_open(options->database, options->vfs, kiosk_migrations, &kiosk->database);
	if (r == 0)
		r = start_node(kiosk);
	if (r < 0)
		return r;
	kiosk->desk = (struct desk){
		.operations = kiosk_operations,
		.database = kiosk->database,
		.outgoing = kiosk->outgoing,
		.node = kiosk,
		.reply_topic = kiosk_topic(kiosk, TOPIC_KIOSK_REPLY),
		.is_manager = is_manager_of,
		.touch_reply = touch_answer,
		.begin = begin_of,
		.end = end_of,
	};
	set_filters(kiosk);
	desired_load(kiosk);
	outbox_start(kiosk);
	kiosk->housekeeping = kiosk->now.elapsed + HOUSEKEEPING;
	for (int i = 0; i < BANK_COMPARTMENTS_MAX; i++)
		kiosk->forced[i] = kiosk->now.elapsed;
	r = doors_new(
		options->bank, &options->doors, boottime_of(kiosk), on_told, kiosk, &kiosk->doors);
	if (r == 0)
		r = openings_recover(kiosk);
	return settle(kiosk, r);
}

int kiosk_open(const struct kiosk_options *options, struct kiosk **ret_kiosk)
{
	struct kiosk *kiosk = calloc(1, sizeof(*kiosk));
	if (!kiosk)
		abort();
	kiosk->options = *options;
	kiosk->outgoing = outgoing_new();
	kiosk->offer_due = kiosk->status_due = USEC_NEVER;
	int r = start(kiosk);
	if (r < 0) {
		kiosk_close(kiosk);
		return r;
	}
	*ret_kiosk = kiosk;
	return 0;
}

struct kiosk *kiosk_close(struct kiosk *kiosk)
{
	if (!kiosk)
		return NULL;
	doors_free(kiosk->doors);
	database_close(kiosk->database);
	outgoing_free(kiosk->outgoing);
	if (kiosk->desired) {
		record_clear(&desired_record_type, kiosk->desired);
		free(kiosk->desired);
	}
	free(kiosk->effects.items);
	free(kiosk->told.items);
	touch_settle(kiosk, false);
	free(kiosk);
	return NULL;
}

const char *const *kiosk_filters(struct kiosk *kiosk)
{
	return kiosk->filters;
}

bool kiosk_healthy(struct kiosk *kiosk)
{
	return database_error(kiosk->database) == 0 &&
	       database_number(kiosk->database, 0, "SELECT 1", "") == 1;
}

/* --- the network ----------------------------------------------------------------------------- */

/* A hub that was born anew hears at once what it may have missed. */
static void take_hub_status(struct kiosk *kiosk, const json_t *json)
{
	struct hub_status_record status;
	char why[RECORD_WHY_SIZE];
	if (record_decode(&hub_status_record_type, json, &status, why) != 0) {
		log_warning("hub status: %s", why);
		return;
	}
	if (status.state == LINK_ONLINE && strcmp(status.session, kiosk->hub_session) != 0) {
		TEXT_COPY(kiosk->hub_session, status.session);
		outbox_resend(kiosk);
		status_changed(kiosk); /* it may be an old copy, and not know what it acked */
	}
	record_clear(&hub_status_record_type, &status);
}

static void take_json(
	struct kiosk *kiosk, const struct topic *topic, const struct mqtt_message *message)
{
	char why[RECORD_WHY_SIZE];
	json_t *json;
	/* The answer to a reconcile may list all payments of a bank. */
	size_t most = topic->kind == TOPIC_PAYMENT_REPLY ? MQTT_PAYLOAD_MAX : REQUEST_BYTES;
	if (json_read(message->payload, message->size, most, &json, why) != 0) {
		log_warning("%s: %s", message->topic, why);
		return;
	}
	if (topic->kind == TOPIC_KIOSK_ACK)
		outbox_ack(kiosk, json);
	else if (topic->kind == TOPIC_KIOSK_STATUS)
		adoption_status(kiosk, json);
	else if (topic->kind == TOPIC_HUB_STATUS)
		take_hub_status(kiosk, json);
	else if (topic->kind == TOPIC_PAYMENT_REPLY && !message->retain)
		payments_reply(kiosk, topic, json);
	else if (topic->kind == TOPIC_PAYMENT_STATUS)
		payments_status(kiosk, topic, json);
	json_decref(json);
}

static bool is_for_us(const struct kiosk *kiosk, const struct topic *topic)
{
	if (strcmp(topic->site, kiosk->options.site) != 0)
		return false;
	switch (topic->kind) {
	case TOPIC_KIOSK_REQUEST:
	case TOPIC_KIOSK_ACK:
	case TOPIC_KIOSK_DESIRED:
	case TOPIC_KIOSK_STATUS:
		return strcmp(topic->node, kiosk->options.name) == 0;
	case TOPIC_PAYMENT_REPLY:
		return strcmp(topic->user, kiosk->options.name) == 0;
	case TOPIC_HUB_STATUS:
	case TOPIC_PAYMENT_STATUS:
		return true;
	default:
		return false;
	}
}

int kiosk_message(struct kiosk *kiosk, const struct mqtt_message *message)
{
	struct topic topic;
	topic_parse(message->topic, &topic);
	read_clock(kiosk);
	if (!is_for_us(kiosk, &topic)) {
		log_debug("message on %s is not for this bank", message->topic);
		return 0;
	}
	if (topic.kind == TOPIC_KIOSK_REQUEST)
		return settle(kiosk, desk_take(&kiosk->desk, &topic, message, kiosk->now));
	kiosk_begin(kiosk);
	if (topic.kind == TOPIC_KIOSK_DESIRED)
		desired_take(kiosk, message);
	else
		take_json(kiosk, &topic, message);
	return settle(kiosk, kiosk_end(kiosk));
}

int kiosk_connected(struct kiosk *kiosk)
{
	read_clock(kiosk);
	kiosk->connected = kiosk->born = true;
	kiosk_begin(kiosk);
	status_birth(kiosk);
	store_payments_ask_now(kiosk->database, kiosk->now.elapsed);
	outbox_resend(kiosk);
	desk_connected(&kiosk->desk);
	return settle(kiosk, kiosk_end(kiosk));
}

void kiosk_disconnected(struct kiosk *kiosk)
{
	kiosk->connected = false;
	desk_disconnected(&kiosk->desk);
	payments_forget(kiosk);
	kiosk->outbox.sent = 0;
}

const struct mqtt_message *kiosk_will(struct kiosk *kiosk)
{
	struct kiosk_status_record status = {.state = LINK_LOST};
	read_clock(kiosk);
	uuid_make(kiosk->now.wall, kiosk->options.random, kiosk->session);
	TEXT_COPY(status.session, kiosk->session);
	char *text = record_write(&kiosk_status_record_type, &status, NULL);
	TEXT_COPY(kiosk->will_payload, text);
	free(text);
	const struct topic topic = kiosk_topic(kiosk, TOPIC_KIOSK_STATUS);
	topic_format(&topic, kiosk->will_topic);
	kiosk->will = (struct mqtt_message){
		.topic = kiosk->will_topic,
		.payload = kiosk->will_payload,
		.size = strlen(kiosk->will_payload),
		.qos = 1,
		.retain = true,
		.content_type = "application/json",
	};
	return &kiosk->will;
}

int kiosk_taken_over(struct kiosk *kiosk)
{
	read_clock(kiosk);
	kiosk_begin(kiosk);
	adoption_second_board(kiosk, "another board has connected under this bank's name");
	return settle(kiosk, kiosk_end(kiosk));
}

int kiosk_touch(struct kiosk *kiosk, const char *user, const char *operation, const char *id,
	const json_t *args)
{
	read_clock(kiosk);
	return settle(kiosk, desk_touch(&kiosk->desk, user, operation, id, args, kiosk->now));
}

int kiosk_edges(struct kiosk *kiosk)
{
	read_clock(kiosk);
	doors_edges(kiosk->doors, boottime_of(kiosk));
	return settle(kiosk, apply_told(kiosk));
}

/* --- time ------------------------------------------------------------------------------------ */

static int keep_house(struct kiosk *kiosk)
{
	if (kiosk->housekeeping > kiosk->now.elapsed)
		return 0;
	kiosk->housekeeping = kiosk->now.elapsed + HOUSEKEEPING;
	kiosk_begin(kiosk);
	/* The time goes on, so the row is written. */
	memset(&kiosk->stored, 0, sizeof(kiosk->stored));
	adoption_tick(kiosk);
	store_outbox_forget(kiosk->database, kiosk->now.elapsed - KEEP_ACKED);
	store_rentals_forget(kiosk->database, kiosk->now.wall - KEEP_RENTALS);
	return kiosk_end(kiosk);
}

int kiosk_tick(struct kiosk *kiosk)
{
	read_clock(kiosk);
	kiosk->options.bank->tick(kiosk->options.bank, boottime_of(kiosk));
	doors_edges(kiosk->doors, boottime_of(kiosk));
	doors_tick(kiosk->doors, boottime_of(kiosk));
	int r = apply_told(kiosk);
	if (r == 0)
		r = rentals_tick(kiosk);
	if (r == 0)
		r = payments_tick(kiosk);
	if (r == 0)
		r = desk_tick(&kiosk->desk, kiosk->now);
	if (r == 0)
		r = keep_house(kiosk);
	if (r == 0)
		r = status_tick(kiosk);
	if (r == 0)
		outbox_tick(kiosk);
	return settle(kiosk, r);
}

usec kiosk_next_due(struct kiosk *kiosk)
{
	const struct bank_port *bank = kiosk->options.bank;
	usec due = store_rental_next_due(kiosk->database, kiosk->now.sure);
	due = usec_min(due, payments_next_due(kiosk));
	due = usec_min(due, desk_next_due(&kiosk->desk));
	due = usec_min(due, outbox_next_due(kiosk));
	due = usec_min(due, status_next_due(kiosk));
	due = usec_min(due, kiosk->housekeeping);
	if (!kiosk->now.sure)
		due = usec_min(due, kiosk->now.elapsed + CLOCK_RETRY);
	usec boottime = timekeeper_boottime(&kiosk->keeper, due);
	boottime = usec_min(boottime, doors_next_due(kiosk->doors));
	return usec_min(boottime, bank->next_due(kiosk->options.bank));
}
