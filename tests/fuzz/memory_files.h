/*
 * Files in memory as SQLite's usual VFS: a database is put back to what it was in a microsecond,
 * which is what makes a thousand inputs a second possible. Nothing here ever fails; what disks do
 * wrong is tried elsewhere.
 */
#ifndef LENDLOCK_TESTS_FUZZ_MEMORY_FILES_H
#define LENDLOCK_TESTS_FUZZ_MEMORY_FILES_H

/* From here on every database of this process lies in memory. */
void memory_files_start(void);
/* What there is now is what memory_files_restore() puts back. No file may be open, or for the
 * latter no other than the database that is kept (kept_database.h). */
void memory_files_keep(void);
void memory_files_restore(void);

#endif
