/*
 * The made-up disk of one machine, wholly in memory: files in one folder, and of each of them what
 * the system shows (the page cache) and what would be there if the power went now.
 *
 * What SQLite needs of a real disk (sqlite.org/atomiccommit.html, section 2) is what holds here,
 * and nothing more:
 *
 * - What was written to a file before a sync of it that succeeded is there after a cut; whatever
 * was truncated before it is gone. A file's name is there once the folder was synced after its
 * making.
 * - Each write, truncation, making and removal that was not synced is kept or not, one by one, in
 * no order: a later one may be there and an earlier one not. Of one name there is what was there at
 *   some moment since the last sync of the folder.
 * - A write that was not synced may be torn: each sector of it is new, old, or rubbish.
 * - The sectors around a write keep what they hold. Not so the rest of a sector that is written to
 * in part, unless the disk is said to be safe in that respect (SQLITE_IOCAP_POWERSAFE_OVERWRITE,
 * which SQLite takes for granted on Unix).
 *
 * A process that is killed loses nothing that it wrote: crash_disk_die(), crash_disk_revive(). A
 * cut of the power: crash_disk_die(), crash_disk_cut().
 */
#ifndef LENDLOCK_TESTS_SIMULATOR_CRASH_DISK_H
#define LENDLOCK_TESTS_SIMULATOR_CRASH_DISK_H

#include "lib/ports/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRASH_SECTOR 512

struct crash_disk;

struct crash_disk_options {
	struct random_port *random; /* decides; borrowed for the disk's life */
	bool unsafe;                /* a sector written to in part may be lost as a whole */
	bool copies;                /* needs room for each write (btrfs), not for new bytes only */
	bool lies;                  /* says that it synced, and did not */
};

struct crash_disk *crash_disk_new(const struct crash_disk_options *options);
/* When nobody has it open any more. */
struct crash_disk *crash_disk_free(struct crash_disk *disk);
/* The name of its SQLite VFS, which lives as long as the disk does. */
const char *crash_disk_vfs(const struct crash_disk *disk);

/* --- death ---
 *
 * Whoever has its files open is dead from now on: it goes on reading and writing, for there is no
 * way out of a call, and all it writes will not have been. */

void crash_disk_die(struct crash_disk *disk);
/* Dies by itself at the n-th change from now: a write, a truncation, a sync, a making or removal of
 * a file; died is called then. n 0: not after all. */
void crash_disk_doom(struct crash_disk *disk, int n, void (*died)(void *context), void *context);
/* The next process finds all that was written before the death. Nobody has a file open any more. */
void crash_disk_revive(struct crash_disk *disk);
/* The power goes at the moment of death (now, if there was none), and comes back. Nobody has a file
 * open any more. */
void crash_disk_cut(struct crash_disk *disk);

/* --- copies --- */

/* All files as they are shown. Independent of the disk; cheap. */
struct crash_copy;
struct crash_copy *crash_disk_copy(const struct crash_disk *disk);
struct crash_copy *crash_copy_free(struct crash_copy *copy);
/* Of this disk or another one: replaces everything, and all of it is there to stay. Nobody has a
 * file open. NULL: empties it. copy stays the caller's. */
void crash_disk_put_back(struct crash_disk *disk, const struct crash_copy *copy);

/* --- trouble --- */

enum crash_fault {
	CRASH_READ,
	CRASH_WRITE, /* a part of it may have been written */
	CRASH_FULL,  /* what needs room fails */
	CRASH_SYNC,  /* what was not synced yet is shown on, but is kept or lost from here on */
	CRASH_TRUNCATE,
	CRASH_OPEN, /* files of which there is none yet included */
	CRASH_FAULTS
};
/* Of the calls that it concerns, from the n-th (1: the next one) on `times` fail. */
void crash_disk_break(struct crash_disk *disk, enum crash_fault fault, int n, int times);
/* No call fails any more. */
void crash_disk_mend(struct crash_disk *disk);

/* How often what happened, since the disk was made. */
struct crash_counts {
	int cuts, kept, dropped, torn; /* kept, dropped, torn: writes and truncations at a cut */
	int names_dropped;             /* makings and removals */
	int failed[CRASH_FAULTS];
};
const struct crash_counts *crash_disk_counts(const struct crash_disk *disk);

#endif
