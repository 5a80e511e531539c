/* An event as the hub takes it: envelope and data, read and judged. */
#ifndef LENDLOCK_HUB_EVENT_H
#define LENDLOCK_HUB_EVENT_H

#include "lib/wire/records.h"

#define HUB_SEQ_MAX INTEGER_MAX

union hub_fact {
	struct rental_record rental;
	struct payment_record payment;
	struct item_record item;
	struct alert_record alert;
	struct snapshot_record snapshot;
	struct catalogue_change_record catalogue;
	struct adopted_record adopted;
	struct pruned_record pruned;
	struct bank_removed_record bank_removed;
};

struct hub_event {
	struct event_record envelope;
	int64_t seq;
	enum event_kind kind;
	const char *fact;      /* points into envelope.type */
	char kiosk[NAME_SIZE]; /* whose bank it tells of; "": of none */
	bool own;              /* the hub's, not a kiosk's */
	union hub_fact data;   /* as kind says */
};

/*
 * Reads the envelope, and as much of a bad one as names the event: ret is zeroed first, and
 * envelope.id, envelope.epoch and seq are set if all three are readable ("" and 0 if not). Returns
 * 0, or RECORD_BAD and why.
 */
int hub_event_read_envelope(
	const json_t *json, struct hub_event *ret_event, char why[static RECORD_WHY_SIZE]);
/* Reads the data of an envelope that is good. RECORD_BAD and why: of an unknown kind,
 * or malformed. */
int hub_event_read_data(struct hub_event *event, char why[static RECORD_WHY_SIZE]);
/*
 * Reads an event with its data out of text as kiosks write it, which is much quicker, and moves *at
 * behind it. False: the text must go the long way, by the two functions above. Nothing is to be
 * cleared.
 */
bool hub_event_read_text(const char **at, const char *end, struct hub_event *ret_event);
void hub_event_clear(struct hub_event *event);

/* The item it is about, or "". */
const char *hub_event_item(const struct hub_event *event);

/*
 * Finds an event's name in bytes that are no JSON: one "id", one "epoch" and one "sequence", as the
 * encoder writes them. For acking what can never be read; false if that is not certain.
 */
bool hub_event_scan(const void *bytes, size_t size, char ret_id[static UUID_SIZE],
	char ret_epoch[static UUID_SIZE], int64_t *ret_seq);

#endif
