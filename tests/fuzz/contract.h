/* What must hold of everything that a daemon says, whatever it was told: the contract
 * of topics.md. */
#ifndef LENDLOCK_TESTS_FUZZ_CONTRACT_H
#define LENDLOCK_TESTS_FUZZ_CONTRACT_H

#include "lib/wire/topic.h"
#include "tests/fuzz/tape.h"
#include "tests/support/fake_mqtt.h"

/* Topic, QoS, retain, size, and a payload that its reader's decoder takes and that says the same
 * when it is encoded again. */
void contract_check(const struct fake_publication *publication);
/* ... of all that was published from that one on. */
void contract_check_all(const struct fake_mqtt *mqtt, size_t from);

/* The requests of one input, and how often each was made. */
struct asked {
	struct asked_request {
		char user[NAME_SIZE];
		char id[MQTT_CORRELATION_MAX + 1]; /* "": none that can be read */
		int times, retained;
	} requests[TAPE_MESSAGES_MAX];
	size_t n;
};

/* Notes a message, if it is a request to that node; requests and replies: its topics, without a
 * user. */
void asked_note(
	struct asked *asked, const struct topic *requests, const struct mqtt_message *message);
/* Each id has got at least so many replies, and at most so many for each request. */
void asked_check(const struct asked *asked, const struct topic *replies,
	const struct fake_mqtt *mqtt, int least, int most);

#endif
