/* item import: each item of a file that is right as a whole, one after the other. */
#include "cli/import.h"
#include "cli/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)64 << 20)

static char *read_all(const char *name, size_t *ret_size)
{
	FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
	char *text = NULL;
	size_t size = 0, room = 0, n = 1;
	while (file && n > 0 && size < FILE_MAX) {
		room = room ? 2 * room : 65536;
		text = realloc(text, room);
		if (!text)
			abort();
		n = fread(text + size, 1, room - size, file);
		size += n;
	}
	bool broken = !file || ferror(file) || size >= FILE_MAX;
	if (broken)
		fprintf(stderr, "lendlock: %s: %s\n", name, errno ? strerror(errno) : "too large");
	if (file && file != stdin)
		fclose(file);
	if (broken) {
		free(text);
		return NULL;
	}
	*ret_size = size;
	return text;
}

static json_t *entry_args(const struct catalogue_record *entry)
{
	json_t *args = record_encode(&catalogue_record_type, entry);
	json_object_del(args, "moving");
	json_object_del(args, "withdrawn");
	return args;
}

static int ask(struct run *run, const char *operation, json_t *args, json_t **ret_reply)
{
	const struct question question = {
		.kind = TOPIC_HUB_REQUEST, .operation = operation, .ttl = ASK_TTL};
	return run_question(run, &question, args, ret_reply);
}

/* Changes what is there already. An item's bank is changed by moving it. */
static int update(struct run *run, const struct import_item *item, json_t **reply)
{
	json_t *args = entry_args(&item->entry);
	json_object_del(args, "kiosk");
	json_object_set_new(args, "inspect", json_boolean(item->entry.inspect));
	json_decref(*reply);
	return ask(run, "item-change", args, reply);
}

static int send_item(struct run *run, const struct import_item *item, const char *name)
{
	json_t *reply;
	const char *done = "added";
	int status = ask(run, "item-register", entry_args(&item->entry), &reply);
	if (reply && strcmp(run_text(reply, "code"), "exists") == 0 &&
		arguments_value(run->line, "--update")) {
		status = update(run, item, &reply);
		done = "changed";
	}
	char message[RECORD_WHY_SIZE];
	TEXT_COPY(message, run_text(reply, "message"));
	text_mend(message);
	if (run->line->json && reply) {
		run_show_reply(run, reply);
	} else if (status == EXIT_DONE) {
		fprintf(run->show.out, "%s %s%s%s\n", done, item->entry.item,
			message[0] ? ": " : "", message);
	} else if (reply) {
		fprintf(stderr, "%s:%zu: %s: %s%s%s\n", name, item->line, item->entry.item,
			run_text(reply, "code"), message[0] ? ": " : "", message);
	}
	json_decref(reply);
	return status;
}

/* All of them, as far as the hub answers. The worst status. */
static int send_items(struct run *run, const struct list *items, const char *name)
{
	const struct import_item *item = items->items;
	size_t done = 0;
	int worst = EXIT_DONE;
	for (size_t i = 0; i < items->n; i++) {
		int status = send_item(run, &item[i], name);
		done += status == EXIT_DONE;
		if (worst == EXIT_DONE || status == EXIT_UNKNOWN)
			worst = status;
		if (status == EXIT_UNKNOWN || status == EXIT_SILENT || status == EXIT_LATER) {
			fprintf(stderr, "%s:%zu: stopped here; the lines before are done\n", name,
				item[i].line);
			worst = status;
			break;
		}
	}
	fprintf(stderr, "%zu of %zu items done\n", done, items->n);
	return worst;
}

int run_import(struct run *run)
{
	const char *name = arguments_value(run->line, "FILE");
	struct list items;
	size_t size;
	char *text = read_all(name, &size);
	if (!text)
		return EXIT_USAGE;
	size_t mistakes = import_read(text, size, name, run->config->kiosk, &items, stderr);
	int status = EXIT_USAGE;
	if (mistakes > 0)
		fprintf(stderr, "%zu mistakes; nothing was sent\n", mistakes);
	else if (arguments_value(run->line, "--check"))
		status = EXIT_DONE;
	else
		status = send_items(run, &items, name);
	free(items.items);
	free(text);
	return status;
}
