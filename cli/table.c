#include "cli/table.h"

#include "lib/base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define GAP 2 /* between columns */

struct table {
	size_t columns;
	char *headings; /* what heading[] points into */
	const char *heading[TABLE_COLUMNS_MAX];
	bool number[TABLE_COLUMNS_MAX];
	char **cells;
	size_t n, room;
};

/* --- how wide text is ------------------------------------------------------------- */

struct range {
	uint32_t first, last;
};

static bool within(const struct range *ranges, size_t n, uint32_t point)
{
	for (size_t i = 0; i < n; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

/* East Asian Wide and Fullwidth (UAX #11), in the blocks that have them as a whole. */
static bool is_wide(uint32_t point)
{
	static const struct range wide[] = {
		{0x1100, 0x115f},                     /* Hangul Jamo */
		{0x2e80, 0x303e},                     /* radicals, CJK punctuation */
		{0x3041, 0xa4cf},                     /* kana, CJK, Yi */
		{0xa960, 0xa97f},                     /* Hangul Jamo Extended-A */
		{0xac00, 0xd7a3},                     /* Hangul syllables */
		{0xf900, 0xfaff},                     /* CJK compatibility */
		{0xfe30, 0xfe6f},                     /* CJK compatibility forms */
		{0xff00, 0xff60},                     /* fullwidth forms */
		{0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, /* pictographs */
		{0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd}, /* CJK extensions */
	};
	return within(wide, sizeof(wide) / sizeof(*wide), point);
}

/* Combining marks and joiners stand with the character before. */
static bool is_mark(uint32_t point)
{
	static const struct range marks[] = {{0x300, 0x36f}, {0x1160, 0x11ff}, {0x200b, 0x200f},
		{0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
	return within(marks, sizeof(marks) / sizeof(*marks), point);
}

/* The character at *at, which is moved on. Ill-formed bytes are characters of their own. */
static uint32_t next_point(const char **at)
{
	const unsigned char *bytes = (const unsigned char *)*at;
	size_t length = bytes[0] < 0xc0 ? 1 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
	uint32_t point = length == 1 ? bytes[0] : bytes[0] & (0x7fU >> length);
	*at += 1;
	for (size_t i = 1; i < length && (bytes[i] & 0xc0) == 0x80; i++, *at += 1)
		point = point << 6 | (bytes[i] & 0x3fU);
	return point;
}

static size_t point_width(uint32_t point)
{
	return is_mark(point) ? 0 : is_wide(point) ? 2 : 1;
}

size_t text_width(const char *text)
{
	size_t width = 0;
	while (*text)
		width += point_width(next_point(&text));
	return width;
}

/* How many bytes of text fit. */
static size_t bytes_that_fit(const char *text, size_t width)
{
	const char *at = text;
	while (*at) {
		const char *next = at;
		size_t takes = point_width(next_point(&next));
		if (takes > width)
			break;
		width -= takes;
		at = next;
	}
	return (size_t)(at - text);
}

/* --- tables ----------------------------------------------------------------------- */

struct table *table_new(const char *headings)
{
	struct table *table = calloc(1, sizeof(*table));
	if (!table || !(table->headings = strdup(headings)))
		abort();
	char *at = table->headings;
	for (char *heading; (heading = strsep(&at, "|"));) {
		if (table->columns == TABLE_COLUMNS_MAX)
			abort();
		table->number[table->columns] = heading[0] == '>';
		table->heading[table->columns++] = heading + (heading[0] == '>');
	}
	return table;
}

struct table *table_free(struct table *table)
{
	if (!table)
		return NULL;
	for (size_t i = 0; i < table->n; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table->headings);
	free(table);
	return NULL;
}

void table_cell(struct table *table, const char *text)
{
	if (table->n == table->room) {
		table->room = table->room ? 2 * table->room : 64;
		table->cells = realloc(table->cells, table->room * sizeof(*table->cells));
		if (!table->cells)
			abort();
	}
	char *cell = strdup(text ? text : "");
	if (!cell)
		abort();
	text_mend(cell); /* what comes from elsewhere must not steer the terminal */
	table->cells[table->n++] = cell;
}

void table_cellf(struct table *table, const char *format, ...)
{
	char *text;
	va_list args;
	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		abort();
	table_cell(table, text);
	free(text);
}

size_t table_rows(const struct table *table)
{
	return table->n / table->columns;
}

static const char *cell_at(const struct table *table, size_t row, size_t column)
{
	return table->cells[row * table->columns + column];
}

/* 0: nothing stands in it. */
static size_t column_width(const struct table *table, size_t column)
{
	size_t widest = 0;
	for (size_t row = 0; row < table_rows(table); row++) {
		size_t width = text_width(cell_at(table, row, column));
		widest = width > widest ? width : widest;
	}
	size_t heading = text_width(table->heading[column]);
	return widest == 0 ? 0 : widest > heading ? widest : heading;
}

static void print_spaces(size_t n, FILE *out)
{
	fprintf(out, "%*s", (int)n, "");
}

struct layout {
	size_t widths[TABLE_COLUMNS_MAX];
	size_t last;  /* the last column that is shown */
	size_t width; /* of the terminal, or 0 */
};

static struct layout lay_out(const struct table *table, size_t width)
{
	struct layout layout = {.width = width};
	for (size_t column = 0; column < table->columns; column++) {
		layout.widths[column] = column_width(table, column);
		if (layout.widths[column] > 0)
			layout.last = column;
	}
	return layout;
}

/* The last cell of a line: no blanks behind it, and cut where the terminal ends. */
static void print_last(const char *text, const struct layout *layout, size_t used, FILE *out)
{
	size_t room = layout->width > used ? layout->width - used : 1;
	size_t bytes = layout->width ? bytes_that_fit(text, room) : strlen(text);
	fprintf(out, "%.*s\n", (int)bytes, text);
}

static void print_line(
	const struct table *table, const struct layout *layout, const char *const *cells, FILE *out)
{
	size_t used = 0;
	for (size_t column = 0; column <= layout->last; column++) {
		size_t wide = layout->widths[column];
		if (wide == 0)
			continue;
		size_t blanks = wide - text_width(cells[column]);
		if (table->number[column])
			print_spaces(blanks, out);
		if (column == layout->last) {
			print_last(cells[column], layout, used, out);
			break;
		}
		fputs(cells[column], out);
		print_spaces((table->number[column] ? 0 : blanks) + GAP, out);
		used += wide + GAP;
	}
}

void table_print(const struct table *table, size_t width, FILE *out)
{
	if (table_rows(table) == 0)
		return;
	const struct layout layout = lay_out(table, width);
	print_line(table, &layout, table->heading, out);
	for (size_t row = 0; row < table_rows(table); row++)
		print_line(table, &layout, (const char *const *)&table->cells[row * table->columns],
			out);
}
