#include "tests/simulator/acquirer.h"

#include "lib/base/text.h"
#include "tests/simulator/world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS   4096
#define CALLS     16
#define TIMEOUT   (10 * SECOND) /* the adapter's own: nothing is heard later */
#define LATE_MAX  (15 * MINUTE)
#define SHORT_KEY (20 * MINUTE)
#define LONG_KEY  DAY
#define QUEUES    4 /* one of so many calls is accepted while it is down */

enum fault { OK, ERROR, TIMED_OUT, LOST, SLOW, LATE, POSTPONED, FAULTS, QUEUED = FAULTS };

/* Of a thousand calls. */
static const int per_thousand[FAULTS] = {
	[ERROR] = 30, [TIMED_OUT] = 20, [LOST] = 30, [SLOW] = 30, [LATE] = 15, [POSTPONED] = 15};

static const enum world_count counted[FAULTS + 1] = {
	[ERROR] = COUNT_PROVIDER_ERROR,
	[TIMED_OUT] = COUNT_PROVIDER_TIMEOUT,
	[LOST] = COUNT_PROVIDER_LOST,
	[SLOW] = COUNT_PROVIDER_SLOW,
	[LATE] = COUNT_PROVIDER_LATE,
	[POSTPONED] = COUNT_PROVIDER_POSTPONED,
	[QUEUED] = COUNT_PROVIDER_QUEUED,
};

struct call {
	bool taken; /* this place */
	struct provider_order order;
	usec begun, effect_at, ends_at; /* world time; USEC_NEVER: none */
	struct provider_verdict verdict;
};

/* An effect that comes by itself: its caller does not wait for it any more. */
struct deferred {
	struct deferred *next;
	struct provider_order order;
	usec accepted; /* world time: the provider has had it since then */
	usec at;       /* USEC_NEVER: when it is up again */
};

struct acquirer {
	struct world *world;
	struct fake_random random;
	bool down, slow, healed;
	struct account *buckets[BUCKETS];
	struct account *first, *last;
	struct deferred *deferred;
};

/* One adapter's life. */
struct counter {
	struct provider_port port; /* first: the port is the object */
	struct acquirer *acquirer;
	struct node *node;
	struct call calls[CALLS];
};

/* --- accounts --- */

static struct account **find(struct acquirer *acquirer, const char *payment)
{
	uint64_t hash = world_hash(WORLD_HASH_START, payment, strlen(payment));
	struct account **at = &acquirer->buckets[hash % BUCKETS];
	while (*at && strcmp((*at)->payment, payment) != 0)
		at = &(*at)->next;
	return at;
}

const struct account *acquirer_account(const struct acquirer *acquirer, const char *payment)
{
	return *find((struct acquirer *)(uintptr_t)acquirer, payment);
}

const struct account *acquirer_first(const struct acquirer *acquirer)
{
	return acquirer->first;
}

static struct account *open_account(
	struct acquirer *acquirer, struct account **at, const struct provider_order *order)
{
	struct account *account = calloc(1, sizeof(*account));
	if (!account)
		abort();
	account->amount = order->amount;
	TEXT_COPY(account->payment, order->payment);
	TEXT_COPY(account->currency, order->currency);
	if (acquirer->last)
		acquirer->last->later = account;
	else
		acquirer->first = account;
	acquirer->last = account;
	*at = account;
	return account;
}

/* --- what a call does --- */

static enum provider_outcome move(struct acquirer *acquirer, struct account *account,
	enum provider_call call, enum provider_state state)
{
	account->state = state;
	account->moved[call]++;
	witness_money(acquirer->world, account, call);
	return PROVIDER_OK;
}

usec acquirer_key_lifetime(const struct world *world)
{
	return world_is_strict(world) ? SHORT_KEY : LONG_KEY;
}

/* The same id gets the same answer, whatever became of it; but only while its key is known. */
static bool has_answer(
	const struct acquirer *acquirer, const struct account *account, usec accepted)
{
	usec between = accepted > account->keyed_at ? accepted - account->keyed_at
						    : account->keyed_at - accepted;
	return account->state != PROVIDER_NOTHING &&
	       between < acquirer_key_lifetime(acquirer->world);
}

static enum provider_outcome authorize(struct acquirer *acquirer, struct account *account,
	const struct provider_order *order, usec accepted)
{
	if (has_answer(acquirer, account, accepted))
		return account->state == PROVIDER_REFUSED ? PROVIDER_DECLINED : PROVIDER_OK;
	account->keyed_at = accepted;
	if (strcmp(order->method, "tok-declined") != 0)
		return move(acquirer, account, PROVIDER_AUTHORIZE, PROVIDER_AUTHORIZED);
	world_count(acquirer->world, COUNT_PROVIDER_DECLINED);
	account->state = PROVIDER_REFUSED;
	return PROVIDER_DECLINED;
}

/* from -> to is what the call is for; done: where it has nothing left to do. */
static enum provider_outcome change(struct acquirer *acquirer, struct account *account,
	enum provider_call call, enum provider_state from, enum provider_state to)
{
	if (account->state == from)
		return move(acquirer, account, call, to);
	if (account->state == to)
		return PROVIDER_OK;
	if (account->state == PROVIDER_NOTHING)
		return PROVIDER_NOT_FOUND;
	if (account->state == PROVIDER_REFUSED || account->state == PROVIDER_VOIDED)
		return PROVIDER_DECLINED;
	return PROVIDER_UNKNOWN; /* impossible: a query tells how things stand */
}

static bool is_under_way(const struct acquirer *acquirer, const char *payment)
{
	for (const struct deferred *one = acquirer->deferred; one; one = one->next)
		if (strcmp(one->order.payment, payment) == 0)
			return true;
	return false;
}

static enum provider_outcome query(struct acquirer *acquirer, const struct account *account,
	const char *payment, enum provider_state *ret_state)
{
	if (account->state == PROVIDER_NOTHING && is_under_way(acquirer, payment))
		world_count(acquirer->world, COUNT_PROVIDER_NOT_FOUND);
	*ret_state = account->state;
	return account->state == PROVIDER_NOTHING ? PROVIDER_NOT_FOUND : PROVIDER_OK;
}

static enum provider_outcome carry_out(struct acquirer *acquirer,
	const struct provider_order *order, usec accepted, enum provider_state *ret_state)
{
	struct account nobody = {.state = PROVIDER_NOTHING};
	struct account **at = find(acquirer, order->payment), *account = *at ? *at : &nobody;
	if (!*at && order->call == PROVIDER_AUTHORIZE)
		account = open_account(acquirer, at, order);
	if (*at && order->call != PROVIDER_QUERY && account->amount != order->amount)
		world_wrong(acquirer->world, "amount", order->payment,
			"payment %s: asked for %lld and for %lld", order->payment,
			(long long)account->amount, (long long)order->amount);
	switch (order->call) {
	case PROVIDER_AUTHORIZE:
		return authorize(acquirer, account, order, accepted);
	case PROVIDER_CAPTURE:
		return change(acquirer, account, PROVIDER_CAPTURE, PROVIDER_AUTHORIZED,
			PROVIDER_CAPTURED);
	case PROVIDER_VOID:
		return change(
			acquirer, account, PROVIDER_VOID, PROVIDER_AUTHORIZED, PROVIDER_VOIDED);
	case PROVIDER_REFUND:
		return change(
			acquirer, account, PROVIDER_REFUND, PROVIDER_CAPTURED, PROVIDER_REFUNDED);
	case PROVIDER_QUERY:
		break;
	}
	return query(acquirer, account, order->payment, ret_state);
}

/* --- effects that come by themselves --- */

static void defer(
	struct acquirer *acquirer, const struct provider_order *order, usec accepted, usec at)
{
	struct deferred *deferred = calloc(1, sizeof(*deferred));
	if (!deferred)
		abort();
	*deferred = (struct deferred){
		.next = acquirer->deferred, .order = *order, .accepted = accepted, .at = at};
	acquirer->deferred = deferred;
}

usec acquirer_next_due(const struct acquirer *acquirer)
{
	usec due = USEC_NEVER;
	for (const struct deferred *one = acquirer->deferred; one; one = one->next)
		due = usec_min(due, one->at);
	return due;
}

void acquirer_run(struct acquirer *acquirer)
{
	usec now = acquirer->world->clock.boottime;
	for (struct deferred **at = &acquirer->deferred; *at;) {
		struct deferred *one = *at;
		enum provider_state state;
		if (one->at > now) {
			at = &one->next;
			continue;
		}
		*at = one->next;
		carry_out(acquirer, &one->order, one->accepted, &state);
		free(one);
	}
}

/* --- calls --- */

static struct counter *counter_of(struct provider_port *port)
{
	return (struct counter *)port;
}

static usec drawn(struct acquirer *acquirer, usec most)
{
	return (usec)random_below(&acquirer->random.port, (uint64_t)most);
}

static enum fault draw_fault(struct acquirer *acquirer)
{
	if (acquirer->down)
		return world_is_strict(acquirer->world) && drawn(acquirer, QUEUES) == 0 ? QUEUED
											: ERROR;
	int at = (int)drawn(acquirer, 1000);
	if (acquirer->slow)
		return SLOW;
	if (acquirer->healed || world_spared(acquirer->world, TROUBLE_PROVIDER_FAULTS))
		return OK;
	for (int fault = OK + 1; fault < FAULTS; fault++) {
		if (at < per_thousand[fault])
			return (enum fault)fault;
		at -= per_thousand[fault];
	}
	return OK;
}

static struct call *free_place(struct counter *counter)
{
	for (int i = 0; i < CALLS; i++)
		if (!counter->calls[i].taken)
			return &counter->calls[i];
	return NULL;
}

static void plan(struct acquirer *acquirer, struct call *call, enum fault fault)
{
	usec takes = 100 * MSEC + drawn(acquirer, 600 * MSEC);
	if (fault == SLOW)
		takes = 3 * SECOND + drawn(acquirer, 8 * SECOND);
	if (fault == TIMED_OUT || fault == LATE || takes > TIMEOUT)
		takes = TIMEOUT;
	call->ends_at = call->begun + takes;
	call->effect_at = call->begun + drawn(acquirer, takes);
	if (fault == ERROR || fault == TIMED_OUT)
		call->effect_at = USEC_NEVER;
	if (fault == LATE || fault == POSTPONED || fault == QUEUED) {
		call->effect_at = USEC_NEVER;
		usec later = drawn(acquirer, drawn(acquirer, 10) ? MINUTE : LATE_MAX);
		if (call->order.call != PROVIDER_QUERY)
			defer(acquirer, &call->order, call->begun,
				fault == QUEUED ? USEC_NEVER : call->ends_at + 1 + later);
	}
	if (fault != OK && (fault != SLOW || takes == TIMEOUT))
		call->verdict.outcome = PROVIDER_UNKNOWN;
}

static int begin(struct provider_port *port, const struct provider_order *order)
{
	struct counter *counter = counter_of(port);
	struct acquirer *acquirer = counter->acquirer;
	struct call *call = free_place(counter);
	if (!call)
		return -EAGAIN;
	if (!node_acts(counter->node))
		return 0; /* it has died before it asked */
	enum fault fault = draw_fault(acquirer);
	if (fault != OK)
		world_count(acquirer->world, counted[fault]);
	*call = (struct call){.taken = true,
		.order = *order,
		.begun = acquirer->world->clock.boottime,
		.verdict = {.order = *order, .outcome = PROVIDER_OK}};
	plan(acquirer, call, fault);
	return 0;
}

static int next_verdict(struct provider_port *port, struct provider_verdict *ret_verdict)
{
	struct counter *counter = counter_of(port);
	usec now = counter->acquirer->world->clock.boottime;
	for (int i = 0; i < CALLS; i++) {
		struct call *call = &counter->calls[i];
		if (!call->taken || call->ends_at > now || call->effect_at != USEC_NEVER)
			continue;
		*ret_verdict = call->verdict;
		ret_verdict->took = now - call->begun;
		call->taken = false;
		return 1;
	}
	return 0;
}

static int fd(struct provider_port *port)
{
	(void)port;
	return -1;
}

static usec next_due(struct provider_port *port)
{
	struct counter *counter = counter_of(port);
	usec due = USEC_NEVER, now = counter->acquirer->world->clock.boottime;
	for (int i = 0; i < CALLS; i++)
		if (counter->calls[i].taken)
			due = usec_min(due,
				usec_min(counter->calls[i].effect_at, counter->calls[i].ends_at));
	if (due == USEC_NEVER)
		return due;
	return counter->node->clock.boottime + (due > now ? due - now : 0);
}

static void tick(struct provider_port *port, usec boottime)
{
	struct counter *counter = counter_of(port);
	(void)boottime;
	for (int i = 0; i < CALLS; i++) {
		struct call *call = &counter->calls[i];
		if (!call->taken || call->effect_at > counter->acquirer->world->clock.boottime)
			continue;
		struct provider_verdict *verdict = &call->verdict;
		call->effect_at = USEC_NEVER;
		enum provider_outcome outcome =
			carry_out(counter->acquirer, &call->order, call->begun, &verdict->state);
		if (verdict->outcome != PROVIDER_UNKNOWN)
			verdict->outcome = outcome;
	}
}

static struct provider_port *free_port(struct provider_port *port)
{
	struct counter *counter = counter_of(port);
	struct acquirer *acquirer = counter->acquirer;
	for (int i = 0; i < CALLS; i++) {
		struct call *call = &counter->calls[i];
		if (!call->taken || call->effect_at == USEC_NEVER || drawn(acquirer, 2))
			continue;
		world_count(acquirer->world, COUNT_PROVIDER_ORPHAN);
		defer(acquirer, &call->order, call->begun, call->effect_at);
	}
	free(counter);
	return NULL;
}

struct provider_port *acquirer_port(struct acquirer *acquirer, struct node *ledger)
{
	struct counter *counter = calloc(1, sizeof(*counter));
	if (!counter)
		abort();
	*counter = (struct counter){
		.port = {.begin = begin,
			.next_verdict = next_verdict,
			.fd = fd,
			.next_due = next_due,
			.tick = tick,
			.free = free_port},
		.acquirer = acquirer,
		.node = ledger,
	};
	return &counter->port;
}

/* --- life --- */

struct acquirer *acquirer_new(struct world *world, uint64_t seed)
{
	struct acquirer *acquirer = calloc(1, sizeof(*acquirer));
	if (!acquirer)
		abort();
	acquirer->world = world;
	fake_random_init(&acquirer->random, seed);
	return acquirer;
}

struct acquirer *acquirer_free(struct acquirer *acquirer)
{
	if (!acquirer)
		return NULL;
	for (struct account *account = acquirer->first, *later; account; account = later) {
		later = account->later;
		free(account);
	}
	for (struct deferred *one = acquirer->deferred, *next; one; one = next) {
		next = one->next;
		free(one);
	}
	free(acquirer);
	return NULL;
}

void acquirer_down(struct acquirer *acquirer, bool down)
{
	acquirer->down = down;
	for (struct deferred *one = acquirer->deferred; one && !down; one = one->next)
		if (one->at == USEC_NEVER)
			one->at = acquirer->world->clock.boottime + drawn(acquirer, LATE_MAX);
}

void acquirer_slow(struct acquirer *acquirer, bool slow)
{
	acquirer->slow = slow;
}

void acquirer_heal(struct acquirer *acquirer)
{
	acquirer_down(acquirer, false);
	acquirer->slow = false;
	acquirer->healed = true;
}

enum provider_state acquirer_shows(const struct acquirer *acquirer, const char *payment)
{
	const struct account *account = acquirer_account(acquirer, payment);
	if (is_under_way(acquirer, payment))
		return PROVIDER_AUTHORIZED;
	return account ? account->state : PROVIDER_NOTHING;
}
