/* In libFuzzer's place: tries each file of each folder that is named, in the order of
 * their names. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void try_file(const char *folder, const char *name)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	if (!file)
		FUZZ_FAIL("%s cannot be read", path);
	uint8_t *bytes = NULL;
	size_t size = 0, n;
	do {
		bytes = realloc(bytes, size + 65536);
		if (!bytes)
			abort();
		n = fread(bytes + size, 1, 65536, file);
		size += n;
	} while (n > 0);
	fclose(file);
	if (getenv("FUZZ_NAMES")) /* which one it was, should it crash */
		fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
}

static int try_folder(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort), tried = 0;
	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.') {
			try_file(path, entries[i]->d_name);
			tried++;
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return tried;
}

int main(int argc, char **argv)
{
	int tried = 0;
	fuzz_is_thorough = true;
	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		tried += try_folder(argv[i]);
	printf("%d inputs\n", tried);
	return tried > 0 ? 0 : 1;
}
