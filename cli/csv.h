/*
 * Comma-separated values (RFC 4180): quoted fields may hold commas, line breaks and doubled quotes.
 * Lines end with CRLF or LF. A byte order mark at the start and empty lines are skipped.
 */
#ifndef LENDLOCK_CLI_CSV_H
#define LENDLOCK_CLI_CSV_H

#include <stdbool.h>
#include <stddef.h>

#define CSV_FIELDS_MAX 64
#define CSV_WHY_SIZE   96

struct csv {
	const char *at, *end; /* of the text; borrowed */
	size_t line;          /* on which the next row begins, from 1 */
};

struct csv_row {
	size_t line; /* on which it begins */
	size_t n;
	char *fields[CSV_FIELDS_MAX]; /* NUL-terminated */
	char *text;                   /* what they point into */
};

#define CSV_ROW 1
#define CSV_END 0

void csv_begin(struct csv *csv, const char *text, size_t size);
/* CSV_ROW and the row, to be cleared; CSV_END; or -EINVAL, and why, without a line number:
 * row->line says where. After an error reading goes on with the next line. */
int csv_next(struct csv *csv, struct csv_row *ret_row, char why[static CSV_WHY_SIZE]);
void csv_row_clear(struct csv_row *row);

#endif
