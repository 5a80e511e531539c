/* Rules for text that comes from outside. */
#ifndef LENDLOCK_BASE_TEXT_H
#define LENDLOCK_BASE_TEXT_H

#include "lib/base/time.h"

#include <stdbool.h>
#include <stddef.h>

#define NAME_SIZE 33 /* [a-z0-9-]{1,32} and the final NUL */
#define TIME_SIZE 28 /* "2026-11-22T17:29:17.123456Z" and the final NUL */

bool name_is_valid(const char *text);
/* Printable: well-formed UTF-8 without control characters (C0, DEL, C1). size bytes. */
bool text_is_printable(const char *text, size_t size);

/* Drops a UTF-8 sequence that was cut off at the end. */
void text_trim(char *text);
/* Copies and always ends with NUL; what does not fit is cut, between characters. ret has room for size
 * bytes. */
void text_copy(char *ret, size_t size, const char *text);
#define TEXT_COPY(array, text) text_copy((array), sizeof(array), (text))
/* Puts '?' for each byte that keeps text from being printable: what printf cut within
 * a character. */
void text_mend(char *text);

/* RFC 3339 in UTC, to the microsecond. Instants outside the years 0000..9999 are clamped. */
void time_format(usec wall, char ret_text[static TIME_SIZE]);
/* Accepts any RFC 3339 date-time between 1970 and 9999 with at most 9 digits of a second's
 * fraction, but no leap second that ends a day. 0 or -EINVAL. */
int time_parse(const char *text, usec *ret_wall);

#endif
