/* Records as JSON Schema, draft 2020-12. */
#include "lib/wire/record.h"

#include <string.h>

static json_t *schema_text(const struct field *field)
{
	switch (field->type) {
	case FIELD_NAME:
		return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[a-z0-9-]{1,32}$");
	case FIELD_UUID:
		return json_pack("{s:s, s:s}", "type", "string", "pattern",
			"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$");
	case FIELD_DIGITS:
		return json_pack("{s:s, s:s, s:I, s:I}", "type", "string", "pattern", "^[0-9]*$",
			"minLength", (json_int_t)field->min, "maxLength",
			(json_int_t)field->size - 1);
	case FIELD_TIME: /* few validators look at a format */
		return json_pack("{s:s, s:s, s:s}", "type", "string", "format", "date-time",
			"pattern",
			"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?"
			"([Zz]|[+-][0-9]{2}:[0-9]{2})$");
	default: /* bytes here, characters there: a schema cannot say bytes */
		return json_pack("{s:s, s:I, s:I, s:s}", "type", "string", "minLength",
			(json_int_t)(field->min > 0), "maxLength", (json_int_t)field->size - 1,
			"pattern", "^[^\\u0000-\\u001f\\u007f-\\u009f]*$");
	}
}

static json_t *schema_choice(const struct field *field)
{
	json_t *names = json_array();
	for (int i = 0; i == 0 || field->names[i]; i++)
		if (field->names[i])
			json_array_append_new(names, json_string(field->names[i]));
	return json_pack("{s:o}", "enum", names);
}

static json_t *schema_value(const struct field *field)
{
	switch (field->type) {
	case FIELD_INTEGER:
		return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
			(json_int_t)field->min, "maximum", (json_int_t)field->max);
	case FIELD_BOOLEAN:
		return json_pack("{s:s}", "type", "boolean");
	case FIELD_CHOICE:
		return schema_choice(field);
	case FIELD_RECORD:
		return record_schema(field->record);
	case FIELD_LIST:
		return json_pack("{s:s, s:I, s:o}", "type", "array", "maxItems",
			(json_int_t)field->max, "items", record_schema(field->record));
	case FIELD_NAMES:
		return json_pack("{s:s, s:I, s:{s:s, s:s}}", "type", "array", "maxItems",
			(json_int_t)field->max, "items", "type", "string", "pattern",
			"^[a-z0-9-]{1,32}$");
	case FIELD_JSON:
		return json_pack("{s:s}", "type", "object");
	default:
		return schema_text(field);
	}
}

static void schema_fields(const struct record_type *type, json_t *properties, json_t *required)
{
	for (const struct field *field = type->fields; field->name; field++) {
		if (field->type == FIELD_EMBED) {
			schema_fields(field->record, properties, required);
			continue;
		}
		json_t *value = schema_value(field);
		if (field->about)
			json_object_set_new(value, "description", json_string(field->about));
		json_object_set_new(properties, field->name, value);
		if (field->flags & FIELD_REQUIRED)
			json_array_append_new(required, json_string(field->name));
	}
}

json_t *record_schema(const struct record_type *type)
{
	json_t *properties = json_object(), *required = json_array();
	schema_fields(type, properties, required);
	json_t *schema = json_pack("{s:s, s:s, s:s, s:o, s:o}", "title", type->name, "description",
		type->about, "type", "object", "properties", properties, "required", required);
	if (type->closed)
		json_object_set_new(schema, "additionalProperties", json_false());
	return schema;
}
