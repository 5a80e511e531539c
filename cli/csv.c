#include "cli/csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void csv_begin(struct csv *csv, const char *text, size_t size)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t skip = size >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
	*csv = (struct csv){.at = text + skip, .end = text + size, .line = 1};
}

void csv_row_clear(struct csv_row *row)
{
	free(row->text);
	row->text = NULL;
	row->n = 0;
}

static int bad(char *why, const char *words)
{
	snprintf(why, CSV_WHY_SIZE, "%s", words);
	return -EINVAL;
}

static bool at_line_end(const struct csv *csv)
{
	return csv->at == csv->end || *csv->at == '\n' ||
	       (*csv->at == '\r' && csv->at + 1 < csv->end && csv->at[1] == '\n');
}

static void skip_line_end(struct csv *csv)
{
	if (csv->at < csv->end && *csv->at == '\r')
		csv->at++;
	if (csv->at < csv->end && *csv->at == '\n') {
		csv->at++;
		csv->line++;
	}
}

static void skip_line(struct csv *csv)
{
	while (!at_line_end(csv))
		csv->at++;
	skip_line_end(csv);
}

/* Copies up to the closing quote; *out is moved on. */
static int take_quoted(struct csv *csv, char **out, char *why)
{
	for (csv->at++; csv->at < csv->end; csv->at++) {
		if (*csv->at == '\0')
			return bad(why, "a NUL byte");
		if (*csv->at == '\n')
			csv->line++;
		if (*csv->at != '"') {
			*(*out)++ = *csv->at;
		} else if (csv->at + 1 < csv->end && csv->at[1] == '"') {
			*(*out)++ = '"';
			csv->at++;
		} else {
			csv->at++;
			if (!at_line_end(csv) && *csv->at != ',')
				return bad(why, "text behind a closing quote");
			return 0;
		}
	}
	return bad(why, "a quote that is not closed");
}

static int take_plain(struct csv *csv, char **out, char *why)
{
	for (; !at_line_end(csv) && *csv->at != ','; csv->at++) {
		if (*csv->at == '"')
			return bad(why, "a quote within a field that is not quoted");
		if (*csv->at == '\0' || *csv->at == '\r')
			return bad(why, "a control character");
		*(*out)++ = *csv->at;
	}
	return 0;
}

/* One field; what is taken is never longer than what it is taken from. */
static int take_field(struct csv *csv, struct csv_row *row, char **out, char *why)
{
	if (row->n == CSV_FIELDS_MAX)
		return bad(why, "too many fields");
	row->fields[row->n++] = *out;
	bool quoted = csv->at < csv->end && *csv->at == '"';
	int r = quoted ? take_quoted(csv, out, why) : take_plain(csv, out, why);
	if (r == 0)
		*(*out)++ = '\0';
	return r;
}

int csv_next(struct csv *csv, struct csv_row *ret_row, char why[static CSV_WHY_SIZE])
{
	while (csv->at < csv->end && at_line_end(csv))
		skip_line_end(csv);
	if (csv->at == csv->end)
		return CSV_END;
	*ret_row = (struct csv_row){.line = csv->line};
	/* Each field gets a NUL in place of its comma, the last one in place of its line's end. */
	char *out = ret_row->text = malloc((size_t)(csv->end - csv->at) + 1);
	if (!out)
		abort();
	int r = take_field(csv, ret_row, &out, why);
	while (r == 0 && csv->at < csv->end && *csv->at == ',') {
		csv->at++;
		r = take_field(csv, ret_row, &out, why);
	}
	if (r < 0) {
		skip_line(csv);
		csv_row_clear(ret_row);
		return r;
	}
	skip_line_end(csv);
	return CSV_ROW;
}
