#include "hub/own.h"

#include "hub/fold.h"
#include "hub/room.h"
#include "hub/store_log.h"
#include "hub/store_view.h"
#include "hub/views.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_envelope(struct hub *hub, struct hub_event *event, const char *subject)
{
	struct event_record *envelope = &event->envelope;
	event->seq = ++hub->node.seq;
	TEXT_COPY(envelope->specversion, "1.0");
	uuid_make(hub->now.wall, hub->random, envelope->id);
	snprintf(envelope->source, sizeof(envelope->source), "/lendlock/%s/hub", hub->site);
	snprintf(envelope->type, sizeof(envelope->type), "lendlock.%s.%s",
		event_kind_names[event->kind], event->fact);
	TEXT_COPY(envelope->subject, subject);
	envelope->time = hub->now.wall;
	TEXT_COPY(envelope->epoch, hub->node.hub);
	snprintf(envelope->sequence, sizeof(envelope->sequence), "%020lld", (long long)event->seq);
	envelope->clock = hub->now.sure ? CLOCK_SURE : CLOCK_UNSURE;
}

void hub_own_event(struct hub *hub, enum event_kind kind, const char *fact, const char *subject,
	const char *kiosk, const void *data)
{
	const struct record_type *type = event_data_type(kind);
	struct hub_event event = {.kind = kind, .fact = fact, .own = true};
	hub_begin(hub);
	memcpy(&event.data, data, type->size);
	TEXT_COPY(event.kiosk, kiosk);
	set_envelope(hub, &event, subject);
	event.envelope.data = record_encode(type, data);

	size_t size;
	char *body = record_write(&event_record_type, &event.envelope, &size);
	hub_log_add(hub->database, &event, &(struct json_text){body, size});
	free(body);
	json_decref(event.envelope.data);
	hub_fold(hub->database, &event);
	hub_views_changed(hub, hub_bank_find(hub, kiosk));
}

static void alert_key(char ret[static ALERT_KEY_SIZE], const char *kind, const char *subject)
{
	snprintf(ret, ALERT_KEY_SIZE, "%.32s:%.47s", kind, subject);
}

void hub_own_alert(struct hub *hub, const char *kiosk, const char *kind, const char *subject,
	const char *item, const char *format, ...)
{
	struct alert_record alert = {0};
	struct alert_row there;
	alert_key(alert.alert, kind, subject);
	if (hub_view_alert(hub->database, kiosk, alert.alert, true, &there))
		return;
	if (strcmp(kind, HUB_ROOM_ALERT) != 0 && hub_room_lacks_alert(hub, kiosk))
		return;
	TEXT_COPY(alert.kind, kind);
	TEXT_COPY(alert.item, item);
	va_list args;
	va_start(args, format);
	vsnprintf(alert.message, sizeof(alert.message), format, args);
	va_end(args);
	hub_own_event(hub, EVENT_ALERT, "raised", alert.alert, kiosk, &alert);
}

void hub_own_alert_clear(struct hub *hub, const char *kiosk, const char *kind, const char *subject)
{
	struct alert_row there;
	char key[ALERT_KEY_SIZE];
	alert_key(key, kind, subject);
	if (!hub_view_alert(hub->database, kiosk, key, true, &there))
		return;
	there.alert.cleared = true;
	hub_own_event(hub, EVENT_ALERT, "cleared", key, kiosk, &there.alert);
}
