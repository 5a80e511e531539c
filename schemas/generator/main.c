/*
 * lendlock-schemas FOLDER            writes them, and the generated parts of FOLDER/../topics.md
 * lendlock-schemas --compare FOLDER  says which differ from what would be written; exit status 1
 * lendlock-schemas --check MESSAGE   decodes each line of standard input as that message, as a
 * daemon would: "ok" and the message encoded again, or "bad" and why
 */
#include "schemas/generator/generator.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 512

/* A file to be: its name under the folder, and its text. */
struct document {
	char name[MESSAGE_NAME_SIZE + 16];
	char *text;
};

static void add(struct list *documents, const char *folder, const char *name, json_t *json)
{
	struct document *document = list_add(documents, sizeof(*document));
	snprintf(document->name, sizeof(document->name), "%s%s.json", folder, name);
	document->text = json_dumps(json, JSON_INDENT(2));
	if (!document->text)
		abort();
	json_decref(json);
}

/* The file's text without its last newline, to be freed; NULL if there is no such file. */
static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	if (!file)
		return NULL;
	char *text = NULL;
	size_t room = 0;
	ssize_t n = getdelim(&text, &room, '\0', file);
	fclose(file);
	if (n > 0 && text[n - 1] == '\n')
		text[n - 1] = '\0';
	return text;
}

/* The page next to the folder, with its generated parts as they shall be. */
static void add_page(struct list *documents, const char *folder, const struct list *messages)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), "%s/../topics.md", folder);
	char *page = read_file(path);
	if (!page)
		return;
	struct document *document = list_add(documents, sizeof(*document));
	TEXT_COPY(document->name, "../topics.md");
	document->text = topics_fill(page, messages);
	free(page);
	if (!document->text) {
		fprintf(stderr, "lendlock-schemas: %s: a generated part is unknown or has no end\n",
			path);
		exit(1);
	}
}

static struct list generate(const char *folder)
{
	struct list documents = {0}, messages = messages_all();
	const struct message *message = messages.items;
	add(&documents, "", "event-batch", batch_schema(&messages));
	add(&documents, "examples/", "event-batch", batch_example(&messages));
	for (size_t i = 0; i < messages.n; i++) {
		add(&documents, "", message[i].name, message_schema(&message[i]));
		add(&documents, "examples/", message[i].name, message_example(&message[i]));
	}
	add(&documents, "", "asyncapi", asyncapi_document(&messages));
	add_page(&documents, folder, &messages);
	free(messages.items);
	return documents;
}

static int write_file(const char *folder, const struct document *document)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), "%s/%s", folder, document->name);
	FILE *file = fopen(path, "w");
	if (!file || fprintf(file, "%s\n", document->text) < 0 || fclose(file) != 0) {
		fprintf(stderr, "lendlock-schemas: %s: %s\n", path, strerror(errno));
		return 1;
	}
	return 0;
}

static int write_all(const char *folder, const struct list *documents)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), "%s/examples", folder);
	if (mkdir(path, 0777) != 0 && errno != EEXIST) {
		fprintf(stderr, "lendlock-schemas: %s: %s\n", path, strerror(errno));
		return 1;
	}
	const struct document *document = documents->items;
	int r = 0;
	for (size_t i = 0; i < documents->n; i++)
		r |= write_file(folder, &document[i]);
	return r;
}

static int compare_file(const char *folder, const struct document *document)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), "%s/%s", folder, document->name);
	char *text = read_file(path);
	int differs = !text || strcmp(text, document->text) != 0;
	if (differs)
		printf("%s %s\n", path, text ? "differs" : "is missing");
	free(text);
	return differs;
}

/* A schema that no table makes any more. */
static int compare_extra(const char *folder, const char *within, const struct list *documents)
{
	char path[PATH_SIZE], name[PATH_SIZE];
	snprintf(path, sizeof(path), "%s/%s", folder, within);
	DIR *dir = opendir(path);
	int extra = 0;
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		const char *end = strrchr(entry->d_name, '.');
		if (!end || strcmp(end, ".json") != 0)
			continue;
		snprintf(name, sizeof(name), "%s%s", within, entry->d_name);
		const struct document *document = documents->items;
		size_t i = 0;
		while (i < documents->n && strcmp(document[i].name, name) != 0)
			i++;
		if (i == documents->n) {
			printf("%s/%s belongs to nothing\n", folder, name);
			extra = 1;
		}
	}
	if (dir)
		closedir(dir);
	return extra;
}

static int compare_all(const char *folder, const struct list *documents)
{
	const struct document *document = documents->items;
	int r = 0;
	for (size_t i = 0; i < documents->n; i++)
		r |= compare_file(folder, &document[i]);
	r |= compare_extra(folder, "", documents) | compare_extra(folder, "examples/", documents);
	if (r)
		printf("make them anew: lendlock-schemas %s\n", folder);
	return r;
}

static void check_line(const struct message *message, const char *line, size_t size)
{
	char why[RECORD_WHY_SIZE];
	json_t *json, *again;
	if (json_read(line, size, MQTT_PAYLOAD_MAX, &json, why) != 0) {
		printf("bad %s\n", why);
		return;
	}
	if (message_check(message, json, &again, why) != 0) {
		printf("bad %s\n", why);
	} else {
		char *text = json_write(again, NULL);
		printf("ok %s\n", text);
		free(text);
		json_decref(again);
	}
	json_decref(json);
}

static int check(const char *name)
{
	struct list messages = messages_all();
	const struct message *message = messages.items, *found = NULL;
	for (size_t i = 0; i < messages.n; i++)
		if (strcmp(message[i].name, name) == 0)
			found = &message[i];
	if (!found)
		fprintf(stderr, "lendlock-schemas: no message %s\n", name);
	char *line = NULL;
	size_t room = 0;
	for (ssize_t n; found && (n = getline(&line, &room, stdin)) > 0;)
		check_line(found, line, (size_t)n);
	free(line);
	free(messages.items);
	return found ? 0 : 2;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--check") == 0)
		return check(argv[2]);
	bool compare = argc == 3 && strcmp(argv[1], "--compare") == 0;
	if (!compare && (argc != 2 || argv[1][0] == '-')) {
		fputs("usage: lendlock-schemas [--compare] FOLDER | --check MESSAGE\n", stderr);
		return 2;
	}
	struct list documents = generate(argv[argc - 1]);
	int r = compare ? compare_all(argv[2], &documents) : write_all(argv[1], &documents);
	struct document *document = documents.items;
	for (size_t i = 0; i < documents.n; i++)
		free(document[i].text);
	free(documents.items);
	return r;
}
