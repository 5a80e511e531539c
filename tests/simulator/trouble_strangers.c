/* Trouble with those who do not belong here: a second hub with a file of its own, and somebody who
 * holds messages up. */
#include "lib/base/uuid.h"
#include "tests/simulator/packet.h"
#include "tests/simulator/trouble_kinds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Either it has heard of nothing yet, or it has more than that bank ever made. */
static json_t *foreign_ack(
	struct world *world, struct trouble *trouble, const struct known_bank *bank)
{
	char hub[UUID_SIZE], event[UUID_SIZE];
	uuid_make(world->clock.wall, &trouble->random.port, hub);
	uuid_make(world->clock.wall, &trouble->random.port, event);
	json_int_t more = 1 + (json_int_t)trouble_below(trouble, 100);
	bool empty = trouble_below(trouble, 3) == 0;
	json_t *ack = json_pack("{s:s, s:I, s:s, s:I}", "hub", hub, "generation",
		(json_int_t)bank->generation, "epoch", bank->epoch, "seq",
		empty ? 0 : (json_int_t)bank->ids.n + more);
	if (!empty)
		json_object_set_new(ack, "event", json_string(event));
	return ack;
}

void trouble_foreign_ack(struct world *world, struct trouble *trouble)
{
	size_t k = (size_t)trouble_below(trouble, world->kiosks_n);
	const struct known_bank *bank = &world->witness.banks[k];
	if (!bank->epoch[0])
		return;
	char topic[MQTT_TOPIC_MAX];
	snprintf(topic, sizeof(topic), WORLD_PREFIX "kiosk/%s/ack", world->kiosks[k].name);
	json_t *ack = foreign_ack(world, trouble, bank);
	char *text = json_dumps(ack, JSON_COMPACT);
	const struct mqtt_message message = {.topic = topic,
		.payload = text,
		.size = strlen(text),
		.content_type = "application/json"};
	struct mqtt_port *port = broker_link_port(world->stranger);
	if (port->publish(port, &message) == 0)
		world_count(world, COUNT_FOREIGN_ACK);
	free(text);
	json_decref(ack);
}

/* --- held up --- */

static void let_go(struct world *world, struct trouble *trouble)
{
	(void)trouble;
	struct mqtt_port *port = broker_link_port(world->stranger);
	struct packet **packets = world->stuck.items;
	for (size_t i = 0; i < world->stuck.n; i++) {
		port->publish(port, &packets[i]->message);
		packet_release(packets[i]);
	}
	world->stuck.n = 0;
	world->stuck_bank = NULL;
}

/* The broker keeps the order of one topic only (MQTT 5.0, 4.6): what is said on another one may
 * arrive long before it. */
void trouble_stuck(struct world *world, struct trouble *trouble)
{
	const struct node *bank = &world->kiosks[trouble_below(trouble, world->kiosks_n)];
	usec time = 20 * SECOND + (usec)trouble_below(trouble, 38 * SECOND);
	if (world->stuck_bank)
		return;
	world->stuck_bank = bank;
	trouble_until(world, trouble, time, let_go);
}

bool trouble_holds_up(
	struct world *world, const struct node *node, const struct mqtt_message *message)
{
	size_t length = strlen(message->topic), end = strlen("/authorize");
	if (node != world->stuck_bank || length < end ||
		strcmp(message->topic + length - end, "/authorize") != 0)
		return false;
	world_count(world, COUNT_STUCK);
	*(struct packet **)list_add(&world->stuck, sizeof(struct packet *)) =
		packet_new(message, world->clock.boottime);
	return true;
}
