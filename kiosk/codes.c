/*
 * Pickup and return codes: 8 digits, unique within the bank, compared in constant time; after five
 * wrong ones from a source it waits, longer each time, and after many from anybody the whole bank
 * does; also over a restart.
 */
#include "kiosk/internal.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define WRONG_FREE      5
#define WAIT_FIRST      (30 * SECOND)
#define WAIT_MAX        HOUR
#define BANK_WRONG_FREE 25 /* of all sources together; a lobby full of people mistypes, too ... */
#define BANK_WAIT_MAX   (5 * MINUTE) /* ... and they must not be shut out for long */
#define BANK_FORGETS    HOUR         /* after the last wrong one, and its wait */

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

/* Wrong ones count against whoever sent them, and against the bank: many sources must not have many
 * times as many guesses. The bank's count is no one's to reset; it is forgotten when all is quiet.
 */
struct guard {
	struct code_guard_row row;
	int64_t free_of_wait; /* wrong ones */
	usec wait_max;
};

#define OF_BANK "*" /* no user's name */

static struct guard read_guard(struct kiosk *kiosk, const char *source)
{
	bool bank = strcmp(source, OF_BANK) == 0;
	struct guard guard = {.free_of_wait = bank ? BANK_WRONG_FREE : WRONG_FREE,
		.wait_max = bank ? BANK_WAIT_MAX : WAIT_MAX};
	store_code_guard_read(kiosk->database, source, &guard.row);
	if (bank && guard.row.until + BANK_FORGETS <= kiosk->now.elapsed)
		guard.row.wrong = 0;
	return guard;
}

static void count_wrong(struct kiosk *kiosk, struct guard *guard)
{
	int64_t steps = ++guard->row.wrong - guard->free_of_wait;
	usec wait = steps < 0 ? 0 : steps < 8 ? WAIT_FIRST << steps : guard->wait_max;
	guard->row.until = kiosk->now.elapsed + usec_min(wait, guard->wait_max);
	store_code_guard_write(kiosk->database, &guard->row);
}

enum reply_code codes_find(struct kiosk *kiosk, const char *source, const char *code,
	struct rental_row *ret_rental, int64_t *ret_wait)
{
	struct guard one = read_guard(kiosk, source), bank = read_guard(kiosk, OF_BANK);
	usec until = one.row.until > bank.row.until ? one.row.until : bank.row.until;
	if (until > kiosk->now.elapsed) {
		*ret_wait = (until - kiosk->now.elapsed + MSEC - 1) / MSEC;
		return REPLY_WAIT;
	}
	if (find(kiosk, code, ret_rental)) {
		if (one.row.wrong > 0)
			store_code_guard_delete(kiosk->database, source);
		return REPLY_OK;
	}
	count_wrong(kiosk, &one);
	count_wrong(kiosk, &bank);
	return REPLY_WRONG_CODE;
}
