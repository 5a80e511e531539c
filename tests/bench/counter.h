/* A number in a file that several processes have mapped. */
#ifndef LENDLOCK_TESTS_BENCH_COUNTER_H
#define LENDLOCK_TESTS_BENCH_COUNTER_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of a file with the 8 bytes of a number in it, the machine's order. */
static inline _Atomic uint64_t *counter_map(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *memory = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || memory == MAP_FAILED)
		abort();
	close(fd);
	return memory;
}

#endif
