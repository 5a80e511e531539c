#include "lib/config/value.h"

#include "lib/config/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD_FILE "file:"

static const struct {
	const char *name;
	usec length;
} units[] = {
	{"us", 1},
	{"ms", MSEC},
	{"s", SECOND},
	{"min", MINUTE},
	{"h", HOUR},
	{"d", DAY},
};
#define UNITS (sizeof(units) / sizeof(units[0]))

/* Inclusive, as the table says or as the field allows. Of texts: bytes; of names: how many. */
struct bounds {
	int64_t min, max;
};

static struct bounds bounds_of(const struct config_key *key)
{
	if (key->min != 0 || key->max != 0)
		return (struct bounds){key->min, key->max};
	switch (key->type) {
	case CONFIG_INTEGER:
		if (key->size == sizeof(int))
			return (struct bounds){INT_MIN, INT_MAX};
		return (struct bounds){INT64_MIN, INT64_MAX};
	case CONFIG_DURATION:
		return (struct bounds){0, USEC_NEVER - 1};
	case CONFIG_NAMES:
		return (struct bounds){0, CONFIG_NAMES_MAX};
	default:
		return (struct bounds){1, (int64_t)key->size - 1};
	}
}

static bool within(const struct config_key *key, int64_t number)
{
	struct bounds bounds = bounds_of(key);
	return number >= bounds.min && number <= bounds.max;
}

static bool may_be_empty(const struct config_key *key)
{
	return key->value && key->value[0] == '\0';
}

/* Decimal digits, after a '-' if need be; *ret_end is what follows. */
static bool parse_number(const char *text, int64_t *ret_number, const char **ret_end)
{
	if (!isdigit((unsigned char)text[text[0] == '-' ? 1 : 0]))
		return false;
	char *end;
	errno = 0;
	*ret_number = strtoimax(text, &end, 10);
	*ret_end = end;
	return errno == 0;
}

static bool parse_integer(const struct config_key *key, const char *text, void *field)
{
	int64_t number;
	const char *end;
	if (!parse_number(text, &number, &end) || *end != '\0' || !within(key, number))
		return false;
	if (key->size == sizeof(int))
		*(int *)field = (int)number;
	else
		*(int64_t *)field = number;
	return true;
}

static bool parse_duration(const struct config_key *key, const char *text, void *field)
{
	int64_t number;
	const char *end;
	if (!parse_number(text, &number, &end))
		return false;
	end += strspn(end, " ");
	size_t unit = 0;
	while (unit < UNITS && strcmp(end, units[unit].name) != 0)
		unit++;
	usec length;
	if (unit == UNITS || __builtin_mul_overflow(number, units[unit].length, &length) ||
		!within(key, length))
		return false;
	*(usec *)field = length;
	return true;
}

static bool parse_boolean(const char *text, void *field)
{
	bool yes = strcmp(text, "yes") == 0;
	if (!yes && strcmp(text, "no") != 0)
		return false;
	*(bool *)field = yes;
	return true;
}

static bool parse_choice(const struct config_key *key, const char *text, void *field)
{
	int choice = 0;
	while (key->choices[choice] && strcmp(text, key->choices[choice]) != 0)
		choice++;
	if (!key->choices[choice])
		return false;
	*(int *)field = choice;
	return true;
}

static bool add_name(struct config_names *names, const char *text, size_t length)
{
	if (length >= NAME_SIZE || names->count == CONFIG_NAMES_MAX)
		return false;
	char *name = names->name[names->count];
	memcpy(name, text, length);
	if (!name_is_valid(name))
		return false;
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->name[i], name) == 0)
			return false;
	names->count++;
	return true;
}

static bool parse_names(const struct config_key *key, const char *text, void *field)
{
	struct config_names names = {0};
	text += strspn(text, " ");
	while (*text) {
		size_t length = strcspn(text, ", ");
		if (!add_name(&names, text, length))
			return false;
		text += length;
		text += strspn(text, " ");
		if (*text == '\0')
			break;
		if (*text++ != ',')
			return false;
		text += strspn(text, " ");
		if (*text == '\0')
			return false;
	}
	if (!within(key, (int64_t)names.count))
		return false;
	memcpy(field, &names, sizeof(names));
	return true;
}

static bool is_right_text(const struct config_key *key, const char *text)
{
	size_t length = strlen(text);
	if (length == 0)
		return may_be_empty(key);
	if (length >= key->size || !within(key, (int64_t)length))
		return false;
	switch (key->type) {
	case CONFIG_NAME:
		return name_is_valid(text);
	case CONFIG_PATH:
		return text[0] == '/' && config_text_is_sayable(text);
	case CONFIG_URI:
		return config_text_is_uri(text, key->choices);
	case CONFIG_PASSWORD:
		return true;
	default:
		return config_text_is_sayable(text);
	}
}

static bool parse_text(const struct config_key *key, const char *text, void *field)
{
	if (!is_right_text(key, text))
		return false;
	/* Of a longer text that stood there before, nothing stays behind. */
	memset(field, 0, key->size);
	memcpy(field, text, strlen(text));
	return true;
}

/* As parse_text(), but says itself what would be right. */
static bool parse_password(
	const struct config_key *key, const char *text, void *field, char *ret_want)
{
	config_value_describe(key, ret_want);
	if (strncmp(text, PASSWORD_FILE, strlen(PASSWORD_FILE)) != 0)
		return parse_text(key, text, field);

	const char *path = text + strlen(PASSWORD_FILE);
	char line[CONFIG_TEXT_SIZE_MAX];
	int r = config_text_read_line(path, key->size, line);
	bool right = r == 0 && line[0] != '\0' && parse_text(key, line, field);
	explicit_bzero(line, sizeof(line));
	if (!right)
		snprintf(ret_want, CONFIG_VALUE_SIZE,
			"a file with one line, the password, at %.512s%s%s", path,
			r < 0 && r != -EBADMSG ? ": " : "",
			r < 0 && r != -EBADMSG ? strerror(-r) : "");
	return right;
}

static bool parse(const struct config_key *key, const char *text, void *field)
{
	switch (key->type) {
	case CONFIG_INTEGER:
		return parse_integer(key, text, field);
	case CONFIG_DURATION:
		return parse_duration(key, text, field);
	case CONFIG_BOOLEAN:
		return parse_boolean(text, field);
	case CONFIG_CHOICE:
		return parse_choice(key, text, field);
	case CONFIG_NAMES:
		return parse_names(key, text, field);
	default:
		return parse_text(key, text, field);
	}
}

int config_value_parse(const struct config_key *key, const char *text, void *field, char *ret_want)
{
	if (key->type == CONFIG_PASSWORD)
		return parse_password(key, text, field, ret_want) ? 0 : 1;
	if (parse(key, text, field))
		return 0;
	char what[CONFIG_VALUE_SIZE];
	config_value_describe(key, what);
	const char *sample = config_value_sample(key);
	snprintf(ret_want, CONFIG_VALUE_SIZE, "%.1000s%s%.400s", what, sample ? ", such as " : "",
		sample ? sample : "");
	return 1;
}

static void format_duration(usec duration, char *ret_text, size_t size)
{
	size_t unit = UNITS - 1;
	while (unit > 0 && (duration == 0 || duration % units[unit].length != 0))
		unit--;
	if (duration == 0)
		snprintf(ret_text, size, "0 s");
	else
		snprintf(ret_text, size, "%" PRId64 " %s", duration / units[unit].length,
			units[unit].name);
}

static void format_names(const struct config_names *names, char *ret_text)
{
	size_t length = 0;
	ret_text[0] = '\0';
	for (size_t i = 0; i < names->count; i++)
		length += (size_t)snprintf(ret_text + length, CONFIG_VALUE_SIZE - length, "%s%s",
			i > 0 ? ", " : "", names->name[i]);
}

void config_value_format(const struct config_key *key, const void *field, char *ret_text)
{
	switch (key->type) {
	case CONFIG_INTEGER:
		snprintf(ret_text, CONFIG_VALUE_SIZE, "%" PRId64,
			key->size == sizeof(int) ? *(const int *)field : *(const int64_t *)field);
		return;
	case CONFIG_DURATION:
		format_duration(*(const usec *)field, ret_text, CONFIG_VALUE_SIZE);
		return;
	case CONFIG_BOOLEAN:
		snprintf(ret_text, CONFIG_VALUE_SIZE, "%s", *(const bool *)field ? "yes" : "no");
		return;
	case CONFIG_CHOICE:
		snprintf(ret_text, CONFIG_VALUE_SIZE, "%s", key->choices[*(const int *)field]);
		return;
	case CONFIG_NAMES:
		format_names(field, ret_text);
		return;
	case CONFIG_PASSWORD:
		ret_text[0] = '\0';
		return;
	default:
		snprintf(ret_text, CONFIG_VALUE_SIZE, "%s", (const char *)field);
	}
}

/* "mqtt, mqtts or ws", with what follows each. */
static void list_choices(const char *const *choices, const char *after, char *ret_text, size_t size)
{
	size_t length = 0;
	for (size_t i = 0; choices[i] && length < size; i++)
		length += (size_t)snprintf(ret_text + length, size - length, "%s%s%s",
			i == 0           ? ""
			: choices[i + 1] ? ", "
					 : " or ",
			choices[i], after);
}

static void describe_number(const struct config_key *key, char *ret_text)
{
	struct bounds bounds = bounds_of(key);
	char min[40], max[40];
	bool open = key->min == 0 && key->max == 0;
	if (key->type == CONFIG_DURATION) {
		format_duration(bounds.min, min, sizeof(min));
		format_duration(bounds.max, max, sizeof(max));
	} else {
		snprintf(min, sizeof(min), "%" PRId64, bounds.min);
		snprintf(max, sizeof(max), "%" PRId64, bounds.max);
	}
	snprintf(ret_text, CONFIG_VALUE_SIZE, "%s%s%s%s%s%s%s",
		key->type == CONFIG_DURATION ? "a duration" : "a whole number",
		key->unit ? " of " : "", key->unit ? key->unit : "", open ? "" : " from ",
		open ? "" : min, open ? "" : " to ", open ? "" : max);
}

static void describe_text(const struct config_key *key, char *ret_text)
{
	struct bounds bounds = bounds_of(key);
	char schemes[256] = "";
	switch (key->type) {
	case CONFIG_NAME:
		snprintf(ret_text, CONFIG_VALUE_SIZE,
			"a name of 1 to %d letters a-z, digits and '-'", NAME_SIZE - 1);
		break;
	case CONFIG_PATH:
		snprintf(ret_text, CONFIG_VALUE_SIZE, "a path that begins with '/'");
		break;
	case CONFIG_URI:
		list_choices(key->choices, "://host:port", schemes, sizeof(schemes));
		snprintf(ret_text, CONFIG_VALUE_SIZE, "%s, without user or password", schemes);
		break;
	case CONFIG_PASSWORD:
		snprintf(ret_text, CONFIG_VALUE_SIZE,
			"a password of %" PRId64 " to %" PRId64
			" bytes, or file:PATH to read it from",
			bounds.min, bounds.max);
		break;
	default:
		snprintf(ret_text, CONFIG_VALUE_SIZE,
			"a text of %" PRId64 " to %" PRId64 " printable bytes", bounds.min,
			bounds.max);
	}
	size_t length = strlen(ret_text);
	if (may_be_empty(key))
		snprintf(ret_text + length, CONFIG_VALUE_SIZE - length, ", or nothing");
}

void config_value_describe(const struct config_key *key, char *ret_text)
{
	char choices[1024] = "";
	struct bounds bounds = bounds_of(key);
	switch (key->type) {
	case CONFIG_INTEGER:
	case CONFIG_DURATION:
		describe_number(key, ret_text);
		return;
	case CONFIG_BOOLEAN:
		snprintf(ret_text, CONFIG_VALUE_SIZE, "yes or no");
		return;
	case CONFIG_CHOICE:
		list_choices(key->choices, "", choices, sizeof(choices));
		snprintf(ret_text, CONFIG_VALUE_SIZE, "%s", choices);
		return;
	case CONFIG_NAMES:
		snprintf(ret_text, CONFIG_VALUE_SIZE,
			"%" PRId64 " to %" PRId64
			" different names of letters a-z, digits and '-', with commas between them",
			bounds.min, bounds.max);
		return;
	default:
		describe_text(key, ret_text);
	}
}

const char *config_value_sample(const struct config_key *key)
{
	if (key->value && key->value[0] != '\0')
		return key->value;
	return key->example;
}
