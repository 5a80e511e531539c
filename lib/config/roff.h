/* Text for roff, of which man pages are made. */
#ifndef LENDLOCK_CONFIG_ROFF_H
#define LENDLOCK_CONFIG_ROFF_H

#include <stdio.h>

/* text as it is: what roff would take for its own is escaped. */
void roff_print(FILE *out, const char *text);

#endif
