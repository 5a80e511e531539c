/* What was said: promises that were kept. */
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

/* What a manager was told of the catalogue is in the log. */
void check_entries(struct check *check, const struct person *person)
{
	const struct person_entry *entry = person->entries.items;
	for (size_t i = 0; i < person->entries.n; i++, entry++)
		if (entry->told_at > check->world->witness.hub_put_back_at &&
			database_number(check->hub, 0,
				"SELECT count(*) FROM log WHERE item=? AND kiosk=?"
				" AND json_extract(body,'$.type') LIKE 'lendlock.catalogue.%'"
				" AND coalesce(json_extract(body,'$.data.moving'), '')=?"
				" AND coalesce(json_extract(body,'$.data.withdrawn'), 0)=?",
				"ttti", entry->item, entry->kiosk, entry->moving,
				(int64_t)entry->withdrawn) == 0)
			world_wrong(check->world, "promise", entry->item,
				"%s was told by the hub that %s belongs to %s%s%s%s", person->name,
				entry->item, entry->kiosk, entry->moving[0] ? ", and then to " : "",
				entry->moving, entry->withdrawn ? ", and is withdrawn" : "");
}
