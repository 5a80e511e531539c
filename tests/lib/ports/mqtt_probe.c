/*
 * A daemon that does nothing but have a broker, on the real loop and the real Paho, for
 * tests/daemons/test_mqtt_paho.py. Its one argument is a JSON object of options; it says what
 * happens as lines of JSON on stdout, and takes orders as lines of JSON on stdin.
 *
 * Its will and its birth bear the number of the session: {"state": "lost" | "up", "session": n}.
 */
#include "lib/base/log.h"
#include "lib/ports/clock.h"
#include "lib/ports/loop.h"
#include "lib/ports/mqtt.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define DISPATCH_MAX 256
#define STOP_TIMEOUT (5 * SECOND)

struct probe {
	json_t *options;
	const char *filters[MQTT_FILTERS_MAX + 1];
	struct mqtt_options broker;
	struct mqtt_handler handler;
	struct loop_handler loop_handler;
	struct mqtt_paho *mqtt;
	struct clock_port *clock;
	struct loop *loop;
	struct loop_fd *mqtt_fd, *stdin_fd;
	usec hurry; /* the port's time runs so many times as fast */
	bool quiet; /* messages are counted and not told */
	long long messages;
	long long session;
	char status[64];
	struct mqtt_message will;
	char input[65536]; /* what was read of the orders */
	size_t input_length;
};

/* Takes the line over. */
static void say(json_t *line)
{
	if (json_dumpf(line, stdout, JSON_COMPACT) < 0 || fputc('\n', stdout) == EOF ||
		fflush(stdout) != 0)
		exit(1);
	json_decref(line);
}

static const char *string_option(struct probe *probe, const char *name)
{
	return json_string_value(json_object_get(probe->options, name));
}

static long long number_option(struct probe *probe, const char *name, long long otherwise)
{
	json_t *value = json_object_get(probe->options, name);
	return value ? json_integer_value(value) : otherwise;
}

static struct mqtt_message status_message(struct probe *probe, const char *state)
{
	(void)snprintf(probe->status, sizeof(probe->status),
		"{\"state\": \"%s\", \"session\": %lld}", state, probe->session);
	return (struct mqtt_message){
		.topic = string_option(probe, "status"),
		.payload = probe->status,
		.size = strlen(probe->status),
		.qos = 1,
		.retain = true,
		.content_type = "application/json",
	};
}

static void say_status(struct probe *probe, const char *state)
{
	struct mqtt_message status = status_message(probe, state);
	struct mqtt_port *port = mqtt_paho_port(probe->mqtt);
	if (status.topic && port->publish(port, &status) != 0)
		log_error("cannot publish the status");
}

static json_t *text(const void *bytes, size_t size)
{
	return bytes ? json_stringn(bytes, size) : json_null();
}

static json_t *name(const char *string)
{
	return text(string, string ? strlen(string) : 0);
}

static void on_message(void *context, const struct mqtt_message *message)
{
	struct probe *probe = context;
	probe->messages += 1;
	if (probe->quiet)
		return;
	say(json_pack("{s:s, s:s, s:o, s:i, s:b, s:I, s:o, s:o, s:o}", "event", "message", "topic",
		message->topic, "payload", text(message->payload, message->size), "qos",
		message->qos, "retain", message->retain, "expiry", (json_int_t)message->expiry,
		"content_type", name(message->content_type), "response_topic",
		name(message->response_topic), "correlation",
		text(message->correlation, message->correlation_size)));
}

static void on_connected(void *context)
{
	struct probe *probe = context;
	say_status(probe, "up");
	say(json_pack("{s:s, s:I}", "event", "connected", "session", (json_int_t)probe->session));
}

static void on_disconnected(void *context)
{
	(void)context;
	say(json_pack("{s:s}", "event", "disconnected"));
}

static void on_taken_over(void *context)
{
	(void)context;
	say(json_pack("{s:s}", "event", "taken-over"));
}

static const struct mqtt_message *on_will(void *context)
{
	struct probe *probe = context;
	probe->session += 1;
	say(json_pack("{s:s, s:I}", "event", "attempt", "session", (json_int_t)probe->session));
	probe->will = status_message(probe, "lost");
	return probe->will.topic ? &probe->will : NULL;
}

static void do_publish(struct probe *probe, json_t *order)
{
	json_t *payload = json_object_get(order, "payload");
	json_t *correlation = json_object_get(order, "correlation");
	struct mqtt_message message = {
		.topic = json_string_value(json_object_get(order, "topic")),
		.payload = json_string_value(payload),
		.size = json_string_length(payload),
		.qos = (int)json_integer_value(json_object_get(order, "qos")),
		.retain = json_is_true(json_object_get(order, "retain")),
		.expiry = (uint32_t)json_integer_value(json_object_get(order, "expiry")),
		.content_type = json_string_value(json_object_get(order, "content_type")),
		.response_topic = json_string_value(json_object_get(order, "response_topic")),
		.correlation = json_string_value(correlation),
		.correlation_size = json_string_length(correlation),
	};
	struct mqtt_port *port = mqtt_paho_port(probe->mqtt);
	long long times = json_integer_value(json_object_get(order, "times"));
	long long taken = 0;
	int r = 0;
	for (long long i = 0; i < (times > 0 ? times : 1) && r == 0; i++) {
		r = port->publish(port, &message);
		taken += r == 0;
	}
	say(json_pack(
		"{s:s, s:i, s:I}", "event", "published", "result", r, "taken", (json_int_t)taken));
}

static int on_mqtt(void *context, uint32_t events)
{
	(void)events;
	struct probe *probe = context;
	(void)mqtt_paho_dispatch(probe->mqtt, DISPATCH_MAX);
	return 0;
}

static int watch_mqtt(struct probe *probe)
{
	return loop_fd_new(
		probe->loop, mqtt_paho_fd(probe->mqtt), EPOLLIN, on_mqtt, probe, &probe->mqtt_fd);
}

/* "hold" serves the port no more, until "go on". */
static int obey(struct probe *probe, json_t *order)
{
	const char *what = json_string_value(json_object_get(order, "do"));
	if (strcmp(what, "publish") == 0)
		do_publish(probe, order);
	else if (strcmp(what, "hold") == 0)
		probe->mqtt_fd = loop_fd_free(probe->mqtt_fd);
	else if (strcmp(what, "go on") == 0)
		return watch_mqtt(probe);
	else if (strcmp(what, "be quiet") == 0)
		probe->quiet = true;
	else if (strcmp(what, "count") == 0)
		say(json_pack("{s:s, s:I, s:I}", "event", "count", "messages",
			(json_int_t)probe->messages, "dropped",
			(json_int_t)mqtt_paho_dropped(probe->mqtt)));
	else
		return -EINVAL;
	return 0;
}

static int obey_line(struct probe *probe, const char *line, size_t length)
{
	json_t *order = json_loadb(line, length, JSON_ALLOW_NUL, NULL);
	int r = order ? obey(probe, order) : -EINVAL;
	json_decref(order);
	return r;
}

static int on_stdin(void *context, uint32_t events)
{
	(void)events;
	struct probe *probe = context;
	ssize_t n = read(STDIN_FILENO, probe->input + probe->input_length,
		sizeof(probe->input) - probe->input_length);
	if (n <= 0)
		return n < 0 ? -errno : -EPIPE;
	probe->input_length += (size_t)n;
	char *end;
	while ((end = memchr(probe->input, '\n', probe->input_length))) {
		int r = obey_line(probe, probe->input, (size_t)(end - probe->input));
		if (r < 0)
			return r;
		probe->input_length -= (size_t)(end + 1 - probe->input);
		memmove(probe->input, end + 1, probe->input_length);
	}
	return 0;
}

static usec hurried(struct probe *probe)
{
	return probe->clock->boottime(probe->clock) * probe->hurry;
}

static int on_tick(void *context)
{
	struct probe *probe = context;
	mqtt_paho_tick(probe->mqtt, hurried(probe));
	return 0;
}

static usec on_next_due(void *context)
{
	struct probe *probe = context;
	usec due = mqtt_paho_next_due(probe->mqtt);
	return due == USEC_NEVER ? due : (due + probe->hurry - 1) / probe->hurry;
}

static void read_options(struct probe *probe)
{
	json_t *filter;
	size_t i;
	json_array_foreach(json_object_get(probe->options, "subscribe"), i, filter)
		probe->filters[i] = json_string_value(filter);
	probe->hurry = number_option(probe, "hurry", 1);
	probe->quiet = json_is_true(json_object_get(probe->options, "quiet"));
	probe->broker = (struct mqtt_options){
		.uri = string_option(probe, "uri"),
		.client_id = string_option(probe, "client_id"),
		.username = string_option(probe, "username"),
		.password = string_option(probe, "password"),
		.ca_file = string_option(probe, "ca_file"),
		.cert_file = string_option(probe, "cert_file"),
		.key_file = string_option(probe, "key_file"),
		.keep_alive = (int)number_option(probe, "keep_alive", 60),
		.subscribe = probe->filters,
		.queue_max = (size_t)number_option(probe, "queue_max", 1000),
	};
	probe->handler = (struct mqtt_handler){
		.context = probe,
		.message = on_message,
		.connected = on_connected,
		.disconnected = on_disconnected,
		.will = on_will,
		.taken_over = on_taken_over,
	};
	probe->loop_handler = (struct loop_handler){
		.context = probe,
		.next_due = on_next_due,
		.tick = on_tick,
	};
}

static int run(struct probe *probe)
{
	int r = loop_new(&probe->loop_handler, &probe->loop);
	if (r == 0)
		r = mqtt_paho_new(&probe->broker, &probe->handler, &probe->mqtt);
	if (r == 0)
		r = watch_mqtt(probe);
	if (r == 0)
		r = loop_fd_new(
			probe->loop, STDIN_FILENO, EPOLLIN, on_stdin, probe, &probe->stdin_fd);
	if (r == 0)
		r = loop_run(probe->loop);
	if (r < 0)
		return r;
	say_status(probe, "stopped");
	mqtt_paho_stop(probe->mqtt, STOP_TIMEOUT);
	return 0;
}

int main(int argc, char **argv)
{
	static struct probe probe;
	probe.options = argc == 2 ? json_loads(argv[1], 0, NULL) : NULL;
	if (!probe.options)
		return 2;
	log_set_level(LOG_LEVEL_DEBUG);
	probe.clock = clock_os_new(true);
	read_options(&probe);
	int r = run(&probe);
	if (r < 0)
		log_error("%s", strerror(-r));
	loop_fd_free(probe.stdin_fd);
	loop_fd_free(probe.mqtt_fd);
	mqtt_paho_free(probe.mqtt);
	loop_free(probe.loop);
	clock_os_free(probe.clock);
	json_decref(probe.options);
	return r < 0;
}
