/* Made-up records: valid values for whatever a table of fields says, the same for the same seed. */
#ifndef LENDLOCK_TESTS_LIB_GENERATED_H
#define LENDLOCK_TESTS_LIB_GENERATED_H

#include "lib/wire/records.h"

struct dice {
	uint64_t state;
};

uint64_t dice_roll(struct dice *dice, uint64_t sides); /* 0 .. sides-1 */

/* Fills ret (zeroed first) with values at and between the bounds; optional fields are now and then
 * absent. The caller clears it with record_clear(). */
void generated_record(struct dice *dice, const struct record_type *type, void *ret);

/* Every record type that crosses the wire, ended by NULL. */
extern const struct record_type *const generated_types[];

#endif
