/* Money: which rental each payment is for, and whether it was right to take it. */
#include "lib/domain/rental.h"
#include "tests/simulator/witness.h"
#include "tests/simulator/world.h"

#include <stdlib.h>
#include <string.h>

static struct known_payment **find(struct world *world, const char *payment)
{
	uint64_t hash = world_hash(WORLD_HASH_START, payment, strlen(payment));
	struct known_payment **at = &world->witness.payments[hash % WITNESS_BUCKETS];
	while (*at && strcmp((*at)->id, payment) != 0)
		at = &(*at)->next;
	return at;
}

void witness_pays(struct world *world, const json_t *request)
{
	const char *id = json_string_value(json_object_get(request, "payment"));
	struct known_payment **at = find(world, id);
	struct known_rental *rental = witness_hear(world, request);
	if (*at) {
		if ((*at)->rental != rental)
			world_wrong(world, "payment-moves", id, "payment %s is for %s and for %s",
				id, (*at)->rental->id, rental->id);
		return;
	}
	*at = calloc(1, sizeof(**at));
	if (!*at)
		abort();
	TEXT_COPY((*at)->id, id);
	(*at)->rental = rental;
	rental->touched_at = world->clock.boottime;
	world_say(world, "the kiosk asks for payment %s of rental %s", id, rental->id);
}

/* --- what it costs: in the catalogue, to its renter, to its bank, and at the provider --- */

void witness_priced(struct world *world, const struct known_rental *rental, const json_t *told)
{
	int64_t amount = json_integer_value(json_object_get(told, "amount"));
	const struct known_item *item = rental->item;
	if (item && (amount != item->price || amount != rental->amount))
		world_wrong(world, "price", rental->id,
			"rental %s costs %lld, and before %lld; %s costs %lld in the catalogue",
			rental->id, (long long)amount, (long long)rental->amount, item->name,
			(long long)item->price);
}

static void check_price(
	struct world *world, const struct account *account, const struct known_rental *rental)
{
	if (!rental->item)
		return; /* nobody has said yet what it is for; the end will show it */
	if (account->amount != rental->amount || strcmp(account->currency, "EUR") != 0)
		world_wrong(world, "price", rental->id,
			"payment %s is over %lld %s, and rental %s costs %lld EUR",
			account->payment, (long long)account->amount, account->currency, rental->id,
			(long long)rental->amount);
}

static void check_prices(struct world *world)
{
	const struct account *account = acquirer_first(world->acquirer);
	for (; account; account = account->later) {
		const struct known_payment *payment = *find(world, account->payment);
		if (payment)
			check_price(world, account, payment->rental);
	}
}

/* Its correlation is "{payment}:{operation}". */
void witness_ledger_hears(struct world *world, const struct mqtt_message *message)
{
	char id[UUID_SIZE] = "", operation[NAME_SIZE] = "";
	if (message->correlation_size <= UUID_SIZE)
		return;
	memcpy(id, message->correlation, UUID_SIZE - 1);
	memcpy(operation, (const char *)message->correlation + UUID_SIZE,
		message->correlation_size - UUID_SIZE);
	struct known_payment *payment = *find(world, id);
	if (!payment)
		return;
	if (!payment->heard && strcmp(operation, "void") == 0)
		world_count(world, COUNT_VOID_FIRST);
	payment->heard = true;
}

void witness_ledger_says(struct world *world, const struct mqtt_message *message)
{
	json_t *reply = json_loadb(message->payload, message->size, 0, NULL);
	const json_t *told = json_object_get(reply, "payment");
	struct known_payment *payment = told ? *find(world, text_of(told, "payment")) : NULL;
	const char *state = text_of(told, "state");
	if (payment)
		payment->over |= strcmp(state, "voided") == 0 || strcmp(state, "declined") == 0;
	json_decref(reply);
}

/* An old copy of a ledger may say so of what another run of it has asked for. */
static void check_over(
	struct world *world, const struct known_payment *payment, enum provider_call call)
{
	if (payment->over && call == PROVIDER_AUTHORIZE && !world->put_back_ledger)
		world_wrong(world, "void-stays", payment->id,
			"payment %s is reserved after its ledger said that it will not be",
			payment->id);
}

void witness_money(struct world *world, const struct account *account, enum provider_call call)
{
	static const char *const words[] = {"authorized", "captured", "voided", "refunded"};
	struct known_payment *payment = *find(world, account->payment);
	struct known_rental *rental = payment ? payment->rental : NULL;
	world_say(world, "the provider: payment %s is %s, rental %s", account->payment, words[call],
		rental ? rental->id : "unknown");
	if (account->moved[call] > 1)
		world_wrong(world, "moved-twice", account->payment, "payment %s: %s twice",
			account->payment, words[call]);
	if (!rental) {
		world_wrong(world, "payment-asked", account->payment,
			"payment %s: no kiosk asked for it", account->payment);
		return;
	}
	check_price(world, account, rental);
	check_over(world, payment, call);
	rental->captured += call == PROVIDER_CAPTURE;
	rental->captured -= call == PROVIDER_REFUND;
	if (call != PROVIDER_CAPTURE)
		return;
	if (rental->captured > 1)
		world_wrong(world, "charged-twice", rental->id, "rental %s is charged twice",
			rental->id);
	if (!rental->taken && !rental->empty)
		world_wrong(world, "charged-untaken", rental->id,
			"rental %s is charged, and its door never opened for it", rental->id);
}

bool witness_is_forgotten(const struct world *world, const char *payment)
{
	struct known_payment *known = *find((struct world *)(uintptr_t)world, payment);
	return known && known->rental->unnoticed;
}

const char *witness_rental_paid(const struct world *world, const char *payment)
{
	struct known_payment *known = *find((struct world *)(uintptr_t)world, payment);
	return known ? known->rental->id : "";
}

/* Charged if and only if it was delivered and not given back. */
static void check_rental(struct world *world, const struct known_rental *rental)
{
	bool charged = rental->captured > 0;
	if (rental->lost)
		return;
	if (charged && !rental->taken && !rental->empty)
		world_wrong(world, "charged-untaken", rental->id,
			"rental %s is charged and was not taken", rental->id);
	if (charged && rental->reported)
		world_wrong(world, "report-refunds", rental->id,
			"rental %s was reported, and is charged", rental->id);
	if (!charged && rental->taken && rental->amount > 0 && !rental->murky &&
		!rental->complained && !rental->resolved)
		world_wrong(world, "delivered-uncharged", rental->id,
			"rental %s (%s) was taken, and is not charged", rental->id,
			rental_state_names[rental->state]);
}

void witness_check_money(struct world *world)
{
	for (const struct known_rental *rental = world->witness.first; rental;
		rental = rental->later)
		check_rental(world, rental);
	check_prices(world);
}

bool witness_settled(const struct world *world)
{
	for (const struct account *account = acquirer_first(world->acquirer); account;
		account = account->later)
		if (account->state == PROVIDER_AUTHORIZED &&
			!witness_is_forgotten(world, account->payment))
			return false;
	for (size_t i = 0; i < world->witness.items_n; i++)
		if (world->witness.items[i].open)
			return false;
	return witness_all_acked(world);
}
