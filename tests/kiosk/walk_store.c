/* What must hold of the bank's database whenever the power goes, and once all is well again. */
#include "tests/kiosk/walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void name_file(const struct walk *walk, int i, char ret[static 80])
{
	snprintf(ret, 80, "%s%s", walk->bank.path, i ? "-wal" : "");
}

static void read_file(const char *path, char **ret, size_t *ret_size)
{
	FILE *file = fopen(path, "rb");
	free(*ret);
	*ret = NULL;
	*ret_size = 0;
	if (!file)
		return;
	fseek(file, 0, SEEK_END);
	*ret_size = (size_t)ftell(file);
	rewind(file);
	*ret = malloc(*ret_size + 1);
	assert_int_equal(fread(*ret, 1, *ret_size, file), *ret_size);
	fclose(file);
}

static void write_file(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

void walk_store_save(struct walk *walk)
{
	for (int i = 0; i < 2; i++) {
		char path[80];
		name_file(walk, i, path);
		read_file(path, &walk->image[i], &walk->size[i]);
	}
}

void walk_store_put_back(struct walk *walk)
{
	for (int i = 0; i < 2; i++) {
		char path[80];
		name_file(walk, i, path);
		unlink(path);
		if (walk->image[i])
			write_file(path, walk->image[i], walk->size[i]);
	}
}

void walk_store_check_opening(struct walk *walk, int compartment)
{
	char path[96], log[96];
	struct database *database;
	walk_store_save(walk);
	snprintf(path, sizeof(path), "%s/pulse.db", walk->bank.folder);
	snprintf(log, sizeof(log), "%s/pulse.db-wal", walk->bank.folder);
	write_file(path, walk->image[0], walk->size[0]);
	if (walk->image[1])
		write_file(log, walk->image[1], walk->size[1]);
	assert_int_equal(database_open(path, NULL, kiosk_migrations, &database), 0);
	if (!store_opening_at(database, compartment))
		fail_msg("door %d is pulsed, and nobody wrote down why", compartment);
	database_close(database);
	unlink(path);
}

/* --- states that somebody leaves ------------------------------------------------------------- */

static void check_rental(struct database *database, const struct rental_row *rental)
{
	const struct rental_record *fact = &rental->fact;
	struct opening_row opening;
	struct alert_record alert;
	char key[ALERT_KEY_SIZE];
	snprintf(key, sizeof(key), "unconfirmed:%s", fact->rental);
	bool timer = rental->deadline < USEC_NEVER, ok = true;
	switch ((enum rental_state)fact->state) {
	case RENTAL_HELD:
	case RENTAL_PAYING:
	case RENTAL_PAID:
		ok = timer;
		break;
	case RENTAL_OPENING:
	case RENTAL_TAKING:
	case RENTAL_RETURNING:
		ok = store_opening_of(database, fact->rental, &opening);
		break;
	case RENTAL_RENTED:
	case RENTAL_OVERDUE:
		ok = timer || fact->clock_stopped;
		break;
	case RENTAL_UNCONFIRMED:
	case RENTAL_UNCONFIRMED_RETURN:
		ok = store_alert_read(database, key, &alert);
		break;
	default:
		break;
	}
	if (!ok)
		fail_msg(
			"rental %s: nobody ends %s", fact->rental, rental_state_names[fact->state]);
}

static void check_item(struct database *database, const struct item_row *item)
{
	struct rental_row rental;
	struct alert_record alert;
	char key[ALERT_KEY_SIZE];
	const char *name = item->entry.item;
	bool open = store_rental_of_item(database, name, &rental);
	bool out = open && rental_is_out((enum rental_state)rental.fact.state);
	snprintf(key, sizeof(key), "collect:%s", name);
	bool leaves = item->state == ITEM_WITHDRAWN || item->state == ITEM_MOVING;
	bool collect = store_alert_read(database, key, &alert);
	if (item->state == ITEM_RESERVED && (!open || out))
		fail_msg("%s is reserved for nobody", name);
	if (item->state == ITEM_RENTED && !out)
		fail_msg("%s is rented to nobody", name);
	if (item->state == ITEM_AVAILABLE && (open || item->compartment == 0))
		fail_msg("%s is not available", name);
	if (item->state == ITEM_MOVING && item->compartment == 0)
		fail_msg("%s is gone, and not released", name);
	if (collect != (leaves && item->compartment > 0))
		fail_msg("%s is %s in %d, and collect is%s raised", name,
			item_state_names[item->state], (int)item->compartment,
			collect ? "" : " not");
}

static void check_payment(struct database *database, const struct payment_row *payment)
{
	struct rental_row rental;
	const struct payment_record *fact = &payment->fact;
	bool known = store_rental_read(database, fact->rental, &rental);
	bool open = payment_is_open((enum payment_state)fact->state);
	if (open != (payment->next_try < USEC_NEVER))
		fail_msg("payment %s is %s, and is%s asked for", fact->payment,
			payment_state_names[fact->state], open ? " not" : "");
	if (fact->state == PAYMENT_AUTHORIZED &&
		(!known || rental_is_final((enum rental_state)rental.fact.state)))
		fail_msg("payment %s: nobody ends it", fact->payment);
}

static struct database *open_store(struct walk *walk)
{
	struct database *database;
	assert_null(walk->bank.kiosk);
	assert_int_equal(database_open(walk->bank.path, NULL, kiosk_migrations, &database), 0);
	return database;
}

void walk_store_check(struct walk *walk)
{
	struct database *database = open_store(walk);
	struct rental_row rental;
	struct query *query = store_rentals_all_open(database);
	while (store_rental_next(query, &rental))
		check_rental(database, &rental);
	struct item_row item;
	query = store_items(database);
	struct node_row node;
	store_node_read(database, &node);
	while (store_item_next(query, &item))
		if (node.mode == MODE_LENDING)
			check_item(database, &item);
	struct payment_row payment;
	query = store_payments_unfinished(database);
	while (store_payment_next(query, &payment))
		check_payment(database, &payment);
	assert_int_equal(database_error(database), 0);
	database_close(database);
}

/* --- once all is well ------------------------------------------------------------------------ */

static void check_view(struct walk *walk, struct database *database)
{
	struct walk_view *view = &walk->hub.view;
	struct item_row item;
	struct alert_record alert;
	for (size_t i = 0; i < view->rentals_n; i++)
		if (!rental_is_final((enum rental_state)view->rentals[i].state))
			fail_msg("rental %s is %s for the hub", view->rentals[i].rental,
				rental_state_names[view->rentals[i].state]);
	for (size_t i = 0; i < view->items_n; i++) {
		const struct item_record *said = &view->items[i];
		bool lost = said->state == ITEM_UNKNOWN && walk->old_copy;
		if (!lost && store_item_read(database, said->item, &item) &&
			(item.state != said->state || item.compartment != said->compartment))
			fail_msg("%s is %s in %d; for the hub %s in %d", said->item,
				item_state_names[item.state], (int)item.compartment,
				item_state_names[said->state], (int)said->compartment);
	}
	size_t alerts = 0;
	struct query *query = store_alerts(database);
	while (store_alert_next(query, &alert))
		alerts++;
	for (size_t i = 0; i < view->alerts_n; i++)
		if (!store_alert_read(database, view->alerts[i].alert, &alert) && !walk->old_copy)
			fail_msg("only the hub has the alert %s", view->alerts[i].alert);
	assert_true(alerts == view->alerts_n || walk->old_copy);
}

void walk_store_check_healed(struct walk *walk)
{
	struct database *database = open_store(walk);
	struct node_row node;
	struct rental_row rental;
	struct payment_row payment;
	struct opening_row opening;
	store_node_read(database, &node);
	assert_int_equal(node.mode, MODE_LENDING);
	assert_int_equal(node.seq, node.acked);
	assert_false(store_rental_next(store_rentals_all_open(database), &rental));
	if (store_payment_next(store_payments_unfinished(database), &payment))
		fail_msg("payment %s is still %s", payment.fact.payment,
			payment_state_names[payment.fact.state]);
	assert_false(store_opening_first(database, 0, &opening));
	check_view(walk, database);
	assert_int_equal(database_check(database), 0);
	database_close(database);
}
