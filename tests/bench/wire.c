#include "tests/bench/wire.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PROPERTY_CONTENT_TYPE 3

struct writer {
	uint8_t *bytes;
	size_t size;
};

static void put(struct writer *writer, const void *bytes, size_t size)
{
	writer->bytes = realloc(writer->bytes, writer->size + size + 1);
	if (!writer->bytes)
		abort();
	memcpy(writer->bytes + writer->size, bytes, size);
	writer->size += size;
}

static void put_byte(struct writer *writer, unsigned byte)
{
	put(writer, &(uint8_t){(uint8_t)byte}, 1);
}

static void put_two(struct writer *writer, size_t number)
{
	put_byte(writer, (unsigned)(number >> 8 & 255));
	put_byte(writer, (unsigned)(number & 255));
}

static void put_text(struct writer *writer, const char *text)
{
	put_two(writer, strlen(text));
	put(writer, text, strlen(text));
}

/* A Variable Byte Integer (1.5.5). */
static void put_length(struct writer *writer, size_t length)
{
	for (; length > 127; length >>= 7)
		put_byte(writer, (unsigned)(length & 127) | 128);
	put_byte(writer, (unsigned)length);
}

/* The packet around a body, which is freed. */
static uint8_t *finish(unsigned first, struct writer *body, size_t *ret_size)
{
	struct writer packet = {0};
	put_byte(&packet, first);
	put_length(&packet, body->size);
	put(&packet, body->bytes, body->size);
	free(body->bytes);
	*ret_size = packet.size;
	return packet.bytes;
}

uint8_t *wire_connect(const char *name, const char *password, size_t *ret_size)
{
	struct writer body = {0};
	put_text(&body, "MQTT");
	put_byte(&body, 5);
	put_byte(&body, 0xc2); /* name, password, clean start */
	put_two(&body, 0);     /* keep-alive */
	put_length(&body, 0);  /* properties */
	put_text(&body, name); /* client id */
	put_text(&body, name);
	put_text(&body, password);
	return finish(0x10, &body, ret_size);
}

uint8_t *wire_subscribe(const char *filter, size_t *ret_size)
{
	struct writer body = {0};
	put_two(&body, 1); /* packet id */
	put_length(&body, 0);
	put_text(&body, filter);
	put_byte(&body, 1); /* QoS */
	return finish(0x82, &body, ret_size);
}

uint8_t *wire_publish(const char *topic, const char *content_type, const char *payload, size_t size,
	uint16_t id, size_t *ret_size)
{
	struct writer body = {0};
	put_text(&body, topic);
	put_two(&body, id);
	put_length(&body, 3 + strlen(content_type));
	put_byte(&body, PROPERTY_CONTENT_TYPE);
	put_text(&body, content_type);
	put(&body, payload, size);
	return finish(0x32, &body, ret_size);
}

int wire_read(const uint8_t *bytes, size_t size, struct wire_packet *ret_packet)
{
	size_t length = 0, at = 1;
	bool more = true;
	for (; more; at++) {
		if (at >= size || at > 4)
			return 0;
		length |= (size_t)(bytes[at] & 127) << 7 * (at - 1);
		more = bytes[at] & 128;
	}
	if (size - at < length)
		return 0;
	*ret_packet = (struct wire_packet){.type = (enum wire_type)(bytes[0] >> 4),
		.body = bytes + at,
		.body_size = length,
		.size = at + length};
	return 1;
}
