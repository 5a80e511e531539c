#include "tests/fuzz/kept_database.h"

#include "lib/store/database.h"
#include "tests/fuzz/fuzz.h"

int __real_database_open(const char *path, const char *vfs, const char *const *migrations,
	struct database **ret_database);
int __wrap_database_open(const char *path, const char *vfs, const char *const *migrations,
	struct database **ret_database);
struct database *__real_database_close(struct database *database);
struct database *__wrap_database_close(struct database *database);

static struct database *kept;
static bool is_kept;

void kept_database(bool wanted)
{
	is_kept = wanted;
}

int __wrap_database_open(const char *path, const char *vfs, const char *const *migrations,
	struct database **ret_database)
{
	if (is_kept && kept) {
		*ret_database = kept;
		return 0;
	}
	int r = __real_database_open(path, vfs, migrations, ret_database);
	if (r == 0 && is_kept) {
		kept = *ret_database;
		/* Only so does it look at the file again for what others wrote. */
		database_run(kept, "PRAGMA journal_mode=MEMORY", "");
		database_run(kept, "PRAGMA locking_mode=NORMAL", "");
		database_number(kept, 0, "SELECT count(*) FROM sqlite_schema", "");
		FUZZ_CHECK(database_error(kept) == 0);
	}
	return r;
}

struct database *__wrap_database_close(struct database *database)
{
	if (database != kept || !database)
		return __real_database_close(database);
	FUZZ_CHECK(database_error(database) == 0);
	database_rollback(database);
	return NULL;
}
