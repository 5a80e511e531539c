#include "cli/words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void words_time(usec at, usec now, char ret[static WORDS_SIZE])
{
	ret[0] = '\0';
	if (at == 0)
		return;
	time_t seconds = (time_t)(at / SECOND), today = (time_t)(now / SECOND);
	struct tm tm, tm_now;
	localtime_r(&seconds, &tm);
	localtime_r(&today, &tm_now);
	bool same_day = tm.tm_year == tm_now.tm_year && tm.tm_yday == tm_now.tm_yday;
	strftime(ret, WORDS_SIZE, same_day ? "%H:%M" : "%Y-%m-%d %H:%M", &tm);
}

/* Whether a code of three letters is in a list with blanks in between. */
static bool is_in(const char *list, const char *currency)
{
	for (; *list; list += list[3] ? 4 : 3)
		if (strncmp(list, currency, 3) == 0)
			return true;
	return false;
}

/* How many digits of the amount stand behind the point (ISO 4217). */
static int decimals(const char *currency)
{
	static const char none[] =
		"BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
	static const char three[] = "BHD IQD JOD KWD LYD OMR TND";
	return is_in(none, currency) ? 0 : is_in(three, currency) ? 3 : 2;
}

void words_amount(int64_t amount, const char *currency, char ret[static WORDS_SIZE])
{
	long long number = amount;
	switch (decimals(currency)) {
	case 0:
		snprintf(ret, WORDS_SIZE, "%lld %.3s", number, currency);
		break;
	case 3:
		snprintf(ret, WORDS_SIZE, "%lld.%03lld %.3s", number / 1000, number % 1000,
			currency);
		break;
	default:
		snprintf(ret, WORDS_SIZE, "%lld.%02lld %.3s", number / 100, number % 100, currency);
	}
}

void words_duration(int64_t seconds, char ret[static WORDS_SIZE])
{
	static const struct {
		int64_t seconds;
		const char *unit;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	size_t i = 0;
	while (seconds % units[i].seconds != 0)
		i++;
	snprintf(
		ret, WORDS_SIZE, "%lld %s", (long long)(seconds / units[i].seconds), units[i].unit);
}

const char *words_choice(const char *const *names, int value)
{
	const char *name = names[value];
	return name ? name : "?";
}

/* The instant that matters in this state, and the word in front of it. */
static usec instant_of(const struct rental_record *rental, const char **ret_word)
{
	enum rental_state state = (enum rental_state)rental->state;
	if (state == RENTAL_RETURNED || rental_is_final(state)) {
		*ret_word = "";
		return rental->ended_at;
	}
	if (rental_is_out(state)) {
		*ret_word = state == RENTAL_OVERDUE || state == RENTAL_LOST ? ", was due" : ", due";
		return rental->due_at;
	}
	*ret_word = " until";
	return rental->expires_at;
}

/* Puts text behind what there is, as far as it fits. */
static void append(char ret[static WORDS_SIZE], const char *text)
{
	size_t n = strlen(ret);
	text_copy(ret + n, WORDS_SIZE - n, text);
}

void words_rental(const struct rental_record *rental, usec now, char ret[static WORDS_SIZE])
{
	const char *word;
	char when[WORDS_SIZE];
	words_time(instant_of(rental, &word), now, when);
	text_copy(ret, WORDS_SIZE, words_choice(rental_state_names, rental->state));
	if (when[0]) {
		append(ret, word);
		append(ret, " ");
		append(ret, when);
	}
	if (rental->clock_stopped) {
		append(ret, ", no door was free");
	} else if (rental_is_final((enum rental_state)rental->state) && rental->reason[0] &&
		   strcmp(rental->reason, rental_state_names[rental->state]) != 0) {
		append(ret, " (");
		append(ret, rental->reason);
		append(ret, ")");
	}
}
