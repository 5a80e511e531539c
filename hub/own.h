/* The hub's own events: managers' acts, and what the hub noticed. They stand in the same log. */
#ifndef LENDLOCK_HUB_OWN_H
#define LENDLOCK_HUB_OWN_H

#include "hub/core.h"

/* lendlock.{kind}.{fact} about a subject at a bank ("": none); data is of event_data_type(kind).
 * Logged and folded. Inside the transaction. */
void hub_own_event(struct hub *hub, enum event_kind kind, const char *fact, const char *subject,
	const char *kiosk, const void *data);

/* Raises an alert of the hub's, unless it is raised already: its key is "{kind}:{subject}". */
__attribute__((format(printf, 6, 7))) void hub_own_alert(struct hub *hub, const char *kiosk,
	const char *kind, const char *subject, const char *item, const char *format, ...);
/* Clears it, if it is raised. */
void hub_own_alert_clear(struct hub *hub, const char *kiosk, const char *kind, const char *subject);

#endif
