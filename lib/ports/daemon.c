#include "lib/ports/daemon.h"

#include "lib/base/log.h"
#include "lib/ports/client_id.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define QUEUE_MAX     20000 /* messages that wait for the node */
#define DISPATCH_MAX  4096  /* of them in one round of the loop, if they are quick */
#define DISPATCH_TIME (250 * MSEC)
#define DISPATCH_STEP 16
#define GOODBYE       (2 * SECOND)
#define WATCHES_MAX   2

struct watch {
	int (*ready)(void *context);
	void *context;
	struct loop_fd *fd;
};

struct daemon {
	struct mqtt_port port; /* first: the port is the object */
	struct broker_config broker;
	char name[NAME_SIZE];
	char client_id[CLIENT_ID_SIZE];
	struct clock_port *clock;
	struct loop_handler loop_handler; /* borrowed by the loop */
	struct mqtt_handler mqtt_handler; /* borrowed by Paho's port, and so are the options */
	struct mqtt_options mqtt_options;
	struct loop *loop;
	struct mqtt_paho *paho;
	struct loop_fd *paho_fd;
	struct watch watches[WATCHES_MAX];
	int watches_count;
	const struct daemon_node *calls;
	void *node;
	const struct mqtt_message *will; /* of this session; the node's */
	int error; /* of a call out of Paho's dispatch, which has no way to return it */
};

const char *const broker_schemes[] = {"mqtt", "mqtts", NULL};

static void keep_error(struct daemon *daemon, int r)
{
	if (r < 0 && daemon->error == 0)
		daemon->error = r;
}

/* --- from the network to the node ------------------------------------------------------------ */

static void on_message(void *context, const struct mqtt_message *message)
{
	struct daemon *daemon = context;
	if (daemon->error == 0)
		keep_error(daemon, daemon->calls->message(daemon->node, message));
}

static void on_connected(void *context)
{
	struct daemon *daemon = context;
	loop_status("connected to %s", daemon->broker.uri);
	keep_error(daemon, daemon->calls->connected(daemon->node));
}

static void on_disconnected(void *context)
{
	struct daemon *daemon = context;
	loop_status("the broker is lost");
	daemon->calls->disconnected(daemon->node);
}

static const struct mqtt_message *on_will(void *context)
{
	struct daemon *daemon = context;
	daemon->will = daemon->calls->will(daemon->node);
	return daemon->will;
}

static void on_taken_over(void *context)
{
	struct daemon *daemon = context;
	keep_error(daemon, daemon->calls->taken_over(daemon->node));
}

static int publish(struct mqtt_port *mqtt, const struct mqtt_message *message)
{
	struct daemon *daemon = (struct daemon *)mqtt;
	if (!daemon->paho)
		return -ENOTCONN;
	struct mqtt_port *port = mqtt_paho_port(daemon->paho);
	return port->publish(port, message);
}

/* --- from the loop to the node --------------------------------------------------------------- */

/* Whoever sends what takes long must not keep the loop from its timers and the watchdog. What is
 * left keeps the fd readable. */
static void dispatch(struct daemon *daemon)
{
	usec end = daemon->clock->boottime(daemon->clock) + DISPATCH_TIME;
	for (size_t done = 0; done < DISPATCH_MAX; done += DISPATCH_STEP)
		if (mqtt_paho_dispatch(daemon->paho, DISPATCH_STEP) < DISPATCH_STEP ||
			daemon->error < 0 || daemon->clock->boottime(daemon->clock) >= end)
			return;
}

static int on_paho_ready(void *context, uint32_t events)
{
	struct daemon *daemon = context;
	(void)events;
	dispatch(daemon);
	mqtt_paho_tick(daemon->paho, daemon->clock->boottime(daemon->clock));
	return daemon->error;
}

static int on_watch_ready(void *context, uint32_t events)
{
	struct watch *watch = context;
	(void)events;
	return watch->ready(watch->context);
}

static usec on_next_due(void *context)
{
	struct daemon *daemon = context;
	return usec_min(daemon->calls->next_due(daemon->node), mqtt_paho_next_due(daemon->paho));
}

static int on_tick(void *context)
{
	struct daemon *daemon = context;
	mqtt_paho_tick(daemon->paho, daemon->clock->boottime(daemon->clock));
	int r = daemon->calls->tick(daemon->node);
	return r < 0 ? r : daemon->error;
}

static int on_after(void *context)
{
	struct daemon *daemon = context;
	return daemon->calls->after ? daemon->calls->after(daemon->node) : 0;
}

static bool on_healthy(void *context)
{
	struct daemon *daemon = context;
	return daemon->calls->healthy(daemon->node);
}

/* --- life ------------------------------------------------------------------------------------ */

int daemon_new(const struct broker_config *broker, const char *name, struct clock_port *clock,
	struct daemon **ret_daemon)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));
	if (!daemon)
		abort();
	*daemon = (struct daemon){.port = {.publish = publish}, .broker = *broker, .clock = clock};
	TEXT_COPY(daemon->name, name);
	daemon->loop_handler = (struct loop_handler){
		.context = daemon,
		.next_due = on_next_due,
		.tick = on_tick,
		.after = on_after,
		.healthy = on_healthy,
	};
	int r = loop_new(&daemon->loop_handler, &daemon->loop);
	if (r < 0) {
		daemon_free(daemon);
		return r;
	}
	*ret_daemon = daemon;
	return 0;
}

struct daemon *daemon_free(struct daemon *daemon)
{
	if (!daemon)
		return NULL;
	for (int i = 0; i < daemon->watches_count; i++)
		loop_fd_free(daemon->watches[i].fd);
	loop_fd_free(daemon->paho_fd);
	mqtt_paho_free(daemon->paho);
	loop_free(daemon->loop);
	free(daemon);
	return NULL;
}

struct mqtt_port *daemon_mqtt(struct daemon *daemon)
{
	return &daemon->port;
}

int daemon_watch(struct daemon *daemon, int fd, int (*ready)(void *context), void *context)
{
	if (daemon->watches_count == WATCHES_MAX)
		return -ENOBUFS;
	struct watch *watch = &daemon->watches[daemon->watches_count];
	*watch = (struct watch){.ready = ready, .context = context};
	int r = loop_fd_new(daemon->loop, fd, EPOLLIN, on_watch_ready, watch, &watch->fd);
	if (r == 0)
		daemon->watches_count++;
	return r;
}

static const char *or_null(const char *text)
{
	return text[0] ? text : NULL;
}

static int connect_paho(struct daemon *daemon, const char *const *filters)
{
	const struct broker_config *broker = &daemon->broker;
	int r = client_id_make(daemon->name, broker->password, daemon->client_id);
	if (r < 0)
		return r;
	daemon->mqtt_options = (struct mqtt_options){
		.uri = broker->uri,
		.client_id = daemon->client_id,
		.username = broker->user[0] ? broker->user : daemon->name,
		.password = or_null(broker->password),
		.ca_file = or_null(broker->ca_file),
		.cert_file = or_null(broker->cert_file),
		.key_file = or_null(broker->key_file),
		.keep_alive = (int)(broker->keep_alive / SECOND),
		.subscribe = filters,
		.queue_max = QUEUE_MAX,
	};
	daemon->mqtt_handler = (struct mqtt_handler){
		.context = daemon,
		.message = on_message,
		.connected = on_connected,
		.disconnected = on_disconnected,
		.will = on_will,
		.taken_over = on_taken_over,
	};
	r = mqtt_paho_new(&daemon->mqtt_options, &daemon->mqtt_handler, &daemon->paho);
	if (r < 0)
		return r;
	return loop_fd_new(daemon->loop, mqtt_paho_fd(daemon->paho), EPOLLIN, on_paho_ready, daemon,
		&daemon->paho_fd);
}

/* A broker publishes the wills of those it loses only; whoever leaves says so itself, or would be
 * taken for online until it comes back. */
static void say_goodbye(struct daemon *daemon)
{
	struct mqtt_port *port = mqtt_paho_port(daemon->paho);
	if (daemon->will)
		port->publish(port, daemon->will);
	mqtt_paho_stop(daemon->paho, GOODBYE);
}

int daemon_run(struct daemon *daemon, const struct daemon_node *calls, void *node,
	const char *const *filters)
{
	daemon->calls = calls;
	daemon->node = node;
	int r = connect_paho(daemon, filters);
	if (r == 0)
		r = loop_run(daemon->loop);
	if (daemon->paho)
		say_goodbye(daemon);
	if (r < 0)
		log_error("%s: stops: %s", daemon->name, strerror(-r));
	return r;
}
