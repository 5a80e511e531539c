/* Nothing is left hanging: all has come to its end, and each has heard what it should. */
#include "tests/simulator/check_parts.h"

#include <string.h>

#define RENTAL_FINAL  "('returned','cancelled','expired','failed','resolved')"
#define PAYMENT_FINAL "('declined','captured','voided','refunded')"

/* A query that must find nothing. what: to be said with the first column of each row, which is what
 * it is about. */
static void none(struct check *check, const struct node *node, struct database *database,
	const char *name, const char *what, const char *sql)
{
	struct query *query = database_query(database, sql, "");
	while (query_next(query))
		world_wrong(check->world, name, query_text(query, 0), "%s: %s: %s %s", node->name,
			what, query_text(query, 0), query_text(query, 1));
}

void check_kiosk(struct check *check, size_t k)
{
	const struct node *node = &check->world->kiosks[k];
	struct database *kiosk = check->kiosks[k];
	none(check, node, kiosk, "outbox-empty", "an event is not acked",
		"SELECT seq FROM outbox WHERE acked_at=0");
	none(check, node, kiosk, "no-exit", "a payment is not final",
		"SELECT payment, state FROM payment WHERE state NOT IN " PAYMENT_FINAL);
	none(check, node, kiosk, "no-exit", "a rental is not over",
		"SELECT rental, state FROM rental WHERE state NOT IN " RENTAL_FINAL);
	none(check, node, kiosk, "no-exit", "a door is not done with",
		"SELECT opening FROM opening");
	none(check, node, kiosk, "no-exit", "a request has no answer",
		"SELECT id, operation FROM request WHERE reply IS NULL");
	none(check, node, kiosk, "no-exit", "an item hangs",
		"SELECT item, state FROM item WHERE state IN ('reserved','rented')");
	none(check, node, kiosk, "no-exit", "an item seems free, and is not lent",
		"SELECT item, reason FROM item"
		" WHERE state='available' AND (block_wanted OR compartment=0)");
	none(check, node, kiosk, "bank-lends", "the bank does not lend",
		"SELECT mode FROM node WHERE mode<>'lending'");
}

/* It has heard what the hub wants of it, and the catalogue's words are its own; but for what an old
 * copy still knew and the hub does not name: that is withdrawn here, and lies nowhere here. */
void check_desired(struct check *check, size_t k)
{
	const struct node *node = &check->world->kiosks[k];
	struct query *query =
		database_query(check->kiosks[k], "SELECT hub, generation, revision FROM node", "");
	while (query_next(query))
		if (database_number(check->hub, 0,
			    "SELECT count(*) FROM node, bank WHERE bank.kiosk=? AND node.hub=?"
			    " AND node.generation=? AND bank.revision=?",
			    "ttii", node->name, query_text(query, 0), query_int(query, 1),
			    query_int(query, 2)) != 1)
			world_wrong(check->world, "desired-heard", node->name,
				"%s does not know what the hub wants of it now", node->name);
	query = database_query(check->kiosks[k],
		"SELECT item, title, amount, period, kiosk, withdrawn FROM item"
		" WHERE NOT (? AND state='withdrawn' AND compartment=0)",
		"i", (int64_t)check->world->witness.banks[k].put_back);
	while (query_next(query))
		if (database_number(check->hub, 0,
			    "SELECT count(*) FROM catalogue WHERE item=? AND title=? AND amount=?"
			    " AND period=? AND kiosk=? AND withdrawn=?",
			    "ttiiti", query_text(query, 0), query_text(query, 1),
			    query_int(query, 2), query_int(query, 3), query_text(query, 4),
			    query_int(query, 5)) != 1)
			world_wrong(check->world, "catalogue", query_text(query, 0),
				"%s: %s is not as it stands in the catalogue", node->name,
				query_text(query, 0));
}

/* What was lost was said, since then. */
void check_said(struct check *check, size_t k)
{
	const struct node *node = &check->world->kiosks[k];
	const struct known_bank *bank = &check->world->witness.banks[k];
	if (bank->lost_at > bank->said_at)
		world_wrong(check->world, "loss-said", node->name,
			"%s lost something, and no alert has said so since", node->name);
}

/* Such alerts and letters must not be where nothing was put back. */
static void check_strange(struct check *check)
{
	const struct node *node = &check->world->hub;
	struct world *world = check->world;
	world->counts.of[COUNT_RETIRED_LETTERS] +=
		database_number(check->hub, 0, "SELECT count(*) FROM dead_letter", "");
	if (check_some_put_back(world))
		return;
	none(check, node, check->hub, "dead-letter", "a dead letter",
		"SELECT reason FROM dead_letter");
	none(check, node, check->hub, "strange-alert", "an alert of what never was",
		"SELECT json_extract(body,'$.data.alert') FROM log"
		" WHERE json_extract(body,'$.type')='lendlock.alert.raised'"
		" AND json_extract(body,'$.data.kind') IN ('fork','forked','hub-restored',"
		"'second-hub','events-lost','adoption-conflict','confirm-bank','item-elsewhere',"
		"'item-unknown','payment-uncollected','payment-unclaimed')");
}

/* A ledger that was put back may have forgotten how an authorized payment ended; its kiosk and the
 * provider know. */
static void check_ledger(struct check *check)
{
	const struct node *node = &check->world->ledger;
	struct query *query = database_query(check->ledger,
		"SELECT payment, state FROM payment WHERE state NOT IN " PAYMENT_FINAL, "");
	while (query_next(query)) {
		const char *payment = query_text(query, 0), *state = query_text(query, 1);
		const struct account *account = acquirer_account(check->world->acquirer, payment);
		bool ended = account && account->state > PROVIDER_REFUSED;
		if (witness_is_forgotten(check->world, payment))
			continue;
		if (check->world->put_back_ledger && ended && strcmp(state, "authorized") == 0)
			world_count(check->world, COUNT_LEDGER_BEHIND);
		else
			world_wrong(check->world, "no-exit", payment, "%s: payment %s is %s",
				node->name, payment, state);
	}
}

void check_hub(struct check *check)
{
	const struct node *node = &check->world->hub;
	check_strange(check);
	none(check, node, check->hub, "no-exit", "a rental is not over",
		"SELECT rental, state FROM rental WHERE state NOT IN " RENTAL_FINAL);
	none(check, node, check->hub, "no-exit", "a payment is not final",
		"SELECT payment, state FROM payment WHERE state NOT IN " PAYMENT_FINAL);
	check_ledger(check);
}
