#include "hub/adoption.h"

#include "hub/desired.h"
#include "hub/own.h"
#include "hub/store_kiosk.h"
#include "hub/views.h"
#include "lib/base/log.h"

#include <string.h>

void hub_adoption_claim(struct hub *hub, struct hub_bank *bank, const char *epoch)
{
	if (strcmp(epoch, hub->node.hub) == 0) {
		log_warning("hub: %s shows this hub's own id for its epoch; it is not heard",
			bank->row.kiosk);
		return;
	}
	if (bank->row.epoch[0] == '\0') {
		hub_adoption_approve(hub, bank, epoch, "");
		return;
	}
	/* A board that waits in it need not have a word to say: it learns so from this ack. */
	struct retired_row retired;
	if (hub_retired_get(hub->database, bank->row.kiosk, epoch, &retired)) {
		hub_adoption_ack_retired(hub, &retired);
		return;
	}
	if (strcmp(bank->row.claimed, epoch) == 0)
		return;
	log_warning("hub: %s shows the epoch %s instead of %s; it waits to be adopted",
		bank->row.kiosk, epoch, bank->row.epoch);
	TEXT_COPY(bank->row.claimed, epoch);
	hub_touch(hub, bank);
	hub_views_changed(hub, bank);
}

void hub_adoption_claim_over(struct hub *hub, struct hub_bank *bank)
{
	if (bank->row.claimed[0] == '\0')
		return;
	bank->row.claimed[0] = '\0';
	hub_touch(hub, bank);
	hub_views_changed(hub, bank);
}

static void retire(struct hub *hub, const struct hub_bank *bank)
{
	struct retired_row row = {.seq = bank->row.seq};
	TEXT_COPY(row.kiosk, bank->row.kiosk);
	TEXT_COPY(row.epoch, bank->row.epoch);
	TEXT_COPY(row.event, bank->row.event);
	hub_retired_put(hub->database, &row);
}

void hub_adoption_approve(struct hub *hub, struct hub_bank *bank, const char *epoch, const char *by)
{
	struct adopted_record adopted = {0};
	bool first = bank->row.epoch[0] == '\0';
	TEXT_COPY(adopted.kiosk, bank->row.kiosk);
	TEXT_COPY(adopted.epoch, epoch);
	TEXT_COPY(adopted.retired, bank->row.epoch);
	TEXT_COPY(adopted.by, by);
	hub_own_event(hub, EVENT_ADOPTED, "approved", bank->row.kiosk, bank->row.kiosk, &adopted);
	if (!first)
		retire(hub, bank);
	log_info("hub: %s: the epoch %s is the valid one", bank->row.kiosk, epoch);

	TEXT_COPY(bank->row.epoch, epoch);
	bank->row.seq = bank->row.pruned = bank->row.lost = 0;
	bank->row.event[0] = bank->row.claimed[0] = '\0';
	/* The content changes with the epoch, so the next revision is the one that hands over. */
	bank->row.handover = first ? 0 : bank->row.revision + 1;
	hub_touch(hub, bank);
	hub_desired_changed(hub, bank);
	hub_ack(hub, bank);
	hub_views_changed(hub, bank);
}

bool hub_adoption_is_valid(const struct hub_bank *bank, const char *epoch)
{
	return bank->row.handover == 0 && strcmp(bank->row.epoch, epoch) == 0;
}

bool hub_adoption_is_retired(struct hub *hub, const struct hub_bank *bank, const char *epoch)
{
	struct retired_row row;
	return hub_retired_get(hub->database, bank->row.kiosk, epoch, &row);
}

static bool has_same_open(const struct hub_bank *bank, const struct kiosk_status_record *status)
{
	const struct open_rental_record *ours = bank->open_rentals.items;
	const struct open_rental_record *theirs = status->open_rentals.items;
	bool same = strcmp(bank->waiting_epoch, status->epoch) == 0 &&
		    bank->open_rentals.n == status->open_rentals.n;
	for (size_t i = 0; same && i < bank->open_rentals.n; i++)
		same = strcmp(ours[i].rental, theirs[i].rental) == 0;
	return same;
}

static void note_open(
	struct hub *hub, struct hub_bank *bank, const struct kiosk_status_record *status)
{
	const struct open_rental_record *open = status->open_rentals.items;
	if (has_same_open(bank, status))
		return;
	TEXT_COPY(bank->waiting_epoch, status->epoch);
	bank->open_rentals.n = 0;
	for (size_t i = 0; i < status->open_rentals.n; i++)
		*(struct open_rental_record *)list_add(&bank->open_rentals, sizeof(*open)) =
			open[i];
	if (bank->row.handover)
		hub_desired_changed(hub, bank);
}

/* A board that has taken over waits no more. */
static bool has_taken_over(
	const struct hub *hub, const struct bank_row *row, const struct kiosk_status_record *status)
{
	return row->handover && strcmp(status->epoch, row->epoch) == 0 &&
	       status->open_rentals.n == 0 && row->applied_generation == hub->node.generation &&
	       row->applied_revision >= row->handover;
}

void hub_adoption_heard(
	struct hub *hub, struct hub_bank *bank, const struct kiosk_status_record *status)
{
	note_open(hub, bank, status);
	if (!has_taken_over(hub, &bank->row, status))
		return;
	bank->row.handover = 0;
	hub_touch(hub, bank);
	hub_desired_changed(hub, bank);
}

void hub_adoption_ack_retired(struct hub *hub, const struct retired_row *row)
{
	struct ack_record ack = {.seq = row->seq};
	TEXT_COPY(ack.epoch, row->epoch);
	TEXT_COPY(ack.event, row->event);
	hub_ack_send(hub, row->kiosk, &ack);
}
