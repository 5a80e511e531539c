/*
 * A bare subscriber, over Paho as the hub is, that counts the messages and throws them away:
 * bench-subscriber URI USER FILTER MESSAGES COUNTER. Says "ready", and when the last one came (s,
 * CLOCK_MONOTONIC). COUNTER: a file to count in.
 */
#include "tests/bench/counter.h"

#include <MQTTAsync.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct subscriber {
	MQTTAsync handle;
	char *filter;
	uint64_t messages;
	_Atomic uint64_t *count;
	sem_t ready, done;
};

static void give_up(void *context, MQTTAsync_failureData5 *failure)
{
	(void)context;
	fprintf(stderr, "the broker refuses: %d\n", failure->code);
	exit(EXIT_FAILURE);
}

static void on_subscribed(void *context, MQTTAsync_successData5 *success)
{
	(void)success;
	struct subscriber *subscriber = context;
	sem_post(&subscriber->ready);
}

static void on_connected(void *context, MQTTAsync_successData5 *success)
{
	(void)success;
	struct subscriber *subscriber = context;
	MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
	options.context = context;
	options.onSuccess5 = on_subscribed;
	options.onFailure5 = give_up;
	MQTTAsync_subscribe(subscriber->handle, subscriber->filter, 1, &options);
}

static int on_message(void *context, char *topic, int topic_length, MQTTAsync_message *message)
{
	(void)topic_length;
	struct subscriber *subscriber = context;
	MQTTAsync_freeMessage(&message);
	MQTTAsync_free(topic);
	if (++*subscriber->count == subscriber->messages)
		sem_post(&subscriber->done);
	return 1;
}

static void connect_to(struct subscriber *subscriber, const char *uri, const char *user)
{
	char password[64];
	snprintf(password, sizeof(password), "%s-password", user);
	MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
	MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
	options.username = user;
	options.password = password;
	options.keepAliveInterval = 20;
	options.context = subscriber;
	options.onSuccess5 = on_connected;
	options.onFailure5 = give_up;
	if (MQTTAsync_createWithOptions(&subscriber->handle, uri, user, MQTTCLIENT_PERSISTENCE_NONE,
		    NULL, &create) != MQTTASYNC_SUCCESS ||
		MQTTAsync_setCallbacks(subscriber->handle, subscriber, NULL, on_message, NULL) !=
			MQTTASYNC_SUCCESS ||
		MQTTAsync_connect(subscriber->handle, &options) != MQTTASYNC_SUCCESS)
		abort();
	while (sem_wait(&subscriber->ready) != 0)
		;
}

int main(int argc, char **argv)
{
	static struct subscriber subscriber;
	if (argc != 6)
		return EXIT_FAILURE;
	subscriber.filter = argv[3];
	subscriber.messages = strtoull(argv[4], NULL, 10);
	subscriber.count = counter_map(argv[5]);
	sem_init(&subscriber.ready, 0, 0);
	sem_init(&subscriber.done, 0, 0);
	connect_to(&subscriber, argv[1], argv[2]);
	puts("ready");
	fflush(stdout);
	while (sem_wait(&subscriber.done) != 0)
		;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("%.6f\n", (double)now.tv_sec + (double)now.tv_nsec / 1e9);
	fflush(stdout);
	(void)getchar();
	return 0;
}
