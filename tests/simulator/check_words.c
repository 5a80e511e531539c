/* What was said and asked for: promises that were kept, and pulses that somebody wanted. */
#include "tests/simulator/check_parts.h"

/* What somebody was told had been stored. */
void check_promises(struct check *check, const struct person *person)
{
	const struct person_promise *promise = person->promises.items;
	for (size_t i = 0; i < person->promises.n; i++, promise++) {
		const struct tale *tale = check_tale_of(check, promise->rental);
		const struct known_rental *known = witness_rental(check->world, promise->rental);
		if (check_is_lost(check, promise->rental) || (known && known->twinned))
			continue;
		int state = choice_find(rental_state_names, promise->state);
		bool told = tale && state >= 0 && (tale->states & (1U << state));
		if (!told && !check_is_in_letter(check, promise->rental))
			world_wrong(check->world, "promise", promise->rental,
				"%s was told that rental %s is %s", person->name, promise->rental,
				promise->state);
	}
}

/* Each pulse was asked for: by a rental's opening, or by the manager who stocks. */
void check_pulses(struct check *check)
{
	int64_t asked = check->world->steward.openings + check->world->deputy.openings;
	int64_t pulses = 0;
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
