/* Somebody with a phone: asks by MQTT or stands at a touchscreen, and hears at most one answer. */
#ifndef LENDLOCK_TESTS_SIMULATOR_PERSON_H
#define LENDLOCK_TESTS_SIMULATOR_PERSON_H

#include "lib/base/text.h"
#include "lib/base/uuid.h"
#include "lib/wire/records.h"
#include "tests/simulator/broker.h"

#include <jansson.h>

#define PERSON_ANSWERS 64

/* A text of a JSON object; "": there is none. */
static inline const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text ? text : "";
}

struct node;
struct world;

/* What was answered to a request of not long ago. */
struct person_answer {
	char id[UUID_SIZE];
	uint64_t hash;
};

/* A rental that was said to be in that state. */
struct person_promise {
	char rental[UUID_SIZE];
	char state[NAME_SIZE];
};

/* An item that the hub said to stand in the catalogue like that. */
struct person_entry {
	char item[NAME_SIZE], kiosk[NAME_SIZE], moving[NAME_SIZE];
	bool withdrawn;
	usec told_at; /* world time */
};

struct person {
	struct world *world;
	char name[NAME_SIZE];
	struct fake_random random;
	struct broker_link *link;
	char filter_texts[3][MQTT_TOPIC_MAX];
	const char *filters[4];
	struct person_answer answers[PERSON_ANSWERS]; /* a ring */
	size_t answers_n;
	char code[CODE_SIZE], code_of[UUID_SIZE]; /* the last one they were told, and its rental */
	struct list promises;        /* struct person_promise: what answers said had been done */
	struct list entries;         /* struct person_entry: and at the hub */
	const struct node *asked_at; /* the kiosk of the last request */
	char asked[UUID_SIZE];       /* the request under way, or "" */
	usec looked_at;              /* world time: when they saw what they say now */
	usec again;                  /* world time: its repetition, or USEC_NEVER */
	struct packet *repeat;
	/* The answer to the request under way. */
	void (*answered)(struct person *person, const char *code, const json_t *reply);
	/* Any other message; may be NULL. */
	void (*heard)(struct person *person, const struct mqtt_message *message);
};

/* more: one more topic filter, or NULL. */
void person_init(struct person *person, struct world *world, const char *name, const char *more);
void person_free(struct person *person);
/* Last: what they were told, by which the files are judged. */
void person_forget(struct person *person);
/* An answer that leaves no trace at who gave it: the same request may be done yet. */
bool person_is_refusal(const char *code);
uint64_t person_below(struct person *person, uint64_t bound);

/* Asks whom ("hub" or "kiosk/NAME"); args, which are taken over, without expires_at. The request is
 * forgotten when the next one is made. Now and then it is sent a second time. */
void person_ask(struct person *person, const char *whom, const char *operation, json_t *args);
/* The same at the kiosk's touchscreen. */
void person_touch(struct person *person, struct node *kiosk, const char *operation, json_t *args);
/* A touchscreen answers somebody. */
void person_touched(struct person *person, const char *id, const json_t *reply);

usec person_next_due(const struct person *person); /* world time */
void person_tick(struct person *person);

#endif
