/*
 * The made-up provider: somebody else's machine, that outlives every crash of the ledger. What it
 * holds is the world's own knowledge of who was charged, by which the product is judged; it shares
 * no code with the product's sandbox.
 *
 * A call has its effect at some moment before its end, so that a crash of the ledger can leave it
 * done and unheard of; of a ledger that has died some calls have their effect afterwards. In a
 * strict world it forgets keys soon, and what it takes while it is down it does when it is up
 * again.
 */
#ifndef LENDLOCK_TESTS_SIMULATOR_ACQUIRER_H
#define LENDLOCK_TESTS_SIMULATOR_ACQUIRER_H

#include "payment-adapter/provider.h"

struct acquirer;
struct node;
struct world;

/* One payment, as the provider knows it. */
struct account {
	struct account *next; /* in its bucket */
	struct account *later;
	char payment[37];
	enum provider_state state;
	usec keyed_at; /* world time: when it was first asked to authorize that, under a key it
			  knows */
	int64_t amount;
	char currency[4];
	int moved[PROVIDER_QUERY]; /* how often that call moved money */
};

struct acquirer *acquirer_new(struct world *world, uint64_t seed);
struct acquirer *acquirer_free(struct acquirer *acquirer);

/* What a ledger's adapter sees of it, until it dies. */
struct provider_port *acquirer_port(struct acquirer *acquirer, struct node *ledger);

/* While it is down, each call that begins ends as an error. */
void acquirer_down(struct acquirer *acquirer, bool down);
/* While it is slow, each call takes seconds. */
void acquirer_slow(struct acquirer *acquirer, bool slow);
/* Nothing goes wrong any more. */
void acquirer_heal(struct acquirer *acquirer);

/* For so long it knows an id that it was asked to authorize; after that it does it once more. */
usec acquirer_key_lifetime(const struct world *world);
/* What somebody reads who looks there; what is under way shows as authorized. */
enum provider_state acquirer_shows(const struct acquirer *acquirer, const char *payment);

usec acquirer_next_due(const struct acquirer *acquirer); /* world time */
void acquirer_run(struct acquirer *acquirer);

/* NULL: never heard of. */
const struct account *acquirer_account(const struct acquirer *acquirer, const char *payment);
/* In the order of their coming; NULL after the last. */
const struct account *acquirer_first(const struct acquirer *acquirer);

#endif
