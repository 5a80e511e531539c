/* A configuration being put together, layer over layer. For lib/config alone. */
#ifndef LENDLOCK_CONFIG_LOADER_H
#define LENDLOCK_CONFIG_LOADER_H

#include "lib/config/config.h"

struct config_loader {
	const struct config_table *table;
	void *config;
	FILE *err;
	bool wrong;  /* an error was told */
	bool unread; /* the file could not be read, so what it does not set is not known */
	int *seen;   /* by slot: the line in which the layer being read has set it; 0: it has not */
	bool *given; /* by slot: some layer has set it, rightly or wrongly */
};

/* One field: that of a plain key, or of a key in one element of a section array. */
struct config_field {
	const struct config_key *key;
	size_t slot;
	void *field;
};

/* Where a value was found, in words for people. */
struct config_origin {
	const char *file;  /* or NULL: */
	const char *where; /* "environment", "command line" */
	int line;          /* from 1, also when it is none of a file */
};

size_t config_loader_slots(const struct config_table *table);

struct config_field config_loader_plain(struct config_loader *loader, size_t key);
/* element counts from 0 */
struct config_field config_loader_element(struct config_loader *loader,
	const struct config_section *section, size_t element, size_t key);
bool *config_loader_element_given(
	struct config_loader *loader, const struct config_section *section, size_t element);

/* One line on err, after the origin. */
__attribute__((format(printf, 3, 4))) void config_loader_error(
	struct config_loader *loader, const struct config_origin *origin, const char *format, ...);

/* Begins the next layer: what is set from now on beats what was before. */
void config_loader_begin_layer(struct config_loader *loader);
/* Sets a field, or tells what is wrong. name: as it was written there. */
void config_loader_set(struct config_loader *loader, const struct config_origin *origin,
	const struct config_field *field, const char *name, const char *text);

/* The layer of a file. must_exist: that there is none is an error. */
void config_loader_read_file(struct config_loader *loader, const char *path, bool must_exist);

#endif
