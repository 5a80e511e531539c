#include "hub/views.h"

#include "hub/store_attention.h"
#include "hub/store_items.h"
#include "hub/store_view.h"
#include "lib/base/log.h"

#include <stdlib.h>

#define PUBLISH_AT_ONCE   8    /* views a round, so that nothing else waits long */
#define RECHECK_AT_ONCE   64   /* banks */
#define VIEW_CONTENTS_MAX 1024 /* as the record's lists */

void hub_views_changed(struct hub *hub, struct hub_bank *bank)
{
	if (!bank || bank->view_unsent || !hub->connected)
		return; /* at the next connect all are sent */
	bank->view_unsent = true;
	bank->view_due = hub->now.elapsed + HUB_VIEW_INTERVAL;
	hub_queue_add(&hub->view_queue, bank);
}

void hub_views_all_changed(struct hub *hub)
{
	for (size_t i = 0; i < hub->banks_n; i++)
		hub_views_changed(hub, hub->banks[i]);
}

void hub_views_bank(struct hub *hub, const struct bank_row *row, struct bank_record *ret_bank)
{
	struct hub_view_counts counts = {0};
	hub_view_count(hub->database, row->kiosk, &counts);
	*ret_bank = (struct bank_record){
		.link = row->link,
		.link_since = row->link_since,
		.lending = row->lending,
		.payments = row->payments,
		.seq = row->seq,
		.items = counts.items,
		.available = counts.available,
		.rented = counts.rented,
		.attention = hub_attention_count(hub->database, row->kiosk, hub->now.wall),
	};
	TEXT_COPY(ret_bank->kiosk, row->kiosk);
	TEXT_COPY(ret_bank->epoch, row->epoch);
	TEXT_COPY(ret_bank->claimed_epoch, row->claimed);
}

static void build(struct hub *hub, struct hub_bank *bank, int64_t most, struct view_record *ret)
{
	*ret = (struct view_record){0};
	hub_views_bank(hub, &bank->row, &ret->bank);
	bank->attention_said = ret->bank.attention;
	hub_items_of_bank(hub->database, bank->row.kiosk, most, &ret->contents);
	struct alert_row row;
	struct query *query = hub_view_alerts(hub->database, bank->row.kiosk, most);
	while (query_next(query)) {
		query_record(query, &hub_alert_row_type, &row);
		*(struct alert_record *)list_add(&ret->alerts, sizeof(row.alert)) = row.alert;
	}
}

/* As text; with less in it if it would be too large for one message. */
static char *render(struct hub *hub, struct hub_bank *bank, size_t *ret_size)
{
	for (int64_t most = VIEW_CONTENTS_MAX;; most /= 2) {
		struct view_record view;
		build(hub, bank, most, &view);
		char *text = record_write(&view_record_type, &view, ret_size);
		record_clear(&view_record_type, &view);
		if (*ret_size <= MQTT_PAYLOAD_MAX || most == 0)
			return text;
		free(text);
		log_warning("views: %s has too much for one message", bank->row.kiosk);
	}
}

/* False if the port takes no more now. */
static bool publish(struct hub *hub, struct hub_bank *bank)
{
	char topic_text[MQTT_TOPIC_MAX];
	const struct topic topic = hub_topic(hub, TOPIC_VIEW, bank->row.kiosk);
	topic_format(&topic, topic_text);
	struct mqtt_message message = {
		.topic = topic_text, .qos = 1, .retain = true, .content_type = "application/json"};
	char *text = render(hub, bank, &message.size);
	message.payload = text;
	int r = hub->mqtt->publish(hub->mqtt, &message);
	free(text);
	return r == 0;
}

void hub_views_recheck(struct hub *hub)
{
	for (size_t i = 0; i < RECHECK_AT_ONCE && i < hub->banks_n; i++) {
		struct hub_bank *bank = hub->banks[hub->rechecked++ % hub->banks_n];
		bool again = hub->say_again && hub->now.elapsed - bank->view_said >= hub->say_again;
		if (again || hub_attention_count(hub->database, bank->row.kiosk, hub->now.wall) !=
				     bank->attention_said)
			hub_views_changed(hub, bank);
	}
}

void hub_views_publish(struct hub *hub)
{
	for (int i = 0; i < PUBLISH_AT_ONCE; i++) {
		struct hub_bank *bank = hub_queue_first(&hub->view_queue);
		if (!bank || bank->view_due > hub->now.elapsed)
			return;
		if (!publish(hub, bank)) {
			hub->queue_retry = hub->now.elapsed + HUB_RETRY;
			return;
		}
		bank->view_unsent = false;
		bank->view_said = hub->now.elapsed;
		hub_queue_remove_first(&hub->view_queue);
	}
}
