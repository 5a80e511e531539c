/* A made-up disk as SQLite sees it: does with it what SQLite's own VFS for Unix does with a real
 * one. */
#ifndef LENDLOCK_TESTS_SIMULATOR_CRASH_VFS_H
#define LENDLOCK_TESTS_SIMULATOR_CRASH_VFS_H

struct crash_disk;
struct crash_vfs;

/* Registers one under a name of its own. */
struct crash_vfs *crash_vfs_new(struct crash_disk *disk);
struct crash_vfs *crash_vfs_free(struct crash_vfs *vfs);
const char *crash_vfs_name(const struct crash_vfs *vfs);

#endif
