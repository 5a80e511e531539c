#include "tests/simulator/story.h"

#include "lib/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 400

void story_add(struct story *story, usec at, const char *text)
{
	struct story_line *line = list_add(&story->lines, sizeof(*line));
	line->at = at;
	snprintf(line->text, sizeof(line->text), "%s", text);
}

void story_clear(struct story *story)
{
	free(story->lines.items);
	*story = (struct story){0};
}

static bool names(const struct story_line *line, const char *const *words)
{
	for (; *words; words++)
		if ((*words)[0] && strstr(line->text, *words))
			return true;
	return false;
}

/* Deaths, starts, cuts: they matter to everything that happens meanwhile. */
static bool is_machinery(const struct story_line *line)
{
	return line->text[0] == '*';
}

static void print_line(const struct story_line *line, usec from)
{
	long long at = (line->at - from) / MSEC;
	printf("  %02lld:%02lld:%02lld.%03lld  %s\n", at / 3600000, at / 60000 % 60, at / 1000 % 60,
		at % 1000, line->text);
}

void story_print(const struct story *story, const char *const *words, usec from)
{
	const struct story_line *lines = story->lines.items;
	size_t n = story->lines.n, first = n, last = 0, wanted = 0;
	for (size_t i = 0; i < n; i++) {
		if (is_machinery(&lines[i]) || !names(&lines[i], words))
			continue;
		first = i < first ? i : first;
		last = i;
	}
	for (size_t i = first; i <= last && i < n; i++) {
		if (!is_machinery(&lines[i]) && !names(&lines[i], words))
			continue;
		if (++wanted > LINES_MAX)
			break;
		print_line(&lines[i], from);
	}
	if (wanted > LINES_MAX)
		printf("  ... and so on\n");
}
