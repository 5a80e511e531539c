/*
 * Requests: what a message must be to count as one, and the table of operations that a daemon
 * offers.
 *
 * A request is identified by (user, id, hash of the payload): the user stands in the topic, the id
 * is the MQTT 5 Correlation Data. Response Topic, if there is one, must be the asker's own reply
 * topic.
 */
#ifndef LENDLOCK_REQUESTS_REQUEST_H
#define LENDLOCK_REQUESTS_REQUEST_H

#include "lib/ports/mqtt.h"
#include "lib/wire/records.h"
#include "lib/wire/topic.h"

#define REQUEST_BYTES     ((size_t)64 * 1024)
#define REQUEST_HASH_SIZE 33 /* hex of a 128 bit BLAKE2b, and the final NUL */

enum entrance {
	ENTRANCE_MQTT,
	ENTRANCE_TOUCH, /* the touchscreen beside the bank, through the daemon's own functions */
};

struct request {
	char user[NAME_SIZE];
	char id[MQTT_CORRELATION_TEXT];
	char hash[REQUEST_HASH_SIZE];
	enum entrance entrance;
	const struct operation *operation;
	struct arguments args;
	json_t *json; /* the payload as it came, once it is valid: see request_has() */
	struct now now;
	/* What a deferred reply waits for (a rental's id); set by the handler. */
	char subject[UUID_SIZE];
};

struct operation {
	const char *name;
	struct record_type arguments; /* fields of struct arguments, closed */
	usec ttl_max;                 /* how far ahead expires_at may lie; 0: it never expires */
	bool manager;                 /* for managers only */
	bool query;                   /* changes nothing: neither stored nor repeated from store */
	/* Does it, inside a transaction (a query: outside). Sets reply->code and what else there is
	 * to say; refuses before it changes anything. Leaves REPLY_NONE to answer later: then
	 * request->subject is set, and settle is asked at each change of that subject. */
	void (*handle)(void *node, struct request *request, struct reply_record *reply);
	/* Whether a deferred reply is decided now; then sets it. NULL: never deferred. */
	bool (*settle)(
		void *node, const char *user, const char *subject, struct reply_record *reply);
};

/* An operation's record type: OPERATION_ARGUMENTS("reserve", "Holds an item.", reserve_fields). */
#define OPERATION_ARGUMENTS(id, said, table)                                                  \
	{                                                                                     \
		.name = id, .about = said, .fields = table, .size = sizeof(struct arguments), \
		.closed = true                                                                \
	}

/*
 * Reads a message into a request. operations is ended by a NULL name. reply_topic is the asker's
 * own. Returns REPLY_NONE and the request (cleared with request_clear), or the code of the refusal
 * and why in words; ret_request's user, and as far as it could be read id and operation, are set
 * even then.
 */
enum reply_code request_read(const struct operation *operations, const struct topic *topic,
	const struct mqtt_message *message, const char *reply_topic, struct now now,
	struct request *ret_request, char why[static RECORD_WHY_SIZE]);
/* The same for a request that did not come by MQTT: JSON arguments without expires_at, an id made
 * by the caller. */
enum reply_code request_read_touch(const struct operation *operations, const char *user,
	const char *operation, const char *id, const json_t *args, struct now now,
	struct request *ret_request, char why[static RECORD_WHY_SIZE]);
void request_clear(struct request *request);
/* Whether an argument was given at all, where its zero means something (a price of 0). */
bool request_has(const struct request *request, const char *argument);

const struct operation *operation_find(const struct operation *operations, const char *name);

/* Says a refusal or a result: the code and words for people. */
__attribute__((format(printf, 3, 4))) void reply_set(
	struct reply_record *reply, enum reply_code code, const char *format, ...);
/* Puts a copy of a record into the reply. */
void reply_rental(struct reply_record *reply, const struct rental_record *rental);
void reply_payment(struct reply_record *reply, const struct payment_record *payment);
void reply_item(struct reply_record *reply, const struct item_record *item);

#endif
