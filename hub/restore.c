#include "hub/restore.h"

#include "hub/adoption.h"
#include "hub/desired.h"
#include "hub/own.h"
#include "hub/store_kiosk.h"
#include "lib/base/log.h"

#include <string.h>

/* One bank that says nonsense must not keep all the others at rewinding. */
#define RAISE_INTERVAL (10 * SECOND)

/* All are told anew, and rewind to the cursors of now. */
static void raise_generation(struct hub *hub)
{
	int64_t seen = hub->generation_seen;
	hub_begin(hub);
	hub->node.generation = (seen > hub->node.generation ? seen : hub->node.generation) + 1;
	hub->raise_wanted = false;
	hub->raise_from = hub->now.elapsed + RAISE_INTERVAL;
	hub->status_due = hub->now.elapsed; /* the generation stands there, too */
	for (size_t i = 0; i < hub->banks_n; i++) {
		struct hub_bank *bank = hub->banks[i];
		if (bank->acked_seen > bank->row.lost) {
			bank->row.lost = bank->acked_seen;
			hub_touch(hub, bank);
		}
		/* What was handed over under the old generation is not counted upon. */
		hub_desired_changed(hub, bank);
		hub_desired_send(hub, bank);
		hub_ack(hub, bank);
	}
}

void hub_restore_tick(struct hub *hub)
{
	if (hub_restore_next_due(hub) <= hub->now.elapsed)
		raise_generation(hub);
}

usec hub_restore_next_due(const struct hub *hub)
{
	return hub->raise_wanted ? hub->raise_from : USEC_NEVER;
}

/* A kiosk goes on showing the acks it had while it sends everything again: they count once. */
static bool was_acked(const struct bank_row *row, const struct kiosk_status_record *status)
{
	return strcmp(status->epoch, row->epoch) == 0 && status->acked > row->seq &&
	       status->acked > row->lost;
}

static bool was_told(
	const struct hub *hub, const struct bank_row *row, const struct kiosk_status_record *status)
{
	return status->generation > hub->node.generation ||
	       (status->generation == hub->node.generation && status->revision > row->revision);
}

static void alert_restored(struct hub *hub, const struct hub_bank *bank)
{
	hub_own_alert(hub, bank->row.kiosk, "hub-restored", bank->row.kiosk, "",
		"this hub's database is older than what the bank knows");
}

/* Of an epoch that its board has left, this hub has less than it had acked, or nothing. The board
 * hears that, and tells it again in another one. */
static void check_past(
	struct hub *hub, const struct hub_bank *bank, const struct kiosk_status_record *status)
{
	const char *kiosk = bank->row.kiosk, *past = status->past_epoch;
	struct retired_row row;
	if (!past[0] || strcmp(past, bank->row.epoch) == 0)
		return; /* the ack of the valid one follows */
	if (!hub_retired_get(hub->database, kiosk, past, &row)) {
		row = (struct retired_row){0};
		TEXT_COPY(row.kiosk, kiosk);
		TEXT_COPY(row.epoch, past);
	}
	if (row.seq >= status->past_acked)
		return;
	log_warning("hub: %s had been heard up to %lld in the epoch %s; this database has %lld",
		kiosk, (long long)status->past_acked, past, (long long)row.seq);
	alert_restored(hub, bank);
	hub_adoption_ack_retired(hub, &row);
}

void hub_restore_check(
	struct hub *hub, struct hub_bank *bank, const struct kiosk_status_record *status)
{
	check_past(hub, bank, status);
	bool acked = was_acked(&bank->row, status);
	if (!acked && !was_told(hub, &bank->row, status))
		return;
	log_warning("hub: %s knows generation %lld, revision %lld, ack %lld: this database is an "
		    "old one",
		bank->row.kiosk, (long long)status->generation, (long long)status->revision,
		(long long)status->acked);
	alert_restored(hub, bank);
	if (status->generation < hub->node.generation) {
		/* It was raised for another bank already; this one rewinds when it hears of it. */
		bank->row.lost = status->acked;
		hub_touch(hub, bank);
		return;
	}
	/* Not stored before the raise is: after a crash in between it must be wanted again. */
	if (acked)
		bank->acked_seen = status->acked;
	if (status->generation > hub->generation_seen)
		hub->generation_seen = status->generation;
	hub->raise_wanted = true;
	hub_restore_tick(hub);
}
