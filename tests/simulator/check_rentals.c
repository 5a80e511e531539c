/* How rentals went by the log, and that their banks and the view agree with it. */
#include "tests/simulator/check_parts.h"

#include <string.h>

struct tale *check_tale_of(struct check *check, const char *rental)
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
			!check_is_lost(check, tales[i].rental))
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
	bool old = known && known->bank && witness_bank(check->world, known->bank)->put_back;
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

void check_read_tales(struct check *check)
{
	struct query *query = database_query(check->hub,
		"SELECT json_extract(body,'$.data.rental'), json_extract(body,'$.data.item'), "
		"kiosk,"
		" substr(json_extract(body,'$.type'), 17), json_extract(body,'$.data.state'),"
		" json_extract(body,'$.data.amount') FROM log"
		" WHERE json_extract(body,'$.type') LIKE 'lendlock.rental.%' ORDER BY position",
		"");
	while (query_next(query)) {
		struct tale *tale = check_tale_of(check, query_text(query, 0));
		if (!tale) {
			struct tale begun = {.amount = query_int(query, 5)};
			TEXT_COPY(begun.rental, query_text(query, 0));
			TEXT_COPY(begun.item, query_text(query, 1));
			TEXT_COPY(begun.kiosk, query_text(query, 2));
			begin_tale(check, &begun);
			tale = check_tale_of(check, begun.rental);
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
void check_rentals(struct check *check, size_t k)
{
	const struct node *node = &check->world->kiosks[k];
	struct query *query =
		database_query(check->kiosks[k], "SELECT rental, state FROM rental", "");
	while (query_next(query)) {
		const char *rental = query_text(query, 0), *state = query_text(query, 1);
		const struct tale *tale = check_tale_of(check, rental);
		if (check_is_lost(check, rental) || is_ended_twice(check, tale, state) ||
			(!tale && check_is_in_letter(check, rental)))
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
