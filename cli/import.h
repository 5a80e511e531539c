/* Items out of a CSV file: read and checked as a whole, before the first one is sent. */
#ifndef LENDLOCK_CLI_IMPORT_H
#define LENDLOCK_CLI_IMPORT_H

#include "lib/wire/records.h"

#include <stdio.h>

struct import_item {
	size_t line; /* in the file */
	struct catalogue_record entry;
};

/* Reads text into ret_items (struct import_item; the caller frees the items). kiosk: of rows that
 * name none; may be "". Each mistake is told on err with its line. How many there are. */
size_t import_read(const char *text, size_t size, const char *name, const char *kiosk,
	struct list *ret_items, FILE *err);

#endif
