/*
 * As much of MQTT 5 as a feeder needs, without a library: packets are made before the clock starts,
 * so that what is measured is not the measuring.
 */
#ifndef LENDLOCK_TESTS_BENCH_WIRE_H
#define LENDLOCK_TESTS_BENCH_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* Types, as in the upper half of a packet's first byte. */
enum wire_type {
	WIRE_CONNACK = 2,
	WIRE_PUBLISH = 3,
	WIRE_PUBACK = 4,
	WIRE_SUBACK = 9,
	WIRE_DISCONNECT = 14,
};

/* Packets that are to be sent; the caller frees them. Session: clean, without keep-alive. */
uint8_t *wire_connect(const char *name, const char *password, size_t *ret_size);
uint8_t *wire_subscribe(const char *filter, size_t *ret_size);
/* QoS 1. id: 1 .. 65535. */
uint8_t *wire_publish(const char *topic, const char *content_type, const char *payload, size_t size,
	uint16_t id, size_t *ret_size);

/* One packet that came. */
struct wire_packet {
	enum wire_type type;
	const uint8_t *body;
	size_t body_size;
	size_t size; /* of all of it */
};

/* The first packet in bytes; 0 if it is not all there. */
int wire_read(const uint8_t *bytes, size_t size, struct wire_packet *ret_packet);

#endif
