#include "tests/simulator/broker.h"

#include "lib/base/text.h"
#include "lib/wire/record.h"
#include "tests/simulator/packet.h"
#include "tests/simulator/retained.h"
#include "tests/simulator/splits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_PATIENCE (22 * SECOND) /* keep-alive, and a while for the answer */
#define BROKER_PATIENCE (30 * SECOND) /* one and a half keep-alives (MQTT 5.0, 3.1.2.10) */
#define TRY_FIRST       SECOND
#define TRY_MAX         (30 * SECOND)

/* One connection: a session at the broker, and the client's end of it, for as long as one of the
 * two believes in it. */
struct wire {
	struct wire *next;
	char client[NAME_SIZE];
	struct broker_link *link; /* the client's end; NULL: it knows that it is over */
	bool session;             /* the broker's end */
	bool taken_over;
	bool cut;
	const char *const *filters;
	struct packet *will;
	struct packet_queue up, down;
	usec client_gives_up, broker_gives_up;
};

struct broker_link {
	struct mqtt_port port; /* first: the port is the object */
	struct broker *broker;
	struct broker_link *next;
	char name[NAME_SIZE];
	struct mqtt_handler handler;
	const char *const *filters;
	bool cut;
	struct wire *wire;
	usec try_at; /* while there is no wire */
	usec wait;
};

/* A will that is said late. */
struct late {
	struct late *next;
	struct packet *packet;
	usec due;
};

struct broker {
	struct fake_clock *clock;
	struct fake_random *random;
	broker_heard *heard;
	void *context;
	struct broker_faults faults;
	bool up;
	struct broker_link *links;
	struct wire *wires;
	struct retained *retained, *saved;
	struct late *late;
	struct list splits; /* struct split */
};

/* --- queues --- */

static bool strikes(struct broker *broker, int per_thousand)
{
	return per_thousand > 0 &&
	       random_below(&broker->random->port, 1000) < (uint64_t)per_thousand;
}

static usec travel(struct broker *broker)
{
	uint64_t spread = (uint64_t)broker->faults.spread + 1;
	return broker->clock->boottime + broker->faults.delay +
	       (usec)random_below(&broker->random->port, spread);
}

static void send(struct broker *broker, struct packet_queue *queue, struct packet *packet)
{
	struct broker_tally *tally = broker->faults.tally;
	if (strikes(broker, broker->faults.lost)) {
		tally->lost++;
		return;
	}
	packet_queue_add(queue, travel(broker), packet_hold(packet));
	if (strikes(broker, broker->faults.overtaking))
		tally->overtaken += packet_queue_overtake(queue);
	if (strikes(broker, broker->faults.doubled)) {
		tally->doubled++;
		packet_queue_add(queue, travel(broker), packet_hold(packet));
	}
}

static void send_end(struct broker *broker, struct packet_queue *queue)
{
	packet_queue_add(queue, travel(broker), NULL);
}

/* --- the broker's end --- */

static bool wants(const struct wire *wire, const char *topic)
{
	for (const char *const *filter = wire->filters; filter && *filter; filter++)
		if (packet_topic_matches(*filter, topic))
			return true;
	return false;
}

/* A new message of it, as subscribers get it: no retained one, unless it comes out of the store. */
static struct packet *as_delivered(struct packet *packet, bool stored)
{
	struct packet *copy = packet_new(&packet->message, 0);
	copy->expires = packet->expires;
	copy->message.retain = stored;
	return copy;
}

static void route(struct broker *broker, const char *from, struct packet *packet)
{
	if (packet->message.retain)
		retained_put(&broker->retained, packet);
	struct packet *copy = as_delivered(packet, false);
	for (struct wire *wire = broker->wires; wire; wire = wire->next)
		if (wire->session && wants(wire, packet->message.topic) &&
			!splits_have(&broker->splits, from, wire->client))
			send(broker, &wire->down, copy);
	packet_release(copy);
}

static void send_retained(struct broker *broker, struct wire *wire)
{
	for (struct retained *at = broker->retained; at; at = at->next) {
		if (at->packet->message.size == 0 || !wants(wire, at->packet->message.topic))
			continue;
		struct packet *copy = as_delivered(at->packet, true);
		send(broker, &wire->down, copy);
		packet_release(copy);
	}
}

static void say_late(struct broker *broker, struct packet *will)
{
	struct late *late = calloc(1, sizeof(*late));
	if (!late)
		abort();
	usec wait = (usec)random_below(&broker->random->port, 10 * SECOND);
	*late = (struct late){.next = broker->late,
		.packet = packet_hold(will),
		.due = broker->clock->boottime + wait};
	broker->late = late;
	broker->faults.tally->late_wills++;
}

static usec late_due(const struct broker *broker)
{
	usec due = USEC_NEVER;
	for (const struct late *late = broker->late; late; late = late->next)
		due = usec_min(due, late->due);
	return due;
}

static void run_late(struct broker *broker, usec now)
{
	for (struct late **at = &broker->late; *at;) {
		struct late *late = *at;
		if (late->due > now) {
			at = &late->next;
			continue;
		}
		*at = late->next;
		if (broker->up && now != USEC_NEVER)
			route(broker, "", late->packet);
		packet_release(late->packet);
		free(late);
	}
}

/* The broker is done with it: it says the will, and that it is over to a client that
 * still listens. */
static void end_session(struct broker *broker, struct wire *wire)
{
	if (!wire->session)
		return;
	wire->session = false;
	wire->broker_gives_up = USEC_NEVER;
	packet_queue_clear(&wire->up);
	struct packet *will = wire->will;
	wire->will = NULL;
	if (will && broker->up && strikes(broker, broker->faults.late_wills))
		say_late(broker, will);
	else if (will)
		route(broker, wire->client, will);
	packet_release(will);
	packet_queue_clear(&wire->down);
	send_end(broker, &wire->down);
}

/* --- the client's end --- */

static void plan_try(struct broker_link *link)
{
	struct broker *broker = link->broker;
	link->try_at = broker->clock->boottime + link->wait / 2 +
		       (usec)random_below(&broker->random->port, (uint64_t)link->wait / 2 + 1);
	link->wait = usec_min(2 * link->wait, TRY_MAX);
}

static void client_lost(struct wire *wire)
{
	struct broker_link *link = wire->link;
	if (!link)
		return;
	wire->link = NULL;
	wire->client_gives_up = USEC_NEVER;
	link->wire = NULL;
	if (wire->taken_over) /* as lib/ports/mqtt_paho.c does */
		link->wait = TRY_MAX;
	plan_try(link);
	if (link->handler.disconnected)
		link->handler.disconnected(link->handler.context);
	if (wire->taken_over && link->handler.taken_over)
		link->handler.taken_over(link->handler.context);
}

static struct wire *wire_new(struct broker_link *link)
{
	struct wire *wire = calloc(1, sizeof(*wire));
	if (!wire)
		abort();
	*wire = (struct wire){
		.next = link->broker->wires,
		.link = link,
		.session = true,
		.filters = link->filters,
		.client_gives_up = USEC_NEVER,
		.broker_gives_up = USEC_NEVER,
	};
	TEXT_COPY(wire->client, link->name);
	link->broker->wires = wire;
	link->wire = wire;
	return wire;
}

/* A session under that name ends where another one begins. */
static void take_over(struct broker *broker, const struct broker_link *by)
{
	for (struct wire *wire = broker->wires; wire; wire = wire->next)
		if (wire->session && strcmp(wire->client, by->name) == 0) {
			wire->taken_over = true;
			end_session(broker, wire);
		}
}

static void connect_link(struct broker_link *link)
{
	struct broker *broker = link->broker;
	const struct mqtt_message *will =
		link->handler.will ? link->handler.will(link->handler.context) : NULL;
	struct packet *copy = will ? packet_new(will, broker->clock->boottime) : NULL;
	take_over(broker, link);
	struct wire *wire = wire_new(link);
	wire->will = copy;
	link->wait = TRY_FIRST;
	send_retained(broker, wire);
	if (link->handler.connected)
		link->handler.connected(link->handler.context);
}

static void try_link(struct broker_link *link)
{
	if (link->broker->up && !link->cut)
		connect_link(link);
	else
		plan_try(link);
}

static int publish(struct mqtt_port *port, const struct mqtt_message *message)
{
	struct broker_link *link = (struct broker_link *)port;
	if (!link->wire)
		return -ENOTCONN;
	struct packet *packet = packet_new(message, link->broker->clock->boottime);
	send(link->broker, &link->wire->up, packet);
	packet_release(packet);
	return 0;
}

/* --- what is due --- */

static usec wire_due(const struct wire *wire)
{
	usec due = usec_min(wire->client_gives_up, wire->broker_gives_up);
	if (wire->cut)
		return due;
	if (wire->session)
		due = usec_min(due, packet_queue_due(&wire->up));
	if (wire->link)
		due = usec_min(due, packet_queue_due(&wire->down));
	return due;
}

static void arrive_up(struct broker *broker, struct wire *wire)
{
	struct packet *packet = packet_queue_take(&wire->up);
	if (!packet)
		end_session(broker, wire);
	else if (packet->expires > broker->clock->boottime)
		route(broker, wire->client, packet);
	packet_release(packet);
}

static void arrive_down(struct broker *broker, struct wire *wire)
{
	struct packet *packet = packet_queue_take(&wire->down);
	if (!packet) {
		client_lost(wire);
	} else { /* its life counts at the broker; on its way it may grow older */
		broker->heard(broker->context, wire->client, &packet->message);
		wire->link->handler.message(wire->link->handler.context, &packet->message);
	}
	packet_release(packet);
}

static void run_wire(struct broker *broker, struct wire *wire)
{
	usec now = broker->clock->boottime;
	if (wire->broker_gives_up <= now)
		end_session(broker, wire);
	else if (wire->client_gives_up <= now)
		client_lost(wire);
	else if (wire->session && packet_queue_due(&wire->up) <= now)
		arrive_up(broker, wire);
	else
		arrive_down(broker, wire);
}

static void wire_free(struct wire *wire)
{
	packet_release(wire->will);
	packet_queue_clear(&wire->up);
	packet_queue_clear(&wire->down);
	free(wire);
}

static void sweep(struct broker *broker)
{
	for (struct wire **at = &broker->wires; *at;) {
		struct wire *wire = *at;
		if (wire->link || wire->session) {
			at = &wire->next;
			continue;
		}
		*at = wire->next;
		wire_free(wire);
	}
}

static struct broker_link *first_link(struct broker *broker, usec *ret_due)
{
	struct broker_link *first = NULL;
	*ret_due = USEC_NEVER;
	for (struct broker_link *link = broker->links; link; link = link->next)
		if (!link->wire && link->try_at < *ret_due) {
			*ret_due = link->try_at;
			first = link;
		}
	return first;
}

static struct wire *first_wire(struct broker *broker, usec *ret_due)
{
	struct wire *first = NULL;
	*ret_due = USEC_NEVER;
	for (struct wire *wire = broker->wires; wire; wire = wire->next) {
		usec due = wire_due(wire);
		if (due < *ret_due) {
			*ret_due = due;
			first = wire;
		}
	}
	return first;
}

usec broker_next_due(struct broker *broker)
{
	usec link_due, due;
	first_link(broker, &link_due);
	first_wire(broker, &due);
	return usec_min(usec_min(link_due, due), late_due(broker));
}

void broker_run(struct broker *broker)
{
	usec now = broker->clock->boottime;
	run_late(broker, now);
	for (;;) {
		usec link_due, due;
		struct broker_link *link = first_link(broker, &link_due);
		struct wire *wire = first_wire(broker, &due);
		if (link_due > now && due > now)
			break;
		if (due <= link_due)
			run_wire(broker, wire);
		else
			try_link(link);
		sweep(broker);
	}
}

/* --- life --- */

struct broker *broker_new(
	struct fake_clock *clock, struct fake_random *random, broker_heard *heard, void *context)
{
	struct broker *broker = calloc(1, sizeof(*broker));
	if (!broker)
		abort();
	*broker = (struct broker){
		.clock = clock,
		.random = random,
		.heard = heard,
		.context = context,
		.faults = {.delay = 2 * MSEC, .spread = 5 * MSEC},
		.up = true,
	};
	return broker;
}

void broker_save(struct broker *broker)
{
	retained_free(broker->saved);
	broker->saved = retained_copy(broker->retained);
}

struct broker *broker_free(struct broker *broker)
{
	if (!broker)
		return NULL;
	retained_free(broker->retained);
	retained_free(broker->saved);
	run_late(broker, USEC_NEVER);
	free(broker->splits.items);
	while (broker->wires) {
		struct wire *next = broker->wires->next;
		wire_free(broker->wires);
		broker->wires = next;
	}
	free(broker);
	return NULL;
}

void broker_set_faults(struct broker *broker, struct broker_faults faults)
{
	broker->faults = faults;
}

void broker_kill(struct broker *broker, enum broker_store store)
{
	broker->up = false;
	for (struct wire *wire = broker->wires; wire; wire = wire->next) {
		wire->will = packet_release(wire->will); /* nobody is left to say it */
		end_session(broker, wire);
	}
	run_late(broker, USEC_NEVER);
	if (store == STORE_KEPT) {
		sweep(broker);
		return;
	}
	retained_free(broker->retained);
	broker->retained = store == STORE_OLD ? retained_copy(broker->saved) : NULL;
	sweep(broker);
}

void broker_start(struct broker *broker)
{
	broker->up = true;
}

bool broker_is_up(const struct broker *broker)
{
	return broker->up;
}

struct broker_link *broker_link_new(struct broker *broker, const char *name,
	const struct mqtt_handler *handler, const char *const *filters)
{
	struct broker_link *link = calloc(1, sizeof(*link));
	if (!link)
		abort();
	*link = (struct broker_link){
		.port = {.publish = publish},
		.broker = broker,
		.next = broker->links,
		.handler = *handler,
		.filters = filters,
		.try_at = broker->clock->boottime,
		.wait = TRY_FIRST,
	};
	TEXT_COPY(link->name, name);
	broker->links = link;
	return link;
}

struct broker_link *broker_link_free(struct broker_link *link, bool silent)
{
	if (!link)
		return NULL;
	struct broker_link **at = &link->broker->links;
	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	struct wire *wire = link->wire;
	if (wire) {
		wire->link = NULL;
		wire->client_gives_up = USEC_NEVER;
		wire->filters = NULL; /* they were the client's */
		if (silent) {
			wire->cut = true;
			wire->broker_gives_up = link->broker->clock->boottime + BROKER_PATIENCE;
		} else {
			send_end(link->broker, &wire->up);
		}
		sweep(link->broker);
	}
	free(link);
	return NULL;
}

struct mqtt_port *broker_link_port(struct broker_link *link)
{
	return &link->port;
}

bool broker_link_is_up(const struct broker_link *link)
{
	return link->wire != NULL;
}

void broker_link_cut(struct broker_link *link, bool cut)
{
	usec now = link->broker->clock->boottime;
	struct wire *wire = link->wire;
	link->cut = cut;
	if (!wire || wire->cut == cut)
		return;
	wire->cut = cut;
	wire->client_gives_up = cut ? now + CLIENT_PATIENCE : USEC_NEVER;
	wire->broker_gives_up = cut && wire->session ? now + BROKER_PATIENCE : USEC_NEVER;
}

void broker_split(struct broker *broker, const char *one, const char *other, bool split)
{
	if (split)
		splits_add(&broker->splits, one, other);
	else
		splits_remove(&broker->splits, one, other);
}

void broker_link_half_open(struct broker_link *link, bool client_knows)
{
	struct wire *wire = link->wire;
	usec now = link->broker->clock->boottime;
	if (!wire || !wire->session || wire->cut)
		return;
	wire->cut = true; /* nothing passes any more */
	if (client_knows) {
		wire->broker_gives_up = now + BROKER_PATIENCE;
		wire->filters = NULL; /* they are the client's */
		client_lost(wire);
	} else {
		wire->client_gives_up = now + CLIENT_PATIENCE;
		end_session(link->broker, wire);
	}
	sweep(link->broker);
}

void broker_link_reset(struct broker_link *link)
{
	struct wire *wire = link->wire;
	if (!wire)
		return;
	wire->link = NULL; /* so that nothing more is heard of it */
	end_session(link->broker, wire);
	wire->link = link;
	client_lost(wire);
	sweep(link->broker);
}
