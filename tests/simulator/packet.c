#include "tests/simulator/packet.h"

#include <stdlib.h>
#include <string.h>

/* --- a message --- */

static const void *copy(char **at, const void *bytes, size_t size)
{
	if (!bytes)
		return NULL;
	char *copied = memcpy(*at, bytes, size);
	*at += size;
	return copied;
}

static size_t text_room(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

struct packet *packet_new(const struct mqtt_message *message, usec now)
{
	size_t topic = text_room(message->topic), type = text_room(message->content_type),
	       response = text_room(message->response_topic);
	struct packet *packet = malloc(sizeof(*packet) + topic + type + response + message->size +
				       message->correlation_size);
	if (!packet)
		abort();
	char *at = packet->bytes;
	packet->holders = 1;
	packet->expires = message->expiry ? now + message->expiry * SECOND : USEC_NEVER;
	packet->message = *message;
	packet->message.topic = copy(&at, message->topic, topic);
	packet->message.content_type = copy(&at, message->content_type, type);
	packet->message.response_topic = copy(&at, message->response_topic, response);
	packet->message.payload = copy(&at, message->size ? message->payload : "", message->size);
	packet->message.correlation = copy(&at, message->correlation, message->correlation_size);
	return packet;
}

struct packet *packet_hold(struct packet *packet)
{
	packet->holders++;
	return packet;
}

struct packet *packet_release(struct packet *packet)
{
	if (packet && --packet->holders == 0)
		free(packet);
	return NULL;
}

/* --- a queue --- */

static struct packet_entry *entry(const struct packet_queue *queue, size_t i)
{
	return &queue->entries[(queue->first + i) % queue->room];
}

static void grow(struct packet_queue *queue)
{
	struct packet_queue larger = {.n = queue->n, .room = queue->room ? 2 * queue->room : 16};
	larger.entries = calloc(larger.room, sizeof(*larger.entries));
	if (!larger.entries)
		abort();
	for (size_t i = 0; i < queue->n; i++)
		larger.entries[i] = *entry(queue, i);
	free(queue->entries);
	*queue = larger;
}

void packet_queue_add(struct packet_queue *queue, usec due, struct packet *packet)
{
	if (queue->n == queue->room)
		grow(queue);
	if (queue->n > 0 && due < entry(queue, queue->n - 1)->due)
		due = entry(queue, queue->n - 1)->due;
	*entry(queue, queue->n++) = (struct packet_entry){.due = due, .packet = packet};
}

bool packet_queue_overtake(struct packet_queue *queue)
{
	if (queue->n < 2)
		return false;
	struct packet_entry *last = entry(queue, queue->n - 1),
			    *before = entry(queue, queue->n - 2);
	struct packet *packet = last->packet;
	if (!packet || !before->packet)
		return false; /* nothing comes after the end */
	last->packet = before->packet;
	before->packet = packet;
	return true;
}

usec packet_queue_due(const struct packet_queue *queue)
{
	return queue->n > 0 ? entry(queue, 0)->due : USEC_NEVER;
}

struct packet *packet_queue_take(struct packet_queue *queue)
{
	struct packet *packet = entry(queue, 0)->packet;
	queue->first = (queue->first + 1) % queue->room;
	queue->n--;
	return packet;
}

void packet_queue_clear(struct packet_queue *queue)
{
	while (queue->n > 0)
		packet_release(packet_queue_take(queue));
	free(queue->entries);
	*queue = (struct packet_queue){0};
}

/* --- topics --- */

bool packet_topic_matches(const char *filter, const char *topic)
{
	for (; *filter && *filter != '#'; filter++) {
		if (*filter == '+')
			topic += strcspn(topic, "/");
		else if (*filter == *topic)
			topic++;
		else
			return *topic == '\0' && strcmp(filter, "/#") == 0;
	}
	return *filter == '#' || *topic == '\0';
}
