/* Prints made-up messages, a line each: the message's name, a space, its JSON. */
#include "schemas/generator/generator.h"
#include "tests/lib/generated.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 40

static json_t *generate(struct dice *dice, const struct record_type *type)
{
	void *record = malloc(type->size);
	if (!record)
		abort();
	generated_record(dice, type, record);
	json_t *json = record_encode(type, record);
	record_clear(type, record);
	free(record);
	return json;
}

int main(void)
{
	struct dice dice = {.state = 20261122};
	struct list messages = messages_all();
	const struct message *message = messages.items;
	for (size_t i = 0; i < messages.n * ROUNDS; i++) {
		const struct message *at = &message[i % messages.n];
		json_t *json = generate(&dice, at->type);
		if (at->event != EVENT_OTHER) {
			char type[64];
			snprintf(type, sizeof(type), "lendlock.%s.done",
				event_kind_names[at->event]);
			json_object_set_new(json, "specversion", json_string("1.0"));
			json_object_set_new(json, "type", json_string(type));
			json_object_set_new(
				json, "data", generate(&dice, event_data_type(at->event)));
		}
		char *text = json_write(json, NULL);
		printf("%s %s\n", at->name, text);
		free(text);
		json_decref(json);
	}
	free(messages.items);
	return 0;
}
