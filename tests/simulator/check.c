#include "tests/simulator/check.h"

#include "hub/hub.h"
#include "hub/migrations.h"
#include "kiosk/store.h"
#include "payment-adapter/store.h"
#include "tests/simulator/check_places.h"

#include <stdlib.h>
#include <string.h>

#define RENTAL_FINAL  "('returned','cancelled','expired','failed','resolved')"
#define PAYMENT_FINAL "('declined','captured','voided','refunded')"

/* One rental, as the log told of it. */
struct tale {
	char rental[UUID_SIZE], item[NAME_SIZE], kiosk[NAME_SIZE];
	char state[NAME_SIZE];
	unsigned states; /* all that it was ever in: bits by enum rental_state */
	bool given_back; /* it failed, whatever an old copy tells of it after that */
	bool charged;    /* it was delivered and not given back: money must have moved */
	int64_t amount;
};

struct check {
	struct world *world;
	struct database *hub, *ledger, *kiosks[WORLD_KIOSKS_MAX];
	struct list tales; /* struct tale */
};

static struct database *open_file(
	struct check *check, const struct node *node, const char *const *migrations)
{
	struct database *database = NULL;
	if (database_open(node->path, crash_disk_vfs(node->disk), migrations, &database) < 0 ||
		database_check(database) < 0)
		world_wrong(check->world, "file-damaged", node->name, "%s: its file is damaged",
			node->name);
	return database;
}

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

/* --- events --- */

/* ... or, after its bank was put back, with a person. */
static void check_known(struct check *check, size_t k)
{
	const struct node *node = &check->world->kiosks[k];
	struct query *query = database_query(check->kiosks[k], "SELECT seq, id FROM outbox", "");
	while (query_next(query)) {
		const char *id = query_text(query, 1);
		if (database_number(check->hub, 0, "SELECT count(*) FROM log WHERE id=?", "t", id) +
				database_number(check->hub, 0,
					"SELECT count(*) FROM dead_letter WHERE event=?", "t",
					id) ==
			0)
			world_wrong(check->world, "applied-once", node->name,
				"%s: its event %lld is nowhere", node->name,
				(long long)query_int(query, 0));
	}
}

/* Each event that the kiosk stored is in the log once, at its place. */
static void check_events(struct check *check, size_t k)
{
	if (check->world->witness.banks[k].put_back) {
		check_known(check, k);
		return;
	}
	const struct node *node = &check->world->kiosks[k];
	struct query *query = database_query(check->kiosks[k],
		"SELECT seq, id, (SELECT epoch FROM node) FROM outbox ORDER BY seq", "");
	while (query_next(query)) {
		int64_t found = database_number(check->hub, -1,
			"SELECT seq FROM log WHERE id=? AND kiosk=? AND epoch=?", "ttt",
			query_text(query, 1), node->name, query_text(query, 2));
		if (found != query_int(query, 0))
			world_wrong(check->world, "applied-once", node->name,
				"%s: its event %lld stands at %lld of the log", node->name,
				(long long)query_int(query, 0), (long long)found);
	}
	int64_t told = database_number(check->hub, 0,
		"SELECT count(*) FROM log WHERE kiosk=?"
		" AND json_extract(body,'$.source') LIKE '%/kiosk/%'",
		"t", node->name);
	int64_t made = database_number(check->kiosks[k], 0, "SELECT seq FROM node", "");
	if (told != made)
		world_wrong(check->world, "applied-once", node->name,
			"%s: %lld events made, %lld in the log", node->name, (long long)made,
			(long long)told);
}

/* --- nothing is left hanging --- */

static void check_kiosk(struct check *check, size_t k)
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
	none(check, node, kiosk, "bank-lends", "the bank does not lend",
		"SELECT mode FROM node WHERE mode<>'lending'");
}

/* It has heard what the hub wants of it, and the catalogue's words are its own; but for what an old
 * copy still knew and the hub does not name: that is withdrawn here, and lies nowhere here. */
static void check_desired(struct check *check, size_t k)
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

static bool some_put_back(const struct world *world)
{
	for (size_t k = 0; k < world->kiosks_n; k++)
		if (world->witness.banks[k].put_back)
			return true;
	return world->witness.hub_put_back;
}

static bool is_lost(const struct check *check, const char *id)
{
	const struct known_rental *rental = witness_rental(check->world, id);
	return rental && rental->lost;
}

/* What was lost was said. */
static void check_said(struct check *check, size_t k)
{
	const struct node *node = &check->world->kiosks[k];
	if (check->world->witness.banks[k].lost &&
		database_number(check->hub, 0,
			"SELECT count(*) FROM log WHERE kiosk=? AND"
			" json_extract(body,'$.type')='lendlock.alert.raised' AND"
			" json_extract(body,'$.data.kind') IN ('forked','confirm-bank','fork',"
			"'events-lost')",
			"t", node->name) == 0)
		world_wrong(check->world, "loss-said", node->name,
			"%s lost something, and no alert says so", node->name);
}

/* Such alerts and letters must not be where nothing was put back. */
static void check_strange(struct check *check)
{
	const struct node *node = &check->world->hub;
	struct world *world = check->world;
	world->counts.of[COUNT_RETIRED_LETTERS] +=
		database_number(check->hub, 0, "SELECT count(*) FROM dead_letter", "");
	if (some_put_back(world))
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

static void check_hub(struct check *check)
{
	const struct node *node = &check->world->hub;
	check_strange(check);
	none(check, node, check->hub, "no-exit", "a rental is not over",
		"SELECT rental, state FROM rental WHERE state NOT IN " RENTAL_FINAL);
	none(check, node, check->hub, "no-exit", "a payment is not final",
		"SELECT payment, state FROM payment WHERE state NOT IN " PAYMENT_FINAL);
	check_ledger(check);
}

/* --- rentals --- */

static struct tale *tale_of(struct check *check, const char *rental)
{
	struct tale *tales = check->tales.items;
	for (size_t i = check->tales.n; i > 0; i--)
		if (strcmp(tales[i - 1].rental, rental) == 0)
			return &tales[i - 1];
	return NULL;
}

static bool is_over(const char *state)
{
	int place = choice_find(rental_state_names, state);
	return place >= 0 && rental_is_final((enum rental_state)place);
}

static const struct known_bank *bank_of(const struct world *world, const struct node *node)
{
	return &world->witness.banks[node - world->kiosks];
}

static bool is_misled(const struct check *check, const char *id)
{
	const struct known_rental *rental = witness_rental(check->world, id);
	return rental && rental->misled;
}

/* An old copy may lend what is lent, as long as nobody has told it what it is. */
static void compare_tales(struct check *check, const struct tale *one, const struct tale *other)
{
	if (is_misled(check, one->rental) || is_misled(check, other->rental))
		world_count(check->world, COUNT_OLD_COPY_LENDS);
	else
		world_wrong(check->world, "lent-twice", one->item, "%s is lent twice: %s and %s",
			one->item, one->rental, other->rental);
}

/* Nobody else has it while it is not over. */
static void begin_tale(struct check *check, const struct tale *begun)
{
	const struct tale *tales = check->tales.items;
	for (size_t i = 0; i < check->tales.n; i++)
		if (strcmp(tales[i].item, begun->item) == 0 && !is_over(tales[i].state) &&
			!is_lost(check, tales[i].rental))
			compare_tales(check, &tales[i], begun);
	*(struct tale *)list_add(&check->tales, sizeof(*begun)) = *begun;
}

static void count_fact(struct world *world, const char *fact)
{
	static const struct {
		const char *fact;
		enum world_count count;
	} counted[] = {
		{"cancelled", COUNT_CANCELLED},
		{"expired", COUNT_EXPIRED},
		{"failed", COUNT_FAILED},
		{"returned", COUNT_RETURNED},
		{"overdue", COUNT_OVERDUE},
	};
	for (size_t i = 0; i < sizeof(counted) / sizeof(*counted); i++)
		if (strcmp(counted[i].fact, fact) == 0)
			world_count(world, counted[i].count);
}

/* The event that said so first may be among the last words of an epoch that was retired. */
static bool is_delivered(const char *state)
{
	static const char *const those[] = {"rented", "overdue", "lost", "returning", "returned"};
	for (size_t i = 0; i < sizeof(those) / sizeof(*those); i++)
		if (strcmp(those[i], state) == 0)
			return true;
	return false;
}

/* What the fact makes of the tale's charge: delivered, it is charged; failed, it is not. */
static void follow(struct check *check, struct tale *tale, const char *fact, const char *state)
{
	bool was_over = is_over(tale->state);
	const struct known_rental *known = witness_rental(check->world, tale->rental);
	bool old = known && known->bank && bank_of(check->world, known->bank)->put_back;
	if (was_over && old)
		world_count(check->world, COUNT_OLD_STORY);
	else if (was_over)
		world_wrong(check->world, "after-the-end", tale->rental,
			"rental %s is %s after it was %s", tale->rental, state, tale->state);
	TEXT_COPY(tale->state, state);
	tale->states |= 1U << choice_find(rental_state_names, state);
	tale->given_back |= strcmp(state, "failed") == 0;
	if (is_delivered(state) && !tale->charged && !tale->given_back) {
		tale->charged = true;
		world_count(check->world, COUNT_DELIVERED);
	} else if (strcmp(state, "failed") == 0) {
		if (tale->charged)
			world_count(check->world, COUNT_GIVEN_BACK);
		tale->charged = false;
	}
	count_fact(check->world, fact);
}

static void read_tales(struct check *check)
{
	struct query *query = database_query(check->hub,
		"SELECT json_extract(body,'$.data.rental'), json_extract(body,'$.data.item'), "
		"kiosk,"
		" substr(json_extract(body,'$.type'), 17), json_extract(body,'$.data.state'),"
		" json_extract(body,'$.data.amount') FROM log"
		" WHERE json_extract(body,'$.type') LIKE 'lendlock.rental.%' ORDER BY position",
		"");
	while (query_next(query)) {
		struct tale *tale = tale_of(check, query_text(query, 0));
		if (!tale) {
			struct tale begun = {.amount = query_int(query, 5)};
			TEXT_COPY(begun.rental, query_text(query, 0));
			TEXT_COPY(begun.item, query_text(query, 1));
			TEXT_COPY(begun.kiosk, query_text(query, 2));
			begin_tale(check, &begun);
			tale = tale_of(check, begun.rental);
		}
		follow(check, tale, query_text(query, 3), query_text(query, 4));
	}
}

/* Of two boards each has ended it in its own way, and told so. */
static bool is_ended_twice(const struct check *check, const struct tale *tale, const char *state)
{
	return tale && is_misled(check, tale->rental) && is_over(tale->state) && is_over(state) &&
	       strcmp(tale->state, state) != 0;
}

/* The kiosk, the hub's view and the log agree on how each one ended. */
static void compare_rentals(struct check *check, size_t k)
{
	const struct node *node = &check->world->kiosks[k];
	struct query *query =
		database_query(check->kiosks[k], "SELECT rental, state FROM rental", "");
	while (query_next(query)) {
		const char *rental = query_text(query, 0), *state = query_text(query, 1);
		const struct tale *tale = tale_of(check, rental);
		if (is_lost(check, rental) || is_ended_twice(check, tale, state))
			continue;
		if (!tale || strcmp(tale->state, state) != 0)
			world_wrong(check->world, "log-and-bank", rental,
				"%s: rental %s is %s, and %s in the log", node->name, rental, state,
				tale ? tale->state : "nothing");
		if (database_number(check->hub, 0,
			    "SELECT count(*) FROM rental WHERE rental=? AND state=?", "tt", rental,
			    state) != 1)
			world_wrong(check->world, "view", rental,
				"%s: rental %s is not %s in the view", node->name, rental, state);
	}
}

/* --- money --- */

/* What the provider holds, under a payment that its kiosk believes to be in that state. */
static void check_account(struct check *check, const char *payment, const char *state)
{
	static const struct {
		const char *state;
		enum provider_state held;
		bool or_nothing; /* it may never have got there */
	} expected[] = {
		{"captured", PROVIDER_CAPTURED, false},
		{"refunded", PROVIDER_REFUNDED, false},
		{"voided", PROVIDER_VOIDED, true},
		{"declined", PROVIDER_REFUSED, true},
	};
	const struct account *account = acquirer_account(check->world->acquirer, payment);
	enum provider_state held = account ? account->state : PROVIDER_NOTHING;
	bool nothing = held == PROVIDER_NOTHING || held == PROVIDER_REFUSED;
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
		if (strcmp(expected[i].state, state) == 0 && held != expected[i].held &&
			!(expected[i].or_nothing && nothing))
			world_wrong(check->world, "money-agrees", payment,
				"payment %s is %s, and %d at the provider", payment, state, held);
	for (int call = 0; account && call < PROVIDER_QUERY; call++)
		if (account->moved[call] > 1)
			world_wrong(check->world, "moved-twice", payment,
				"payment %s: money moved twice", payment);
}

static void count_payment(struct world *world, const char *state)
{
	static const struct {
		const char *state;
		enum world_count count;
	} counted[] = {
		{"captured", COUNT_CAPTURED},
		{"refunded", COUNT_REFUNDED},
		{"voided", COUNT_VOIDED},
		{"declined", COUNT_DECLINED},
	};
	for (size_t i = 0; i < sizeof(counted) / sizeof(*counted); i++)
		if (strcmp(counted[i].state, state) == 0)
			world_count(world, counted[i].count);
}

static void check_payments(struct check *check, size_t k)
{
	struct query *query =
		database_query(check->kiosks[k], "SELECT payment, rental, state FROM payment", "");
	while (query_next(query)) {
		struct tale *tale = tale_of(check, query_text(query, 1));
		if (is_lost(check, query_text(query, 1)))
			continue;
		if (!tale) {
			world_wrong(check->world, "payment-for-nothing", query_text(query, 0),
				"payment %s is for nothing", query_text(query, 0));
			continue;
		}
		check_account(check, query_text(query, 0), query_text(query, 2));
		count_payment(check->world, query_text(query, 2));
	}
}

/* The provider holds nothing that no kiosk knows of. */
static void check_strangers(struct check *check)
{
	const struct account *account = acquirer_first(check->world->acquirer);
	for (; account; account = account->later) {
		int64_t known = 0;
		if (account->state == PROVIDER_AUTHORIZED &&
			witness_is_forgotten(check->world, account->payment))
			world_count(check->world, COUNT_FORGOTTEN);
		else if (account->state == PROVIDER_AUTHORIZED)
			world_wrong(check->world, "held-for-ever", account->payment,
				"payment %s is held for ever", account->payment);
		if (some_put_back(check->world))
			continue;
		for (size_t k = 0; k < check->world->kiosks_n; k++)
			known += database_number(check->kiosks[k], 0,
				"SELECT count(*) FROM payment WHERE payment=?", "t",
				account->payment);
		if (known != 1)
			world_wrong(check->world, "payment-known", account->payment,
				"%lld banks know of payment %s", (long long)known,
				account->payment);
	}
}

/* The last words of an epoch that was retired are for a person. */
static bool is_in_letter(struct check *check, const char *rental)
{
	return database_number(check->hub, 0,
		       "SELECT count(*) FROM dead_letter WHERE for_person AND instr(body, ?)", "t",
		       rental) > 0;
}

/* Somebody gave back at an old copy, which did not know of it, what they had in their hands. */
static bool is_given_away(struct check *check, const struct known_rental *rental)
{
	bool told = database_number(check->hub, 0,
			    "SELECT count(*) FROM log"
			    " WHERE json_extract(body,'$.type')='lendlock.alert.raised'"
			    " AND json_extract(body,'$.data.kind')='payment-uncollected'"
			    " AND json_extract(body,'$.data.rental')=?",
			    "t", rental->id) > 0;
	if (!rental->murky || !rental->misled || !(told || is_in_letter(check, rental->id)))
		return false;
	world_count(check->world, COUNT_GIVEN_AWAY);
	return true;
}

/* Charged once if it was delivered and stayed so, else not at all. */
static void check_charges(struct check *check)
{
	const struct tale *tale = check->tales.items;
	for (size_t i = 0; i < check->tales.n; i++, tale++) {
		if (is_lost(check, tale->rental))
			continue;
		int due = tale->charged && tale->amount > 0 ? 1 : 0;
		const struct known_rental *known = witness_rental(check->world, tale->rental);
		int charged = known ? known->captured : 0;
		if (charged != due && !(known && charged == 0 && is_given_away(check, known)))
			world_wrong(check->world, "charge", tale->rental,
				"rental %s (%s) is charged %d times, not %d", tale->rental,
				tale->state, charged, due);
	}
}

/* --- answers --- */

/* What somebody was told had been stored. */
static void check_promises(struct check *check, const struct person *person)
{
	const struct person_promise *promise = person->promises.items;
	for (size_t i = 0; i < person->promises.n; i++, promise++) {
		const struct tale *tale = tale_of(check, promise->rental);
		const struct known_rental *known = witness_rental(check->world, promise->rental);
		if (is_lost(check, promise->rental) || (known && known->twinned))
			continue;
		int state = choice_find(rental_state_names, promise->state);
		bool told = tale && state >= 0 && (tale->states & (1U << state));
		if (!told && !is_in_letter(check, promise->rental))
			world_wrong(check->world, "promise", promise->rental,
				"%s was told that rental %s is %s", person->name, promise->rental,
				promise->state);
	}
}

/* --- doors --- */

/* Each pulse was asked for: by a rental's opening, or by the manager who stocks. */
static void check_pulses(struct check *check)
{
	int64_t asked = check->world->steward.openings, pulses = 0;
	asked += database_number(check->hub, 0,
		"SELECT count(*) FROM log WHERE json_extract(body,'$.type') IN"
		" ('lendlock.rental.opening','lendlock.rental.returning')",
		"");
	asked += database_number(check->hub, 0,
		"SELECT count(*) FROM dead_letter WHERE for_person AND"
		" (instr(body,'lendlock.rental.opening') OR"
		" instr(body,'lendlock.rental.returning'))",
		"");
	for (size_t k = 0; k < check->world->kiosks_n; k++)
		pulses += board_pulses(check->world->kiosks[k].board);
	bool lost =
		check->world->counts.of[COUNT_RENTALS_LOST] > 0; /* and what was asked with them */
	if ((pulses > asked && !lost) || pulses == 0)
		world_wrong(check->world, "pulses", "", "%lld pulses, %lld asked for",
			(long long)pulses, (long long)asked);
}

/* --- the view --- */

static void check_view(struct check *check)
{
	struct node *node = &check->world->hub;
	bool same = false;
	node->dead = false;
	if (node->kind->open(node) < 0 || hub_rebuild_view(node->core, false, &same) < 0 || !same)
		world_wrong(check->world, "view-fold", "", "the view is not what the log says");
	node->kind->close(node);
	node->core = NULL;
}

/* False: there is one that cannot be read at all. */
static bool open_files(struct check *check)
{
	struct world *world = check->world;
	check->hub = open_file(check, &world->hub, hub_migrations);
	check->ledger = open_file(check, &world->ledger, ledger_migrations);
	bool all = check->hub && check->ledger;
	for (size_t k = 0; k < world->kiosks_n; k++) {
		check->kiosks[k] = open_file(check, &world->kiosks[k], kiosk_migrations);
		all &= check->kiosks[k] != NULL;
	}
	return all;
}

static void check_files(struct check *check)
{
	struct world *world = check->world;
	read_tales(check);
	check_hub(check);
	for (size_t k = 0; k < world->kiosks_n; k++) {
		check_events(check, k);
		check_kiosk(check, k);
		check_desired(check, k);
		check_said(check, k);
		compare_rentals(check, k);
		check_payments(check, k);
		check_places(world, &world->kiosks[k], check->kiosks[k], check->hub);
	}
	check_strangers(check);
	check_charges(check);
	check_pulses(check);
	for (size_t i = 0; i < world->renters_n; i++)
		check_promises(check, &world->renters[i].person);
}

void world_check(struct world *world)
{
	struct check check = {.world = world};
	check_view(&check);
	if (open_files(&check))
		check_files(&check);
	for (size_t k = 0; k < world->kiosks_n; k++)
		database_close(check.kiosks[k]);
	database_close(check.hub);
	database_close(check.ledger);
	free(check.tales.items);
}
