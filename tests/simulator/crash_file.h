/* What may be done to the files of a made-up disk: system calls, in short. Results: 0, -EIO or
 * -ENOSPC, as the disk's troubles have it. */
#ifndef LENDLOCK_TESTS_SIMULATOR_CRASH_FILE_H
#define LENDLOCK_TESTS_SIMULATOR_CRASH_FILE_H

#include "tests/simulator/crash_disk.h"
#include "tests/simulator/crash_image.h"

#define CRASH_SHM_LOCKS 8
#define CRASH_SHM_MAX   64

/* Belongs to the processes that have it open, and is gone with them. */
struct crash_locks {
	int readers;        /* who have at least a shared lock, the writer included */
	const void *writer; /* who has more */
	void *shm[CRASH_SHM_MAX];
	int shm_shared[CRASH_SHM_LOCKS];
	bool shm_exclusive[CRASH_SHM_LOCKS];
};

/* A write or, without bytes, a truncation that was not synced yet. */
struct crash_change {
	uint64_t offset; /* or the new size */
	size_t size, at; /* of its bytes, in the file's store of them */
	bool truncates;
};

struct crash_file {
	struct crash_file *next;
	struct crash_disk *disk;
	int holders; /* names, and those who have it open */
	int opened;
	struct crash_image shown;  /* what a process sees */
	struct crash_image stored; /* what a cut leaves, but for the changes */
	bool doubtful;             /* a sync failed: what is shown is not what is stored */
	struct crash_image left;   /* while the disk is dead: what was shown at that moment */
	struct crash_change *changes;
	size_t changes_n, changes_room;
	unsigned char *bytes; /* of the changes */
	size_t bytes_n, bytes_room;
	struct crash_locks locks;
};

/* What a name stood for since the folder was last synced; a NULL file: nothing. */
struct crash_name {
	struct crash_name *next;
	char *name;
	struct crash_file *shown, *stored, *left; /* as in crash_file */
	struct crash_file **changes;              /* all that it stood for, one after another */
	size_t changes_n;
};

struct crash_trigger {
	int before, times;
};

struct crash_disk {
	struct crash_disk_options options;
	struct crash_vfs *vfs;
	struct crash_file *files;
	struct crash_name *names;
	struct crash_trigger triggers[CRASH_FAULTS];
	struct crash_counts counts;
	bool dead;
	int doom;
	void (*died)(void *context);
	void *died_context;
};

/* name NULL: one without a name. Makes it if there is none and make is true; else -ENOENT. To be
 * closed with crash_file_close(). */
int crash_file_open(
	struct crash_disk *disk, const char *name, bool make, struct crash_file **ret_file);
void crash_file_close(struct crash_file *file);
int crash_file_read(
	struct crash_file *file, void *to, size_t size, uint64_t offset, size_t *ret_size);
int crash_file_write(struct crash_file *file, const void *bytes, size_t size, uint64_t offset);
int crash_file_truncate(struct crash_file *file, uint64_t size);
int crash_file_sync(struct crash_file *file);

/* As SQLite asks on Unix: an empty file is none. */
bool crash_disk_has(const struct crash_disk *disk, const char *name);
/* -ENOENT, too. */
int crash_disk_remove(struct crash_disk *disk, const char *name);
void crash_disk_sync_folder(struct crash_disk *disk);
/* What a sync failed to write is not shown any more, but what is stored. */
void crash_disk_forget_cached(struct crash_disk *disk);

/* --- between disk and file --- */

/* A change is about to be made: this may be the moment of death. */
void crash_disk_changes(struct crash_disk *disk);
/* Whether this call fails. */
bool crash_disk_fails(struct crash_disk *disk, enum crash_fault fault);
/* What was not synced is decided upon, as by a cut; what is shown stays as it is. */
void crash_file_forget_cached(struct crash_file *file);
void crash_file_settle(struct crash_file *file);
void crash_file_release(struct crash_file *file);

#endif
