/* Tables for people: columns as wide as what stands in them, as a terminal counts (Hangul takes
 * two). */
#ifndef LENDLOCK_CLI_TABLE_H
#define LENDLOCK_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 12

/* How many columns of a terminal the text takes. UTF-8. */
size_t text_width(const char *text);

struct table;

/* headings: separated by '|'. Marks in front of one say how its column is set: '>' to the right, as
 * numbers; '~' in several lines where the terminal is narrow; '?' not at all where even that does
 * not do, the last one first. */
struct table *table_new(const char *headings);
struct table *table_free(struct table *table);
/* A cell of the current row, copied; the row ends by itself when it is full. NULL is empty. */
void table_cell(struct table *table, const char *text);
__attribute__((format(printf, 2, 3))) void table_cellf(
	struct table *table, const char *format, ...);
size_t table_rows(const struct table *table);
/* Prints headings and rows. Columns without any text are left out. width: of the terminal; 0: as
 * wide as it takes. Nothing is cut. */
void table_print(const struct table *table, size_t width, FILE *out);

#endif
