/*
 * The outbox: events that the hub shall have. Each is written in the transaction of the change it
 * tells of, with the next seq of this database's epoch. One batch is in flight; without an ack in
 * time it goes again, first soon, then less often. What the hub has acked stays for 30 days, in
 * case it is put back to an old copy and asks again.
 */
#include "kiosk/internal.h"

#include "lib/base/log.h"
#include "lib/domain/backoff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGAIN_FIRST  (3 * SECOND)
#define AGAIN_MAX    MINUTE
#define SINGLY_AFTER 3 /* batches without an answer, after which events go one by one */

void outbox_add(struct kiosk *kiosk, enum event_kind kind, const char *fact, const char *subject,
	const void *record)
{
	struct outbox_row row = {
		.seq = ++kiosk->node.seq,
		.time = kiosk->now.wall,
		.clock = kiosk->now.sure ? CLOCK_SURE : CLOCK_UNSURE,
	};
	uuid_make(kiosk->now.wall, kiosk->options.random, row.id);
	snprintf(row.type, sizeof(row.type), "lendlock.%s.%s", event_kind_names[kind], fact);
	TEXT_COPY(row.subject, subject);
	char *data = record_write(event_data_type(kind), record, NULL);
	store_outbox_add(kiosk->database, &row, data);
	free(data);
}

/* One event as JSON text. Its data was encoded when it happened and is not touched again. */
static size_t write_event(const struct kiosk *kiosk, const struct outbox_row *row, const char *data,
	char *ret, size_t room)
{
	char time[TIME_SIZE];
	time_format(row->time, time);
	int n = snprintf(ret, room,
		"{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/lendlock/%s/kiosk/%s\","
		"\"type\":\"%s\",\"subject\":\"%s\",\"time\":\"%s\",\"epoch\":\"%s\","
		"\"sequence\":\"%020" PRId64 "\"%s,\"datacontenttype\":\"application/json\","
		"\"data\":%s}",
		row->id, kiosk->options.site, kiosk->options.name, row->type, row->subject, time,
		kiosk->node.epoch, row->seq,
		row->clock == CLOCK_UNSURE ? ",\"clock\":\"unsure\"" : "", data);
	return n < 0 || (size_t)n >= room ? 0 : (size_t)n;
}

/* Fills one batch from outbox.next on; returns its last seq, or 0 if there is nothing. The first
 * event always fits: room is that of the largest, a snapshot. */
static int64_t fill(struct kiosk *kiosk, char *batch, size_t room, size_t *ret_size)
{
	struct query *query = store_outbox_from(kiosk->database, kiosk->outbox.next);
	struct outbox_row row;
	const char *data;
	size_t size = 0;
	int64_t last = 0;
	int most = kiosk->outbox.next <= kiosk->outbox.singly ? 1 : EVENT_BATCH_EVENTS;
	for (int n = 0; n < most && store_outbox_next(query, &row, &data); n++) {
		size_t limit = n == 0 ? room : EVENT_BATCH_BYTES;
		if (size + 2 >= limit)
			break;
		batch[size] = n == 0 ? '[' : ',';
		size_t added = write_event(kiosk, &row, data, batch + size + 1, limit - size - 2);
		if (added == 0)
			break;
		size += added + 1;
		last = row.seq;
	}
	query_end(query);
	if (last)
		batch[size++] = ']';
	*ret_size = size;
	return last;
}

/* When to try again if no ack comes. */
static usec again(const struct kiosk *kiosk)
{
	struct backoff backoff = {
		.base = AGAIN_FIRST, .cap = AGAIN_MAX, .attempts = kiosk->outbox.silent};
	return kiosk->now.elapsed + AGAIN_FIRST + backoff_next(&backoff, kiosk->options.random);
}

void outbox_send(struct kiosk *kiosk)
{
	struct outbox *outbox = &kiosk->outbox;
	if (!kiosk->connected || outbox->sent || outbox->next > kiosk->node.seq)
		return;
	size_t room = EVENT_MESSAGE_BYTES, size;
	char *batch = malloc(room);
	if (!batch)
		abort();
	int64_t last = fill(kiosk, batch, room, &size);
	if (last) {
		const struct topic topic = kiosk_topic(kiosk, TOPIC_KIOSK_EVENT);
		char text[MQTT_TOPIC_MAX];
		topic_format(&topic, text);
		const struct mqtt_message message = {.topic = text,
			.payload = batch,
			.size = size,
			.qos = 1,
			.content_type = "application/cloudevents-batch+json"};
		kiosk->options.mqtt->publish(kiosk->options.mqtt, &message);
		outbox->sent = last;
		outbox->again = again(kiosk);
	}
	free(batch);
}

void outbox_resend(struct kiosk *kiosk)
{
	kiosk->outbox.sent = 0;
	kiosk->outbox.silent = 0;
	kiosk->outbox.answered = false;
	kiosk->outbox.again = again(kiosk);
}

void outbox_start(struct kiosk *kiosk)
{
	kiosk->outbox = (struct outbox){.next = kiosk->node.acked + 1};
}

void outbox_new_epoch(struct kiosk *kiosk)
{
	struct node_row *node = &kiosk->node;
	/* Who has forgotten something of the epochs before has forgotten all of this one. */
	int64_t recalled = kiosk->outbox.forgotten ? kiosk->outbox.forgotten + node->acked : 0;
	store_outbox_leave(kiosk->database, node->epoch, node->acked);
	if (recalled)
		store_outbox_recall(kiosk->database, recalled);
	uuid_make(kiosk->now.wall, kiosk->options.random, node->epoch);
	node->seq += recalled - node->acked;
	node->acked = 0;
	outbox_start(kiosk);
}

/* --- acks ------------------------------------------------------------------------------------ */

/* The one snapshot that a hub so far back needs: it says where it is again and again until it has
 * it. */
static int64_t snapshot_after(struct kiosk *kiosk, int64_t seq)
{
	int64_t snapshot = store_outbox_snapshot(kiosk->database, seq);
	if (snapshot)
		return snapshot;
	snapshot = kiosk->node.seq + 1;
	snapshot_add(kiosk);
	return snapshot;
}

/* Goes back to what the hub has; further back than the rows kept, only a snapshot helps. */
static void rewind_to(struct kiosk *kiosk, int64_t seq)
{
	struct outbox *outbox = &kiosk->outbox;
	int64_t first = store_outbox_first(kiosk->database), next = seq + 1;
	if (first == 0 || first > next)
		next = snapshot_after(kiosk, seq);
	if (outbox->sent && outbox->next == next)
		return; /* it is on its way */
	log_warning("outbox: the hub is back at %lld; this bank was at %lld", (long long)seq,
		(long long)kiosk->node.acked);
	kiosk->node.acked =
		seq; /* what the hub has lost is not acked: a new epoch carries it over */
	store_outbox_unacked(kiosk->database, next);
	*outbox = (struct outbox){.next = next, .answered = outbox->answered};
}

static void accept(struct kiosk *kiosk, int64_t seq)
{
	struct outbox *outbox = &kiosk->outbox;
	if (seq > kiosk->node.acked) {
		store_outbox_acked(kiosk->database, kiosk->node.acked, seq, kiosk->now.elapsed);
		kiosk->node.acked = seq;
		outbox->silent = 0;
	}
	if (seq + 1 < outbox->next) {
		rewind_to(kiosk, seq);
		return;
	}
	outbox->next = seq + 1; /* a part of the batch may be still on its way */
	if (seq >= outbox->sent)
		outbox->sent = 0;
}

/* An ack counts only from this kiosk's hub. */
static bool is_ours(const struct kiosk *kiosk, const struct ack_record *ack)
{
	return strcmp(ack->hub, kiosk->node.hub) == 0 && ack->generation == kiosk->node.generation;
}

/* The hub acks what it has of an epoch before: the valid one, if this bank's is not, or one that
 * the bank's status names. If that is less than it had, it was put back: what it has forgotten is
 * told in a new epoch, once that is adopted. */
static void check_past(struct kiosk *kiosk, const struct ack_record *ack)
{
	int64_t forgotten = store_outbox_forgotten(kiosk->database, ack->epoch, ack->seq);
	if (forgotten == 0)
		return;
	log_warning("outbox: the hub has forgotten %lld events", (long long)forgotten);
	kiosk->outbox.forgotten = forgotten;
	adoption_fork(kiosk, "the hub has forgotten what it had acked");
}

/* ... and for this epoch. A bank that waits to be adopted has not been told yet that it is: what is
 * acked before is not in what it will be handed, and would be taken for known there. */
static bool is_for_us(struct kiosk *kiosk, const struct ack_record *ack)
{
	bool waits = kiosk->node.mode == MODE_WAITING;
	bool known = strcmp(ack->epoch, kiosk->node.epoch) == 0;
	if (!known)
		check_past(kiosk, ack);
	if (waits && known)
		adoption_acked(kiosk);
	return known && !waits;
}

void outbox_ack(struct kiosk *kiosk, const json_t *json)
{
	struct ack_record ack;
	char why[RECORD_WHY_SIZE], id[UUID_SIZE];
	if (record_decode(&ack_record_type, json, &ack, why) != 0) {
		log_warning("ack: %s", why);
		return;
	}
	if (!is_ours(kiosk, &ack))
		return;
	if (!kiosk->outbox.answered)
		kiosk->outbox.silent = 0;
	kiosk->outbox.answered = true;
	if (!is_for_us(kiosk, &ack))
		return;
	if (ack.seq > kiosk->node.seq)
		adoption_fork(kiosk, "the hub has more events than this database made");
	else if (ack.seq > 0 && store_outbox_id(kiosk->database, ack.seq, id) &&
		 strcmp(id, ack.event) != 0)
		adoption_fork(kiosk, "the hub has another event under the same number");
	else
		accept(kiosk, ack.seq);
}

/* --- time ------------------------------------------------------------------------------------ */

/* A bank that has nothing to send needs an ack all the same, to learn that it is an old copy, or
 * that the hub is. */
static bool waits_for_ack(const struct kiosk *kiosk)
{
	return kiosk->outbox.sent || (!kiosk->outbox.answered && kiosk->node.hub[0]);
}

usec outbox_next_due(const struct kiosk *kiosk)
{
	return kiosk->connected && waits_for_ack(kiosk) ? kiosk->outbox.again : USEC_NEVER;
}

void outbox_tick(struct kiosk *kiosk)
{
	struct outbox *outbox = &kiosk->outbox;
	if (outbox_next_due(kiosk) > kiosk->now.elapsed)
		return;
	/* The bad one is in there; it does not matter which it is until it has passed. */
	if (++outbox->silent >= SINGLY_AFTER && outbox->sent > outbox->singly)
		outbox->singly = outbox->sent;
	if (!outbox->sent) {
		status_changed(kiosk); /* which the hub answers by an ack */
		outbox->again = again(kiosk);
	}
	outbox->sent = 0;
	outbox_send(kiosk);
}
