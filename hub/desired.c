#include "hub/desired.h"

#include "hub/own.h"
#include "hub/store_catalogue.h"
#include "hub/store_renter.h"
#include "hub/store_view.h"
#include "lib/base/log.h"
#include "lib/domain/payment.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PUBLISH_AT_ONCE 32           /* desired states a round, so that nothing else waits long */
#define SAY_AGAIN       (5 * MINUTE) /* at the latest */
#define STEPS           1000         /* of a revision */

void hub_desired_changed(struct hub *hub, struct hub_bank *bank)
{
	hub_touch_desired(hub, bank);
}

void hub_desired_all_changed(struct hub *hub)
{
	for (size_t i = 0; i < hub->banks_n; i++)
		hub_desired_changed(hub, hub->banks[i]);
}

static void add_name(struct list *list, const char *name)
{
	text_copy(list_add(list, NAME_SIZE), NAME_SIZE, name);
}

static void add_items(struct hub *hub, const char *kiosk, struct list *ret)
{
	struct query *query = hub_catalogue_desired(hub->database, kiosk, HUB_BANK_ITEMS_MAX);
	while (query_next(query))
		query_record(query, &catalogue_record_type,
			list_add(ret, sizeof(struct catalogue_record)));
}

static void add_rental(struct desired_record *ret, const struct rental_row *rental)
{
	if (ret->rentals.n < HANDOVER_RENTALS_MAX)
		*(struct rental_record *)list_add(&ret->rentals, sizeof(rental->rental)) =
			rental->rental;
}

static bool is_there(const struct desired_record *ret, const char *rental)
{
	const struct rental_record *rentals = ret->rentals.items;
	for (size_t i = 0; i < ret->rentals.n; i++)
		if (strcmp(rentals[i].rental, rental) == 0)
			return true;
	return false;
}

static void add_payment(struct desired_record *ret, const struct payment_row *payment)
{
	if (ret->payments.n < CLAIMS_MAX)
		*(struct payment_record *)list_add(&ret->payments, sizeof(payment->payment)) =
			payment->payment;
}

/* One that is over, and of which the board does not know that, or whose payment is not over. */
static void add_ended(
	struct hub *hub, const char *kiosk, const char *name, struct desired_record *ret)
{
	struct rental_row rental;
	struct payment_row payment;
	if (is_there(ret, name) || !hub_view_rental(hub->database, name, &rental) ||
		strcmp(rental.kiosk, kiosk) != 0)
		return;
	add_rental(ret, &rental);
	if (hub_view_payment(hub->database, rental.rental.payment, &payment) &&
		payment_is_final((enum payment_state)payment.payment.state))
		add_payment(ret, &payment);
}

static void add_what_it_has_open(
	struct hub *hub, const struct hub_bank *bank, struct desired_record *ret)
{
	const struct open_rental_record *open = bank->open_rentals.items;
	if (strcmp(bank->waiting_epoch, bank->row.epoch) != 0)
		return;
	for (size_t i = 0; i < bank->open_rentals.n; i++) {
		add_ended(hub, bank->row.kiosk, open[i].rental, ret);
		*(struct open_rental_record *)list_add(&ret->open_rentals, sizeof(*open)) = open[i];
	}
}

/* The board before did not come to say that the money goes back. */
static void add_failed(struct hub *hub, const char *kiosk, struct desired_record *ret)
{
	struct rental_row rental;
	struct payment_row payment;
	struct query *query = hub_view_failed_rentals(hub->database, kiosk, BANK_RENTALS_MAX);
	while (query_next(query)) {
		query_record(query, &hub_rental_row_type, &rental);
		add_rental(ret, &rental);
	}
	query = hub_view_failed_payments(hub->database, kiosk, CLAIMS_MAX);
	while (query_next(query)) {
		query_record(query, &hub_payment_row_type, &payment);
		add_payment(ret, &payment);
	}
}

/* What an adopted kiosk takes over: the bank's open rentals and their payments, and what it should
 * know of those that are over. */
static void add_handover(struct hub *hub, const struct hub_bank *bank, struct desired_record *ret)
{
	const char *kiosk = bank->row.kiosk;
	struct rental_row rental;
	struct query *query = hub_view_open_rentals(hub->database, kiosk, BANK_RENTALS_MAX);
	while (query_next(query)) {
		query_record(query, &hub_rental_row_type, &rental);
		add_rental(ret, &rental);
	}
	struct payment_row payment;
	query = hub_view_open_payments(hub->database, kiosk, CLAIMS_MAX);
	while (query_next(query)) {
		query_record(query, &hub_payment_row_type, &payment);
		add_payment(ret, &payment);
	}
	add_failed(hub, kiosk, ret);
	size_t open = ret->payments.n;
	add_what_it_has_open(hub, bank, ret);
	for (size_t i = 0; i < open; i++) {
		const struct payment_record *payments = ret->payments.items;
		add_ended(hub, kiosk, payments[i].rental, ret);
	}
}

static void build(struct hub *hub, const struct hub_bank *bank, struct desired_record *ret)
{
	*ret = (struct desired_record){
		.generation = hub->node.generation, .revision = bank->row.revision};
	TEXT_COPY(ret->hub, hub->node.hub);
	TEXT_COPY(ret->epoch, bank->row.epoch);
	TEXT_COPY(ret->ledger, hub->ledger);
	TEXT_COPY(ret->renter_key, hub->node.renter_key);
	ret->settings = malloc(sizeof(*ret->settings));
	if (!ret->settings)
		abort();
	*ret->settings = hub->settings;
	const char *managers = hub->managers.items;
	for (size_t i = 0; i < hub->managers.n; i++)
		add_name(&ret->managers, managers + i * NAME_SIZE);
	struct query *query = hub_renter_blocked(hub->database, HUB_BLOCKED_MAX);
	while (query_next(query))
		add_name(&ret->blocked, query_text(query, 0));
	add_items(hub, bank->row.kiosk, &ret->items);
	if (bank->row.handover)
		add_handover(hub, bank, ret);
}

static char *render(struct desired_record *desired, size_t *ret_size)
{
	char *text = record_write(&desired_record_type, desired, ret_size);
	record_clear(&desired_record_type, desired);
	return text;
}

bool hub_desired_revise(struct hub *hub, struct hub_bank *bank)
{
	struct desired_record desired;
	size_t size;
	unsigned char hash[16];
	char content[CONTENT_HASH_SIZE];
	build(hub, bank, &desired);
	desired.generation = desired.revision = 0;
	char *text = render(&desired, &size);
	crypto_generichash(hash, sizeof(hash), (unsigned char *)text, size, NULL, 0);
	sodium_bin2hex(content, sizeof(content), hash, sizeof(hash));
	free(text);
	if (strcmp(content, bank->row.content) == 0)
		return false;
	if (size > DESIRED_BYTES)
		hub_own_alert(hub, bank->row.kiosk, "desired-too-large", bank->row.kiosk, "",
			"%zu bytes are more than can be told to it", size);
	TEXT_COPY(bank->row.content, content);
	bank->row.revision += 1 + (int64_t)random_below(hub->random, STEPS);
	hub_desired_send(hub, bank);
	return true;
}

void hub_desired_send(struct hub *hub, struct hub_bank *bank)
{
	if (bank->desired_unsent || !hub->connected)
		return; /* at the next connect all are sent */
	bank->desired_unsent = true;
	hub_queue_add(&hub->desired_queue, bank);
}

bool hub_desired_is_applied(const struct hub *hub, const struct hub_bank *bank)
{
	return bank->row.applied_generation == hub->node.generation &&
	       bank->row.applied_revision == bank->row.revision;
}

void hub_desired_recheck(struct hub *hub)
{
	usec wait = hub->say_again ? usec_min(hub->say_again, SAY_AGAIN) : SAY_AGAIN;
	for (size_t i = 0; i < hub->banks_n; i++) {
		struct hub_bank *bank = hub->banks[i];
		if (bank->row.link == LINK_ONLINE && !hub_desired_is_applied(hub, bank) &&
			hub->now.elapsed - bank->desired_said >= wait)
			hub_desired_send(hub, bank);
	}
}

/* False if the port takes no more now. */
static bool publish(struct hub *hub, const struct hub_bank *bank)
{
	struct desired_record desired;
	char topic_text[MQTT_TOPIC_MAX];
	const struct topic topic = hub_topic(hub, TOPIC_KIOSK_DESIRED, bank->row.kiosk);
	topic_format(&topic, topic_text);
	build(hub, bank, &desired);
	struct mqtt_message message = {
		.topic = topic_text, .qos = 1, .retain = true, .content_type = "application/json"};
	char *text = render(&desired, &message.size);
	message.payload = text;
	int r = 0;
	if (message.size > DESIRED_BYTES)
		log_error("desired: %s: %zu bytes are too many to be sent", bank->row.kiosk,
			message.size);
	else
		r = hub->mqtt->publish(hub->mqtt, &message);
	free(text);
	return r == 0;
}

void hub_desired_publish(struct hub *hub)
{
	struct hub_bank *bank;
	for (int i = 0; i < PUBLISH_AT_ONCE; i++) {
		bank = hub_queue_first(&hub->desired_queue);
		if (!bank)
			return;
		if (!publish(hub, bank)) {
			hub->queue_retry = hub->now.elapsed + HUB_RETRY;
			return;
		}
		bank->desired_unsent = false;
		bank->desired_said = hub->now.elapsed;
		hub_queue_remove_first(&hub->desired_queue);
	}
}
