/*
 * One bank of lockers, without its edges: everything but main.c, the loop, Paho and the hardware.
 * Single-threaded; many may live in one process.
 *
 * All int results: 0, or a negative errno that is fatal (the database failed, a second process
 * holds it): the daemon stops, and recovers from its store when it starts again.
 */
#ifndef LENDLOCK_KIOSK_KIOSK_H
#define LENDLOCK_KIOSK_KIOSK_H

#include "kiosk/doors/doors.h"
#include "lib/ports/clock.h"
#include "lib/ports/mqtt.h"
#include "lib/ports/random.h"
#include "lib/wire/records.h"

struct kiosk;

/* Borrowed for the kiosk's life. */
struct kiosk_options {
	const char *site, *name; /* [a-z0-9-]{1,32} */
	const char *database;    /* file, or ":memory:" */
	const char *vfs;         /* SQLite VFS, or NULL */
	struct clock_port *clock;
	struct random_port *random;
	struct mqtt_port *mqtt;
	struct bank_port *bank;
	struct doors_settings doors;
	usec say_again; /* what is retained, though nothing has changed; 0: never */
	/* Moves a simulated bank's doors for `simulate`; NULL: that operation is refused.
	 * Returns false if there is no such compartment. */
	bool (*simulate)(void *context, int compartment, enum door_action action);
	void *simulate_context;
	/* Replies to requests made with kiosk_touch(), after their commit. Must not call the kiosk.
	 * May be NULL. */
	void (*touch_reply)(void *context, const char *id, const struct reply_record *reply);
	void *touch_context;
};

int kiosk_open(const struct kiosk_options *options, struct kiosk **ret_kiosk);
struct kiosk *kiosk_close(struct kiosk *kiosk);

/* The topic filters to subscribe to, ended by NULL; live as long as the kiosk. */
const char *const *kiosk_filters(struct kiosk *kiosk);

/* The network's side: see struct mqtt_handler. */
int kiosk_message(struct kiosk *kiosk, const struct mqtt_message *message);
int kiosk_connected(struct kiosk *kiosk);
void kiosk_disconnected(struct kiosk *kiosk);
const struct mqtt_message *kiosk_will(struct kiosk *kiosk);
/* Another board has this kiosk's name: it stops lending until a manager adopts one of the two. */
int kiosk_taken_over(struct kiosk *kiosk);

/* A renter or manager at the touchscreen: the same operations as by MQTT. id: a fresh UUID. args:
 * as the operation's schema says, without expires_at. The reply goes to touch_reply, now or later.
 */
int kiosk_touch(struct kiosk *kiosk, const char *user, const char *operation, const char *id,
	const json_t *args);

/* The bank's fd became readable. */
int kiosk_edges(struct kiosk *kiosk);

int kiosk_tick(struct kiosk *kiosk);
usec kiosk_next_due(struct kiosk *kiosk); /* boottime, or USEC_NEVER */

/* Whether all is well enough to feed a watchdog: the database works. */
bool kiosk_healthy(struct kiosk *kiosk);

#endif
