#include "lib/requests/request.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct operation *operation_find(const struct operation *operations, const char *name)
{
	for (const struct operation *operation = operations; operation->name; operation++)
		if (strcmp(operation->name, name) == 0)
			return operation;
	return NULL;
}

static void hash_payload(const void *bytes, size_t size, char ret[static REQUEST_HASH_SIZE])
{
	unsigned char hash[16];
	crypto_generichash(hash, sizeof(hash), bytes, size, NULL, 0);
	sodium_bin2hex(ret, REQUEST_HASH_SIZE, hash, sizeof(hash));
}

/* Correlation Data as the request's id: 1..64 printable ASCII characters. */
static bool read_id(const void *bytes, size_t size, char ret[static MQTT_CORRELATION_TEXT])
{
	const unsigned char *at = bytes;
	if (size == 0 || size >= MQTT_CORRELATION_TEXT)
		return false;
	for (size_t i = 0; i < size; i++)
		if (at[i] <= 0x20 || at[i] >= 0x7f)
			return false;
	memcpy(ret, bytes, size);
	ret[size] = '\0';
	return true;
}

static enum reply_code read_arguments(struct request *request, const json_t *json, char *why)
{
	if (record_decode(&request->operation->arguments, json, &request->args, why) != 0)
		return REPLY_MALFORMED;
	request->json = json_incref((json_t *)(uintptr_t)json);
	return REPLY_NONE;
}

/* The expiry is a wall time, so it takes a good clock to judge it. */
static enum reply_code check_time(const struct request *request, char *why)
{
	usec left = request->args.expires_at - request->now.wall;
	if (request->operation->ttl_max == 0)
		return REPLY_NONE;
	if (!request->now.sure) {
		snprintf(why, RECORD_WHY_SIZE, "this node is not sure of the time");
		return REPLY_CLOCK;
	}
	if (left <= 0) {
		snprintf(why, RECORD_WHY_SIZE, "expired %lld ms ago", (long long)(-left / MSEC));
		return REPLY_EXPIRED;
	}
	if (left > request->operation->ttl_max) {
		snprintf(why, RECORD_WHY_SIZE, "expires_at may lie at most %lld s ahead",
			(long long)(request->operation->ttl_max / SECOND));
		return REPLY_TOO_FAR;
	}
	return REPLY_NONE;
}

static enum reply_code find_operation(
	const struct operation *operations, const char *name, struct request *request, char *why)
{
	request->operation = operation_find(operations, name);
	if (request->operation)
		return REPLY_NONE;
	snprintf(why, RECORD_WHY_SIZE, "no operation %s here", name);
	return REPLY_UNKNOWN_OPERATION;
}

enum reply_code request_read(const struct operation *operations, const struct topic *topic,
	const struct mqtt_message *message, const char *reply_topic, struct now now,
	struct request *ret_request, char why[static RECORD_WHY_SIZE])
{
	*ret_request = (struct request){.entrance = ENTRANCE_MQTT, .now = now};
	TEXT_COPY(ret_request->user, topic->user);
	why[0] = '\0';

	if (!read_id(message->correlation, message->correlation_size, ret_request->id)) {
		snprintf(why, RECORD_WHY_SIZE,
			"want Correlation Data, 1 to 64 printable characters");
		return REPLY_CORRELATION;
	}
	if (message->response_topic && strcmp(message->response_topic, reply_topic) != 0) {
		snprintf(why, RECORD_WHY_SIZE, "the reply goes to %.120s only", reply_topic);
		return REPLY_RESPONSE_TOPIC;
	}
	enum reply_code code = find_operation(operations, topic->operation, ret_request, why);
	if (code != REPLY_NONE)
		return code;

	json_t *json;
	if (json_read(message->payload, message->size, REQUEST_BYTES, &json, why) != 0)
		return REPLY_MALFORMED;
	hash_payload(message->payload, message->size, ret_request->hash);
	code = read_arguments(ret_request, json, why);
	json_decref(json);
	return code != REPLY_NONE ? code : check_time(ret_request, why);
}

enum reply_code request_read_touch(const struct operation *operations, const char *user,
	const char *operation, const char *id, const json_t *args, struct now now,
	struct request *ret_request, char why[static RECORD_WHY_SIZE])
{
	*ret_request = (struct request){.entrance = ENTRANCE_TOUCH, .now = now};
	TEXT_COPY(ret_request->user, user);
	TEXT_COPY(ret_request->id, id);
	why[0] = '\0';
	enum reply_code code = find_operation(operations, operation, ret_request, why);
	if (code != REPLY_NONE)
		return code;
	size_t size;
	char *text = json_write(args, &size);
	hash_payload(text, size, ret_request->hash);
	free(text);
	/* Whoever stands at the screen waits for the answer: no clock needed. */
	json_t *complete = json_copy((json_t *)(uintptr_t)args);
	char expires[TIME_SIZE];
	time_format(now.wall + ret_request->operation->ttl_max, expires);
	json_object_set_new(complete, "expires_at", json_string(expires));
	code = read_arguments(ret_request, complete, why);
	json_decref(complete);
	return code;
}

void request_clear(struct request *request)
{
	if (request->operation)
		record_clear(&request->operation->arguments, &request->args);
	json_decref(request->json);
	request->json = NULL;
}

bool request_has(const struct request *request, const char *argument)
{
	return json_object_get(request->json, argument) != NULL;
}

void reply_set(struct reply_record *reply, enum reply_code code, const char *format, ...)
{
	reply->code = (int)code;
	va_list args;
	va_start(args, format);
	vsnprintf(reply->message, sizeof(reply->message), format, args);
	va_end(args);
	text_trim(reply->message);
}

static void *replace(void *old, const void *record, size_t size)
{
	void *copy = old ? old : malloc(size);
	if (!copy)
		abort();
	memcpy(copy, record, size);
	return copy;
}

void reply_rental(struct reply_record *reply, const struct rental_record *rental)
{
	reply->rental = replace(reply->rental, rental, sizeof(*rental));
}

void reply_payment(struct reply_record *reply, const struct payment_record *payment)
{
	reply->payment = replace(reply->payment, payment, sizeof(*payment));
}

void reply_item(struct reply_record *reply, const struct item_record *item)
{
	reply->item = replace(reply->item, item, sizeof(*item));
}
