#include "tests/simulator/crash_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void *grown(void *array, size_t wanted, size_t size, size_t *room)
{
	if (wanted <= *room)
		return array;
	*room = wanted > 2 * *room ? wanted : 2 * *room;
	array = realloc(array, *room * size);
	if (!array)
		abort();
	return array;
}

static struct random_port *random_of(const struct crash_file *file)
{
	return file->disk->options.random;
}

/* --- what was not synced --- */

static struct crash_change *add_change(struct crash_file *file)
{
	file->changes = grown(
		file->changes, file->changes_n + 1, sizeof(*file->changes), &file->changes_room);
	return &file->changes[file->changes_n++];
}

static void remember(struct crash_file *file, const void *bytes, size_t size, uint64_t offset)
{
	file->bytes = grown(file->bytes, file->bytes_n + size, 1, &file->bytes_room);
	memcpy(file->bytes + file->bytes_n, bytes, size);
	*add_change(file) =
		(struct crash_change){.offset = offset, .size = size, .at = file->bytes_n};
	file->bytes_n += size;
}

static void forget(struct crash_file *file)
{
	file->changes_n = file->bytes_n = 0;
}

static void apply(
	const struct crash_file *file, const struct crash_change *change, struct crash_image *image)
{
	if (change->truncates)
		crash_image_resize(image, change->offset);
	else
		crash_image_write(image, file->bytes + change->at, change->size, change->offset);
}

/* Zeros, as file systems leave them, or anything. */
static void spoil(struct crash_file *file, uint64_t start, uint64_t end)
{
	unsigned char rubbish[CRASH_SECTOR] = {0};
	if (random_below(random_of(file), 2) == 0)
		random_of(file)->fill(random_of(file), rubbish, sizeof(rubbish));
	crash_image_write(&file->stored, rubbish, (size_t)(end - start), start);
}

/* The part from start to end of a write, within one sector. */
static void tear_sector(
	struct crash_file *file, const struct crash_change *change, uint64_t start, uint64_t end)
{
	uint64_t sector = start - start % CRASH_SECTOR;
	switch (random_below(random_of(file), 5)) {
	case 0:
		if (file->disk->options.unsafe) {
			start = sector;
			end = sector + CRASH_SECTOR;
		}
		spoil(file, start, end);
		break;
	case 1:
	case 2:
		crash_image_write(&file->stored,
			file->bytes + change->at + (start - change->offset), (size_t)(end - start),
			start);
		break;
	default:
		break;
	}
}

static void tear(struct crash_file *file, const struct crash_change *change)
{
	uint64_t end = change->offset + change->size, next;
	for (uint64_t start = change->offset; start < end; start = next) {
		next = start - start % CRASH_SECTOR + CRASH_SECTOR;
		tear_sector(file, change, start, next < end ? next : end);
	}
}

/* mood: 0: nothing was written yet; 1: everything was; otherwise this and that. */
static void settle_change(struct crash_file *file, const struct crash_change *change, uint64_t mood)
{
	struct crash_counts *counts = &file->disk->counts;
	uint64_t fate = mood < 2 ? mood : random_below(random_of(file), 3);
	if (fate == 0) {
		counts->dropped++;
	} else if (fate == 1 || change->truncates) {
		counts->kept++;
		apply(file, change, &file->stored);
	} else {
		counts->torn++;
		tear(file, change);
	}
}

void crash_file_settle(struct crash_file *file)
{
	if (file->changes_n == 0)
		return;
	uint64_t mood = random_below(random_of(file), 5);
	for (size_t i = 0; i < file->changes_n; i++)
		settle_change(file, &file->changes[i], mood);
	forget(file);
}

/* --- calls --- */

int crash_file_read(
	struct crash_file *file, void *to, size_t size, uint64_t offset, size_t *ret_size)
{
	if (crash_disk_fails(file->disk, CRASH_READ))
		return -EIO;
	*ret_size = crash_image_read(&file->shown, to, size, offset);
	return 0;
}

static void put(struct crash_file *file, const void *bytes, size_t size, uint64_t offset)
{
	crash_image_write(&file->shown, bytes, size, offset);
	if (!file->disk->dead)
		remember(file, bytes, size, offset);
}

int crash_file_write(struct crash_file *file, const void *bytes, size_t size, uint64_t offset)
{
	crash_disk_changes(file->disk);
	bool needs_room = file->disk->options.copies || offset + size > file->shown.size;
	if (needs_room && crash_disk_fails(file->disk, CRASH_FULL))
		return -ENOSPC;
	if (crash_disk_fails(file->disk, CRASH_WRITE)) {
		put(file, bytes, (size_t)random_below(random_of(file), size), offset);
		return -EIO;
	}
	put(file, bytes, size, offset);
	return 0;
}

int crash_file_truncate(struct crash_file *file, uint64_t size)
{
	crash_disk_changes(file->disk);
	if (crash_disk_fails(file->disk, CRASH_TRUNCATE))
		return -EIO;
	crash_image_resize(&file->shown, size);
	if (!file->disk->dead)
		*add_change(file) = (struct crash_change){.offset = size, .truncates = true};
	return 0;
}

int crash_file_sync(struct crash_file *file)
{
	crash_disk_changes(file->disk);
	if (crash_disk_fails(file->disk, CRASH_SYNC)) {
		crash_file_settle(file);
		file->doubtful = true;
		return -EIO;
	}
	if (file->disk->dead || file->disk->options.lies)
		return 0;
	for (size_t i = 0; i < file->changes_n; i++)
		apply(file, &file->changes[i], &file->stored);
	forget(file);
	return 0;
}

void crash_file_forget_cached(struct crash_file *file)
{
	if (!file->doubtful)
		return;
	file->doubtful = false;
	crash_image_copy(&file->shown, &file->stored);
	for (size_t i = 0; i < file->changes_n; i++)
		apply(file, &file->changes[i], &file->shown);
}

void crash_file_release(struct crash_file *file)
{
	if (!file || --file->holders > 0)
		return;
	struct crash_file **at = &file->disk->files;
	while (*at != file)
		at = &(*at)->next;
	*at = file->next;
	crash_image_clear(&file->shown);
	crash_image_clear(&file->stored);
	crash_image_clear(&file->left);
	for (int i = 0; i < CRASH_SHM_MAX; i++)
		free(file->locks.shm[i]);
	free(file->changes);
	free(file->bytes);
	free(file);
}

void crash_file_close(struct crash_file *file)
{
	file->opened--;
	crash_file_release(file);
}
