#include "hub/hub.h"

#include "hub/core.h"
#include "hub/desired.h"
#include "hub/ingest.h"
#include "hub/migrations.h"
#include "hub/own.h"
#include "hub/prune.h"
#include "hub/request.h"
#include "hub/restore.h"
#include "hub/status.h"
#include "hub/store_kiosk.h"
#include "hub/views.h"
#include "lib/base/log.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define NODE_INTERVAL   MINUTE /* its time is stored at least that often */
#define STATUS_INTERVAL (30 * SECOND)
#define ECHO_MAX        (3 * MINUTE) /* connected, and nothing of ours came back */

#define SECONDS(duration) ((duration) / SECOND)

const struct settings_record hub_settings_default = {
	.hold = SECONDS(15 * MINUTE),
	.extend = SECONDS(15 * MINUTE),
	.hold_max = SECONDS(2 * HOUR),
	.pickup = SECONDS(2 * HOUR),
	.lost = SECONDS(14 * DAY),
	.report_within = SECONDS(5 * MINUTE),
	.rentals_max = 3,
};

/* --- the transaction ----------------------------------------------------------------- */

void hub_begin(struct hub *hub)
{
	if (hub->in_transaction)
		return;
	hub->in_transaction = true;
	hub->taken = 0;
	database_begin(hub->database);
}

static void look_at(struct hub *hub, struct hub_bank *bank)
{
	if (bank->waiting)
		return;
	hub_begin(hub);
	bank->waiting = true;
	hub_queue_add(&hub->commit_queue, bank);
}

void hub_touch(struct hub *hub, struct hub_bank *bank)
{
	bank->row_dirty = true;
	look_at(hub, bank);
}

void hub_touch_cursor(struct hub *hub, struct hub_bank *bank)
{
	bank->cursor_dirty = true;
	look_at(hub, bank);
}

void hub_touch_desired(struct hub *hub, struct hub_bank *bank)
{
	bank->desired_dirty = true;
	look_at(hub, bank);
}

void hub_ack(struct hub *hub, struct hub_bank *bank)
{
	bank->ack_due = true;
	look_at(hub, bank);
}

struct topic hub_topic(const struct hub *hub, enum topic_kind kind, const char *node)
{
	struct topic topic = {.kind = kind};
	TEXT_COPY(topic.site, hub->site);
	TEXT_COPY(topic.node, node);
	return topic;
}

void hub_ack_send(struct hub *hub, const char *kiosk, struct ack_record *ack)
{
	const struct topic topic = hub_topic(hub, TOPIC_KIOSK_ACK, kiosk);
	const struct outgoing_options options = {.qos = 0};
	TEXT_COPY(ack->hub, hub->node.hub);
	ack->generation = hub->node.generation;
	outgoing_add(hub->outgoing, &topic, &ack_record_type, ack, &options);
}

static void add_ack(struct hub *hub, const struct hub_bank *bank)
{
	if (bank->row.epoch[0] == '\0')
		return; /* it has shown none yet */
	struct ack_record ack = {.seq = bank->row.seq};
	TEXT_COPY(ack.epoch, bank->row.epoch);
	TEXT_COPY(ack.event, bank->row.event);
	hub_ack_send(hub, bank->row.kiosk, &ack);
}

static void settle(struct hub *hub, struct hub_bank *bank)
{
	if (bank->desired_dirty && hub_desired_revise(hub, bank))
		bank->row_dirty = true;
	if (bank->ack_due)
		add_ack(hub, bank);
	if (bank->row_dirty)
		hub_kiosk_put(hub->database, &bank->row);
	else if (bank->cursor_dirty)
		hub_kiosk_put_cursor(hub->database, &bank->row);
	bank->waiting = bank->row_dirty = bank->cursor_dirty = false;
	bank->ack_due = bank->desired_dirty = false;
}

/* The rows of all banks that something happened to, and what is to be said to them. */
static void settle_banks(struct hub *hub)
{
	struct hub_bank *bank;
	while ((bank = hub_queue_first(&hub->commit_queue))) {
		settle(hub, bank);
		hub_queue_remove_first(&hub->commit_queue);
	}
}

static void put_node(struct hub *hub)
{
	hub->node.elapsed = hub->now.elapsed;
	hub->node.wall = hub->now.wall;
	hub_node_put(hub->database, &hub->node);
	hub->node_due = hub->now.elapsed + NODE_INTERVAL;
}

int hub_flush(struct hub *hub)
{
	if (!hub->in_transaction)
		return database_error(hub->database);
	settle_banks(hub);
	put_node(hub);
	hub->in_transaction = false;
	int r = database_commit(hub->database);
	if (r < 0) {
		outgoing_drop(hub->outgoing);
		return r;
	}
	outgoing_send(hub->outgoing, hub->mqtt);
	if (hub->connected && hub->now.elapsed >= hub->queue_retry)
		hub_desired_publish(hub);
	return database_error(hub->database);
}

/* --- the desk ------------------------------------------------------------------------ */

static bool is_manager(void *node, const char *user)
{
	const struct hub *hub = node;
	const char *names = hub->managers.items;
	for (size_t i = 0; i < hub->managers.n; i++)
		if (strcmp(names + i * NAME_SIZE, user) == 0)
			return true;
	return false;
}

static void desk_begin(void *node)
{
	hub_begin(node);
}

/* The request joined the transaction; the flush commits it and only then lets the reply go. */
static int desk_end(void *node)
{
	(void)node;
	return 0;
}

static void set_up_desk(struct hub *hub)
{
	hub->desk = (struct desk){
		.operations = hub_operations,
		.database = hub->database,
		.outgoing = hub->outgoing,
		.node = hub,
		.reply_topic = hub_topic(hub, TOPIC_HUB_REPLY, ""),
		.is_manager = is_manager,
		.begin = desk_begin,
		.end = desk_end,
	};
}

/* --- opening ------------------------------------------------------------------------- */

static void make_node(struct hub *hub)
{
	unsigned char key[32];
	hub->node = (struct node_row){.node = 1, .generation = 1};
	TEXT_COPY(hub->node.site, hub->site);
	uuid_make(hub->now.wall, hub->random, hub->node.hub);
	hub->random->fill(hub->random, key, sizeof(key));
	sodium_bin2hex(hub->node.renter_key, sizeof(hub->node.renter_key), key, sizeof(key));
	sodium_memzero(key, sizeof(key));
	log_info("hub: a new database; this hub is %s", hub->node.hub);
}

static void make_filters(struct hub *hub)
{
	static const enum topic_kind kinds[HUB_FILTERS] = {
		TOPIC_KIOSK_EVENT, TOPIC_KIOSK_STATUS, TOPIC_HUB_REQUEST, TOPIC_HUB_STATUS};
	for (size_t i = 0; i < HUB_FILTERS; i++) {
		struct topic topic = {.kind = kinds[i], .node = "+", .user = "+", .operation = "+"};
		TEXT_COPY(topic.site, hub->site);
		topic_format(&topic, hub->filter_texts[i]);
		hub->filters[i] = hub->filter_texts[i];
	}
}

static void take_options(struct hub *hub, const struct hub_options *options)
{
	TEXT_COPY(hub->site, options->site);
	TEXT_COPY(hub->ledger, options->ledger);
	for (const char *const *name = options->managers; name && *name; name++)
		text_copy(list_add(&hub->managers, NAME_SIZE), NAME_SIZE, *name);
	hub->settings = options->settings;
	hub->log_keep = options->log_keep;
	hub->view_keep = options->view_keep;
	hub->say_again = options->say_again;
	hub->random = options->random;
	hub->mqtt = options->mqtt;
	make_filters(hub);
}

static int begin_life(struct hub *hub, struct clock_port *clock)
{
	bool known = hub_node_get(hub->database, &hub->node);
	if (known && strcmp(hub->node.site, hub->site) != 0) {
		log_error("database: it is that of the site %s, and this is %s", hub->node.site,
			hub->site);
		return -EINVAL;
	}
	timekeeper_start(&hub->timekeeper, clock, hub->node.elapsed, hub->node.wall);
	hub->now = timekeeper_now(&hub->timekeeper);
	hub_begin(hub);
	if (!known)
		make_node(hub);
	hub_banks_load(hub);
	hub_desired_all_changed(hub); /* the configuration may be another one now */
	return hub_flush(hub);
}

int hub_open(const struct hub_options *options, struct hub **ret_hub)
{
	struct hub *hub = calloc(1, sizeof(*hub));
	if (!hub)
		abort();
	take_options(hub, options);
	hub->outgoing = outgoing_new();
	int r = database_open(options->database, options->vfs, hub_migrations, &hub->database);
	if (r == 0) {
		/* The rows that events go to lie scattered: keep their pages at hand (64 MiB), and
		 * write them back when many events have gone to them (64 MiB of log). */
		database_run(hub->database, "PRAGMA cache_size=-65536", "");
		database_run(hub->database, "PRAGMA wal_autocheckpoint=16384", "");
		set_up_desk(hub);
		r = begin_life(hub, options->clock);
	}
	if (r < 0) {
		hub_close(hub);
		return r;
	}
	*ret_hub = hub;
	return 0;
}

struct hub *hub_close(struct hub *hub)
{
	if (!hub)
		return NULL;
	hub_banks_free(hub);
	outgoing_free(hub->outgoing);
	database_close(hub->database);
	free(hub->managers.items);
	free(hub->will_payload);
	free(hub);
	return NULL;
}

/* --- the network --------------------------------------------------------------------- */

const char *const *hub_filters(struct hub *hub)
{
	return hub->filters;
}

static char *render_status(struct hub *hub, int state, size_t *ret_size)
{
	struct hub_status_record status = {.state = state};
	TEXT_COPY(status.session, hub->session);
	if (state == LINK_ONLINE) {
		TEXT_COPY(status.version, LENDLOCK_VERSION);
		TEXT_COPY(status.hub, hub->node.hub);
		status.generation = hub->node.generation;
		status.banks = (int64_t)hub->banks_n;
	}
	return record_write(&hub_status_record_type, &status, ret_size);
}

static void publish_status(struct hub *hub)
{
	char topic_text[MQTT_TOPIC_MAX];
	const struct topic topic = hub_topic(hub, TOPIC_HUB_STATUS, "");
	topic_format(&topic, topic_text);
	struct mqtt_message message = {
		.topic = topic_text, .qos = 1, .retain = true, .content_type = "application/json"};
	char *text = render_status(hub, LINK_ONLINE, &message.size);
	message.payload = text;
	if (hub->mqtt->publish(hub->mqtt, &message) == 0)
		hub->banks_said = hub->banks_n;
	free(text);
	hub->status_due = hub->now.elapsed + STATUS_INTERVAL;
}

const struct mqtt_message *hub_will(struct hub *hub)
{
	const struct topic topic = hub_topic(hub, TOPIC_HUB_STATUS, "");
	hub->now = timekeeper_now(&hub->timekeeper);
	uuid_make(hub->now.wall, hub->random, hub->session);
	topic_format(&topic, hub->will_topic);
	free(hub->will_payload);
	hub->will = (struct mqtt_message){.topic = hub->will_topic,
		.qos = 1,
		.retain = true,
		.content_type = "application/json"};
	hub->will_payload = render_status(hub, LINK_LOST, &hub->will.size);
	hub->will.payload = hub->will_payload;
	return &hub->will;
}

int hub_connected(struct hub *hub)
{
	hub->now = timekeeper_now(&hub->timekeeper);
	hub->connected = true;
	hub->echoed = hub->now.elapsed;
	hub->queue_retry = 0;
	publish_status(hub);
	for (size_t i = 0; i < hub->banks_n; i++) {
		hub_desired_send(hub, hub->banks[i]);
		hub_ack(hub, hub->banks[i]);
	}
	hub_views_all_changed(hub);
	return hub_flush(hub);
}

void hub_disconnected(struct hub *hub)
{
	hub->connected = false;
	for (size_t i = 0; i < hub->banks_n; i++)
		hub->banks[i]->desired_unsent = hub->banks[i]->view_unsent = false;
	hub->desired_queue.n = hub->view_queue.n = 0;
}

int hub_taken_over(struct hub *hub)
{
	hub->now = timekeeper_now(&hub->timekeeper);
	log_error("hub: another client took the session: is there a second hub under this name?");
	hub_begin(hub);
	hub_own_alert(hub, "", "second-hub", "hub", "",
		"another client logged in under the name of this hub");
	return hub_flush(hub);
}

/* Our own status came back: the broker takes from us and gives to us. */
static void take_echo(struct hub *hub, const struct mqtt_message *message)
{
	if (hub->session[0] && memmem(message->payload, message->size, hub->session, UUID_SIZE - 1))
		hub->echoed = hub->now.elapsed;
}

static int take_message(struct hub *hub, const struct mqtt_message *message)
{
	struct topic topic;
	topic_parse(message->topic, &topic);
	if (strcmp(topic.site, hub->site) != 0)
		return 0;
	switch (topic.kind) {
	case TOPIC_KIOSK_EVENT:
		hub_ingest(hub, topic.node, message);
		break;
	case TOPIC_KIOSK_STATUS:
		hub_status_take(hub, topic.node, message);
		break;
	case TOPIC_HUB_REQUEST:
		return desk_take(&hub->desk, &topic, message, hub->now);
	case TOPIC_HUB_STATUS:
		take_echo(hub, message);
		break;
	default:
		break;
	}
	return 0;
}

int hub_message(struct hub *hub, const struct mqtt_message *message)
{
	hub->now = timekeeper_now(&hub->timekeeper);
	int r = take_message(hub, message);
	if (r < 0)
		return r;
	if (hub->taken >= HUB_TRANSACTION_MAX)
		return hub_flush(hub);
	return database_error(hub->database);
}

/* --- time ---------------------------------------------------------------------------- */

static void publish_due(struct hub *hub)
{
	if (!hub->connected)
		return;
	if (hub->now.elapsed >= hub->status_due || hub->banks_said != hub->banks_n) {
		publish_status(hub);
		hub_views_recheck(hub);
		hub_desired_recheck(hub);
	}
	if (hub->now.elapsed < hub->queue_retry)
		return;
	hub_desired_publish(hub);
	if (hub->now.elapsed >= hub->queue_retry)
		hub_views_publish(hub);
}

int hub_tick(struct hub *hub)
{
	hub->now = timekeeper_now(&hub->timekeeper);
	int r = desk_tick(&hub->desk, hub->now);
	if (r < 0)
		return r;
	if (hub->now.elapsed >= hub->node_due)
		hub_begin(hub);
	hub_restore_tick(hub);
	r = hub_flush(hub);
	if (r < 0)
		return r;
	publish_due(hub);
	return hub_prune_tick(hub);
}

usec hub_next_due(struct hub *hub)
{
	if (hub->in_transaction)
		return timekeeper_boottime(&hub->timekeeper, hub->now.elapsed);
	usec due = usec_min(hub->node_due, desk_next_due(&hub->desk));
	due = usec_min(due, hub_restore_next_due(hub));
	if (hub->connected) {
		due = usec_min(due, hub->status_due);
		usec queued = USEC_NEVER;
		if (hub_queue_first(&hub->view_queue))
			queued = hub_queue_first(&hub->view_queue)->view_due;
		if (hub_queue_first(&hub->desired_queue))
			queued = hub->now.elapsed;
		if (queued != USEC_NEVER && queued < hub->queue_retry)
			queued = hub->queue_retry;
		due = usec_min(due, queued);
	}
	return timekeeper_boottime(&hub->timekeeper, due);
}

bool hub_healthy(struct hub *hub)
{
	return database_error(hub->database) == 0 &&
	       (!hub->connected || hub->now.elapsed - hub->echoed < ECHO_MAX);
}
