/*
 * What the three daemons' main() have in common: a node (kiosk, hub or adapter) between an event
 * loop and a broker. daemon_new() makes the MQTT port that the node is opened with; daemon_run()
 * connects and serves until SIGTERM or an error.
 */
#ifndef LENDLOCK_PORTS_DAEMON_H
#define LENDLOCK_PORTS_DAEMON_H

#include "lib/config/config.h"
#include "lib/ports/clock.h"
#include "lib/ports/loop.h"
#include "lib/ports/mqtt.h"

/* The broker, as configured; the same keys in each daemon's table. */
struct broker_config {
	char uri[256], user[NAME_SIZE], password[256];
	char ca_file[256], cert_file[256], key_file[256];
	usec keep_alive, say_again;
};
extern const char *const broker_schemes[];

/* The keys of section [broker], for a table over a struct that has a member broker. */
#define BROKER_KEYS(config)                                                                  \
	{.section = "broker",                                                                \
		.key = "uri",                                                                \
		.type = CONFIG_URI,                                                          \
		CONFIG_FIELD(config, broker.uri),                                            \
		.choices = broker_schemes,                                                   \
		.value = "mqtt://127.0.0.1:1883",                                            \
		.help = "Where the broker is; mqtts:// for TLS."},                           \
		{.section = "broker",                                                        \
			.key = "user",                                                       \
			.type = CONFIG_TEXT,                                                 \
			CONFIG_FIELD(config, broker.user),                                   \
			.value = "",                                                         \
			.example = "library",                                                \
			.help = "The name to log in with; empty: this node's own name."},    \
		{.section = "broker",                                                        \
			.key = "password",                                                   \
			.type = CONFIG_PASSWORD,                                             \
			CONFIG_FIELD(config, broker.password),                               \
			.value = "",                                                         \
			.example = "file:/etc/lendlock/password",                            \
			.help = "Its password."},                                            \
		{.section = "broker",                                                        \
			.key = "ca_file",                                                    \
			.type = CONFIG_PATH,                                                 \
			CONFIG_FIELD(config, broker.ca_file),                                \
			.value = "",                                                         \
			.example = "/etc/lendlock/ca.pem",                                   \
			.help = "Certificates to trust with TLS; empty: the system's."},     \
		{.section = "broker",                                                        \
			.key = "cert_file",                                                  \
			.type = CONFIG_PATH,                                                 \
			CONFIG_FIELD(config, broker.cert_file),                              \
			.value = "",                                                         \
			.example = "/etc/lendlock/node.pem",                                 \
			.help = "This node's certificate."},                                 \
		{.section = "broker",                                                        \
			.key = "key_file",                                                   \
			.type = CONFIG_PATH,                                                 \
			CONFIG_FIELD(config, broker.key_file),                               \
			.value = "",                                                         \
			.example = "/etc/lendlock/node.key",                                 \
			.help = "The certificate's key."},                                   \
		{.section = "broker",                                                        \
			.key = "keep_alive",                                                 \
			.type = CONFIG_DURATION,                                             \
			CONFIG_FIELD(config, broker.keep_alive),                             \
			.min = 5 * SECOND,                                                   \
			.max = HOUR,                                                         \
			.value = "20 s",                                                     \
			.help = "How soon a dead connection is noticed, both ways."},        \
	{                                                                                    \
		.section = "broker", .key = "say_again", .type = CONFIG_DURATION,            \
		CONFIG_FIELD(config, broker.say_again), .min = SECOND, .max = DAY,           \
		.value = "5 min",                                                            \
		.help = "What stands at the broker is said again so often, changed or not: " \
			"a broker throws away what is too much for whoever hangs."           \
	}

/* What the daemon asks of its node. Those that return int: 0, or a negative errno that ends it. */
struct daemon_node {
	int (*message)(void *node, const struct mqtt_message *message);
	int (*connected)(void *node);
	void (*disconnected)(void *node);
	const struct mqtt_message *(*will)(void *node);
	int (*taken_over)(void *node);
	int (*after)(void *node); /* at the end of each round of the loop; or NULL */
	int (*tick)(void *node);
	usec (*next_due)(void *node); /* boottime */
	bool (*healthy)(void *node);
};

/* The table of a node whose functions are called KIND_message and so on, taking struct KIND *: a
 * static const struct daemon_node KIND_calls. More members may follow. */
#define DAEMON_NODE(kind, ...)                                                        \
	static int kind##_on_message(void *node, const struct mqtt_message *message)  \
	{                                                                             \
		return kind##_message(node, message);                                 \
	}                                                                             \
	static int kind##_on_connected(void *node)                                    \
	{                                                                             \
		return kind##_connected(node);                                        \
	}                                                                             \
	static void kind##_on_disconnected(void *node)                                \
	{                                                                             \
		kind##_disconnected(node);                                            \
	}                                                                             \
	static const struct mqtt_message *kind##_on_will(void *node)                  \
	{                                                                             \
		return kind##_will(node);                                             \
	}                                                                             \
	static int kind##_on_taken_over(void *node)                                   \
	{                                                                             \
		return kind##_taken_over(node);                                       \
	}                                                                             \
	static int kind##_on_tick(void *node)                                         \
	{                                                                             \
		return kind##_tick(node);                                             \
	}                                                                             \
	static usec kind##_on_next_due(void *node)                                    \
	{                                                                             \
		return kind##_next_due(node);                                         \
	}                                                                             \
	static bool kind##_on_healthy(void *node)                                     \
	{                                                                             \
		return kind##_healthy(node);                                          \
	}                                                                             \
	static const struct daemon_node kind##_calls = {.message = kind##_on_message, \
		.connected = kind##_on_connected,                                     \
		.disconnected = kind##_on_disconnected,                               \
		.will = kind##_on_will,                                               \
		.taken_over = kind##_on_taken_over,                                   \
		.tick = kind##_on_tick,                                               \
		.next_due = kind##_on_next_due,                                       \
		.healthy = kind##_on_healthy,                                         \
		__VA_ARGS__}

struct daemon;

/* name: the node's, for the log, the client id and the user if none is configured. */
int daemon_new(const struct broker_config *broker, const char *name, struct clock_port *clock,
	struct daemon **ret_daemon);
struct daemon *daemon_free(struct daemon *daemon);
/* The port to open the node with; refuses until daemon_run() has connected. */
struct mqtt_port *daemon_mqtt(struct daemon *daemon);
/* More to poll, for input; before daemon_run(). */
int daemon_watch(struct daemon *daemon, int fd, int (*ready)(void *context), void *context);
/* Serves. filters are borrowed. 0 after SIGTERM, or the error that ended it, which is logged. */
int daemon_run(struct daemon *daemon, const struct daemon_node *calls, void *node,
	const char *const *filters);

#endif
