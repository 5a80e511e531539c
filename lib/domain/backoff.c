#include "lib/domain/backoff.h"

#include <limits.h>

usec backoff_ceiling(const struct backoff *backoff, int attempt)
{
	usec ceiling = backoff->base;
	while (attempt-- > 0 && ceiling < backoff->cap)
		ceiling = ceiling > backoff->cap / 2 ? backoff->cap : 2 * ceiling;
	return usec_min(ceiling, backoff->cap);
}

usec backoff_next(struct backoff *backoff, struct random_port *random)
{
	usec ceiling = backoff_ceiling(backoff, backoff->attempts);
	if (backoff->attempts < INT_MAX)
		backoff->attempts++;
	return (usec)random_below(random, (uint64_t)ceiling + 1);
}

void backoff_reset(struct backoff *backoff)
{
	backoff->attempts = 0;
}

usec backoff_spread(usec wait, struct random_port *random)
{
	return wait + (usec)random_below(random, (uint64_t)wait / 4 + 1);
}
