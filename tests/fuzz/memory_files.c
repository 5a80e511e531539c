#include "tests/fuzz/memory_files.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memory_heap.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 16
#define HEADER    100 /* of a database file */

/* A file without a name is free. */
struct memory_file {
	char *name;
	unsigned char *bytes;
	size_t size, room;
	unsigned char *kept; /* as of memory_files_keep(); NULL: it did not exist then */
	size_t kept_size;
	int opened;
};

/* SQLite wants its VFS to be for the whole process; this is a harness with one thread. */
static struct memory_file files[FILES_MAX];

struct handle {
	sqlite3_file base;
	struct memory_file *file;
	bool delete_on_close;
};

static struct memory_file *of(sqlite3_file *file)
{
	return ((struct handle *)file)->file;
}

static struct memory_file *find(const char *name)
{
	for (int i = 0; i < FILES_MAX; i++)
		if (files[i].name && strcmp(files[i].name, name) == 0)
			return &files[i];
	return NULL;
}

static struct memory_file *make(const char *name)
{
	for (int i = 0; i < FILES_MAX; i++)
		if (!files[i].name) {
			files[i].name = strdup(name);
			return &files[i];
		}
	FUZZ_FAIL("too many files");
}

static void delete_file(struct memory_file *file)
{
	free(file->name);
	free(file->bytes);
	free(file->kept);
	*file = (struct memory_file){0};
}

static void set_size(struct memory_file *file, size_t size)
{
	if (size > file->room) {
		file->room = size + size / 2 + 65536;
		file->bytes = realloc(file->bytes, file->room);
		if (!file->bytes)
			abort();
	}
	if (size > file->size)
		memset(file->bytes + file->size, 0, size - file->size);
	file->size = size;
}

/* --- an open file ---------------------------------------------------------------------------- */

static int close_file(sqlite3_file *file)
{
	struct handle *handle = (struct handle *)file;
	handle->file->opened--;
	if (handle->delete_on_close)
		delete_file(handle->file);
	return SQLITE_OK;
}

static int read_file(sqlite3_file *file, void *ret, int amount, sqlite3_int64 from)
{
	const struct memory_file *memory = of(file);
	size_t wanted = (size_t)amount, at = (size_t)from;
	size_t there = at < memory->size ? memory->size - at : 0;
	if (there >= wanted) {
		memcpy(ret, memory->bytes + at, wanted);
		return SQLITE_OK;
	}
	memset(ret, 0, wanted);
	if (there)
		memcpy(ret, memory->bytes + at, there);
	return SQLITE_IOERR_SHORT_READ;
}

static int write_file(sqlite3_file *file, const void *bytes, int amount, sqlite3_int64 from)
{
	struct memory_file *memory = of(file);
	size_t end = (size_t)from + (size_t)amount;
	if (end > memory->size)
		set_size(memory, end);
	memcpy(memory->bytes + from, bytes, (size_t)amount);
	return SQLITE_OK;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
	set_size(of(file), (size_t)size);
	return SQLITE_OK;
}

static int size_of_file(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	*ret_size = (sqlite3_int64)of(file)->size;
	return SQLITE_OK;
}

static int do_nothing(sqlite3_file *file, int argument)
{
	(void)file;
	(void)argument;
	return SQLITE_OK;
}

static int is_reserved(sqlite3_file *file, int *ret)
{
	(void)file;
	*ret = 0;
	return SQLITE_OK;
}

static int control(sqlite3_file *file, int operation, void *argument)
{
	(void)file;
	(void)operation;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *file)
{
	(void)file;
	return 4096;
}

static int characteristics(sqlite3_file *file)
{
	(void)file;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1, /* no shared memory: the lock is exclusive, and the index on the heap */
	.xClose = close_file,
	.xRead = read_file,
	.xWrite = write_file,
	.xTruncate = truncate_file,
	.xSync = do_nothing,
	.xFileSize = size_of_file,
	.xLock = do_nothing,
	.xUnlock = do_nothing,
	.xCheckReservedLock = is_reserved,
	.xFileControl = control,
	.xSectorSize = sector_size,
	.xDeviceCharacteristics = characteristics,
};

/* --- the folder ------------------------------------------------------------------------------ */

static int open_file(
	sqlite3_vfs *vfs, const char *name, sqlite3_file *ret_file, int flags, int *ret_flags)
{
	(void)vfs;
	struct handle *handle = (struct handle *)ret_file;
	struct memory_file *file = name ? find(name) : NULL;
	*handle = (struct handle){.delete_on_close = flags & SQLITE_OPEN_DELETEONCLOSE};
	if (!file && !(flags & SQLITE_OPEN_CREATE))
		return SQLITE_CANTOPEN;
	handle->file = file ? file : make(name ? name : "");
	handle->file->opened++;
	handle->base.pMethods = &methods;
	if (ret_flags)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int delete_name(sqlite3_vfs *vfs, const char *name, int sync)
{
	(void)vfs;
	(void)sync;
	struct memory_file *file = find(name);
	if (!file)
		return SQLITE_IOERR_DELETE_NOENT;
	FUZZ_CHECK(file->opened == 0);
	/* One that is to be put back keeps its place. */
	if (file->kept)
		file->size = 0;
	else
		delete_file(file);
	return SQLITE_OK;
}

static int is_there(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	(void)vfs;
	(void)flags;
	const struct memory_file *file = find(name);
	*ret = file && file->size > 0;
	return SQLITE_OK;
}

static int full_name(sqlite3_vfs *vfs, const char *name, int room, char *ret)
{
	(void)vfs;
	if (strlen(name) >= (size_t)room)
		return SQLITE_CANTOPEN;
	memcpy(ret, name, strlen(name) + 1);
	return SQLITE_OK;
}

static int randomness(sqlite3_vfs *vfs, int size, char *ret)
{
	(void)vfs;
	memset(ret, 0x5a, (size_t)size); /* the same at each run */
	return size;
}

static int wait_a_little(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return microseconds;
}

static int now(sqlite3_vfs *vfs, double *ret_days)
{
	(void)vfs;
	*ret_days = 2461367.25; /* Julian */
	return SQLITE_OK;
}

static int last_error(sqlite3_vfs *vfs, int room, char *ret)
{
	(void)vfs;
	(void)room;
	(void)ret;
	return 0;
}

void memory_files_start(void)
{
	static sqlite3_vfs vfs = {
		.iVersion = 1,
		.szOsFile = sizeof(struct handle),
		.mxPathname = 512,
		.zName = "memory-files",
		.xOpen = open_file,
		.xDelete = delete_name,
		.xAccess = is_there,
		.xFullPathname = full_name,
		.xRandomness = randomness,
		.xSleep = wait_a_little,
		.xCurrentTime = now,
		.xGetLastError = last_error,
	};
	memory_heap_start();
	FUZZ_CHECK(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

/* A journal of the old kind, so that whoever has it open looks for changes; see kept_database.h. */
static void mark_journal(struct memory_file *file)
{
	FUZZ_CHECK(file->size >= HEADER);
	file->kept[18] = file->kept[19] = 1;
}

/* Another one has changed it: its change counter says so (sqlite.org/fileformat2.html, 1.3.7). By
 * more than SQLite itself has counted on since. */
static void mark_change(struct memory_file *file)
{
	static uint32_t changes;
	changes += 1u << 16;
	const unsigned char counter[] = {(unsigned char)(changes >> 24),
		(unsigned char)(changes >> 16), (unsigned char)(changes >> 8),
		(unsigned char)changes};
	memcpy(file->bytes + 24, counter, sizeof(counter));
	memcpy(file->bytes + 92, counter, sizeof(counter));
}

void memory_files_keep(void)
{
	for (int i = 0; i < FILES_MAX; i++) {
		struct memory_file *file = &files[i];
		if (!file->name || file->size == 0)
			continue;
		FUZZ_CHECK(file->opened == 0);
		free(file->kept);
		file->kept = fuzz_copy(file->bytes, file->size);
		file->kept_size = file->size;
		mark_journal(file);
	}
}

void memory_files_restore(void)
{
	for (int i = 0; i < FILES_MAX; i++) {
		struct memory_file *file = &files[i];
		if (!file->kept) {
			FUZZ_CHECK(file->opened == 0);
			delete_file(file);
			continue;
		}
		set_size(file, file->kept_size);
		memcpy(file->bytes, file->kept, file->kept_size);
		mark_change(file);
	}
}
