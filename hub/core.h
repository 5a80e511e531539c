/* The hub from inside: what its files share. Nobody else includes this. */
#ifndef LENDLOCK_HUB_CORE_H
#define LENDLOCK_HUB_CORE_H

#include "hub/hub.h"
#include "hub/rows.h"
#include "hub/store_view.h"
#include "lib/domain/timekeeper.h"
#include "lib/requests/desk.h"
#include "lib/store/database.h"
#include "lib/wire/outgoing.h"

#define HUB_BANKS_MAX       4096
#define HUB_TRANSACTION_MAX 4096 /* events that one transaction takes */
#define HUB_BUCKETS         1024
#define HUB_FILTERS         4
#define HUB_BANK_ITEMS_MAX  1024            /* as many as a desired state may list */
#define HUB_BANK_BYTES_MAX  INT64_C(262144) /* of JSON for them; see DESIRED_BYTES */
#define HUB_BLOCKED_MAX     4096            /* renters */
#define HUB_RETRY           (250 * MSEC)    /* when the port takes no more */

/* One kiosk. They live as long as the hub; their rows are written with the commit. */
struct hub_bank {
	struct bank_row row;
	struct hub_bank *next_in_bucket;
	bool waiting;           /* in the queue of those that the commit looks at, because ... */
	bool row_dirty;         /* ... its row has changed */
	bool cursor_dirty;      /* ... its cursor has moved on; the rest of the row is as it was */
	bool ack_due;           /* ... its cursor is to be acked */
	bool desired_dirty;     /* ... its desired state may have changed */
	bool desired_unsent;    /* in desired_queue */
	usec desired_said;      /* elapsed, when it was last published */
	bool view_unsent;       /* in view_queue */
	usec view_said;         /* elapsed, when it was last published */
	int64_t attention_said; /* in its last view */
	int64_t acked_seen;     /* in its status, and not by this hub; until the raise */
	usec view_due;          /* elapsed */
	/* Of its last status: what a board has open that waits to be adopted. */
	char waiting_epoch[UUID_SIZE];
	struct list open_rentals;     /* struct open_rental_record */
	int64_t room[HUB_VIEW_KINDS]; /* see room.c */
};

/* Banks that wait for something, each once, in order. */
struct hub_queue {
	struct hub_bank *ring[HUB_BANKS_MAX];
	size_t first, n;
};

struct hub {
	char site[NAME_SIZE], ledger[NAME_SIZE];
	struct list managers; /* names */
	struct settings_record settings;
	int64_t log_keep;
	usec view_keep;
	usec say_again; /* 0: never */

	struct database *database;
	struct timekeeper timekeeper;
	struct now now; /* of the message or tick at hand */
	struct random_port *random;
	struct mqtt_port *mqtt;
	struct outgoing *outgoing;
	struct desk desk;
	struct node_row node;

	struct hub_bank *buckets[HUB_BUCKETS];
	struct hub_bank *banks[HUB_BANKS_MAX]; /* all of them */
	size_t banks_n;

	bool in_transaction;
	size_t taken; /* events in this transaction */
	struct hub_queue commit_queue, desired_queue, view_queue;
	usec queue_retry; /* elapsed: the port refused; try again then */

	char filter_texts[HUB_FILTERS][MQTT_TOPIC_MAX];
	const char *filters[HUB_FILTERS + 1];
	bool connected;
	char session[UUID_SIZE];
	char will_topic[MQTT_TOPIC_MAX];
	char *will_payload;
	struct mqtt_message will;
	usec status_due, node_due, prune_due, view_prune_due; /* elapsed */
	usec echoed;             /* elapsed when our status last came back */
	bool raise_wanted;       /* of the generation; see restore.h */
	usec raise_from;         /* elapsed; not before */
	int64_t generation_seen; /* the greatest one that a bank has shown */
	int64_t replayed;        /* dead letters: up to this position, in turn */
	size_t rechecked;        /* banks, in turn */
	size_t banks_said;       /* in the last status */
};

/* Opens the transaction if none is open. Everything that writes begins with it. */
void hub_begin(struct hub *hub);
/* The bank's row has changed: it is written with the commit. */
void hub_touch(struct hub *hub, struct hub_bank *bank);
/* Its cursor alone has moved on, which happens much more often. */
void hub_touch_cursor(struct hub *hub, struct hub_bank *bank);
/* Its desired state may have changed; see desired.h. */
void hub_touch_desired(struct hub *hub, struct hub_bank *bank);
/* An ack of its cursor follows the commit. */
void hub_ack(struct hub *hub, struct hub_bank *bank);
/* An ack of any epoch: epoch, seq, event and retired are given. */
void hub_ack_send(struct hub *hub, const char *kiosk, struct ack_record *ack);
/* A topic of this site. */
struct topic hub_topic(const struct hub *hub, enum topic_kind kind, const char *node);

/* --- banks.c --- */
void hub_banks_load(struct hub *hub);
void hub_banks_free(struct hub *hub);
/* The bank of that name, or NULL. */
struct hub_bank *hub_bank_find(struct hub *hub, const char *kiosk);
/* ... made if there is none; NULL if there are HUB_BANKS_MAX. Inside the transaction. */
struct hub_bank *hub_bank_get(struct hub *hub, const char *kiosk);
/* It is gone, its row and all that waits for it. Inside the transaction. */
void hub_bank_remove(struct hub *hub, struct hub_bank *bank);
void hub_queue_add(struct hub_queue *queue, struct hub_bank *bank);
struct hub_bank *hub_queue_first(const struct hub_queue *queue); /* NULL: empty */
void hub_queue_remove_first(struct hub_queue *queue);

#endif
