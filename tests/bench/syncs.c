/*
 * Counts what a process flushes to disk: preloaded into a daemon, it keeps the number of its fsync
 * and fdatasync calls in the file that LENDLOCK_SYNCS names (8 bytes, the machine's order).
 */
#include "tests/bench/counter.h"

#include <dlfcn.h>

static _Atomic uint64_t nobody, *count = &nobody;

static __attribute__((constructor)) void open_count(void)
{
	const char *path = getenv("LENDLOCK_SYNCS");
	if (path)
		count = counter_map(path);
}

static int counted(const char *name, int fd)
{
	int (*real)(int) = (int (*)(int))(uintptr_t)dlsym(RTLD_NEXT, name);
	++*count;
	return real(fd);
}

int fsync(int fd)
{
	return counted("fsync", fd);
}

int fdatasync(int fd)
{
	return counted("fdatasync", fd);
}
