/* Alerts: what a person should look at. The same one is raised once until it is cleared. */
#include "kiosk/internal.h"

#include <stdio.h>
#include <string.h>

static void key_of(char ret_key[static ALERT_KEY_SIZE], const char *kind, const char *subject)
{
	snprintf(ret_key, ALERT_KEY_SIZE, "%s:%s", kind, subject);
}

void alert_raise(
	struct kiosk *kiosk, const char *kind, const char *subject, const struct alert_about *about)
{
	struct alert_record alert;
	char key[ALERT_KEY_SIZE];
	key_of(key, kind, subject);
	if (store_alert_read(kiosk->database, key, &alert))
		return;
	alert = (struct alert_record){.compartment = about->compartment};
	TEXT_COPY(alert.alert, key);
	TEXT_COPY(alert.kind, kind);
	TEXT_COPY(alert.item, about->item ? about->item : "");
	TEXT_COPY(alert.rental, about->rental ? about->rental : "");
	TEXT_COPY(alert.payment, about->payment ? about->payment : "");
	TEXT_COPY(alert.message, about->message ? about->message : "");
	store_alert_write(kiosk->database, &alert);
	outbox_add(kiosk, EVENT_ALERT, "raised", key, &alert);
}

void alert_clear(struct kiosk *kiosk, const char *kind, const char *subject)
{
	struct alert_record alert;
	char key[ALERT_KEY_SIZE];
	key_of(key, kind, subject);
	if (!store_alert_read(kiosk->database, key, &alert))
		return;
	alert.cleared = true;
	store_alert_delete(kiosk->database, key);
	outbox_add(kiosk, EVENT_ALERT, "cleared", key, &alert);
}

/* --- of a door ------------------------------------------------------------------------------- */

struct door_subject {
	char text[24];
};

static struct door_subject subject_of(int64_t compartment)
{
	struct door_subject subject;
	snprintf(subject.text, sizeof(subject.text), "%lld", (long long)compartment);
	return subject;
}

void door_alert_raise(struct kiosk *kiosk, const char *kind, const struct alert_about *about)
{
	alert_raise(kiosk, kind, subject_of(about->compartment).text, about);
}

void door_alert_clear(struct kiosk *kiosk, const char *kind, int64_t compartment)
{
	alert_clear(kiosk, kind, subject_of(compartment).text);
}

bool door_alert_is_raised(struct kiosk *kiosk, const char *kind, int64_t compartment)
{
	struct alert_record alert;
	char key[ALERT_KEY_SIZE];
	key_of(key, kind, subject_of(compartment).text);
	return store_alert_read(kiosk->database, key, &alert);
}
