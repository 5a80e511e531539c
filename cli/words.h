/* Small things as people read them. now is wall time; buffers have WORDS_SIZE bytes. */
#ifndef LENDLOCK_CLI_WORDS_H
#define LENDLOCK_CLI_WORDS_H

#include "lib/wire/records.h"

#define WORDS_SIZE 96

/* "17:40" today, "2026-11-24 17:31" on other days, local time; "" for 0. */
void words_time(usec at, usec now, char ret[static WORDS_SIZE]);
/* "5000 KRW", "5.00 EUR": amounts are in the currency's minor unit. */
void words_amount(int64_t amount, const char *currency, char ret[static WORDS_SIZE]);
/* "held until 17:40", "rented, due 2026-11-24 17:31", "cancelled 17:29 (withdrawn)". */
void words_rental(const struct rental_record *rental, usec now, char ret[static WORDS_SIZE]);
/* "2 d", "36 h", "90 s" */
void words_duration(int64_t seconds, char ret[static WORDS_SIZE]);
/* names[value], or "?" */
const char *words_choice(const char *const *names, int value);

#endif
