#include "hub/status.h"

#include "hub/adoption.h"
#include "hub/desired.h"
#include "hub/letters.h"
#include "hub/restore.h"
#include "hub/store_kiosk.h"
#include "hub/views.h"
#include "lib/base/log.h"

#include <string.h>

#define STATUS_BYTES   ((size_t)48 * 1024) /* most of it what waits to be adopted */
#define REVISION_LIMIT (INTEGER_MAX / 2)   /* nobody gets there; beyond it is nonsense */

static void set_link(struct hub *hub, struct hub_bank *bank, int link)
{
	if (bank->row.link == link)
		return;
	log_info("hub: %s: %s -> %s", bank->row.kiosk, link_state_names[bank->row.link],
		link_state_names[link]);
	bank->row.link = link;
	bank->row.link_since = hub->now.wall;
}

/* An old session's will may come after the next one's birth. A retained one is all that the broker
 * has left: then the order of the sessions, which are UUIDs by time, decides. */
static bool will_counts(const struct hub_bank *bank, const char *session, bool retained)
{
	const char *known = bank->row.session;
	int order = strcmp(session, known);
	return known[0] == '\0' || order == 0 || (retained && order > 0);
}

static void take_will(struct hub *hub, struct hub_bank *bank,
	const struct kiosk_status_record *status, bool retained)
{
	if (!will_counts(bank, status->session, retained))
		return;
	TEXT_COPY(bank->row.session, status->session);
	set_link(hub, bank, LINK_LOST);
}

static void take_epoch(struct hub *hub, struct hub_bank *bank, const char *epoch)
{
	if (epoch[0] == '\0')
		return;
	if (strcmp(epoch, bank->row.epoch) == 0)
		hub_adoption_claim_over(hub, bank);
	else
		hub_adoption_claim(hub, bank, epoch);
}

static void take_birth(
	struct hub *hub, struct hub_bank *bank, const struct kiosk_status_record *status)
{
	struct bank_row *row = &bank->row;
	set_link(hub, bank, LINK_ONLINE);
	TEXT_COPY(row->session, status->session);
	row->lending = status->lending;
	row->payments = status->payments;
	row->applied_generation = status->generation;
	row->applied_revision = status->revision;
	take_epoch(hub, bank, status->epoch);
	hub_restore_check(hub, bank, status);
	hub_adoption_heard(hub, bank, status);
	if (!hub_desired_is_applied(hub, bank))
		hub_desired_send(hub, bank);
	hub_ack(hub, bank);
}

static void unreadable(
	struct hub *hub, const char *kiosk, const char *why, const struct mqtt_message *message)
{
	struct hub_event nameless = {0};
	TEXT_COPY(nameless.kiosk, kiosk);
	hub_letter_bytes(hub, &nameless, why, message->payload, message->size);
}

void hub_status_take(struct hub *hub, const char *kiosk, const struct mqtt_message *message)
{
	struct kiosk_status_record status;
	char why[RECORD_WHY_SIZE];
	json_t *json = NULL;
	if (message->size == 0)
		return; /* somebody emptied the topic */
	hub_begin(hub);
	struct hub_bank *bank = hub_bank_get(hub, kiosk);
	if (!bank)
		return;
	int r = json_read(message->payload, message->size, STATUS_BYTES, &json, why);
	if (r == 0)
		r = record_decode(&kiosk_status_record_type, json, &status, why);
	json_decref(json);
	bool read = r == 0;
	if (r == 0 && (status.generation > hub->node.generation + HUB_GENERATION_AHEAD ||
			      status.revision > REVISION_LIMIT)) {
		TEXT_COPY(why, "generation or revision: out of all bounds");
		r = RECORD_BAD;
	}
	if (r != 0)
		unreadable(hub, kiosk, why, message);
	else if (status.state == LINK_LOST)
		take_will(hub, bank, &status, message->retain);
	else
		take_birth(hub, bank, &status);
	if (read)
		record_clear(&kiosk_status_record_type, &status);
	hub_touch(hub, bank);
	hub_views_changed(hub, bank);
}
