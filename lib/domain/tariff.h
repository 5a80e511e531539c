/* What a rental costs. One pure function, even while the only tariff is flat. */
#ifndef LENDLOCK_DOMAIN_TARIFF_H
#define LENDLOCK_DOMAIN_TARIFF_H

#include "lib/base/time.h"

#define AMOUNT_MAX INT64_C(1000000000000) /* minor units; far above any rental, far below overflow */

struct tariff {
	int64_t flat; /* minor unit, 0..AMOUNT_MAX: one price per rental, however long */
};

/* In the tariff's minor unit, 0..AMOUNT_MAX. start and end are wall instants, start <= end. */
int64_t tariff_price(const struct tariff *tariff, usec start, usec end);

#endif
