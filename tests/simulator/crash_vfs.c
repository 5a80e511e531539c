#include "tests/simulator/crash_vfs.h"

#include "lib/store/database.h"
#include "tests/simulator/crash_file.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHM_REGION_MAX (1 << 16)

struct crash_vfs {
	sqlite3_vfs vfs; /* first: SQLite hands it to each method */
	struct crash_disk *disk;
	char name[32];
};

struct open_file {
	sqlite3_file file; /* first */
	struct crash_file *it;
	int level; /* of its lock */
	bool syncs_folder;
	char *removed_by_closing;
	bool shm_shared[CRASH_SHM_LOCKS], shm_exclusive[CRASH_SHM_LOCKS];
};

static struct open_file *of(sqlite3_file *file)
{
	return (struct open_file *)file;
}

static struct crash_disk *disk_of(sqlite3_vfs *vfs)
{
	return ((struct crash_vfs *)vfs)->disk;
}

/* --- bytes --- */

static int read_at(sqlite3_file *file, void *to, int size, sqlite3_int64 offset)
{
	size_t got;
	if (crash_file_read(of(file)->it, to, (size_t)size, (uint64_t)offset, &got) < 0)
		return SQLITE_IOERR_READ;
	if (got == (size_t)size)
		return SQLITE_OK;
	memset((char *)to + got, 0, (size_t)size - got);
	return SQLITE_IOERR_SHORT_READ;
}

static int write_at(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
	int r = crash_file_write(of(file)->it, bytes, (size_t)size, (uint64_t)offset);
	return r == 0 ? SQLITE_OK : r == -ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int truncate_to(sqlite3_file *file, sqlite3_int64 size)
{
	return crash_file_truncate(of(file)->it, (uint64_t)size) == 0 ? SQLITE_OK
								      : SQLITE_IOERR_TRUNCATE;
}

/* The folder along with the first sync of a journal, whose name would else be lost. */
static int sync_it(sqlite3_file *file, int flags)
{
	(void)flags;
	if (crash_file_sync(of(file)->it) < 0)
		return SQLITE_IOERR_FSYNC;
	if (of(file)->syncs_folder)
		crash_disk_sync_folder(of(file)->it->disk);
	of(file)->syncs_folder = false;
	return SQLITE_OK;
}

static int size_of(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	*ret_size = (sqlite3_int64)of(file)->it->shown.size;
	return SQLITE_OK;
}

static int control(sqlite3_file *file, int operation, void *argument)
{
	(void)argument;
	if (operation != DATABASE_FORGET_CACHED)
		return SQLITE_NOTFOUND;
	crash_disk_forget_cached(of(file)->it->disk);
	return SQLITE_OK;
}

static int sector_size(sqlite3_file *file)
{
	(void)file;
	return CRASH_SECTOR;
}

static int characteristics(sqlite3_file *file)
{
	return of(file)->it->disk->options.unsafe ? 0 : SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* --- locks --- */

/* One that is dead takes no lock any more, so that it does not put its file in order as it goes. */
static int lock(sqlite3_file *file, int level)
{
	struct open_file *mine = of(file);
	struct crash_locks *locks = &mine->it->locks;
	if (level <= mine->level)
		return SQLITE_OK;
	if (mine->it->disk->dead || (locks->writer && locks->writer != mine))
		return SQLITE_BUSY;
	if (level == SQLITE_LOCK_SHARED) {
		locks->readers++;
	} else {
		locks->writer = mine;
		if (level == SQLITE_LOCK_EXCLUSIVE && locks->readers > 1) {
			mine->level = SQLITE_LOCK_PENDING;
			return SQLITE_BUSY;
		}
	}
	mine->level = level;
	return SQLITE_OK;
}

static int unlock(sqlite3_file *file, int level)
{
	struct open_file *mine = of(file);
	struct crash_locks *locks = &mine->it->locks;
	if (level >= mine->level)
		return SQLITE_OK;
	if (locks->writer == mine)
		locks->writer = NULL;
	if (level == SQLITE_LOCK_NONE)
		locks->readers--;
	mine->level = level;
	return SQLITE_OK;
}

static int check_reserved(sqlite3_file *file, int *ret_reserved)
{
	*ret_reserved = of(file)->it->locks.writer != NULL;
	return SQLITE_OK;
}

/* --- shared memory, for those who do not hold their database alone --- */

static int shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **ret_at)
{
	void **place = &of(file)->it->locks.shm[region];
	*ret_at = NULL;
	if (region >= CRASH_SHM_MAX || size > SHM_REGION_MAX)
		return SQLITE_IOERR_SHMMAP;
	if (!*place && extend && !(*place = calloc(1, (size_t)size)))
		return SQLITE_NOMEM;
	*ret_at = *place;
	return SQLITE_OK;
}

static void shm_release(struct open_file *mine, int i)
{
	struct crash_locks *locks = &mine->it->locks;
	locks->shm_shared[i] -= mine->shm_shared[i];
	mine->shm_shared[i] = false;
	if (mine->shm_exclusive[i])
		locks->shm_exclusive[i] = mine->shm_exclusive[i] = false;
}

static bool shm_is_free(const struct open_file *mine, int i, bool shared)
{
	const struct crash_locks *locks = &mine->it->locks;
	if (locks->shm_exclusive[i] && !mine->shm_exclusive[i])
		return false;
	return shared || locks->shm_shared[i] == mine->shm_shared[i];
}

static void shm_take(struct open_file *mine, int i, bool shared)
{
	struct crash_locks *locks = &mine->it->locks;
	if (!shared)
		locks->shm_exclusive[i] = mine->shm_exclusive[i] = true;
	else if (!mine->shm_shared[i])
		locks->shm_shared[i] += mine->shm_shared[i] = true;
}

static int shm_lock(sqlite3_file *file, int first, int n, int flags)
{
	bool shared = flags & SQLITE_SHM_SHARED;
	if (flags & SQLITE_SHM_UNLOCK) {
		for (int i = first; i < first + n; i++)
			shm_release(of(file), i);
		return SQLITE_OK;
	}
	for (int i = first; i < first + n; i++)
		if (!shm_is_free(of(file), i, shared))
			return SQLITE_BUSY;
	for (int i = first; i < first + n; i++)
		shm_take(of(file), i, shared);
	return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *file)
{
	(void)file;
}

static int shm_unmap(sqlite3_file *file, int remove)
{
	struct crash_file *it = of(file)->it;
	(void)remove;
	for (int i = 0; i < CRASH_SHM_LOCKS; i++)
		shm_release(of(file), i);
	if (it->opened > 1)
		return SQLITE_OK;
	for (int i = 0; i < CRASH_SHM_MAX; i++) {
		free(it->locks.shm[i]);
		it->locks.shm[i] = NULL;
	}
	return SQLITE_OK;
}

/* --- files --- */

static int close_it(sqlite3_file *file)
{
	struct open_file *mine = of(file);
	unlock(file, SQLITE_LOCK_NONE);
	if (mine->removed_by_closing)
		crash_disk_remove(mine->it->disk, mine->removed_by_closing);
	free(mine->removed_by_closing);
	crash_file_close(mine->it);
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {.iVersion = 2,
	.xClose = close_it,
	.xRead = read_at,
	.xWrite = write_at,
	.xTruncate = truncate_to,
	.xSync = sync_it,
	.xFileSize = size_of,
	.xLock = lock,
	.xUnlock = unlock,
	.xCheckReservedLock = check_reserved,
	.xFileControl = control,
	.xSectorSize = sector_size,
	.xDeviceCharacteristics = characteristics,
	.xShmMap = shm_map,
	.xShmLock = shm_lock,
	.xShmBarrier = shm_barrier,
	.xShmUnmap = shm_unmap};

static int open_it(
	sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *ret_flags)
{
	static const int journals =
		SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
	struct open_file *mine = of(file);
	bool makes = flags & SQLITE_OPEN_CREATE;
	memset(mine, 0, sizeof(*mine));
	if (crash_file_open(disk_of(vfs), name, makes, &mine->it) < 0)
		return SQLITE_CANTOPEN;
	mine->file.pMethods = &methods;
	mine->syncs_folder = makes && (flags & journals);
	if (name && (flags & SQLITE_OPEN_DELETEONCLOSE) &&
		!(mine->removed_by_closing = strdup(name)))
		abort();
	if (ret_flags)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int delete_it(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	if (crash_disk_remove(disk_of(vfs), name) < 0)
		return SQLITE_IOERR_DELETE_NOENT;
	if (sync_folder)
		crash_disk_sync_folder(disk_of(vfs));
	return SQLITE_OK;
}

static int access_it(sqlite3_vfs *vfs, const char *name, int flags, int *ret_there)
{
	(void)flags;
	*ret_there = crash_disk_has(disk_of(vfs), name);
	return SQLITE_OK;
}

static int full_name(sqlite3_vfs *vfs, const char *name, int size, char *ret_name)
{
	(void)vfs;
	return snprintf(ret_name, (size_t)size, "%s", name) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

/* --- the rest of an operating system --- */

static int fill_random(sqlite3_vfs *vfs, int size, char *ret_bytes)
{
	struct random_port *random = disk_of(vfs)->options.random;
	random->fill(random, ret_bytes, (size_t)size);
	return size;
}

static int sleep_for(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return microseconds;
}

/* No statement of the product reads the clock. */
static int now_of(sqlite3_vfs *vfs, sqlite3_int64 *ret_now)
{
	(void)vfs;
	*ret_now = 0;
	return SQLITE_OK;
}

static int last_error(sqlite3_vfs *vfs, int size, char *ret_text)
{
	(void)vfs, (void)size, (void)ret_text;
	return 0;
}

struct crash_vfs *crash_vfs_new(struct crash_disk *disk)
{
	struct crash_vfs *vfs = calloc(1, sizeof(*vfs));
	if (!vfs)
		abort();
	snprintf(vfs->name, sizeof(vfs->name), "disk-%p", (void *)disk);
	vfs->disk = disk;
	vfs->vfs = (sqlite3_vfs){.iVersion = 2,
		.szOsFile = sizeof(struct open_file),
		.mxPathname = 512,
		.zName = vfs->name,
		.xOpen = open_it,
		.xDelete = delete_it,
		.xAccess = access_it,
		.xFullPathname = full_name,
		.xRandomness = fill_random,
		.xSleep = sleep_for,
		.xGetLastError = last_error,
		.xCurrentTimeInt64 = now_of};
	if (sqlite3_vfs_register(&vfs->vfs, 0) != SQLITE_OK)
		abort();
	return vfs;
}

struct crash_vfs *crash_vfs_free(struct crash_vfs *vfs)
{
	if (!vfs)
		return NULL;
	sqlite3_vfs_unregister(&vfs->vfs);
	free(vfs);
	return NULL;
}

const char *crash_vfs_name(const struct crash_vfs *vfs)
{
	return vfs->name;
}
