#include "lib/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

bool name_is_valid(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
	return length > 0 && length < NAME_SIZE && text[length] == '\0';
}

/* The length of the well-formed UTF-8 sequence at text (RFC 3629), and its code point; 0 if
 * ill-formed. */
static size_t utf8_sequence(const unsigned char *text, size_t size, uint32_t *ret_point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = text[0] < 0x80             ? 1
			: (text[0] & 0xe0) == 0xc0 ? 2
			: (text[0] & 0xf0) == 0xe0 ? 3
			: (text[0] & 0xf8) == 0xf0 ? 4
						   : 0;
	if (length == 0 || length > size)
		return 0;
	uint32_t point = length == 1 ? text[0] : text[0] & (0x7fU >> length);
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (text[i] & 0x3fU);
	}
	if (point < least[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return length;
}

/* The length of the printable character at text, or 0. */
static size_t printable_sequence(const char *text, size_t size)
{
	uint32_t point;
	size_t length = utf8_sequence((const unsigned char *)text, size, &point);
	return length > 0 && point >= 0x20 && (point < 0x7f || point >= 0xa0) ? length : 0;
}

bool text_is_printable(const char *text, size_t size)
{
	while (size > 0) {
		/* Nearly all is ASCII. */
		if (*text >= ' ' && *text <= '~') {
			text++;
			size--;
			continue;
		}
		size_t length = printable_sequence(text, size);
		if (length == 0)
			return false;
		text += length;
		size -= length;
	}
	return true;
}

void text_mend(char *text)
{
	for (size_t left = strlen(text); left > 0;) {
		size_t length = printable_sequence(text, left);
		if (length == 0) {
			*text = '?';
			length = 1;
		}
		text += length;
		left -= length;
	}
}

void text_copy(char *ret, size_t size, const char *text)
{
	size_t length = strnlen(text, size - 1);
	memmove(ret, text, length);
	ret[length] = '\0';
	text_trim(ret);
}

void text_trim(char *text)
{
	size_t length = strlen(text), back = 0;
	while (back < 3 && back < length && ((unsigned char)text[length - 1 - back] & 0xc0) == 0x80)
		back++;
	if (back == length)
		return;
	uint32_t point;
	unsigned char *head = (unsigned char *)text + length - 1 - back;
	if (*head >= 0x80 && utf8_sequence(head, back + 1, &point) != back + 1)
		*head = '\0';
}

static const usec last_second = 253402300799LL * SECOND; /* of the year 9999 */

static char *put_digits(char *at, int count, int value)
{
	for (int i = count - 1; i >= 0; i--, value /= 10)
		at[i] = (char)('0' + value % 10);
	return at + count;
}

void time_format(usec wall, char ret_text[static TIME_SIZE])
{
	if (wall < 0)
		wall = 0;
	if (wall > last_second)
		wall = last_second;
	time_t seconds = (time_t)(wall / SECOND);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	const struct {
		int digits, value;
		char end;
	} parts[] = {
		{4, tm.tm_year + 1900, '-'},
		{2, tm.tm_mon + 1, '-'},
		{2, tm.tm_mday, 'T'},
		{2, tm.tm_hour, ':'},
		{2, tm.tm_min, ':'},
		{2, tm.tm_sec, '.'},
		{6, (int)(wall % SECOND), 'Z'},
	};
	char *at = ret_text;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		at = put_digits(at, parts[i].digits, parts[i].value);
		*at++ = parts[i].end;
	}
	*at = '\0';
}

/* Exactly count digits at *at, moving it on; -1 if they are not there. */
static int digits(const char **at, int count)
{
	int value = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

/* c in any case: RFC 3339, 5.6. */
static int expect(const char **at, char c)
{
	if (toupper((unsigned char)**at) != c)
		return -1;
	(*at)++;
	return 0;
}

static int time_fraction(const char **at, usec *ret_fraction)
{
	usec fraction = 0, unit = SECOND / 10;
	if (**at == '.') {
		(*at)++;
		const char *first = *at;
		for (; **at >= '0' && **at <= '9'; (*at)++, unit /= 10)
			fraction += (**at - '0') * unit;
		if (*at == first || *at - first > 9)
			return -EINVAL;
	}
	*ret_fraction = fraction;
	return 0;
}

static int time_offset(const char **at, usec *ret_offset)
{
	if (expect(at, 'Z') == 0) {
		*ret_offset = 0;
		return 0;
	}
	char sign = **at;
	if (sign == '\0')
		return -EINVAL;
	(*at)++;
	int hours = digits(at, 2);
	if (hours < 0 || hours > 23 || expect(at, ':') < 0)
		return -EINVAL;
	int minutes = digits(at, 2);
	if (minutes < 0 || minutes > 59 || (sign != '+' && sign != '-'))
		return -EINVAL;
	*ret_offset = (sign == '-' ? -1 : 1) * (hours * HOUR + minutes * MINUTE);
	return 0;
}

int time_parse(const char *text, usec *ret_wall)
{
	struct tm tm = {0};
	const char *at = text;
	int year = digits(&at, 4);
	if (year < 1970 || expect(&at, '-') < 0 || (tm.tm_mon = digits(&at, 2) - 1) < 0 ||
		tm.tm_mon > 11 || expect(&at, '-') < 0 || (tm.tm_mday = digits(&at, 2)) < 1 ||
		tm.tm_mday > 31 || expect(&at, 'T') < 0 || (tm.tm_hour = digits(&at, 2)) < 0 ||
		tm.tm_hour > 23 || expect(&at, ':') < 0 || (tm.tm_min = digits(&at, 2)) < 0 ||
		tm.tm_min > 59 || expect(&at, ':') < 0 || (tm.tm_sec = digits(&at, 2)) < 0 ||
		tm.tm_sec > 60)
		return -EINVAL;
	tm.tm_year = year - 1900;

	usec fraction, offset;
	if (time_fraction(&at, &fraction) < 0 || time_offset(&at, &offset) < 0 || *at != '\0')
		return -EINVAL;

	int day = tm.tm_mday;
	time_t seconds = timegm(&tm);
	if (tm.tm_mday != day) /* 31 February was carried over; a leap second at day's end too */
		return -EINVAL;
	usec wall = (usec)seconds * SECOND + fraction - offset;
	if (wall < 0 || wall >= last_second + SECOND)
		return -EINVAL;
	*ret_wall = wall;
	return 0;
}
