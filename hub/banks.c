#include "hub/core.h"
#include "hub/desired.h"
#include "hub/store_kiosk.h"
#include "lib/base/log.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a (Fowler, Noll, Vo). */
static struct hub_bank **bucket(struct hub *hub, const char *kiosk)
{
	uint32_t hash = 2166136261U;
	for (const char *at = kiosk; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619U;
	return &hub->buckets[hash % HUB_BUCKETS];
}

static struct hub_bank *add(struct hub *hub, const struct bank_row *row)
{
	struct hub_bank *bank = calloc(1, sizeof(*bank));
	if (!bank)
		abort();
	bank->row = *row;
	struct hub_bank **at = bucket(hub, row->kiosk);
	bank->next_in_bucket = *at;
	*at = bank;
	hub->banks[hub->banks_n++] = bank;
	return bank;
}

void hub_banks_load(struct hub *hub)
{
	struct bank_row row;
	struct query *query = hub_kiosk_all(hub->database);
	while (hub->banks_n < HUB_BANKS_MAX && query_next(query)) {
		query_record(query, &hub_bank_row_type, &row);
		add(hub, &row);
	}
	query_end(query);
}

void hub_banks_free(struct hub *hub)
{
	for (size_t i = 0; i < hub->banks_n; i++) {
		free(hub->banks[i]->open_rentals.items);
		free(hub->banks[i]);
	}
	hub->banks_n = 0;
}

struct hub_bank *hub_bank_find(struct hub *hub, const char *kiosk)
{
	struct hub_bank *bank = *bucket(hub, kiosk);
	while (bank && strcmp(bank->row.kiosk, kiosk) != 0)
		bank = bank->next_in_bucket;
	return bank;
}

struct hub_bank *hub_bank_get(struct hub *hub, const char *kiosk)
{
	struct hub_bank *bank = hub_bank_find(hub, kiosk);
	if (bank)
		return bank;
	if (hub->banks_n == HUB_BANKS_MAX) {
		log_error(
			"hub: %s is one bank more than %d; it is not heard", kiosk, HUB_BANKS_MAX);
		return NULL;
	}
	struct bank_row row = {0};
	TEXT_COPY(row.kiosk, kiosk);
	log_info("hub: %s is a new bank", kiosk);
	bank = add(hub, &row);
	hub_touch(hub, bank);
	hub_desired_changed(hub, bank);
	return bank;
}

static void drop(struct hub_queue *queue, const struct hub_bank *bank)
{
	for (size_t n = queue->n; n > 0; n--) {
		struct hub_bank *first = hub_queue_first(queue);
		hub_queue_remove_first(queue);
		if (first != bank)
			hub_queue_add(queue, first);
	}
}

void hub_bank_remove(struct hub *hub, struct hub_bank *bank)
{
	struct hub_bank **at = bucket(hub, bank->row.kiosk);
	while (*at != bank)
		at = &(*at)->next_in_bucket;
	*at = bank->next_in_bucket;
	drop(&hub->commit_queue, bank);
	drop(&hub->desired_queue, bank);
	drop(&hub->view_queue, bank);
	size_t i = 0;
	while (hub->banks[i] != bank)
		i++;
	hub->banks[i] = hub->banks[--hub->banks_n];
	hub_kiosk_delete(hub->database, bank->row.kiosk);
	log_info("hub: %s is a bank no longer", bank->row.kiosk);
	free(bank->open_rentals.items);
	free(bank);
}

void hub_queue_add(struct hub_queue *queue, struct hub_bank *bank)
{
	queue->ring[(queue->first + queue->n++) % HUB_BANKS_MAX] = bank;
}

struct hub_bank *hub_queue_first(const struct hub_queue *queue)
{
	return queue->n ? queue->ring[queue->first] : NULL;
}

void hub_queue_remove_first(struct hub_queue *queue)
{
	queue->first = (queue->first + 1) % HUB_BANKS_MAX;
	queue->n--;
}
