/*
 * Growing waits between attempts, with full jitter: each is drawn from 0 to a ceiling that doubles
 * up to a cap, so that many who failed together do not come back together (M. Brooker, Exponential
 * Backoff And Jitter, 2015). Pure but for the random port.
 */
#ifndef LENDLOCK_DOMAIN_BACKOFF_H
#define LENDLOCK_DOMAIN_BACKOFF_H

#include "lib/base/time.h"
#include "lib/ports/random.h"

/* base: the ceiling of the first wait, > 0. cap: the highest one, >= base. */
struct backoff {
	usec base, cap;
	int attempts; /* waits drawn since the last success */
};

/* How long to wait before the next attempt. */
usec backoff_next(struct backoff *backoff, struct random_port *random);
/* An attempt succeeded: the next wait is a short one again. */
void backoff_reset(struct backoff *backoff);
/* The ceiling of the wait before the attempt of that number, from 0. For who stores the number. */
usec backoff_ceiling(const struct backoff *backoff, int attempt);

/* A wait that others were told too, spread: from wait to wait and a quarter. */
usec backoff_spread(usec wait, struct random_port *random);

#endif
