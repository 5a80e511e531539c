#include "cli/import.h"

#include "cli/arguments.h"
#include "cli/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum column_type { COLUMN_TEXT, COLUMN_INTEGER, COLUMN_DURATION, COLUMN_BOOLEAN };

static const struct {
	const char *name; /* in the file, and of the record's field */
	enum column_type type;
	bool required;
} columns[] = {
	{"item", COLUMN_TEXT, true},
	{"title", COLUMN_TEXT, true},
	{"description", COLUMN_TEXT, false},
	{"category", COLUMN_TEXT, false},
	{"amount", COLUMN_INTEGER, true},
	{"currency", COLUMN_TEXT, true},
	{"period", COLUMN_DURATION, true},
	{"kiosk", COLUMN_TEXT, false},
	{"inspect", COLUMN_BOOLEAN, false},
};
#define COLUMNS (sizeof(columns) / sizeof(*columns))

struct reader {
	const char *name, *kiosk;
	FILE *err;
	size_t mistakes;
	int place[COLUMNS]; /* in the file; -1: it has no such column */
	size_t wide;        /* how many columns the first row has */
	struct list items;  /* struct import_item */
};

__attribute__((format(printf, 3, 4))) static void mistake(
	struct reader *reader, size_t line, const char *format, ...)
{
	char words[256];
	va_list args;
	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	text_mend(words);
	fprintf(reader->err, "%s:%zu: %s\n", reader->name, line, words);
	reader->mistakes++;
}

/* --- the first row ---------------------------------------------------------------- */

static int column_of(const char *name)
{
	for (size_t i = 0; i < COLUMNS; i++)
		if (strcmp(columns[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* As spreadsheets write them where a comma stands in numbers. */
static bool is_split_otherwise(const struct csv_row *row)
{
	return row->n == 1 && strpbrk(row->fields[0], ";\t");
}

static void read_header(struct reader *reader, const struct csv_row *row)
{
	if (is_split_otherwise(row)) {
		mistake(reader, row->line,
			"want commas between the columns, not semicolons or tabs");
		return;
	}
	reader->wide = row->n;
	for (size_t i = 0; i < COLUMNS; i++)
		reader->place[i] = -1;
	for (size_t i = 0; i < row->n; i++) {
		int column = column_of(row->fields[i]);
		if (column < 0)
			mistake(reader, row->line, "%.60s: no such column", row->fields[i]);
		else if (reader->place[column] >= 0)
			mistake(reader, row->line, "%s: named twice", columns[column].name);
		else
			reader->place[column] = (int)i;
	}
	for (size_t i = 0; i < COLUMNS; i++)
		if (columns[i].required && reader->place[i] < 0)
			mistake(reader, row->line, "%s: this column is missing", columns[i].name);
}

/* --- the others ------------------------------------------------------------------- */

/* NULL: it is no such value. */
static json_t *cell_json(enum column_type type, const char *text)
{
	static const char *const yes_no[] = {"no", "yes", "false", "true", "0", "1", NULL};
	json_int_t number;
	char *end;
	int found;
	switch (type) {
	case COLUMN_TEXT:
		return json_string(text);
	case COLUMN_INTEGER:
		errno = 0;
		number = strtoll(text, &end, 10);
		return errno == 0 && end != text && *end == '\0' ? json_integer(number) : NULL;
	case COLUMN_DURATION:
		return arguments_duration(text, &number) == 0 ? json_integer(number) : NULL;
	case COLUMN_BOOLEAN:
		found = choice_find(yes_no, text);
		return found >= 0 ? json_boolean(found % 2) : NULL;
	}
	return NULL;
}

static json_t *row_json(struct reader *reader, const struct csv_row *row)
{
	static const char *const wanted[] = {
		[COLUMN_TEXT] = "UTF-8",
		[COLUMN_INTEGER] = "a whole number",
		[COLUMN_DURATION] = "a time, as 36h or 2d",
		[COLUMN_BOOLEAN] = "yes or no",
	};
	json_t *json = json_object();
	for (size_t i = 0; i < COLUMNS; i++) {
		const char *text = reader->place[i] >= 0 ? row->fields[reader->place[i]] : "";
		if (text[0] == '\0')
			continue;
		json_t *value = cell_json(columns[i].type, text);
		if (value)
			json_object_set_new(json, columns[i].name, value);
		else
			mistake(reader, row->line, "%s: %.60s: want %s", columns[i].name, text,
				wanted[columns[i].type]);
	}
	if (!json_object_get(json, "kiosk") && reader->kiosk[0])
		json_object_set_new(json, "kiosk", json_string(reader->kiosk));
	return json;
}

static bool is_known(struct reader *reader, const struct import_item *item)
{
	const struct import_item *other = reader->items.items;
	for (size_t i = 0; i < reader->items.n; i++)
		if (strcmp(other[i].entry.item, item->entry.item) == 0) {
			mistake(reader, item->line, "item: %s stands in line %zu, too",
				item->entry.item, other[i].line);
			return true;
		}
	return false;
}

static void read_row(struct reader *reader, const struct csv_row *row)
{
	if (row->n != reader->wide) {
		mistake(reader, row->line, "%zu fields; the first row has %zu", row->n,
			reader->wide);
		return;
	}
	size_t before = reader->mistakes;
	struct import_item item = {.line = row->line};
	char why[RECORD_WHY_SIZE];
	json_t *json = row_json(reader, row);
	/* What is wrong already is no news as missing. */
	if (reader->mistakes == before &&
		record_decode(&catalogue_record_type, json, &item.entry, why) != 0)
		mistake(reader, row->line, "%s", why);
	else if (reader->mistakes == before && !is_known(reader, &item))
		*(struct import_item *)list_add(&reader->items, sizeof(item)) = item;
	json_decref(json);
}

size_t import_read(const char *text, size_t size, const char *name, const char *kiosk,
	struct list *ret_items, FILE *err)
{
	struct reader reader = {.name = name, .kiosk = kiosk, .err = err};
	struct csv csv;
	struct csv_row row;
	char why[CSV_WHY_SIZE];
	csv_begin(&csv, text, size);
	bool header = true;
	for (int r; (r = csv_next(&csv, &row, why)) != CSV_END; header = false) {
		if (r < 0) {
			mistake(&reader, row.line, "%s", why);
			continue;
		}
		if (header)
			read_header(&reader, &row);
		else if (reader.wide > 0)
			read_row(&reader, &row);
		csv_row_clear(&row);
	}
	if (header)
		mistake(&reader, 1, "nothing is in it: want a first row with the names of columns");
	*ret_items = reader.items;
	return reader.mistakes;
}
