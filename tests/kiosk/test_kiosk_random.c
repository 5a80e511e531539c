/*
 * A bank through days of everything at once, by seed: renters and a manager who ask for anything at
 * any time, a ledger that answers late, doors that jam, a link that breaks, power that goes at any
 * commit, a hub that is put back, boards that are swapped. After each step what was told must fit
 * what was told before; whenever the power goes the database must be sound; in the end nothing may
 * be stuck.
 */
#include "tests/kiosk/walk.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS 30
#define STEPS 1000

static struct walk *walking; /* the ports have no context */
static int (*really_publish)(struct mqtt_port *port, const struct mqtt_message *message);

uint64_t walk_below(struct walk *walk, uint64_t bound)
{
	return fake_random_next(&walk->random) % bound;
}

bool walk_chance(struct walk *walk, int percent)
{
	return walk_below(walk, 100) < (uint64_t)percent;
}

/* --- the power ------------------------------------------------------------------------------- */

/* An effect is about to be had, after its commit. False: the power is gone. */
static bool effect(struct walk *walk)
{
	if (!walk->dead && walk->cut_in > 0 && --walk->cut_in == 0) {
		walk_store_save(walk);
		walk->dead = true;
		return walk_chance(walk, 50); /* this one may still get out */
	}
	return !walk->dead;
}

static int publish(struct mqtt_port *port, const struct mqtt_message *message)
{
	return effect(walking) ? really_publish(port, message) : -ENOTCONN;
}

static int drive(struct bank_port *bank, int compartment, bool active)
{
	struct walk *walk = walking;
	if (active && !effect(walk))
		return 0;
	if (active && !walk->dead) {
		walk->pulses++;
		walk_store_check_opening(walk, compartment);
	}
	return walk->drive(bank, compartment, active);
}

static void set_link(struct walk *walk, bool online)
{
	walk->online = online;
	walk->bank.mqtt.refuse = online ? 0 : -ENOTCONN;
}

/* The broker has the hub's last word for whoever connects. */
static void greet(struct walk *walk)
{
	walk_hub_desire(walk);
	walk_hub_ack(walk);
}

static void start_again(struct walk *walk)
{
	walk->cut_in = 0; /* whoever connects looks for the birth */
	set_link(walk, true);
	for (int door = 1; door <= 4; door++)
		simulated_lock(walk->bank.doors, door, true); /* a bank must be able to let go */
	bank_crash(&walk->bank);
	greet(walk);
}

static void power_back(struct walk *walk)
{
	walk->bank.kiosk = kiosk_close(walk->bank.kiosk);
	walk_store_put_back(walk);
	walk->dead = false;
	walk->cuts++;
	walk_store_check(walk);
	start_again(walk);
}

static void crash(struct walk *walk)
{
	walk->bank.kiosk = kiosk_close(walk->bank.kiosk);
	walk->crashes++;
	walk_store_check(walk);
	start_again(walk);
}

/* --- people ---------------------------------------------------------------------------------- */

static const char *some_item(struct walk *walk)
{
	return walk->entries[walk_below(walk, 4)].item;
}

static const char *some_rental(struct walk *walk)
{
	const struct walk_view *view = &walk->truth;
	size_t latest = view->rentals_n < 8 ? view->rentals_n : 8;
	return latest ? view->rentals[view->rentals_n - 1 - walk_below(walk, latest)].rental
		      : BANK_HUB;
}

static void ask(struct walk *walk, const char *user, const char *operation, json_t *args)
{
	assert_non_null(args);
	if (walk->online && !walk_chance(walk, 10))
		bank_ask(&walk->bank, user, operation, args);
	else
		bank_touch(&walk->bank, user, operation, args);
}

/* What usually comes next. */
static bool go_on(struct walk *walk)
{
	static const char *const next[RENTAL_STATES] = {
		[RENTAL_HELD] = "pay",
		[RENTAL_PAID] = "open",
		[RENTAL_RENTED] = "return",
		[RENTAL_OVERDUE] = "return",
		[RENTAL_LOST] = "return",
	};
	const struct rental_record *rental = NULL;
	for (int i = 0; i < 4 && (!rental || rental_is_final((enum rental_state)rental->state));
		i++)
		rental = walk_view_rental(&walk->truth, some_rental(walk));
	const char *operation = rental ? next[rental->state] : NULL;
	if (!operation || walk_chance(walk, 30))
		return false;
	json_t *args = json_pack("{s:s}", "rental", rental->rental);
	if (rental->state == RENTAL_HELD)
		json_object_set_new(args, "method", json_string("tok-ok"));
	ask(walk, "boss", operation, args);
	return true;
}

static void renter_acts(struct walk *walk)
{
	if (walk_chance(walk, 60) && go_on(walk))
		return;
	static const char *const users[] = {"mina", "joon", "sora"};
	static const char *const operations[] = {"reserve", "reserve", "pay", "pay", "open", "open",
		"return", "return", "cancel", "cancel-payment", "extend", "give-up", "report",
		"confirm", "rental", "rentals"};
	const char *user = users[walk_below(walk, 3)];
	const char *operation =
		operations[walk_below(walk, sizeof(operations) / sizeof(*operations))];
	json_t *args = json_pack("{s:s}", "rental", some_rental(walk));
	if (strcmp(operation, "reserve") == 0) {
		json_decref(args);
		args = json_pack("{s:s}", "item", some_item(walk));
	} else if (strcmp(operation, "pay") == 0) {
		json_object_set_new(args, "method", json_string("tok-ok"));
	} else if (strcmp(operation, "report") == 0) {
		json_object_set_new(args, "problem", json_string("empty"));
	} else if (strcmp(operation, "confirm") == 0) {
		json_object_set_new(args, "taken", json_true());
	} else if (strcmp(operation, "rentals") == 0) {
		json_object_clear(args);
	} else if (walk_chance(walk, 3) && (operation[0] == 'o' || operation[2] == 't')) {
		json_object_clear(args);
		json_object_set_new(args, "code", json_string("00000000"));
	}
	/* Renters know their own rentals; a manager may ask for anybody. */
	ask(walk, walk_chance(walk, 60) ? "boss" : user, operation, args);
}

static void confirm_bank(struct walk *walk)
{
	json_t *compartments = json_array();
	for (int i = 0; i < 4; i++) {
		const struct walk_entry *entry = &walk->entries[i];
		if (entry->here && !entry->withdrawn && walk_chance(walk, 80))
			json_array_append_new(compartments,
				json_pack("{s:i, s:s}", "compartment", i + 1, "item", entry->item));
	}
	ask(walk, "boss", "confirm-bank", json_pack("{s:o}", "compartments", compartments));
}

static void manager_resolves(struct walk *walk)
{
	static const char *const outcomes[] = {
		"taken", "not-taken", "returned", "not-returned", "close", "close-refund"};
	ask(walk, "boss", "resolve",
		json_pack("{s:s, s:s, s:s}", "rental", some_rental(walk), "outcome",
			outcomes[walk_below(walk, walk_chance(walk, 20) ? 6 : 4)], "reason",
			"looked"));
}

static void manager_gives_back(struct walk *walk)
{
	const struct walk_view *view = &walk->truth;
	size_t latest = view->payments_n < 8 ? view->payments_n : 8;
	const char *payment =
		latest ? view->payments[view->payments_n - 1 - walk_below(walk, latest)].payment
		       : BANK_HUB;
	ask(walk, "boss", "refund-payment",
		json_pack("{s:s, s:s}", "payment", payment, "reason", WALK_PRESENT));
}

/* Mostly with the door shut. */
static void look_at(struct walk *walk, const struct item_record *item)
{
	if (item->compartment && walk_chance(walk, 80)) {
		simulated_move(walk->bank.doors, (int)item->compartment, BANK_CLOSED);
		bank_pass(&walk->bank, SECOND);
	}
	ask(walk, "boss", "inspect", json_pack("{s:s, s:b}", "item", item->item, "fit", 1));
}

/* What is wrong is seen to. */
static bool tidy_up(struct walk *walk, const char *name)
{
	const struct walk_view *view = &walk->truth;
	for (size_t i = 0; i < view->items_n; i++) {
		const struct item_record *item = &view->items[i];
		bool looked = item->state == ITEM_INSPECTION || item->state == ITEM_BLOCKED;
		if (strcmp(item->item, name) != 0 || item->state == ITEM_AVAILABLE)
			continue;
		if (looked)
			look_at(walk, item);
		else
			ask(walk, "boss", item->compartment ? "collect" : "stock",
				json_pack("{s:s}", "item", name));
		return true;
	}
	return false;
}

static void manager_acts(struct walk *walk)
{
	const char *item = some_item(walk);
	if (walk_chance(walk, 75) && tidy_up(walk, item))
		return;
	switch (walk_below(walk, 9)) {
	case 0:
	case 1:
		ask(walk, "boss", "stock", json_pack("{s:s}", "item", item));
		break;
	case 2:
		ask(walk, "boss", "collect", json_pack("{s:s}", "item", item));
		break;
	case 3:
		ask(walk, "boss", "inspect",
			json_pack("{s:s, s:b, s:b, s:i}", "item", item, "fit",
				walk_chance(walk, 90), "taken", walk_chance(walk, 10),
				"compartment", 1 + (int)walk_below(walk, 4)));
		break;
	case 4:
		ask(walk, "boss", walk_chance(walk, 50) ? "block" : "rentals",
			json_pack("{s:s, s:s}", "item", item, "reason", "worn"));
		break;
	case 5:
		manager_resolves(walk);
		break;
	case 6:
		ask(walk, "boss", "repair",
			json_pack("{s:i, s:b}", "compartment", (int)walk_below(walk, 4) + 1,
				"works", walk_chance(walk, 90)));
		break;
	case 7:
		manager_gives_back(walk);
		break;
	default:
		confirm_bank(walk);
	}
}

/* --- the world ------------------------------------------------------------------------------- */

static void door_moves(struct walk *walk)
{
	struct bank_port *doors = walk->bank.doors;
	int door = (int)walk_below(walk, 4) + 1;
	switch (walk_below(walk, 6)) {
	case 0:
		simulated_move(doors, door, BANK_OPEN);
		break;
	case 1:
	case 2:
		simulated_move(doors, door, BANK_CLOSED);
		break;
	case 3:
		simulated_jam(doors, door, walk_chance(walk, 30));
		break;
	case 4:
		simulated_sensor(doors, door, walk_chance(walk, 85));
		break;
	default:
		simulated_lock(doors, door, walk_chance(walk, 80));
	}
}

static void time_passes(struct walk *walk)
{
	struct bank *bank = &walk->bank;
	switch (walk_below(walk, 20)) {
	case 0:
		bank_pass(bank, 20 * MINUTE);
		break;
	case 1:
		if (walk_chance(walk, 20))
			fake_clock_pass(&bank->clock, (usec)walk_below(walk, 8) * DAY);
		bank_pass(bank, MINUTE);
		break;
	case 2:
	case 3:
	case 4:
		bank_pass(bank, 40 * SECOND);
		break;
	default:
		bank_pass(bank, (usec)walk_below(walk, (uint64_t)(8 * SECOND)));
	}
}

static void catalogue_changes(struct walk *walk)
{
	size_t i = (size_t)walk_below(walk, 4);
	struct walk_entry *entry = &walk->entries[i];
	if (!entry->here) {
		entry->here = true; /* it comes back from the other bank */
	} else if (walk_chance(walk, 15)) {
		entry->withdrawn = true;
	} else if (walk_chance(walk, 50)) {
		entry->moving = !entry->moving;
		uuid_make(walk->bank.clock.wall, &walk->random.port, entry->move);
	}
	walk->blocked = walk_chance(walk, 10);
	walk_hub_desire(walk);
}

/* A withdrawn name is never used again. */
static void renew_entries(struct walk *walk)
{
	for (int i = 0; i < 4; i++) {
		struct walk_entry *entry = &walk->entries[i];
		if (entry->withdrawn && walk_chance(walk, 30))
			*entry = (struct walk_entry){.here = true};
		if (!entry->item[0])
			snprintf(entry->item, NAME_SIZE, "thing-%d-%d", i, walk->bank.requests);
	}
}

static void hub_acts(struct walk *walk)
{
	switch (walk_below(walk, 12)) {
	case 0:
		catalogue_changes(walk);
		break;
	case 1:
		renew_entries(walk);
		break;
	case 2:
		walk->backup = walk->hub;
		break;
	case 3:
		walk_hub_adopt(walk);
		bank_pass(&walk->bank, 10 * SECOND);
		confirm_bank(walk);
		break;
	case 4:
		if (walk->online && walk_chance(walk, 40) && walk->backup.epoch[0])
			walk_hub_restore(walk);
		break;
	default:
		walk_hub_ack(walk);
	}
}

static void link_changes(struct walk *walk)
{
	struct bank *bank = &walk->bank;
	if (walk->online && walk_chance(walk, 40)) {
		kiosk_disconnected(bank->kiosk);
		set_link(walk, false);
	} else if (!walk->online) {
		walk->cut_in = 0;
		set_link(walk, true);
		bank_connect(bank);
		greet(walk);
	} else {
		bank->clock.synchronised = walk_chance(walk, 90);
		bank_send(bank, WALK_PREFIX "payment/till/status",
			json_pack("{s:s, s:s, s:s, s:i}", "state",
				walk_chance(walk, 90) ? "online" : "lost", "session",
				"01936a00-0000-7000-8000-0000000000aa", "payments",
				walk_chance(walk, 80) ? "open" : "closed", "retry_after", 5000));
	}
}

static void boards_change(struct walk *walk, bool old_copies)
{
	if (walk_chance(walk, 12)) {
		assert_int_equal(kiosk_taken_over(walk->bank.kiosk), 0);
	} else if (old_copies && walk_chance(walk, 20)) {
		walk->bank.kiosk = kiosk_close(walk->bank.kiosk);
		walk_store_put_back(walk); /* as of the last pulse, or power cut */
		walk->old_copy = true;
		start_again(walk);
	} else {
		walk_hub_adopt(walk);
	}
}

static void step(struct walk *walk, bool old_copies)
{
	uint64_t what = walk->online || walk_chance(walk, 80) ? walk_below(walk, 100) : 93;
	if (walk_chance(walk, 3))
		walk->cut_in = (int)walk_below(walk, 6) + 1;
	if (what < 40)
		renter_acts(walk);
	else if (what < 52)
		manager_acts(walk);
	else if (what < 57)
		door_moves(walk);
	else if (what < 75)
		time_passes(walk);
	else if (what < 85)
		walk_ledger_answer(walk, false);
	else if (what < 93)
		hub_acts(walk);
	else if (what < 96)
		link_changes(walk);
	else if (what < 98)
		boards_change(walk, old_copies);
	else
		crash(walk);
	if (walk->dead)
		power_back(walk);
	walk_listen(walk);
}

/* --- healing --------------------------------------------------------------------------------- */

static void settle(struct walk *walk, int times)
{
	for (int i = 0; i < times; i++) {
		walk_listen(walk);
		walk_ledger_answer(walk, true);
		walk_hub_adopt(walk);
		walk_hub_ack(walk);
		bank_pass(&walk->bank, 30 * SECOND);
	}
}

static void heal(struct walk *walk)
{
	struct bank *bank = &walk->bank;
	walk->cut_in = 0;
	walk->ledger.decline = 0;
	bank->clock.synchronised = true;
	for (int door = 1; door <= 4; door++) {
		simulated_sensor(bank->doors, door, true);
		simulated_jam(bank->doors, door, false);
		simulated_lock(bank->doors, door, true);
		simulated_move(bank->doors, door, BANK_CLOSED);
	}
	crash(walk);
	settle(walk, 20);
	confirm_bank(walk);
	settle(walk, 2);
	for (size_t i = 0; i < walk->truth.rentals_n; i++) {
		const struct rental_record *rental = &walk->truth.rentals[i];
		if (!rental_is_final((enum rental_state)rental->state))
			bank_ask(bank, "boss", "resolve",
				json_pack("{s:s, s:s, s:s}", "rental", rental->rental, "outcome",
					"close-refund", "reason", "the end"));
	}
	settle(walk, 60);
}

/* Who got nothing has paid nothing, and who brought it back has paid. */
static void check_money(struct walk *walk)
{
	for (size_t i = 0; i < walk->ledger.n && !walk->old_copy; i++) {
		const struct walk_payment *payment = &walk->ledger.payments[i];
		const struct rental_record *rental =
			walk_view_rental(&walk->truth, payment->rental);
		assert_non_null(rental);
		bool latest = strcmp(rental->payment, payment->payment) == 0;
		bool charged = payment->state == PAYMENT_CAPTURED;
		assert_int_not_equal(payment->state, PAYMENT_AUTHORIZED);
		if (charged && (!latest || (rental->state != RENTAL_RETURNED &&
						   rental->state != RENTAL_RESOLVED)))
			fail_msg("rental %s is %s, and was charged", rental->rental,
				rental_state_names[rental->state]);
		if (latest && rental->state == RENTAL_RETURNED && !charged && !payment->present)
			fail_msg("rental %s was returned, and never paid", rental->rental);
	}
}

static void begin(struct walk *walk, uint64_t seed)
{
	static const char *const names[] = {"free", "tent", "drill", "saw"};
	char *images[2] = {walk->image[0], walk->image[1]};
	memset(walk, 0, sizeof(*walk));
	memcpy(walk->image, images, sizeof(images));
	walking = walk;
	fake_random_init(&walk->random, seed);
	bank_set_up(&walk->bank);
	walk->bank.random.state = seed;
	really_publish = walk->bank.mqtt.port.publish;
	walk->bank.mqtt.port.publish = publish;
	walk->drive = walk->bank.doors->drive;
	walk->bank.doors->drive = drive;
	walk->online = true;
	walk->hub.generation = 2;
	walk->ledger.decline = 10;
	for (int i = 0; i < 4; i++) {
		walk->entries[i].here = true;
		TEXT_COPY(walk->entries[i].item, names[i]);
	}
	TEXT_COPY(walk->hub.epoch, walk->bank.epoch);
	TEXT_COPY(walk->epoch, walk->bank.epoch);
	walk_hub_desire(walk);
	for (int i = 0; i < 4; i++) {
		bank_ask(&walk->bank, "boss", "stock",
			json_pack("{s:s}", "item", walk->entries[i].item));
		bank_pass(&walk->bank, 10 * SECOND);
	}
	walk_listen(walk);
}

struct sums {
	int pulses, cuts, crashes, forks, restores, releases;
	size_t rentals, payments;
};

static void walk_one(struct walk *walk, uint64_t seed, struct sums *sums)
{
	begin(walk, seed);
	for (int i = 0; i < STEPS; i++)
		step(walk, seed % 3 == 0);
	heal(walk);
	walk->bank.kiosk = kiosk_close(walk->bank.kiosk);
	walk_store_check(walk);
	walk_store_check_healed(walk);
	check_money(walk);
	sums->pulses += walk->pulses;
	sums->cuts += walk->cuts;
	sums->crashes += walk->crashes;
	sums->forks += walk->forks;
	sums->restores += walk->restores;
	sums->releases += walk->releases;
	sums->rentals += walk->truth.rentals_n;
	sums->payments += walk->ledger.n;
	bank_tear_down(&walk->bank);
}

static void test_walks(void **state)
{
	static struct walk walk;
	struct sums sums = {0};
	const char *only = getenv("WALK_SEED"), *last = getenv("WALK_SEEDS");
	uint64_t from = only ? strtoull(only, NULL, 10) : 1;
	uint64_t to = only ? from : last ? strtoull(last, NULL, 10) : SEEDS;
	(void)state;
	for (uint64_t seed = from; seed <= to; seed++) {
		print_message("seed %d\n", (int)seed);
		walk_one(&walk, seed, &sums);
	}
	for (int i = 0; i < 2; i++)
		free(walk.image[i]);
	print_message("%zu rentals, %zu payments, %d pulses, %d crashes, %d power cuts, %d epochs, "
		      "%d hubs put back, %d released\n",
		sums.rentals, sums.payments, sums.pulses, sums.crashes, sums.cuts, sums.forks,
		sums.restores, sums.releases);
	if (only)
		return;
	/* It went somewhere. */
	assert_true(sums.rentals > 200 && sums.payments > 100 && sums.pulses > 200);
	assert_true(sums.crashes > 20 && sums.cuts > 20 && sums.forks > 5);
	assert_true(sums.restores > 5 && sums.releases > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_walks)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
