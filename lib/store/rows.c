/* Records as rows: their fields are the columns. */
#include "lib/store/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SQL_MAX 2048

static const void *field_of(const void *record, const struct field *field)
{
	return (const char *)record + field->offset;
}

static bool has_column(const struct field *field)
{
	return field->type < FIELD_RECORD;
}

static int bind_field(struct query *query, int index, const struct field *field, const void *value)
{
	const char *text = value;
	switch (field->type) {
	case FIELD_INTEGER:
	case FIELD_TIME:
		return sqlite3_bind_int64(query->statement, index, *(const int64_t *)value);
	case FIELD_BOOLEAN:
		return sqlite3_bind_int(query->statement, index, *(const bool *)value);
	case FIELD_CHOICE:
		text = field->names[*(const int *)value];
		return query_bind_text(query, index, text ? text : "");
	default:
		return query_bind_text(query, index, text);
	}
}

void row_bind(struct query *query, int *index, const struct record_type *type, const void *record)
{
	for (const struct field *field = type->fields; field->name; field++) {
		const void *value = field_of(record, field);
		if (field->type == FIELD_EMBED)
			row_bind(query, index, field->record, value);
		else if (has_column(field))
			query_check_bound(query, bind_field(query, ++*index, field, value));
	}
}

__attribute__((format(printf, 2, 3))) static void append(char *sql, const char *format, ...)
{
	size_t length = strlen(sql);
	va_list args;
	va_start(args, format);
	int n = vsnprintf(sql + length, SQL_MAX - length, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= SQL_MAX - length)
		abort(); /* a table of ours outgrew SQL_MAX */
}

/* Appends format once per column whose flags are (or, wanted 0, whatever they are) as wanted. */
static void append_columns(char *sql, const struct record_type *type, const char *before,
	const char *after, unsigned wanted, unsigned unwanted, const char **separator)
{
	for (const struct field *field = type->fields; field->name; field++) {
		if (field->type == FIELD_EMBED) {
			append_columns(
				sql, field->record, before, after, wanted, unwanted, separator);
		} else if (has_column(field) && (!wanted || (field->flags & wanted)) &&
			   !(field->flags & unwanted)) {
			append(sql, "%s%s", *separator, before);
			append(sql, "%s%s", *before == '?' ? "" : field->name, after);
			if (*after == '=')
				append(sql, "excluded.%s", field->name);
			*separator = ",";
		}
	}
}

static void columns(char *sql, const struct record_type *type, const char *before,
	const char *after, unsigned wanted, unsigned unwanted)
{
	const char *separator = "";
	append_columns(sql, type, before, after, wanted, unwanted, &separator);
}

bool database_put_if(struct database *database, const char *table, const struct record_type *type,
	const void *record, const char *condition)
{
	struct query **at = query_find(database, condition, table, type);
	if (!*at) {
		char sql[SQL_MAX] = "";
		append(sql, "INSERT INTO %s(", table);
		columns(sql, type, "", "", 0, 0);
		append(sql, ") VALUES(");
		columns(sql, type, "?", "", 0, 0);
		append(sql, ") ON CONFLICT(");
		columns(sql, type, "", "", FIELD_KEY, 0);
		append(sql, ") DO UPDATE SET ");
		columns(sql, type, "", "=", 0, FIELD_KEY | FIELD_FIXED);
		append(sql, " %s", condition);
		query_add(database, at, sql, condition, table, type);
	}
	int index = 0;
	(*at)->lifetime = SQLITE_STATIC;
	row_bind(*at, &index, type, record);
	query_next(*at);
	return !database->error && sqlite3_changes64(database->sqlite) > 0;
}

static const char always[] = "";

void database_put(struct database *database, const char *table, const struct record_type *type,
	const void *record)
{
	database_put_if(database, table, type, record, always);
}

static struct query *select_query(struct database *database, const char *table,
	const struct record_type *type, const char *tail)
{
	struct query **at = query_find(database, tail, table, type);
	if (*at)
		return *at;
	char sql[SQL_MAX] = "SELECT ";
	columns(sql, type, "", "", 0, 0);
	append(sql, " FROM %s %s", table, tail);
	return query_add(database, at, sql, tail, table, type);
}

struct query *database_select(struct database *database, const char *table,
	const struct record_type *type, const char *tail, const char *types, ...)
{
	struct query *query = select_query(database, table, type, tail);
	va_list args;
	va_start(args, types);
	query_bind(query, types, args, SQLITE_TRANSIENT);
	va_end(args);
	return query;
}

static void read_columns(
	struct query *query, int *column, const struct record_type *type, void *ret)
{
	for (const struct field *field = type->fields; field->name; field++) {
		void *value = (void *)(uintptr_t)field_of(ret, field);
		if (field->type == FIELD_EMBED) {
			read_columns(query, column, field->record, value);
			continue;
		}
		if (!has_column(field))
			continue;
		int c = (*column)++;
		if (field->type == FIELD_INTEGER || field->type == FIELD_TIME) {
			*(int64_t *)value = query_int(query, c);
		} else if (field->type == FIELD_BOOLEAN) {
			*(bool *)value = query_int(query, c) != 0;
		} else if (field->type == FIELD_CHOICE) {
			int found = choice_find(field->names, query_text(query, c));
			*(int *)value = found > 0 ? found : 0;
		} else {
			text_copy(value, field->size, query_text(query, c));
		}
	}
}

void query_record(struct query *query, const struct record_type *type, void *ret)
{
	memset(ret, 0, type->size);
	int column = 0;
	read_columns(query, &column, type, ret);
}

bool database_get(struct database *database, const char *table, const struct record_type *type,
	void *ret, const char *tail, const char *types, ...)
{
	struct query *query = select_query(database, table, type, tail);
	va_list args;
	va_start(args, types);
	query_bind(query, types, args, SQLITE_STATIC);
	va_end(args);
	memset(ret, 0, type->size);
	if (!query_next(query))
		return false;
	query_record(query, type, ret);
	query_end(query);
	return true;
}
