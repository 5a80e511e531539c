/* The bytes of a made-up file. Copies share their blocks until one of them is written to. */
#ifndef LENDLOCK_TESTS_SIMULATOR_CRASH_IMAGE_H
#define LENDLOCK_TESTS_SIMULATOR_CRASH_IMAGE_H

#include <stddef.h>
#include <stdint.h>

struct crash_block;

/* Zeroed: an empty file. */
struct crash_image {
	struct crash_block **blocks; /* NULL: zeros */
	size_t room;                 /* of blocks */
	uint64_t size;
};

/* Returns how many bytes there were. */
size_t crash_image_read(const struct crash_image *image, void *to, size_t size, uint64_t offset);
/* Makes it longer if need be, with zeros in between. */
void crash_image_write(struct crash_image *image, const void *bytes, size_t size, uint64_t offset);
void crash_image_resize(struct crash_image *image, uint64_t size);
/* What image held before is let go. */
void crash_image_copy(struct crash_image *image, const struct crash_image *from);
void crash_image_clear(struct crash_image *image);

#endif
