#include "tests/simulator/splits.h"

#include "lib/base/text.h"

#include <string.h>

struct split {
	char one[NAME_SIZE], other[NAME_SIZE];
};

static bool is_between(const struct split *split, const char *one, const char *other)
{
	return (strcmp(split->one, one) == 0 && strcmp(split->other, other) == 0) ||
	       (strcmp(split->one, other) == 0 && strcmp(split->other, one) == 0);
}

bool splits_have(const struct list *splits, const char *one, const char *other)
{
	const struct split *split = splits->items;
	for (size_t i = 0; i < splits->n; i++)
		if (is_between(&split[i], one, other))
			return true;
	return false;
}

void splits_add(struct list *splits, const char *one, const char *other)
{
	struct split *added = list_add(splits, sizeof(*added));
	TEXT_COPY(added->one, one);
	TEXT_COPY(added->other, other);
}

void splits_remove(struct list *splits, const char *one, const char *other)
{
	struct split *split = splits->items;
	for (size_t i = 0; i < splits->n; i++)
		if (is_between(&split[i], one, other)) {
			split[i] = split[--splits->n];
			return;
		}
}
