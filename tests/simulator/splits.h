/* Pairs of clients between which nothing passes. A pair may be there several times. */
#ifndef LENDLOCK_TESTS_SIMULATOR_SPLITS_H
#define LENDLOCK_TESTS_SIMULATOR_SPLITS_H

#include "lib/wire/record.h"

#include <stdbool.h>

void splits_add(struct list *splits, const char *one, const char *other);
void splits_remove(struct list *splits, const char *one, const char *other); /* once */
bool splits_have(const struct list *splits, const char *one, const char *other);

#endif
