/*
 * Records: each kind of thing that crosses the wire or lies in a table is described once, as a
 * const table of fields over a C struct. From that table come the strict JSON decoder, the encoder,
 * the JSON Schema (schemas/, written by lendlock-schemas) and the SQL columns (store/database.h),
 * so the four cannot drift apart.
 *
 * An absent optional field is the zero value of its C type (empty text, 0, false, NULL, no list),
 * and a zero value is left out when an optional field is encoded. Where zero means something, the
 * field is required.
 */
#ifndef LENDLOCK_WIRE_RECORD_H
#define LENDLOCK_WIRE_RECORD_H

#include "lib/base/text.h"
#include "lib/base/time.h"
#include "lib/base/uuid.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INTEGER_MAX INT64_C(9007199254740991) /* 2^53-1: what every JSON reader holds exactly */

enum field_type {
	FIELD_TEXT,    /* char[size]: printable UTF-8, min..size-1 bytes */
	FIELD_NAME,    /* char[NAME_SIZE]: [a-z0-9-]{1,32} */
	FIELD_UUID,    /* char[UUID_SIZE] */
	FIELD_DIGITS,  /* char[size]: min..size-1 decimal digits, as text */
	FIELD_INTEGER, /* int64_t: min..max */
	FIELD_BOOLEAN, /* bool */
	FIELD_CHOICE,  /* int (an enum): index into names; index 0 may be NULL for "absent" */
	FIELD_TIME,    /* usec, wall: RFC 3339 on the wire */
	FIELD_RECORD,  /* struct *: a record, owned */
	FIELD_EMBED,   /* struct: its fields stand among the outer ones, on the wire and in SQL */
	FIELD_LIST,    /* struct list of records, at most max */
	FIELD_NAMES,   /* struct list of char[NAME_SIZE], at most max */
	FIELD_JSON,    /* json_t *: any object, owned by reference */
};

enum field_flags {
	FIELD_REQUIRED = 1,
	FIELD_KEY = 2, /* (part of) the primary key of the record's table */
	FIELD_FIXED =
		4, /* never changes: a put over an older row leaves it, and its indexes, alone */
};

struct record_type;

struct field {
	const char *name;
	enum field_type type;
	unsigned flags;
	size_t offset;
	size_t size;
	int64_t min, max;
	const char *const *names; /* FIELD_CHOICE: ended by a NULL after index 0 */
	const struct record_type *record;
	const char *about; /* one sentence, for the schema and topics.md */
};

struct record_type {
	const char *name;
	const char *about;
	const struct field *fields; /* ended by a NULL name */
	size_t size;                /* of the C struct */
	bool closed;                /* unknown fields are an error (requests), not ignored */
};

/* Items stand one after another, n of them; freed by record_clear of the record that holds it. */
struct list {
	void *items;
	size_t n;
};

#define RECORD_WHY_SIZE 160
#define RECORD_BAD      1 /* the JSON is not such a record; why says what and where */

/* Rules for reading a record out of JSON. ret is zeroed first; on RECORD_BAD it is left cleared.
 * The caller clears it with record_clear(). */
int record_decode(const struct record_type *type, const json_t *json, void *ret,
	char why[static RECORD_WHY_SIZE]);
/* As JSON text in its shortest form, freed by free(). The record must be valid.
 * ret_size: or NULL. */
char *record_write(const struct record_type *type, const void *record, size_t *ret_size);
/* The same as a tree, a new reference. */
json_t *record_encode(const struct record_type *type, const void *record);

/* A piece of JSON text; the bytes are somebody else's. */
struct json_text {
	const char *bytes;
	size_t size;
};
/*
 * Reads a record of plain fields (no lists, records or embedded ones) out of text as record_write()
 * makes it, without a copy or a tree, and moves *at behind it. A FIELD_JSON stays NULL; its text is
 * ret_json, of which only the braces were looked at. False: it is not so simple, or not good; then
 * json_read() and record_decode() decide. ret is zeroed in that case, and owns nothing in any.
 */
bool record_scan(const struct record_type *type, const char **at, const char *end, void *ret,
	struct json_text *ret_json);
/* Frees what the record owns and zeroes it. */
void record_clear(const struct record_type *type, void *record);
/* The JSON Schema (draft 2020-12) of one type, a new reference. */
json_t *record_schema(const struct record_type *type);

/* Adds a zeroed item to a list of items of that size and returns it; valid until the next. */
void *list_add(struct list *list, size_t item_size);

/* The index of text in names, or -1. */
int choice_find(const char *const *names, const char *text);

/*
 * Parses bytes from outside: at most max bytes, UTF-8, no duplicate keys, at most 16 levels deep.
 * Returns 0 and a new reference, or RECORD_BAD and why.
 */
int json_read(const void *bytes, size_t size, size_t max, json_t **ret_json,
	char why[static RECORD_WHY_SIZE]);
/* Compact, keys in the order they were set. Freed by free(). */
char *json_write(const json_t *json, size_t *ret_size);

#endif
