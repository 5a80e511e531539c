/*
 * Adoption: which database speaks for a bank. The hub names one valid epoch. A kiosk with another
 * one (a new board, an old copy, a second board with the same name) takes returns only, until a
 * manager has adopted it, the hub has handed over the bank's open rentals (handover.c), and a
 * person has said what lies behind the doors (confirmation.c).
 */
#include "kiosk/internal.h"

#include "lib/base/log.h"

#include <string.h>

#define TOLD_WITHIN MINUTE /* that it is adopted, after its epoch was acked */

bool kiosk_lends(const struct kiosk *kiosk)
{
	return kiosk->node.mode == MODE_LENDING;
}

bool adoption_is_over(const struct kiosk *kiosk)
{
	const char *valid = kiosk->desired ? kiosk->desired->epoch : "";
	return kiosk_lends(kiosk) && (!valid[0] || strcmp(valid, kiosk->node.epoch) == 0);
}

void adoption_enter(struct kiosk *kiosk, enum kiosk_mode mode)
{
	if (kiosk->node.mode == (int)mode)
		return;
	log_warning("bank: %s -> %s", kiosk_mode_names[kiosk->node.mode], kiosk_mode_names[mode]);
	kiosk->node.mode = (int)mode;
	kiosk->acked_waiting = 0;
	offer_changed(kiosk);
	status_changed(kiosk);
}

void adoption_fork(struct kiosk *kiosk, const char *why)
{
	kiosk->fork_why = why;
}

void adoption_forked(struct kiosk *kiosk)
{
	const char *why = kiosk->fork_why;
	log_error("bank: a new epoch begins: %s", why);
	kiosk->fork_why = NULL;
	kiosk->acked_waiting = 0;
	alert_clear(kiosk, "outvoted", kiosk->node.epoch);
	alert_clear(kiosk, "forked", kiosk->node.epoch);
	TEXT_COPY(kiosk->copy_epoch, kiosk->node.epoch);
	outbox_new_epoch(kiosk);
	adoption_enter(kiosk, MODE_WAITING);
	status_changed(kiosk);
	alert_raise(kiosk, "forked", kiosk->node.epoch, &(struct alert_about){.message = why});
}

/* One that waits already is not to be told again at each turn that the two take. */
void adoption_second_board(struct kiosk *kiosk, const char *why)
{
	if (kiosk->node.mode != MODE_WAITING)
		adoption_fork(kiosk, why);
}

/* A broker need not say that a session was taken over (mosquitto before 2.0.15 does not), but the
 * two boards then read each other's births. Before this process has said its own, a foreign one is
 * merely that of the board before. */
void adoption_status(struct kiosk *kiosk, const json_t *json)
{
	struct kiosk_status_record status;
	char why[RECORD_WHY_SIZE];
	if (record_decode(&kiosk_status_record_type, json, &status, why) != 0) {
		log_warning("status under this bank's name: %s", why);
		return;
	}
	bool foreign = status.epoch[0] && strcmp(status.epoch, kiosk->node.epoch) != 0 &&
		       strcmp(status.epoch, kiosk->copy_epoch) != 0;
	if (kiosk->born && status.state == LINK_ONLINE && foreign)
		adoption_second_board(kiosk, "another board speaks under this bank's name");
	record_clear(&kiosk_status_record_type, &status);
}

static void adopted(struct kiosk *kiosk, const struct desired_record *desired)
{
	if (kiosk->node.mode == MODE_WAITING && !handover_is_complete(kiosk, desired)) {
		status_changed(kiosk); /* which says what the hub is to account for */
		return;
	}
	if (kiosk->node.mode == MODE_WAITING)
		handover_take(kiosk, desired);
	handover_end_unclaimed(kiosk);
	kiosk->node.reconcile_at = kiosk->now.elapsed;
	adoption_enter(kiosk, MODE_CONFIRMING);
	alert_clear(kiosk, "outvoted", kiosk->node.epoch);
	/* It may have been raised before, and another board have cleared it at the hub. */
	alert_clear(kiosk, "confirm-bank", kiosk->options.name);
	alert_raise(kiosk, "confirm-bank", kiosk->options.name,
		&(struct alert_about){.message = "adopted: say what lies behind the doors"});
}

/* A hub that has taken events of this epoch knew it as the valid one. */
static void outvoted(struct kiosk *kiosk)
{
	bool was_valid = kiosk->node.acked > 0 && kiosk->node.mode != MODE_WAITING;
	if (kiosk->node.mode == MODE_OUTVOTED)
		return;
	adoption_enter(kiosk, was_valid ? MODE_OUTVOTED : MODE_WAITING);
	if (was_valid)
		alert_raise(kiosk, "outvoted", kiosk->node.epoch,
			&(struct alert_about){.message = "the hub has adopted another database"});
}

/* A new board that was adopted before it heard that it had to wait for that. */
static bool is_adopted_unawares(
	const struct kiosk *kiosk, const struct desired_record *desired, bool named)
{
	return kiosk->node.mode == MODE_LENDING && !named &&
	       (desired->rentals.n > 0 || desired->payments.n > 0);
}

void adoption_epoch(struct kiosk *kiosk, const struct desired_record *desired, bool named)
{
	if (desired->epoch[0] == '\0')
		return;
	if (strcmp(desired->epoch, kiosk->node.epoch) != 0) {
		outvoted(kiosk);
		return;
	}
	if (is_adopted_unawares(kiosk, desired, named))
		adoption_enter(kiosk, MODE_WAITING);
	if (kiosk->node.mode == MODE_WAITING || kiosk->node.mode == MODE_OUTVOTED)
		adopted(kiosk, desired);
}

/* A hub takes nothing of a board that waits, unless it has retired its epoch: it was adopted, and
 * another one since, and has slept through it all. If the hub means otherwise, it says so. */
void adoption_acked(struct kiosk *kiosk)
{
	if (kiosk->acked_waiting)
		return;
	kiosk->acked_waiting = kiosk->now.elapsed;
	status_changed(kiosk); /* to which the hub answers by the desired state */
}

static bool has_slept(const struct kiosk *kiosk)
{
	return kiosk->node.mode == MODE_WAITING && kiosk->acked_waiting &&
	       kiosk->now.elapsed >= kiosk->acked_waiting + TOLD_WITHIN;
}

/* A hub takes the last words of an epoch that it has retired. Nobody can adopt that one again: a
 * new one begins. */
void adoption_tick(struct kiosk *kiosk)
{
	if (has_slept(kiosk))
		adoption_fork(kiosk, "another board was adopted after it");
	bool heard = kiosk->node.mode == MODE_OUTVOTED && kiosk->node.acked == kiosk->node.seq;
	if (heard && kiosk->heard)
		adoption_fork(kiosk, "another board was adopted in its place");
	kiosk->heard = heard;
}
