/*
 * What the make-believe provider holds. A file of its own, written with synchronous=NORMAL and open
 * to readers: it is as good as on another machine. What fails (its disk is full, somebody holds the
 * file) fails a whole step, and nothing else: a provider that is ill must not end its adapter.
 *
 * Tables, for tests: account (payment, state, amount, currency, method) and money_moved (payment,
 * call, amount, count), where count is 1 unless money moved twice.
 */
#ifndef LENDLOCK_PAYMENT_ADAPTER_STORE_SANDBOX_H
#define LENDLOCK_PAYMENT_ADAPTER_STORE_SANDBOX_H

#include "payment-adapter/provider.h"

struct store_sandbox;

/* 0 or -EIO. */
int store_sandbox_open(const char *path, const char *vfs, struct store_sandbox **ret_store);
struct store_sandbox *store_sandbox_close(struct store_sandbox *store);

/* What is read and written in between is one step to everybody else who has the file open. After a
 * failure the rest of the step does nothing and finds nothing; commit gives 0, or -EIO: the step
 * was not done. Reads outside of a step that fail find nothing. */
void store_sandbox_begin(struct store_sandbox *store);
int store_sandbox_commit(struct store_sandbox *store);

/* What is held under a payment id, from its first authorize on. */
struct sandbox_account {
	char payment[37];
	enum provider_state state;
	int64_t amount;
	char currency[4];
	char method[65];
};
bool store_sandbox_get(
	struct store_sandbox *store, const char *payment, struct sandbox_account *ret_account);
void store_sandbox_put(struct store_sandbox *store, const struct sandbox_account *account);
/* The first account whose id comes after payment ("" for the first of all). */
bool store_sandbox_after(
	struct store_sandbox *store, const char *payment, struct sandbox_account *ret_account);

/* Counts a call; returns how often it was made before. */
int64_t store_sandbox_ask(struct store_sandbox *store, const struct provider_order *order);

void store_sandbox_move_money(struct store_sandbox *store, const struct provider_order *order);
/* How often a call moved money under that id. */
int64_t store_sandbox_moved(
	struct store_sandbox *store, const char *payment, enum provider_call call);

/* Effects that come by themselves later, at due. The first one that is kept per id
 * and call stays. */
void store_sandbox_defer(struct store_sandbox *store, const struct provider_order *order, usec due);
/* None is due later than that. */
void store_sandbox_defer_until(struct store_sandbox *store, usec latest);
/* The one that is due next. */
bool store_sandbox_next_deferred(
	struct store_sandbox *store, struct provider_order *ret_order, usec *ret_due);
void store_sandbox_drop_deferred(struct store_sandbox *store, const struct provider_order *order);

#endif
