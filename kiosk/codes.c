/*
 * Pickup and return codes: 8 digits, unique within the bank, compared in constant time; after five
 * wrong ones from a source it waits, longer each time, also over a restart.
 */
#include "kiosk/internal.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define WRONG_FREE 5
#define WAIT_FIRST (30 * SECOND)
#define WAIT_MAX   HOUR

/* Looks at every open rental, whether it has been found or not: the time tells nothing. */
static bool find(struct kiosk *kiosk, const char *code, struct rental_row *ret_rental)
{
	struct query *query = store_rentals_all_open(kiosk->database);
	struct rental_row rental;
	bool found = false;
	while (store_rental_next(query, &rental)) {
		bool pickup = sodium_memcmp(rental.pickup_code, code, CODE_SIZE - 1) == 0;
		bool giving = sodium_memcmp(rental.return_code, code, CODE_SIZE - 1) == 0;
		bool out = rental_is_out((enum rental_state)rental.fact.state);
		if (out ? giving : pickup) {
			*ret_rental = rental;
			found = true;
		}
	}
	return found;
}

static bool is_taken(struct kiosk *kiosk, const char *code)
{
	struct query *query = store_rentals_all_open(kiosk->database);
	struct rental_row rental;
	bool taken = false;
	while (store_rental_next(query, &rental))
		taken |= strcmp(rental.pickup_code, code) == 0 ||
			 strcmp(rental.return_code, code) == 0;
	return taken;
}

void codes_make(struct kiosk *kiosk, char ret_code[static CODE_SIZE])
{
	do {
		unsigned number = (unsigned)random_below(kiosk->options.random, 100000000);
		snprintf(ret_code, CODE_SIZE, "%08u", number % 100000000);
	} while (is_taken(kiosk, ret_code));
}

static void count_wrong(struct kiosk *kiosk, struct code_guard_row *guard)
{
	guard->wrong++;
	if (guard->wrong >= WRONG_FREE) {
		int64_t steps = guard->wrong - WRONG_FREE;
		usec wait = steps < 8 ? WAIT_FIRST << steps : WAIT_MAX;
		guard->until = kiosk->now.elapsed + usec_min(wait, WAIT_MAX);
	}
	store_code_guard_write(kiosk->database, guard);
}

enum reply_code codes_find(struct kiosk *kiosk, const char *source, const char *code,
	struct rental_row *ret_rental, int64_t *ret_wait)
{
	struct code_guard_row guard;
	store_code_guard_read(kiosk->database, source, &guard);
	if (guard.until > kiosk->now.elapsed) {
		*ret_wait = (guard.until - kiosk->now.elapsed + MSEC - 1) / MSEC;
		return REPLY_WAIT;
	}
	if (find(kiosk, code, ret_rental)) {
		if (guard.wrong > 0)
			store_code_guard_delete(kiosk->database, source);
		return REPLY_OK;
	}
	count_wrong(kiosk, &guard);
	return REPLY_WRONG_CODE;
}
