/* Which epoch of a kiosk is the valid one. A new board, an old copy of a database, two boards under
 * one name: whatever it is, a manager says which one counts from now on. */
#ifndef LENDLOCK_HUB_ADOPTION_H
#define LENDLOCK_HUB_ADOPTION_H

#include "hub/core.h"

/* A kiosk shows an epoch that is not its valid one. Its very first one becomes valid at once: there
 * is nothing to hand over. Any other waits for a manager, but for one that is retired:
 * it stays so, and is acked as far as it was told. The hub's own id never becomes valid: by
 * it the log tells the hub's events from those of the banks. */
void hub_adoption_claim(struct hub *hub, struct hub_bank *bank, const char *epoch);
/* The kiosk shows its valid epoch: nobody waits. */
void hub_adoption_claim_over(struct hub *hub, struct hub_bank *bank);
/* The epoch is valid from now on, the one before is retired; the kiosk is handed what is open. by:
 * the manager, or "". */
void hub_adoption_approve(
	struct hub *hub, struct hub_bank *bank, const char *epoch, const char *by);
/* Its events are taken: it is the adopted one, and its board has taken over what is open. */
bool hub_adoption_is_valid(const struct hub_bank *bank, const char *epoch);
bool hub_adoption_is_retired(struct hub *hub, const struct hub_bank *bank, const char *epoch);
/* What a board says of itself: what it has open, so that the handover accounts for each; or that
 * the one that was adopted has taken over. */
void hub_adoption_heard(
	struct hub *hub, struct hub_bank *bank, const struct kiosk_status_record *status);
/* Acks the cursor of an epoch that is over. */
void hub_adoption_ack_retired(struct hub *hub, const struct retired_row *row);

#endif
