/* Money: charged if and only if it was delivered, and what the banks and the provider say of it. */
#include "tests/simulator/check_parts.h"

#include <string.h>

/* A bank that was put back to an old copy has forgotten it, and the hub has not; or it was a second
 * board's, which was put away before it told of it. */
static bool is_forgotten_refund(struct check *check, const char *payment, const char *state)
{
	const struct known_rental *rental =
		witness_rental(check->world, witness_rental_paid(check->world, payment));
	bool heard = database_number(check->hub, 0,
		"SELECT count(*) FROM payment WHERE payment=? AND state='refunded'", "t", payment);
	return check_some_put_back(check->world) && strcmp(state, "captured") == 0 &&
	       (heard || (rental && rental->twinned));
}

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
	if (held == PROVIDER_REFUNDED && is_forgotten_refund(check, payment, state))
		return;
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

void check_payments(struct check *check, size_t k)
{
	struct query *query =
		database_query(check->kiosks[k], "SELECT payment, rental, state FROM payment", "");
	while (query_next(query)) {
		struct tale *tale = check_tale_of(check, query_text(query, 1));
		if (check_is_lost(check, query_text(query, 1)) ||
			(!tale && check_is_in_letter(check, query_text(query, 1))))
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
void check_strangers(struct check *check)
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
		if (check_some_put_back(check->world))
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

static bool is_alerted(struct check *check, const char *kind, const char *rental)
{
	return database_number(check->hub, 0,
		       "SELECT count(*) FROM log"
		       " WHERE json_extract(body,'$.type')='lendlock.alert.raised'"
		       " AND json_extract(body,'$.data.kind')=?"
		       " AND json_extract(body,'$.data.rental')=?",
		       "tt", kind, rental) > 0;
}

/* Somebody gave back at an old copy, which did not know of it, what they had in their hands. Or an
 * old copy lent what was out, and who had it brought it back meanwhile: both took it, and the hub
 * knew the other one. A person has heard of it, but for what a second board did that has told
 * nobody. */
static bool is_given_away(struct check *check, const struct known_rental *rental)
{
	bool cancelled = rental->murky && (is_alerted(check, "payment-uncollected", rental->id) ||
						  check_is_in_letter(check, rental->id));
	bool lent = rental->misled && is_alerted(check, "adoption-conflict", rental->id);
	if (!cancelled && !lent && !rental->twinned)
		return false;
	world_count(check->world, COUNT_GIVEN_AWAY);
	return true;
}

/* What two boards told of it differs, and it was taken once; or a person was asked whether what was
 * taken for it goes back. */
static bool is_kept(struct check *check, const struct known_rental *rental)
{
	return rental->murky && rental->taken &&
	       (rental->misled || is_alerted(check, "payment-kept", rental->id));
}

/* Charged once if it was delivered and stayed so, else not at all. */
void check_charges(struct check *check)
{
	const struct tale *tale = check->tales.items;
	for (size_t i = 0; i < check->tales.n; i++, tale++) {
		if (check_is_lost(check, tale->rental))
			continue;
		int due = tale->charged && tale->amount > 0 ? 1 : 0;
		const struct known_rental *known = witness_rental(check->world, tale->rental);
		int charged = known ? known->captured : 0;
		if (charged == due)
			continue;
		bool excused = known && (charged == 0          ? is_given_away(check, known)
						: charged == 1 ? is_kept(check, known)
							       : false);
		if (!excused)
			world_wrong(check->world, "charge", tale->rental,
				"rental %s (%s) is charged %d times, not %d", tale->rental,
				tale->state, charged, due);
	}
}
