#include "lib/config/roff.h"

/* What stands for a character that means something to roff, or that it would set as another one. */
static const char *escape_of(char c)
{
	switch (c) {
	case '\\':
		return "\\e";
	case '-':
		return "\\-";
	case '\'':
		return "\\(aq";
	case '`':
		return "\\(ga";
	default:
		return NULL;
	}
}

void roff_print(FILE *out, const char *text)
{
	for (const char *c = text; *c; c++) {
		const char *escape = escape_of(*c);
		if (*c == '.' && (c == text || c[-1] == '\n'))
			fputs("\\&", out);
		if (escape)
			fputs(escape, out);
		else
			fputc(*c, out);
	}
}
