/*
 * Plays a recorded stream to a broker, each kiosk over a connection of its own:
 * bench-feed ADDRESS PORT RECORDING BATCH WINDOW PACE [TIMES]
 *
 * A kiosk has WINDOW batches of BATCH events under way. PACE says when a batch has arrived: "ack",
 * when the hub has acked its last event, as with a real kiosk. Otherwise it is the file where a
 * subscriber that does not answer counts: then it is when the broker has taken the batch, but so
 * that no more than LAG wait for the subscriber. TIMES: the stream is played so often.
 *
 * Says "ready", waits for a line, plays, and says when it began and ended (s, CLOCK_MONOTONIC),
 * how many messages and events it were, and how long a batch took to arrive (ms, median and the
 * 99th of a hundred).
 */
#include "lib/base/text.h"
#include "tests/bench/counter.h"
#include "tests/bench/recording.h"
#include "tests/bench/stream.h"
#include "tests/bench/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONTENT_TYPE "application/cloudevents-batch+json"
#define TOPIC_PREFIX "lendlock/v1/town/kiosk/"
#define BUFFER       16384
#define LAG          500

struct batch {
	uint8_t *packet;
	size_t size;
	int64_t seq; /* of its last event */
};

struct kiosk {
	int fd;
	char name[NAME_SIZE];
	struct batch *batches;
	size_t sent, arrived; /* of all its batches, times included */
	double *sent_at;
	const uint8_t *unsent; /* what the socket did not take */
	size_t unsent_size;
	bool waiting; /* until the socket takes more */
	uint8_t buffer[BUFFER];
	size_t buffered;
};

struct feed {
	struct recording recording;
	struct sockaddr_in broker;
	size_t batch, window, times;
	const _Atomic uint64_t *received; /* by the subscriber; NULL: by the hub, which acks */
	size_t sent;
	bool held;      /* some kiosks, by LAG */
	size_t batches; /* of each kiosk */
	struct kiosk *kiosks;
	int epoll;
	size_t left; /* batches to arrive */
	double *latencies;
	size_t latencies_n;
};

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The number in the text behind key; -1 if it is not there. */
static int64_t number_after(const void *bytes, size_t size, const char *key)
{
	const char *found = memmem(bytes, size, key, strlen(key));
	return found ? strtoll(found + strlen(key), NULL, 10) : -1;
}

/* --- before the clock starts ----------------------------------------------------------------- */

static void make_batches(struct feed *feed, int number)
{
	struct kiosk *kiosk = &feed->kiosks[number];
	char topic[128];
	snprintf(topic, sizeof(topic), TOPIC_PREFIX "%s/event", kiosk->name);
	kiosk->batches = calloc(feed->batches, sizeof(*kiosk->batches));
	kiosk->sent_at = calloc(feed->batches * feed->times, sizeof(*kiosk->sent_at));
	if (!kiosk->batches || !kiosk->sent_at)
		abort();
	for (size_t i = 0; i < feed->batches; i++) {
		struct batch *batch = &kiosk->batches[i];
		size_t last = (i + 1) * feed->batch - 1, size;
		char *payload = recording_batch(
			&feed->recording, number, i * feed->batch, feed->batch, &size);
		batch->packet = wire_publish(topic, CONTENT_TYPE, payload, size,
			(uint16_t)(i % 65535 + 1), &batch->size);
		const char *event =
			feed->recording
				.lines[last * (size_t)feed->recording.kiosks + (size_t)number];
		batch->seq = number_after(event, strlen(event), "\"sequence\":\"");
		free(payload);
	}
}

static void send_all(struct kiosk *kiosk, uint8_t *packet, size_t size)
{
	if (write(kiosk->fd, packet, size) != (ssize_t)size)
		fail("%s: write: %m", kiosk->name);
	free(packet);
}

static void expect(struct kiosk *kiosk, enum wire_type type)
{
	struct wire_packet packet;
	size_t size = 0;
	do {
		ssize_t n = read(kiosk->fd, kiosk->buffer + size, BUFFER - size);
		if (n <= 0)
			fail("%s: the broker does not answer", kiosk->name);
		size += (size_t)n;
	} while (!wire_read(kiosk->buffer, size, &packet));
	/* The reason, behind the flags of a CONNACK and the id and properties of a SUBACK. */
	if (packet.type != type || packet.body[type == WIRE_CONNACK ? 1 : 3] >= 0x80)
		fail("%s: the broker refuses", kiosk->name);
	kiosk->buffered = size - packet.size;
	memmove(kiosk->buffer, kiosk->buffer + packet.size, kiosk->buffered);
}

static void connect_kiosk(struct feed *feed, struct kiosk *kiosk)
{
	char password[64], filter[128];
	size_t size;
	kiosk->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(kiosk->fd, (struct sockaddr *)&feed->broker, sizeof(feed->broker)) < 0 ||
		setsockopt(kiosk->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) < 0)
		fail("%s: connect: %m", kiosk->name);
	snprintf(password, sizeof(password), "%s-password", kiosk->name);
	uint8_t *packet = wire_connect(kiosk->name, password, &size);
	send_all(kiosk, packet, size);
	expect(kiosk, WIRE_CONNACK);
	if (!feed->received) {
		snprintf(filter, sizeof(filter), TOPIC_PREFIX "%s/ack", kiosk->name);
		packet = wire_subscribe(filter, &size);
		send_all(kiosk, packet, size);
		expect(kiosk, WIRE_SUBACK);
	}
	struct epoll_event interest = {.events = EPOLLIN, .data.ptr = kiosk};
	if (fcntl(kiosk->fd, F_SETFL, O_NONBLOCK) < 0 ||
		epoll_ctl(feed->epoll, EPOLL_CTL_ADD, kiosk->fd, &interest) < 0)
		fail("%s: %m", kiosk->name);
}

static void set_up(struct feed *feed)
{
	feed->batches = feed->recording.events / feed->batch;
	feed->epoll = epoll_create1(EPOLL_CLOEXEC);
	feed->left = feed->batches * feed->times * (size_t)feed->recording.kiosks;
	feed->kiosks = calloc((size_t)feed->recording.kiosks, sizeof(*feed->kiosks));
	feed->latencies = calloc(feed->left, sizeof(*feed->latencies));
	if (!feed->kiosks || !feed->latencies)
		abort();
	for (int i = 0; i < feed->recording.kiosks; i++) {
		stream_kiosk(i, feed->kiosks[i].name);
		make_batches(feed, i);
		connect_kiosk(feed, &feed->kiosks[i]);
	}
}

/* --- the play -------------------------------------------------------------------------------- */

static void wait_for_room(struct feed *feed, struct kiosk *kiosk, bool waiting)
{
	struct epoll_event interest = {
		.events = waiting ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = kiosk};
	if (waiting != kiosk->waiting &&
		epoll_ctl(feed->epoll, EPOLL_CTL_MOD, kiosk->fd, &interest) < 0)
		fail("%s: %m", kiosk->name);
	kiosk->waiting = waiting;
}

static void push(struct feed *feed, struct kiosk *kiosk)
{
	ssize_t n = write(kiosk->fd, kiosk->unsent, kiosk->unsent_size);
	if (n < 0 && errno != EAGAIN)
		fail("%s: write: %m", kiosk->name);
	if (n > 0) {
		kiosk->unsent += n;
		kiosk->unsent_size -= (size_t)n;
	}
	wait_for_room(feed, kiosk, kiosk->unsent_size > 0);
}

static bool may_send(struct feed *feed, const struct kiosk *kiosk)
{
	if (kiosk->unsent_size > 0 || kiosk->sent == feed->batches * feed->times ||
		kiosk->sent == kiosk->arrived + feed->window)
		return false;
	bool lags = feed->received && feed->sent >= *feed->received + LAG;
	feed->held |= lags;
	return !lags;
}

static void send_next(struct feed *feed, struct kiosk *kiosk)
{
	while (may_send(feed, kiosk)) {
		const struct batch *batch = &kiosk->batches[kiosk->sent % feed->batches];
		kiosk->sent_at[kiosk->sent++] = seconds();
		feed->sent++;
		kiosk->unsent = batch->packet;
		kiosk->unsent_size = batch->size;
		push(feed, kiosk);
	}
}

static void arrive(struct feed *feed, struct kiosk *kiosk)
{
	feed->latencies[feed->latencies_n++] = seconds() - kiosk->sent_at[kiosk->arrived++];
	feed->left--;
}

static void take_packet(struct feed *feed, struct kiosk *kiosk, const struct wire_packet *packet)
{
	if (packet->type == WIRE_DISCONNECT)
		fail("%s: the broker ends the session", kiosk->name);
	if (packet->type == WIRE_PUBACK && feed->received)
		arrive(feed, kiosk);
	if (packet->type != WIRE_PUBLISH)
		return;
	int64_t seq = number_after(packet->body, packet->body_size, "\"seq\":");
	while (kiosk->arrived < kiosk->sent && kiosk->batches[kiosk->arrived].seq <= seq)
		arrive(feed, kiosk);
}

static void receive(struct feed *feed, struct kiosk *kiosk)
{
	ssize_t n = read(kiosk->fd, kiosk->buffer + kiosk->buffered, BUFFER - kiosk->buffered);
	if (n <= 0)
		fail("%s: the broker is gone", kiosk->name);
	kiosk->buffered += (size_t)n;
	size_t at = 0;
	struct wire_packet packet;
	while (wire_read(kiosk->buffer + at, kiosk->buffered - at, &packet)) {
		take_packet(feed, kiosk, &packet);
		at += packet.size;
	}
	kiosk->buffered -= at;
	memmove(kiosk->buffer, kiosk->buffer + at, kiosk->buffered);
}

static void send_to_all(struct feed *feed)
{
	feed->held = false;
	for (int i = 0; i < feed->recording.kiosks; i++)
		send_next(feed, &feed->kiosks[i]);
}

static void play(struct feed *feed)
{
	send_to_all(feed);
	while (feed->left > 0) {
		struct epoll_event events[64];
		int n = epoll_wait(feed->epoll, events, 64, feed->held ? 1 : 30000);
		if (n < 0 || (n == 0 && !feed->held))
			fail("nothing arrives any more; %zu batches are missing", feed->left);
		if (feed->held)
			send_to_all(feed);
		for (int i = 0; i < n; i++) {
			struct kiosk *kiosk = events[i].data.ptr;
			if (events[i].events & EPOLLOUT)
				push(feed, kiosk);
			if (events[i].events & EPOLLIN)
				receive(feed, kiosk);
			send_next(feed, kiosk);
		}
	}
}

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;
	return difference < 0 ? -1 : difference > 0;
}

static void report(struct feed *feed, double start, double end)
{
	size_t n = feed->latencies_n;
	qsort(feed->latencies, n, sizeof(*feed->latencies), compare);
	printf("%.6f %.6f %zu %zu %.3f %.3f\n", start, end, n, n * feed->batch,
		feed->latencies[n / 2] * 1e3, feed->latencies[n * 99 / 100] * 1e3);
}

int main(int argc, char **argv)
{
	static struct feed feed;
	if (argc < 7)
		fail("usage: bench-feed ADDRESS PORT RECORDING BATCH WINDOW PACE [TIMES]");
	feed.broker = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
	inet_pton(AF_INET, argv[1], &feed.broker.sin_addr);
	recording_load(argv[3], &feed.recording);
	feed.batch = strtoul(argv[4], NULL, 10);
	feed.window = strtoul(argv[5], NULL, 10);
	if (strcmp(argv[6], "ack") != 0)
		feed.received = counter_map(argv[6]);
	feed.times = argc > 7 ? strtoul(argv[7], NULL, 10) : 1;
	set_up(&feed);
	puts("ready");
	fflush(stdout);
	(void)getchar();
	double start = seconds();
	play(&feed);
	report(&feed, start, seconds());
	fflush(stdout);
	(void)getchar();
	return 0;
}
