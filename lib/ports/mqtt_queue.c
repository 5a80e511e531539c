/*
 * Two lists: threads append to `arriving` under the lock; the node's thread takes the whole of it
 * at once and works it off as `taken`, without the lock. The eventfd is written when `arriving`
 * becomes non-empty and read when both are found empty: two system calls for a burst, not two for
 * a message.
 */
#include "lib/ports/mqtt_queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Users, by a hash of their names. Those who meet in one share its room. */
#define ASKERS 1024

struct asker {
	atomic_size_t messages;
	atomic_size_t bytes;
};

struct mqtt_queue {
	size_t messages_max;
	size_t bytes_max;
	int fd;
	struct mqtt_item *taken; /* the taker's own */

	pthread_mutex_t lock; /* for what follows; never held while calling anything else */
	struct mqtt_item *arriving;
	struct mqtt_item **arriving_end;
	/* Messages that wait in either list; the taker takes them off without the lock. */
	atomic_size_t messages;
	atomic_size_t bytes;
	struct asker askers[ASKERS]; /* the part of that which is requests */
	atomic_uint_fast64_t dropped;
};

static size_t string_size(const char *string)
{
	return string ? strlen(string) + 1 : 0;
}

static size_t size_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Copies size bytes to *end and moves *end behind them; NULL stays NULL. */
static const void *append(char **end, const void *bytes, size_t size)
{
	if (!bytes)
		return NULL;
	char *copy = memcpy(*end, bytes, size);
	*end += size;
	return copy;
}

/* A request's topic is ".../request/{user}/{operation}". The hash is FNV-1a (Fowler, Noll, Vo). */
static unsigned int asker_of(const char *topic)
{
	static const char before[] = "/request/";
	const char *user = topic ? strstr(topic, before) : NULL;
	uint32_t hash = 2166136261U;
	if (!user)
		return 0;
	for (const char *at = user + strlen(before); *at && *at != '/'; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619U;
	return 1 + hash % (ASKERS - 1);
}

static struct mqtt_item *item_alloc(uint64_t session, enum mqtt_item_kind kind, size_t size)
{
	struct mqtt_item *item = malloc(sizeof(*item) + size);
	if (!item)
		abort();
	*item = (struct mqtt_item){.kind = kind, .session = session, .size = size};
	return item;
}

struct mqtt_item *mqtt_item_new_message(uint64_t session, const struct mqtt_message *message)
{
	size_t topic = string_size(message->topic);
	size_t content_type = string_size(message->content_type);
	/* These are cut, not refused: whoever asks shall hear that they are too long. */
	size_t payload = size_min(message->size, MQTT_PAYLOAD_MAX + 1);
	size_t response_topic = size_min(string_size(message->response_topic), MQTT_TOPIC_MAX);
	size_t correlation = size_min(message->correlation_size, MQTT_CORRELATION_MAX + 1);
	if (topic > MQTT_TOPIC_MAX || content_type > MQTT_TOPIC_MAX)
		return NULL;

	struct mqtt_item *item = item_alloc(session, MQTT_ITEM_MESSAGE,
		topic + content_type + response_topic + correlation + payload);
	char *end = item->data;
	item->message = *message;
	item->asker = asker_of(message->topic);
	item->message.topic = append(&end, message->topic, topic);
	item->message.content_type = append(&end, message->content_type, content_type);
	item->message.response_topic = append(&end, message->response_topic, response_topic);
	if (response_topic)
		end[-1] = '\0';
	item->message.correlation = append(&end, message->correlation, correlation);
	item->message.correlation_size = correlation;
	item->message.payload = append(&end, message->payload, payload);
	item->message.size = payload;
	return item;
}

struct mqtt_item *mqtt_item_new(uint64_t session, enum mqtt_item_kind kind, const char *reason)
{
	size_t length = strnlen(reason, MQTT_REASON_MAX - 1);
	struct mqtt_item *item = item_alloc(session, kind, length + 1);
	memcpy(item->data, reason, length);
	item->data[length] = '\0';
	return item;
}

struct mqtt_item *mqtt_item_free(struct mqtt_item *item)
{
	free(item);
	return NULL;
}

struct mqtt_queue *mqtt_queue_new(size_t messages_max, size_t bytes_max)
{
	struct mqtt_queue *queue = calloc(1, sizeof(*queue));
	if (!queue)
		abort();
	queue->messages_max = messages_max;
	queue->bytes_max = bytes_max;
	queue->arriving_end = &queue->arriving;
	queue->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (queue->fd < 0 || pthread_mutex_init(&queue->lock, NULL) != 0)
		abort();
	return queue;
}

static void free_chain(struct mqtt_item *item)
{
	while (item) {
		struct mqtt_item *next = item->next;
		mqtt_item_free(item);
		item = next;
	}
}

struct mqtt_queue *mqtt_queue_free(struct mqtt_queue *queue)
{
	if (!queue)
		return NULL;
	free_chain(queue->taken);
	free_chain(queue->arriving);
	pthread_mutex_destroy(&queue->lock);
	close(queue->fd);
	free(queue);
	return NULL;
}

int mqtt_queue_fd(struct mqtt_queue *queue)
{
	return queue->fd;
}

static void raise_fd(struct mqtt_queue *queue)
{
	/* Fails only when it is readable anyway. */
	(void)!write(queue->fd, &(uint64_t){1}, sizeof(uint64_t));
}

static void lower_fd(struct mqtt_queue *queue)
{
	uint64_t count;
	(void)!read(queue->fd, &count, sizeof(count));
}

static bool has_room(struct mqtt_queue *queue, const struct mqtt_item *item)
{
	if (item->kind != MQTT_ITEM_MESSAGE)
		return true;
	const struct asker *asker = &queue->askers[item->asker];
	bool fair = item->asker == 0 ||
		    (asker->messages < queue->messages_max / MQTT_QUEUE_ASKERS &&
			    asker->bytes + item->size <= queue->bytes_max / MQTT_QUEUE_ASKERS);
	return fair && queue->messages < queue->messages_max &&
	       queue->bytes + item->size <= queue->bytes_max;
}

static void count_in(struct mqtt_queue *queue, const struct mqtt_item *item)
{
	if (item->kind != MQTT_ITEM_MESSAGE)
		return;
	queue->messages += 1;
	queue->bytes += item->size;
	queue->askers[item->asker].messages += 1;
	queue->askers[item->asker].bytes += item->size;
}

static void count_out(struct mqtt_queue *queue, const struct mqtt_item *item)
{
	if (item->kind != MQTT_ITEM_MESSAGE)
		return;
	queue->messages -= 1;
	queue->bytes -= item->size;
	queue->askers[item->asker].messages -= 1;
	queue->askers[item->asker].bytes -= item->size;
}

void mqtt_queue_put(struct mqtt_queue *queue, struct mqtt_item *item)
{
	pthread_mutex_lock(&queue->lock);
	bool room = item && has_room(queue, item);
	if (room) {
		count_in(queue, item);
		if (!queue->arriving)
			raise_fd(queue);
		item->next = NULL;
		*queue->arriving_end = item;
		queue->arriving_end = &item->next;
	} else {
		queue->dropped += 1;
	}
	pthread_mutex_unlock(&queue->lock);
	if (!room)
		mqtt_item_free(item);
}

struct mqtt_item *mqtt_queue_take(struct mqtt_queue *queue)
{
	if (!queue->taken) {
		pthread_mutex_lock(&queue->lock);
		queue->taken = queue->arriving;
		queue->arriving = NULL;
		queue->arriving_end = &queue->arriving;
		/* Under the lock: a putter that comes next must find it unread. */
		if (!queue->taken)
			lower_fd(queue);
		pthread_mutex_unlock(&queue->lock);
	}
	struct mqtt_item *item = queue->taken;
	if (item) {
		queue->taken = item->next;
		item->next = NULL;
		count_out(queue, item);
	}
	return item;
}

void mqtt_queue_return(struct mqtt_queue *queue, struct mqtt_item *first)
{
	struct mqtt_item **end = &first;
	for (; *end; end = &(*end)->next)
		count_in(queue, *end);
	*end = queue->taken;
	queue->taken = first;
	raise_fd(queue);
}

uint64_t mqtt_queue_dropped(struct mqtt_queue *queue)
{
	return queue->dropped;
}
