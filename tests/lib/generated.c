#include "tests/lib/generated.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_ITEMS 3

const struct record_type *const generated_types[] = {
	&rental_record_type,
	&payment_record_type,
	&item_record_type,
	&alert_record_type,
	&snapshot_record_type,
	&catalogue_record_type,
	&renter_record_type,
	&event_record_type,
	&adopted_record_type,
	&pruned_record_type,
	&bank_removed_record_type,
	&catalogue_change_record_type,
	&ack_record_type,
	&settings_record_type,
	&desired_record_type,
	&kiosk_status_record_type,
	&hub_status_record_type,
	&payment_status_record_type,
	&offer_item_record_type,
	&offer_record_type,
	&view_item_record_type,
	&bank_record_type,
	&view_record_type,
	&content_record_type,
	&claim_record_type,
	&open_rental_record_type,
	&reply_record_type,
	&dead_letter_record_type,
	&history_record_type,
	&attention_record_type,
	NULL,
};

/* xorshift64* (Vigna 2016): small, and the same everywhere. */
uint64_t dice_roll(struct dice *dice, uint64_t sides)
{
	dice->state ^= dice->state >> 12;
	dice->state ^= dice->state << 25;
	dice->state ^= dice->state >> 27;
	return dice->state * UINT64_C(0x2545f4914f6cdd1d) % sides;
}

static size_t between(struct dice *dice, size_t least, size_t most)
{
	switch (dice_roll(dice, 4)) {
	case 0:
		return least;
	case 1:
		return most;
	default:
		return least + dice_roll(dice, most - least + 1);
	}
}

/* One to four bytes a character; what does not fit any more is filled with letters. */
static void text(struct dice *dice, char *ret, size_t length)
{
	static const char *const characters[] = {"a", "Z", " ", "\"", "\\", "/", "~", "\xc3\xa9",
		"\xc2\xa0", "\xea\xb0\x80", "\xed\x9f\xbf", "\xef\xbf\xbd", "\xf0\x9f\x94\xa7",
		"\xf4\x8f\xbf\xbf"};
	size_t at = 0;
	while (at < length) {
		const char *next =
			characters[dice_roll(dice, sizeof(characters) / sizeof(*characters))];
		if (strlen(next) > length - at)
			next = "x";
		memcpy(ret + at, next, strlen(next));
		at += strlen(next);
	}
	ret[at] = '\0';
}

static void letters(struct dice *dice, const char *alphabet, char *ret, size_t length)
{
	for (size_t i = 0; i < length; i++)
		ret[i] = alphabet[dice_roll(dice, strlen(alphabet))];
	ret[length] = '\0';
}

static void uuid(struct dice *dice, char *ret)
{
	letters(dice, "0123456789abcdef", ret, UUID_SIZE - 1);
	ret[8] = ret[13] = ret[18] = ret[23] = '-';
}

static int64_t integer(struct dice *dice, int64_t least, int64_t most)
{
	switch (dice_roll(dice, 4)) {
	case 0:
		return least;
	case 1:
		return most;
	default:
		return least + (int64_t)dice_roll(dice, (uint64_t)(most - least) + 1);
	}
}

static int choice(struct dice *dice, const struct field *field)
{
	int n = 1;
	while (field->names[n])
		n++;
	int found = (int)dice_roll(dice, (uint64_t)n);
	return found == 0 && !field->names[0] ? 1 : found;
}

static json_t *object(struct dice *dice)
{
	return json_pack("{s:I, s:{s:[s, b]}}", "n", (json_int_t)dice_roll(dice, 1000), "deep",
		"list", "text", (int)dice_roll(dice, 2));
}

static void list(struct dice *dice, const struct field *field, struct list *ret)
{
	size_t size = field->type == FIELD_NAMES ? NAME_SIZE : field->record->size;
	for (uint64_t n = dice_roll(dice, LIST_ITEMS + 1); n > 0; n--) {
		void *item = list_add(ret, size);
		if (field->type == FIELD_NAMES)
			letters(dice, "abc-019", item, between(dice, 1, NAME_SIZE - 1));
		else
			generated_record(dice, field->record, item);
	}
}

static void value(struct dice *dice, const struct field *field, void *ret)
{
	size_t least = field->min > 1 ? (size_t)field->min : 1;
	switch (field->type) {
	case FIELD_TEXT:
		text(dice, ret, between(dice, least, field->size - 1));
		break;
	case FIELD_NAME:
		letters(dice, "abcxyz019-", ret, between(dice, 1, field->size - 1));
		break;
	case FIELD_UUID:
		uuid(dice, ret);
		break;
	case FIELD_DIGITS:
		letters(dice, "0123456789", ret, between(dice, least, field->size - 1));
		break;
	case FIELD_INTEGER:
		*(int64_t *)ret = integer(dice, field->min, field->max);
		break;
	case FIELD_BOOLEAN:
		*(bool *)ret = dice_roll(dice, 2);
		break;
	case FIELD_CHOICE:
		*(int *)ret = choice(dice, field);
		break;
	case FIELD_TIME:
		*(usec *)ret = integer(dice, 1, 253402300799LL * SECOND);
		break;
	case FIELD_RECORD:
		*(void **)ret = calloc(1, field->record->size);
		generated_record(dice, field->record, *(void **)ret);
		break;
	case FIELD_EMBED:
		generated_record(dice, field->record, ret);
		break;
	case FIELD_LIST:
	case FIELD_NAMES:
		list(dice, field, ret);
		break;
	case FIELD_JSON:
		*(json_t **)ret = object(dice);
		break;
	}
}

void generated_record(struct dice *dice, const struct record_type *type, void *ret)
{
	memset(ret, 0, type->size);
	for (const struct field *field = type->fields; field->name; field++)
		if (field->type == FIELD_EMBED || (field->flags & FIELD_REQUIRED) ||
			dice_roll(dice, 3) > 0)
			value(dice, field, (char *)ret + field->offset);
}
