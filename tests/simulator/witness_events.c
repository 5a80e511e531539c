/* What the banks publish, and what the hub acks. */
#include "lib/domain/rental.h"
#include "tests/simulator/witness.h"
#include "tests/simulator/world.h"

#include <stdlib.h>
#include <string.h>

/* Half an hour; an hour that a trusted clock may be ahead; and a bank may be off, or
 * without one. */
#define DUE_WITHIN (2 * HOUR)
#define LEFT_OPEN  (25 * SECOND) /* a bank that waits 30 s has given up, whatever its clock does */
#define FULL_BATCH 16            /* events, from which on there may be more than went into it */

/* --- each event once --- */

static void grow(struct witness *witness)
{
	size_t room = witness->event_ids_room;
	uint64_t *set = witness->event_ids;
	witness->event_ids_room = room ? 2 * room : 65536;
	witness->event_ids = calloc(witness->event_ids_room, sizeof(*set));
	if (!witness->event_ids)
		abort();
	for (size_t i = 0; i < room; i++) {
		size_t at = set[i] % witness->event_ids_room;
		while (witness->event_ids[at])
			at = (at + 1) % witness->event_ids_room;
		witness->event_ids[at] = set[i];
	}
	free(set);
}

/* 0 is no hash of anything. */
static bool is_new(struct witness *witness, uint64_t id)
{
	if (2 * (witness->event_ids_n + 1) > witness->event_ids_room)
		grow(witness);
	size_t at = id % witness->event_ids_room;
	while (witness->event_ids[at] && witness->event_ids[at] != id)
		at = (at + 1) % witness->event_ids_room;
	if (witness->event_ids[at])
		return false;
	witness->event_ids[at] = id;
	witness->event_ids_n++;
	return true;
}

/* --- rentals, as their banks tell of them --- */

/* Who has it for longer than they may is told so: its timer has fired. */
static void check_due(struct world *world, const struct node *bank, struct known_rental *rental,
	enum rental_state next, const json_t *data)
{
	usec now = world->clock.boottime;
	if (next == RENTAL_RENTED && !rental->rented_at)
		rental->rented_at = now;
	if (rental->state == RENTAL_RENTED && next == RENTAL_RETURNING &&
		now > rental->rented_at + DUE_WITHIN && !witness_bank(world, bank)->put_back &&
		!json_is_true(json_object_get(data, "clock_stopped")))
		world_wrong(world, "overdue-unsaid", rental->id,
			"rental %s comes back after %lld minutes, and was never overdue",
			rental->id, (long long)((now - rental->rented_at) / MINUTE));
}

/* Delivered, and brought back, is what went through a door that was opened and shut again. */
static void check_shut(struct world *world, const struct node *bank,
	const struct known_rental *rental, enum rental_state next)
{
	bool left_open = world->clock.boottime >= rental->opened_at + LEFT_OPEN;
	if (witness_bank(world, bank)->put_back)
		return;
	if (rental->state == RENTAL_TAKING && next == RENTAL_RENTED && !rental->shut && !left_open)
		world_wrong(world, "door-shut-first", rental->id,
			"rental %s counts as taken before its door was shut", rental->id);
	if (rental->state == RENTAL_RETURNING && next == RENTAL_RETURNED && !rental->shut_back)
		world_wrong(world, "door-shut-first", rental->id,
			"rental %s counts as returned before its door was shut", rental->id);
}

static void follow(struct world *world, const struct node *bank, const json_t *data)
{
	struct known_rental *rental = witness_hear(world, data);
	rental->teller = bank;
	rental->bank = bank == world->twin ? world->twin_of : bank;
	rental->touched_at = world->clock.boottime;
	rental->misled |= witness_bank(world, bank)->blind || bank == world->twin;
	rental->murky |= bank == world->twin;
	struct known_item *item = rental->item;
	bool over = rental_is_final((enum rental_state)rental->state);
	if (rental->lost || (over && witness_bank(world, bank)->put_back))
		return; /* an old copy of it tells an old story */
	int state = choice_find(rental_state_names, text_of(data, "state"));
	check_due(world, bank, rental, (enum rental_state)state, data);
	check_shut(world, bank, rental, (enum rental_state)state);
	rental->state = state;
	if (rental->state == RENTAL_RETURNING)
		witness_returns(world, rental,
			(int)json_integer_value(json_object_get(data, "compartment")));
	if (rental->state == RENTAL_RESOLVED)
		rental->resolved = true;
	if (!item) {
		world_wrong(
			world, "item-unknown", rental->id, "rental %s is for no item", rental->id);
	} else if (rental_is_final((enum rental_state)rental->state)) {
		if (item->open == rental)
			item->open = NULL;
	} else {
		if (item->open && item->open != rental && !rental->misled && !item->open->misled)
			world_wrong(world, "lent-twice-now", rental->id,
				"%s is lent by %s as %s while it is lent by %s as %s", item->name,
				bank->name, rental->id, item->open->bank->name, item->open->id);
		item->open = rental;
	}
}

static bool is_forked(const char *type, const json_t *data)
{
	return strcmp(type, "alert.raised") == 0 && strcmp(text_of(data, "kind"), "forked") == 0;
}

/* An alert that stood until now tells of what happened by then. What a board with no file has
 * lost it cannot know: it asks what there is. */
static void hear_alert(
	const struct world *world, struct known_bank *bank, const char *type, const json_t *data)
{
	const char *kind = text_of(data, "kind");
	bool asks = strcmp(kind, "confirm-bank") == 0;
	if (strncmp(type, "alert.", 6) == 0 &&
		(strcmp(kind, "forked") == 0 || (bank->blank && asks)))
		bank->said_at = world->clock.boottime;
	bank->blank &= !asks;
}

static void count_openings(struct world *world, const char *type, const json_t *data)
{
	if (strcmp(type, "rental.opening") == 0 || strcmp(type, "rental.returning") == 0)
		witness_hear(world, data)->openings++;
}

static void count_paths(struct world *world, const char *type, const json_t *data)
{
	const char *reason = text_of(data, "reason");
	if (strcmp(type, "rental.failed") == 0 && strcmp(reason, "door-jammed") == 0)
		world_count(world, COUNT_BACK_AFTER_JAM);
	if (strcmp(type, "rental.interrupted") == 0)
		world_count(world, COUNT_DOOR_INTERRUPTED);
	if (strcmp(type, "rental.left-open") == 0)
		world_count(world, COUNT_LEFT_OPEN);
	if (strcmp(type, "rental.lost") == 0)
		world_count(world, COUNT_ITEM_LOST);
	if (strcmp(type, "rental.return-refused") == 0)
		world_count(world, COUNT_RETURN_REFUSED);
	if (strcmp(type, "item.released") == 0)
		world_count(world, COUNT_ITEM_MOVED);
	if (is_forked(type, data))
		world_count(world, COUNT_FORKED);
	if (strcmp(type, "snapshot.taken") == 0)
		world_count(world, COUNT_SNAPSHOT);
}

static void take_event(struct world *world, const struct node *bank, const json_t *event)
{
	const char *type = text_of(event, "type") + strlen("lendlock.");
	const json_t *data = json_object_get(event, "data");
	world_count(world, COUNT_EVENTS);
	if (strncmp(type, "rental.", 7) == 0)
		follow(world, bank, data);
	if (strcmp(text_of(data, "reason"), "bank-confirmed") == 0 && bank != world->twin)
		witness_looks_confirmed(world, bank);
	witness_looks_noted(world, bank, type, data);
	count_openings(world, type, data);
	if (is_forked(type, data))
		witness_bank(world, bank)->blind = false;
	hear_alert(world, witness_bank(world, bank), type, data);
	count_paths(world, type, data);
	world_say(world, "%s notes %s %s%s%s (event %lld)", bank->name, type,
		text_of(event, "subject"), strncmp(type, "rental.", 7) == 0 ? ", rental " : "",
		strncmp(type, "rental.", 7) == 0 ? text_of(data, "rental") : "",
		atoll(text_of(event, "sequence")));
}

/* --- sequences --- */

static void leave_epoch(struct known_bank *bank)
{
	struct known_epoch *before = list_add(&bank->epochs, sizeof(*before));
	*before = (struct known_epoch){.ids = bank->ids, .acked = bank->acked};
	TEXT_COPY(before->epoch, bank->epoch);
	bank->ids = (struct list){0};
}

/* Only a copy does that. */
static bool return_to_epoch(struct known_bank *bank, const char *epoch)
{
	struct known_epoch *epochs = bank->epochs.items;
	for (size_t i = bank->epochs.n; i-- > 0;)
		if (strcmp(epochs[i].epoch, epoch) == 0) {
			bank->ids = epochs[i].ids;
			bank->acked = epochs[i].acked;
			epochs[i].ids = (struct list){0};
			epochs[i].epoch[0] = '\0';
			return true;
		}
	return false;
}

static void copy_ids(struct known_bank *bank, const struct list *ids)
{
	for (size_t i = 0; i < ids->n; i++)
		*(uint64_t *)list_add(&bank->ids, sizeof(uint64_t)) = ((uint64_t *)ids->items)[i];
}

/* One that began before the one board became two, and of which neither had told by then: what the
 * other one has told of it since, this one does not know. */
static bool share_epoch(struct known_bank *bank, const struct known_bank *other, const char *epoch)
{
	const struct known_epoch *epochs = other->epochs.items;
	bool now = strcmp(other->epoch, epoch) == 0;
	for (size_t i = 0; !now && i < other->epochs.n; i++)
		if (strcmp(epochs[i].epoch, epoch) == 0) {
			copy_ids(bank, &epochs[i].ids);
			bank->acked = epochs[i].acked;
			return true;
		}
	if (now) {
		copy_ids(bank, &other->ids);
		bank->acked = other->acked;
	}
	return now;
}

/* The board that goes on with it knows of no more than its copy does. */
static void enter_epoch(struct known_bank *bank, const char *epoch)
{
	leave_epoch(bank);
	bank->forked = 0;
	bank->acked = bank->told_to = bank->acked_before = bank->made = 0;
	bank->old = return_to_epoch(bank, epoch);
	if (bank->old && strcmp(epoch, bank->copy.epoch) == 0)
		bank->made = bank->copy.made;
	TEXT_COPY(bank->epoch, epoch);
}

static void begin_epoch(struct world *world, const struct node *node, const char *epoch)
{
	struct known_bank *bank = witness_bank(world, node);
	if (bank->epoch[0])
		world_count(world, COUNT_EPOCHS);
	if (bank->epoch[0] && !bank->put_back)
		world_wrong(world, "epoch-kept", node->name,
			"%s begins a new epoch, and its file was never put back", node->name);
	enter_epoch(bank, epoch);
	const struct node *other = node == world->twin ? world->twin_of : world->twin;
	if (!bank->old && other && share_epoch(bank, witness_bank(world, other), epoch)) {
		bank->old = true;
		world_count(world, COUNT_EPOCH_SHARED);
	}
}

static void note_fork(struct world *world, struct known_bank *bank, int64_t seq)
{
	if (seq > bank->acked || bank->forked)
		return;
	world_count(world, COUNT_FORKED_AT_ONCE);
	bank->forked = seq;
}

void witness_check_forks(struct world *world)
{
	for (size_t i = 0; i < world->kiosks_n; i++)
		if (world->witness.banks[i].forked)
			world_wrong(world, "fork-unnoticed", world->kiosks[i].name,
				"%s made another event %lld than the hub had, and goes on",
				world->kiosks[i].name, (long long)world->witness.banks[i].forked);
}

/* Of two boards with one file, what the one has told, and the hub acked, the other one need not. */
static void share_told(
	struct world *world, const struct node *node, struct known_bank *bank, int64_t seq)
{
	const struct node *other = node == world->twin ? world->twin_of : world->twin;
	const struct known_bank *its = world->twin_of ? witness_bank(world, other) : NULL;
	if (!its || strcmp(its->epoch, bank->epoch) != 0 || (int64_t)its->ids.n < seq - 1)
		return;
	for (size_t i = bank->ids.n; i < (size_t)seq - 1; i++)
		*(uint64_t *)list_add(&bank->ids, sizeof(uint64_t)) =
			((const uint64_t *)its->ids.items)[i];
}

static void take_sequenced(struct world *world, const struct node *node, const json_t *event)
{
	struct known_bank *bank = witness_bank(world, node);
	const char *id = text_of(event, "id"), *epoch = text_of(event, "epoch");
	int64_t seq = atoll(text_of(event, "sequence"));
	uint64_t hash = world_hash(WORLD_HASH_START, id, strlen(id)) | 1;
	if (strcmp(epoch, bank->epoch) != 0)
		begin_epoch(world, node, epoch);
	if (seq > (int64_t)bank->ids.n + 1)
		share_told(world, node, bank, seq);
	uint64_t *ids = bank->ids.items;
	if (seq <= (int64_t)bank->ids.n && ids[seq - 1] == hash) {
		bank->made = seq > bank->made ? seq : bank->made;
		return; /* again */
	}
	if (seq <= (int64_t)bank->ids.n && seq > bank->made) {
		bank->ids.n = (size_t)seq - 1; /* it does not know any more that it was */
		note_fork(world, bank, seq);
	}
	if (seq != (int64_t)bank->ids.n + 1) {
		world_wrong(world, "sequence", node->name,
			"%s: event %lld is %s after %zu were published", node->name, (long long)seq,
			seq <= (int64_t)bank->ids.n ? "another one" : "too far", bank->ids.n);
		return;
	}
	*(uint64_t *)list_add(&bank->ids, sizeof(hash)) = hash;
	bank->made = seq;
	if (is_new(&world->witness, hash))
		take_event(world, node, event);
}

static void take_batch(
	struct world *world, const struct node *node, const struct mqtt_message *message)
{
	json_t *batch = json_loadb(message->payload, message->size, 0, NULL);
	size_t n = json_array_size(batch);
	struct known_bank *bank = witness_bank(world, node);
	size_t before = bank->ids.n;
	for (size_t i = 0; i < n; i++)
		take_sequenced(world, node, json_array_get(batch, i));
	int64_t last = atoll(text_of(json_array_get(batch, n - 1), "sequence"));
	bool is_again = n == 1 && bank->ids.n == before; /* those that got no answer go singly */
	if (n < FULL_BATCH && last == (int64_t)bank->ids.n && !is_again) {
		bank->told_to = last; /* there is no more than that */
		bank->told_at = world->clock.boottime;
	}
	json_decref(batch);
}

/* --- acks: what the hub has is there to stay --- */

/* Two of one name make different events under the same numbers, and the hub has those of one. */
static bool is_the_others(
	const struct world *world, const struct known_bank *bank, int64_t seq, uint64_t hash)
{
	const uint64_t *ids = bank->ids.items;
	return world->twin_of && seq > 0 && (seq > (int64_t)bank->ids.n || ids[seq - 1] != hash);
}

static void ack_bank(struct world *world, const struct node *node, const json_t *ack)
{
	const char *kiosk = node->name;
	struct known_bank *bank = witness_bank(world, node);
	int64_t seq = json_integer_value(json_object_get(ack, "seq"));
	int64_t generation = json_integer_value(json_object_get(ack, "generation"));
	const char *event = text_of(ack, "event");
	uint64_t hash = world_hash(WORLD_HASH_START, event, strlen(event)) | 1;
	const uint64_t *ids = bank->ids.items;
	if (strcmp(text_of(ack, "epoch"), bank->epoch) != 0)
		return; /* of an epoch before */
	if (is_the_others(world, bank, seq, hash))
		return;
	if (bank->twinned && !world->twin_of && seq > 0 && seq == (int64_t)bank->ids.n &&
		ids[seq - 1] == hash)
		bank->blind = bank->twinned = false; /* the hub has nothing of the other one */
	if (seq < bank->acked && generation == bank->generation)
		world_wrong(world, "ack-stays", kiosk, "%s: the hub had event %lld, and now %lld",
			kiosk, (long long)bank->acked, (long long)seq);
	else if (seq < bank->acked)
		world_count(world, COUNT_CURSOR_BACK);
	if (seq > (int64_t)bank->ids.n && !bank->old)
		world_wrong(world, "ack-known", kiosk,
			"%s: the hub acks event %lld, and %zu were published", kiosk,
			(long long)seq, bank->ids.n);
	else if (seq > 0 && seq <= (int64_t)bank->ids.n && ids[seq - 1] != hash && !bank->old)
		world_wrong(world, "ack-known", kiosk, "%s: the hub acks another event %lld", kiosk,
			(long long)seq);
	if (bank->acked_before > seq)
		world_count(world, COUNT_CURSOR_BACK);
	bank->acked_before = 0;
	/* Those of the board before, under the same numbers, say nothing of its own. */
	bool its_own = seq > 0 && seq <= (int64_t)bank->ids.n && ids[seq - 1] == hash;
	if (bank->told_to && seq >= bank->told_to && its_own)
		bank->settled_at = bank->told_at;
	bank->acked = seq;
	bank->generation = generation;
}

static void take_ack(struct world *world, const char *kiosk, const struct mqtt_message *message)
{
	const struct node *node = world_kiosk(world, kiosk);
	json_t *ack = json_loadb(message->payload, message->size, 0, NULL);
	ack_bank(world, node, ack);
	if (node == world->twin_of)
		ack_bank(world, world->twin, ack);
	json_decref(ack);
}

bool witness_is_acked(const struct world *world, const struct node *node)
{
	const struct known_bank *bank = witness_bank(world, node);
	return bank->acked == (int64_t)bank->ids.n;
}

bool witness_all_acked(const struct world *world)
{
	for (size_t i = 0; i < world->kiosks_n; i++) {
		const struct known_bank *bank = &world->witness.banks[i];
		if (bank->acked < (int64_t)bank->ids.n)
			return false;
	}
	return true;
}

/* --- files put back --- */

void witness_copied(struct world *world, const struct node *node)
{
	struct known_bank *bank = witness_bank(world, node);
	TEXT_COPY(bank->copy.epoch, bank->epoch);
	bank->copy.made = bank->made;
	bank->copy.blank = bank->blank;
}

/* Whether the hub has heard something since: if not, nobody can know that there was any. */
static bool is_missed(const struct known_bank *bank)
{
	bool same = strcmp(bank->copy.epoch, bank->epoch) == 0;
	return same ? bank->acked > bank->copy.made + 2 : bank->acked > 0;
}

/* What the hub has not heard of is lost. What it knows is handed over, as far as that was known. */
void witness_put_back(struct world *world, const struct node *node, bool blank, bool noticed)
{
	struct known_bank *bank = witness_bank(world, node);
	if (blank)
		bank->copy = (struct known_copy){.blank = true};
	bank->blank = bank->copy.blank;
	noticed &= is_missed(bank);
	if (!blank && strcmp(bank->copy.epoch, bank->epoch) != 0)
		enter_epoch(bank, bank->copy.epoch);
	bank->put_back = bank->blind = bank->old = true;
	bank->put_back_at = world->clock.boottime;
	bank->made = bank->copy.made;
	for (struct known_rental *rental = world->witness.first; rental; rental = rental->later) {
		if (rental->bank != node)
			continue;
		bool open = !rental_is_final((enum rental_state)rental->state);
		rental->murky |= open;
		if (rental->touched_at <= bank->settled_at)
			continue;
		if (noticed && !rental->lost)
			bank->lost_at = world->clock.boottime;
		rental->lost = rental->murky = true;
		rental->unnoticed = !noticed;
		world_count(world, COUNT_RENTALS_LOST);
		world_say(world, "rental %s is lost with its bank", rental->id);
		if (rental->item && rental->item->open == rental)
			rental->item->open = NULL;
	}
	for (size_t i = 0; i < world->witness.items_n; i++)
		if (world->witness.items[i].bank == node)
			world->witness.items[i].astray = true;
}

/* --- two of one name --- */

static void doubt_all(struct world *world)
{
	for (size_t i = 0; i < world->witness.items_n; i++)
		if (world->witness.items[i].bank == world->twin_of)
			world->witness.items[i].astray = true;
	for (struct known_rental *rental = world->witness.first; rental; rental = rental->later)
		if (rental->bank == world->twin_of &&
			!rental_is_final((enum rental_state)rental->state))
			rental->murky = rental->misled = true;
}

void witness_twin_begins(struct world *world, bool cloned)
{
	struct known_bank *bank = witness_bank(world, world->twin_of);
	struct known_bank *twin = witness_bank(world, world->twin);
	witness_forget(twin);
	*twin = (struct known_bank){.put_back = true};
	bank->put_back = bank->blind = bank->twinned = bank->old = true;
	bank->put_back_at = world->clock.boottime;
	if (cloned) {
		TEXT_COPY(twin->epoch, bank->epoch);
		copy_ids(twin, &bank->ids);
		twin->acked = bank->acked;
		twin->generation = bank->generation;
		twin->made = bank->made;
		twin->old = true;
	}
	doubt_all(world);
}

/* What it has told, and the hub has not, nobody else knows. */
void witness_twin_ends(struct world *world)
{
	const struct known_bank *twin = witness_bank(world, world->twin);
	witness_bank(world, world->twin_of)->put_back_at = world->clock.boottime;
	for (struct known_rental *rental = world->witness.first; rental; rental = rental->later) {
		if (rental->teller != world->twin)
			continue;
		rental->teller = world->twin_of;
		if (rental->touched_at <= twin->settled_at)
			continue;
		rental->lost = rental->unnoticed = true;
		world_count(world, COUNT_RENTALS_LOST);
		world_say(world, "rental %s is lost with the second board", rental->id);
		if (rental->item && rental->item->open == rental)
			rental->item->open = NULL;
	}
	doubt_all(world);
}

bool witness_was_put_back(struct world *world, const json_t *reply)
{
	const json_t *told = json_object_get(reply, "rental");
	const struct known_rental *rental = witness_rental(world, text_of(told, "rental"));
	bool some = world->witness.hub_put_back;
	for (size_t i = 0; i < world->kiosks_n; i++)
		some |= world->witness.banks[i].put_back;
	return rental && rental->bank ? witness_bank(world, rental->bank)->put_back : some;
}

void witness_hub_put_back(struct world *world)
{
	world->witness.hub_put_back = true;
	world->witness.hub_put_back_at = world->clock.boottime;
	for (size_t i = 0; i < world->kiosks_n; i++) {
		struct known_bank *bank = &world->witness.banks[i];
		bank->acked_before = bank->acked;
		bank->forked = 0; /* it may take this one now */
		bank->acked = 0;
		bank->settled_at = 0; /* it has to hear all of it again */
	}
}

/* --- all that is published --- */

static void take_payment(struct world *world, const struct mqtt_message *message)
{
	json_t *request = json_loadb(message->payload, message->size, 0, NULL);
	witness_pays(world, request);
	json_decref(request);
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);
	return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

void witness_published(
	struct world *world, const struct node *node, const struct mqtt_message *message)
{
	const char *topic = message->topic + strlen(WORLD_PREFIX);
	char kiosk[NAME_SIZE];
	if (node->kind == &node_kiosk && strstr(topic, "/reply/")) {
		json_t *reply = json_loadb(message->payload, message->size, 0, NULL);
		const json_t *told = json_object_get(reply, "rental");
		if (node != world->twin)
			witness_replied(world, node, reply);
		else if (told) /* it has no doors, and what it says may go with it */
			witness_hear(world, told)->twinned = true;
		json_decref(reply);
	} else if (node->kind == &node_kiosk && ends_with(topic, "/event")) {
		take_batch(world, node, message);
	} else if (node->kind == &node_kiosk && ends_with(topic, "/authorize")) {
		take_payment(world, message);
	} else if (node->kind == &node_ledger && strstr(topic, "/reply/")) {
		witness_ledger_says(world, message);
	} else if (node->kind == &node_hub && ends_with(topic, "/ack")) {
		snprintf(kiosk, sizeof(kiosk), "%.*s", (int)strcspn(topic + 6, "/"), topic + 6);
		take_ack(world, kiosk, message);
	}
}
