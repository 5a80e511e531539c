/* What all three kinds of daemon have under names of their own: {prefix}_message() and so on. */
#ifndef LENDLOCK_TESTS_SIMULATOR_NODE_CORE_H
#define LENDLOCK_TESTS_SIMULATOR_NODE_CORE_H

#include "tests/simulator/node.h"

/* Defines them for a node_kind, whose cores are void *. */
#define NODE_CORE(prefix)                                                       \
	static const char *const *core_filters(void *core)                      \
	{                                                                       \
		return prefix##_filters(core);                                  \
	}                                                                       \
	static int core_message(void *core, const struct mqtt_message *message) \
	{                                                                       \
		return prefix##_message(core, message);                         \
	}                                                                       \
	static int core_connected(void *core)                                   \
	{                                                                       \
		return prefix##_connected(core);                                \
	}                                                                       \
	static void core_disconnected(void *core)                               \
	{                                                                       \
		prefix##_disconnected(core);                                    \
	}                                                                       \
	static const struct mqtt_message *core_will(void *core)                 \
	{                                                                       \
		return prefix##_will(core);                                     \
	}                                                                       \
	static int core_taken_over(void *core)                                  \
	{                                                                       \
		return prefix##_taken_over(core);                               \
	}                                                                       \
	static int core_tick(void *core)                                        \
	{                                                                       \
		return prefix##_tick(core);                                     \
	}                                                                       \
	static usec core_next_due(void *core)                                   \
	{                                                                       \
		return prefix##_next_due(core);                                 \
	}

/* ... and names them in it. */
#define NODE_CORE_CALLS                                                                      \
	.filters = core_filters, .message = core_message, .connected = core_connected,       \
	.disconnected = core_disconnected, .will = core_will, .taken_over = core_taken_over, \
	.tick = core_tick, .next_due = core_next_due

#endif
