/* A provider whose every verdict a test gives by hand. It holds nothing. */
#ifndef LENDLOCK_TESTS_PAYMENT_ADAPTER_FAKE_PROVIDER_H
#define LENDLOCK_TESTS_PAYMENT_ADAPTER_FAKE_PROVIDER_H

#include "payment-adapter/provider.h"

#define FAKE_PROVIDER_CALLS 64

struct fake_provider {
	struct provider_port port;
	struct provider_order begun[FAKE_PROVIDER_CALLS]; /* no verdict given yet, oldest first */
	int n;
	struct provider_verdict verdicts[FAKE_PROVIDER_CALLS]; /* not yet picked up */
	int verdicts_n;
	int total;   /* calls begun, ever */
	bool refuse; /* begin() has no room */
};

void fake_provider_init(struct fake_provider *provider);
/* Gives the oldest call its verdict. state: of a query that is PROVIDER_OK. */
void fake_provider_answer(struct fake_provider *provider, enum provider_outcome outcome,
	enum provider_state state, const char *reason, usec took);
/* A restart of the adapter: whoever would hear the verdicts is gone. */
void fake_provider_forget(struct fake_provider *provider);

#endif
