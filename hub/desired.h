/* Desired state: what the hub wants of each kiosk, retained, ordered by (generation, revision). */
#ifndef LENDLOCK_HUB_DESIRED_H
#define LENDLOCK_HUB_DESIRED_H

#include "hub/core.h"

/* It may have changed: looked at with the commit, published after it if it has. */
void hub_desired_changed(struct hub *hub, struct hub_bank *bank);
void hub_desired_all_changed(struct hub *hub);
/* Raises the revision if the content has changed since; whether it has. Inside the transaction. By
 * chance as far: a hub that was put back to an old copy would say another thing under a number that
 * its bank has already. */
bool hub_desired_revise(struct hub *hub, struct hub_bank *bank);
/* Publish it, again or for the first time, when the port takes it. */
void hub_desired_send(struct hub *hub, struct hub_bank *bank);
/* Whether its kiosk has said that it has the present one. */
bool hub_desired_is_applied(const struct hub *hub, const struct hub_bank *bank);
/* A message may get lost between two who stay connected: the broker's queue was full. Those who do
 * not say after some minutes that they have it are told again. */
void hub_desired_recheck(struct hub *hub);
/* Publishes some of those that wait. Outside a transaction. */
void hub_desired_publish(struct hub *hub);

#endif
