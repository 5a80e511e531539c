#include "lib/base/uuid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void uuid_make(usec wall, struct random_port *random, char ret_uuid[static UUID_SIZE])
{
	uint8_t b[16];
	random->fill(random, b, sizeof(b));

	uint64_t ms = (uint64_t)(wall > 0 ? wall : 0) / 1000;
	for (int i = 0; i < 6; i++)
		b[i] = (uint8_t)(ms >> (8 * (5 - i)));
	b[6] = (uint8_t)(0x70 | (b[6] & 0x0f));
	b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));

	static const char hex[] = "0123456789abcdef";
	char *out = ret_uuid;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = hex[b[i] >> 4];
		*out++ = hex[b[i] & 15];
	}
	*out = '\0';
}

bool uuid_is_valid(const char *text)
{
	for (int i = 0; i < UUID_SIZE - 1; i++) {
		char c = text[i];
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
	}
	return text[UUID_SIZE - 1] == '\0';
}

usec uuid_time(const char *uuid)
{
	if (uuid[14] != '7')
		return 0;
	char hex[13];
	memcpy(hex, uuid, 8);
	memcpy(hex + 8, uuid + 9, 4);
	hex[12] = '\0';
	return (usec)strtoull(hex, NULL, 16) * MSEC;
}
