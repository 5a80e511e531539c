/*
 * Callbacks (on_...) run on Paho's threads, or within a call of ours, always under Paho's one lock.
 * They put an item into the queue and return. Our lock guards the count of what is under way, for
 * the length of a line, and is never held when calling Paho.
 */
#include "lib/ports/paho_session.h"

#include <MQTTAsync.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define UNDER_WAY_MAX    4096 /* messages that Paho has and has not got rid of */
#define PACKET_SIZE_MAX  ((unsigned int)(2 * MQTT_PAYLOAD_MAX))
#define TLS_ERROR_MAX    96
#define RECEIVE_MAX_NONE 65535 /* what is meant when the broker does not say (3.2.2.3.3) */

struct paho_session {
	const struct mqtt_options *options;
	struct mqtt_queue *queue;
	uint64_t number;
	MQTTAsync handle;
	char tls_error[TLS_ERROR_MAX]; /* the last one; of Paho's threads */

	pthread_mutex_t lock;
	pthread_cond_t sent; /* under_way has become 0 */
	size_t under_way;
};

static void post(struct paho_session *session, enum mqtt_item_kind kind, const char *reason)
{
	mqtt_queue_put(session->queue, mqtt_item_new(session->number, kind, reason));
}

/* The text of a number that is the broker's reason code if positive, and Paho's error if not. */
static const char *code_text(int code)
{
	const char *text = code > 0 ? MQTTReasonCode_toString((enum MQTTReasonCodes)code)
				    : MQTTAsync_strerror(code);
	return text ? text : "unknown reason";
}

static void post_failure(
	struct paho_session *session, const char *what, const MQTTAsync_failureData5 *failure)
{
	char reason[MQTT_REASON_MAX];
	int code = failure->code != 0 ? failure->code : (int)failure->reasonCode;
	const char *why = code == MQTTASYNC_OPERATION_INCOMPLETE ? "connection lost"
			  : code < 0 && failure->message         ? failure->message
								 : code_text(code);
	(void)snprintf(reason, sizeof(reason), "%s: %s%s", what, why, session->tls_error);
	post(session, MQTT_ITEM_LOST, reason);
}

static void on_accepted(void *context, MQTTAsync_successData5 *success)
{
	MQTTProperty *receive_max =
		MQTTProperties_getProperty(&success->properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM);
	struct paho_session *session = context;
	struct mqtt_item *item = mqtt_item_new(session->number, MQTT_ITEM_ACCEPTED, "accepted");
	item->receive_max = receive_max ? receive_max->value.integer2 : RECEIVE_MAX_NONE;
	mqtt_queue_put(session->queue, item);
}

static void on_not_accepted(void *context, MQTTAsync_failureData5 *failure)
{
	post_failure(context, "cannot connect", failure);
}

static void on_subscribed(void *context, MQTTAsync_successData5 *success)
{
	/* With one filter Paho leaves the list unset, and calls the other one when it
	 * is refused. */
	int count = success->alt.sub.reasonCodeCount > 1 ? success->alt.sub.reasonCodeCount : 0;
	for (int i = 0; i < count; i++) {
		if (success->alt.sub.reasonCodes[i] < MQTTREASONCODE_UNSPECIFIED_ERROR)
			continue;
		post_failure(context, "cannot subscribe",
			&(MQTTAsync_failureData5){.reasonCode = success->alt.sub.reasonCodes[i]});
		return;
	}
	post(context, MQTT_ITEM_SUBSCRIBED, "subscribed");
}

static void on_not_subscribed(void *context, MQTTAsync_failureData5 *failure)
{
	post_failure(context, "cannot subscribe", failure);
}

static void on_lost(void *context, char *cause)
{
	post(context, MQTT_ITEM_LOST, cause ? cause : "connection lost");
}

static void on_disconnect(void *context, MQTTProperties *properties, enum MQTTReasonCodes code)
{
	(void)properties;
	char reason[MQTT_REASON_MAX];
	(void)snprintf(
		reason, sizeof(reason), "the broker ended the session (%s)", code_text((int)code));
	post(context,
		code == MQTTREASONCODE_SESSION_TAKEN_OVER ? MQTT_ITEM_TAKEN_OVER : MQTT_ITEM_LOST,
		reason);
}

/* Paho's strings are counted and have no NUL. The caller frees it; NULL: no such property. */
static char *property_string(MQTTProperties *properties, enum MQTTPropertyCodes code)
{
	MQTTProperty *property = MQTTProperties_getProperty(properties, code);
	if (!property)
		return NULL;
	char *string = strndup(property->value.data.data, (size_t)property->value.data.len);
	if (!string)
		abort();
	return string;
}

static struct mqtt_item *copy_message(
	struct paho_session *session, const char *topic, MQTTAsync_message *arrived)
{
	MQTTProperties *properties = &arrived->properties;
	MQTTProperty *expiry =
		MQTTProperties_getProperty(properties, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL);
	MQTTProperty *correlation =
		MQTTProperties_getProperty(properties, MQTTPROPERTY_CODE_CORRELATION_DATA);
	char *content_type = property_string(properties, MQTTPROPERTY_CODE_CONTENT_TYPE);
	char *response_topic = property_string(properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC);
	struct mqtt_item *item = mqtt_item_new_message(session->number,
		&(struct mqtt_message){
			.topic = topic,
			.payload = arrived->payload,
			.size = (size_t)arrived->payloadlen,
			.qos = arrived->qos,
			.retain = arrived->retained,
			.expiry = expiry ? expiry->value.integer4 : 0,
			.content_type = content_type,
			.response_topic = response_topic,
			.correlation = correlation ? correlation->value.data.data : NULL,
			.correlation_size = correlation ? (size_t)correlation->value.data.len : 0,
		});
	free(content_type);
	free(response_topic);
	return item;
}

static int on_message(void *context, char *topic, int topic_length, MQTTAsync_message *arrived)
{
	struct paho_session *session = context;
	/* It always ends with a NUL; one within, which 1.5.4 forbids, shows by the length. */
	bool whole = topic_length == 0 || strlen(topic) == (size_t)topic_length;
	mqtt_queue_put(session->queue, whole ? copy_message(session, topic, arrived) : NULL);
	MQTTAsync_freeMessage(&arrived);
	MQTTAsync_free(topic);
	return 1; /* Paho acknowledges whatever we say; 0 would only make it call again */
}

static void count_sent(struct paho_session *session)
{
	pthread_mutex_lock(&session->lock);
	session->under_way -= 1;
	if (session->under_way == 0)
		pthread_cond_signal(&session->sent);
	pthread_mutex_unlock(&session->lock);
}

static void on_sent(void *context, MQTTAsync_successData5 *success)
{
	(void)success;
	count_sent(context);
}

/* For QoS 0, where Paho does not fill in all of failure. */
static void on_not_sent(void *context, MQTTAsync_failureData5 *failure)
{
	(void)failure;
	count_sent(context);
}

static void on_not_delivered(void *context, MQTTAsync_failureData5 *failure)
{
	if (failure->reasonCode >= MQTTREASONCODE_UNSPECIFIED_ERROR)
		post(context, MQTT_ITEM_REFUSED, code_text((int)failure->reasonCode));
	count_sent(context);
}

/* text is of the form THREAD:error:CODE:LIBRARY:FUNCTION:REASON:FILE:LINE:DATA. */
static int on_tls_error(const char *text, size_t length, void *context)
{
	struct paho_session *session = context;
	const char *end = text + length;
	for (int field = 1; field < 6 && text < end; field++) {
		const char *colon = memchr(text, ':', (size_t)(end - text));
		text = colon ? colon + 1 : end;
	}
	const char *colon = memchr(text, ':', (size_t)(end - text));
	(void)snprintf(session->tls_error, sizeof(session->tls_error), "; %.*s",
		(int)((colon ? colon : end) - text), text);
	return 1;
}

static int handle_new(struct paho_session *session)
{
	MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
	options.maxBufferedMessages = UNDER_WAY_MAX; /* counts while connected, too */
	if (MQTTAsync_createWithOptions(&session->handle, session->options->uri,
		    session->options->client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL,
		    &options) != MQTTASYNC_SUCCESS)
		return -EINVAL;
	if (MQTTAsync_setCallbacks(session->handle, session, on_lost, on_message, NULL) !=
			MQTTASYNC_SUCCESS ||
		MQTTAsync_setDisconnected(session->handle, session, on_disconnect) !=
			MQTTASYNC_SUCCESS)
		abort();
	return 0;
}

int paho_session_new(const struct mqtt_options *options, struct mqtt_queue *queue, uint64_t number,
	struct paho_session **ret_session)
{
	struct paho_session *session = calloc(1, sizeof(*session));
	pthread_condattr_t monotonic;
	if (!session || pthread_condattr_init(&monotonic) != 0 ||
		pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) != 0 ||
		pthread_cond_init(&session->sent, &monotonic) != 0 ||
		pthread_mutex_init(&session->lock, NULL) != 0)
		abort();
	pthread_condattr_destroy(&monotonic);
	session->options = options;
	session->queue = queue;
	session->number = number;
	int r = handle_new(session);
	if (r < 0) {
		paho_session_free(session);
		return r;
	}
	*ret_session = session;
	return 0;
}

struct paho_session *paho_session_free(struct paho_session *session)
{
	if (!session)
		return NULL;
	if (session->handle)
		MQTTAsync_destroy(&session->handle);
	pthread_cond_destroy(&session->sent);
	pthread_mutex_destroy(&session->lock);
	free(session);
	return NULL;
}

/* Adds what is there; Paho makes a copy. */
static void add_bytes(
	MQTTProperties *properties, enum MQTTPropertyCodes code, const void *bytes, size_t size)
{
	MQTTProperty property = {.identifier = code};
	property.value.data.data = (char *)bytes;
	property.value.data.len = (int)size;
	if (bytes && MQTTProperties_add(properties, &property) != 0)
		abort();
}

static void add_string(MQTTProperties *properties, enum MQTTPropertyCodes code, const char *string)
{
	add_bytes(properties, code, string, string ? strlen(string) : 0);
}

static void add_number(MQTTProperties *properties, enum MQTTPropertyCodes code, uint32_t number)
{
	MQTTProperty property = {.identifier = code};
	property.value.integer4 = number;
	if (number > 0 && MQTTProperties_add(properties, &property) != 0)
		abort();
}

/* The caller frees them. */
static MQTTProperties message_properties(const struct mqtt_message *message)
{
	MQTTProperties properties = MQTTProperties_initializer;
	add_number(&properties, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL, message->expiry);
	add_string(&properties, MQTTPROPERTY_CODE_CONTENT_TYPE, message->content_type);
	add_string(&properties, MQTTPROPERTY_CODE_RESPONSE_TOPIC, message->response_topic);
	add_bytes(&properties, MQTTPROPERTY_CODE_CORRELATION_DATA, message->correlation,
		message->correlation_size);
	return properties;
}

static MQTTAsync_SSLOptions tls_options(struct paho_session *session)
{
	MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
	tls.trustStore = session->options->ca_file;
	tls.keyStore = session->options->cert_file;
	tls.privateKey = session->options->key_file;
	tls.verify = 1; /* the certificate must bear the name in the URI */
	tls.ssl_error_cb = on_tls_error;
	tls.ssl_error_context = session;
	return tls;
}

static MQTTAsync_willOptions will_options(const struct mqtt_message *will)
{
	MQTTAsync_willOptions options = MQTTAsync_willOptions_initializer;
	options.topicName = will->topic;
	options.payload.data = will->payload;
	options.payload.len = (int)will->size;
	options.qos = will->qos;
	options.retained = will->retain;
	return options;
}

void paho_session_connect(struct paho_session *session, const struct mqtt_message *will)
{
	/* initializer5 says clean start; without a property of ours the session expires at once. */
	MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
	options.keepAliveInterval = session->options->keep_alive;
	options.connectTimeout = (int)(PAHO_SESSION_CONNECT_TIMEOUT / SECOND);
	options.username = session->options->username;
	options.password = session->options->password;
	options.context = session;
	options.onSuccess5 = on_accepted;
	options.onFailure5 = on_not_accepted;
	MQTTAsync_SSLOptions tls = tls_options(session);
	options.ssl = &tls;
	/* Beyond what we take, so that a little too large is counted and very large never comes. */
	MQTTProperties properties = MQTTProperties_initializer;
	add_number(&properties, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, PACKET_SIZE_MAX);
	options.connectProperties = &properties;
	MQTTAsync_willOptions will_out;
	MQTTProperties will_properties = MQTTProperties_initializer;
	if (will) {
		will_out = will_options(will);
		will_properties = message_properties(will);
		options.will = &will_out;
		options.willProperties = &will_properties;
	}

	int r = MQTTAsync_connect(session->handle, &options);
	MQTTProperties_free(&properties);
	MQTTProperties_free(&will_properties);
	if (r != MQTTASYNC_SUCCESS)
		post_failure(session, "cannot connect", &(MQTTAsync_failureData5){.code = r});
}

void paho_session_subscribe(struct paho_session *session)
{
	int qos[MQTT_FILTERS_MAX];
	int count = 0;
	for (; session->options->subscribe[count]; count++)
		qos[count] = 1;
	MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
	response.context = session;
	response.onSuccess5 = on_subscribed;
	response.onFailure5 = on_not_subscribed;
	int r = MQTTAsync_subscribeMany(
		session->handle, count, (char *const *)session->options->subscribe, qos, &response);
	if (r != MQTTASYNC_SUCCESS)
		post_failure(session, "cannot subscribe", &(MQTTAsync_failureData5){.code = r});
}

static bool count_under_way(struct paho_session *session)
{
	pthread_mutex_lock(&session->lock);
	bool room = session->under_way < UNDER_WAY_MAX;
	session->under_way += room;
	pthread_mutex_unlock(&session->lock);
	return room;
}

static int publish_error(int r)
{
	switch (r) {
	case MQTTASYNC_SUCCESS:
		return 0;
	case MQTTASYNC_DISCONNECTED:
		return -ENOTCONN;
	case MQTTASYNC_MAX_BUFFERED_MESSAGES:
	case MQTTASYNC_NO_MORE_MSGIDS:
		return -ENOBUFS;
	default:
		return -EINVAL;
	}
}

int paho_session_publish(struct paho_session *session, const struct mqtt_message *message)
{
	/* Paho would send wildcards, and the broker would end the session for it (3.3.2.1). */
	if (message->topic[0] == '\0' || strpbrk(message->topic, "+#"))
		return -EINVAL;
	if (!count_under_way(session))
		return -ENOBUFS;
	MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
	response.context = session;
	response.onSuccess5 = on_sent;
	response.onFailure5 = message->qos > 0 ? on_not_delivered : on_not_sent;
	MQTTAsync_message out = MQTTAsync_message_initializer;
	out.payload = (void *)message->payload;
	out.payloadlen = (int)message->size;
	out.qos = message->qos;
	out.retained = message->retain;
	out.properties = message_properties(message);
	int r = MQTTAsync_sendMessage(session->handle, message->topic, &out, &response);
	MQTTProperties_free(&out.properties);
	if (r != MQTTASYNC_SUCCESS)
		count_sent(session);
	return publish_error(r);
}

bool paho_session_is_connected(struct paho_session *session)
{
	return MQTTAsync_isConnected(session->handle);
}

void paho_session_wait_until_sent(struct paho_session *session, usec timeout)
{
	struct timespec deadline;
	if (clock_gettime(CLOCK_MONOTONIC, &deadline) != 0)
		abort();
	usec end = (usec)deadline.tv_sec * SECOND + deadline.tv_nsec / 1000 + timeout;
	deadline.tv_sec = end / SECOND;
	deadline.tv_nsec = end % SECOND * 1000;
	pthread_mutex_lock(&session->lock);
	while (session->under_way > 0)
		if (pthread_cond_timedwait(&session->sent, &session->lock, &deadline) != 0)
			break;
	pthread_mutex_unlock(&session->lock);
}
