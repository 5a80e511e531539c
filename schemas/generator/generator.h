/*
 * lendlock-schemas: writes what other programs need to speak with Lendlock, out of the tables that
 * the daemons decode with: JSON Schemas, one full example of each message, and an AsyncAPI file.
 */
#ifndef LENDLOCK_SCHEMAS_GENERATOR_H
#define LENDLOCK_SCHEMAS_GENERATOR_H

#include "lib/requests/request.h"
#include "lib/wire/records.h"

#define MESSAGE_NAME_SIZE 80

/* One kind of payload. */
struct message {
	char name[MESSAGE_NAME_SIZE]; /* of its files, without .json: "request-kiosk-open" */
	const struct record_type *type;
	enum event_kind event;                 /* of an event: what its data is; else EVENT_OTHER */
	const struct operation *operation;     /* of a request; else NULL */
	const struct operation_source *source; /* where that operation is offered */
};

/* Who offers operations. */
struct operation_source {
	const char *part; /* "kiosk": for the names request-kiosk-... */
	enum topic_kind request, reply;
	const struct operation *table;       /* ended by a NULL name; or NULL, and then ... */
	const struct operation *const *each; /* ended by NULL */
};
extern const struct operation_source operation_sources[]; /* ended by a NULL part */
/* Its i-th operation; NULL past the last. */
const struct operation *operation_at(const struct operation_source *source, size_t i);

/* All of them, struct message, in the order of topics.md. The caller frees the items. */
struct list messages_all(void);

/* New references. */
json_t *message_schema(const struct message *message);
json_t *message_example(const struct message *message);
/* The array in which events travel. */
json_t *batch_schema(const struct list *messages);
json_t *batch_example(const struct list *messages);
json_t *asyncapi_document(const struct list *messages);
/* topics.md with its generated parts made anew, to be freed; NULL if it names one that there is
 * not. */
char *topics_fill(const char *page, const struct list *messages);

/* Decodes json as that message, an event's data included: 0 and the record encoded again, or
 * RECORD_BAD and why. */
int message_check(const struct message *message, const json_t *json, json_t **ret_again,
	char why[static RECORD_WHY_SIZE]);

#endif
