/* The same contract as topics.md, as an AsyncAPI 3.0 document
 * (https://www.asyncapi.com/docs/reference). */
#include "schemas/generator/generator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One row of the contract: a topic, who sends and who listens. */
struct channel {
	enum topic_kind kind;
	int qos;
	const char *id, *from, *to;
	const char *message; /* "event-batch", of messages_all(), or NULL: that part's requests */
	const char *about;
	int expiry; /* s; 0: none */
	bool retain;
};

static const struct channel channels[] = {
	{TOPIC_KIOSK_EVENT, 1, "kioskEvent", "kiosk", "hub", "event-batch",
		"Facts, in order, sent again until they are acked.", 0, false},
	{TOPIC_KIOSK_ACK, 0, "kioskAck", "hub", "kiosk", "ack",
		"How far the hub has committed a kiosk's events.", 0, false},
	{TOPIC_KIOSK_DESIRED, 1, "kioskDesired", "hub", "kiosk", "desired",
		"Catalogue and settings for one kiosk.", 0, true},
	{TOPIC_KIOSK_STATUS, 1, "kioskStatus", "kiosk", "all", "kiosk-status",
		"Birth and will of a kiosk.", 0, true},
	{TOPIC_KIOSK_OFFER, 1, "kioskOffer", "kiosk", "all", "offer",
		"What one bank lends; no persons in it.", 0, true},
	{TOPIC_KIOSK_REQUEST, 1, "kioskRequest", "client", "kiosk", NULL,
		"What renters and managers ask of a bank.", 60, false},
	{TOPIC_KIOSK_REPLY, 1, "kioskReply", "kiosk", "client", "reply",
		"The one reply to each of them.", 60, false},
	{TOPIC_HUB_REQUEST, 1, "hubRequest", "manager", "hub", NULL,
		"What managers ask of the hub.", 60, false},
	{TOPIC_HUB_REPLY, 1, "hubReply", "hub", "manager", "reply",
		"The one reply to each of them.", 60, false},
	{TOPIC_HUB_STATUS, 1, "hubStatus", "hub", "all", "hub-status", "Birth and will of the hub.",
		0, true},
	{TOPIC_PAYMENT_REQUEST, 1, "paymentRequest", "kiosk", "payment-adapter", NULL,
		"What a kiosk asks of the ledger, again until the answer is definite.", 60, false},
	{TOPIC_PAYMENT_REPLY, 1, "paymentReply", "payment-adapter", "kiosk", "reply",
		"What the ledger knows of a payment.", 60, false},
	{TOPIC_PAYMENT_STATUS, 1, "paymentStatus", "payment-adapter", "all", "payment-status",
		"Birth and will of a payment adapter, and whether it takes payments now.", 0, true},
	{TOPIC_VIEW, 1, "view", "hub", "manager", "view",
		"The status view of one bank, persons included.", 0, true},
};
#define CHANNELS (sizeof(channels) / sizeof(*channels))

static void set(json_t *object, const char *key, json_t *value)
{
	if (!value || json_object_set_new(object, key, value) < 0)
		abort();
}

/* Where something stands: reference("#/channels/", "view", ""). */
static json_t *reference(const char *before, const char *name, const char *after)
{
	char text[192];
	snprintf(text, sizeof(text), "%s%s%s", before, name, after);
	return json_pack("{s:s}", "$ref", text);
}

static const struct operation_source *source_of(enum topic_kind kind)
{
	for (const struct operation_source *source = operation_sources; source->part; source++)
		if (source->request == kind)
			return source;
	return NULL;
}

static bool belongs(const struct message *message, const struct channel *channel)
{
	if (channel->message)
		return strcmp(message->name, channel->message) == 0;
	return message->source && message->source->request == channel->kind;
}

/* --- channels --------------------------------------------------------------------- */

static json_t *parameter(const char *about)
{
	return json_pack("{s:s}", "description", about);
}

static json_t *operation_parameter(enum topic_kind kind)
{
	json_t *names = json_array();
	const struct operation_source *source = source_of(kind);
	for (size_t i = 0; source && operation_at(source, i); i++)
		json_array_append_new(names, json_string(operation_at(source, i)->name));
	return json_pack("{s:s, s:o}", "description", "What is asked for.", "enum", names);
}

static json_t *parameters(const char *address, enum topic_kind kind)
{
	json_t *list = json_object();
	set(list, "site", parameter("The site: a town, a campus."));
	if (strstr(address, "{kiosk}"))
		set(list, "kiosk", parameter("One bank of lockers."));
	if (strstr(address, "{ledger}"))
		set(list, "ledger", parameter("One ledger."));
	if (strstr(address, "{user}"))
		set(list, "user", parameter("Who asks; the broker proves it."));
	if (strstr(address, "{operation}"))
		set(list, "operation", operation_parameter(kind));
	return list;
}

static void address_of(enum topic_kind kind, char ret[static MQTT_TOPIC_MAX])
{
	bool payment = kind == TOPIC_PAYMENT_REQUEST || kind == TOPIC_PAYMENT_REPLY ||
		       kind == TOPIC_PAYMENT_STATUS;
	struct topic topic = {.kind = kind, .site = "{site}", .operation = "{operation}"};
	TEXT_COPY(topic.node, payment ? "{ledger}" : "{kiosk}");
	TEXT_COPY(topic.user, payment ? "{kiosk}" : "{user}");
	topic_format(&topic, ret);
}

static json_t *channel_object(const struct channel *channel, const struct list *messages)
{
	char address[MQTT_TOPIC_MAX];
	address_of(channel->kind, address);
	json_t *carried = json_object();
	const struct message *message = messages->items;
	for (size_t i = 0; i < messages->n; i++)
		if (belongs(&message[i], channel))
			set(carried, message[i].name,
				reference("#/components/messages/", message[i].name, ""));
	if (channel->message && strcmp(channel->message, "event-batch") == 0)
		set(carried, "event-batch", reference("#/components/messages/", "event-batch", ""));
	return json_pack("{s:s, s:s, s:o, s:o}", "address", address, "description", channel->about,
		"parameters", parameters(address, channel->kind), "messages", carried);
}

/* --- operations ------------------------------------------------------------------- */

static json_t *mqtt_binding(const struct channel *channel)
{
	json_t *binding = json_pack("{s:i, s:b, s:s}", "qos", channel->qos, "retain",
		channel->retain, "bindingVersion", "0.2.0");
	if (channel->expiry)
		set(binding, "messageExpiryInterval", json_integer(channel->expiry));
	return json_pack("{s:o}", "mqtt", binding);
}

static const struct channel *reply_channel(const struct channel *channel)
{
	const struct operation_source *source = source_of(channel->kind);
	for (size_t i = 0; source && i < CHANNELS; i++)
		if (channels[i].kind == source->reply)
			return &channels[i];
	return NULL;
}

static json_t *operation_object(const struct channel *channel, const char *action, const char *who)
{
	json_t *operation = json_pack("{s:s, s:o, s:s, s:[{s:s}], s:o}", "action", action,
		"channel", reference("#/channels/", channel->id, ""), "summary", channel->about,
		"tags", "name", who, "bindings", mqtt_binding(channel));
	const struct channel *reply = reply_channel(channel);
	if (reply)
		set(operation, "reply",
			json_pack("{s:o}", "channel", reference("#/channels/", reply->id, "")));
	return operation;
}

static json_t *operations_object(void)
{
	json_t *list = json_object();
	for (size_t i = 0; i < CHANNELS; i++) {
		char id[96];
		snprintf(id, sizeof(id), "%s-sends-%s", channels[i].from, channels[i].id);
		set(list, id, operation_object(&channels[i], "send", channels[i].from));
		snprintf(id, sizeof(id), "%s-receives-%s", channels[i].to, channels[i].id);
		set(list, id, operation_object(&channels[i], "receive", channels[i].to));
	}
	return list;
}

/* --- messages --------------------------------------------------------------------- */

static json_t *payload_of(const char *name)
{
	return json_pack("{s:s, s:o}", "schemaFormat",
		"application/schema+json;version=draft-2020-12", "schema",
		reference("./", name, ".json"));
}

/* MQTT 5 Correlation Data is a request's id, and comes back with its reply. */
static json_t *correlation_binding(void)
{
	return json_pack("{s:{s:{s:s, s:i, s:i}, s:s}}", "mqtt", "correlationData", "type",
		"string", "minLength", 1, "maxLength", MQTT_CORRELATION_MAX, "bindingVersion",
		"0.2.0");
}

static json_t *message_object(const struct message *message)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:o, s:[{s:o}]}", "name", message->name,
		"summary", message->type->about, "contentType", "application/json", "payload",
		payload_of(message->name), "examples", "payload", message_example(message));
	if (message->operation || strcmp(message->name, "reply") == 0)
		set(object, "bindings", correlation_binding());
	return object;
}

static json_t *messages_object(const struct list *messages)
{
	json_t *list = json_object();
	set(list, "event-batch",
		json_pack("{s:s, s:s, s:s, s:o, s:[{s:o}]}", "name", "event-batch", "summary",
			"Events in order.", "contentType", "application/cloudevents-batch+json",
			"payload", payload_of("event-batch"), "examples", "payload",
			batch_example(messages)));
	const struct message *message = messages->items;
	for (size_t i = 0; i < messages->n; i++)
		if (message[i].event == EVENT_OTHER)
			set(list, message[i].name, message_object(&message[i]));
	return list;
}

json_t *asyncapi_document(const struct list *messages)
{
	json_t *list = json_object();
	for (size_t i = 0; i < CHANNELS; i++)
		set(list, channels[i].id, channel_object(&channels[i], messages));
	return json_pack("{s:s, s:{s:s, s:s, s:s}, s:s, s:{s:{s:s, s:s, s:s}}, s:o, s:o, s:{s:o}}",
		"asyncapi", "3.0.0", "info", "title", "Lendlock", "version", "1.0.0", "description",
		"Unattended lending lockers over MQTT 5. topics.md says what this format cannot: "
		"order,"
		" retries, duplicates, errors. An operation's tag says which part sends or "
		"receives.",
		"defaultContentType", "application/json", "servers", "broker", "host",
		"broker.example:8883", "protocol", "mqtts", "protocolVersion", "5.0", "channels",
		list, "operations", operations_object(), "components", "messages",
		messages_object(messages));
}
