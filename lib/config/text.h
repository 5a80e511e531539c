/* What texts must look like. For lib/config alone. */
#ifndef LENDLOCK_CONFIG_TEXT_H
#define LENDLOCK_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Printable, and such that a configuration file can say it: no blanks at its ends, nothing that
 * begins a comment. May be empty. */
bool config_text_is_sayable(const char *text);

/* scheme://host, or host:port or [address]:port, and perhaps a path; one of schemes (ends with
 * NULL). No user, query or fragment: passwords do not belong in there. */
bool config_text_is_uri(const char *text, const char *const *schemes);

/* The first line of a file, which must be its only one and fit in size bytes with its NUL. 0, or a
 * negative errno; -EBADMSG if it is more or longer than that. */
int config_text_read_line(const char *path, size_t size, char *ret_line);

#endif
