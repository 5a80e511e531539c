/*
 * Topics: lendlock/v1/{site}/... , each level [a-z0-9-]{1,32}. Who sends stands in the topic, and
 * the broker's access list proves it; names in payloads are not believed. topics.md is the
 * contract.
 */
#ifndef LENDLOCK_WIRE_TOPIC_H
#define LENDLOCK_WIRE_TOPIC_H

#include "lib/base/text.h"
#include "lib/ports/mqtt.h"

enum topic_kind {
	TOPIC_OTHER,           /* none of ours */
	TOPIC_KIOSK_EVENT,     /* kiosk/{node}/event */
	TOPIC_KIOSK_ACK,       /* kiosk/{node}/ack */
	TOPIC_KIOSK_DESIRED,   /* kiosk/{node}/desired */
	TOPIC_KIOSK_STATUS,    /* kiosk/{node}/status */
	TOPIC_KIOSK_OFFER,     /* kiosk/{node}/offer */
	TOPIC_KIOSK_REQUEST,   /* kiosk/{node}/request/{user}/{operation} */
	TOPIC_KIOSK_REPLY,     /* kiosk/{node}/reply/{user} */
	TOPIC_HUB_REQUEST,     /* hub/request/{user}/{operation} */
	TOPIC_HUB_REPLY,       /* hub/reply/{user} */
	TOPIC_HUB_STATUS,      /* hub/status */
	TOPIC_PAYMENT_REQUEST, /* payment/{node}/request/{user}/{operation}; user is the kiosk */
	TOPIC_PAYMENT_REPLY,   /* payment/{node}/reply/{user}; user is the kiosk */
	TOPIC_PAYMENT_STATUS,  /* payment/{node}/status */
	TOPIC_VIEW,            /* view/{node}; node is the kiosk */
	TOPIC_KINDS
};

struct topic {
	enum topic_kind kind;
	char site[NAME_SIZE];
	char node[NAME_SIZE]; /* the kiosk or ledger; empty for the hub's */
	char user[NAME_SIZE];
	char operation[NAME_SIZE];
};

/* Never fails: what is none of ours has kind TOPIC_OTHER. */
void topic_parse(const char *text, struct topic *ret_topic);
/* Levels that the kind does not have are ignored. A "+" as a level makes a filter. */
void topic_format(const struct topic *topic, char ret_text[static MQTT_TOPIC_MAX]);

#endif
