#include "tests/simulator/crash_image.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 16384

struct crash_block {
	int holders;
	unsigned char bytes[BLOCK];
};

static void release(struct crash_block *block)
{
	if (block && --block->holders == 0)
		free(block);
}

/* A block of its own, which nobody else sees changed. */
static struct crash_block *own(struct crash_image *image, size_t i)
{
	struct crash_block *block = image->blocks[i];
	if (block && block->holders == 1)
		return block;
	struct crash_block *copy = malloc(sizeof(*copy));
	if (!copy)
		abort();
	copy->holders = 1;
	if (block)
		memcpy(copy->bytes, block->bytes, BLOCK);
	else
		memset(copy->bytes, 0, BLOCK);
	release(block);
	return image->blocks[i] = copy;
}

static size_t blocks_of(uint64_t size)
{
	return (size_t)((size + BLOCK - 1) / BLOCK);
}

static size_t least(uint64_t a, uint64_t b)
{
	return (size_t)(a < b ? a : b);
}

size_t crash_image_read(const struct crash_image *image, void *to, size_t size, uint64_t offset)
{
	if (offset >= image->size)
		return 0;
	size_t left = least(size, image->size - offset), total = left;
	unsigned char *at = to;
	while (left > 0) {
		const struct crash_block *block = image->blocks[offset / BLOCK];
		size_t part = least(left, BLOCK - offset % BLOCK);
		if (block)
			memcpy(at, block->bytes + offset % BLOCK, part);
		else
			memset(at, 0, part);
		at += part;
		offset += part;
		left -= part;
	}
	return total;
}

static void make_room(struct crash_image *image, uint64_t size)
{
	size_t wanted = blocks_of(size), room = image->room ? image->room : 4;
	while (room < wanted)
		room *= 2;
	if (room == image->room)
		return;
	image->blocks = realloc(image->blocks, room * sizeof(struct crash_block *));
	if (!image->blocks)
		abort();
	for (; image->room < room; image->room++)
		image->blocks[image->room] = NULL;
}

void crash_image_write(struct crash_image *image, const void *bytes, size_t size, uint64_t offset)
{
	const unsigned char *at = bytes;
	make_room(image, offset + size);
	if (image->size < offset + size)
		image->size = offset + size;
	while (size > 0) {
		size_t part = least(size, BLOCK - offset % BLOCK);
		memcpy(own(image, (size_t)(offset / BLOCK))->bytes + offset % BLOCK, at, part);
		at += part;
		offset += part;
		size -= part;
	}
}

/* Beyond its end all is zero, so that it can grow again. */
void crash_image_resize(struct crash_image *image, uint64_t size)
{
	make_room(image, size);
	if (size < image->size) {
		for (size_t i = blocks_of(size); i < blocks_of(image->size); i++) {
			release(image->blocks[i]);
			image->blocks[i] = NULL;
		}
		size_t used = (size_t)(size % BLOCK);
		if (used > 0 && image->blocks[size / BLOCK])
			memset(own(image, (size_t)(size / BLOCK))->bytes + used, 0, BLOCK - used);
	}
	image->size = size;
}

void crash_image_copy(struct crash_image *image, const struct crash_image *from)
{
	struct crash_image copy = {0};
	make_room(&copy, from->size);
	copy.size = from->size;
	for (size_t i = 0; i < blocks_of(from->size); i++) {
		copy.blocks[i] = from->blocks[i];
		if (copy.blocks[i])
			copy.blocks[i]->holders++;
	}
	crash_image_clear(image);
	*image = copy;
}

void crash_image_clear(struct crash_image *image)
{
	for (size_t i = 0; i < blocks_of(image->size); i++)
		release(image->blocks[i]);
	free(image->blocks);
	*image = (struct crash_image){0};
}
