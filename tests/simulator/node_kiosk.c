#include "kiosk/kiosk.h"
#include "tests/simulator/node_core.h"
#include "tests/simulator/world.h"

#include <string.h>

static void on_touch_reply(void *context, const char *id, const struct reply_record *reply)
{
	struct node *node = context;
	if (node->dead)
		return;
	json_t *json = record_encode(&reply_record_type, reply);
	world_touched(node->world, id, json);
	json_decref(json);
}

static int open_core(struct node *node)
{
	const struct kiosk_options options = {
		.site = WORLD_SITE,
		.name = node->name,
		.database = node->path,
		.vfs = crash_disk_vfs(node->disk),
		.clock = &node->clock.port,
		.random = &node->random.port,
		.mqtt = &node->port,
		.say_again = 5 * MINUTE,
		.bank = board_port(node->board),
		.doors = {.pulse_length = 200 * MSEC,
			.cool_down = 100 * MSEC,
			.debounce = 20 * MSEC,
			.open_within = 5 * SECOND,
			.close_within = 30 * SECOND,
			.resync = MINUTE},
		.touch_reply = on_touch_reply,
		.touch_context = node,
	};
	struct kiosk *kiosk;
	int r = kiosk_open(&options, &kiosk);
	if (r == 0)
		node->core = kiosk;
	return r;
}

static void close_core(struct node *node)
{
	kiosk_close(node->core);
}

void node_touch(struct node *node, const char *user, const char *operation, const char *id,
	const json_t *args)
{
	if (!node->core || node->dead)
		return;
	node_enter(node);
	witness_handled(node->world, node, id, strlen(id));
	node_check(node, kiosk_touch(node->core, user, operation, id, args));
}

NODE_CORE(kiosk)

const struct node_kind node_kiosk = {
	.name = "kiosk", .open = open_core, .close = close_core, NODE_CORE_CALLS};
