#include "tests/simulator/sqlite_memory.h"

#include <sqlite3.h>
#include <stdlib.h>

static int left; /* to the piece that is not there; 0: none is missing */
static bool failed;

/* SQLite wants to know how large a piece is: it stands before it. */
struct piece {
	long long size;
	long long bytes[];
};

static struct piece *piece_of(void *memory)
{
	return (struct piece *)((char *)memory - sizeof(struct piece));
}

static bool is_missing(void)
{
	if (left == 0 || --left > 0)
		return false;
	return failed = true;
}

static void *allocate(int size)
{
	struct piece *piece = is_missing() ? NULL : malloc(sizeof(*piece) + (size_t)size);
	if (!piece)
		return NULL;
	piece->size = size;
	return piece->bytes;
}

static void release(void *memory)
{
	free(piece_of(memory));
}

static void *resize(void *memory, int size)
{
	struct piece *piece =
		is_missing() ? NULL : realloc(piece_of(memory), sizeof(*piece) + (size_t)size);
	if (!piece)
		return NULL;
	piece->size = size;
	return piece->bytes;
}

static int size_of(void *memory)
{
	return (int)piece_of(memory)->size;
}

static int round_up(int size)
{
	return (size + 7) & ~7;
}

static int begin(void *data)
{
	(void)data;
	return SQLITE_OK;
}

static void end(void *data)
{
	(void)data;
}

void sqlite_memory_install(void)
{
	const sqlite3_mem_methods methods = {.xMalloc = allocate,
		.xFree = release,
		.xRealloc = resize,
		.xSize = size_of,
		.xRoundup = round_up,
		.xInit = begin,
		.xShutdown = end};
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

void sqlite_memory_break(int n)
{
	left = n;
	failed = false;
}

int sqlite_memory_mend(bool *ret_failed)
{
	int rest = left;
	*ret_failed = failed;
	left = 0;
	failed = false;
	return rest;
}
