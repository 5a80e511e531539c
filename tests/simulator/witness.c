#include "tests/simulator/witness.h"

#include "tests/simulator/world.h"

#include <stdlib.h>
#include <string.h>

struct known_item *witness_item(struct world *world, const char *name)
{
	struct witness *witness = &world->witness;
	for (size_t i = 0; name && i < witness->items_n; i++)
		if (strcmp(witness->items[i].name, name) == 0)
			return &witness->items[i];
	return NULL;
}

struct known_item *witness_add_item(struct world *world, const char *name)
{
	struct witness *witness = &world->witness;
	if (witness->items_n == WITNESS_ITEMS)
		abort();
	struct known_item *item = &witness->items[witness->items_n++];
	TEXT_COPY(item->name, name);
	return item;
}

struct known_rental *witness_rental(struct world *world, const char *id)
{
	if (!id || !id[0])
		return NULL;
	uint64_t hash = world_hash(WORLD_HASH_START, id, strlen(id));
	struct known_rental *rental = world->witness.rentals[hash % WITNESS_BUCKETS];
	while (rental && strcmp(rental->id, id) != 0)
		rental = rental->next;
	return rental;
}

static struct known_rental *add_rental(struct world *world, const char *id)
{
	struct witness *witness = &world->witness;
	struct known_rental *rental = calloc(1, sizeof(*rental));
	if (!rental)
		abort();
	world_count(world, COUNT_RENTALS);
	if (world_is_strict(world))
		world_count(world, COUNT_STRICT_RENTALS);
	TEXT_COPY(rental->id, id);
	uint64_t hash = world_hash(WORLD_HASH_START, id, strlen(id));
	rental->next = witness->rentals[hash % WITNESS_BUCKETS];
	witness->rentals[hash % WITNESS_BUCKETS] = rental;
	if (witness->last)
		witness->last->later = rental;
	else
		witness->first = rental;
	witness->last = rental;
	return rental;
}

struct known_rental *witness_hear(struct world *world, const json_t *told)
{
	const char *id = json_string_value(json_object_get(told, "rental"));
	struct known_rental *rental = witness_rental(world, id);
	if (!rental)
		rental = add_rental(world, id);
	const char *item = json_string_value(json_object_get(told, "item"));
	if (!rental->item && item) {
		rental->item = witness_item(world, item);
		rental->amount = json_integer_value(json_object_get(told, "amount"));
	}
	if (item)
		witness_priced(world, rental, told);
	return rental;
}

struct known_bank *witness_bank(const struct world *world, const struct node *bank)
{
	return &((struct world *)(uintptr_t)world)->witness.banks[bank - world->kiosks];
}

struct known_item *witness_behind(struct world *world, const struct node *bank, int door)
{
	struct witness *witness = &world->witness;
	for (size_t i = 0; i < witness->items_n; i++) {
		struct known_item *item = &witness->items[i];
		if (item->place == BEHIND_DOOR && item->bank == bank && item->door == door)
			return item;
	}
	return NULL;
}

void witness_forget(struct known_bank *bank)
{
	struct known_epoch *epochs = bank->epochs.items;
	for (size_t i = 0; i < bank->epochs.n; i++)
		free(epochs[i].ids.items);
	free(epochs);
	free(bank->ids.items);
}

void witness_free(struct witness *witness)
{
	for (struct known_rental *rental = witness->first, *later; rental; rental = later) {
		later = rental->later;
		free(rental);
	}
	for (int i = 0; i < WITNESS_BUCKETS; i++)
		for (struct known_payment *payment = witness->payments[i], *next; payment;
			payment = next) {
			next = payment->next;
			free(payment);
		}
	for (size_t i = 0; i < sizeof(witness->banks) / sizeof(*witness->banks); i++)
		witness_forget(&witness->banks[i]);
	free(witness->event_ids);
}
