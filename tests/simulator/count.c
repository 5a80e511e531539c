#include "tests/simulator/count.h"

const char *const world_count_names[COUNTS] = {
#define COUNT(name, text) text,
	WORLD_COUNTS(COUNT)
#undef COUNT
};

bool world_count_is_rare(enum world_count count)
{
	return count == COUNT_FORGOTTEN || count == COUNT_LEDGER_BEHIND ||
	       count == COUNT_OLD_STORY || count == COUNT_OLD_COPY_LENDS ||
	       count == COUNT_GIVEN_AWAY || count == COUNT_EPOCH_SHARED ||
	       count == COUNT_RETIRED_LETTERS;
}
