/* What happened, in plain words, line by line; and a choice of it for a person to read. */
#ifndef LENDLOCK_TESTS_SIMULATOR_STORY_H
#define LENDLOCK_TESTS_SIMULATOR_STORY_H

#include "lib/base/time.h"
#include "lib/wire/record.h"

struct story_line {
	usec at;
	char text[240];
};

struct story {
	struct list lines; /* struct story_line */
};

void story_add(struct story *story, usec at, const char *text);
void story_clear(struct story *story);
/* The lines that name one of the words (ended by NULL), and those that name nothing but the
 * machinery while the others happened. from: the world's first moment. */
void story_print(const struct story *story, const char *const *words, usec from);

#endif
