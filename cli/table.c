#include "cli/table.h"

#include "lib/base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define GAP    2  /* between columns */
#define NARROW 10 /* no column is wrapped into less */

struct column {
	const char *heading; /* points into table->headings */
	bool number, wraps, optional;
};

struct table {
	size_t columns;
	char *headings;
	struct column column[TABLE_COLUMNS_MAX];
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

static size_t width_of(const char *text, size_t bytes)
{
	size_t width = 0;
	for (const char *at = text; at < text + bytes;)
		width += point_width(next_point(&at));
	return width;
}

size_t text_width(const char *text)
{
	return width_of(text, strlen(text));
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

/* What stands in front of a heading says what kind of column it is. */
static struct column column_of(const char *heading)
{
	struct column column = {0};
	for (;; heading++) {
		if (*heading == '>')
			column.number = true;
		else if (*heading == '~')
			column.wraps = true;
		else if (*heading == '?')
			column.optional = true;
		else
			break;
	}
	column.heading = heading;
	return column;
}

struct table *table_new(const char *headings)
{
	struct table *table = calloc(1, sizeof(*table));
	if (!table || !(table->headings = strdup(headings)))
		abort();
	char *at = table->headings;
	for (char *heading; (heading = strsep(&at, "|"));) {
		if (table->columns == TABLE_COLUMNS_MAX)
			abort();
		table->column[table->columns++] = column_of(heading);
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
static size_t natural_width(const struct table *table, size_t column)
{
	size_t widest = 0;
	for (size_t row = 0; row < table_rows(table); row++) {
		size_t width = text_width(cell_at(table, row, column));
		widest = width > widest ? width : widest;
	}
	size_t heading = text_width(table->column[column].heading);
	return widest == 0 ? 0 : widest > heading ? widest : heading;
}

/* --- layout ----------------------------------------------------------------------- */

struct layout {
	size_t widths[TABLE_COLUMNS_MAX]; /* 0: not shown */
	const char *left_out;             /* the heading of one that did not fit, or NULL */
};

static size_t total_width(const struct table *table, const struct layout *layout)
{
	size_t total = 0;
	for (size_t i = 0; i < table->columns; i++)
		if (layout->widths[i] > 0)
			total += layout->widths[i] + (total > 0 ? GAP : 0);
	return total;
}

/* The widest column that can still give one away, or -1. */
static int widest_that_wraps(const struct table *table, const struct layout *layout)
{
	int widest = -1;
	for (size_t i = 0; i < table->columns; i++) {
		size_t heading = text_width(table->column[i].heading);
		size_t least = heading > NARROW ? heading : NARROW;
		if (table->column[i].wraps && layout->widths[i] > least &&
			(widest < 0 || layout->widths[i] > layout->widths[widest]))
			widest = (int)i;
	}
	return widest;
}

/* Wraps what can be wrapped until it fits. Whether it does. */
static bool narrow(const struct table *table, struct layout *layout, size_t width)
{
	while (total_width(table, layout) > width) {
		int widest = widest_that_wraps(table, layout);
		if (widest < 0)
			return false;
		layout->widths[widest]--;
	}
	return true;
}

/* What does not fit whatever is done is as wide as it is: better broken by the
 * terminal than lost. */
static struct layout lay_out(const struct table *table, size_t width)
{
	struct layout natural = {0};
	for (size_t i = 0; i < table->columns; i++)
		natural.widths[i] = natural_width(table, i);
	struct layout layout = natural;
	if (width == 0 || narrow(table, &layout, width))
		return layout;
	for (size_t i = table->columns; i-- > 0;) {
		if (!table->column[i].optional || natural.widths[i] == 0)
			continue;
		natural.widths[i] = 0;
		natural.left_out = table->column[i].heading;
		layout = natural;
		if (narrow(table, &layout, width))
			break;
	}
	return layout;
}

/* --- printing --------------------------------------------------------------------- */

/* How many bytes of text make its next line: as many words as fit, or what fits of a long word. */
static size_t next_line(const char *text, size_t width)
{
	size_t fits = bytes_that_fit(text, width);
	if (text[fits] == '\0' || text[fits] == ' ')
		return fits;
	size_t end = fits;
	while (end > 0 && text[end] != ' ')
		end--;
	if (end > 0)
		return end;
	const char *next = text;
	next_point(&next);
	return fits > 0 ? fits : (size_t)(next - text);
}

/* One line of a row, without blanks at its end. cells are moved on to what is left of them; returns
 * whether anything is. */
static bool print_line(
	const struct table *table, const struct layout *layout, const char **cells, FILE *out)
{
	size_t blanks = 0;
	bool more = false;
	for (size_t i = 0; i < table->columns; i++) {
		const struct column *column = &table->column[i];
		size_t width = layout->widths[i];
		if (width == 0)
			continue;
		size_t bytes = column->wraps ? next_line(cells[i], width) : strlen(cells[i]);
		size_t takes = width_of(cells[i], bytes), pad = width > takes ? width - takes : 0;
		blanks += column->number ? pad : 0;
		if (bytes > 0) {
			fprintf(out, "%*s%.*s", (int)blanks, "", (int)bytes, cells[i]);
			blanks = 0;
		}
		blanks += (column->number ? 0 : pad) + GAP;
		cells[i] += bytes;
		cells[i] += strspn(cells[i], " ");
		more |= cells[i][0] != '\0';
	}
	fputc('\n', out);
	return more;
}

static void print_row(
	const struct table *table, const struct layout *layout, char *const *row, FILE *out)
{
	const char *cells[TABLE_COLUMNS_MAX] = {0};
	for (size_t i = 0; i < table->columns; i++)
		cells[i] = row ? row[i] : table->column[i].heading;
	while (print_line(table, layout, cells, out))
		;
}

void table_print(const struct table *table, size_t width, FILE *out)
{
	if (table_rows(table) == 0)
		return;
	const struct layout layout = lay_out(table, width);
	print_row(table, &layout, NULL, out);
	for (size_t row = 0; row < table_rows(table); row++)
		print_row(table, &layout, &table->cells[row * table->columns], out);
	if (layout.left_out)
		fprintf(out, "(%s is left out: the terminal is too narrow)\n", layout.left_out);
}
