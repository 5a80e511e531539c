#include "tests/fuzz/memory_heap.h"

#include "tests/fuzz/fuzz.h"

#include <sqlite3.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES    28 /* of sizes: 16 bytes times 2, 3, 4, 6, 8, 12 and so on */
#define CHUNK_SIZE ((size_t)8 << 20)

struct block {
	union {
		size_t size;        /* while it is in use: what it has room for */
		struct block *next; /* while it is free */
	};
	alignas(16) unsigned char bytes[];
};

/* SQLite has one heap for the whole process; this is a harness with one thread. */
static struct block *free_blocks[CLASSES];
static unsigned char *chunk;
static size_t chunk_left;

static size_t room_of(int class)
{
	return (size_t)(class % 2 ? 48 : 32) << (class / 2);
}

static int class_of(size_t size)
{
	for (int class = 0; class < CLASSES; class ++)
		if (room_of(class) >= size)
			return class;
	FUZZ_FAIL("SQLite wants %zu bytes", size);
}

static struct block *cut(size_t size)
{
	if (chunk_left < size) {
		chunk_left = size > CHUNK_SIZE ? size : CHUNK_SIZE;
		chunk = aligned_alloc(16, chunk_left);
		if (!chunk)
			abort();
	}
	struct block *block = (struct block *)(void *)chunk;
	chunk += size;
	chunk_left -= size;
	return block;
}

static struct block *of(void *bytes)
{
	return (struct block *)(void *)((unsigned char *)bytes - offsetof(struct block, bytes));
}

static void *take(int size)
{
	int class = class_of((size_t)size);
	struct block *block = free_blocks[class];
	if (block)
		free_blocks[class] = block->next;
	else
		block = cut(offsetof(struct block, bytes) + room_of(class));
	block->size = room_of(class);
	return block->bytes;
}

static void give_back(void *bytes)
{
	struct block *block = of(bytes);
	int class = class_of(block->size);
	block->next = free_blocks[class];
	free_blocks[class] = block;
}

static int size_of(void *bytes)
{
	return bytes ? (int)of(bytes)->size : 0;
}

static void *resize(void *bytes, int size)
{
	if ((size_t)size <= of(bytes)->size)
		return bytes;
	void *larger = take(size);
	memcpy(larger, bytes, of(bytes)->size);
	give_back(bytes);
	return larger;
}

static int round_up(int size)
{
	return (int)room_of(class_of((size_t)size));
}

static int start(void *context)
{
	(void)context;
	return SQLITE_OK;
}

static void stop(void *context)
{
	(void)context;
}

void memory_heap_start(void)
{
	static const sqlite3_mem_methods methods = {
		.xMalloc = take,
		.xFree = give_back,
		.xRealloc = resize,
		.xSize = size_of,
		.xRoundup = round_up,
		.xInit = start,
		.xShutdown = stop,
	};
	FUZZ_CHECK(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK);
	FUZZ_CHECK(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
	FUZZ_CHECK(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK);
}
