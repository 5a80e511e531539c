#include "tests/payment-adapter/fake_provider.h"

#include "lib/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct fake_provider *of_port(struct provider_port *port)
{
	return (struct fake_provider *)port;
}

static int begin(struct provider_port *port, const struct provider_order *order)
{
	struct fake_provider *provider = of_port(port);
	if (provider->refuse)
		return -EAGAIN;
	if (provider->n == FAKE_PROVIDER_CALLS)
		abort();
	provider->begun[provider->n++] = *order;
	provider->total++;
	return 0;
}

static int next_verdict(struct provider_port *port, struct provider_verdict *ret_verdict)
{
	struct fake_provider *provider = of_port(port);
	if (provider->verdicts_n == 0)
		return 0;
	*ret_verdict = provider->verdicts[0];
	provider->verdicts_n--;
	memmove(provider->verdicts, provider->verdicts + 1,
		(size_t)provider->verdicts_n * sizeof(*provider->verdicts));
	return 1;
}

static int fd(struct provider_port *port)
{
	(void)port;
	return -1;
}

static usec next_due(struct provider_port *port)
{
	return of_port(port)->verdicts_n > 0 ? 0 : USEC_NEVER;
}

static void tick(struct provider_port *port, usec boottime)
{
	(void)port;
	(void)boottime;
}

static struct provider_port *free_it(struct provider_port *port)
{
	(void)port;
	return NULL;
}

void fake_provider_init(struct fake_provider *provider)
{
	*provider = (struct fake_provider){
		.port = {.begin = begin,
			.next_verdict = next_verdict,
			.fd = fd,
			.next_due = next_due,
			.tick = tick,
			.free = free_it},
	};
}

void fake_provider_answer(struct fake_provider *provider, enum provider_outcome outcome,
	enum provider_state state, const char *reason, usec took)
{
	if (provider->n == 0 || provider->verdicts_n == FAKE_PROVIDER_CALLS)
		abort();
	struct provider_verdict *verdict = &provider->verdicts[provider->verdicts_n++];
	*verdict = (struct provider_verdict){
		.order = provider->begun[0], .outcome = outcome, .state = state, .took = took};
	TEXT_COPY(verdict->reason, reason);
	provider->n--;
	memmove(provider->begun, provider->begun + 1,
		(size_t)provider->n * sizeof(*provider->begun));
}

void fake_provider_forget(struct fake_provider *provider)
{
	provider->n = provider->verdicts_n = 0;
}
