#include "tests/simulator/crash_disk.h"

#include "tests/simulator/crash_file.h"
#include "tests/simulator/crash_vfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- names --- */

static struct crash_name *find(const struct crash_disk *disk, const char *name)
{
	for (struct crash_name *at = disk->names; at; at = at->next)
		if (strcmp(at->name, name) == 0)
			return at;
	return NULL;
}

static struct crash_name *found_or_made(struct crash_disk *disk, const char *text)
{
	struct crash_name *name = find(disk, text);
	if (name)
		return name;
	name = calloc(1, sizeof(*name));
	if (!name || !(name->name = strdup(text)))
		abort();
	name->next = disk->names;
	return disk->names = name;
}

static void hold(struct crash_file **place, struct crash_file *file)
{
	if (file)
		file->holders++;
	crash_file_release(*place);
	*place = file;
}

static void rename_to(struct crash_disk *disk, struct crash_name *name, struct crash_file *file)
{
	hold(&name->shown, file);
	if (disk->dead)
		return;
	name->changes = realloc(name->changes, (name->changes_n + 1) * sizeof(*name->changes));
	if (!name->changes)
		abort();
	name->changes[name->changes_n] = NULL;
	hold(&name->changes[name->changes_n++], file);
}

/* From here on it stands for what it stood for after so many changes. */
static void settle_name(struct crash_name *name, size_t changes)
{
	if (changes > 0)
		hold(&name->stored, name->changes[changes - 1]);
	while (name->changes_n > 0)
		crash_file_release(name->changes[--name->changes_n]);
}

bool crash_disk_has(const struct crash_disk *disk, const char *name)
{
	const struct crash_name *found = find(disk, name);
	return found && found->shown && found->shown->shown.size > 0;
}

static struct crash_file *file_new(struct crash_disk *disk)
{
	struct crash_file *file = calloc(1, sizeof(*file));
	if (!file)
		abort();
	file->disk = disk;
	file->next = disk->files;
	return disk->files = file;
}

static struct crash_file *make(struct crash_disk *disk, const char *name)
{
	struct crash_file *file = file_new(disk);
	if (name) {
		crash_disk_changes(disk);
		rename_to(disk, found_or_made(disk, name), file);
	}
	return file;
}

int crash_file_open(
	struct crash_disk *disk, const char *name, bool may_make, struct crash_file **ret_file)
{
	struct crash_name *found = name ? find(disk, name) : NULL;
	struct crash_file *file = found ? found->shown : NULL;
	if (!file && name && !may_make)
		return -ENOENT;
	if (crash_disk_fails(disk, CRASH_OPEN))
		return -EIO;
	if (!file)
		file = make(disk, name);
	file->holders++;
	file->opened++;
	*ret_file = file;
	return 0;
}

int crash_disk_remove(struct crash_disk *disk, const char *name)
{
	struct crash_name *found = find(disk, name);
	if (!found || !found->shown)
		return -ENOENT;
	crash_disk_changes(disk);
	rename_to(disk, found, NULL);
	return 0;
}

void crash_disk_sync_folder(struct crash_disk *disk)
{
	if (disk->dead || disk->options.lies)
		return;
	for (struct crash_name *name = disk->names; name; name = name->next)
		settle_name(name, name->changes_n);
}

void crash_disk_forget_cached(struct crash_disk *disk)
{
	for (struct crash_file *file = disk->files; file && !disk->dead; file = file->next)
		crash_file_forget_cached(file);
}

/* --- death --- */

static void must_be_closed(const struct crash_disk *disk)
{
	for (const struct crash_file *file = disk->files; file; file = file->next)
		if (file->opened)
			abort();
}

void crash_disk_die(struct crash_disk *disk)
{
	if (disk->dead)
		return;
	disk->dead = true;
	disk->doom = 0;
	for (struct crash_file *file = disk->files; file; file = file->next)
		crash_image_copy(&file->left, &file->shown);
	for (struct crash_name *name = disk->names; name; name = name->next)
		hold(&name->left, name->shown);
}

void crash_disk_doom(struct crash_disk *disk, int n, void (*died)(void *context), void *context)
{
	disk->doom = n;
	disk->died = died;
	disk->died_context = context;
}

void crash_disk_changes(struct crash_disk *disk)
{
	if (disk->doom == 0 || --disk->doom > 0)
		return;
	crash_disk_die(disk);
	disk->died(disk->died_context);
}

void crash_disk_revive(struct crash_disk *disk)
{
	must_be_closed(disk);
	disk->doom = 0;
	if (!disk->dead)
		return;
	disk->dead = false;
	for (struct crash_name *name = disk->names; name; name = name->next) {
		hold(&name->shown, name->left);
		hold(&name->left, NULL);
	}
	/* A file made since then has no name any more, and is gone. */
	for (struct crash_file *file = disk->files; file; file = file->next) {
		crash_image_copy(&file->shown, &file->left);
		crash_image_clear(&file->left);
	}
}

static void cut_names(struct crash_disk *disk)
{
	for (struct crash_name *name = disk->names; name; name = name->next) {
		size_t kept = (size_t)random_below(disk->options.random, name->changes_n + 1);
		disk->counts.names_dropped += (int)(name->changes_n - kept);
		settle_name(name, kept);
		hold(&name->shown, name->stored);
	}
}

void crash_disk_cut(struct crash_disk *disk)
{
	crash_disk_revive(disk);
	disk->counts.cuts++;
	for (struct crash_file *file = disk->files; file; file = file->next) {
		crash_file_settle(file);
		crash_image_copy(&file->shown, &file->stored);
		file->doubtful = false;
	}
	cut_names(disk);
}

/* --- copies --- */

struct crash_copy {
	struct crash_copy *next;
	char *name;
	struct crash_image image;
};

struct crash_copy *crash_disk_copy(const struct crash_disk *disk)
{
	struct crash_copy *first = NULL;
	for (const struct crash_name *name = disk->names; name; name = name->next) {
		if (!name->shown)
			continue;
		struct crash_copy *copy = calloc(1, sizeof(*copy));
		if (!copy || !(copy->name = strdup(name->name)))
			abort();
		crash_image_copy(&copy->image, &name->shown->shown);
		copy->next = first;
		first = copy;
	}
	return first;
}

struct crash_copy *crash_copy_free(struct crash_copy *copy)
{
	while (copy) {
		struct crash_copy *next = copy->next;
		crash_image_clear(&copy->image);
		free(copy->name);
		free(copy);
		copy = next;
	}
	return NULL;
}

static void forget_names(struct crash_disk *disk)
{
	while (disk->names) {
		struct crash_name *name = disk->names;
		disk->names = name->next;
		settle_name(name, 0);
		hold(&name->shown, NULL);
		hold(&name->stored, NULL);
		hold(&name->left, NULL);
		free(name->changes);
		free(name->name);
		free(name);
	}
}

void crash_disk_put_back(struct crash_disk *disk, const struct crash_copy *copy)
{
	crash_disk_revive(disk);
	forget_names(disk);
	for (; copy; copy = copy->next) {
		struct crash_file *file = file_new(disk);
		struct crash_name *name = found_or_made(disk, copy->name);
		crash_image_copy(&file->shown, &copy->image);
		crash_image_copy(&file->stored, &copy->image);
		hold(&name->shown, file);
		hold(&name->stored, file);
	}
}

/* --- trouble --- */

void crash_disk_break(struct crash_disk *disk, enum crash_fault fault, int n, int times)
{
	disk->triggers[fault] = (struct crash_trigger){.before = n - 1, .times = times};
}

void crash_disk_mend(struct crash_disk *disk)
{
	memset(disk->triggers, 0, sizeof(disk->triggers));
}

bool crash_disk_fails(struct crash_disk *disk, enum crash_fault fault)
{
	struct crash_trigger *trigger = &disk->triggers[fault];
	if (disk->dead || trigger->times == 0)
		return false;
	if (trigger->before > 0) {
		trigger->before--;
		return false;
	}
	trigger->times--;
	disk->counts.failed[fault]++;
	return true;
}

const struct crash_counts *crash_disk_counts(const struct crash_disk *disk)
{
	return &disk->counts;
}

/* --- life --- */

struct crash_disk *crash_disk_new(const struct crash_disk_options *options)
{
	struct crash_disk *disk = calloc(1, sizeof(*disk));
	if (!disk)
		abort();
	disk->options = *options;
	disk->vfs = crash_vfs_new(disk);
	return disk;
}

struct crash_disk *crash_disk_free(struct crash_disk *disk)
{
	if (!disk)
		return NULL;
	must_be_closed(disk);
	forget_names(disk);
	crash_vfs_free(disk->vfs);
	free(disk);
	return NULL;
}

const char *crash_disk_vfs(const struct crash_disk *disk)
{
	return crash_vfs_name(disk->vfs);
}
